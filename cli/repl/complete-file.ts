/**
 * Names of files and folders.
 */
import { readdir } from "node:fs/promises";
import type { Completion } from "./offer.ts";
import { expandHome } from "../run/files.ts";

/** Offers the files whose names begin like this; `@` and `"` before the name stay. */
export async function completeFile(text: string): Promise<Completion> {
  const [, mark, path] = /^([@"]?)(.*)$/.exec(text)!;
  const folder = path!.slice(0, path!.lastIndexOf("/") + 1);
  const name = path!.slice(folder.length);
  const entries = await readdir(expandHome(folder || "."), { withFileTypes: true }).catch(() => []);
  const hits = entries
    .filter((entry) => name.startsWith(".") || !entry.name.startsWith("."))
    .map((entry) => mark + folder + entry.name + (entry.isDirectory() ? "/" : ""));
  return { hits, word: text };
}
