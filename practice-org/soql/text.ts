/**
 * The text of a statement, and errors that point into it as Salesforce's do.
 *
 * @module
 */
import { type ApiError, refusal } from "../errors.ts";

/** The number of characters shown before and after the place of an error. */
const CONTEXT = 40;

/** The text of a SOQL or SOSL statement. */
export class StatementText {
  readonly text: string;
  /** The error code of a syntax error. */
  readonly #malformed: string;

  constructor(text: string, malformed = "MALFORMED_QUERY") {
    this.text = text;
    this.#malformed = malformed;
  }

  /** Returns an error at a name or a value; `at` is its index in the text. */
  errorAt(at: number, errorCode: string, message: string): ApiError {
    const lineStart = this.text.lastIndexOf("\n", at - 1) + 1;
    const row = this.text.slice(0, lineStart).split("\n").length;
    const line = this.text.slice(lineStart).split("\n", 1)[0]!;
    const column = at - lineStart;
    const from = column <= CONTEXT ? 0 : line.indexOf(" ", column - CONTEXT) + 1 || column;
    const excerpt = line.slice(Math.min(from, column)).slice(0, 2 * CONTEXT).trimEnd();
    const caret = " ".repeat(Math.max(column - from, 0)) + "^";
    const place = `ERROR at Row:${row}:Column:${column + 1}`;
    return refusal(400, errorCode, `\n${excerpt}\n${caret}\n${place}\n${message}`);
  }

  /** Returns a syntax error. Salesforce counts columns from 0 here, and from 1 in other errors. */
  syntaxError(at: number, message: string): ApiError {
    return this.errorAt(Math.max(at - 1, 0), this.#malformed, message);
  }

  /** Returns an error about a character, with Salesforce's description of the problem. */
  characterError(at: number, problem: string): ApiError {
    const lineStart = this.text.lastIndexOf("\n", at - 1) + 1;
    const row = this.text.slice(0, lineStart).split("\n").length;
    return this.syntaxError(at, `line ${row}:${at - lineStart} ${problem}`);
  }
}
