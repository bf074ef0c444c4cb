/**
 * What the practice org answers under `/services/data/vNN.N`: SOQL, records, describe, composite,
 * search, tooling, files. No network, no sessions: the server authenticates, this answers.
 *
 * @module
 */
import { ApiError, methodNotAllowed, noSuchResource } from "./errors.ts";
import { QueryResource } from "./query.ts";
import { createStore } from "./seed.ts";

/** An authenticated REST request, freed from HTTP. */
export interface ApiRequest {
  method: string;
  /** What follows `/services/data/vNN.N`; `""` for the version root. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Uint8Array;
  /** API version of the URL, e.g. `"67.0"`. */
  version: string;
  /** Id of the user who asks. */
  userId: string;
}

/** The answer to an {@linkcode ApiRequest}. */
export interface ApiResponse {
  status: number;
  headers?: Record<string, string>;
  /**
   * A JSON value is sent as `application/json;charset=UTF-8`; a string or bytes go as they are,
   * with the content type of `headers`.
   */
  body?: unknown;
}

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
  const queries = new QueryResource(store);

  function route(request: ApiRequest): Promise<ApiResponse> | ApiResponse {
    const [resource, ...rest] = request.path.split("/").filter(Boolean);
    if (resource === "query" || resource === "queryAll") return query(request, "", resource, rest);
    throw noSuchResource();
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

  return {
    async handle(request) {
      try {
        const method = request.method === "HEAD" ? "GET" : request.method;
        return await route({ ...request, method });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return { status: error.status, headers: error.headers, body: error.errors };
      }
    },
  };
}
