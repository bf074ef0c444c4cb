/**
 * What the practice org answers under `/services/data/vNN.N`: SOQL, records, describe, composite,
 * search, tooling, files. No network, no sessions: the server authenticates, this answers.
 *
 * @module
 */
import { executeAnonymous } from "./apex.ts";
import type { ApiRequest, ApiResponse } from "./api.ts";
import { CompositeResource } from "./composite.ts";
import { ApiError, methodNotAllowed, noSuchResource } from "./errors.ts";
import { QueryResource } from "./query.ts";
import { OBJECTS } from "./schema.ts";
import { parameterizedSearch, search } from "./sosl/search.ts";
import { createStore } from "./seed.ts";
import type { RecordChange } from "./records.ts";
import { recentItem, SObjectResource } from "./sobjects.ts";
import { RecordWriter, SeveralRecords } from "./writes.ts";

/** What the org's data is made of. */
export interface OrgDataOptions {
  /** Accounts to seed. @default {50} */
  rows?: number;
  orgId: string;
  /** The user who owns the seeded records. */
  userId: string;
  username: string;
  /** Every user of the org; without it the one of `userId`. */
  users?: { id: string; username: string; isActive: boolean }[];
  /** Hears of every record that is written. */
  onChange?: (change: RecordChange) => void;
}

/** The org's data, ready to answer. */
export interface OrgData {
  /** Answers a request; never throws for what the caller did wrong. */
  handle(request: ApiRequest): Promise<ApiResponse>;
}

/** Seeds an org and returns what answers for it. */
export function createOrgData(options: OrgDataOptions): OrgData {
  const { rows = 50, orgId, userId, username } = options;
  const users = options.users ?? [{ id: userId, username, isActive: true }];
  const store = createStore({ rows, orgId, userId, users });
  store.onChange = options.onChange;
  const queries = new QueryResource(store);
  const writer = new RecordWriter(store);
  const sobjects = new SObjectResource(store, writer, queries);
  const composite = new CompositeResource(store, writer, sobjects, answer);

  async function handle(request: ApiRequest): Promise<ApiResponse> {
    while (store.busy) await store.busy.catch(() => {});
    return await answer(request);
  }

  async function answer(request: ApiRequest): Promise<ApiResponse> {
    try {
      return await route({ ...request, method: methodOf(request) });
    } catch (error) {
      if (error instanceof SeveralRecords) return { status: 300, body: error.urls };
      if (!(error instanceof ApiError)) throw error;
      return { status: error.status, headers: error.headers, body: error.errors };
    }
  }

  function route(request: ApiRequest): Promise<ApiResponse> | ApiResponse {
    const [resource, ...rest] = request.path.split("/").filter(Boolean).map(decode);
    switch (resource) {
      case undefined:
        return list(request, "", ROOT_RESOURCES);
      case "query":
      case "queryAll":
        return query(request, "", resource, rest);
      case "sobjects":
        return sobjects.handle(request, rest, false);
      case "composite":
        return composite.handle(request, rest);
      case "search":
        return search(request, store);
      case "parameterizedSearch":
        return parameterizedSearch(request, store);
      case "tooling":
        return tooling(request, rest);
      case "recent":
        return recent(request);
      case "tabs":
        return { status: 200, body: tabs(request.version) };
      default:
        throw noSuchResource();
    }
  }

  function query(
    request: ApiRequest,
    base: string,
    resource: string,
    [locator]: string[],
  ): Promise<ApiResponse> | ApiResponse {
    if (request.method !== "GET") throw methodNotAllowed(request.method, "HEAD,GET");
    if (locator) return queries.more(request, base, locator);
    return queries.query(request, base, resource === "queryAll");
  }

  function tooling(
    request: ApiRequest,
    [resource, ...rest]: string[],
  ): Promise<ApiResponse> | ApiResponse {
    switch (resource) {
      case undefined:
        return list(request, "/tooling", TOOLING_RESOURCES);
      case "query":
      case "queryAll":
        return query(request, "/tooling", resource, rest);
      case "sobjects":
        return sobjects.handle(request, rest, true);
      case "executeAnonymous": {
        const apex = request.query.get("anonymousBody") ?? "";
        return { status: 200, body: executeAnonymous(apex) };
      }
      default:
        throw noSuchResource();
    }
  }

  function recent(request: ApiRequest): ApiResponse {
    const limit = Number(request.query.get("limit") ?? 200);
    const items = writer.recent
      .filter(({ table, row }) => !table.isDeleted(row))
      .slice(0, limit)
      .map((record) => recentItem(record, request.version));
    return { status: 200, body: items };
  }

  return { handle };
}

const ROOT_RESOURCES = [
  "composite",
  "limits",
  "parameterizedSearch",
  "query",
  "queryAll",
  "recent",
  "search",
  "sobjects",
  "tabs",
  "tooling",
];
const TOOLING_RESOURCES = ["executeAnonymous", "query", "queryAll", "sobjects"];

function list(request: ApiRequest, base: string, names: string[]): ApiResponse {
  const url = `/services/data/v${request.version}${base}`;
  return { status: 200, body: Object.fromEntries(names.map((name) => [name, `${url}/${name}`])) };
}

function tabs(version: string): unknown[] {
  return OBJECTS.filter(({ createable, api }) => createable && api === "data").map((object) => ({
    custom: object.custom,
    label: object.labelPlural,
    name: object.custom ? object.name : `standard-${object.name}`,
    sobjectName: object.name,
    url: `/services/data/v${version}/sobjects/${object.name}`,
  }));
}

/** HEAD is a GET whose body the server leaves out; `_HttpMethod` is for clients without PATCH. */
function methodOf({ method, query }: ApiRequest): string {
  if (method === "POST" && query.has("_HttpMethod")) return query.get("_HttpMethod")!.toUpperCase();
  return method === "HEAD" ? "GET" : method;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
