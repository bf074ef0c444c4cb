/**
 * REST requests.
 */
import type { Session } from "../../mod.ts";
import { parseExact } from "../output/exact.ts";
import type { RequestCall } from "./call.ts";
import { failureIn } from "./failures.ts";
import type { Outcome } from "./outcome.ts";

/** Sends a request and reads its answer whole. */
export async function runRequest(
  session: Session,
  call: RequestCall,
  signal?: AbortSignal,
): Promise<Outcome> {
  return await readAnswer(await send(session, call, signal), call);
}

/** Sends a request. */
export async function send(
  session: Session,
  { method, path, headers, body }: RequestCall,
  signal?: AbortSignal,
): Promise<Response> {
  return await session.fetch(path, { method, headers, body: body as BodyInit | undefined, signal });
}

/** Whether an answer can say that a part of the request failed, although its status is good. */
export function mayHoldFailure(response: Response, { method, path }: RequestCall): boolean {
  const type = response.headers.get("content-type") ?? "";
  return /json/i.test(type) && (method !== "GET" || /\/(graphql|executeAnonymous)\b/i.test(path));
}

/** Reads an answer: JSON as a value, the headers where that was all that was asked for, anything else as bytes. */
export async function readAnswer(
  response: Response,
  { method, path }: Pick<RequestCall, "method" | "path">,
): Promise<Outcome> {
  const notes = [`${response.status} ${response.statusText}`.trim()];
  if (method === "HEAD") {
    const bytes = new TextEncoder().encode(headLines(response) + "\n");
    return { result: { kind: "bytes", bytes, type: "text/plain" }, notes };
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length === 0) return { notes };
  const type = response.headers.get("content-type") ?? "";
  const json = /json/i.test(type) ? new TextDecoder().decode(bytes) : undefined;
  const value = json === undefined ? undefined : tryJson(json);
  if (value === undefined) return { result: { kind: "bytes", bytes, type }, notes };
  return { result: { kind: "value", value, json }, notes, failure: failureIn(value, path) };
}

function headLines(response: Response): string {
  return [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
}

function tryJson(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}
