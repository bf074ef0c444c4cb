/**
 * Work inside one process, in turns by hand, with sfetch and, on Node, with jsforce: prints the milliseconds of each
 * turn as JSON.
 *
 *     in-process.ts calls|parallel|rows|pages TURNS
 */
import { createRequire } from "node:module";
import process from "node:process";
import { createSession } from "../../mod.ts";

const [kind = "calls", turns = "10"] = process.argv.slice(2);
const { SF_ACCESS_TOKEN: accessToken, SF_INSTANCE_URL: instanceUrl } = process.env;
const session = createSession({ accessToken, instanceUrl });
const headers = { authorization: `Bearer ${accessToken}` };
const soql = "SELECT Id, Name FROM Account";
const CALLS = 500;

/** Runs a call so many times, `width` of them at once. */
async function repeat(width: number, call: () => Promise<unknown>): Promise<void> {
  let left = CALLS;
  await Promise.all(Array.from({ length: width }, async () => {
    while (left-- > 0) await call();
  }));
}

async function* pagesByHand() {
  let next = `/services/data/v67.0/query?q=${encodeURIComponent(soql)}`;
  while (next) {
    const page = await (await fetch(instanceUrl + next, { headers })).json();
    yield page.records;
    next = page.nextRecordsUrl;
  }
}

const limits = `${instanceUrl}/services/data/v67.0/limits`;
const byHand = async () => await (await fetch(limits, { headers })).json();
const own = () => session.fetch("/limits").json();
const connection = jsforceConnection();
const jsforce = () => connection.request(limits);
let count = 0;

/** By hand, with sfetch, with jsforce. */
const WORK: Record<string, (() => Promise<void>)[]> = {
  calls: [() => repeat(1, byHand), () => repeat(1, own), () => repeat(1, jsforce)],
  parallel: [() => repeat(64, byHand), () => repeat(64, own), () => repeat(64, jsforce)],
  rows: [
    async () => {
      for await (const page of pagesByHand()) for (const { Id } of page) if (Id) count++;
    },
    async () => {
      for await (const { Id } of session.query(soql)) if (Id) count++;
    },
    async () => {
      const { records } = await connection.query(soql, { autoFetch: true, maxFetch: 1_000_000 });
      for (const { Id } of records) if (Id) count++;
    },
  ],
  pages: [
    async () => {
      for await (const page of pagesByHand()) count += page.length;
    },
    async () => {
      for await (const page of session.query(soql).pages()) count += page.records.length;
    },
  ],
};

function jsforceConnection() {
  if (process.versions.bun || process.versions.deno) return undefined;
  const { Connection } = createRequire(import.meta.url)("jsforce");
  return new Connection({ accessToken, instanceUrl, version: "67.0" });
}

const work = WORK[kind]!.filter((_, index) => index < 2 || connection);
const times: number[][] = work.map(() => []);
for (let turn = 0; turn <= Number(turns); turn++) {
  for (const [index, run] of work.entries()) {
    const start = performance.now();
    await run();
    if (turn > 0) times[index]!.push(performance.now() - start); // the first turn warms up
  }
}
console.log(JSON.stringify(times));
