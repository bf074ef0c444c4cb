/**
 * Ctrl-R: searching what was typed, as readline in other shells does.
 */
import type { LineHistory } from "./line-history.ts";

/** The state of a search after some keys. */
export type SearchState =
  /** Shows this prompt and this entry. */
  | { kind: "searching"; prompt: string; line: string }
  /** Ends with this entry in the line; the keys that are left are meant for the line. */
  | { kind: "found"; line: string; rest: string }
  /** Ends with the line as it was. */
  | { kind: "cancelled"; rest: string };

const CTRL_R = "\x12";
const BACKSPACE = ["\x7f", "\b"];
const CANCEL = ["\x03", "\x07"];

/** One search, from Ctrl-R to the key that ends it. */
export class HistorySearch {
  #lines: LineHistory;
  #text = "";
  #found: { entry: string; at: number } | undefined;

  constructor(lines: LineHistory) {
    this.#lines = lines;
  }

  /** The state before a key is pressed, or after one that continues the search. */
  get state(): SearchState {
    const failed = this.#text !== "" && !this.#found;
    return {
      kind: "searching",
      prompt: `(${failed ? "nothing found" : "search"}) ${this.#text}: `,
      line: this.#found?.entry ?? "",
    };
  }

  /** Takes keys, one after another, until one ends the search. */
  press(keys: string): SearchState {
    const chars = [...keys];
    for (const [at, char] of chars.entries()) {
      const rest = chars.slice(at + 1).join("");
      if (char === CTRL_R) {
        this.#found = this.#lines.find(this.#text, (this.#found?.at ?? -1) + 1) ?? this.#found;
      } else if (BACKSPACE.includes(char)) {
        this.#text = [...this.#text].slice(0, -1).join("");
        this.#look();
      } else if (CANCEL.includes(char) || char === "\x1b" && rest === "") {
        return { kind: "cancelled", rest };
      } else if (char < " ") {
        if (!this.#found) return { kind: "cancelled", rest: char + rest };
        return { kind: "found", line: this.#found.entry, rest: char + rest };
      } else {
        this.#text += char;
        this.#look();
      }
    }
    return this.state;
  }

  #look(): void {
    this.#found = this.#text === "" ? undefined : this.#lines.find(this.#text);
  }
}
