/**
 * One measured run of a client for `bulk.ts`: `bulk-client.ts TASK ROWS`, with the org in the environment.
 * Prints the rows, the milliseconds, and the memory before and at its peak, as JSON.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { createSession } from "../../mod.ts";

const [task = "", count = "1000000"] = process.argv.slice(2);
const rows = Number(count);
const QUERY = "SELECT Id, Name, External_Id__c, Description, AnnualRevenue FROM Account " +
  `WHERE External_Id__c LIKE 'A-%' LIMIT ${rows}`;

/** A record with everything that CSV has to quote. */
function record(i: number): Record<string, unknown> {
  return {
    Name: `Load "${i}", 🚀`,
    External_Id__c: `LOAD-${i}`,
    Description: i % 3 ? null : "two\nlines",
    AnnualRevenue: i,
  };
}

function* records(): Generator<Record<string, unknown>> {
  for (let i = 0; i < rows; i++) yield record(i);
}

const session = createSession();

async function readRows(): Promise<number> {
  let read = 0;
  let last = "";
  for await (const { Id } of session.bulkQuery<{ Id: string }>(QUERY)) {
    if (Id <= last) throw new Error(`${Id} after ${last}`);
    last = Id;
    read++;
  }
  return read;
}

async function readCsv(): Promise<number> {
  let bytes = 0;
  for await (const chunk of session.bulkQuery(QUERY).csv()) bytes += chunk.length;
  return bytes && rows;
}

/** Makes the records and loads nothing: V8 keeps the texts of numbers, and grows by that alone. */
function makeRecords(): Promise<number> {
  let made = 0;
  for (const record of records()) made += Math.sign(JSON.stringify(record).length);
  return Promise.resolve(made);
}

async function load(): Promise<number> {
  const result = await session.insert("Account", records());
  let written = 0;
  for await (const { status } of result) if (status === "successful") written++;
  if (written !== result.successful) throw new Error(`${written} of ${result.successful}`);
  return written;
}

async function connectJsforce() {
  const { default: jsforce } = await import("jsforce");
  const { accessToken, instanceUrl } = await session.getToken();
  const connection = new jsforce.Connection({ accessToken, instanceUrl, version: "67.0" });
  connection.bulk2.pollTimeout = 600_000;
  return connection;
}

async function readByJsforce(): Promise<number> {
  let read = 0;
  let last = "";
  for await (const row of await (await connectJsforce()).bulk2.query(QUERY)) {
    const { Id } = row as { Id: string };
    if (Id <= last) throw new Error(`${Id} after ${last}`);
    last = Id;
    read++;
  }
  return read;
}

async function loadByJsforce(): Promise<number> {
  const { bulk2 } = await connectJsforce();
  const input = [...records()];
  const { successfulResults } = await bulk2.loadAndWaitForResults({
    object: "Account",
    operation: "insert",
    input,
  });
  return successfulResults.length;
}

const TASKS: Record<string, () => Promise<number>> = {
  rows: readRows,
  csv: readCsv,
  load,
  records: makeRecords,
  "jsforce-rows": readByJsforce,
  "jsforce-load": loadByJsforce,
};

/** A figure of /proc/self/status in MB. */
function memory(name: "VmRSS" | "VmHWM"): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1024;
}

await session.query("SELECT Id FROM Account LIMIT 2000");
if (task.startsWith("jsforce")) await connectJsforce();
await new Promise((go) => setTimeout(go, 200));
writeFileSync("/proc/self/clear_refs", "5"); // the peak counts from here
const idle = memory("VmRSS");
const start = performance.now();
const done = await TASKS[task]!();
const ms = performance.now() - start;
console.log(JSON.stringify({ rows: done, ms, idle, peak: memory("VmHWM") }));
