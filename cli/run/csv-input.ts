/**
 * A CSV file on its way to Salesforce: its columns and delimiter are found, and columns that are not to be sent are
 * left out.
 */
import { UsageError } from "../arguments/command.ts";

/** A CSV file whose header has been read. */
export interface CsvInput {
  delimiter: string;
  /** The columns that are sent. */
  columns: string[];
  /** All columns of the file. */
  allColumns: string[];
  /** The file with the columns that are sent. */
  csv: AsyncIterable<Uint8Array>;
}

/** Bytes within which a header ends. */
const LONGEST_HEADER = 1_000_000;

const LF = 0x0a;

/**
 * Reads the header of a CSV file. Without columns to leave out, its bytes are passed on as they are.
 *
 * @throws {UsageError} If it is not CSV.
 */
export async function openCsv(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  isSent: (column: string) => boolean,
): Promise<CsvInput> {
  const chunks = bytes[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  for (let size = 0, ended = false; !ended && size < LONGEST_HEADER;) {
    const { value, done } = await chunks.next();
    if (done) break;
    taken.push(value);
    size += value.length;
    ended = value.includes(LF);
  }
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* taken;
      for (let step = await chunks.next(); !step.done; step = await chunks.next()) yield step.value;
    } finally {
      await chunks.return?.();
    }
  };
  const line = headerLine(taken, name);
  const delimiter = delimiterOf(line);
  const { default: papaparse } = await import("papaparse");
  const allColumns = ((papaparse.parse(line, { delimiter }).data as string[][])[0] ?? []).map((
    column,
  ) => column.trim());
  const kept = allColumns.flatMap((column, at) => isSent(column) ? [at] : []);
  const columns = kept.map((at) => allColumns[at]!);
  const csv = kept.length === allColumns.length
    ? whole()
    : withColumns(whole(), kept, delimiter, line.endsWith("\r") ? "\r\n" : "\n");
  return { delimiter, columns, allColumns, csv };
}

function headerLine(chunks: Uint8Array[], name: string): string {
  const start = new Uint8Array(Buffer.concat(chunks));
  const [first, second] = start;
  if (first === 0xff && second === 0xfe || first === 0xfe && second === 0xff) {
    throw new UsageError(`${name} is UTF-16. Nothing was sent.`, "Save it as UTF-8.");
  }
  if (start.subarray(0, 1000).includes(0)) {
    throw new UsageError(
      `${name} is not CSV. Nothing was sent.`,
      "From Excel, save it as “CSV UTF-8”.",
    );
  }
  const end = start.indexOf(LF);
  const line = new TextDecoder().decode(end < 0 ? start : start.subarray(0, end)); // without a byte order mark
  if (line.trim() === "") {
    throw new UsageError(
      `${name} ${start.length === 0 ? "is empty" : "begins with an empty line"}. Nothing was sent.`,
      "The first line of a CSV file names the fields, such as LastName,Email.",
    );
  }
  return line;
}

/** The first character of the header that no name of a field has in it. */
function delimiterOf(header: string): string {
  return /[,;\t|^`]/.exec(header)?.[0] ?? ",";
}

/** The file with only these columns. Memory stays flat. */
async function* withColumns(
  bytes: AsyncIterable<Uint8Array>,
  kept: number[],
  delimiter: string,
  newline: "\n" | "\r\n",
): AsyncGenerator<Uint8Array> {
  const { default: papaparse } = await import("papaparse");
  const parser = new papaparse.Parser({ delimiter, newline });
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = "";
  const take = (isEnd: boolean): Uint8Array => {
    const { data, meta } = parser.parse(rest, 0, !isEnd) as {
      data: string[][];
      meta: { cursor: number };
    };
    rest = rest.slice(meta.cursor);
    const rows = data.filter((row) => row.length > 1 || row[0] !== "")
      .map((row) => kept.map((at) => row[at] ?? ""));
    const text = papaparse.unparse(rows, { delimiter, newline: "\n" });
    return encoder.encode(rows.length > 0 ? text + "\n" : "");
  };
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    const csv = take(false);
    if (csv.length > 0) yield csv;
  }
  rest += decoder.decode();
  if (rest !== "") yield take(true);
}
