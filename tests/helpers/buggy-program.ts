/** A program like `sfetch` whose only command has a bug. */
import { readArgs } from "../../cli/arguments/read.ts";
import { command } from "../../cli/arguments/command.ts";
import type { Program } from "../../cli/arguments/command.ts";
import { run } from "../../cli/arguments/program.ts";

const buggy = command({
  meta: { name: "buggy", description: "Fails where nobody expects it" },
  args: {},
  examples: [],
  run: () => void readArgs(undefined as never, []),
});

const program: Program = {
  name: "sfetch",
  implied: () => undefined,
  version: () => Promise.resolve("9.9.9"),
  description: "A program with a bug",
  tree: { All: { buggy: { summary: "", load: () => Promise.resolve(buggy) } } },
  fallback: "buggy",
  issues: "https://issues.example",
};

await run(program, []);
