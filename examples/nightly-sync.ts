/**
 * A nightly sync: upserts the accounts of a JSON file by an external id, 200 a call. Reports rows that Salesforce
 * refuses, and then ends with exit code 1. The rows are like `{ "External_Id__c": "A-1", "Name": "Acme" }`.
 *
 *     deno run --allow-env='SF_*' --allow-net='*.salesforce.com' --allow-read=server.key,accounts.json examples/nightly-sync.ts accounts.json
 *     bun examples/nightly-sync.ts accounts.json
 *     node examples/nightly-sync.ts accounts.json
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { sfFetch } from "../mod.ts";

interface Saved {
  success: boolean;
  created?: boolean;
  errors: { statusCode: string; message: string }[];
}

const EXTERNAL_ID = "External_Id__c";
const rows: Record<string, unknown>[] = JSON.parse(await readFile(process.argv[2]!, "utf8"));
const count = { created: 0, updated: 0, refused: 0 };

for (let start = 0; start < rows.length; start += 200) {
  const batch = rows.slice(start, start + 200);
  const records = batch.map((row) => ({ attributes: { type: "Account" }, ...row }));
  const path = `/composite/sobjects/Account/${EXTERNAL_ID}`;
  const json = { allOrNone: false, records };
  const results: Saved[] = await sfFetch(path, { method: "PATCH", json }).json();
  for (const [index, { success, created, errors }] of results.entries()) {
    count[success ? (created ? "created" : "updated") : "refused"]++;
    for (const { statusCode, message } of errors) {
      console.error(`${batch[index]![EXTERNAL_ID]}: ${statusCode}: ${message}`);
    }
  }
}
console.log(`${count.created} created, ${count.updated} updated, ${count.refused} refused`);
if (count.refused > 0) process.exitCode = 1;
