/**
 * Measures a million rows out of the practice org and into it:
 * `node tests/bench/bulk.ts [ROWS] [rows|load]`.
 *
 * The org is a process of its own, new for each run; rows per second and the client's memory above
 * its idle are shown beside jsforce's bulk2 in the same run, and beside what making the records takes.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { startPracticeProcess } from "../helpers/practice-process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const rows = Number(process.argv[2] ?? 1_000_000);
const only = process.argv[3];
const RUNTIMES: Record<string, string[]> = {
  Deno: ["deno", "run", "-A", "--no-check", "--no-lock", `--config=${join(root, "deno.json")}`],
  Bun: ["bun"],
  Node: ["node"],
};

interface Run {
  rows: number;
  ms: number;
  idle: number;
  peak: number;
}

async function measure(runtime: string, task: string): Promise<Run> {
  const org = await startPracticeProcess(
    "--rows",
    String(task.includes("rows") || task === "csv" ? rows : 0),
  );
  try {
    // jsforce does not get over the end of a first page.
    if (task === "jsforce-rows") await org.control("bulk", { pageSize: rows });
    const [command, ...args] = RUNTIMES[runtime]!;
    const client = join(root, "tests", "bench", "bulk-client.ts");
    const { status, stdout, stderr } = spawnSync(command!, [...args, client, task, String(rows)], {
      encoding: "utf8",
      env: {
        PATH: join(root, "node_modules", ".bin") + delimiter + process.env.PATH,
        HOME: process.env.HOME,
        SF_LOGIN_URL: org.url,
        SF_CLIENT_ID: org.clientId,
        SF_USERNAME: org.username,
        SF_PRIVATE_KEY: readFileSync(org.privateKeyFile, "utf8"),
      },
    });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  } finally {
    await org.close();
  }
}

function show(name: string, { rows, ms, idle, peak }: Run, jsforce?: Run): void {
  const rate = rows / ms;
  const ratio = jsforce ? `${(rate / (jsforce.rows / jsforce.ms)).toFixed(2)}×` : "";
  console.log(
    `${name.padEnd(18)}${String(rows).padStart(9)} rows ${(ms / 1000).toFixed(1).padStart(6)} s ` +
      `${rate.toFixed(0).padStart(5)}k rows/s  ${ratio.padStart(6)}  ` +
      `memory +${(peak - idle).toFixed(0)} MB (${idle.toFixed(0)} to ${peak.toFixed(0)})`,
  );
}

const TASKS = { rows: ["jsforce-rows", "rows", "csv"], load: ["records", "jsforce-load", "load"] };

for (const [direction, tasks] of Object.entries(TASKS)) {
  if (only && only !== direction) continue;
  let jsforce: Run | undefined;
  for (const task of tasks) {
    for (const runtime of Object.keys(RUNTIMES)) {
      if (task.startsWith("jsforce") && runtime !== "Node") continue; // it does not start on Deno
      const run = await measure(runtime, task);
      if (task.startsWith("jsforce")) jsforce = run;
      show(`${runtime} ${task}`, run, jsforce);
    }
  }
}
