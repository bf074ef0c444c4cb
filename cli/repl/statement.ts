/**
 * What one statement is, and whether it is finished. Judged by words, quotes and brackets: a parser would cost more at
 * the start than it would tell.
 */
import { continuesQuery, isFinished } from "../soql/finished.ts";
import { scan, Scanner, statementOf } from "../soql/scan.ts";
import { BracketScanner } from "./brackets.ts";
import { type Language, splitTarget, type Target } from "./target.ts";

/** A statement, told apart by its first characters. */
export type Statement =
  & { target?: Target }
  & (
    | { kind: "soql"; soql: string }
    | { kind: "sosl"; sosl: string }
    | { kind: "request"; method: string; path: string; headers?: Headers; body?: string }
    | { kind: "expression"; code: string }
    | { kind: "command"; name: string; argument: string }
    | { kind: "unknown"; text: string }
  );

/** What a line begins. */
export type Kind = Statement["kind"];

const VERB = /^(GET|HEAD|POST|PATCH|PUT|DELETE)\s+(?=\/|https?:)/i;

/** Dot commands whose argument is a query. */
const QUERY_COMMAND = /^\.(tooling|queryall)\s+/i;

/** Words that other shells understand need no dot, and neither does `\q`. */
const BARE_COMMAND = /^(exit|quit|help|\\q)\s*;?\s*$/i;

/** A command of psql: no statement or continuation begins with a backslash here. */
const BACKSLASH = /^\\[a-z?!]/i;

/** A header of a request, as it stands in .http files. */
const HEADER = /^[\w-]+:\s*\S/;

const BLOCK_COMMENTS = /^(?:\s*\/\*[^]*?\*\/)+/;

/** What a text begins, comments aside. */
export function kindOf(text: string): Kind {
  const start = text.replace(BLOCK_COMMENTS, "").trimStart();
  if (/^\.[a-z]/i.test(start) || BARE_COMMAND.test(start)) return "command";
  if (start.startsWith("=")) return "expression";
  if (/^(\/(?!\*)|https?:\/\/)/i.test(start) || VERB.test(start)) return "request";
  if (/^SELECT\b/i.test(start)) return "soql";
  if (/^FIND\b/i.test(start)) return "sosl";
  return "unknown";
}

/** Whether a text is nothing but block comments. */
export function isBlockComment(text: string): boolean {
  return text.replace(BLOCK_COMMENTS, "").trim() === "";
}

/** Whether a line is a comment and nothing else: `-- …`, `// …` or `# …`. */
export function isComment(line: string): boolean {
  return /^\s*(--|\/\/|#)/.test(line);
}

/** Whether the text is a query or a search, a dot command in front of it or not. */
export function isQuery(text: string): boolean {
  return ["soql", "sosl"].includes(kindOf(text)) || QUERY_COMMAND.test(text.trimStart());
}

/** Whether this line continues a statement that could end above it. */
export function continues(statement: string, line: string | undefined): boolean {
  if (line === undefined) return false;
  if (isQuery(statement)) return continuesQuery(line) || isComment(line);
  if (kindOf(statement) !== "request") return false;
  return HEADER.test(line) || !/^\s*(GET|HEAD|\/)/i.test(statement) && /^\s*[{["@]/.test(line);
}

/** Whether a request was typed that has a body, and the body is not there yet. */
export function wantsBody(text: string): boolean {
  return /^\s*(POST|PATCH|PUT)\s/i.test(text) && kindOf(text) === "request" &&
    splitRequest(text).body === undefined;
}

/** Whether a line is a command, which runs also where a statement is not finished. */
export function isCommandLine(line: string): boolean {
  const start = line.trimStart();
  return /^\.[a-z]/i.test(start) || BACKSLASH.test(start) || BARE_COMMAND.test(start);
}

/** Whether the text can run as it stands. */
export function isComplete(text: string): boolean {
  switch (kindOf(text)) {
    case "soql":
    case "sosl":
      return isFinished(splitTarget(text, "soql").text);
    case "request":
      return !isOpen(text) && !wantsBody(text);
    case "expression":
      return !isOpen(text) && !/(=>|[,+*?:&=]|\|\|)\s*$/.test(text);
    case "command":
      if (/^\s*\.apex\s*$/i.test(text)) return false;
      if (/^\s*\.apex\s*\n/i.test(text)) return /\n\.end\s*$/i.test(text);
      return !isQuery(text) ||
        isFinished(splitTarget(text.trimStart().replace(QUERY_COMMAND, ""), "soql").text);
    default:
      return true;
  }
}

function isOpen(text: string): boolean {
  const scanner = scannerFor(text);
  scanner.feed(text);
  return scanner.open;
}

/** Follows the quotes, brackets and comments of a statement that begins with this text. */
export function scannerFor(text: string): Scanner | BracketScanner {
  const language = languageOf(text);
  return language === "soql" ? new Scanner() : new BracketScanner(language);
}

/** The position of the `;` that ends the first statement of a text, or -1. */
export function endMark(text: string): number {
  if (isQuery(text)) {
    return scan(text).find(({ text, depth, kind }) =>
      text === ";" && depth === 0 && kind === "mark"
    )?.index ?? -1;
  }
  if (kindOf(text) !== "request") return -1;
  return new BracketScanner("json").feed(text)
    .find((mark) => mark.text === ";" && mark.depth === 0)?.index ?? -1;
}

/** Reads a finished statement. `isName` as for `splitTarget`. */
export function parseStatement(
  source: string,
  isName?: (word: string) => boolean,
): Statement {
  const kind = kindOf(source);
  if (kind === "command" && /^\s*\.apex\s*\n/i.test(source)) {
    const code = source.replace(/^\s*\.apex\s*\n/i, "").replace(/\n\.end\s*$/i, "");
    return { kind, name: "apex", argument: code };
  }
  const { text: split, target } = splitTarget(source.trim(), languageOf(source), isName);
  const text = isQuery(source) || kind === "request" ? withoutEnd(split, source) : split;
  switch (kind) {
    case "soql":
      return { kind, soql: text, target };
    case "sosl":
      return { kind, sosl: text, target };
    case "request":
      return { kind, ...splitRequest(text), target };
    case "expression":
      return { kind, code: text.replace(BLOCK_COMMENTS, "").trimStart().slice(1).trim(), target };
    case "command": {
      const [, name = "", argument = ""] = /^[.\\]?([^\s;]*)\s*([^]*)$/.exec(text) ?? [];
      return { kind, name: name.toLowerCase(), argument: argument.trim(), target };
    }
    default:
      return { kind: "unknown", text: source.trim() };
  }
}

function withoutEnd(text: string, source: string): string {
  return isQuery(source) ? statementOf(text) : text.trim().replace(/;$/, "").trim();
}

function languageOf(text: string): Language {
  const kind = kindOf(text);
  const isOpenComment = kind === "unknown" && /^\s*\/\*/.test(text);
  if (isQuery(text) || isOpenComment) return "soql";
  if (kind === "unknown") return "words";
  return kind === "expression" ? "javascript" : kind === "request" ? "json" : "words";
}

/**
 * `POST /path {json}`: the body is what follows the path, from the first space with `{`, `[`, `"` or `@` after it. As in
 * .http files, the version of HTTP may follow the path, and headers on the lines below it.
 */
function splitRequest(
  text: string,
): { method: string; path: string; headers?: Headers; body?: string } {
  const start = text.replace(BLOCK_COMMENTS, "").trimStart();
  const method = VERB.exec(start)?.[1]?.toUpperCase() ?? "GET";
  const [first = "", ...lines] = start.replace(VERB, "").trim().split("\n");
  const headers = new Headers();
  while (HEADER.test(lines[0] ?? "")) {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(lines.shift()!)!;
    headers.append(name!, value!.trim());
  }
  const rest = [first.replace(/\s+HTTP\/[\d.]+\s*$/i, ""), ...lines].join("\n").trim();
  const given = [...headers].length > 0 ? { headers } : {};
  const at = rest.search(/\s+[{["@]/);
  if (at < 0 || method === "GET" || method === "HEAD") {
    return { method, path: rest.replace(/\s+(--|\/\/)(\s.*)?$/, ""), ...given };
  }
  return { method, path: rest.slice(0, at).trim(), ...given, body: rest.slice(at).trim() };
}
