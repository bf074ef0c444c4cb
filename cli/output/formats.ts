/**
 * The names of the formats, apart from what writes them: a command line needs no more.
 */
import type { Args } from "../arguments/command.ts";

/** The formats in which records are written. */
export const FORMATS = ["table", "expanded", "json", "ndjson", "csv", "tsv", "markdown"] as const;

/** One of {@link FORMATS}. */
export type Format = typeof FORMATS[number];

/** The option of commands that write records. */
export const formatArg = {
  format: {
    type: "enum",
    alias: "f",
    options: FORMATS,
    description: "the output format (default: table on a terminal, json in a pipe)",
  },
} as const satisfies Args;
