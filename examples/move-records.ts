/**
 * Moves accounts from one org to another, by their external ids: run again, it brings over what has changed. The orgs
 * are saved ones (`sfetch login`), or aliases of the sf CLI.
 *
 *     deno run --allow-env='SF_*,HOME,XDG_CONFIG_HOME' --allow-net='*.salesforce.com' --allow-read="$HOME" examples/move-records.ts prod uat
 *     bun examples/move-records.ts prod uat
 *     node examples/move-records.ts prod uat
 */
import process from "node:process";
import { createSession } from "../mod.ts";

const [from, to] = process.argv.slice(2).map((org) => createSession({ org }));
if (!from || !to) {
  console.error("Usage: move-records.ts FROM_ORG TO_ORG");
  process.exit(2);
}

const accounts = from.bulkQuery(
  "SELECT External_Id__c, Name, Industry, Phone, AnnualRevenue, Active__c FROM Account " +
    "WHERE External_Id__c != null",
  { typed: true },
);
// A record is written while the next ones are read: they need no place on this machine.
const result = await to.upsert("Account", "External_Id__c", accounts);

let created = 0;
for await (const { record, created: isNew, errors } of result) {
  if (isNew) created++;
  for (const { message } of errors) console.error(`${record.External_Id__c}: ${message}`);
}
console.log(`${created} created, ${result.successful - created} updated, ${result.failed} refused`);
