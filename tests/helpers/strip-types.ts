import { run } from "./runtime.ts";

/** The JavaScript of a TypeScript file: types blanked out and nothing else, no bundler. */
export async function stripTypes(file: string): Promise<string> {
  const strip = `
    const { readFileSync } = require("node:fs");
    const { stripTypeScriptTypes } = require("node:module");
    process.stdout.write(stripTypeScriptTypes(readFileSync(process.argv[1], "utf8")));`;
  const { code, stdout, stderr } = await run(["node", "--no-warnings", "-e", strip, file]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
