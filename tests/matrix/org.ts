/**
 * An org on bare sockets: it counts what arrives and what it performs, and every byte of an answer,
 * or its absence, is in the hands of a fault. An HTTP server would tidy up behind its back.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { runtimeName } from "../helpers/runtime.ts";

/** A request that arrived whole. */
export interface Arrived {
  method: string;
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** An answer before it becomes bytes. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** What a fault has in hand when it strikes. */
export interface Strike {
  org: MatrixOrg;
  request: Arrived;
  socket: Socket;
  /** Performs the request, as Salesforce would, and gives its answer. */
  perform(): Answer;
  /** Sends an answer and closes the connection in good order. */
  send(answer: Answer): void;
  /** The bytes of an answer. */
  encode(answer: Answer): Uint8Array;
}

/** Data of the API version that a session uses unless told otherwise. */
export const DATA = "/services/data/v67.0";
const DAY = 86_400_000;

/**
 * Ports that systems do not give out by themselves, each used once: nobody must take the one of an org that was
 * stopped. Each runtime has its own, as their tests run side by side.
 */
const FIRST_PORT = 15_000 + 5_000 * ["node", "deno", "bun"].indexOf(runtimeName);
let lastPort = Math.floor(Math.random() * 5_000);
const nextPort = (): number => FIRST_PORT + (lastPort = (lastPort + 1) % 5_000);

/** Two pages, the second of which has an account with two pages of contacts. */
const ACCOUNTS = [{ Id: "001A" }, { Id: "001B" }];
const CONTACTS = [{ Id: "003A" }, { Id: "003B" }];

/** One org on a port of its own; `strike` takes the place of the usual answer where `isStruck` says so. */
export class MatrixOrg {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #serial = 0;
  readonly #live = new Set<string>();
  readonly #issued = new Set<string>(); // bearers that were ever good here
  readonly #jtis = new Set<string>();
  readonly #records = new Set(["001A"]);

  /** Everything that arrived, in order. */
  readonly arrived: Arrived[] = [];
  /** How many changes were made. */
  performed = 0;
  /** What must never happen, such as a bearer at the wrong host. */
  readonly violations: string[] = [];
  /** The body that was sent last. */
  lastBody = "";
  /** Whether a request is the one that the fault is for. */
  isStruck: (request: Arrived) => boolean = () => false;
  /** Answers in place of the org. */
  strike?: (strike: Strike) => void;
  /** Called once the answer to a request is ready and before it is sent. */
  onAnswer?: (request: Arrived) => void;
  /** Added to the org's clock, in ms. */
  clockOffset = 0;
  /** Tokens in JWT format, with an expiry by the org's clock. */
  jwtTokens = false;
  /** What tokens name as instance; the org itself unless it has moved. */
  instanceUrl = "";
  /** Refuses every further sign-in. */
  refusesSignIn = false;

  constructor() {
    this.#server = createServer((socket) => this.#read(socket));
  }

  /** Origin of this org. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, on the same port again after `stop()`. */
  async listen(): Promise<void> {
    while (!await this.#listenOn(this.#port || nextPort())) {
      assert.equal(this.#port, 0, "the port of an org that was stopped is free");
    }
    this.#port = (this.#server.address() as AddressInfo).port;
    this.instanceUrl ||= this.url;
  }

  /** Returns whether the port was free. */
  #listenOn(port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const taken = () => resolve(false);
      this.#server.once("error", taken);
      this.#server.listen(port, "127.0.0.1", () => {
        this.#server.removeListener("error", taken);
        resolve(true);
      });
    });
  }

  /** Refuses new connections; those that are open go on. */
  stop(): void {
    if (this.#server.listening) this.#server.close();
  }

  /** Ends everything. */
  close(): void {
    this.stop();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends all sessions. */
  expire(): void {
    this.#live.clear();
  }

  /** A bearer that is good here, for an org that another one has moved to. */
  adopt(bearer: string): void {
    this.#live.add(bearer);
    this.#issued.add(bearer);
  }

  /** Ends the session, and the next token is for the other org. */
  moveTo(other: MatrixOrg): void {
    this.expire();
    this.instanceUrl = other.url;
    this.#adopters.push(other);
  }
  readonly #adopters: MatrixOrg[] = [];

  #read(socket: Socket): void {
    this.#sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on("error", () => {}); // a client that leaves
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (chunk: Uint8Array) => {
      bytes = Buffer.concat([bytes, chunk]);
      const request = parse(bytes);
      if (!request) return;
      bytes = Buffer.alloc(0);
      this.arrived.push(request);
      this.#answer(request, socket);
    });
  }

  #answer(request: Arrived, socket: Socket): void {
    const { authorization } = request.headers;
    if (authorization && !this.#issued.has(authorization.replace("Bearer ", ""))) {
      this.violations.push(`a bearer of another org at ${request.path}`);
    }
    const encode = (answer: Answer) => this.#encode(answer);
    const send = (answer: Answer) => {
      this.onAnswer?.(request);
      socket.end(encode(answer));
    };
    const perform = () => this.#perform(request);
    if (this.strike && this.isStruck(request)) {
      this.strike({ org: this, request, socket, perform, send, encode });
    } else send(perform());
  }

  #encode({ status, headers = {}, body = "" }: Answer): Uint8Array {
    const bytes = Buffer.from(body as string);
    this.lastBody = bytes.toString();
    const type = typeof body === "string" && body ? { "content-type": "application/json" } : {};
    const all = {
      date: new Date(Date.now() + this.clockOffset).toUTCString(),
      connection: "close",
      ...type,
      ...(status !== 204 && { "content-length": String(bytes.length) }),
      ...headers,
    };
    const lines = Object.entries(all).filter(([, value]) => value).map(([n, v]) => `${n}: ${v}`);
    const head = `HTTP/1.1 ${status} Answer\r\n${lines.join("\r\n")}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), bytes]);
  }

  #perform(request: Arrived): Answer {
    const { pathname, searchParams } = new URL(request.path, this.url);
    if (pathname === "/services/oauth2/token") return this.#token(request);
    const bearer = request.headers.authorization?.replace("Bearer ", "") ?? "";
    if (!this.#live.has(bearer)) return EXPIRED;
    const path = pathname.replace(DATA, "");
    const json = (body: unknown, status = 200): Answer => ({ status, body: JSON.stringify(body) });
    const operation = `${request.method} ${path}`;
    if (operation === "GET /query") return json(this.#firstPage(searchParams.get("q")!));
    if (operation === "POST /composite") {
      const [part] = JSON.parse(request.body).compositeRequest;
      const q = new URL(part.url, this.url).searchParams.get("q")!;
      const answer = { body: this.#firstPage(q), httpStatusCode: 200, referenceId: "query" };
      return json({ compositeResponse: [answer] });
    }
    if (operation === "GET /query/accounts-1") return json(pageOf(ACCOUNTS.slice(1), 2));
    if (operation === "GET /query/contacts-1") return json(pageOf(CONTACTS.slice(1), 2));
    if (operation === "GET /limits") return json({ DailyApiRequests: { Max: 1, Remaining: 1 } });
    if (request.method === "GET") return { status: 200, headers: BINARY, body: "the whole file" };
    if (request.method === "DELETE") return this.#delete(path.split("/").at(-1)!);
    this.performed++;
    if (request.method === "PUT") return { status: 201 };
    return json({ id: "001A", success: true, errors: [] }, 201);
  }

  #delete(id: string): Answer {
    if (!this.#records.delete(id)) {
      const message = "entity is deleted";
      return { status: 404, body: JSON.stringify([{ errorCode: "ENTITY_IS_DELETED", message }]) };
    }
    this.performed++;
    return { status: 204 };
  }

  #firstPage(soql: string): unknown {
    if (!soql.includes("Contacts")) return pageOf(ACCOUNTS.slice(0, 1), 2, "accounts-1");
    const Contacts = pageOf(CONTACTS.slice(0, 1), 2, "contacts-1");
    return pageOf([{ Id: "001A", Contacts }], 1);
  }

  #token({ body }: Arrived): Answer {
    const claims = JSON.parse(
      Buffer.from(new URLSearchParams(body).get("assertion")!.split(".")[1]!, "base64url")
        .toString(),
    );
    if (this.#jtis.has(claims.jti)) this.violations.push("an assertion was sent twice");
    this.#jtis.add(claims.jti);
    const now = Date.now() + this.clockOffset;
    const refuse = (error_description: string): Answer => ({
      status: 400,
      body: JSON.stringify({ error: "invalid_grant", error_description }),
    });
    if (this.refusesSignIn) return refuse("user hasn't approved this consumer");
    if (claims.exp * 1000 < now) return refuse("expired authorization code");
    const serial = ++this.#serial;
    const payload = { exp: Math.floor((now + DAY / 24) / 1000), serial };
    const access_token = this.jwtTokens
      ? `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.c2ln`
      : `00D000000000001!matrix.${serial}`;
    this.adopt(access_token);
    for (const org of this.#adopters) org.adopt(access_token);
    const answer = { access_token, instance_url: this.instanceUrl, token_type: "Bearer" };
    return { status: 200, body: JSON.stringify(answer) };
  }
}

const BINARY = { "content-type": "application/octet-stream" };

/** What Salesforce says of a bearer that is dead. */
export const EXPIRED: Answer = {
  status: 401,
  body: JSON.stringify([{
    errorCode: "INVALID_SESSION_ID",
    message: "Session expired or invalid",
  }]),
};

const pageOf = (records: unknown[], totalSize: number, next?: string): unknown => ({
  totalSize,
  done: !next,
  records,
  ...(next && { nextRecordsUrl: `${DATA}/query/${next}` }),
});

/** The request in these bytes once it is whole. */
function parse(bytes: Buffer): Arrived | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return;
  const [line, ...lines] = bytes.subarray(0, end).toString().split("\r\n");
  const [method, path] = line!.split(" ");
  const headers = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const rest = bytes.subarray(end + 4);
  const body = headers["transfer-encoding"] === "chunked"
    ? unchunk(rest)
    : rest.length >= Number(headers["content-length"] ?? 0)
    ? rest.toString()
    : undefined;
  return body === undefined ? undefined : { method: method!, path: path!, headers, body };
}

function unchunk(bytes: Buffer): string | undefined {
  const parts: Buffer[] = [];
  for (let at = 0;;) {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) return;
    const size = parseInt(bytes.subarray(at, end).toString(), 16);
    if (bytes.length < end + 4 + size) return;
    if (size === 0) return Buffer.concat(parts).toString();
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 4 + size;
  }
}
