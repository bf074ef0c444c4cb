/**
 * A nightly sync: upserts the accounts of a JSON file by an external id. Reports rows that Salesforce
 * refuses, and then ends with exit code 1. The rows are like `{ "External_Id__c": "A-1", "Name": "Acme" }`.
 *
 *     deno run --allow-env='SF_*' --allow-net='*.salesforce.com' --allow-read=server.key,accounts.json examples/nightly-sync.ts accounts.json
 *     bun examples/nightly-sync.ts accounts.json
 *     node examples/nightly-sync.ts accounts.json
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { createSession, type SObject } from "../mod.ts";

const [file] = process.argv.slice(2);
if (!file) {
  console.error("Usage: nightly-sync.ts FILE");
  process.exit(2);
}
const EXTERNAL_ID = "External_Id__c";
const rows: SObject[] = JSON.parse(await readFile(file, "utf8"));
const count = { created: 0, updated: 0, refused: 0 };

const result = await createSession().upsert("Account", EXTERNAL_ID, rows);
for await (const { record, status, created, errors } of result) {
  count[status === "successful" ? (created ? "created" : "updated") : "refused"]++;
  for (const { code, message } of errors) {
    console.error(`${record[EXTERNAL_ID]}: ${code}: ${message}`);
  }
}
console.log(`${count.created} created, ${count.updated} updated, ${count.refused} refused`);
if (count.refused > 0) process.exitCode = 1;
