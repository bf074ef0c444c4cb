/**
 * JSON request bodies, and the errors about invalid ones.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import { tooLarge } from "../gzip.ts";
import { type Call, textOf } from "../http.ts";

/** Longest JSON body, in bytes: what Salesforce takes without multipart. */
const JSON_LIMIT = 50 * 1024 * 1024;
/** Deepest nesting that is parsed. Deeper JSON costs seconds and gigabytes, and no request needs it. */
const DEEPEST_NESTING = 1000;

/**
 * Parses a JSON body.
 *
 * @throws {ApiError} JSON_PARSER_ERROR if it is missing or invalid.
 */
export function readJson<Body>(call: Call): Body {
  if (call.body.length > JSON_LIMIT) throw tooLarge(JSON_LIMIT);
  return parseJson(textOf(call)) as Body;
}

/** Parses the text of a JSON object; see {@linkcode readJson}. */
export function parseJson(text: string): object {
  if (!text.trim()) {
    const message = "The HTTP entity body is required, but this request has no entity body.";
    throw refusal(400, "JSON_PARSER_ERROR", message);
  }
  if (isTooDeep(text)) {
    const message = `The JSON is nested more than ${DEEPEST_NESTING} levels deep.`;
    throw refusal(400, "JSON_PARSER_ERROR", message);
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw refusal(400, "JSON_PARSER_ERROR", whatIsBroken(text));
  }
  if (typeof body !== "object" || body === null) {
    throw refusal(400, "JSON_PARSER_ERROR", "The request body must be a JSON object");
  }
  return body;
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
    if (depth > DEEPEST_NESTING) return true;
  }
  return false;
}

/** Returns the index of the quote that ends a string, or where the text ends in it. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** Characters in which the error is looked for. */
const MOST_EXAMINED = 1_000_000;

/** Returns a description of the first unexpected character. It is the same on every runtime. */
function whatIsBroken(text: string): string {
  const token =
    /\s+|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y;
  const end = Math.min(text.length, MOST_EXAMINED);
  while (token.lastIndex < end) {
    const at = token.lastIndex;
    if (token.test(text)) continue;
    const lines = text.slice(0, at).split("\n");
    const character = String.fromCodePoint(text.codePointAt(at)!);
    return `Unexpected character ('${character}' (code ${text.codePointAt(at)})) at ` +
      `[line:${lines.length}, column:${lines.at(-1)!.length + 1}]`;
  }
  const lines = text.split("\n");
  return `Unexpected end-of-input or misplaced separator at ` +
    `[line:${lines.length}, column:${lines.at(-1)!.length + 1}]`;
}
