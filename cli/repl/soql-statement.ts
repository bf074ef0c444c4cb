/**
 * A SOQL statement: asked, shown, remembered.
 */
import type { SObject } from "../../mod.ts";
import { columnsOf } from "../output/output.ts";
import { present } from "./present.ts";
import { RecordCursor } from "./records.ts";
import type { RunOptions, Shell } from "./shell.ts";

/** Which records, and of which API. */
export interface SoqlOptions extends RunOptions {
  tooling?: boolean;
  /** Deleted and archived records too. */
  queryAll?: boolean;
}

/** Runs a query; gives what to say below its result. */
export async function runSoql(
  shell: Shell,
  soql: string,
  { tooling, queryAll, target, signal }: SoqlOptions,
): Promise<string[]> {
  const session = await shell.session();
  shell.record({ kind: "query", soql, tooling, queryAll });
  void shell.schema?.describe(/\bFROM\s+(\w+)(?![^(]*\))/i.exec(soql)?.[1] ?? "Account");
  const query = session.query(soql, { tooling, queryAll, attributes: false, signal });
  const cursor = await RecordCursor.open(query.pages());
  // It has no records, its answer is the size.
  if (/^\s*SELECT\s+COUNT\s*\(\s*\)\s+FROM\b/i.test(soql)) {
    return await present(shell, { kind: "value", value: cursor.totalSize }, target);
  }
  return await present(shell, { kind: "records", cursor, columns: columnsOf(soql) }, target);
}

/** The records of a subquery of one of the shown records, as a result of their own. */
export async function openSubquery(
  shell: Shell,
  argument: string,
  { target }: RunOptions,
): Promise<string[]> {
  const [, row = "1", name = ""] = /^(\d+)?\s*(\S*)$/.exec(argument.trim()) ?? [];
  const records = Array.isArray(shell.last) ? shell.last as SObject[] : [];
  const record = records[Number(row) - 1];
  const { UsageError } = await import("../arguments/command.ts");
  if (!record) {
    throw new UsageError(
      `There is no record ${row}: the last result has ${records.length}.`,
      "For example: .open 1 Contacts",
    );
  }
  const subqueries = Object.keys(record).filter((key) => Array.isArray(record[key]?.records));
  const found = subqueries.find((key) => key.toLowerCase() === name.toLowerCase()) ??
    (name === "" && subqueries.length === 1 ? subqueries[0] : undefined);
  if (!found) {
    const there = subqueries.length > 0 ? `There are: ${subqueries.join(", ")}.` : "";
    throw new UsageError(`Record ${row} has no subquery ${name || "to open"}.`.trim(), there);
  }
  const cursor = await RecordCursor.of(record[found].records);
  return await present(shell, { kind: "records", cursor }, target);
}
