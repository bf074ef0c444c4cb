/**
 * SOQL queries and SOSL searches.
 */
import type { Session, SObject } from "../../mod.ts";
import { RecordCursor } from "../output/cursor.ts";
import { parseExact } from "../output/exact.ts";
import { columnsOf, isCount } from "../soql/columns.ts";
import { statementOf } from "../soql/scan.ts";
import type { Call } from "./call.ts";
import type { Outcome } from "./outcome.ts";

/** Runs a query; further pages are requested as the records are taken. */
export async function runQuery(
  session: Session,
  { soql, tooling, queryAll }: Call & { kind: "query" },
  signal?: AbortSignal,
): Promise<Outcome> {
  const options = { tooling, queryAll, attributes: false, parseJson: parseExact, signal };
  const query = session.query(statementOf(soql), options);
  const cursor = await RecordCursor.open(query.pages());
  if (isCount(soql)) {
    return { result: { kind: "value", value: cursor.totalSize, name: "count" }, notes: [] };
  }
  return { result: { kind: "records", source: cursor, columns: columnsOf(soql) }, notes: [] };
}

/** Runs a search. */
export async function runSearch(
  session: Session,
  { sosl }: Call & { kind: "search" },
  signal?: AbortSignal,
): Promise<Outcome> {
  const searchParams = { q: statementOf(sosl) };
  const text = await session.fetch("/search", { searchParams, signal }).text();
  const { searchRecords } = parseExact(text) as { searchRecords: SObject[] };
  const source = await RecordCursor.of(searchRecords);
  return { result: { kind: "records", source, isSearch: true }, notes: [] };
}
