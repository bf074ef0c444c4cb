/**
 * Showing what is longer than the screen in `$PAGER`, if `.pager on` was typed.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { Writable } from "node:stream";
import type { Shell } from "./shell.ts";

/** Collects what `write` writes and shows it, in the pager if it is longer than the screen. */
export async function page(
  shell: Shell,
  write: (out: NodeJS.WritableStream) => Promise<unknown>,
): Promise<void> {
  let text = "";
  const collect = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  await write(collect);
  const rows = shell.screen.size()?.rows ?? Infinity;
  if (text.split("\n").length <= rows) return await shell.screen.write(text);
  await shell.surroundings.lend(() => pipeTo(process.env.PAGER || "less", text));
}

function pipeTo(pager: string, text: string): Promise<void> {
  const env = { LESS: "-RS", ...process.env };
  const child = spawn(pager, { shell: true, stdio: ["pipe", "inherit", "inherit"], env });
  child.stdin!.on("error", () => {}); // the user left it before the end
  child.stdin!.end(text);
  return new Promise((resolve, reject) => child.on("close", () => resolve()).on("error", reject));
}
