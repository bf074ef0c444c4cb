/** `sfetch get /limits` in a process whose streams of Node's cannot be made: to make them takes longer than the command. */
import process from "node:process";
import type { Program } from "../../cli/arguments/command.ts";
import { run } from "../../cli/arguments/program.ts";

for (const name of ["stdout", "stderr", "stdin"]) {
  Object.defineProperty(process, name, {
    get() {
      throw new Error(`process.${name} was touched`);
    },
  });
}

const load = async () => (await import("../../cli/commands/request.ts")).get;
const program: Program = {
  name: "sfetch",
  implied: () => undefined,
  version: () => Promise.resolve("9.9.9"),
  description: "A program with one command",
  tree: { All: { get: { summary: "", load } } },
  fallback: "get",
  issues: "https://issues.example",
};

await run(program, ["get", "/limits"]);
