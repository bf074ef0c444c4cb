/**
 * The keyboard, let through to readline a line at a time.
 *
 * readline turns a paste of many lines into as many events at once, whose echo would mix with the output of the first.
 * So what was typed or pasted while a statement runs waits here, and is echoed at the next prompt. Ctrl-C never waits.
 */
import { Readable } from "node:stream";

const CTRL_C = "\x03";
const LINE_END = /\r\n?|\n/;

/** What is asked of `process.stdin`. */
export interface Keyboard extends NodeJS.ReadableStream {
  isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** A stand-in for `process.stdin` that readline can use as a terminal. */
export class LineInput extends Readable {
  readonly isTTY = true;
  /** Called for a Ctrl-C while no line is wanted. */
  onInterrupt: () => void = () => {};
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
    // Not at once: readline cannot be given a key while it is telling of another.
    setImmediate(() => this.#release());
  }

  /** The line that will come next, where it has been pasted already. */
  get next(): string | undefined {
    const end = LINE_END.exec(this.#held);
    return end ? this.#held.slice(0, end.index) : undefined;
  }

  /** Puts what is waiting aside, so that a question is not answered by it; gives what brings it back. */
  setAside(): () => void {
    const held = this.#held;
    this.#held = "";
    return () => void (this.#held = held + this.#held);
  }

  /** Forgets what is waiting. */
  forget(): void {
    this.#held = "";
  }

  /** Gives the terminal to another program, until the promise settles. */
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
    const interrupt = this.#held.lastIndexOf(CTRL_C);
    if (interrupt >= 0 && !this.#wanted) {
      this.#held = this.#held.slice(interrupt + 1);
      this.onInterrupt();
    }
    this.#release();
  };

  #end = (): void => {
    this.#ended = true;
    this.#release();
  };

  #release(): void {
    if (!this.#wanted) return;
    const end = LINE_END.exec(this.#held);
    if (end) {
      const line = this.#held.slice(0, end.index);
      this.#held = this.#held.slice(end.index + end[0].length);
      this.#wanted = false;
      this.push(line + "\r");
    } else if (this.#held) {
      this.push(this.#held);
      this.#held = "";
    }
    if (this.#ended && this.#held === "") this.push(null);
  }
}
