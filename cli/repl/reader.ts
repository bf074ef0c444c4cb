/**
 * Lines in, statements out. A statement that its first line does not finish continues until `;` or an empty line.
 */
import type { Scanner } from "../soql/scan.ts";
import type { BracketScanner } from "./brackets.ts";
import {
  continues,
  endMark,
  isBlockComment,
  isCommandLine,
  isComment,
  isComplete,
  kindOf,
  scannerFor,
  wantsBody,
} from "./statement.ts";

/** A finished statement and the line it began on, counted from 1. */
export interface Source {
  text: string;
  line: number;
}

/** Collects the lines of a statement until it is finished. */
export class StatementReader {
  /**
   * The statement could end here, unless the next line continues it: ask for that line, where it is already known
   * (pasted, or in a file), and {@link settle}.
   */
  undecided = false;
  #lines: string[] = [];
  #firstLine = 0;
  #lineNumber = 0;
  /** The first line finished the statement; later lines were pasted or read after it. */
  #wasComplete = false;
  /** Spares scanning a long statement again at each of its lines. */
  #scanner: Scanner | BracketScanner | undefined;

  /** Whether a statement has been begun and is not finished yet. */
  get hasBegun(): boolean {
    return this.#lines.length > 0;
  }

  /** The lines of the statement that is not finished yet. */
  get pending(): string {
    return this.#lines.join("\n");
  }

  /** Takes the next line, and returns the statements that it finishes. */
  push(line: string): Source[] {
    this.#lineNumber++;
    this.undecided = false;
    return this.#take(line);
  }

  /** Ends an undecided statement, unless the next line continues it. */
  settle(next?: string): Source[] {
    if (!this.undecided || next?.trim() === "") return [];
    this.undecided = false;
    return continues(this.pending, next) ? [] : this.flush();
  }

  /** Ends a statement that could end here: the last line of a paste was read. */
  finish(next?: string): Source[] {
    if (!this.hasBegun || this.#scanner!.open || !isComplete(this.pending)) return [];
    return continues(this.pending, next) ? [] : this.flush();
  }

  /** Ends the statement, finished or not. */
  flush(): Source[] {
    const text = this.pending.trimEnd();
    this.#lines = [];
    return text.trim() === "" ? [] : [{ text, line: this.#firstLine }];
  }

  /** Discards the unfinished statement. */
  drop(): void {
    this.#lines = [];
    this.undecided = false;
  }

  #take(line: string): Source[] {
    if (this.#lines.length === 0) {
      return line.trim() === "" || isComment(line) ? [] : this.#begin(line);
    }
    const isOpen = /^\s*\.apex\b/i.test(this.#lines[0]!) || this.#scanner!.open;
    if (!isOpen) {
      if (isCommandLine(line)) return [{ text: line, line: this.#lineNumber }];
      if (this.#isNew(line)) return [...this.flush(), ...this.#take(line)];
      if (line.trim() === "") this.undecided = true; // a body, or a clause, may follow
    }
    this.#lines.push(line);
    if (this.undecided) return [];
    this.#scanner!.feed(line + "\n");
    return this.#finished(line);
  }

  #begin(line: string): Source[] {
    this.#lines = [line];
    this.#firstLine = this.#lineNumber;
    this.#wasComplete = isComplete(line);
    this.#scanner = scannerFor(line);
    this.#scanner.feed(line + "\n");
    return this.#finished(line);
  }

  /** A statement that could end here, and a line that can only begin something else. */
  #isNew(line: string): boolean {
    if (wantsBody(this.pending)) return line.trim() !== "" && !continues(this.pending, line);
    return kindOf(line) !== "unknown" && isComplete(this.pending);
  }

  #finished(line: string): Source[] {
    if (this.#scanner!.open) return [];
    const text = this.pending;
    if (isBlockComment(text)) {
      this.#lines = [];
      return [];
    }
    const end = line.includes(";") ? endMark(text) : -1;
    if (end >= 0) return this.#splitAt(text, end);
    if (!isComplete(text)) return [];
    if (["soql", "sosl"].includes(kindOf(text))) {
      this.undecided = this.#wasComplete;
      return [];
    }
    if (kindOf(text) !== "request") return this.flush();
    this.undecided = !/\s[{["@]/.test(text); // headers may follow, as in an .http file
    return this.undecided ? [] : this.flush();
  }

  /** `SELECT …; SELECT …` on one line, and `SELECT …; > file`. */
  #splitAt(text: string, end: number): Source[] {
    const rest = text.slice(end + 1).trim();
    if (rest === "" || /^[>|]/.test(rest) || isComment(rest)) return this.flush();
    this.#lines = [text.slice(0, end + 1)];
    return [...this.flush(), ...this.#begin(rest)];
  }
}

/** The statements of a file or a pipe, each as soon as its lines are there. */
export async function* readStatements(
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<Source> {
  const reader = new StatementReader();
  for await (const line of lines) {
    yield* reader.settle(line);
    yield* reader.push(line);
  }
  yield* reader.flush();
}
