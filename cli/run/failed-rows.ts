/**
 * The rows that were not written, as a CSV file that can be loaded again: the columns of the input, with the error of
 * each row before them.
 */
import { open } from "node:fs/promises";
import type { RecordError, SObject, WriteResult } from "../../mod.ts";
import { number } from "../terminal/number.ts";

/** Rows that are written at a time. */
const LOT = 500;

/** How many reasons are named. */
const NAMED = 5;

const NOT_PROCESSED = "Not processed";

/** Writes the file, which must not exist yet, and returns the reasons, the most frequent first, one a line. */
export async function writeFailedRows(
  result: WriteResult,
  columns: string[],
  path: string,
): Promise<string[]> {
  const { default: papaparse } = await import("papaparse");
  const toCsv = (rows: string[][]): string => papaparse.unparse(rows, { newline: "\n" }) + "\n";
  const reasons = new Map<string, { count: number; message: string }>();
  const file = await open(path, "wx");
  try {
    await file.write(toCsv([["sf__Error", ...columns]]));
    let lot: string[][] = [];
    const failures = result.failures((record, errors) => ({ record, error: textOf(errors) }));
    for await (const { record, error } of failures) {
      note(reasons, error);
      lot.push([error, ...columns.map((column) => valueOf(record, column))]);
      if (lot.length < LOT) continue;
      await file.write(toCsv(lot));
      lot = [];
    }
    if (lot.length > 0) await file.write(toCsv(lot));
  } finally {
    await file.close();
  }
  return describe(reasons);
}

function textOf(errors: RecordError[]): string {
  if (errors.length === 0) return NOT_PROCESSED;
  return errors.map(({ code, message }) => [code, message].filter(Boolean).join(": ")).join("; ");
}

/** Counts by the code: messages name values, and so differ from row to row. */
function note(reasons: Map<string, { count: number; message: string }>, error: string): void {
  const code = /^\w+(?=:)/.exec(error)?.[0] ?? error;
  const known = reasons.get(code);
  if (known) known.count++;
  else reasons.set(code, { count: 1, message: error });
}

function describe(reasons: Map<string, { count: number; message: string }>): string[] {
  const sorted = [...reasons.values()].sort((a, b) => b.count - a.count);
  const lines = sorted.slice(0, NAMED).map(({ count, message }) =>
    `  ${number(count)} × ${message}`
  );
  return sorted.length > NAMED
    ? [...lines, `  … and ${sorted.length - NAMED} more kinds of error`]
    : lines;
}

/** A value as the input had it: `Owner.Email` is in an object of its own, and `null` was `#N/A`. */
function valueOf(record: SObject, column: string): string {
  let value: unknown = record;
  for (const name of column.split(".")) {
    if (typeof value !== "object" || value === null) break;
    const fields = value as SObject;
    value = fields[name] ?? fields[spelled(fields, name)];
  }
  return value === null ? "#N/A" : String(value ?? "");
}

function spelled(fields: SObject, name: string): string {
  return Object.keys(fields).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
}
