/**
 * JSON request bodies, and the errors about invalid ones.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import { type Call, textOf } from "../http.ts";

/**
 * Parses a JSON body.
 *
 * @throws {ApiError} JSON_PARSER_ERROR if it is missing or invalid.
 */
export function readJson<Body>(call: Call): Body {
  return parseJson(textOf(call)) as Body;
}

/** Parses the text of a JSON object; see {@linkcode readJson}. */
export function parseJson(text: string): object {
  if (!text.trim()) {
    const message = "The HTTP entity body is required, but this request has no entity body.";
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
