/**
 * Start to prompt, and to the first answer, whole process, in a terminal: sfetch on each runtime, beside the bare
 * runtime (an empty file) and jsforce's REPL on Node. In turns, medians.
 *
 *     node tests/bench/repl-start.ts [rounds]
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { childEnv, root } from "../helpers/runtime.ts";

const rounds = Number(process.argv[2] ?? 15);
const bin = join(root, "node_modules", ".bin");
const runtimes = { bun: ["bun"], deno: ["deno", "run", "-A"], node: ["node"] };

interface Case {
  name: string;
  command: string[];
  /** What shows that it is there; without it, the end of the process counts. */
  prompt?: string;
  /** What is typed at the prompt; then its answer counts, 42. */
  typed?: string;
}

/** Milliseconds until the prompt shows, or the process has ended. `script` gives it a terminal. */
function time({ command, prompt, typed }: Case, env: Record<string, string>): Promise<number> {
  const started = performance.now();
  const line = command.map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qfc", `exec ${line}`, "/dev/null"], { env, cwd: root });
  return new Promise((resolve, reject) => {
    let seen = "";
    let awaited = prompt;
    let elapsed: number | undefined;
    child.stdout.on("data", (chunk) => {
      seen += chunk;
      if (elapsed !== undefined || !awaited || !seen.includes(awaited)) return;
      if (typed && awaited === prompt) {
        awaited = "42";
        return void child.stdin.write(typed + "\r");
      }
      elapsed = performance.now() - started;
      child.kill("SIGKILL"); // its terminal goes with it, and that ends the program
    });
    child.on("error", reject);
    child.on("close", () => {
      if (prompt && elapsed === undefined) reject(new Error(`No prompt from ${line}:\n${seen}`));
      else resolve(elapsed ?? performance.now() - started);
    });
  });
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const folder = await mkdtemp(join(tmpdir(), "sfetch-bench-"));
try {
  const empty = join(folder, "empty.ts");
  const hello = join(folder, "prompt.ts");
  await writeFile(empty, "");
  await writeFile(hello, 'process.stdout.write("> ");\n');
  const sfetch = join(root, "cli.ts");
  const cases: Case[] = Object.entries(runtimes).flatMap(([name, [program, ...args]]) => {
    const run = [join(bin, program!), ...args];
    return [
      { name: `${name}: empty file`, command: [...run, empty] },
      { name: `${name}: writes a prompt`, command: [...run, hello], prompt: "> " },
      { name: `${name}: sfetch, prompt`, command: [...run, sfetch], prompt: "me> " },
      {
        name: `${name}: sfetch, answer`,
        command: [...run, sfetch],
        prompt: "me> ",
        typed: "= 6 * 7",
      },
    ];
  });
  const jsforce = [join(bin, "node"), join(bin, "jsforce")];
  cases.push(
    { name: "node: jsforce, prompt", command: jsforce, prompt: "> " },
    { name: "node: jsforce, answer", command: jsforce, prompt: "> ", typed: "6 * 7" },
  );

  // An org that is never asked: an expression needs none.
  const env = childEnv({
    HOME: folder,
    TERM: "xterm",
    SF_USERNAME: "me",
    SF_ACCESS_TOKEN: "00D000000000001!benchmark",
    SF_INSTANCE_URL: "http://127.0.0.1:9",
  });
  const times = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds + 1; round++) {
    for (const one of cases) {
      const ms = await time(one, env);
      if (round > 0) times.get(one.name)!.push(ms); // the first round fills caches
    }
  }
  for (const [name, values] of times) {
    const bare = times.get(`${name.split(":")[0]}: empty file`)!;
    const ratio = (median(values) / median(bare)).toFixed(2);
    console.log(`${name.padEnd(24)} ${median(values).toFixed(1).padStart(7)} ms   ${ratio} × bare`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
