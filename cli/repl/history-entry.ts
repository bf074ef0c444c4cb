/**
 * A statement as it is brought back by the up arrow.
 */
import { scan } from "../soql/scan.ts";
import { isQuery, kindOf } from "./statement.ts";

/** On one line where its line ends have no meaning; code, and a query with comments, keep their lines. */
export function historyEntry(statement: string): string {
  const text = statement.trim();
  const isOneLine = isQuery(text)
    ? !scan(text).some(({ kind }) => kind === "comment")
    : kindOf(text) === "request" && !/^[\w-]+:\s*\S/m.test(text);
  return isOneLine ? text.replace(/\s*\n\s*/g, " ") : text;
}
