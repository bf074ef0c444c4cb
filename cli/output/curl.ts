/**
 * A request as a line for the shell, to show, to share, to run without sfetch. The token never stands in it.
 */

/** A request that was or would be sent. */
export interface CurlRequest {
  method: string;
  /** As `sfFetch` takes it: `/limits`, `/services/…`, or an absolute URL. */
  path: string;
  /** The org's own URL, such as `https://acme.my.salesforce.com`. */
  instanceUrl: string;
  /** Such as `"67.0"`. */
  apiVersion: string;
  headers?: Iterable<readonly [name: string, value: string]>;
  /** The body: a text, `@file`, or `-` for stdin. */
  body?: string;
}

/** The request as a curl command. It takes the token from `SF_ACCESS_TOKEN`: `export SF_ACCESS_TOKEN=$(sfetch token)`. */
export function curlLine(request: CurlRequest): string {
  const { method, body } = request;
  const words = ["curl"];
  if (method !== (body === undefined ? "GET" : "POST")) words.push("--request", method);
  words.push(quote(urlOf(request)), "--header", '"Authorization: Bearer $SF_ACCESS_TOKEN"');
  for (const [name, value] of request.headers ?? []) {
    if (name.toLowerCase() !== "authorization") words.push("--header", quote(`${name}: ${value}`));
  }
  if (body !== undefined) words.push(...bodyWords(body));
  return words.join(" ");
}

// --data-binary takes @file and @- as we do, but has no other way to begin with an @.
function bodyWords(body: string): string[] {
  if (body === "-") return ["--data-binary", "@-"];
  return ["--data-binary", quote(body)];
}

/** Where `sfFetch` would send it. */
function urlOf({ path, instanceUrl, apiVersion }: CurlRequest): string {
  if (/^https?:\/\//i.test(path)) return path;
  const rooted = path.startsWith("/") ? path : `/${path}`;
  const onInstance = /^\/(services|id)\//.test(rooted);
  return new URL(instanceUrl + (onInstance ? rooted : `/services/data/v${apiVersion}${rooted}`))
    .href;
}

/** One word for a POSIX shell. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
