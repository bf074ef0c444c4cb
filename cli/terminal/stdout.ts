/**
 * The process's stdout. Where it is a pipe or a file, Bun and Deno write to it in their own way: making `process.stdout`
 * takes Bun 10 ms and Deno 5 to 10, a good part of a short command.
 */
import process from "node:process";
import type { Screen } from "./terminal.ts";

/** What Bun and Deno have for stdout. */
const { Bun, Deno } = globalThis as unknown as {
  Bun?: {
    stdout: { stat(): Promise<{ isCharacterDevice(): boolean }> };
    write(to: unknown, chunk: string | Uint8Array): Promise<number>;
  };
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
  try {
    if (Bun) await Bun.write(Bun.stdout, chunk);
    else if (Deno) await writeAll(Deno.stdout, chunk);
    else await new Promise<void>((resolve) => stdoutStream().write(chunk, () => resolve()));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") process.exit(0);
    throw error;
  }
}

async function writeAll(
  to: { write(bytes: Uint8Array): Promise<number> },
  chunk: string | Uint8Array,
): Promise<void> {
  const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}
