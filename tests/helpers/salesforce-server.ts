/**
 * A small stand-in for Salesforce, apart from the practice org: it checks assertions for real,
 * answers with Salesforce's own words, counts what it is asked, and misbehaves on demand.
 */
import { Buffer } from "node:buffer";
import { createPublicKey } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SessionOptions } from "../../mod.ts";
import { FIXED_KEY } from "./fixed-key.ts";

/** A request that arrived. */
export interface Seen {
  method: string;
  /** Path and query. */
  path: string;
  headers: Record<string, string | undefined>;
  body: string;
}

/** An answer in place of the usual one. */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** A string as it is, anything else as JSON. */
  body?: unknown;
  /**
   * `hang`: no answer. `cut`: the connection breaks before one. `half`: it breaks within the body.
   * `stall`: the body begins and never ends.
   */
  fault?: "hang" | "cut" | "half" | "stall";
}

/** The claims of an assertion. */
export interface Claims {
  iss: string;
  sub: string;
  aud: string;
  exp: number;
  jti: string;
}

// deno-lint-ignore no-explicit-any -- records hold anything
export type Row = Record<string, any>;

/** A running stand-in. What it allows and gives can be changed at any time. */
export interface SalesforceServer {
  url: string;
  /** Settings of a user who may sign in. */
  options: SessionOptions & { privateKey: string };
  /** The same as environment variables. */
  env: Record<string, string>;
  /** All requests, in order. */
  requests: Seen[];
  /** The claims of every assertion that came. */
  claims: Claims[];
  /** How many requests went to paths that begin so. */
  count(prefix: string): number;
  /** Audiences that are taken; the server's own URL unless changed. */
  audiences: string[];
  /** What tokens name as instance URL. */
  instanceUrl: string;
  /** Added to the server's clock, in ms. */
  clockOffset: number;
  /** What the token answer has besides. */
  tokenExtras: Record<string, unknown>;
  /** Bearers that are alive. */
  sessions: Set<string>;
  /** The next answers to requests for this path (without its query), one each. */
  next(path: string, ...answers: Answer[]): void;
  /** The answer to all requests for this path from now on; `undefined` for the usual one. */
  always(path: string, answer: Answer | undefined): void;
  /** Calls back at each request, before it is answered. */
  onRequest?: (seen: Seen) => void;
  /** The records of a query. */
  rows: (soql: string) => Row[];
  close(): Promise<void>;
}

const TOKEN_PATH = "/services/oauth2/token";
const EXPIRED = [{ message: "Session expired or invalid", errorCode: "INVALID_SESSION_ID" }];
const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

let imported: Promise<CryptoKey> | undefined;

async function importPublicKey(): Promise<CryptoKey> {
  const spki = createPublicKey(FIXED_KEY).export({ type: "spki", format: "der" });
  return await crypto.subtle.importKey("spki", spki as BufferSource, RS256, true, ["verify"]);
}

/** Starts a stand-in on a free port. */
export async function startSalesforce(): Promise<SalesforceServer> {
  const publicKey = await (imported ??= importPublicKey());
  const queued = new Map<string, Answer[]>();
  const constant = new Map<string, Answer>();
  const results = new Map<string, Row[]>(); // by locator
  let serial = 0;

  const http = createServer(async (request, response) => {
    const seen = await readRequest(request);
    server.requests.push(seen);
    server.onRequest?.(seen);
    const { pathname } = new URL(seen.path, server.url);
    const answer = queued.get(pathname)?.shift() ?? constant.get(pathname) ?? await usual(seen);
    await send(response, answer, Date.now() + server.clockOffset);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

  const server: SalesforceServer = {
    url,
    options: {
      clientId: "3MVG9standin.client_id",
      username: "service@acme.example",
      privateKey: FIXED_KEY,
      loginUrl: url,
    },
    env: {
      SF_CLIENT_ID: "3MVG9standin.client_id",
      SF_USERNAME: "service@acme.example",
      SF_PRIVATE_KEY: FIXED_KEY,
      SF_LOGIN_URL: url,
    },
    requests: [],
    claims: [],
    count: (prefix) => server.requests.filter(({ path }) => path.startsWith(prefix)).length,
    audiences: [url],
    instanceUrl: url,
    clockOffset: 0,
    tokenExtras: {},
    sessions: new Set(),
    next: (path, ...answers) => void queued.set(path, [...(queued.get(path) ?? []), ...answers]),
    always: (path, answer) => void (answer ? constant.set(path, answer) : constant.delete(path)),
    rows: () => accounts(3),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;

  async function usual(seen: Seen): Promise<Answer> {
    const { pathname, searchParams } = new URL(seen.path, url);
    if (pathname === TOKEN_PATH) return await token(new URLSearchParams(seen.body));
    if (pathname === "/services/data/") return { body: [{ version: "66.0" }, { version: "68.0" }] };
    if (pathname === "/services/oauth2/revoke") {
      const known = server.sessions.delete(new URLSearchParams(seen.body).get("token")!);
      return known ? {} : { status: 400, body: { error: "invalid_token" } };
    }
    if (!server.sessions.has(seen.headers.authorization?.replace(/^Bearer /, "") ?? "")) {
      const isIdentity = /^\/(id|services\/oauth2)\//.test(pathname);
      return isIdentity
        ? { status: 403, headers: { "content-type": "text/html" }, body: "Bad_OAuth_Token" }
        : { status: 401, body: EXPIRED };
    }
    const resource = pathname.replace(/^\/services\/data\/v\d+\.0(\/tooling)?/, "");
    if (/^\/query(All)?$/.test(resource)) {
      return { body: page(seen, server.rows(searchParams.get("q")!)) };
    }
    const [, locator, from] = /^\/query\/(\w+)-(\d+)$/.exec(resource) ?? [];
    if (locator) return { body: page(seen, results.get(locator)!, locator, Number(from)) };
    if (resource === "/composite") return { body: composite(seen) };
    return { headers: { "sforce-limit-info": "api-usage=18/5000" }, body: { path: seen.path } };
  }

  async function token(form: URLSearchParams): Promise<Answer> {
    const refuse = (error: string, error_description: string) => ({
      status: 400,
      body: { error, error_description },
    });
    if (form.get("grant_type") !== "urn:ietf:params:oauth:grant-type:jwt-bearer") {
      return refuse("unsupported_grant_type", "grant type not supported");
    }
    const [head, payload, signature] = (form.get("assertion") ?? "").split(".");
    const claims: Claims = JSON.parse(Buffer.from(payload ?? "", "base64url").toString());
    const { alg } = JSON.parse(Buffer.from(head!, "base64url").toString());
    const replayed = server.claims.some(({ jti }) => jti === claims.jti);
    server.claims.push(claims);
    const { clientId, username } = server.options;
    if (claims.iss !== clientId) return refuse("invalid_client_id", "client identifier invalid");
    const isSigned = alg === "RS256" && await crypto.subtle.verify(
      RS256,
      publicKey,
      Buffer.from(signature ?? "", "base64url"),
      Buffer.from(`${head}.${payload}`),
    );
    if (!isSigned || replayed) return refuse("invalid_grant", "invalid assertion");
    if (!server.audiences.includes(claims.aud)) {
      return refuse("invalid_grant", "audience is invalid");
    }
    if (claims.exp * 1000 < Date.now() + server.clockOffset) {
      return refuse("invalid_grant", "expired authorization code");
    }
    if (claims.sub !== username) {
      return refuse("invalid_grant", "user hasn't approved this consumer");
    }
    const access_token = `00D5e000000AbCd!AQ${++serial}.${
      crypto.randomUUID().replaceAll("-", "_")
    }`;
    server.sessions.add(access_token);
    return {
      body: {
        access_token,
        scope: "api id",
        instance_url: server.instanceUrl,
        id: `${url}/id/00D5e000000AbCdEAA/0055e000000XyZwAAB`,
        token_type: "Bearer",
        ...server.tokenExtras,
      },
    };
  }

  function page(seen: Seen, rows: Row[], locator = "01g5e00000Loc" + ++serial, from = 0): Row {
    const [, size = "2000"] = /batchSize=(\d+)/.exec(seen.headers["sforce-query-options"] ?? "") ??
      [];
    const to = from + Number(size);
    const done = to >= rows.length;
    results.set(locator, rows);
    return {
      totalSize: rows.length,
      done,
      ...(!done && { nextRecordsUrl: `/services/data/v67.0/query/${locator}-${to}` }),
      records: rows.slice(from, to).map((row) => withChildren(seen, row)),
    };
  }

  /** Lists in a record are child records, and come in pages of their own. */
  function withChildren(seen: Seen, row: Row): Row {
    return Object.fromEntries(
      Object.entries(row).map((
        [name, value],
      ) => [name, Array.isArray(value) ? page(seen, value) : value]),
    );
  }

  function composite(seen: Seen): Row {
    const [part] = JSON.parse(seen.body).compositeRequest;
    const soql = new URL(part.url, url).searchParams.get("q")!;
    return {
      compositeResponse: [{
        body: page(seen, server.rows(soql)),
        httpHeaders: {},
        httpStatusCode: 200,
        referenceId: part.referenceId,
      }],
    };
  }
}

/** Numbered accounts. */
export function accounts(count: number): Row[] {
  return Array.from({ length: count }, (_, i) => ({
    attributes: { type: "Account", url: `/services/data/v67.0/sobjects/Account/001${i}` },
    Id: `001${String(i).padStart(15, "0")}`,
    Name: `Account ${i}`,
  }));
}

async function readRequest(request: IncomingMessage): Promise<Seen> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    // a client that left
  }
  return {
    method: request.method!,
    path: request.url!,
    headers: request.headers as Seen["headers"],
    body: Buffer.concat(chunks).toString(),
  };
}

async function send(response: ServerResponse, answer: Answer, now: number): Promise<void> {
  const { status = 200, headers = {}, body = "", fault } = answer;
  if (fault === "hang") return;
  if (fault === "cut") return void response.socket!.destroy();
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? {} : { "content-type": "application/json;charset=UTF-8" };
  response.writeHead(status, { date: new Date(now).toUTCString(), ...type, ...headers });
  if (!fault) return void response.end(text);
  await new Promise<void>((resolve) => response.write(text, () => resolve()));
  if (fault === "half") response.socket!.destroy();
}
