/**
 * Going through the history with the arrows: entries of several lines are brought back as they were typed.
 *
 * readline has a history of its own, but what it makes of several lines differs by runtime and version.
 */

/** A line and the place of the cursor in it. */
export interface Line {
  line: string;
  cursor: number;
}

/** What was typed, newest first, and how far back the user went. */
export class LineHistory {
  #entries: string[];
  #length: number;
  /** The entry that is in the line; -1 for what was typed before going back. */
  #at = -1;
  #draft = "";

  constructor(entries: string[], length: number) {
    this.#entries = entries;
    this.#length = length;
  }

  /** Whether nothing was ever typed. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Adds an entry, in place of an equal one. */
  add(entry: string): void {
    this.#entries = [entry, ...this.#entries.filter((one) => one !== entry)].slice(0, this.#length);
  }

  /** Back to the line that is typed next. */
  reset(): void {
    this.#at = -1;
  }

  /** One line up in a text of several lines, else the entry before; undefined if there is none. */
  up({ line, cursor }: Line): Line | undefined {
    const before = line.slice(0, cursor).split("\n");
    if (before.length > 1) {
      const [above, own] = before.slice(-2) as [string, string];
      const start = cursor - own.length - 1 - above.length;
      return { line, cursor: start + Math.min(above.length, own.length) };
    }
    if (this.#at < 0) this.#draft = line;
    return this.#go(this.#at + 1);
  }

  /** One line down in a text of several lines, else the next entry; undefined if there is none. */
  down({ line, cursor }: Line): Line | undefined {
    const below = line.slice(cursor).split("\n");
    if (below.length > 1) {
      const column = cursor - line.lastIndexOf("\n", cursor - 1) - 1;
      const start = cursor + below[0]!.length + 1;
      return { line, cursor: start + Math.min(column, below[1]!.length) };
    }
    return this.#at < 0 ? undefined : this.#go(this.#at - 1);
  }

  /** The newest entry with this text in it, from entry `from` on. */
  find(text: string, from = 0): { entry: string; at: number } | undefined {
    for (let at = from; at < this.#entries.length; at++) {
      if (this.#entries[at]!.includes(text)) return { entry: this.#entries[at]!, at };
    }
  }

  #go(at: number): Line | undefined {
    const line = at < 0 ? this.#draft : this.#entries[at];
    if (line === undefined) return undefined;
    this.#at = at;
    return { line, cursor: line.length };
  }
}
