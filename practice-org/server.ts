/** The practice org on HTTP: reading requests, routing, faults, CORS, writing answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Buffer } from "node:buffer";
import { setTimeout as delay } from "node:timers/promises";
import { authorize } from "./authorize.ts";
import { controlEndpoint, type PracticeControl } from "./control.ts";
import { type Fault, faultReply } from "./faults.ts";
import { bearer, type Call, html, JSON_TYPE, type Reply } from "./http.ts";
import { identity, introspect, keys, openidConfiguration, revoke, userinfo } from "./identity.ts";
import { type Org, orgTime } from "./org.ts";
import { notFound, rest } from "./rest.ts";
import { streaming } from "./streaming.ts";
import { token } from "./token-endpoint.ts";

/** Longest URI that Salesforce takes, and longest URI with headers, in bytes. */
const URI_LIMIT = 16_384;
const LOG_LIMIT = 10_000;
const SECRET_PARAMETERS = /([?&](?:assertion|token|\w+_token|code|client_secret)=)[^&]*/g;

/** A server on a loopback port. */
export interface Listener {
  url: string;
  close(): Promise<void>;
}

/** Serves the org on a port of 127.0.0.1; 0 takes a free one. */
export async function serve(
  org: Org,
  control: () => PracticeControl,
  port: number,
): Promise<Listener> {
  let url = "";
  const server = createServer({ maxHeaderSize: 128 * 1024 }, (request, response) => {
    handle(org, control(), url, request, response).catch((error) => fail(response, error));
  });
  url = await listen(server, port);
  return { url, close: () => close(server) };
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function handle(
  org: Org,
  control: PracticeControl,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const call = readCall(request, origin);
  if (call.path.startsWith("/_practice/")) {
    return write(org, response, call, await controlEndpoint(control, call));
  }
  record(org, call, request.url!);
  const fault = org.faults.take(call.method, call.path);
  if (fault?.kind === "hang") return;
  if (fault?.kind === "cut") return void request.socket.destroy();
  // Without a reference the wait does not keep a process alive whose org has ended.
  if (fault?.kind === "slow") await delay(fault.delay, undefined, { ref: false });
  const reply = tooLong(request) ?? faultReply(fault) ?? await answer(org, call);
  write(org, response, call, withCors(org, call, reply), fault);
}

async function answer(org: Org, call: Call): Promise<Reply> {
  const { path } = call;
  if (call.method === "OPTIONS" && call.headers.origin) return { status: 200 };
  if (path === "/services/oauth2/token") return await token(org, call);
  if (org.settings.orgStatus === "deleted") return deleted();
  if (path.startsWith("/services/data")) return await rest(org, call);
  if (path.startsWith("/cometd/")) return await streaming(org, call);
  if (path.startsWith("/services/oauth2/authorize")) return await authorize(org, call);
  switch (path) {
    case "/services/oauth2/userinfo":
      return await userinfo(org, call);
    case "/services/oauth2/introspect":
      return await introspect(org, call);
    case "/services/oauth2/revoke":
      return await revoke(org, call);
    case "/.well-known/openid-configuration":
      return openidConfiguration(org);
    case "/id/keys":
      return await keys(org);
  }
  if (path.startsWith("/id/")) return await identity(org, call);
  return path.startsWith("/services/") ? notFound() : welcome(org);
}

/** What a browser sees, and a client that took a host for the API that is none. */
function welcome(org: Org): Reply {
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

function readCall(request: IncomingMessage, origin: string): Call {
  const url = request.url!;
  const mark = url.indexOf("?");
  return {
    method: request.method!,
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
    headers: request.headers,
    origin,
    body: () => hasBody(request) ? readBody(request) : Promise.resolve(NOTHING),
  };
}

const NOTHING = new Uint8Array();

function hasBody({ headers }: IncomingMessage): boolean {
  return Boolean(headers["transfer-encoding"]) || Number(headers["content-length"] ?? 0) > 0;
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function record(org: Org, call: Call, url: string): void {
  org.log.push({
    method: call.method,
    path: url.replace(SECRET_PARAMETERS, "$1****"),
    bearer: bearer(call) !== undefined,
    origin: call.origin,
  });
  if (org.log.length > LOG_LIMIT * 1.1) org.log.splice(0, org.log.length - LOG_LIMIT);
}

function tooLong(request: IncomingMessage): Reply | undefined {
  const uri = request.url!.length;
  if (uri > URI_LIMIT) return html(414, "URI Too Long", "<h1>414 URI Too Long</h1>");
  const headers = request.rawHeaders.reduce((sum, part) => sum + part.length + 2, 0);
  if (uri + headers > URI_LIMIT) {
    return html(431, "Request Header Fields Too Large", "<h1>431 Header Fields Too Large</h1>");
  }
  return undefined;
}

/** Lets web pages in whose origin is on the allow list; the OAuth endpoints need a switch of their own. */
function withCors(org: Org, call: Call, reply: Reply): Reply {
  const { origin } = call.headers;
  const { corsOrigins, corsForOAuth } = org.settings;
  if (!origin || !(corsOrigins.includes(origin) || corsOrigins.includes("*"))) return reply;
  if (call.path.startsWith("/services/oauth2/") && !corsForOAuth) return reply;
  return {
    ...reply,
    headers: {
      ...reply.headers,
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Expose-Headers": "Sforce-Limit-Info, Sforce-Locator, Sforce-NumberOfRecords",
      "Vary": "Origin",
      ...(call.method === "OPTIONS" && {
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": call.headers["access-control-request-headers"] ?? "",
        "Access-Control-Max-Age": "86400",
      }),
    },
  };
}

function write(
  org: Org,
  response: ServerResponse,
  call: Call,
  reply: Reply,
  fault?: Fault,
): void {
  const body = Buffer.from(reply.body ?? "");
  const headers: Record<string, string> = { ...reply.headers };
  if (reply.status !== 204 && reply.status !== 304) headers["Content-Length"] = `${body.length}`;
  if (org.settings.clockOffset !== 0) headers.Date = new Date(orgTime(org)).toUTCString();
  response.writeHead(reply.status, headers);
  if (call.method === "HEAD") return void response.end();
  if (fault?.kind !== "hang-mid-body" && fault?.kind !== "cut-mid-body") {
    return void response.end(body);
  }
  response.write(body.subarray(0, body.length >> 1), () => {
    if (fault.kind === "cut-mid-body") response.socket?.destroy();
  });
}

/** A defect of the practice org itself: told to the client and on stderr, so that it gets noticed. */
function fail(response: ServerResponse, error: unknown): void {
  const hasClientGone = response.socket?.destroyed ?? true;
  if (hasClientGone) return;
  console.error("practice org:", error);
  if (!response.headersSent) response.writeHead(500, { "Content-Type": JSON_TYPE });
  const message = error instanceof Error ? error.message : String(error);
  response.end(JSON.stringify([{ message, errorCode: "UNKNOWN_EXCEPTION" }]));
}
