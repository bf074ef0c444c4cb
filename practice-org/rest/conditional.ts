/**
 * Conditional requests: `If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Refusal } from "../errors.ts";
import type { ApiCall } from "../http.ts";

/** What tells one state of a resource from another. */
export interface Validators {
  /** Milliseconds since the epoch. */
  modified: number;
  /** In double quotes. */
  etag?: string;
}

/** Returns the entity tag of a value. */
export function etagOf(value: unknown): string {
  return `"${createHash("sha1").update(JSON.stringify(value)).digest("base64")}"`;
}

/** Returns the headers that tell a client the state of what it reads. */
export function validatorHeaders({ modified, etag }: Validators): Record<string, string> {
  return { "Last-Modified": new Date(modified).toUTCString(), ...(etag && { ETag: etag }) };
}

/**
 * Ends a request whose conditions do not hold: 412, or 304 for a read of what has not changed. As HTTP demands, an
 * entity tag goes before a date.
 */
export function checkConditions({ method, headers }: ApiCall, validators: Validators): void {
  const { etag } = validators;
  const modified = Math.floor(validators.modified / 1000) * 1000;
  const date = (name: string): number => Date.parse(headers.get(name) ?? "");
  const match = etag ? headers.get("If-Match") : null;
  if (match === null ? modified > date("If-Unmodified-Since") : !includesTag(match, etag!)) {
    throw new Refusal("precondition failed", { status: 412 });
  }
  const noneMatch = etag ? headers.get("If-None-Match") : null;
  const isUnchanged = noneMatch === null
    ? method === "GET" && modified <= date("If-Modified-Since")
    : includesTag(noneMatch, etag!);
  if (isUnchanged) throw new Refusal("not modified", { status: method === "GET" ? 304 : 412 });
}

/** Whether a list of entity tags names this one; the suffix of the compressed form does not count. */
function includesTag(list: string, etag: string): boolean {
  return list.split(",").some((tag) => {
    const bare = tag.trim().replace(/^W\//, "").replace(/-gzip"$/, '"');
    return bare === "*" || bare === etag;
  });
}
