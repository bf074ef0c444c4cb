/**
 * Measures whole processes, import to answer: `npm run bench [ROUNDS]`.
 *
 * What is compared runs in turns, A B A B …, and the medians are shown, so that a busy machine is
 * busy for all of them. The server is a process of its own, on loopback, with answers made beforehand.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { generateKeyPair } from "../../cli/keys/keys.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const rounds = Number(process.argv[2] ?? 21);
const home = mkdtempSync(join(tmpdir(), "sfetch-bench-"));
const path = join(root, "node_modules", ".bin") + delimiter + process.env.PATH;
const base = {
  PATH: path,
  HOME: home,
  DENO_DIR: process.env.DENO_DIR ?? join(process.env.HOME ?? "", ".cache", "deno"),
  SF_AUTOUPDATE_DISABLE: "true",
  SF_DISABLE_TELEMETRY: "true",
};
const runtimes: [name: string, command: string[]][] = [
  ["Deno", ["deno", "run", "-A", "--no-check", "--no-lock", `--config=${join(root, "deno.json")}`]],
  ["Bun", ["bun"]],
  ["Node", ["node"]],
];
const bench = (file: string) => join(root, "tests", "bench", file);

interface Run {
  name: string;
  command: string[];
}

interface Result {
  name: string;
  ms: number;
  /** Peak of memory in MB. */
  peak?: number;
}

const server = spawn(process.execPath, [bench("server.ts")], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const url = await firstLine(server);
  const { privateKeyPem } = await generateKeyPair();
  writeFileSync(join(home, "server.key"), privateKeyPem, { mode: 0o600 });
  const env = {
    ...base,
    SF_CLIENT_ID: "3MVG9bench",
    SF_USERNAME: "bench@acme.example",
    SF_LOGIN_URL: url,
    SF_PRIVATE_KEY: privateKeyPem,
  };
  const on = (runtime: string, command: string[], file: string, ...args: string[]): Run => ({
    name: `${runtime} ${file.replace(".ts", "")}`,
    command: [...command, bench(file), ...args],
  });

  console.log(`Token and one query, whole process, median of ${rounds} in turns`);
  for (const [name, command] of runtimes) {
    const [raw, own] = measure([on(name, command, "raw.ts"), on(name, command, "sfetch.ts")], env);
    print([raw!, own!], own!.ms / raw!.ms);
  }
  // Node strips the types of a file at every start, unless it may keep what it compiled.
  const caching = { ...env, NODE_COMPILE_CACHE: join(home, "compiled") };
  const [raw, own] = measure(["raw.ts", "sfetch.ts"].map((f) => on("Node*", ["node"], f)), caching);
  print([raw!, own!], own!.ms / raw!.ms);
  console.log("                 * with NODE_COMPILE_CACHE");
  print(measure([on("Node", ["node"], "jsforce.ts")], env));
  const { SF_PRIVATE_KEY: _, ...others } = env;
  const file = { ...others, SF_PRIVATE_KEY_FILE: join(home, "server.key") };
  print(measure([{ name: "openssl and curl", command: ["sh", bench("shell.sh")] }], file));

  const few = Math.ceil(rounds / 3);
  console.log(`\n100,000 records in pages of 2,000, median of ${few} in turns`);
  for (const [name, command] of runtimes) {
    const [raw, own] = measure(
      [on(name, command, "raw.ts", "all"), on(name, command, "sfetch.ts", "all")],
      env,
      few,
    );
    print([raw!, own!], own!.ms / raw!.ms);
  }
  print(measure([on("Node", ["node"], "jsforce.ts", "all")], env, few));

  await limits(few);
} finally {
  server.kill();
  rmSync(home, { recursive: true, force: true });
}

/** `get /limits` on the practice org, beside the official CLI where it is installed. */
async function limits(count: number): Promise<void> {
  const practice = spawn("node", [join(root, "cli.ts"), "practice", "--json"], {
    env: { ...base, TMPDIR: home },
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const org = JSON.parse(await firstLine(practice));
    const env = {
      ...base,
      SF_CLIENT_ID: org.clientId,
      SF_USERNAME: org.username,
      SF_PRIVATE_KEY_FILE: org.privateKeyFile,
      SF_LOGIN_URL: org.url,
    };
    const clis = runtimes.map(([name, command]) => ({
      name: `${name} cli`,
      command: [...command, join(root, "cli.ts"), "get", "/limits"],
    }));
    console.log(`\nget /limits, whole process, median of ${count} in turns`);
    print(measure(clis, env, count));
    if (spawnSync("sf", ["--version"], { env: base }).status !== 0) return;
    const login = ["org", "login", "jwt", "--instance-url", org.url, "--client-id", org.clientId];
    const user = ["--username", org.username, "--jwt-key-file", org.privateKeyFile];
    const { status, stderr } = spawnSync("sf", [...login, ...user], {
      env: base,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`sf org login jwt failed: ${stderr}`);
    const path = ["/services/data/v67.0/limits", "--target-org", org.username];
    const sf = { name: "sf api request rest", command: ["sf", "api", "request", "rest", ...path] };
    print(measure([sf], base, count));
  } finally {
    practice.kill();
  }
}

/** The first line that a process prints: it is ready. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => createInterface(child.stdout!).once("line", resolve));
}

/** Runs all in turns, so many rounds; the first, which fills the caches of the disk, does not count. */
function measure(runs: Run[], env: Record<string, string>, count = rounds): Result[] {
  const times = runs.map((): number[] => []);
  const peaks = runs.map((): number[] => []);
  for (let round = 0; round <= count; round++) {
    runs.forEach(({ name, command: [program, ...args] }, i) => {
      const start = performance.now();
      const { status, stdout, stderr } = spawnSync(program!, args, { env, encoding: "utf8" });
      const ms = performance.now() - start;
      if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
      if (round === 0) return;
      times[i]!.push(ms);
      peaks[i]!.push(Number(stdout.split(" ")[1] ?? NaN));
    });
  }
  return runs.map(({ name }, i) => ({
    name,
    ms: median(times[i]!),
    peak: Number.isNaN(peaks[i]![0]!) ? undefined : median(peaks[i]!),
  }));
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function print(results: Result[], ratio?: number): void {
  const texts = results.map(({ name, ms, peak }) =>
    `${name.padEnd(16)} ${ms.toFixed(0).padStart(6)} ms${peak ? `, ${peak} MB` : ""}`
  );
  console.log(texts.join("   ") + (ratio ? `   ${ratio.toFixed(2)} times` : ""));
}
