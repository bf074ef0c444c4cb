/**
 * How to type the next command for people: as `sfetch` where that is installed, else as this one was typed.
 *
 * @module
 */
import { basename } from "node:path";
import process from "node:process";

/** How this process was started, such as `sfetch` or `deno run -A cli.ts`. */
export function invocation(): string {
  const file = basename(process.argv[1] ?? "");
  if (!file.endsWith(".ts")) return "sfetch";
  const { deno, bun } = process.versions;
  const [runtime, version, run] = deno
    ? ["deno", deno, " run -A"]
    : bun
    ? ["bun", bun, ""]
    : ["node", process.versions.node, ""];
  const byNpx = process.env.npm_lifecycle_event === "npx";
  return `${byNpx ? `npx -y ${runtime}@${version}` : runtime}${run} ${file}`;
}
