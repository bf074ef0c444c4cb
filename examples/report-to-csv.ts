/**
 * A one-off report: the open opportunities and their accounts, as CSV.
 *
 *     deno run --allow-env='SF_*' --allow-net='*.salesforce.com' --allow-read=server.key examples/report-to-csv.ts > open.csv
 *     bun examples/report-to-csv.ts > open.csv
 *     node examples/report-to-csv.ts > open.csv
 */
import { sfQuery, type SObject } from "../mod.ts";

const COLUMNS = ["Name", "Account.Name", "StageName", "Amount", "CloseDate"];

const opportunities = sfQuery(
  `SELECT ${COLUMNS} FROM Opportunity WHERE IsClosed = false ORDER BY CloseDate, Name`,
);

printLine(COLUMNS);
for await (const opportunity of opportunities) {
  printLine(COLUMNS.map((path) => valueAt(opportunity, path)));
}

/** `Account.Name` stands in the record of the account. */
function valueAt(record: SObject, path: string): unknown {
  return path.split(".").reduce<SObject | null>((value, name) => value?.[name] ?? null, record);
}

function printLine(values: unknown[]): void {
  console.log(values.map((value) => `"${String(value ?? "").replaceAll('"', '""')}"`).join(","));
}
