/**
 * How records go to stdout.
 */
import type { Format, OutputOptions } from "./output.ts";
import type { Writer } from "./stream.ts";
import { stdoutScreen, stdoutStream, writeStdout } from "../terminal/stdout.ts";
import { hasColours } from "../terminal/terminal.ts";

/** How records are written to stdout: a table on a terminal, JSON in a pipe, unless a format is asked for. */
export async function toStdout(format?: Format): Promise<OutputOptions> {
  const screen = await stdoutScreen();
  const { isTTY, columns } = screen;
  return {
    format: format ?? (isTTY ? "table" : "json"),
    out: isTTY ? stdoutStream() : PIPE,
    width: isTTY ? columns || 80 : undefined,
    colour: hasColours(screen),
    terminal: isTTY,
  };
}

const PIPE: Writer = {
  async write(chunk) {
    await writeStdout(chunk);
    return true;
  },
  release: () => {},
};
