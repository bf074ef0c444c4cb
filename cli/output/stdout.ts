/**
 * How records go to stdout.
 */
import type { Format, OutputOptions } from "./output.ts";
import { hasColours } from "../terminal/terminal.ts";

/** How records are written to stdout: a table on a terminal, JSON in a pipe, unless a format is asked for. */
export function toStdout(format?: Format): OutputOptions {
  const { isTTY, columns } = process.stdout;
  return {
    format: format ?? (isTTY ? "table" : "json"),
    out: process.stdout,
    width: isTTY ? columns || 80 : undefined,
    colour: hasColours(process.stdout),
    terminal: isTTY,
  };
}
