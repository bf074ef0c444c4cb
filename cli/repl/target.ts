/**
 * Where a statement's result goes: `> file`, `>> file` or `| command` at its end.
 */
import { scan, type Token } from "../soql/scan.ts";
import { BracketScanner, type Mark } from "./brackets.ts";

/** A file or a command that gets the result instead of the screen. */
export type Target =
  | { kind: "file"; path: string; append: boolean }
  | { kind: "command"; command: string };

/** The language of a statement, as far as `>` and `|` mean something in it. */
export type Language = "soql" | "json" | "javascript" | "words";

/** A statement without its target. */
export interface Split {
  text: string;
  target?: Target;
}

const FILE_IN_SCRIPT = /^(~?\.{0,2}\/.*|.*\.(csv|tsv|json|ndjson|jsonl|txt|md|html|xlsx?))$/i;
const FILE_WITH_SPACES = /^[^=]+\.(csv|tsv|json|ndjson|jsonl|txt|md|html|sh|ts|js|xlsx?)$/i;

/**
 * Splits a statement from its target. `isName` tells which words are names in JavaScript, where `_ | mask` is arithmetic
 * and `_ | jq .` is not.
 */
export function splitTarget(
  text: string,
  language: Language,
  isName: (word: string) => boolean = () => false,
): Split {
  return language === "soql" ? splitQuery(text) : splitOther(text, language, isName);
}

function splitQuery(text: string): Split {
  const tokens = scan(text).filter(({ kind }) => kind !== "comment");
  const pipe = tokens.find(({ kind }) => kind === "command");
  if (pipe) return toCommand(text, pipe.index);
  const at = tokens.findLastIndex((token, at) =>
    (token.text === ">" || token.text === ">>") && token.depth === 0 && !isComparison(tokens, at)
  );
  const arrow = tokens[at];
  const next = tokens[at + 1];
  if (!arrow || !next) return { text };
  const end = scan(text).find(({ kind, index }) => kind === "comment" && index > next.index);
  const file = readPath(text.slice(arrow.index + arrow.text.length, end?.index));
  if (!file.isQuoted && (/['"()<>,]/.test(file.path) || hasStraySpaces(file.path))) return { text };
  return toFile(text, arrow.index, file.path, arrow.text === ">>");
}

const CONDITION = /^(WHERE|AND|OR|NOT|HAVING)$/i;

/** Whether the `>` compares: in a condition, directly after its field or function. */
function isComparison(tokens: Token[], at: number): boolean {
  let operand = at - 1;
  if (tokens[operand]?.text === ")") {
    while (operand > 0 && tokens[operand]!.depth > 0) operand--;
  }
  return CONDITION.test(tokens[operand - 1]?.text ?? "");
}

function splitOther(
  text: string,
  language: Exclude<Language, "soql">,
  isName: (word: string) => boolean,
): Split {
  const marks = new BracketScanner(language).feed(text).filter(({ depth }) => depth === 0);
  const isScript = language === "javascript";
  const pipe = marks.find(({ index, text: char }) =>
    char === "|" && standsAlone(text, index, 1) &&
    (!isScript || isCommand(text.slice(index + 1), isName))
  );
  if (pipe) return toCommand(text, pipe.index);

  const arrow: Mark | undefined = marks.findLast(({ text: char }) => char === ">");
  if (!arrow) return { text };
  const append = text[arrow.index - 1] === ">";
  const start = append ? arrow.index - 1 : arrow.index;
  const file = readPath(text.slice(arrow.index + 1));
  const isFile = isScript ? isFileOfScript(file) : isFileOfRequest(file);
  if (!standsAlone(text, start, append ? 2 : 1) || !isFile) return { text };
  return toFile(text, start, file.path, append);
}

/** An operator of its own: not `->`, `=>`, `>=`, `||`. */
function standsAlone(text: string, index: number, length: number): boolean {
  const before = text[index - 1];
  return (before === undefined || /[\s;)\]}'"]/.test(before)) &&
    !/[=>|]/.test(text[index + length] ?? " ");
}

function isCommand(rest: string, isName: (word: string) => boolean): boolean {
  const word = rest.trim().split(/\s/)[0] ?? "";
  return /^[a-z_.~/][\w.~/-]*$/i.test(word) && !isName(/^[\w$]+/.exec(word)?.[0] ?? "");
}

interface Path {
  path: string;
  isQuoted: boolean;
}

/** A path may stand in quotes. */
function readPath(text: string): Path {
  const bare = text.replace(/;\s*$/, "").trim();
  const quoted = /^(["'])(.+)\1$/.exec(bare);
  return quoted ? { path: quoted[2]!, isQuoted: true } : { path: bare, isQuoted: false };
}

function isFileOfScript({ path }: Path): boolean {
  return FILE_IN_SCRIPT.test(path) && !/['"()<>,]/.test(path);
}

function isFileOfRequest({ path, isQuoted }: Path): boolean {
  return isQuoted || path !== "" && !/['"()<>,]/.test(path) && !hasStraySpaces(path);
}

/** A name with spaces and without quotes is one only if it ends as files do. */
function hasStraySpaces(path: string): boolean {
  return /\s/.test(path) && !FILE_WITH_SPACES.test(path);
}

function toCommand(text: string, index: number): Split {
  return {
    text: withoutEnd(text.slice(0, index)),
    target: { kind: "command", command: text.slice(index + 1).trim() },
  };
}

function toFile(text: string, index: number, path: string, append: boolean): Split {
  return { text: withoutEnd(text.slice(0, index)), target: { kind: "file", path, append } };
}

function withoutEnd(text: string): string {
  return text.trimEnd().replace(/;$/, "").trimEnd();
}
