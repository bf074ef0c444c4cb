/**
 * Records as comma- or tab-separated values, quoted as RFC 4180 defines. Lines end in LF, as the tools that read
 * them from a pipe expect.
 */
import type { Column } from "../soql/columns.ts";
import { sanitize } from "../terminal/terminal.ts";
import { heading, type SObjectRecord, valueOf } from "./columns.ts";
import { textOf } from "./exact.ts";
import { type Records, rowsOf } from "./rows.ts";

/** How CSV is written. */
export interface CsvOptions {
  columns?: Column[];
  /** Whether a terminal shows it: control characters are shown escaped. @default {false} */
  terminal?: boolean;
  /** Whether to begin with a byte order mark, by which Excel knows that it is UTF-8. @default {false} */
  bom?: boolean;
  /**
   * Whether to put `'` in front of a value that a spreadsheet would run as a formula: one that begins with `=`, `+`,
   * `-`, `@`, a tab or a line end, numbers aside.
   *
   * @default {false}
   */
  escapeFormulas?: boolean;
}

/** Comma-separated values. */
export function writeCsv(
  records: Records,
  options: CsvOptions,
): AsyncIterable<string> {
  return writeSeparated(records, ",", options);
}

/** Tab-separated values. */
export function writeTsv(
  records: Records,
  options: CsvOptions,
): AsyncIterable<string> {
  return writeSeparated(records, "\t", options);
}

async function* writeSeparated(
  records: Records,
  delimiter: string,
  { columns: wanted, terminal, bom, escapeFormulas }: CsvOptions,
): AsyncIterable<string> {
  const { default: papaparse } = await import("papaparse");
  const write = (rows: unknown[][]): string => {
    const options = { newline: "\n", delimiter, escapeFormulae: escapeFormulas ? FORMULA : false };
    const text = papaparse.unparse(rows, options) + "\n";
    return terminal ? sanitize(text) : text;
  };
  let isFirst = true;
  for await (const { columns, records: portion } of rowsOf(records, wanted)) {
    if (isFirst && bom) yield "\ufeff";
    if (isFirst && columns.length > 0) yield write([columns.map(heading)]);
    isFirst = false;
    if (portion.length > 0) {
      yield write(portion.map((record) => columns.map((column) => csvValue(record, column))));
    }
  }
}

/** What a spreadsheet treats as a formula. A number, such as -5 or +49 30 1234, is not one. */
const FORMULA = /^[=@\t\r\n]|^[+-](?![\d\s().,/-]*$)/;

function csvValue(record: SObjectRecord, column: Column): unknown {
  const value = valueOf(record, column);
  return typeof value === "object" && value !== null ? textOf(value) : value;
}
