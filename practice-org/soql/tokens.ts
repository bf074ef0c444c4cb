/**
 * Splits a SOQL statement into tokens.
 *
 * @module
 */
import type { StatementText } from "./text.ts";

/** The kind of a token. */
export type TokenKind = "word" | "number" | "string" | "date" | "datetime" | "symbol" | "end";

/** A word, a literal or a symbol, with its position. */
export interface Token {
  kind: TokenKind;
  text: string;
  /** Index of its first character. */
  at: number;
}

const PATTERNS: [kind: TokenKind | "space", pattern: string][] = [
  ["space", String.raw`\s+`],
  ["string", String.raw`'[^'\\]*(?:\\[^][^'\\]*)*'`],
  ["datetime", String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)`],
  ["date", String.raw`\d{4}-\d\d-\d\d`],
  ["number", String.raw`[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?`],
  ["word", String.raw`[a-z_]\w*`],
  ["symbol", String.raw`[!<>]=|<>|[,.():=<>]`],
];
const TOKEN = new RegExp(PATTERNS.map(([, pattern]) => `(${pattern})`).join("|"), "iy");

/** Returns the tokens of a statement from `start` on. The last one marks the end. */
export function tokenize(statement: StatementText, start = 0): Token[] {
  const { text } = statement;
  const tokens: Token[] = [];
  TOKEN.lastIndex = start;
  for (let at = start; at < text.length; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(text);
    if (!match) throw unreadable(statement, at);
    const [kind] = PATTERNS.find((_, i) => match[i + 1] !== undefined)!;
    if (kind !== "space") tokens.push({ kind, text: match[0], at });
  }
  tokens.push({ kind: "end", text: "<EOF>", at: text.length });
  return tokens;
}

function unreadable(statement: StatementText, at: number): Error {
  const { text } = statement;
  if (text[at] === "'") {
    return statement.characterError(text.length, "mismatched character '<EOF>' expecting '''");
  }
  const character = String.fromCodePoint(text.codePointAt(at)!);
  return statement.characterError(at, `no viable alternative at character '${character}'`);
}
