/**
 * Reads and writes CSV as Bulk API 2.0 does, a number of rows at a time.
 *
 * @module
 */
import Papa from "papaparse";

/** The column delimiters that a job can have, by name. */
export const DELIMITERS = {
  BACKQUOTE: "`",
  CARET: "^",
  COMMA: ",",
  PIPE: "|",
  SEMICOLON: ";",
  TAB: "\t",
} as const;
/** The line endings that a job can have, by name. */
export const LINE_ENDINGS = { LF: "\n", CRLF: "\r\n" } as const;

/** The CSV format of a job. */
export interface Dialect {
  columnDelimiter: keyof typeof DELIMITERS;
  lineEnding: keyof typeof LINE_ENDINGS;
}

/** Salesforce's limit for one record, in characters. It also limits the work on an unclosed quote. */
const LONGEST_RECORD = 400_000;
const ROWS_A_LOT = 1000;

/** An error in the CSV of an upload. Its message becomes the `errorMessage` of the job. */
export class CsvError extends Error {}

/** Reads the rows of an upload, a number at a time, without empty lines. */
export function* readRows(chunks: Iterable<Uint8Array>, dialect: Dialect): Generator<string[][]> {
  // Like Salesforce, this reads a byte order mark as part of the first field name.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parser = new Papa.Parser({
    delimiter: DELIMITERS[dialect.columnDelimiter],
    newline: LINE_ENDINGS[dialect.lineEnding],
  });
  const parse = (text: string, isLast: boolean): { rows: string[][]; end: number } => {
    const { data, errors, meta } = parser.parse(text, 0, !isLast);
    // An error in an incomplete row may only mean that the rest has not been read.
    if (errors.some(({ row }: { row: number }) => row < data.length)) throw unescapedQuote();
    return { rows: withoutEmpty(data, dialect), end: meta.cursor };
  };
  let rest = "";
  let isHeaderChecked = false;
  for (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    if (!isHeaderChecked && rest.includes("\n")) {
      checkHeader(rest, dialect);
      isHeaderChecked = true;
    }
    const { rows, end } = parse(rest, false);
    rest = rest.slice(end);
    if (rest.length > LONGEST_RECORD) throw unescapedQuote();
    if (rows.length) yield rows;
  }
  rest += decoder.decode();
  if (!isHeaderChecked) checkHeader(rest, dialect);
  const { rows } = parse(rest, true);
  if (rows.length) yield rows;
}

function withoutEmpty(rows: string[][], { lineEnding }: Dialect): string[][] {
  if (lineEnding === "LF" && rows.some((row) => row.at(-1)!.endsWith("\r"))) {
    throw wrongLineEnding(lineEnding);
  }
  return rows.some(isEmpty) ? rows.filter((row) => !isEmpty(row)) : rows;
}

function isEmpty(row: string[]): boolean {
  return row.length === 1 && row[0] === "";
}

function checkHeader(text: string, { lineEnding }: Dialect): void {
  const end = text.indexOf("\n");
  const isCrLf = end > 0 && text[end - 1] === "\r";
  if (end >= 0 && isCrLf !== (lineEnding === "CRLF")) throw wrongLineEnding(lineEnding);
  if (text.startsWith('\uFEFF"')) throw unescapedQuote();
}

function wrongLineEnding(lineEnding: string): CsvError {
  return new CsvError(
    "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is " +
      lineEnding,
  );
}

function unescapedQuote(): CsvError {
  return new CsvError(
    "InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with quote should be " +
      "within a quote",
  );
}

/** Returns a stream of rows with all values in quotes. */
export function writeRows(
  header: string[],
  lots: Iterator<string[][]>,
  dialect: Dialect,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const newline = LINE_ENDINGS[dialect.lineEnding];
  const encode = (rows: string[][]) =>
    encoder.encode(
      Papa.unparse(rows, {
        quotes: true,
        delimiter: DELIMITERS[dialect.columnDelimiter],
        newline,
      }) + newline,
    );
  return new ReadableStream({
    start: (controller) => controller.enqueue(encode([header])),
    pull: (controller) => {
      for (let lot = lots.next(); !lot.done; lot = lots.next()) {
        if (lot.value.length) return controller.enqueue(encode(lot.value));
      }
      controller.close();
    },
  }, { highWaterMark: 2 });
}

/** Divides a range into parts, each of which is created when it is needed. */
export function* inLots(
  start: number,
  end: number,
  make: (start: number, end: number) => string[][],
): Generator<string[][]> {
  for (let at = start; at < end; at += ROWS_A_LOT) yield make(at, Math.min(at + ROWS_A_LOT, end));
}
