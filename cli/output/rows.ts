/**
 * Records in portions, with the columns that all of them have: what CSV, tables and Markdown are written from.
 */
import { SfetchError } from "../../mod.ts";
import type { Column } from "../soql/columns.ts";
import { columnsFor, heading, type SObjectRecord } from "./columns.ts";

/** How many records are looked at for the columns and their widths. */
const LOOK_AHEAD = 1000;

/** Records on their way, or all of them. */
export type Records = AsyncIterable<SObjectRecord> | SObjectRecord[];

/** A portion of the records; the columns are the same for all of them. */
export interface Rows {
  columns: Column[];
  records: SObjectRecord[];
}

/**
 * The records in portions; one without records if there are none.
 *
 * @throws {SfetchError} If a later record has a field that neither the query nor the first records named: the columns
 * are already written.
 */
export async function* rowsOf(
  records: Records,
  wanted: Column[] | undefined,
): AsyncIterable<Rows> {
  let columns = Array.isArray(records) ? columnsFor(records, wanted) : undefined;
  for await (const portion of portions(records)) {
    if (columns && !wanted && !Array.isArray(records)) checkFields(portion, columns);
    columns ??= columnsFor(portion, wanted);
    yield { columns, records: portion };
  }
}

async function* portions(records: Records): AsyncIterable<SObjectRecord[]> {
  let portion: SObjectRecord[] = [];
  let any = false;
  for await (const record of records) {
    portion.push(record);
    if (portion.length < LOOK_AHEAD) continue;
    yield portion;
    any = true;
    portion = [];
  }
  if (portion.length > 0 || !any) yield portion;
}

function checkFields(records: SObjectRecord[], columns: Column[]): void {
  const known = new Set(columns.map((column) => heading(column).toLowerCase()));
  const late = columnsFor(records).find((column) =>
    !column.path.some((_, at) => known.has(column.path.slice(0, at + 1).join(".").toLowerCase())) &&
    !columns.some((one) =>
      heading(one).toLowerCase().startsWith(`${heading(column)}.`.toLowerCase())
    )
  );
  if (!late) return;
  // What was written until now is not the whole result.
  throw new SfetchError(
    `The field ${heading(late)} first occurs after ${LOOK_AHEAD} records or more.`,
    "Name the fields in the query instead of FIELDS(…), or use --format ndjson.",
  );
}
