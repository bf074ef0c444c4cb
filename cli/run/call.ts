/**
 * What is sent to the org: a query, a search, a request or Apex.
 */

/** One call of the API. */
export type Call =
  | { kind: "query"; soql: string; tooling?: boolean; queryAll?: boolean }
  | { kind: "search"; sosl: string }
  | RequestCall
  | { kind: "apex"; code: string };

/** A REST request. */
export interface RequestCall {
  kind: "request";
  method: string;
  /** As `sfFetch` accepts it: `/limits`, `/services/…`, or a URL of the org. */
  path: string;
  headers?: Headers;
  body?: string | Uint8Array;
}

/** A call as the one request that it is. */
export function requestOf(call: Call): RequestCall {
  switch (call.kind) {
    case "query": {
      const api = call.tooling ? "/tooling" : "";
      const resource = call.queryAll ? "queryAll" : "query";
      return get(`${api}/${resource}`, { q: call.soql });
    }
    case "search":
      return get("/search", { q: call.sosl });
    case "apex":
      return get("/tooling/executeAnonymous", { anonymousBody: call.code });
    case "request":
      return call;
  }
}

function get(path: string, params: Record<string, string>): RequestCall {
  return { kind: "request", method: "GET", path: `${path}?${new URLSearchParams(params)}` };
}

/** What can change something by GET: Apex, also a class that the org offers as Apex REST, and the end of a session. */
const WRITES_BY_GET = /\/executeAnonymous\b|\/services\/(apexrest|oauth2\/revoke)\b/i;

/** Whether a call may change something. POST is also used to ask. */
export function isWrite(call: Call): boolean {
  if (call.kind === "apex") return true;
  if (call.kind !== "request") return false;
  const { method, path, body } = call;
  if (method === "GET" || method === "HEAD") return WRITES_BY_GET.test(path);
  if (method !== "POST") return true;
  if (/\/graphql\b/.test(path)) return typeof body !== "string" || /\bmutation\b/.test(body);
  return !/\/parameterizedSearch\b/.test(path);
}

/** A call in a few words, for a question about it. */
export function nameOf(call: Call): string {
  if (call.kind === "apex") return "Apex";
  const { method, path } = requestOf(call);
  return `${method} ${path}`;
}
