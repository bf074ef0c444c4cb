/**
 * Where the cursor is in a SOQL statement: in which query or subquery, of which object, and in which clause.
 */
import { scan, type Token, withoutLiterals } from "./scan.ts";

/** The query, or the subquery, that the cursor is in. */
export interface Scope {
  /** Its text up to the cursor. */
  before: string;
  object?: string;
  alias?: string;
  /** The outer query of a subquery in the select list. */
  outer?: Scope;
}

const CLAUSES = ["SELECT", "FROM", "WHERE", "HAVING", "LIMIT", "OFFSET", "WITH", "FOR"];
const PAIRS = ["ORDER BY", "GROUP BY", "USING SCOPE"];

/** The query that holds the place between `before` and `after`. Its object may be named after the cursor. */
export function scopeAt(before: string, after: string): Scope {
  const full = before + after;
  const tokens = scan(full);
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.index >= before.length) break;
    if (token.text === "(") open.push(token);
    if (token.text === ")") open.pop();
  }
  const start = open.findLast(({ index }) => /^\(\s*SELECT\b/i.test(full.slice(index)));
  if (!start) return readScope(full, 0, full.length, before.length);
  const end = tokens.find(({ index, text, depth }) =>
    index > start.index && text === ")" && depth === start.depth
  );
  const scope = readScope(full, start.index + 1, end?.index ?? full.length, before.length);
  const outer = scopeAt(full.slice(0, start.index), full.slice(end ? end.index + 1 : full.length));
  return clauseAt(outer.before).name === "SELECT" ? { ...scope, outer } : scope;
}

function readScope(full: string, start: number, end: number, cursor: number): Scope {
  const text = full.slice(start, end);
  // What stands in brackets has a FROM of its own.
  const top = scan(text).filter(({ depth, kind }) => depth === 0 && kind === "word")
    .map(({ text }) => text).join(" ");
  const [, object, alias] =
    /\bFROM (\w+)(?: (?:AS )?(?!(?:WHERE|ORDER|GROUP|LIMIT|USING|WITH|HAVING|OFFSET|FOR)\b)(\w+))?/i
      .exec(top) ?? [];
  return { before: full.slice(start, cursor), object, alias };
}

/** The clause that a text ends in, in capitals, and what follows its keyword, with literals and comments blanked out. */
export function clauseAt(text: string): { name?: string; since: string } {
  const words = scan(text).filter(({ depth, kind }) => depth === 0 && kind === "word");
  for (let at = words.length - 1; at >= 0; at--) {
    const [one, two] = [words[at]!, words[at + 1]];
    const pair = two && `${one.text} ${two.text}`.toUpperCase();
    const [name, last] = pair && PAIRS.includes(pair) ? [pair, two] : [one.text.toUpperCase(), one];
    if (name !== pair && !CLAUSES.includes(name)) continue;
    return { name, since: withoutLiterals(text).slice(last.index + last.text.length) };
  }
  return { since: withoutLiterals(text) };
}

/** The word or the open literal that a text ends in; a new one begins with the next character where it is empty. */
export function wordAt(text: string): string {
  return /'(?:\\.|[^'\\])*$/.exec(withoutLiterals(text))?.[0] ?? /[\w.]*$/.exec(text)![0];
}
