/**
 * A request as a command for the shell: to read, to share, and to run without sfetch. It never contains the token.
 */
import { requestUrl, withoutSecrets } from "../../mod.ts";
import { shellWord } from "./shell-word.ts";

/** A request that was sent, or would be. */
export interface CurlRequest {
  method: string;
  /** As `sfFetch` accepts it: `/limits`, `/services/…`, or a URL of the org. */
  path: string;
  /** The org's own URL, such as `https://acme.my.salesforce.com`. */
  instanceUrl: string;
  /** Such as `"67.0"`. */
  apiVersion: string;
  headers?: Iterable<readonly [name: string, value: string]>;
  /** The body: a text, `@file`, or `-` for stdin. */
  body?: string;
}

/**
 * The request as a curl command. It reads the token from `SF_ACCESS_TOKEN`, and sends it where `sfFetch` would send it:
 * `export SF_ACCESS_TOKEN=$(sfetch token)`.
 *
 * @throws {SfetchError} If the URL is not the org's own.
 */
export function curlLine(request: CurlRequest): string {
  const { method, body } = request;
  const url = requestUrl(request.path, request);
  const words = ["curl"];
  if (method !== (body === undefined ? "GET" : "POST")) words.push("--request", method);
  // curl would take brackets and braces for a pattern, and ask for many URLs.
  if (/[[\]{}]/.test(url)) words.push("--globoff");
  words.push(shellWord(url), "--header", '"Authorization: Bearer $SF_ACCESS_TOKEN"');
  for (const [name, value] of request.headers ?? []) {
    if (name.toLowerCase() === "authorization") continue;
    words.push("--header", shellWord(`${name}: ${value}`));
  }
  if (body !== undefined) words.push(...bodyWords(body));
  return withoutSecrets(words.join(" "), "tokens");
}

/** `--data-binary` understands `@file` and `@-` as sfetch does. */
function bodyWords(body: string): string[] {
  return ["--data-binary", body === "-" ? "@-" : shellWord(body)];
}
