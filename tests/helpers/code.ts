import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { removeFolder } from "./remove-folder.ts";
import { root, run, type RunOptions, type RunResult, runtimeName } from "./runtime.ts";

/**
 * Runs TypeScript on this runtime, in a process of its own; its `"./mod.ts"` is the module, its
 * `"./practice-org/mod.ts"` the practice org.
 * With `permissions`, Deno's flags, it runs on Deno with these alone.
 */
export async function runCode(
  code: string,
  { permissions, ...options }: RunOptions & { permissions?: string[] } = {},
): Promise<RunResult> {
  const folder = mkdtempSync(join(tmpdir(), "sfetch-code-"));
  const file = join(folder, "code.mts");
  const modules = /"\.\/((?:practice-org\/)?mod\.ts)"/g;
  writeFileSync(
    file,
    code.replaceAll(modules, (_, path) => `"${pathToFileURL(join(root, path))}"`),
  );
  // By its name, as Deno gives a child that it knows for itself its own permissions.
  const deno = ["deno", "run", "--no-prompt", "--no-lock", `--config=${join(root, "deno.json")}`];
  const command = permissions || runtimeName === "deno"
    ? [...deno, ...(permissions ?? ["-A"])]
    : [process.execPath];
  try {
    return await run([...command, file], options);
  } finally {
    await removeFolder(folder);
  }
}
