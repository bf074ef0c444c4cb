/**
 * Records as a table, expanded, JSON, NDJSON or CSV: streamed, in flat memory, and harmless for a terminal.
 *
 * Nothing here looks at the process: stream, width and colour are given, so that the REPL writes to a file or a pipe
 * with the same functions.
 */
import { type Column, columnsFor, heading, type SObjectRecord, valueOf } from "../soql/columns.ts";
import { type Paint, paint, sanitize } from "../terminal/terminal.ts";

export { type Column, columnsOf, type SObjectRecord } from "../soql/columns.ts";
export { sanitize } from "../terminal/terminal.ts";

/** The forms in which records are written. */
export const FORMATS = ["table", "expanded", "json", "ndjson", "csv"] as const;

/** One of {@link FORMATS}. */
export type Format = typeof FORMATS[number];

/** Where and how records are written. */
export interface OutputOptions {
  format: Format;
  /** The stream to write to. When its reader goes away, writing stops quietly. */
  out: NodeJS.WritableStream & { destroyed?: boolean };
  /** The columns of a table or CSV file, from `columnsOf(soql)`. @default {the fields of the first records} */
  columns?: Column[];
  /** The width of the screen: a table is made to fit it, or is written expanded. @default {no limit} */
  width?: number;
  /** Whether to write ANSI colours. @default {false} */
  colour?: boolean;
  /** Whether a terminal shows it: JSON is indented, and control characters are shown escaped. @default {false} */
  terminal?: boolean;
}

/** How many records are looked at for the columns and their widths. */
const LOOK_AHEAD = 1000;

/** About how much text is handed to the stream at once. */
const CHUNK = 1 << 16;

/** Writes records as they come, and gives their number. Waits for a slow reader; stops when the reader goes away. */
export async function writeRecords(
  records: AsyncIterable<SObjectRecord> | Iterable<SObjectRecord>,
  options: OutputOptions,
): Promise<number> {
  const sink = openSink(options.out);
  let count = 0;
  const counted = async function* (): AsyncGenerator<SObjectRecord> {
    for await (const record of records) {
      count++;
      yield record;
    }
  };
  try {
    for await (const text of WRITERS[options.format](counted(), options)) {
      if (!await sink.write(text)) break;
    }
  } finally {
    sink.close();
  }
  return count;
}

/** A value as JSON: indented, and coloured or made harmless where `options` say so. */
export function formatJson(
  value: unknown,
  options: { colour?: boolean; terminal?: boolean } = {},
): string {
  const json = JSON.stringify(value, null, 2) ?? "undefined";
  return finishJson(json, options);
}

type Writer = (
  records: AsyncIterable<SObjectRecord>,
  options: OutputOptions,
) => AsyncIterable<string>;

const WRITERS: Record<Format, Writer> = {
  table: writeTable,
  expanded: writeExpanded,
  json: writeJson,
  ndjson: writeNdjson,
  csv: writeCsv,
};

async function* writeJson(
  records: AsyncIterable<SObjectRecord>,
  options: OutputOptions,
): AsyncIterable<string> {
  const indent = options.terminal ? 2 : 0;
  let text = "[";
  let first = true;
  for await (const record of records) {
    const json = indent
      ? JSON.stringify(record, null, indent).replace(/^/gm, "  ")
      : JSON.stringify(record);
    text += (first ? "\n" : ",\n") + finishJson(json, options);
    first = false;
    if (text.length > CHUNK) {
      yield text;
      text = "";
    }
  }
  yield text + (first ? "]\n" : "\n]\n");
}

async function* writeNdjson(
  records: AsyncIterable<SObjectRecord>,
  options: OutputOptions,
): AsyncIterable<string> {
  let text = "";
  for await (const record of records) {
    text += finishJson(JSON.stringify(record), options) + "\n";
    if (text.length > CHUNK) {
      yield text;
      text = "";
    }
  }
  yield text;
}

function finishJson(
  json: string,
  { colour, terminal }: { colour?: boolean; terminal?: boolean },
): string {
  const safe = terminal ? sanitize(json) : json;
  return colour ? colourJson(safe, paint(true)) : safe;
}

/** JSON text with its tokens coloured. */
export function colourJson(json: string, p: Paint): string {
  return json.replace(
    /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false)\b|\bnull\b|-?\d[\d.eE+-]*/g,
    (token, text?: string, colon?: string) => {
      if (colon) return p.blue(text!) + colon;
      if (text) return p.green(text);
      if (token === "null") return p.grey(token);
      return token === "true" || token === "false" ? p.magenta(token) : p.yellow(token);
    },
  );
}

/** CSV quoted as RFC 4180 has it. Lines end in LF, as the tools that take it from a pipe expect. */
async function* writeCsv(
  records: AsyncIterable<SObjectRecord>,
  options: OutputOptions,
): AsyncIterable<string> {
  const { default: papaparse } = await import("papaparse");
  const csv = (rows: unknown[][]): string => {
    const text = papaparse.unparse(rows, { newline: "\n" }) + "\n";
    return options.terminal ? sanitize(text) : text;
  };
  let columns: Column[] | undefined;
  for await (const chunk of chunks(records)) {
    if (!columns) {
      columns = columnsFor(chunk, options.columns);
      if (columns.length > 0) yield csv([columns.map(heading)]);
    }
    const known = columns;
    if (chunk.length > 0) {
      yield csv(chunk.map((record) => known.map((column) => csvValue(valueOf(record, column)))));
    }
  }
}

function csvValue(value: unknown): unknown {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

/** The records in lists of {@link LOOK_AHEAD}; one empty list if there are none. */
async function* chunks(records: AsyncIterable<SObjectRecord>): AsyncIterable<SObjectRecord[]> {
  let chunk: SObjectRecord[] = [];
  let any = false;
  for await (const record of records) {
    chunk.push(record);
    if (chunk.length < LOOK_AHEAD) continue;
    yield chunk;
    any = true;
    chunk = [];
  }
  if (chunk.length > 0 || !any) yield chunk;
}

async function* writeExpanded(
  records: AsyncIterable<SObjectRecord>,
  options: OutputOptions,
): AsyncIterable<string> {
  let columns: Column[] | undefined;
  let number = 0;
  for await (const chunk of chunks(records)) {
    columns ??= columnsFor(chunk, options.columns);
    yield expanded(chunk, columns, number, options);
    number += chunk.length;
  }
}

function expanded(
  records: SObjectRecord[],
  columns: Column[],
  before: number,
  options: OutputOptions,
): string {
  const p = paint(options.colour ?? false);
  const labels = columns.map((column) => sanitize(heading(column)));
  const indent = Math.max(0, ...labels.map((label) => label.length)) + 2;
  return records.map((record, index) => {
    const title = `─[ ${before + index + 1} ]`;
    const lines = columns.map((column, at) => {
      const text = cellText(valueOf(record, column), p).replaceAll("\n", "\n" + " ".repeat(indent));
      return p.cyan(labels[at]!.padEnd(indent)) + text + "\n";
    });
    return p.grey(title.padEnd(Math.min(options.width ?? 40, 40), "─")) + "\n" + lines.join("");
  }).join("");
}

/** A value as text for the eye. */
function cellText(value: unknown, p: Paint): string {
  if (value === null || value === undefined) return p.grey("null");
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return sanitize(text.replaceAll("\r\n", "\n"));
}

// A column this narrow is never cut, so that ids stay whole.
const LEAST_WIDTH = 18;

/** The blanks around a cell. */
const PADDING = 2;

async function* writeTable(
  records: AsyncIterable<SObjectRecord>,
  options: OutputOptions,
): AsyncIterable<string> {
  const { default: Table } = await import("cli-table3");
  const p = paint(options.colour ?? false);
  let columns: Column[] | undefined;
  let numeric: boolean[] = [];
  let widths: number[] = [];
  let fits = true;
  let before = 0;

  for await (const chunk of chunks(records)) {
    const isFirst = columns === undefined;
    columns ??= columnsFor(chunk, options.columns);
    if (columns.length === 0) return;
    const known = columns;
    if (isFirst) {
      numeric = known.map((column) => isNumeric(chunk.map((record) => valueOf(record, column))));
    }
    const rows = chunk.map((record) =>
      known.map((column) => oneLine(cellText(valueOf(record, column), p)))
    );
    const head = isFirst ? known.map((column) => p.bold(sanitize(heading(column)))) : [];
    const draw = (colWidths: number[]): string => {
      const table = new Table({
        head,
        colWidths,
        chars: LINES,
        colAligns: numeric.map((right) => right ? "right" : "left"),
        style: { head: [], border: [], compact: true },
      });
      table.push(...rows);
      const text = table.toString();
      // Drawing fills in the widths that were left open: the library's own measure, wide characters included.
      for (const [index, width] of table.options.colWidths.entries()) colWidths[index] = width!;
      return text;
    };
    const natural: number[] = [];
    let text = draw(natural);
    const wished = natural.map((width, index) => Math.max(width, widths[index] ?? 0));
    const fitted = options.width === undefined ? wished : fit(wished, options.width);
    if (isFirst) fits = fitted !== undefined;
    if (!fits || !fitted) {
      yield expanded(chunk, known, before, options);
    } else {
      widths = fitted;
      if (widths.some((width, index) => width !== natural[index])) text = draw([...widths]);
      if (text) yield colourLines(text.replace(/ +$/gm, ""), p) + "\n";
    }
    before += chunk.length;
  }
}

const LINES = {
  "top": "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  "bottom": "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  "left": "",
  "left-mid": "",
  "right": "",
  "right-mid": "",
  "mid": "─",
  "mid-mid": "┼",
  "middle": "│",
};

function colourLines(table: string, p: Paint): string {
  return table.replace(/^[─┼]+$/m, (line) => p.grey(line));
}

function isNumeric(values: unknown[]): boolean {
  const given = values.filter((value) => value !== null && value !== undefined);
  return given.length > 0 && given.every((value) => typeof value === "number");
}

function oneLine(text: string): string {
  return text.replaceAll("\n", "↵").replaceAll("\t", " ");
}

/** The widths cut down to the screen, the widest first; undefined where that would leave too little of them. */
function fit(widths: number[], screen: number): number[] | undefined {
  const fitted = [...widths];
  const least = widths.map((width) => Math.min(width, LEAST_WIDTH + PADDING));
  let excess = fitted.reduce((sum, width) => sum + width, fitted.length - 1) - screen;
  while (excess > 0) {
    const widest = fitted.reduce(
      (at, width, index) => width - least[index]! > fitted[at]! - least[at]! ? index : at,
      0,
    );
    if (fitted[widest]! <= least[widest]!) return undefined;
    fitted[widest]!--;
    excess--;
  }
  return fitted;
}

/** A stream written to with respect for its reader: `write` is false once the reader has gone. */
function openSink(
  out: OutputOptions["out"],
): { write(text: string): Promise<boolean>; close(): void } {
  let gone = false;
  let failure: Error | undefined;
  let wake = (): void => {};
  const onError = (error: NodeJS.ErrnoException): void => {
    gone = true;
    if (error.code !== "EPIPE") failure = error;
    wake();
  };
  const onClose = (): void => {
    gone = true;
    wake();
  };
  const onDrain = (): void => wake();
  out.on("error", onError).on("close", onClose).on("drain", onDrain);
  return {
    async write(text) {
      if (!gone && text !== "" && !out.destroyed && !out.write(text)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (gone) resolve();
        });
      }
      if (failure) throw failure;
      return !gone && !out.destroyed;
    },
    close() {
      out.off("error", onError).off("close", onClose).off("drain", onDrain);
    },
  };
}
