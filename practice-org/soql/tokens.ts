/**
 * The words of a SOQL statement.
 *
 * @module
 */
import type { StatementText } from "./text.ts";

/** What a token is. */
export type TokenKind = "word" | "number" | "string" | "date" | "datetime" | "symbol" | "end";

/** A word, a literal or a symbol, and where it stands. */
export interface Token {
  kind: TokenKind;
  text: string;
  /** Index of its first character. */
  at: number;
}

const TOKEN = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<string>'[^'\\]*(?:\\[^][^'\\]*)*')`,
    String.raw`(?<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))`,
    String.raw`(?<date>\d{4}-\d\d-\d\d)`,
    String.raw`(?<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)`,
    String.raw`(?<word>[a-z_]\w*)`,
    String.raw`(?<symbol>[!<>]=|<>|[,.():=<>])`,
  ].join("|"),
  "iy",
);

/** Splits a statement from `start` on; the last token is the end. */
export function tokenize(statement: StatementText, start = 0): Token[] {
  const { text } = statement;
  const tokens: Token[] = [];
  TOKEN.lastIndex = start;
  for (let at = start; at < text.length; at = TOKEN.lastIndex) {
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) throw unreadable(statement, at);
    const [kind, matched] = Object.entries(groups).find(([, match]) => match !== undefined)!;
    if (kind !== "space") tokens.push({ kind: kind as TokenKind, text: matched!, at });
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
