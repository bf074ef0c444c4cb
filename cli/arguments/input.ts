/**
 * Arguments that may be text, a file (`@file`) or stdin (`-`).
 */
import { readFile } from "node:fs/promises";
import { UsageError } from "./command.ts";

/** The bytes that an argument stands for. */
export async function readInput(argument: string): Promise<Uint8Array> {
  if (argument === "-") return await readStdin();
  if (!argument.startsWith("@")) return new TextEncoder().encode(argument);
  const path = argument.slice(1);
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `Cannot read ${path || "the file"}.`,
      code === "ENOENT"
        ? "There is no such file. After @, give its path from the current folder."
        : message,
    );
  }
}

/** The text that an argument stands for, without a byte order mark. */
export async function readText(argument: string): Promise<string> {
  const bytes = await readInput(argument);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const what = argument === "-" ? "The text from stdin" : argument.slice(1);
    throw new UsageError(`${what} is not UTF-8.`, "Nothing was sent. Save the text as UTF-8.");
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}
