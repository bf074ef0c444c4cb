/**
 * Where a statement's result goes: `> file`, `>> file` or `| command` at its end.
 */
import { scan } from "./text.ts";

/** A file or a command that takes the result instead of the screen. */
export type Target =
  | { kind: "file"; path: string; append: boolean }
  | { kind: "command"; command: string };

/** The language of a statement, as far as `>` and `|` mean something in it. */
export type Language = "soql" | "request" | "expression" | "command";

// What can follow `>` in a SOQL condition: a number, a date, a date literal, an amount in a currency, a bind.
const SOQL_VALUE =
  /^([-+]?[\d.]+|\d{4}-\d\d-\d\d(T\S*)?|(TODAY|YESTERDAY|TOMORROW|(LAST|THIS|NEXT)_\w+)(:\d+)?|[A-Z]{3}\d[\d.]*|:\w.*|null|true|false)$/i;
const FILE_IN_SCRIPT = /^(~?\.{0,2}\/.*|.*\.(csv|json|ndjson|jsonl|txt|md|html))$/i;

const FILE_WITH_BLANKS = /^[^=]+\.(csv|json|ndjson|jsonl|txt|md|html|sh|ts|js)$/i;

/**
 * Splits a statement from its target. `isName` tells which words are names in JavaScript, where `_ | mask` is arithmetic
 * and `_ | jq .` is not.
 */
export function splitTarget(
  text: string,
  language: Language,
  isName: (word: string) => boolean = () => false,
): { text: string; target?: Target } {
  const quotes = language === "expression" ? `'"\`` : `'"`;
  const top = scan(text, quotes, language === "expression").filter(({ depth }) => depth === 0);

  const pipe = top.find(({ index, char }) =>
    char === "|" && stands(text, index, 1) && isCommand(text.slice(index + 1), language, isName)
  );
  if (pipe) {
    return {
      text: withoutEnd(text.slice(0, pipe.index)),
      target: { kind: "command", command: text.slice(pipe.index + 1).trim() },
    };
  }

  const arrow = top.findLast(({ char }) => char === ">");
  if (!arrow) return { text };
  const append = text[arrow.index - 1] === ">";
  const start = append ? arrow.index - 1 : arrow.index;
  const file = unquote(text.slice(arrow.index + 1).replace(/;\s*$/, "").trim());
  if (!stands(text, start, append ? 2 : 1) || !isFile(file, language)) return { text };
  return {
    text: withoutEnd(text.slice(0, start)),
    target: { kind: "file", path: file.path, append },
  };
}

/** An operator of its own: not `->`, `=>`, `>=`, `||`. */
function stands(text: string, index: number, length: number): boolean {
  const before = text[index - 1];
  return (before === undefined || /[\s;)\]}'"]/.test(before)) &&
    !/[=>|]/.test(text[index + length] ?? " ");
}

function isCommand(rest: string, language: Language, isName: (word: string) => boolean): boolean {
  const word = rest.trim().split(/\s/)[0] ?? "";
  if (language !== "expression") return word !== "";
  return /^[a-z_.~/][\w.~/-]*$/i.test(word) && !isName(/^[\w$]+/.exec(word)?.[0] ?? "");
}

interface Path {
  path: string;
  quoted: boolean;
}

/** A path may stand in double quotes. */
function unquote(text: string): Path {
  const quoted = /^"([^"]+)"$/.exec(text);
  return quoted ? { path: quoted[1]!, quoted: true } : { path: text, quoted: false };
}

function isFile({ path, quoted }: Path, language: Language): boolean {
  if (quoted) return language !== "expression" || FILE_IN_SCRIPT.test(path);
  if (path === "" || /['"()<>,]/.test(path)) return false;
  if (language === "expression") return FILE_IN_SCRIPT.test(path) && !/\s/.test(path);
  if (/\s/.test(path)) return FILE_WITH_BLANKS.test(path);
  return !(SOQL_VALUE.test(path) && language !== "command");
}

function withoutEnd(text: string): string {
  return text.trimEnd().replace(/;$/, "").trimEnd();
}
