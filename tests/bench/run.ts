/**
 * Measures whole processes, import to answer: `npm run bench [ROUNDS]`.
 *
 * What is compared runs in turns, A B A B …, and the medians are shown, so that a busy machine is
 * busy for all of them. The server is a process of its own, on loopback, with answers made beforehand.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { generateKeyPair } from "../../cli/keys.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const rounds = Number(process.argv[2] ?? 21);
const home = mkdtempSync(join(tmpdir(), "sfetch-bench-"));
const path = join(root, "node_modules", ".bin") + delimiter + process.env.PATH;
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
  const [url] = await new Promise<string[]>((resolve) =>
    createInterface(server.stdout!).once("line", (line) => resolve([line]))
  );
  const { privateKeyPem } = await generateKeyPair();
  writeFileSync(join(home, "server.key"), privateKeyPem, { mode: 0o600 });
  const env = {
    PATH: path,
    HOME: home,
    DENO_DIR: process.env.DENO_DIR ?? join(process.env.HOME ?? "", ".cache", "deno"),
    SF_CLIENT_ID: "3MVG9bench",
    SF_USERNAME: "bench@acme.example",
    SF_LOGIN_URL: url!,
    SF_PRIVATE_KEY: privateKeyPem,
  };
  const deno = ["deno", "run", "-A", "--no-check", `--config=${join(root, "deno.json")}`];
  const runtimes: [name: string, command: string[]][] = [["Deno", deno], ["Bun", ["bun"]], [
    "Node",
    ["node"],
  ]];
  const on = (runtime: string, command: string[], file: string, ...args: string[]): Run => ({
    name: `${runtime} ${file.replace(".ts", "")}`,
    command: [...command, bench(file), ...args],
  });

  console.log(`Token and one query, whole process, median of ${rounds} in turns`);
  for (const [name, command] of runtimes) {
    const [raw, own] = measure([on(name, command, "raw.ts"), on(name, command, "sfetch.ts")], env);
    print([raw!, own!], own!.ms / raw!.ms);
  }
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

  console.log(`\nsfetch get /limits, whole process, median of ${few}`);
  const cli = [join(root, "cli.ts"), "get", "/limits"];
  print(
    measure(
      runtimes.map(([name, command]) => ({ name: `${name} cli`, command: [...command, ...cli] })),
      env,
      few,
    ),
  );
} finally {
  server.kill();
  rmSync(home, { recursive: true, force: true });
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
