/**
 * A REST request: `GET /limits`, `POST /sobjects/Account {"Name": "Acme"}`.
 */
import { UsageError } from "../arguments/command.ts";
import { readText } from "../arguments/input.ts";
import { present, type Result } from "./present.ts";
import type { RunOptions, Shell } from "./shell.ts";
import { expandHome } from "./files.ts";

/** A request as it was typed. */
export interface TypedRequest {
  method: string;
  path: string;
  /** JSON, or `@file`. */
  body?: string;
}

/** Sends a request; gives what to say below its result. */
export async function runRequest(
  shell: Shell,
  { method, path, body: typed }: TypedRequest,
  { target, signal }: RunOptions,
): Promise<string[]> {
  const body = typed === undefined ? undefined : await readBody(typed);
  const session = await shell.session();
  if (isWrite(method, path, body?.text)) await shell.confirmWrite(`${method} ${path}`);
  shell.record({ kind: "request", method, path, body: body?.text, type: body?.type });
  const response = await session.fetch(path, {
    method,
    signal,
    ...(body && { body: body.text, headers: { "content-type": body.type } }),
  });
  const result = await readResponse(response, method);
  const status = `${response.status} ${response.statusText}`.trim();
  if (!result) {
    shell.last = undefined;
    return [status];
  }
  return [status, ...await present(shell, result, target)];
}

/** What an answer holds; undefined where it has no body. */
export async function readResponse(
  response: Response,
  method: string,
): Promise<Result | undefined> {
  if (method === "HEAD") {
    const lines = [...response.headers].map(([name, value]) => `${name}: ${value}`);
    return { kind: "bytes", bytes: new TextEncoder().encode(lines.join("\n")), type: "text/plain" };
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length === 0) return undefined;
  const type = response.headers.get("content-type") ?? "";
  if (!/json/.test(type)) return { kind: "bytes", bytes, type };
  return { kind: "value", value: JSON.parse(new TextDecoder().decode(bytes)) };
}

/** Whether a request changes something; POST is also used to ask. */
export function isWrite(method: string, path: string, body = ""): boolean {
  if (method === "GET" || method === "HEAD") return false;
  if (method !== "POST") return true;
  if (/\/graphql\b/.test(path)) return /\bmutation\b/.test(body);
  return !/\/parameterizedSearch\b/.test(path);
}

async function readBody(typed: string): Promise<{ text: string; type: string }> {
  if (typed.startsWith("@")) {
    const path = expandHome(typed.slice(1).trim());
    const text = await readText("@" + path);
    const type = /\.csv$/i.test(path) ? "text/csv" : "application/json";
    return { text: type === "text/csv" ? text : checkJson(text), type };
  }
  return { text: checkJson(typed), type: "application/json" };
}

function checkJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new UsageError(
      `The body is not JSON: ${(error as Error).message}`,
      'Nothing was sent. Names and texts stand in double quotes: {"Name": "Acme"}',
    );
  }
}
