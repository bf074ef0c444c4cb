/**
 * A query's text, its parse, and errors that point into it the way Salesforce's do.
 *
 * @module
 */
import type { Query } from "@jetstreamapp/soql-parser-js";
import { type ApiError, refusal } from "../errors.ts";

type Parse = (soql: string) => Query;

const CONTEXT = 40;
const PARSED_AT_MOST = 500;
const parsed = new Map<string, Query>();
let parser: Promise<Parse> | undefined;

/** A query and where its words stand. */
export class QueryText {
  readonly text: string;
  /** The text with what stands in quotes blanked, so that it is not found. */
  readonly #bare: string;

  constructor(text: string) {
    this.text = text;
    this.#bare = text.replace(
      /'(?:\\.|[^'\\])*'/g,
      (quoted) => `'${" ".repeat(quoted.length - 2)}'`,
    );
  }

  /** Parses the query; throws MALFORMED_QUERY. */
  async parse(): Promise<Query> {
    const known = parsed.get(this.text);
    if (known) return known;
    const parse = await loadParser();
    this.#refuseBindVariables();
    this.#refuseAllRows();
    const query = this.#parse(parse);
    if (parsed.size >= PARSED_AT_MOST) parsed.clear();
    parsed.set(this.text, query);
    return query;
  }

  /** An error at a word of the query, outside of quotes and after the word `after` if given. */
  errorAt(word: string, errorCode: string, message: string, after = ""): ApiError {
    const from = after ? this.#indexOf(after) + after.length : 0;
    const index = this.#indexOf(word, from);
    return this.#error(index < 0 ? Math.max(this.#indexOf(word), 0) : index, errorCode, message);
  }

  #parse(parse: Parse): Query {
    try {
      return parse(this.text);
    } catch (error) {
      throw this.#syntaxError(parse, error instanceof Error ? error.message : String(error));
    }
  }

  #syntaxError(parse: Parse, message: string): ApiError {
    const [, character, offset] =
      /unexpected character: ->([^]*?)<- at offset: (\d+)/.exec(message) ??
        [];
    if (character === "'") {
      const end = this.text.length;
      const problem = `line 1:${end} mismatched character '<EOF>' expecting '''`;
      return this.#grammarError(end, problem);
    }
    if (character) {
      const problem = `line 1:${offset} no viable alternative at character '${character}'`;
      return this.#grammarError(Number(offset), problem);
    }
    const token = foundToken(message);
    if (!token) return this.#grammarError(this.text.length, "unexpected token: '<EOF>'");
    return this.#grammarError(this.#refusedAt(parse, token), `unexpected token: '${token}'`);
  }

  /**
   * Where the parser stopped at `token`. It does not say, but cut after the right occurrence the
   * query fails with the same complaint, and after an earlier one with another.
   */
  #refusedAt(parse: Parse, token: string): number {
    let index = this.#indexOf(token);
    for (let at = index; at >= 0; at = this.#indexOf(token, at + 1)) {
      index = at;
      try {
        parse(this.text.slice(0, at + token.length));
      } catch (error) {
        if (foundToken((error as Error).message) === token) break;
      }
    }
    return Math.max(index, 0);
  }

  #refuseBindVariables(): void {
    const bind = /(?:[=<>(,]|\b(?:in|like|limit|offset))\s*(:)\s*[a-z]/i.exec(this.#bare);
    if (!bind) return;
    const at = bind.index + bind[0].indexOf(":");
    throw this.#grammarError(at, "Bind variables only allowed in Apex code");
  }

  #refuseAllRows(): void {
    const allRows = /\ball\s+rows\s*$/i.exec(this.#bare);
    if (allRows) throw this.#grammarError(allRows.index, "ALL ROWS not allowed in this context");
  }

  #indexOf(word: string, from = 0): number {
    const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const alone = /^\w.*\w$|^\w$/.test(word) ? `(?<![\\w.])${escaped}(?![\\w.])` : escaped;
    const pattern = new RegExp(alone, "gi");
    pattern.lastIndex = from;
    return pattern.exec(this.#bare)?.index ?? -1;
  }

  /** Salesforce counts columns from 0 where the grammar fails, and from 1 elsewhere. */
  #grammarError(index: number, message: string): ApiError {
    return this.#error(Math.max(index - 1, 0), "MALFORMED_QUERY", message);
  }

  #error(index: number, errorCode: string, message: string): ApiError {
    const lineStart = this.text.lastIndexOf("\n", index - 1) + 1;
    const row = this.text.slice(0, lineStart).split("\n").length;
    const line = this.text.slice(lineStart).split("\n")[0]!;
    const at = index - lineStart;
    const from = at <= CONTEXT ? 0 : line.indexOf(" ", at - CONTEXT) + 1 || at;
    const excerpt = line.slice(Math.min(from, at)).slice(0, 2 * CONTEXT).trimEnd();
    const caret = " ".repeat(Math.max(at - from, 0)) + "^";
    const place = `ERROR at Row:${row}:Column:${at + 1}`;
    return refusal(400, errorCode, `\n${excerpt}\n${caret}\n${place}\n${message}`);
  }
}

function foundToken(message: string): string | undefined {
  const [, quoted] = /found(?:: | --> )'([^]*?)'(?: <--)?\s*$/.exec(message) ?? [];
  if (quoted !== undefined) return quoted;
  return /but found: ([^]*)$/.exec(message)?.[1];
}

function loadParser(): Promise<Parse> {
  parser ??= import("@jetstreamapp/soql-parser-js").then(({ parseQuery }) => parseQuery);
  return parser;
}
