/**
 * Loads a CSV of accounts, any number, by an external id. Repairs rows that Salesforce refuses, where it is known how,
 * and loads them again; names the others, and then ends with exit code 1.
 *
 *     deno run --allow-env='SF_*' --allow-net='*.salesforce.com' --allow-read=server.key,accounts.csv examples/load-csv.ts accounts.csv
 *     bun examples/load-csv.ts accounts.csv
 *     node examples/load-csv.ts accounts.csv
 */
import { createReadStream } from "node:fs";
import process from "node:process";
import { createSession, type RecordError, type SObject } from "../mod.ts";

const [file] = process.argv.slice(2);
if (!file) {
  console.error("Usage: load-csv.ts FILE");
  process.exit(2);
}
const session = createSession();
/** Leaves out what no picklist has, and names what has no name; `undefined` for what cannot be repaired. */
function repair(record: SObject, [error]: RecordError[]): SObject | undefined {
  const { [error!.fields[0] ?? ""]: _, ...rest } = record;
  if (error!.code === "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST") return rest;
  if (error!.code === "REQUIRED_FIELD_MISSING") return { ...rest, Name: "Unknown" };
}

const first = await session.upsert<SObject>(
  "Account",
  "External_Id__c",
  createReadStream(file),
  { onProgress: ({ sent, processed }) => console.error(`${processed} of ${sent}`) },
);
const repaired = await session.upsert("Account", "External_Id__c", first.failures(repair));
console.log(`${first.successful} loaded, ${repaired.successful} after repair`);

for await (const { record, status, errors } of first) {
  if (status === "successful" || repair(record, errors)) continue;
  console.error(`${record.External_Id__c}: ${errors[0]!.code}: ${errors[0]!.message}`);
  process.exitCode = 1;
}
