/**
 * Loading a CSV file into an object, by Bulk API 2.0: `sfetch bulk load`, and `.load` in the REPL.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { type Progress, type Session, SfetchError, type WriteResult } from "../../mod.ts";
import { UsageError } from "../arguments/command.ts";
import { number } from "../terminal/number.ts";
import { openCsv } from "./csv-input.ts";
import { writeFailedRows } from "./failed-rows.ts";
import { expandHome, systemReason } from "./files.ts";

/** What can be done with the rows of a file. */
export const OPERATIONS = ["insert", "update", "upsert", "delete"] as const;

/** One of {@link OPERATIONS}. */
export type Operation = typeof OPERATIONS[number];

/** What the user wants to load. */
export interface LoadRequest {
  object: string;
  /** The path of a CSV file; `-` is stdin. */
  file: string;
  /** @default {insert, or upsert where there is an external id field} */
  operation?: Operation;
  /** The field by which an upsert finds records. */
  externalIdField?: string;
  /** Where the failed rows go. @default {beside the file, as `NAME.failed.csv`} */
  failedFile?: string;
}

/** A load that is ready to start: its file has been opened, and fits the operation. */
export interface Load {
  object: string;
  operation: Operation;
  externalIdField?: string;
  /** The file's name for people. */
  source: string;
  failedFile: string;
  /** The columns that are sent. */
  columns: string[];
  delimiter: string;
  csv: AsyncIterable<Uint8Array>;
  /** Bytes of the file; undefined for a pipe. */
  size?: number;
  /** Bytes that have been read of it. */
  read(): number;
}

/** The outcome of a load. */
export interface LoadOutcome {
  result: WriteResult;
  /** Where the failed rows are; undefined if there are none. */
  failedFile?: string;
  /** To be thrown once the outcome is shown: rows failed. */
  failure?: Error;
}

/**
 * Checks what can be checked before anything is sent.
 *
 * @throws {UsageError} If the file cannot be loaded that way, or the file for failed rows already exists.
 */
export async function prepareLoad(request: LoadRequest): Promise<Load> {
  const { object, file, externalIdField } = request;
  const operation = operationOf(request);
  const source = file === "-" ? "stdin" : basename(file);
  const failedFile = expandHome(request.failedFile ?? failedFileOf(file, object));
  if (await exists(failedFile)) {
    throw new UsageError(
      `${failedFile} already exists. Nothing was sent.`,
      "Rows that fail would be written there. Move or rename it, or choose another file.",
    );
  }
  let read = 0;
  const { bytes, size } = await openFile(file);
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      read += chunk.length;
      yield chunk;
    }
  };
  const isSent = (column: string): boolean =>
    !isOwnColumn(column) && (operation !== "delete" || /^id$/i.test(column));
  const csv = await openCsv(counted(), source, isSent);
  checkColumns(csv.columns, csv.allColumns, operation, externalIdField, source);
  return { object, operation, externalIdField, source, failedFile, size, read: () => read, ...csv };
}

/** Sends the rows, waits for the end, and writes the failed rows into their file. */
export async function runLoad(
  session: Session,
  load: Load,
  options: { signal?: AbortSignal; onProgress?(progress: Progress): void } = {},
): Promise<LoadOutcome> {
  const result = await write(session, load, options);
  if (result.failed + result.unprocessed === 0) return { result };
  const { failedFile } = load;
  const reasons = await writeFailedRows(result, load.columns, failedFile).catch((error) => {
    const reason = systemReason(error);
    if (!reason) throw error;
    throw new SfetchError(
      `${countOfFailed(result)}, and they could not be written to ${failedFile}: ${reason}.`,
      result.jobs.map((job) => `\`sfetch bulk results ${job} > FILE\` has them.`).join("\n"),
    );
  });
  const lines = [`${countOfFailed(result)}. They are in ${failedFile}:`, ...reasons];
  const hint = `Fix the rows in it and load that file; its sf__Error column is ignored.`;
  return { result, failedFile, failure: new SfetchError(lines.join("\n"), hint) };
}

function write(
  session: Session,
  { object, operation, externalIdField, csv, delimiter }: Load,
  options: { signal?: AbortSignal; onProgress?(progress: Progress): void },
): Promise<WriteResult> {
  const all = { ...options, delimiter };
  switch (operation) {
    case "insert":
      return session.insert(object, csv, all);
    case "update":
      return session.update(object, csv, all);
    case "upsert":
      return session.upsert(object, externalIdField!, csv, all);
    case "delete":
      return session.delete(object, csv, all);
  }
}

function operationOf({ operation, externalIdField }: LoadRequest): Operation {
  const chosen = operation ?? (externalIdField ? "upsert" : "insert");
  if (chosen === "upsert" && !externalIdField) {
    throw new UsageError(
      "An upsert needs an external id field to find existing records by.",
      "Name it with --external-id; Id works too.",
    );
  }
  if (chosen !== "upsert" && externalIdField) {
    throw new UsageError(
      `An external id field is for an upsert, not for ${withArticle(chosen)}.`,
      "Omit it, or use --operation upsert.",
    );
  }
  return chosen;
}

const withArticle = (operation: Operation): string =>
  `${/^[aeiou]/.test(operation) ? "an" : "a"} ${operation}`;

/** Columns of Salesforce's result files, which an earlier load may have left. */
const isOwnColumn = (column: string): boolean => /^sf__/i.test(column);

function checkColumns(
  columns: string[],
  all: string[],
  operation: Operation,
  externalIdField: string | undefined,
  source: string,
): void {
  const needed = operation === "insert" ? undefined : externalIdField ?? "Id";
  const has = (name: string): boolean => columns.some((each) => sameName(each, name));
  if (!needed || has(needed)) return;
  throw new UsageError(
    `${source} has no column ${needed}, which ${withArticle(operation)} needs. Nothing was sent.`,
    `Its columns are ${all.join(", ")}.`,
  );
}

const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

function failedFileOf(file: string, object: string): string {
  return file === "-" ? `${object}.failed.csv` : file.replace(/\.csv$/i, "") + ".failed.csv";
}

async function openFile(
  file: string,
): Promise<{ bytes: AsyncIterable<Uint8Array>; size?: number }> {
  if (file === "-") return { bytes: process.stdin };
  const path = expandHome(file);
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) throw new UsageError(`${file} is a folder, not a CSV file.`);
    return { bytes: createReadStream(path), size: stats.isFile() ? stats.size : undefined };
  } catch (error) {
    const reason = systemReason(error);
    throw reason ? new UsageError(`Cannot read ${file}: ${reason}.`, "Nothing was sent.") : error;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}

function countOfFailed({ successful, failed, unprocessed }: WriteResult): string {
  const total = successful + failed + unprocessed;
  if (unprocessed === 0) return `${number(failed)} of ${number(total)} rows failed`;
  return `${number(failed)} of ${number(total)} rows failed, and ${
    number(unprocessed)
  } were not processed`;
}
