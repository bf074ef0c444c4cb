/**
 * Uploads a file, up to 2 GB, and downloads it again.
 *
 *     deno run --allow-env='SF_*' --allow-net='*.salesforce.com' --allow-read=server.key,scan.pdf --allow-write=copy.pdf examples/files.ts scan.pdf copy.pdf
 *     bun examples/files.ts scan.pdf copy.pdf
 *     node examples/files.ts scan.pdf copy.pdf
 */
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { Writable } from "node:stream";
import { sfFetch } from "../mod.ts";

const [source, copy] = process.argv.slice(2);
if (!source || !copy) {
  console.error("Usage: files.ts FILE COPY");
  process.exit(2);
}
const id = await upload(source);
const file = await sfFetch(`/sobjects/ContentVersion/${id}/VersionData`);
await file.body!.pipeTo(Writable.toWeb(createWriteStream(copy)));
console.log(`${source} is ContentVersion ${id}, and ${copy} its copy`);

/** Not FormData: Salesforce wants a content type, but no file name, with the part that is JSON. */
async function upload(path: string): Promise<string> {
  const boundary = crypto.randomUUID();
  const part = (head: string) =>
    `\r\n--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`;
  const body = new Blob([
    part(`name="entity_content"\r\nContent-Type: application/json`),
    JSON.stringify({ PathOnClient: path }),
    part(`name="VersionData"; filename="file"\r\nContent-Type: application/octet-stream`),
    await readFile(path),
    `\r\n--${boundary}--\r\n`,
  ]);
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
  const created = sfFetch("/sobjects/ContentVersion", { method: "POST", headers, body });
  return (await created.json()).id;
}
