/**
 * The body of a request, from what was typed for it.
 */
import { UsageError } from "../arguments/command.ts";
import { readInput, readText } from "../arguments/input.ts";
import { expandHome } from "./files.ts";

/**
 * Reads a body: a text, `@file`, or `-` for stdin. It is JSON unless the headers or the file's name say otherwise; the
 * type is set in the headers. JSON is checked here, where a mistake is easier to see than in Salesforce's answer.
 *
 * JSON and CSV are sent without a byte order mark: JSON must not have one (RFC 8259), and in CSV Salesforce would read it
 * as a part of the first column's name. Everything else is sent byte for byte.
 */
export async function readBody(
  argument: string,
  headers: Headers,
): Promise<string | Uint8Array> {
  const source = argument.startsWith("@") ? "@" + expandHome(argument.slice(1).trim()) : argument;
  setContentType(source, headers);
  const type = headers.get("content-type")!;
  if (/\bjson\b/i.test(type)) return checkJson(await readText(source));
  return /\bcsv\b/i.test(type)
    ? withoutByteOrderMark(await readInput(source))
    : await readInput(source);
}

/** Sets the type of a body, unless the headers have one: `@file.csv` is CSV, everything else JSON. */
export function setContentType(argument: string, headers: Headers): void {
  if (headers.has("content-type")) return;
  const isCsv = /^@.*\.csv\s*$/i.test(argument);
  headers.set("content-type", isCsv ? "text/csv" : "application/json");
}

/** @throws {UsageError} If a text is not JSON. */
function checkJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new UsageError(
      `The body is not JSON: ${(error as Error).message}`,
      'Nothing was sent. JSON needs double quotes around keys and strings: {"Name": "Acme"}. In a shell, put the body ' +
        "in single quotes. A body of another type needs a Content-Type header.",
    );
  }
}

function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return isMarked ? bytes.subarray(3) : bytes;
}
