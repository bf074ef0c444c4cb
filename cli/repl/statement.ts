/**
 * What one statement is, and whether it is finished. Judged by words, quotes and brackets: a parser would cost more at
 * the start than it would tell.
 */
import { scan, Scanner } from "./text.ts";
import { type Language, splitTarget, type Target } from "./target.ts";

/** A statement, told apart by its first characters. */
export type Statement =
  & { target?: Target }
  & (
    | { kind: "soql"; soql: string }
    | { kind: "sosl"; sosl: string }
    | { kind: "request"; method: string; path: string; body?: string }
    | { kind: "expression"; code: string }
    | { kind: "command"; name: string; argument: string }
    | { kind: "unknown"; text: string }
  );

/** What a line begins. */
export type Kind = Statement["kind"];

const VERB = /^(GET|HEAD|POST|PATCH|PUT|DELETE)\s+(?=\/|https?:)/i;
const SOQL_CLAUSE =
  /^\s*(FROM|WHERE|AND|OR|NOT|ORDER|GROUP|HAVING|LIMIT|OFFSET|WITH|USING|FOR|UPDATE|ALL|RETURNING|IN|LIKE)\b|^\s*[,)>|]/i;
const WANTS_MORE =
  /([,=<>(]|\b(SELECT|FROM|WHERE|AND|OR|NOT|LIKE|IN|INCLUDES|EXCLUDES|BY|HAVING|LIMIT|OFFSET|USING|SCOPE|WITH|GROUP|ORDER|FOR|TYPEOF|WHEN|THEN|ELSE|RETURNING|FIND))$/i;
/** A condition that still has nothing to compare with. */
const HALF_CONDITION = /\b(WHERE|AND|OR|NOT|HAVING)\s+\(*\s*[\w.]+(\([\w.\s]*\))?$/i;
/** Dot commands whose argument is a query. */
const QUERY_COMMAND = /^\.(tooling|queryall)\s+/i;

/** What every shell understands needs no dot. */
const BARE_COMMAND = /^(exit|quit|help)\s*;?\s*$/i;

/** What the first line of a statement begins. */
export function kindOf(text: string): Kind {
  const start = text.trimStart();
  if (/^\.[a-z]/i.test(start) || BARE_COMMAND.test(start)) return "command";
  if (start.startsWith("=")) return "expression";
  if (start.startsWith("/") || VERB.test(start)) return "request";
  if (/^SELECT\b/i.test(start)) return "soql";
  if (/^FIND\b/i.test(start)) return "sosl";
  return "unknown";
}

/** A line that is a remark: `--`, `//` or `#`. */
export function isComment(line: string): boolean {
  return /^\s*(--|\/\/|#)/.test(line);
}

/** A line of SOQL without the remark at its end, which Salesforce would not take. A command behind `|` stays as it is. */
export function withoutRemark(line: string): string {
  if (isComment(line)) return "";
  return line.replace(/^((?:'(?:\\.|[^'\\])*'|[^'|])*?(?<![^\s,;]))(?:--|\/\/).*$/, "$1").trimEnd();
}

/** Whether the text begins a SOQL query, a dot command in front of it or not. */
export function isSoql(text: string): boolean {
  return kindOf(text) === "soql" || QUERY_COMMAND.test(text.trimStart());
}

/** Whether this line goes on with a query begun above it. */
export function continuesQuery(line: string | undefined): boolean {
  return line !== undefined && SOQL_CLAUSE.test(line);
}

/** Whether the text can run as it stands. */
export function isComplete(text: string): boolean {
  switch (kindOf(text)) {
    case "soql":
    case "sosl":
      return isCompleteQuery(text);
    case "request":
      return scannerFor(text).feed(splitRequest(text).body ?? "").balanced;
    case "expression":
      return scannerFor(text).feed(text).balanced && !/(=>|[,+*?:&=]|\|\|)\s*$/.test(text);
    case "command":
      if (/^\s*\.apex\s*$/i.test(text)) return false;
      if (/^\s*\.apex\s*\n/i.test(text)) return /\n\.end\s*$/i.test(text);
      return QUERY_COMMAND.test(text.trimStart())
        ? isCompleteQuery(text.trimStart().replace(QUERY_COMMAND, ""))
        : true;
    default:
      return true;
  }
}

function isCompleteQuery(text: string): boolean {
  const query = splitTarget(text, "soql").text.trim();
  if (!new Scanner("'").feed(query).balanced) return false;
  if (WANTS_MORE.test(query) || HALF_CONDITION.test(query)) return false;
  const top = scan(query, "'").filter(({ depth }) => depth === 0).map(({ char }) => char).join("");
  return kindOf(query) === "sosl" ? /\bRETURNING\b/i.test(query) : /\bFROM\s+\S/i.test(top);
}

function isQuery(text: string): boolean {
  return kindOf(text) === "sosl" || isSoql(text);
}

/** Follows the quotes and brackets of a statement that begins with this text. */
export function scannerFor(text: string): Scanner {
  const kind = kindOf(text);
  return kind === "expression"
    ? new Scanner("'\"`", true)
    : new Scanner(kind === "request" ? `"` : "'");
}

/** The position of the `;` that ends the first statement of a text, or -1. */
export function endMark(text: string): number {
  if (!isQuery(text) && kindOf(text) !== "request") return -1;
  const quotes = isQuery(text) ? "'" : `"`;
  return scan(text, quotes).find(({ char, depth }) => char === ";" && depth === 0)?.index ?? -1;
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
  const { text: split, target } = splitTarget(source.trim(), languageOf(kind, source), isName);
  const text = kind === "expression" || kind === "command" && !isQuery(source)
    ? split
    : split.replace(/;\s*$/, "").trim();
  switch (kind) {
    case "soql":
      return { kind, soql: text, target };
    case "sosl":
      return { kind, sosl: text, target };
    case "request":
      return { kind, ...splitRequest(text), target };
    case "expression":
      return { kind, code: text.slice(1).trim(), target };
    case "command": {
      const [, name = "", argument = ""] = /^\.?([^\s;]*)\s*([^]*)$/.exec(text) ?? [];
      return { kind, name: name.toLowerCase(), argument: argument.trim(), target };
    }
    default:
      return { kind: "unknown", text: source.trim() };
  }
}

function languageOf(kind: Kind, text: string): Language {
  if (isQuery(text)) return "soql";
  return kind === "expression" || kind === "request" ? kind : "command";
}

/** `POST /path {json}`: the body is what follows the path, from the first blank with `{`, `[`, `"` or `@` behind it. */
function splitRequest(text: string): { method: string; path: string; body?: string } {
  const start = text.trimStart();
  const method = VERB.exec(start)?.[1]?.toUpperCase() ?? "GET";
  const rest = start.replace(VERB, "").trim();
  const at = rest.search(/\s+[{["@]/);
  if (at < 0 || method === "GET" || method === "HEAD") return { method, path: rest };
  return { method, path: rest.slice(0, at).trim(), body: rest.slice(at).trim() };
}
