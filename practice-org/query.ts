/**
 * `/query`, `/queryAll`, `/tooling/query`: pages of a result, and locators for the next one.
 *
 * @module
 */
import type { ApiRequest, ApiResponse } from "./api.ts";
import { refusal } from "./errors.ts";
import { idOf } from "./ids.ts";
import type { Store } from "./records.ts";
import { type QueryResult, runQuery } from "./soql/run.ts";

const MIN_BATCH = 200;
const MAX_BATCH = 2000;
const MAX_CURSORS = 1000;

interface Cursor {
  result: QueryResult;
  userId: string;
  batchSize: number;
}

interface Page {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: unknown[];
}

/** Answers queries and keeps the results that have more pages. */
export class QueryResource {
  readonly #store: Store;
  readonly #cursors = new Map<string, Cursor>();
  #made = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** `GET …/query?q=`, `?explain=`, `…/queryAll?q=`; `base` is the path up to `query`. */
  async query(request: ApiRequest, base: string, includeDeleted: boolean): Promise<ApiResponse> {
    const explain = request.query.get("explain");
    const soql = explain ?? request.query.get("q");
    if (soql === null) {
      throw refusal(400, "MALFORMED_QUERY", "A query string has to be specified");
    }
    const result = await runQuery(soql, {
      store: this.#store,
      userId: request.userId,
      version: request.version,
      includeDeleted,
      tooling: base !== "",
    });
    if (explain !== null) return { status: 200, body: plansFor(soql, result, this.#store) };
    if (request.query.get("columns") === "true") return { status: 200, body: columnsOf(result) };
    return { status: 200, body: this.#firstPage(result, request, base) };
  }

  /** `GET …/query/01g…-2000`. */
  more(request: ApiRequest, base: string, locator: string): ApiResponse {
    const [, id, offset] = /^(01g\w{15})-(\d+)$/.exec(locator) ?? [];
    const cursor = this.#cursors.get(id ?? "");
    const start = Number(offset);
    if (!cursor || cursor.userId !== request.userId || start > cursor.result.size) {
      throw refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
    }
    const batchSize = batchSizeOf(request.headers) ?? cursor.batchSize;
    return { status: 200, body: this.#page(cursor, id!, start, batchSize, request, base) };
  }

  #firstPage(result: QueryResult, request: ApiRequest, base: string): Page {
    const batchSize = batchSizeOf(request.headers) ?? MAX_BATCH;
    if (result.countOnly) return { totalSize: result.size, done: true, records: [] };
    if (result.aggregate && result.size > batchSize) {
      const message = "Aggregate query does not support queryMore(), use LIMIT to restrict the " +
        "results to a single batch";
      throw refusal(400, "EXCEEDED_ID_LIMIT", message);
    }
    const cursor = { result, userId: request.userId, batchSize };
    const id = result.size > batchSize ? this.#keep(cursor) : "";
    return this.#page(cursor, id, 0, batchSize, request, base);
  }

  #page(
    { result }: Cursor,
    id: string,
    start: number,
    batchSize: number,
    request: ApiRequest,
    base: string,
  ): Page {
    const end = Math.min(start + batchSize, result.size);
    const done = end === result.size;
    const records = result.records(
      start,
      end,
      (children) => this.#firstPage(children, request, base),
    );
    const path = `/services/data/v${request.version}${base}/query`;
    return {
      totalSize: result.size,
      done,
      ...(!done && { nextRecordsUrl: `${path}/${id}-${end}` }),
      records,
    };
  }

  #keep(cursor: Cursor): string {
    const id = idOf("01g", this.#made++);
    this.#cursors.set(id, cursor);
    if (this.#cursors.size > MAX_CURSORS) {
      this.#cursors.delete(this.#cursors.keys().next().value!);
    }
    return id;
  }
}

function batchSizeOf(headers: Headers): number | undefined {
  const [, size] = /batchSize\s*=\s*(\d+)/i.exec(headers.get("Sforce-Query-Options") ?? "") ?? [];
  return size ? Math.min(Math.max(Number(size), MIN_BATCH), MAX_BATCH) : undefined;
}

function columnsOf(result: QueryResult): unknown {
  return {
    columnMetadata: result.columns,
    entityName: result.object.name,
    groupBy: result.aggregate,
    idSelected: result.columns.some(({ columnName }) => columnName === "Id"),
    keyPrefix: result.object.keyPrefix,
  };
}

function plansFor(soql: string, result: QueryResult, store: Store): unknown {
  const all = store.table(result.object.name)!.live().length;
  return {
    plans: [{
      cardinality: result.size,
      fields: [],
      leadingOperationType: "TableScan",
      notes: [{
        description: "Not considering filter for optimization because unindexed",
        fields: ["IsDeleted"],
        tableEnumOrId: result.object.name,
      }],
      relativeCost: 0.65,
      sobjectCardinality: all,
      sobjectType: result.object.name,
    }],
    sourceQuery: soql,
  };
}
