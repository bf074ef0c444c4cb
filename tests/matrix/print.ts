/**
 * Prints the matrix, on each runtime or on those named: `npm run matrix [deno|bun|node]…`
 *
 * It starts itself once for each runtime; with `--here` it writes what came of each cell on this
 * one as JSON.
 *
 * @module
 */
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { childEnv, root } from "../helpers/runtime.ts";
import { FAULTS } from "./faults.ts";
import { OPERATIONS } from "./operations.ts";
import { isRight, OUTCOMES } from "./outcomes.ts";
import { type Outcomes, runMatrix } from "./run.ts";

const COMMANDS: Record<string, string[]> = {
  deno: ["deno", "run", "-A", "--no-check", "--no-lock"],
  bun: ["bun"],
  node: ["node"],
};

async function outcomesOn(runtime: string): Promise<Outcomes> {
  const [program, ...args] = COMMANDS[runtime]!;
  const { stdout } = await promisify(execFile)(
    program!,
    [...args, fileURLToPath(import.meta.url), "--here"],
    { cwd: root, env: childEnv({ HOME: process.env.HOME }), maxBuffer: 2 ** 24 },
  );
  return JSON.parse(stdout);
}

/** Prints one table; a cell that differs between runtimes, or is not right, shows each of them. */
function print(all: Record<string, Outcomes>): boolean {
  const runtimes = Object.keys(all);
  let wrong = 0;
  const lines = FAULTS.map(({ name: fault }) => [
    fault,
    ...OPERATIONS.map(({ name: operation }) => {
      const cells = runtimes.map((runtime) => all[runtime]![fault]![operation]!);
      const expected = OUTCOMES[fault]![operation]!;
      const mistakes = runtimes.filter((runtime, i) => !isRight(cells[i]!, expected, runtime));
      wrong += mistakes.length;
      if (mistakes.length === 0) return expected;
      return `WRONG: ${runtimes.map((name, i) => `${name} ${cells[i]}`).join(", ")}`;
    }),
  ]);
  const head = ["fault", ...OPERATIONS.map(({ name }) => name)];
  const widths = head.map((_, i) => Math.max(...[head, ...lines].map((line) => line[i]!.length)));
  for (const line of [head, ...lines]) {
    console.log(line.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd());
  }
  const cells = FAULTS.length * OPERATIONS.length * runtimes.length;
  console.log(`\n${cells - wrong} of ${cells} cells are right, on ${runtimes.join(", ")}.`);
  console.log(
    "A cell: what the caller saw, requests that arrived, /changes made, ↻ one further sign-in;\n" +
      "* on Deno up to twice as many (tests/matrix/outcomes.ts says why).",
  );
  return wrong === 0;
}

if (process.argv.includes("--here")) {
  console.log(JSON.stringify(await runMatrix()));
  process.exit(0);
}
const named = process.argv.slice(2);
const all: Record<string, Outcomes> = {};
for (const runtime of named.length ? named : Object.keys(COMMANDS)) {
  all[runtime] = await outcomesOn(runtime);
}
process.exitCode = print(all) ? 0 : 1;
