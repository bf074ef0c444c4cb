/**
 * Records in every format: streamed, in flat memory, and harmless for a terminal.
 *
 * Nothing here looks at the process: stream, width and colour are given, so that a command, the REPL, a file and a pipe
 * are written to with the same functions.
 */
import type { Column } from "../soql/columns.ts";
import type { SObjectRecord } from "./columns.ts";
import type { Format } from "./formats.ts";
import type { Records } from "./rows.ts";
import { type Out, writerFor } from "./stream.ts";

export type { SObjectRecord } from "./columns.ts";
export type { Format } from "./formats.ts";

/** Where and how records are written. */
export interface OutputOptions {
  format: Format;
  /** What to write to. When its reader goes away, writing stops quietly. */
  out: Out;
  /** The columns of a table or CSV file, from `columnsOf(soql)`. @default {the fields of the records} */
  columns?: Column[];
  /** The width of the screen: a table is made to fit it, or is written expanded. @default {no limit} */
  width?: number;
  /** Whether to write ANSI colours. @default {false} */
  colour?: boolean;
  /** Whether a terminal shows it: JSON is indented, and control characters are shown escaped. @default {false} */
  terminal?: boolean;
  /** Whether CSV begins with a byte order mark, by which Excel knows that it is UTF-8. @default {false} */
  bom?: boolean;
  /** Whether CSV values that a spreadsheet would run as a formula are made plain text. @default {false} */
  escapeFormulas?: boolean;
}

type RecordWriter = (records: Records, options: OutputOptions) => AsyncIterable<string>;

/** Each is loaded when it is needed: the REPL is to answer at once. */
const WRITERS: Record<Format, () => Promise<RecordWriter>> = {
  table: async () => (await import("./table.ts")).writeTable,
  expanded: async () => (await import("./expanded.ts")).writeExpanded,
  json: async () => (await import("./json.ts")).writeJson,
  ndjson: async () => (await import("./json.ts")).writeNdjson,
  csv: async () => (await import("./csv.ts")).writeCsv,
  tsv: async () => (await import("./csv.ts")).writeTsv,
  markdown: async () => (await import("./markdown.ts")).writeMarkdown,
};

/** Writes records as they come, and returns their number. Waits for a slow reader; stops when the reader goes away. */
export async function writeRecords(
  records: AsyncIterable<SObjectRecord> | Iterable<SObjectRecord>,
  options: OutputOptions,
): Promise<number> {
  const writer = writerFor(options.out);
  let count = 0;
  const counted = async function* (): AsyncGenerator<SObjectRecord> {
    for await (const record of records) {
      count++;
      yield record;
    }
  };
  const isWhole = Array.isArray(records);
  try {
    const write = await WRITERS[options.format]();
    const texts = write(isWhole ? records : counted(), options);
    for await (const text of texts) {
      if (!await writer.write(text)) break;
    }
  } finally {
    writer.release();
  }
  return isWhole ? records.length : count;
}
