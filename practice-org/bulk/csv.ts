/**
 * CSV as Bulk API 2.0 reads and writes it, in lots of rows, never as one text.
 *
 * @module
 */
import Papa from "papaparse";

/** Names of the column delimiters that a job can have. */
export const DELIMITERS = {
  BACKQUOTE: "`",
  CARET: "^",
  COMMA: ",",
  PIPE: "|",
  SEMICOLON: ";",
  TAB: "\t",
} as const;
/** Names of the line endings that a job can have. */
export const LINE_ENDINGS = { LF: "\n", CRLF: "\r\n" } as const;

/** How a job's CSV is written. */
export interface Dialect {
  columnDelimiter: keyof typeof DELIMITERS;
  lineEnding: keyof typeof LINE_ENDINGS;
}

/** Salesforce's limit for one record, in characters; also what bounds the work on an unclosed quote. */
const LONGEST_RECORD = 400_000;
const ROWS_A_LOT = 1000;

/** CSV that cannot be read; the message is the job's `errorMessage`. */
export class CsvError extends Error {}

/** Reads the rows of an upload in lots; empty lines are left out. */
export function* readRows(chunks: Iterable<Uint8Array>, dialect: Dialect): Generator<string[][]> {
  // The byte order mark stays: Salesforce takes it for a part of the first field name.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parser = new Papa.Parser({
    delimiter: DELIMITERS[dialect.columnDelimiter],
    newline: LINE_ENDINGS[dialect.lineEnding],
  });
  const parse = (text: string, isLast: boolean): { rows: string[][]; end: number } => {
    const { data, errors, meta } = parser.parse(text, 0, !isLast);
    // An error of a row that is not complete yet may only mean that its end has not come.
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

/** Writes rows as a stream of bytes, every value in quotes; a pull makes one lot. */
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

/** Cuts a range into lots of rows, each made when it is asked for. */
export function* inLots(
  start: number,
  end: number,
  make: (start: number, end: number) => string[][],
): Generator<string[][]> {
  for (let at = start; at < end; at += ROWS_A_LOT) yield make(at, Math.min(at + ROWS_A_LOT, end));
}
