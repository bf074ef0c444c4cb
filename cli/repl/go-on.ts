/**
 * A line that begins with a clause, right after a query, runs that query again with the clause.
 */
import { withClauses } from "../soql/clauses.ts";
import { continuesQuery } from "../soql/finished.ts";
import { withoutComments } from "../soql/scan.ts";
import type { Shell } from "./shell.ts";
import { isQuery, kindOf } from "./statement.ts";
import { splitTarget } from "./target.ts";

/** The statement to run for what was typed. */
export function goOnWith(shell: Shell, typed: string): string {
  const goesOn = shell.lastQuery !== undefined && kindOf(typed) === "unknown" &&
    continuesQuery(typed);
  const text = goesOn ? merge(shell.lastQuery!, typed) : typed;
  if (goesOn) shell.screen.remark(text);
  shell.lastQuery = isQuery(text) && kindOf(text) !== "sosl" ? text : undefined;
  return text;
}

function merge(query: string, typed: string): string {
  const before = withoutComments(splitTarget(query, "soql").text).replace(/;\s*$/, "").trim();
  const { text: clauses } = splitTarget(typed, "soql");
  const target = typed.slice(clauses.length);
  return withClauses(before, clauses.replace(/;\s*$/, "").trim()) + target;
}
