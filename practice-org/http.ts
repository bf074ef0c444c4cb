/** Requests and replies of the practice org, as its parts see them. */
import type { IncomingMessage } from "node:http";

/** A request that has come in. */
export interface Call {
  method: string;
  /** Path without the query, percent-encoded as sent. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  /** Origin of the port it came in on, for example `http://127.0.0.1:4321`. */
  origin: string;
  /** Reads the whole body. */
  body(): Promise<Uint8Array>;
}

/** What goes back. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

export const JSON_TYPE = "application/json;charset=UTF-8";

/** A JSON answer. */
export function json(status: number, value: unknown, headers?: Record<string, string>): Reply {
  return {
    status,
    headers: { "Content-Type": JSON_TYPE, ...headers },
    body: JSON.stringify(value),
  };
}

/** A plain text answer, such as the identity service's `Bad_OAuth_Token`. */
export function text(status: number, body: string): Reply {
  return { status, headers: { "Content-Type": "text/plain;charset=UTF-8" }, body };
}

/** An HTML page with this body. */
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

/** An answer of the REST API that says no: its errors come in an array. */
export function restError(status: number, errorCode: string, message: string): Reply {
  return json(status, [{ message, errorCode }]);
}

/** A redirect that a browser follows with GET. */
export function redirect(location: string): Reply {
  return { status: 302, headers: { Location: location, "Cache-Control": "no-store" } };
}

/** Text made safe between tags and inside quoted attributes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/**
 * The parameters of an OAuth request: the query's and, where the content type says form, the body's. A body of
 * another type is not looked at, which is how a JSON body ends as "grant type not supported".
 */
export async function parameters(call: Call): Promise<URLSearchParams> {
  const form = isType(call, "application/x-www-form-urlencoded")
    ? new URLSearchParams(new TextDecoder().decode(await call.body()))
    : [];
  return new URLSearchParams([...call.query, ...form]);
}

/** Whether the request's content type is this one, whatever its parameters. */
export function isType(call: Call, type: string): boolean {
  return contentType(call) === type;
}

/** The request's media type in lower case, without parameters; empty if there is none. */
export function contentType(call: Call): string {
  return (call.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
}

/** The token of an `Authorization: Bearer …` (or, as Salesforce also takes, `OAuth …`) header. */
export function bearer(call: Call): string | undefined {
  return /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(call.headers.authorization ?? "")?.[1];
}
