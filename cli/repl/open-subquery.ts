/**
 * `.open ROW SUBQUERY`: the records of a subquery as a result of their own.
 */
import type { SObject } from "../../mod.ts";
import { UsageError } from "../arguments/command.ts";
import { RecordCursor } from "../output/cursor.ts";
import { present } from "./present.ts";
import type { RunOptions, Shell } from "./shell.ts";

/** Shows the records of a subquery of one of the last query's records. */
export async function openSubquery(
  shell: Shell,
  argument: string,
  { target }: RunOptions,
): Promise<string[]> {
  const [, row = "1", name = ""] = /^(\d+)?\s*(\S*)$/.exec(argument.trim()) ?? [];
  const records: SObject[] = shell.rows?.records ?? [];
  const record = records[Number(row) - 1];
  if (!record) {
    throw new UsageError(
      `There is no record ${row}: the last query returned ${records.length}.`,
      "For example: .open 1 Contacts",
    );
  }
  const subqueries = Object.keys(record).filter((key) => Array.isArray(record[key]?.records));
  const found = subqueries.find((key) => key.toLowerCase() === name.toLowerCase()) ??
    (name === "" && subqueries.length === 1 ? subqueries[0] : undefined);
  if (!found) {
    throw new UsageError(
      `Record ${row} has no subquery ${name || "to open"}.`,
      subqueries.length > 0 ? `Its subqueries: ${subqueries.join(", ")}.` : "",
    );
  }
  const source = await RecordCursor.of(record[found].records);
  return await present(shell, { kind: "records", source }, { target });
}
