/**
 * The keyboard, let through to readline a line at a time, and a paste as a whole.
 *
 * readline would take each line of a paste for a line of its own. Here a paste is one text: what stands between the
 * marks of a terminal that marks pastes, and otherwise lines that arrive at once. What was typed or pasted while a
 * statement runs waits, and is echoed at the next prompt. Ctrl-C never waits.
 */
import { Readable } from "node:stream";

const CTRL_C = "\x03";
const LINE_END = /\r\n?|\n/;

/** What a terminal sends around a paste, once it was asked to by {@link MARK_PASTES}. */
const PASTE_BEGINS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";

/** Asks the terminal to mark pastes, or not to any more. */
export const MARK_PASTES = { on: "\x1b[?2004h", off: "\x1b[?2004l" };

/** How long a paste without marks may pause between its parts, in milliseconds. */
const PAUSE = 20;

/** Keys that go through the history; everything else is readline's. */
const HISTORY_KEYS: Record<string, HistoryKey> = {
  "\x1b[A": "up",
  "\x1bOA": "up",
  "\x10": "up",
  "\x1b[B": "down",
  "\x1bOB": "down",
  "\x0e": "down",
  "\x12": "search",
};
// deno-lint-ignore no-control-regex
const HISTORY_KEY = /\x1b[[O][AB]|[\x10\x0e\x12]/;

/** A key that goes through the history. */
export type HistoryKey = "up" | "down" | "search";

/** Keys that are not text: input that contains one was typed, not pasted. */
// deno-lint-ignore no-control-regex
const KEY = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** What is asked of `process.stdin`. */
export interface Keyboard extends NodeJS.ReadableStream {
  isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** A stand-in for `process.stdin` that readline can use as a terminal. */
export class LineInput extends Readable {
  readonly isTTY = true;
  /** Called for Ctrl-C while a statement runs. */
  onInterrupt: () => void = () => {};
  /** Called with a pasted text, its line ends as `\n`. What it does with the text may end in {@link enter}. */
  onPaste: (text: string) => void = () => {};
  /** Called for a key that goes through the history. */
  onHistory: (key: HistoryKey) => void = () => {};
  /** Receives all keys instead of readline, while it is set; returns those that it did not use. */
  capture: ((keys: string) => string) | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #keyboard: Keyboard;
  #decoder = new TextDecoder();
  #held = "";
  #wanted = true;
  #lent = false;
  #ended = false;

  constructor(keyboard: Keyboard) {
    super();
    this.#keyboard = keyboard;
    keyboard.on("data", this.#receive);
    keyboard.on("end", this.#end);
    keyboard.resume(); // a prompt before the session may have paused it
  }

  /** Lets the next line through. */
  want(): void {
    this.#wanted = true;
    // Not at once: readline cannot accept a key while it reports another.
    setImmediate(() => this.#release());
  }

  /** Presses Enter. */
  enter(): void {
    this.#wanted = false;
    this.push("\r");
  }

  /** The line that will come next, where it has been typed already. */
  get next(): string | undefined {
    const end = LINE_END.exec(this.#held);
    return end ? this.#held.slice(0, end.index) : undefined;
  }

  /** Puts aside what is waiting, so that it does not answer a question. Returns a function that brings it back. */
  setAside(): () => void {
    const held = this.#held;
    this.#held = "";
    return () => void (this.#held = held + this.#held);
  }

  /** Reports a Ctrl-C behind the line that was let through: both may arrive in one piece. */
  checkInterrupt(): void {
    const interrupt = this.#held.lastIndexOf(CTRL_C);
    if (interrupt < 0 || this.#wanted) return;
    this.#held = this.#held.slice(interrupt + 1);
    this.onInterrupt();
  }

  /** Forgets what is waiting. */
  forget(): void {
    this.#held = "";
  }

  /** Lends the terminal to another program until the promise settles. */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    this.#lent = true;
    this.#keyboard.pause();
    this.#keyboard.setRawMode?.(false);
    try {
      return await work();
    } finally {
      this.#keyboard.setRawMode?.(true);
      this.#keyboard.resume();
      this.#lent = false;
    }
  }

  /** Leaves the keyboard as it was. */
  close(): void {
    clearTimeout(this.#pause);
    this.#keyboard.removeListener("data", this.#receive);
    this.#keyboard.removeListener("end", this.#end);
    this.#keyboard.setRawMode?.(false);
    this.#keyboard.pause();
  }

  /** readline switches the terminal through its input. */
  setRawMode(raw: boolean): this {
    this.#keyboard.setRawMode?.(raw);
    return this;
  }

  override _read(): void {}

  #receive = (chunk: Uint8Array | string): void => {
    if (this.#lent) return; // a key meant for the other program
    this.#held += typeof chunk === "string" ? chunk : this.#decoder.decode(chunk, { stream: true });
    this.checkInterrupt();
    this.#release();
  };

  #end = (): void => {
    this.#ended = true;
    this.#release();
  };

  #release(): void {
    clearTimeout(this.#pause);
    while (this.#wanted && this.#held !== "") {
      if (this.capture) {
        this.#held = this.capture(this.#held);
        continue;
      }
      const begins = this.#held.indexOf(PASTE_BEGINS);
      if (begins === 0) {
        if (!this.#takeMarked()) return; // the rest of it is on its way
      } else if (!this.#takeKeys(begins < 0 ? this.#held.length : begins)) return;
    }
    if (this.#ended && this.#held === "") this.push(null);
  }

  /** Takes a paste between its marks; false while its end is not there. */
  #takeMarked(): boolean {
    const ends = this.#held.indexOf(PASTE_ENDS);
    if (ends < 0) return false;
    const text = this.#held.slice(PASTE_BEGINS.length, ends);
    this.#held = this.#held.slice(ends + PASTE_ENDS.length);
    this.#paste(text);
    return true;
  }

  /** Takes what was typed, or pasted without marks, up to `end`; false if more of it may come in a moment. */
  #takeKeys(end: number): boolean {
    const keys = this.#held.slice(0, end);
    const line = LINE_END.exec(keys);
    const isPaste = line !== null && line.index + line[0].length < keys.length && !KEY.test(keys);
    if (isPaste && !this.#ended && end === this.#held.length && !this.#hasPaused) {
      this.#pause = setTimeout(() => {
        this.#hasPaused = true;
        this.#release();
        this.#hasPaused = false;
      }, PAUSE);
      return false;
    }
    const taken = isPaste || !line ? end : line.index + line[0].length;
    this.#held = this.#held.slice(taken);
    if (isPaste) {
      this.#paste(keys);
    } else {
      this.#press(line ? keys.slice(0, line.index) : keys);
      if (line) this.enter();
    }
    return true;
  }

  #press(keys: string): void {
    for (let rest = keys; rest !== "";) {
      if (this.capture) return void (this.#held = rest + this.#held);
      const key = HISTORY_KEY.exec(rest);
      const typed = rest.slice(0, key?.index);
      if (typed !== "") this.push(typed);
      if (key) this.onHistory(HISTORY_KEYS[key[0]]!);
      rest = key ? rest.slice(key.index + key[0].length) : "";
    }
  }

  #hasPaused = false;

  #paste(text: string): void {
    this.onPaste(text.replace(/\r\n?/g, "\n"));
  }
}
