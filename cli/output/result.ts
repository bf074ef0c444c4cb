/**
 * What a query, a request or a statement returned, written to a screen, a file or a pipe: by commands and by the REPL alike.
 */
import type { SObject } from "../../mod.ts";
import type { Column } from "../soql/columns.ts";
import { counted, number } from "../terminal/number.ts";
import { paint, sanitize } from "../terminal/terminal.ts";
import type { SObjectRecord } from "./columns.ts";
import type { RecordSource } from "./cursor.ts";
import { colourJson, formatJson } from "./json.ts";
import { type Format, type OutputOptions, writeRecords } from "./output.ts";
import { type Out, writerFor } from "./stream.ts";

/** What a query, a request or a statement returned. */
export type Result =
  /** Records; those of a search are of several types. */
  | { kind: "records"; source: RecordSource; columns?: Column[]; isSearch?: boolean }
  /** A value: `json` is its text as it was received, `name` its column where it is a single number. */
  | { kind: "value"; value: unknown; json?: string; name?: string }
  | { kind: "text"; text: string }
  | { kind: "bytes"; bytes: Uint8Array; type: string };

/** Where and how a result is written. Without a format: records as a table on a terminal, everything else as JSON. */
export type ResultOptions = Omit<OutputOptions, "format" | "columns"> & { format?: Format };

/** Writes a result, and returns the number of records or bytes that were written, as text. */
export async function writeResult(result: Result, options: ResultOptions): Promise<string> {
  if (result.kind === "records") return await writeCursor(result, options);
  const rows = result.kind === "value" ? rowsIn(result, options.format) : undefined;
  if (rows) {
    const { format = "json" } = options;
    return countOf(await writeRecords(rows, { ...options, format }));
  }
  const { text, isJson } = textOfResult(result, options.terminal);
  if (text === undefined) {
    const { bytes } = result as Result & { kind: "bytes" };
    await writeWhole(options.out, bytes);
    return `${number(bytes.length)} bytes`;
  }
  await writeWhole(options.out, isJson && options.colour ? colourJson(text, paint(true)) : text);
  return "";
}

/** The format in which records are written if none was chosen. */
export function formatOfRecords({ format, terminal }: ResultOptions): Format {
  return format ?? (terminal ? "table" : "json");
}

async function writeCursor(
  { source, columns, isSearch }: Result & { kind: "records" },
  options: ResultOptions,
): Promise<string> {
  const format = formatOfRecords(options);
  if (!isSearch || !["table", "expanded", "markdown"].includes(format)) {
    return countOf(await writeRecords(source.rest(), { ...options, columns, format }));
  }
  const records = await source.take(source.totalSize);
  for (const type of new Set(records.map(typeOf))) {
    const found = records.filter((record) => typeOf(record) === type);
    await writeWhole(options.out, titleOf(type, found.length, options));
    await writeRecords(found, { ...options, format });
  }
  return countOf(records.length);
}

function typeOf({ attributes }: SObject): string {
  return attributes?.type ?? "records";
}

function titleOf(type: string, count: number, { colour, terminal }: ResultOptions): string {
  const title = `${type} (${number(count)})`;
  return paint(colour ?? false).bold(terminal ? sanitize(title) : title) + "\n";
}

/** `1 record`, `2,000 records`. */
export function countOf(count: number): string {
  return counted(count, "record");
}

/** The text of a result that holds no records; undefined for bytes that are not text, or are written as bytes. */
export function textOfResult(
  result: Exclude<Result, { kind: "records" }>,
  terminal = false,
): { text?: string; isJson?: boolean } {
  switch (result.kind) {
    case "text":
      return { text: result.text + "\n" };
    case "value":
      if (typeof result.value === "string" && result.json === undefined) {
        return { text: (terminal ? sanitize(result.value) : result.value) + "\n" };
      }
      if (!terminal && result.json !== undefined) return { text: result.json, isJson: true };
      return { text: formatJson(result.value, { terminal }) + "\n", isJson: true };
    case "bytes": {
      if (!terminal || !isText(result.type)) return {};
      const text = sanitize(new TextDecoder().decode(result.bytes));
      return { text: text.endsWith("\n") ? text : text + "\n" };
    }
  }
}

/** Whether a content type is one that people can read. */
export function isText(type: string): boolean {
  return type === "" || /json|text|xml|csv|html|javascript|urlencoded/i.test(type);
}

/** The rows in a value, where the format asks for rows: a list of objects, or the list in it (`records`, `fields` …). */
function rowsIn(
  { value, name }: Result & { kind: "value" },
  format: Format | undefined,
): SObjectRecord[] | undefined {
  if (!format || format === "json") return undefined;
  if (name) return ["csv", "tsv", "markdown"].includes(format) ? [{ [name]: value }] : undefined;
  if (isRows(value)) return value;
  if (typeof value !== "object" || value === null) return undefined;
  if ("records" in value && isRows(value.records)) return value.records;
  return Object.values(value).find(isRows);
}

function isRows(value: unknown): value is SObjectRecord[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((row) => typeof row === "object" && row !== null && !Array.isArray(row));
}

async function writeWhole(out: Out, chunk: string | Uint8Array): Promise<void> {
  const writer = writerFor(out);
  try {
    await writer.write(chunk);
  } finally {
    writer.release();
  }
}
