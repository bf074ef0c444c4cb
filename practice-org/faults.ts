/**
 * Faults on demand: the failures of networks, proxies and a busy platform.
 */
import { REST_ERRORS, type RestErrorName } from "./errors.ts";
import { html, json, type Reply, text } from "./http.ts";

/**
 * A fault, and the requests that it affects.
 *
 * | `kind` | What the client sees |
 * |---|---|
 * | `status` | the answer given by `status`, `body`, `headers` and `retryAfter` |
 * | `token-error` | a token endpoint error: `error`, `description` |
 * | `rest-error` | one of the API's own errors by name: `session-expired`, `session-not-for-rest`, `app-not-attached`, `daily-limit`, `concurrent-limit`, `server-unavailable`, `row-locked`, `query-timeout` |
 * | `slow`, `drip` | the real answer, `delay` milliseconds late, or in ten pieces that many milliseconds apart |
 * | `hang`, `hang-mid-body` | no data, from the start or after half of the real answer |
 * | `cut`, `cut-mid-body` | a closed connection, before the request is processed or after half of the real answer |
 * | `html` | a web page, as from a Lightning host or a proxy |
 * | `redirect` | a redirect to `location` |
 *
 * @example The server is unavailable for the second and third query
 * ```ts
 * import type { Fault } from "./practice-org/mod.ts";
 *
 * const fault: Fault = {
 *   kind: "status",
 *   status: 503,
 *   retryAfter: 1,
 *   path: "/services/data/v67.0/query",
 *   after: 1,
 *   times: 2,
 * };
 * ```
 */
export type Fault = FaultKind & {
  /** Only requests whose path starts with this text. @default {"/"} or, for the API's own errors, "/services/data/v" */
  path?: string;
  /** Only requests with this method. */
  method?: string;
  /** The number of requests to affect. @default {1} */
  times?: number | "always";
  /** The number of matching requests to let through first. @default {0} */
  after?: number;
};

/** What happens to a request; see {@linkcode Fault}. */
export type FaultKind =
  /** The given answer. `retryAfter` sets the header: seconds, or an HTTP date. */
  | {
    kind: "status";
    status: number;
    body?: unknown;
    headers?: Record<string, string>;
    retryAfter?: number | string;
  }
  /** An error of the token endpoint. */
  | { kind: "token-error"; error: string; description: string; status?: number }
  /** One of the API's own errors, see {@linkcode RestErrorName}. */
  | { kind: "rest-error"; error: RestErrorName }
  /** No answer at all; the connection stays open. */
  | { kind: "hang" }
  /** Half of the real answer, then no more data. */
  | { kind: "hang-mid-body" }
  /** The real answer, this many milliseconds late. */
  | { kind: "slow"; delay: number }
  /** The real answer in ten pieces, this many milliseconds apart. */
  | { kind: "drip"; delay: number }
  /** The connection is closed before the request is processed. On a reused connection, clients send the request again by themselves. */
  | { kind: "cut" }
  /** Half of the real answer, then the connection is closed. */
  | { kind: "cut-mid-body" }
  /** A web page, as from a Lightning host or a proxy. */
  | { kind: "html"; status?: number }
  /** A redirect to an absolute URL or a path. */
  | { kind: "redirect"; location: string; status?: number };

/** The faults that have not been used up. */
export class Faults {
  #waiting: { fault: Fault; skip: number; left: number }[] = [];

  /** Adds a fault for coming requests. Faults added earlier are used first. */
  add(fault: Fault): void {
    check(fault);
    this.#waiting.push({
      fault,
      skip: fault.after ?? 0,
      left: fault.times === "always" ? Infinity : fault.times ?? 1,
    });
  }

  /** Removes all faults. */
  clear(): void {
    this.#waiting = [];
  }

  /** Returns the fault for a request and counts it as used once. */
  take(method: string, path: string): Fault | undefined {
    for (const [index, waiting] of this.#waiting.entries()) {
      if (!matches(waiting.fault, method, path)) continue;
      if (waiting.skip > 0) {
        waiting.skip--;
        continue;
      }
      if (--waiting.left <= 0) this.#waiting.splice(index, 1);
      return waiting.fault;
    }
    return undefined;
  }
}

/** Checks a fault, which may come over HTTP and is not type-checked. */
function check(fault: Fault): void {
  if (!KINDS.includes(fault.kind)) {
    throw new TypeError(`Unknown kind of fault "${fault.kind}"; use one of ${KINDS.join(", ")}`);
  }
  if (fault.kind === "rest-error" && !Object.hasOwn(REST_ERRORS, fault.error)) {
    throw new TypeError(`Unknown error; use one of ${Object.keys(REST_ERRORS).join(", ")}`);
  }
}

const KINDS: FaultKind["kind"][] = [
  "status",
  "token-error",
  "rest-error",
  "hang",
  "hang-mid-body",
  "slow",
  "drip",
  "cut",
  "cut-mid-body",
  "html",
  "redirect",
];

function matches(fault: Fault, method: string, path: string): boolean {
  return path.startsWith(fault.path ?? defaultPath(fault)) &&
    (fault.method === undefined || fault.method === method);
}

function defaultPath(fault: Fault): string {
  if (fault.kind === "token-error") return "/services/oauth2/token";
  if (fault.kind === "rest-error") return "/services/data/v";
  return "/";
}

/** Returns the answer of a fault that replaces the real one. */
export function faultReply(fault: Fault | undefined): Reply | undefined {
  switch (fault?.kind) {
    case "status":
      return statusReply(fault);
    case "token-error":
      return json(fault.status ?? 400, {
        error: fault.error,
        error_description: fault.description,
      });
    case "rest-error":
      return REST_ERRORS[fault.error]().reply;
    case "html":
      return html(fault.status ?? 200, "Login | Salesforce", "<p>This page is for browsers.</p>");
    case "redirect":
      return { status: fault.status ?? 302, headers: { Location: fault.location } };
    default:
      return undefined;
  }
}

function statusReply(fault: Extract<Fault, { kind: "status" }>): Reply {
  const reply = typeof fault.body === "object"
    ? json(fault.status, fault.body)
    : text(fault.status, String(fault.body ?? ""));
  const retryAfter = fault.retryAfter === undefined
    ? undefined
    : { "Retry-After": String(fault.retryAfter) };
  return { ...reply, headers: { ...reply.headers, ...retryAfter, ...fault.headers } };
}
