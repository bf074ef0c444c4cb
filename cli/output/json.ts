/**
 * Values as JSON and NDJSON.
 */
import { type Paint, paint, sanitize } from "../terminal/terminal.ts";
import type { Records } from "./rows.ts";

/** How JSON is written. */
export interface JsonOptions {
  /** Whether to write ANSI colours. @default {false} */
  colour?: boolean;
  /** Whether a terminal shows it: JSON is indented, and control characters are shown escaped. @default {false} */
  terminal?: boolean;
}

/** About how many characters are handed to the stream at once. */
const CHUNK = 1 << 16;

/** A value as JSON: indented, and coloured or made harmless where `options` say so. */
export function formatJson(value: unknown, options: JsonOptions = {}): string {
  return finish(JSON.stringify(value, null, 2) ?? "undefined", options);
}

/** The records as one array: one record on each line, or indented on a terminal. */
export async function* writeJson(
  records: Records,
  options: JsonOptions,
): AsyncIterable<string> {
  let text = "[";
  let first = true;
  for await (const record of records) {
    const json = options.terminal
      ? JSON.stringify(record, null, 2).replace(/^/gm, "  ")
      : JSON.stringify(record);
    text += (first ? "\n" : ",\n") + finish(json, options);
    first = false;
    if (text.length > CHUNK) {
      yield text;
      text = "";
    }
  }
  yield text + (first ? "]\n" : "\n]\n");
}

/** One record a line. */
export async function* writeNdjson(
  records: Records,
  options: JsonOptions,
): AsyncIterable<string> {
  let text = "";
  for await (const record of records) {
    text += finish(JSON.stringify(record), options) + "\n";
    if (text.length > CHUNK) {
      yield text;
      text = "";
    }
  }
  yield text;
}

function finish(json: string, { colour, terminal }: JsonOptions): string {
  const safe = terminal ? sanitize(json) : json;
  return colour ? colourJson(safe, paint(true)) : safe;
}

/** JSON text with its tokens coloured. */
export function colourJson(json: string, p: Paint): string {
  return json.replace(
    /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false)\b|\bnull\b|-?\d[\d.eE+-]*/g,
    (token, text?: string, colon?: string) => {
      if (colon) return p.blue(text!) + colon;
      if (text) return p.green(text);
      if (token === "null") return p.grey(token);
      return token === "true" || token === "false" ? p.magenta(token) : p.yellow(token);
    },
  );
}
