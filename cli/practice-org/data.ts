/**
 * What the practice org answers under `/services/data/vNN.N`: SOQL, records, describe, composite,
 * search, tooling, files. No network, no sessions: the server authenticates, this answers.
 *
 * @module
 */

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
  /** A JSON value becomes `application/json;charset=UTF-8`; a string or bytes go as they are, with the content type of `headers`. */
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
  handle(request: ApiRequest): Promise<ApiResponse>;
}

/** Seeds an org and returns what answers for it. */
export function createOrgData(_options: OrgDataOptions): OrgData {
  return {
    handle: () =>
      Promise.resolve({
        status: 404,
        body: [{ errorCode: "NOT_FOUND", message: "The requested resource does not exist" }],
      }),
  };
}
