/**
 * The grammar of SOSL: `FIND {term} IN group FIELDS RETURNING … WITH … LIMIT … UPDATE …`.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import { LONGEST_STATEMENT, Parser, type Query } from "../soql/parse.ts";
import type { StatementText } from "../soql/text.ts";
import type { Pattern, TermToken } from "./term.ts";

/** The group of fields that a search looks at. */
export type SearchGroup = "ALL" | "NAME" | "EMAIL" | "PHONE" | "SIDEBAR";

/** A parsed search. */
export interface Search {
  /** What is searched for, as the statement spells it. */
  term: string;
  group: SearchGroup;
  /** A SELECT for each object in RETURNING; without it, the ids of all records found are returned. */
  returning?: Query[];
  limit?: number;
}

export const SEARCH_GROUPS: SearchGroup[] = ["ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"];

/** Reserved characters, which need a backslash in a term. */
const RESERVED = "?&|!{}[]()^~*:\\\"'+-";
/** Reserved characters that are operators when written without a backslash. */
const OPERATORS = '?*()"';

/**
 * Parses a SOSL statement.
 *
 * @throws {ApiError} MALFORMED_SEARCH if the syntax is wrong.
 */
export function parseSosl(statement: StatementText): Search {
  const { text } = statement;
  if (text.length > LONGEST_STATEMENT) {
    const message = `SOSL statements cannot be longer than ${LONGEST_STATEMENT} characters.`;
    throw refusal(400, "MALFORMED_SEARCH", message);
  }
  const [beginning] = /^\s*find\s*\{/i.exec(text) ?? [];
  if (!beginning) {
    const message = "No search term found. The search term must be enclosed in braces.";
    throw refusal(400, "MALFORMED_SEARCH", message);
  }
  const end = endOfTerm(statement, beginning.length);
  const term = text.slice(beginning.length, end);
  const parser = new Parser(statement, end + 1);
  const group = parser.accept("IN") ? searchGroup(statement, parser) : "ALL";
  const returning = parser.accept("RETURNING") ? list(parser, () => returned(parser)) : undefined;
  while (parser.accept("WITH")) withClause(parser);
  const limit = parser.accept("LIMIT") ? parser.count() : undefined;
  if (parser.accept("UPDATE")) list(parser, () => oneOf(parser, ["TRACKING", "VIEWSTAT"]));
  parser.end();
  return {
    term,
    group,
    ...(returning && { returning }),
    ...(limit !== undefined && { limit }),
  };
}

/** Returns the index of the brace that closes the term. Rejects unescaped reserved characters. */
function endOfTerm(statement: StatementText, start: number): number {
  const { text } = statement;
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === "\\") at++;
    else if (character === "}") return at;
    else if (RESERVED.includes(character) && !OPERATORS.includes(character)) {
      throw statement.characterError(at, `mismatched character '${character}' expecting '}'`);
    }
  }
  throw statement.characterError(text.length, "mismatched character '<EOF>' expecting '}'");
}

function searchGroup(statement: StatementText, parser: Parser): SearchGroup {
  const malformed = (): Error => {
    const { text, at } = parser.peek();
    return statement.syntaxError(at, `Malformed search token: ${text}`);
  };
  const group = SEARCH_GROUPS.find((each) => parser.accept(each));
  if (!group || !parser.accept("FIELDS")) throw malformed();
  return group;
}

/** Parses `Account(Id, Name USING LISTVIEW=Recent WHERE … ORDER BY … LIMIT … OFFSET …)`. */
function returned(parser: Parser): Query {
  const from = parser.path();
  const select: Query["select"] = [
    { type: "expression", expression: { type: "path", text: "Id", at: from.at } },
  ];
  const query: Query = { type: "query", select, from, aliases: [] };
  if (!parser.accept("(")) return query;
  query.select = parser.selectList();
  if (parser.accept("USING")) {
    parser.expect("LISTVIEW");
    parser.expect("=");
    parser.path();
  }
  if (parser.accept("WHERE")) query.where = parser.condition();
  Object.assign(query, parser.orderAndLimit());
  parser.expect(")");
  return query;
}

/** Parses a WITH clause. The supported ones do not affect which records the practice org finds. */
function withClause(parser: Parser): void {
  if (parser.accept("SNIPPET")) {
    if (!parser.accept("(")) return;
    parser.expect("TARGET_LENGTH");
    parser.expect("=");
    parser.count();
    parser.expect(")");
    return;
  }
  if (["HIGHLIGHT", "USER_MODE", "SYSTEM_MODE"].some((word) => parser.accept(word))) return;
  if (parser.accept("DATA")) {
    const message = "The practice org does not support WITH DATA CATEGORY";
    throw refusal(400, "MALFORMED_SEARCH", message);
  }
  oneOf(parser, ["DIVISION", "METADATA", "NETWORK", "PRICEBOOKID", "SPELL_CORRECTION"]);
  if (parser.accept("IN")) {
    parser.expect("(");
    list(parser, () => parser.literal());
    parser.expect(")");
    return;
  }
  parser.expect("=");
  parser.literal();
}

function oneOf(parser: Parser, words: string[]): void {
  if (!words.some((word) => parser.accept(word))) throw parser.unexpected();
}

function list<Item>(parser: Parser, read: () => Item): Item[] {
  const items = [read()];
  while (parser.accept(",")) items.push(read());
  return items;
}

/** Splits a term into words, phrases and parentheses. */
export function parseTerm(term: string): TermToken[] {
  const tokens: TermToken[] = [];
  const token = /\s+|[()]|"((?:\\[^]|[^"\\])*)"?|(?:\\[^]?|[^\s()"\\])+/gu;
  for (const [text, phrase] of term.matchAll(token)) {
    if (text === "(" || text === ")") tokens.push({ type: text });
    else if (phrase !== undefined) {
      tokens.push({ type: "phrase", text: phrase, pattern: patternOf(phrase) });
    } else if (text.trim()) tokens.push({ type: "word", text, pattern: patternOf(text) });
  }
  return tokens;
}

function patternOf(text: string): Pattern {
  return [...text.matchAll(/\\?([^])/gu)].map(([whole, character]) =>
    whole === "*" ? null : whole === "?" ? undefined : character
  );
}

/** Returns the term of a parameterized search with reserved characters replaced by spaces. */
export function plainTerm(text: string): string {
  const isReserved = (character: string) =>
    RESERVED.includes(character) && !'?*"'.includes(character);
  return [...text].map((character) => isReserved(character) ? " " : character).join("");
}
