/**
 * The process's stdout. Bun and Deno write to it without `process.stdout`: making that takes Bun 10 ms and Deno 5 to 10,
 * a good part of a short command.
 */
import process from "node:process";
import type { Screen } from "./terminal.ts";

/** What Bun and Deno have for stdout. */
const { Bun, Deno } = globalThis as unknown as {
  Bun?: { stdout: { stat(): Promise<{ isCharacterDevice(): boolean }> } };
  Deno?: { stdout: { isTerminal(): boolean; write(bytes: Uint8Array): Promise<number> } };
};

type Failed = (error: NodeJS.ErrnoException) => void;

let failed: Failed | undefined;
let stream: NodeJS.WriteStream | undefined;

/** Says what happens where {@link stdoutStream} cannot be written to. */
export function onStdoutFailure(handle: Failed): void {
  failed = handle;
}

/** `process.stdout`, for what needs a stream or draws on a terminal. */
export function stdoutStream(): NodeJS.WriteStream {
  stream ??= process.stdout.on("error", (error) => failed?.(error));
  return stream;
}

/** The terminal that stdout is; of anything else, nothing is known. */
export async function stdoutScreen(): Promise<Screen> {
  if (Deno && !Deno.stdout.isTerminal()) return {};
  if (Bun && !(await Bun.stdout.stat()).isCharacterDevice()) return {};
  return stdoutStream();
}

/** Writes to stdout, and waits until it is written. If the reader has gone (`| head`), the process ends: it is done. */
export async function writeStdout(chunk: string | Uint8Array): Promise<void> {
  if (!Bun && !Deno) {
    return await new Promise((resolve) => stdoutStream().write(chunk, () => resolve()));
  }
  const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
  try {
    for (let at = 0; at < bytes.length;) at += await writeSome(bytes.subarray(at));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") process.exit(0);
    throw error;
  }
}

/** Writes as much as stdout takes now, and returns how many bytes that were. */
async function writeSome(bytes: Uint8Array): Promise<number> {
  if (Deno) return await Deno.stdout.write(bytes);
  // Not by Bun.write(), which writes twice what a full pipe took in part, and puts zeros at the end of a file.
  const { write } = await import("node:fs");
  try {
    return await new Promise((resolve, reject) =>
      write(1, bytes, (error, count) => error ? reject(error) : resolve(count))
    );
  } catch (error) {
    // The pipe is full, and another of its writers has made it one that does not wait.
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    await new Promise((resolve) => setTimeout(resolve, 5));
    return 0;
  }
}
