/**
 * Two orgs compared: how many records of each object they have. The orgs are saved ones (`sfetch login`), or aliases
 * of the sf CLI.
 *
 *     deno run --allow-env='SF_*,HOME,XDG_CONFIG_HOME' --allow-net='*.salesforce.com' --allow-read="$HOME" examples/compare-orgs.ts prod uat
 *     bun examples/compare-orgs.ts prod uat
 *     node examples/compare-orgs.ts prod uat
 */
import process from "node:process";
import { createSession } from "../mod.ts";

const OBJECTS = ["Account", "Contact", "Opportunity", "Case", "Lead"];

const orgs = process.argv.slice(2);
if (orgs.length < 2) {
  console.error("Usage: compare-orgs.ts ORG ORG …");
  process.exit(2);
}
const sessions = orgs.map((org) => createSession({ org }));

console.log(["", ...orgs].join("\t"));
for (const object of OBJECTS) {
  const soql = `SELECT COUNT() FROM ${object}`;
  const counts = await Promise.all(sessions.map((session) => session.query(soql).totalSize()));
  const verdict = new Set(counts).size === 1 ? "same" : "DIFFERENT";
  console.log([object, ...counts, verdict].join("\t"));
}
