/**
 * The names of the formats, apart from what writes them: a command line needs no more.
 */

/** The formats in which records are written. */
export const FORMATS = ["table", "expanded", "json", "ndjson", "csv", "tsv", "markdown"] as const;

/** One of {@link FORMATS}. */
export type Format = typeof FORMATS[number];
