/**
 * How to write the next command for people: as `sfetch` where that is installed, else in the way this process was started.
 *
 * @module
 */
import { relative } from "node:path";
import process from "node:process";

/** How this process was started, such as `sfetch`, `npx sfetch` or `deno run -A cli.ts`. */
export function invocation(): string {
  const path = process.argv[1] ?? "";
  const byNpx = process.env.npm_lifecycle_event === "npx";
  if (!path.endsWith(".ts")) return byNpx ? "npx sfetch" : "sfetch";
  const fromHere = relative(process.cwd(), path);
  const file = fromHere.startsWith("..") ? path : fromHere;
  const { deno, bun } = process.versions;
  const [runtime, version, run] = deno
    ? ["deno", deno, " run -A"]
    : bun
    ? ["bun", bun, ""]
    : ["node", process.versions.node, ""];
  return `${byNpx ? `npx -y ${runtime}@${version}` : runtime}${run} ${file}`;
}
