/**
 * The HTTP server of the practice org: reads requests, writes answers, and applies faults to connections.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { controlEndpoint, type PracticeControl } from "./control.ts";
import { perform } from "./core.ts";
import type { Fault } from "./faults.ts";
import { BODY_LIMIT, isWorthPacking, pack, tooLarge } from "./gzip.ts";
import { type Call, encode, firstHalf, JSON_TYPE, type Reply, wholeBody } from "./http.ts";
import type { Org } from "./org.ts";
import { pieces } from "./pieces.ts";

/** A server on a loopback port. */
export interface Listener {
  url: string;
  close(): Promise<void>;
}

/** Serves the org on a port of 127.0.0.1; 0 chooses a free one. */
export async function serve(
  org: Org,
  control: () => PracticeControl,
  port: number,
): Promise<Listener> {
  let url = "";
  const server = createServer({ maxHeaderSize: 128 * 1024 }, (request, response) => {
    answer(org, control(), url, request, response).catch((error) => {
      if (!org.end.signal.aborted) fail(response, error);
    });
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

async function answer(
  org: Org,
  control: PracticeControl,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (Number(request.headers["content-length"]) > BODY_LIMIT) {
    return await write(org, request, response, withClose(tooLarge().reply));
  }
  const call = await readCall(request, origin);
  if (call.path.startsWith("/_practice/")) {
    return await write(org, request, response, await controlEndpoint(control, call));
  }
  const { reply, fault } = await perform(org, call);
  if (reply) return await write(org, request, response, reply, fault);
  if (fault?.kind === "cut") request.socket.destroy();
}

/** Closes the connection: the rest of the body would be read as the next request. */
function withClose(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, Connection: "close" } };
}

async function readCall(request: IncomingMessage, origin: string): Promise<Call> {
  const target = request.url!;
  const mark = target.indexOf("?");
  return {
    method: request.method!,
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1)),
    headers: new Headers(request.headers as Record<string, string>),
    origin,
    size: request.rawHeaders.reduce((sum, part) => sum + part.length + 2, target.length),
    body: hasBody(request) ? await readBody(request) : NOTHING,
  };
}

const NOTHING = new Uint8Array();

function hasBody({ headers }: IncomingMessage): boolean {
  return Boolean(headers["transfer-encoding"]) || Number(headers["content-length"] ?? 0) > 0;
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    if ((size += chunk.length) > BODY_LIMIT) throw tooLarge(); // cuts the connection, because more is on its way
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

async function write(
  org: Org,
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  fault?: Fault,
): Promise<void> {
  const { headers, body: content } = encode(reply);
  const isEmpty = request.method === "HEAD";
  if (content instanceof ReadableStream && !fault && !isEmpty) {
    response.writeHead(reply.status, headers);
    return await pipeline(Readable.from(content), response);
  }
  const whole = await wholeBody(content);
  const isPacked = !fault && isWorthPacking(request.headers, whole.length);
  const body = isPacked ? await pack(whole) : whole;
  if (isPacked) headers["Content-Encoding"] = "gzip";
  if (reply.status !== 204 && reply.status !== 304) headers["Content-Length"] = `${body.length}`;
  response.writeHead(reply.status, headers);
  if (isEmpty) return void response.end();
  switch (fault?.kind) {
    case "hang-mid-body":
      return void response.write(firstHalf(body));
    case "cut-mid-body":
      return void response.write(firstHalf(body), () => response.socket?.destroy());
    case "drip":
      return await pipeline(pieces(body, fault.delay, org.end.signal), response);
    default:
      response.end(body);
  }
}

/** Reports a defect of the practice org to the client and on stderr, so that it is noticed. */
function fail(response: ServerResponse, error: unknown): void {
  const hasClientGone = response.socket?.destroyed ?? true;
  if (hasClientGone) return;
  console.error("practice org:", error);
  if (!response.headersSent) response.writeHead(500, { "Content-Type": JSON_TYPE });
  const message = error instanceof Error ? error.message : String(error);
  response.end(JSON.stringify([{ message, errorCode: "UNKNOWN_EXCEPTION" }]));
}
