/**
 * Bodies that come and go compressed.
 *
 * @module
 */
import { promisify } from "node:util";
import { constants, gunzip, gzip, gzipSync } from "node:zlib";
import { type Refusal, refusal } from "./errors.ts";
import type { Call } from "./http.ts";

/** Bytes from which on an answer is worth compressing. */
const WORTH_IT = 860;
const SHORT = 64 * 1024;
/** Longest body that the org reads, in bytes: what Bulk API 2.0 takes. */
export const BODY_LIMIT = 150 * 1024 * 1024;

const decompress = promisify(gunzip);
const compressFast = promisify(gzip);

/** Returns the call with its body as it was before the client compressed it. */
export async function unpack(call: Call): Promise<Call> {
  const encoding = call.headers.get("content-encoding")?.toLowerCase() ?? "identity";
  if (encoding === "identity" || call.body.length === 0) return call;
  if (encoding !== "gzip") {
    throw refusal(415, "UNSUPPORTED_MEDIA_TYPE", `Content encoding '${encoding}' is not supported`);
  }
  try {
    return { ...call, body: await decompress(call.body, { maxOutputLength: BODY_LIMIT }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw refusal(400, "MALFORMED_REQUEST", "The request body is not in gzip format");
  }
}

/** Refuses a body that is too long. */
export function tooLarge(limit = BODY_LIMIT): Refusal {
  return refusal(413, "REQUEST_ENTITY_TOO_LARGE", `The request body exceeds ${limit} bytes`);
}

/** Whether an answer of this length goes out compressed. */
export function isWorthPacking(headers: { "accept-encoding"?: string }, length: number): boolean {
  return length >= WORTH_IT &&
    /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(headers["accept-encoding"] ?? "");
}

/** Compresses an answer, fast rather than well. */
export async function pack(body: Uint8Array): Promise<Uint8Array> {
  const options = { level: constants.Z_BEST_SPEED };
  // For a short one, handing it to another thread would take longer than the work.
  return body.length < SHORT ? gzipSync(body, options) : await compressFast(body, options);
}
