/**
 * Ingest jobs: an upload, the records created from its rows, and the result of each row.
 *
 * @module
 */
import { type ApiError, refusal } from "../errors.ts";
import type { Store, Table } from "../records.ts";
import type { RecordWriter } from "../writes.ts";
import { CsvError, readRows, writeRows } from "./csv.ts";
import { dialectOf, Job, type JobKind, type NewJob, wrongState } from "./jobs.ts";
import { type Operation, type RowResult, RowWriter } from "./rows.ts";

/** The maximum size of an upload, in bytes. */
const LARGEST_UPLOAD = 150_000_000;
/** The number of records in a transaction. */
const CHUNK = 200;
/** The number of bytes of an upload to read at a time. */
const READ_SIZE = 128 * 1024;
const OPERATIONS: Operation[] = ["insert", "update", "upsert", "delete"];

/** The names of the result files. */
export type ResultName = "successfulResults" | "failedResults" | "unprocessedrecords";

/** The request for a new ingest job. */
export interface NewIngestJob extends NewJob {
  operation: Operation;
  externalIdFieldName?: string;
}

/** Checks a request for an ingest job. */
export function readIngestRequest(
  store: Store,
  body: Record<string, unknown>,
): Omit<NewIngestJob, "version" | "userId"> {
  const { object, operation, externalIdFieldName } = body;
  if (operation === "hardDelete") {
    const message =
      "hardDelete operation requires special user profile permission, please contact system admin";
    throw refusal(400, "FEATURENOTENABLED", message);
  }
  if (!OPERATIONS.includes(operation as Operation)) {
    const message = `${String(operation)} is not a valid value for the enum OperationEnum`;
    throw refusal(400, "JSON_PARSER_ERROR", message);
  }
  const table = typeof object === "string" ? store.table(object) : undefined;
  if (!table) throw invalidJob(`Unable to find object: ${object ?? ""}`);
  if (!table.object.createable || table.object.api === "tooling") {
    const message = `Entity '${table.object.name}' is not supported by the Bulk API.`;
    throw refusal(400, "INVALIDENTITY", message);
  }
  return {
    object: table.object.name,
    operation: operation as Operation,
    dialect: dialectOf(body),
    ...(operation === "upsert" && {
      externalIdFieldName: externalIdField(table, externalIdFieldName),
    }),
  };
}

function externalIdField(table: Table, name: unknown): string {
  const { object } = table;
  if (typeof name !== "string" || !name) {
    throw invalidJob(
      `External ID was blank for ${object.name}. An External ID must be specified for upsert.`,
    );
  }
  const field = object.field(name);
  if (field?.externalId || field?.type === "id") return field.name;
  throw invalidJob(
    `Field name provided, ${name} does not match an External ID, Salesforce Id, or indexed ` +
      `field for ${object.name}`,
  );
}

function invalidJob(message: string): ApiError {
  return refusal(400, "INVALIDJOB", `InvalidJob : ${message}`);
}

/** An ingest job. */
export class IngestJob extends Job {
  readonly kind: JobKind = "ingest";
  readonly #make: NewIngestJob;
  #upload: Uint8Array | undefined;
  readonly #results = new Results();

  constructor(id: string, make: NewIngestJob, now: () => number) {
    super(id, make, "Open", now);
    this.#make = make;
  }

  override info(): Record<string, unknown> {
    const { externalIdFieldName } = this.#make;
    return {
      ...super.info(),
      ...(this.state === "Open" && {
        contentUrl: `services/data/v${this.version}/jobs/ingest/${this.id}/batches`,
      }),
      ...(externalIdFieldName && { externalIdFieldName }),
    };
  }

  override progress(): Record<string, unknown> {
    return {
      ...super.progress(),
      numberRecordsFailed: this.failed,
      apiActiveProcessingTime: this.processingTime,
      apexProcessingTime: 0,
    };
  }

  /** Accepts the upload. A job has only one. */
  upload(bytes: Uint8Array): void {
    if (this.state !== "Open") {
      throw wrongState(`Job data can be uploaded in state Open only, the job is ${this.state}`);
    }
    if (this.#upload) {
      const message = `Found multiple contents for job: <${this.id}>, please 'Close' / 'Abort' / ` +
        "'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on " +
        "a given Job.";
      throw refusal(400, "CLIENTINPUTERROR", message);
    }
    if (bytes.length > LARGEST_UPLOAD) {
      const message = `The job data is larger than the maximum of ${LARGEST_UPLOAD} bytes`;
      throw refusal(413, "CLIENTINPUTERROR", message);
    }
    this.#upload = bytes;
  }

  /** Completes the upload. The job is now waiting to be processed. */
  complete(): void {
    if (this.state !== "Open") {
      throw wrongState(`UploadComplete is possible in state Open only, the job is ${this.state}`);
    }
    this.become("UploadComplete");
  }

  /** Writes the records, a number at a time; `pause` lets other requests be served. */
  async run(store: Store, writer: RecordWriter, pause: () => Promise<void>): Promise<void> {
    try {
      await pause();
      const rows = this.#rows();
      const header = rows.header();
      if (header) {
        const rowWriter = new RowWriter(store, writer, this.#make, header);
        for (const chunk of rows.chunks(CHUNK)) {
          while (store.busy) await store.busy.catch(() => {});
          if (this.state !== "InProgress") return;
          this.#load(rowWriter, chunk);
          await pause();
        }
      }
      if (this.state === "InProgress") this.become("JobComplete");
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      if (this.state === "InProgress") this.become("Failed", error.message);
    }
  }

  #load(writer: RowWriter, chunk: string[][]): void {
    const start = performance.now();
    for (const result of writer.write(chunk)) this.#note(result);
    this.processingTime += Math.round(performance.now() - start);
  }

  #note(result: RowResult): void {
    this.#results.add(result);
    this.processed++;
    if ("error" in result) this.failed++;
  }

  /** Returns a result file as a stream. */
  results(name: ResultName, table: Table): ReadableStream<Uint8Array> {
    if (!this.hasEnded) throw wrongState(`Results are not available, the job is ${this.state}`);
    const rows = this.#rows();
    const header = this.#header(rows);
    switch (name) {
      case "successfulResults":
        return this.#write(["sf__Id", "sf__Created", ...header], rows, (row, index) => {
          const record = this.#results.success(index);
          return record && [table.id(record.row), String(record.created), ...row];
        });
      case "failedResults":
        return this.#write(["sf__Id", "sf__Error", ...header], rows, (row, index) => {
          const failure = this.#results.failure(index);
          return failure && [failure.id, failure.error, ...row];
        });
      case "unprocessedrecords":
        return this.#write(
          header,
          rows,
          (row, index) => index < this.#results.length ? undefined : row,
        );
    }
  }

  #header(rows: UploadRows): string[] {
    try {
      return rows.header() ?? [];
    } catch (error) {
      if (error instanceof CsvError) return [];
      throw error;
    }
  }

  #write(
    header: string[],
    rows: UploadRows,
    make: (row: string[], index: number) => string[] | undefined,
  ): ReadableStream<Uint8Array> {
    return writeRows(header, lotsOf(rows, make), this.dialect);
  }

  #rows(): UploadRows {
    return new UploadRows(this.#upload ?? new Uint8Array(), this);
  }
}

/** The rows of an upload, with the header first. */
class UploadRows {
  readonly #lots: Iterator<string[][]>;
  /** Rows that have been read but not returned. */
  #ready: string[][] = [];

  constructor(upload: Uint8Array, { dialect }: Job) {
    this.#lots = readRows(piecesOf(upload), dialect);
  }

  /** Returns the header; undefined if the upload is empty. */
  header(): string[] | undefined {
    this.#fill(1);
    return this.#ready.shift()?.map((name) => name.trim());
  }

  /** Returns the other rows, the given number at a time. */
  *chunks(size: number): Generator<string[][]> {
    while (this.#fill(size)) yield this.#ready.splice(0, size);
  }

  #fill(size: number): boolean {
    while (this.#ready.length < size) {
      const lot = this.#lots.next();
      if (lot.done) break;
      this.#ready = this.#ready.concat(lot.value);
    }
    return this.#ready.length > 0;
  }
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += READ_SIZE) yield bytes.subarray(at, at + READ_SIZE);
}

function* lotsOf(
  rows: UploadRows,
  make: (row: string[], index: number) => string[] | undefined,
): Generator<string[][]> {
  let index = 0;
  try {
    for (const chunk of rows.chunks(1000)) {
      yield chunk.map((row) => make(row, index++)).filter((row) => row !== undefined);
    }
  } catch (error) {
    // The rest of an invalid upload cannot be read.
    if (!(error instanceof CsvError)) throw error;
  }
}

/** The results of all rows. A successful row takes only a few bytes. */
class Results {
  /** Twice the row of the record, plus one if it was created; -1 for a failure. */
  #codes = new Int32Array(1024);
  readonly #failures = new Map<number, { id: string; error: string }>();
  length = 0;

  add(result: RowResult): void {
    if (this.length === this.#codes.length) {
      const longer = new Int32Array(this.length * 2);
      longer.set(this.#codes);
      this.#codes = longer;
    }
    if ("error" in result) {
      this.#failures.set(this.length, result);
      this.#codes[this.length++] = -1;
    } else this.#codes[this.length++] = result.row * 2 + Number(result.created);
  }

  success(index: number): { row: number; created: boolean } | undefined {
    const code = index < this.length ? this.#codes[index]! : -1;
    return code < 0 ? undefined : { row: code >> 1, created: (code & 1) === 1 };
  }

  failure(index: number): { id: string; error: string } | undefined {
    return this.#failures.get(index);
  }
}
