/**
 * Query jobs: the checks of a query, and its result as pages of CSV.
 *
 * @module
 */
import { type ApiError, refusal } from "../errors.ts";
import type { Store } from "../records.ts";
import { OBJECTS, type ObjectType, parentField, type Value } from "../schema.ts";
import type { ColumnMetadata } from "../soql/metadata.ts";
import { parseQuery, type Query } from "../soql/parse.ts";
import { type QueryResult, runParsed } from "../soql/run.ts";
import { StatementText } from "../soql/text.ts";
import { inLots, writeRows } from "./csv.ts";
import { dialectOf, Job, type JobKind, type NewJob, wrongState } from "./jobs.ts";

/** The number of pages in one answer of `/resultPages`. */
const PARALLEL_PAGES = 5;

/** A new query job and its result. */
export interface NewQueryJob extends NewJob {
  result: QueryResult;
}

/** Checks a request for a query job and runs its query. */
export function readQueryRequest(
  store: Store,
  body: Record<string, unknown>,
  { version, userId }: Pick<NewJob, "version" | "userId">,
): NewQueryJob {
  const { operation, query } = body;
  if (operation !== "query" && operation !== "queryAll") {
    const message = `${String(operation)} is not a valid value for the enum OperationEnum`;
    throw refusal(400, "JSON_PARSER_ERROR", message);
  }
  if (typeof query !== "string" || !query) {
    throw refusal(400, "INVALIDJOB", "InvalidJob : No query specified");
  }
  const dialect = dialectOf(body);
  const statement = new StatementText(query);
  const parsed = parseQuery(statement);
  refuseClauses(parsed);
  const includeDeleted = operation === "queryAll";
  const result = runParsed(parsed, statement, { store, userId, version, includeDeleted });
  refuseColumns(result);
  return { operation, object: result.object.name, version, userId, dialect, result };
}

function refuseClauses({ offset, select }: Query): void {
  if (offset) throw notInBulk("OFFSET");
  if (select.some(({ type }) => type === "typeof")) throw notInBulk("TYPEOF");
}

function refuseColumns({ object, aggregate, countOnly, columns }: QueryResult): void {
  if (object.api === "tooling") {
    const message = `Entity '${object.name}' is not supported by the Bulk API.`;
    throw refusal(400, "INVALIDENTITY", message);
  }
  if (aggregate || countOnly) throw notInBulk("Aggregate functions and GROUP BY");
  if (columns.some((column) => column.aggregate && column.joinColumns.length)) {
    throw notInBulk("Aggregate Relationships");
  }
  const isCompound = (column: ColumnMetadata): boolean =>
    column.apexType === "Address" || column.joinColumns.some(isCompound);
  if (columns.some(isCompound)) throw notInBulk("Selecting compound data");
}

function notInBulk(what: string): ApiError {
  return refusal(400, "API_ERROR", `${what} not supported in Bulk Query`);
}

/** A query job. */
export class QueryJob extends Job {
  readonly kind: JobKind = "query";
  readonly #result: QueryResult;

  constructor(id: string, make: NewQueryJob, now: () => number) {
    super(id, make, "UploadComplete", now);
    this.#result = make.result;
  }

  /** Completes the job. Its result has been available from the start. */
  complete(): void {
    this.processed = this.#result.size;
    this.become("JobComplete");
  }

  /** Returns the page of the result at a locator, and the locator of the next page: `"null"` at the end. */
  page(
    locator: string | null,
    size: number,
  ): { body: ReadableStream<Uint8Array>; records: number; next: string } {
    this.#mustBeComplete();
    const start = this.#startOf(locator);
    const end = Math.min(start + size, this.#result.size);
    const columns = columnsOf(this.#result.object, this.#result.columns);
    const lots = inLots(start, end, (from, to) =>
      this.#result
        .records(from, to, () => null)
        .map((record) => columns.map(({ path, isTime }) => cell(record, path, isTime))));
    return {
      body: writeRows(columns.map(({ path }) => path.join(".")), lots, this.dialect),
      records: end - start,
      next: end < this.#result.size ? locatorOf(end) : "null",
    };
  }

  /** Returns the URLs of the next pages. */
  pages(base: string, locator: string | null, size: number): unknown {
    this.#mustBeComplete();
    const starts: number[] = [];
    let at = this.#startOf(locator);
    do {
      starts.push(at);
      at += size;
    } while (at < this.#result.size && starts.length < PARALLEL_PAGES);
    const done = at >= this.#result.size;
    return {
      resultPages: starts.map((start) => ({
        resultUrl: `${base}/results?locator=${locatorOf(start)}`,
      })),
      nextRecordsUrl: done ? null : `${base}/resultPages?locator=${locatorOf(at)}`,
      done,
    };
  }

  #startOf(locator: string | null): number {
    if (locator === null) return 0;
    const start = offsetOf(locator);
    if (start === undefined || start > this.#result.size) {
      throw refusal(400, "INVALID_QUERY_LOCATOR", `invalid query locator: ${locator}`);
    }
    return start;
  }

  #mustBeComplete(): void {
    if (this.state !== "JobComplete") {
      throw wrongState(`Results are not available, the job is ${this.state}`);
    }
  }
}

/** Returns the locator of an offset: base64 without padding, as in Salesforce. */
function locatorOf(offset: number): string {
  return btoa(String(offset)).replace(/=+$/, "");
}

function offsetOf(locator: string): number | undefined {
  if (!/^[A-Za-z0-9+/]+$/.test(locator) || locator.length % 4 === 1) return undefined;
  const text = atob(locator);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** A column, with the path to its value in a record. */
interface CsvColumn {
  path: string[];
  isTime: boolean;
}

/** Returns the columns with the names that the org uses: `owner.name` becomes `Owner.Name`. */
function columnsOf(object: ObjectType, columns: ColumnMetadata[]): CsvColumn[] {
  return columns.flatMap(({ columnName, joinColumns, apexType }) => {
    if (!joinColumns.length) return [{ path: [columnName], isTime: apexType === "Datetime" }];
    const field = parentField(object, columnName)!;
    const parent = OBJECTS.find(({ name }) => name === field.referenceTo[0])!;
    return columnsOf(parent, joinColumns)
      .map((column) => ({ ...column, path: [field.relationshipName!, ...column.path] }));
  });
}

function cell(record: unknown, path: string[], isTime: boolean): string {
  let value = record as Value | undefined;
  for (const key of path) value = (value as Record<string, Value> | null)?.[key];
  if (value === null || value === undefined) return "";
  return isTime ? String(value).replace("+0000", "Z") : String(value);
}
