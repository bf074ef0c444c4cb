/**
 * `/query`, `/queryAll` and `/tooling/query`: results in pages, with locators for the next page.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import { type ApiCall, json, type Reply } from "../http.ts";
import type { Org } from "../org.ts";
import type { Store } from "../records.ts";
import { type QueryResult, runQuery } from "../soql/run.ts";
import type { Cursor } from "./cursors.ts";
import { listViewQuery } from "./list-views.ts";

const MIN_BATCH = 200;
const MAX_BATCH = 2000;

interface Page {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: unknown[];
}

/** Answers `GET …/query?q=` and `?explain=`. */
export function query(org: Org, call: ApiCall): Reply {
  return answerQuery(org, call, false);
}

/** Answers `GET …/queryAll?q=`, which includes deleted records. */
export function queryAll(org: Org, call: ApiCall): Reply {
  return answerQuery(org, call, true);
}

function answerQuery(org: Org, call: ApiCall, includeDeleted: boolean): Reply {
  const explained = call.query.get("explain");
  const explain = explained === null ? null : listViewQuery(explained) ?? explained;
  const soql = explain ?? call.query.get("q");
  if (soql === null) {
    throw refusal(400, "MALFORMED_QUERY", "A query string has to be specified");
  }
  const { userId, version, tooling } = call;
  const result = runQuery(soql, {
    store: org.store,
    userId,
    version,
    includeDeleted,
    tooling,
  });
  if (explain !== null) return json(200, plansFor(soql, result, org.store));
  if (call.query.get("columns") === "true") return json(200, columnsOf(result));
  return json(200, firstPage(org, call, result));
}

/** Answers `GET …/query/01g…-2000`. */
export function queryMore(org: Org, call: ApiCall, locator: string): Reply {
  const [, id, offset] = /^(01g\w{15})-(\d+)$/.exec(locator) ?? [];
  const cursor = org.cursors.find(id ?? "");
  const start = Number(offset);
  if (!cursor || cursor.userId !== call.userId || start > cursor.result.size) {
    throw refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
  }
  const batchSize = batchSizeOf(call.headers) ?? cursor.batchSize;
  return json(200, page(org, call, { ...cursor, batchSize }, id!, start));
}

/** Returns the first page of a result, and keeps the rest for later requests. */
export function firstPage(org: Org, call: ApiCall, result: QueryResult): Page {
  const batchSize = batchSizeOf(call.headers) ?? MAX_BATCH;
  if (result.countOnly) return { totalSize: result.size, done: true, records: [] };
  if (result.aggregate && result.size > batchSize) {
    const message = "Aggregate query does not support queryMore(), use LIMIT to restrict the " +
      "results to a single batch";
    throw refusal(400, "EXCEEDED_ID_LIMIT", message);
  }
  const cursor = { result, userId: call.userId, batchSize };
  const id = result.size > batchSize ? org.cursors.keep(cursor) : "";
  return page(org, call, cursor, id, 0);
}

function page(
  org: Org,
  call: ApiCall,
  { result, batchSize }: Cursor,
  id: string,
  start: number,
): Page {
  const end = Math.min(start + batchSize, result.size);
  const done = end === result.size;
  const path = `/services/data/v${call.version}${call.tooling ? "/tooling" : ""}/query`;
  return {
    totalSize: result.size,
    done,
    ...(!done && { nextRecordsUrl: `${path}/${id}-${end}` }),
    records: result.records(start, end, (children) => firstPage(org, call, children)),
  };
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
