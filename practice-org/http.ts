/**
 * The requests and answers of the practice org, independent of sockets and with the whole body read.
 *
 * @module
 */

/** A request. */
export interface Call {
  /** In upper case. */
  method: string;
  /** The path and the query, as sent. */
  target: string;
  /** The path without the query, percent-encoded as sent. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  /** The origin of the port that received the request, such as `http://127.0.0.1:4321`. */
  origin: string;
  /** Length of the URI and the headers, in bytes. */
  size: number;
  body: Uint8Array;
}

/** A request of a signed-in user to a resource under `/services/data/vNN.N`. */
export interface ApiCall extends Call {
  /** The path below `/services/data/vNN.N`; `""` for the version root. */
  path: string;
  /** API version of the URL, such as `"67.0"`. */
  version: string;
  /** Whether the path begins with `/tooling`. */
  tooling: boolean;
  /** The id of the user who makes the request. */
  userId: string;
}

/** An answer. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** A value that is sent as JSON. */
  json?: unknown;
  /** A body that is sent unchanged, with the content type in `headers`. A stream produces data only as fast as it is read. */
  body?: string | Uint8Array | ReadableStream<Uint8Array>;
}

/** The content type of a JSON answer. */
export const JSON_TYPE = "application/json;charset=UTF-8";

/** The header of answers that hold tokens. */
export const NO_STORE = {
  "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
};

/** Returns a JSON answer. */
export function json(status: number, value: unknown, headers?: Record<string, string>): Reply {
  return { status, json: value, ...(headers && { headers }) };
}

/** Returns a plain text answer, such as the identity service's `Bad_OAuth_Token`. */
export function text(status: number, body: string): Reply {
  return { status, headers: { "Content-Type": "text/plain;charset=UTF-8" }, body };
}

/** Returns an HTML page with this body. */
export function html(status: number, title: string, body: string): Reply {
  return {
    status,
    headers: { "Content-Type": "text/html;charset=UTF-8", "Cache-Control": "no-store" },
    body: `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}
label,input,button{display:block;font:inherit}input{width:100%;box-sizing:border-box}
label,button{margin-top:1rem}</style>
${body}
</html>
`,
  };
}

/** Returns a redirect that a browser follows with GET. */
export function redirect(location: string): Reply {
  return { status: 302, headers: { Location: location, "Cache-Control": "no-store" } };
}

/** Returns the headers and the body of an answer as they are sent. */
export function encode(
  { headers = {}, json, body = "" }: Reply,
): { headers: Record<string, string>; body: NonNullable<Reply["body"]> } {
  if (json === undefined) return { headers: { ...headers }, body };
  return { headers: { "Content-Type": JSON_TYPE, ...headers }, body: JSON.stringify(json) };
}

/** Returns the bytes of a body, all of them. */
export async function wholeBody(body: NonNullable<Reply["body"]>): Promise<Uint8Array> {
  if (typeof body === "string") return new TextEncoder().encode(body);
  return body instanceof Uint8Array ? body : new Uint8Array(await new Response(body).arrayBuffer());
}

/** Returns the first half of a body. */
export function firstHalf(body: Uint8Array): Uint8Array {
  return body.subarray(0, body.length >> 1);
}

/** Makes text safe between tags and inside quoted attributes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/**
 * Returns the parameters of an OAuth request: those of the query and, where the content type says form, those of the
 * body. A body of another type is not read, which is how a JSON body ends as "grant type not supported".
 */
export function parameters(call: Call): URLSearchParams {
  const form = isType(call, "application/x-www-form-urlencoded")
    ? new URLSearchParams(textOf(call))
    : [];
  return new URLSearchParams([...call.query, ...form]);
}

/** Returns the body as text. */
export function textOf({ body }: Call): string {
  return new TextDecoder().decode(body);
}

/** Whether the request's content type is this one, whatever its parameters. */
export function isType(call: Call, type: string): boolean {
  return contentType(call) === type;
}

/** Returns the request's media type in lower case, without parameters; empty if there is none. */
export function contentType({ headers }: Call): string {
  return (headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
}

/** Whether the Host header names this machine, or is absent. Another name could belong to a web site that points to this machine. */
export function isForThisMachine({ headers }: Call): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(headers.get("host") ?? "localhost");
}

/** Returns the token of an `Authorization: Bearer …` (or, as Salesforce also accepts, `OAuth …`) header. */
export function bearer({ headers }: Call): string | undefined {
  return /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}
