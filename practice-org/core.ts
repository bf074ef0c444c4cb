/**
 * The core of the practice org, which turns a request into an answer without a socket.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { noSuchResource, Refusal, settle } from "./errors.ts";
import { type Fault, faultReply } from "./faults.ts";
import { unpack } from "./gzip.ts";
import { type ApiCall, bearer, type Call, html, isForThisMachine, type Reply } from "./http.ts";
import { createOrg, type Org, type OrgOptions, orgTime } from "./org.ts";
import { API_RESOURCES, HOST_RESOURCES } from "./resources.ts";
import { Router } from "./router.ts";

/** The longest URI that Salesforce accepts, and the longest URI with headers, in bytes. */
const URI_LIMIT = 16_384;
const LOG_LIMIT = 10_000;
const SECRET_PARAMETERS = /([?&](?:assertion|token|\w+_token|code|client_secret)=)[^&]*/g;

const host = new Router(HOST_RESOURCES);
const api = new Router(API_RESOURCES);

/** Creates an org. */
export function createCore(options: OrgOptions): Org {
  return createOrg(options, dispatch);
}

/** The outcome of a request: an answer, or none because of a fault. */
export interface Outcome {
  reply?: Reply;
  /** The fault that was applied to the request. */
  fault?: Fault;
}

/** Logs a request and answers it, or applies a fault to it. */
export async function perform(org: Org, sent: Call): Promise<Outcome> {
  record(org, sent);
  const call = sent.path.includes("//")
    ? { ...sent, path: sent.path.replace(/\/{2,}/g, "/") } // as the official CLI sends it
    : sent;
  const fault = org.faults.take(call.method, call.path);
  if (fault?.kind === "hang" || fault?.kind === "cut") return { fault };
  if (fault?.kind === "slow") await delay(fault.delay, undefined, { signal: org.end.signal });
  const reply = tooLong(call) ?? faultReply(fault) ?? await answer(org, call);
  return { reply: withDate(org, withCors(org, call, reply)), ...(fault && { fault }) };
}

async function answer(org: Org, call: Call): Promise<Reply> {
  if (call.method === "OPTIONS" && call.headers.has("origin")) return { status: 200 };
  const isDeleted = org.settings.orgStatus === "deleted";
  if (isDeleted && call.path !== "/services/oauth2/token") return deleted();
  return await settle(async () => {
    if (call.path.startsWith("/services/oauth2/authorize")) checkHost(call);
    const unpacked = await unpack(call);
    return await (host.route(org, unpacked) ?? elsewhere(org, unpacked));
  });
}

/** Answers a request to the API, or a part of a composite one. */
async function dispatch(org: Org, call: ApiCall): Promise<Reply> {
  const { path, query, method } = call;
  const tooling = /^\/+tooling(?:\/|$)/.test(path);
  // For clients without PATCH.
  const override = method === "POST" ? query.get("_HttpMethod")?.toUpperCase() : undefined;
  const meant = override ?? (method === "HEAD" ? "GET" : method);
  return await settle(async () => {
    const reply = api.route(org, { ...call, tooling, method: meant });
    if (!reply) throw noSuchResource();
    return await reply;
  });
}

/**
 * Refuses to send a page under another host name, since DNS rebinding would let a web site read it.
 */
function checkHost(call: Call): void {
  if (isForThisMachine(call)) return;
  const title = "Misdirected Request";
  const text = "<p>The pages of the practice org are for this machine only.</p>";
  throw new Refusal(title, html(421, title, text));
}

/** Returns the page for browsers, and for clients that use a web host as the API host. */
function elsewhere(org: Org, call: Call): Reply {
  if (call.path.startsWith("/services/")) throw noSuchResource();
  checkHost(call);
  return html(
    404,
    "Practice Org",
    `<h1>Practice Org</h1>
<p>A Salesforce-like org for learning and testing. Its API is under
<a href="/services/data">${org.instanceUrl}/services/data</a>.</p>`,
  );
}

function deleted(): Reply {
  return html(420, "Data Not Available", "<p>Data Not Available</p>");
}

function record(org: Org, call: Call): void {
  org.log.push({
    method: call.method,
    path: call.target.replace(SECRET_PARAMETERS, "$1****"),
    bearer: bearer(call) !== undefined,
    origin: call.origin,
  });
  if (org.log.length > LOG_LIMIT * 1.1) org.log.splice(0, org.log.length - LOG_LIMIT);
}

function tooLong({ target, size }: Call): Reply | undefined {
  if (target.length > URI_LIMIT) return html(414, "URI Too Long", "<h1>414 URI Too Long</h1>");
  if (size <= URI_LIMIT) return undefined;
  return html(431, "Request Header Fields Too Large", "<h1>431 Header Fields Too Large</h1>");
}

/** Adds CORS headers for origins on the allow list. The OAuth endpoints have their own setting. */
function withCors(org: Org, call: Call, reply: Reply): Reply {
  const origin = call.headers.get("origin");
  const { corsOrigins, corsForOAuth } = org.settings;
  if (!origin || !(corsOrigins.includes(origin) || corsOrigins.includes("*"))) return reply;
  if (call.path.startsWith("/services/oauth2/") && !corsForOAuth) return reply;
  return withHeaders(reply, {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": "Sforce-Limit-Info, Sforce-Locator, Sforce-NumberOfRecords",
    "Vary": "Origin",
    ...(call.method === "OPTIONS" && {
      "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "Access-Control-Allow-Headers": call.headers.get("access-control-request-headers") ?? "",
      "Access-Control-Max-Age": "86400",
    }),
  });
}

/** Adds the `Date` header, if the org's clock differs from this machine's. */
function withDate(org: Org, reply: Reply): Reply {
  if (org.settings.clockOffset === 0) return reply;
  return withHeaders(reply, { Date: new Date(orgTime(org)).toUTCString() });
}

function withHeaders(reply: Reply, headers: Record<string, string>): Reply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
