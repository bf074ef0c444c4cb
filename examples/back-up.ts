/**
 * Backs an object up as CSV: all its records, with all fields that CSV can hold.
 *
 *     deno run --allow-env='SF_*' --allow-net='*.salesforce.com' --allow-read=server.key --allow-write=accounts.csv examples/back-up.ts Account accounts.csv
 *     bun examples/back-up.ts Account accounts.csv
 *     node examples/back-up.ts Account accounts.csv
 */
import { createWriteStream } from "node:fs";
import process from "node:process";
import { Writable } from "node:stream";
import { createSession } from "../mod.ts";

const [object, file] = process.argv.slice(2);
if (!object || !file) {
  console.error("Usage: back-up.ts OBJECT FILE");
  process.exit(2);
}
const session = createSession();

const { fields } = await session.fetch(`/sobjects/${object}/describe`).json<
  { fields: { name: string; type: string }[] }
>() ?? { fields: [] };
// Bulk API 2.0 gives the parts of an address, not the whole, and no files.
const names = fields.filter(({ type }) => !["address", "location", "base64"].includes(type))
  .map(({ name }) => name);

const records = session.bulkQuery(`SELECT ${names} FROM ${object}`, {
  onProgress: ({ state, processed }) => console.error(`${state}: ${processed} records`),
});
await records.csv().pipeTo(Writable.toWeb(createWriteStream(file)));
await records.deleteJob();
