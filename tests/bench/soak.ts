/**
 * Works on one session for a long time, with its token expired every minute, and says once a minute what the process
 * holds:
 *
 *     node tests/bench/soak.ts [MINUTES]        (or bun, or deno run -A)
 *
 * A line has the calls and records so far, sign-ins, errors, memory after a collection where the runtime allows one
 * (Node: --expose-gc), and open files and sockets where the system tells. Memory and files stay flat.
 */
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { createSession } from "../../mod.ts";
import { startPracticeProcess } from "../helpers/practice-process.ts";

const minutes = Number(process.argv[2] ?? 20);
const PAUSE = 200; // ms between rounds: a soak is about time, not about load

const practice = await startPracticeProcess();
const caller = new AbortController(); // one signal for all calls, as a service would have it
let signIns = 0;
const session = createSession({
  clientId: practice.clientId,
  username: practice.username,
  privateKey: await readFile(practice.privateKeyFile, "utf8"),
  loginUrl: practice.url,
  fetch: (input, init) => {
    if (String(input).endsWith("/services/oauth2/token")) signIns++;
    return fetch(input, init);
  },
});

const done = { calls: 0, records: 0, errors: 0 };
const { signal } = caller;

/** What a long-running program does: read, write, query, look for what is not there, give up early. */
async function round(): Promise<void> {
  await session.fetch("/limits", { signal }).json();
  for await (const _ of session.query("SELECT Id, Name FROM Account", { signal, batchSize: 200 })) {
    done.records++;
  }
  const { id } = await session.fetch("/sobjects/Account", {
    method: "POST",
    json: { Name: "Soak" },
    signal,
  }).json();
  await session.fetch(`/sobjects/Account/${id}`, { method: "DELETE", signal });
  await session.fetch("/sobjects/Nonsense", { signal }).json().catch(() => {});
  for await (const _ of session.query("SELECT Id FROM Contact", { signal })) break;
  await session.fetch("/limits", { signal: AbortSignal.timeout(1) }).json().catch(() => {});
  await session.fetch("/limits", { timeout: 5_000 }).arrayBuffer();
  done.calls += 8;
}

const collect = (globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } }).gc ??
  (() => (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true));

function openFiles(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined; // not Linux
  }
}

function report(minute: number): void {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  console.log(
    `${minute} min: ${done.calls} calls, ${done.records} records, ${signIns} sign-ins, ${done.errors} errors; ` +
      `heap ${megabytes(heapUsed)}, resident ${megabytes(rss)}, ${
        openFiles() ?? "?"
      } files and sockets open`,
  );
}

const start = performance.now();
try {
  for (let minute = 0; minute < minutes;) {
    try {
      await round();
    } catch (error) {
      done.errors++;
      console.log(error);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (performance.now() - start < (minute + 1) * 60_000) continue;
    report(++minute);
    await practice.control("expire-sessions");
  }
} finally {
  await practice.close();
}
process.exitCode = done.errors ? 1 : 0;
