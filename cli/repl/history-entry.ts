/**
 * A statement in the form in which the up arrow brings it back.
 */
import { scan } from "../soql/scan.ts";
import { isQuery, kindOf } from "./statement.ts";

/** Returns the statement on one line if its line ends mean nothing. Code, and queries with comments, keep their lines. */
export function historyEntry(statement: string): string {
  const text = statement.trim();
  const isOneLine = isQuery(text)
    ? !scan(text).some(({ kind }) => kind === "comment")
    : kindOf(text) === "request" && !/^[\w-]+:\s*\S/m.test(text);
  return isOneLine ? text.replace(/\s*\n\s*/g, " ") : text;
}
