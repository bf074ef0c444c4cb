/**
 * The columns that a SOQL statement asks for.
 */
import { scan, type Token, withoutComments } from "./scan.ts";

/** A column of a table or CSV file. */
export interface Column {
  /** The path from the record, for example `["Owner", "Name"]`. */
  path: string[];
  /** A subquery, shown as its number of records. */
  subquery?: boolean;
}

/**
 * The columns that the select list of a SOQL statement names, in its order. Undefined where only the records can
 * tell: `FIELDS(…)`, or a text that is not a query.
 */
export function columnsOf(soql: string): Column[] | undefined {
  const text = withoutComments(soql);
  const tokens = scan(text);
  const top = tokens.filter(({ depth }) => depth === 0);
  const from = top.find(isWord("FROM"));
  if (!from || !top[0] || !isWord("SELECT")(top[0])) return undefined;
  const selected = tokens.filter(({ index }) => index > top[0]!.index && index < from.index);
  if (selected.some((token, at) => isWord("FIELDS")(token) && selected[at + 1]?.text === "(")) {
    return undefined;
  }
  const names = namesOfObject(top.slice(top.indexOf(from) + 1));
  const isAggregate = top.some((token, at) => isWord("GROUP")(token) && isWord("BY")(top[at + 1]));
  const items = splitAtCommas(selected);
  let unnamed = 0;
  return items.flatMap((item): Column[] => {
    const [first] = item;
    const source = text.slice(first!.index, item.at(-1)!.index + item.at(-1)!.text.length);
    if (isWord("TYPEOF")(first)) return columnsOfTypeof(item);
    const subquery = /^\(\s*SELECT\b.*\bFROM\s+([\w.]+)/is.exec(source);
    if (subquery) return [{ path: [subquery[1]!.split(".").at(-1)!], subquery: true }];
    const [, field, call, alias] = /^([\w.]+)\s*(\(.*\))?\s*(\w+)?$/s.exec(source) ?? [];
    if (alias) return [{ path: [alias] }];
    if (call) {
      const kept = /^(?:toLabel|convertCurrency|format)$/i.test(field!) &&
        /^\(\s*([\w.]+)\s*\)$/.exec(call);
      return [{ path: kept ? kept[1]!.split(".") : [`expr${unnamed++}`] }];
    }
    const path = (field ?? source).split(".");
    if (path.length > 1 && names.includes(path[0]!.toLowerCase())) path.shift();
    return [{ path: isAggregate ? path.slice(-1) : path }];
  });
}

/** Whether a statement is `SELECT COUNT() FROM …`: it has no records, its answer is their number. */
export function isCount(soql: string): boolean {
  return /^\s*SELECT\s+COUNT\s*\(\s*\)\s+FROM\b/i.test(withoutComments(soql));
}

/** The object that a statement's outermost FROM names. */
export function objectOf(soql: string): string | undefined {
  const top = scan(soql).filter(({ depth, kind }) => depth === 0 && kind !== "comment");
  return top[top.findIndex(isWord("FROM")) + 1]?.text;
}

function isWord(word: string): (token: Token | undefined) => boolean {
  return (token) => token?.kind === "word" && token.text.toUpperCase() === word;
}

const CLAUSE = /^(WHERE|WITH|GROUP|HAVING|ORDER|LIMIT|OFFSET|FOR|USING|ALL|UPDATE)$/i;

/** The object's name and its alias, which may stand in front of a field. */
function namesOfObject([object, ...rest]: Token[]): string[] {
  const alias = rest[rest.findIndex((token) => !isWord("AS")(token))];
  return [object, alias && !CLAUSE.test(alias.text) ? alias : undefined]
    .filter((token) => token !== undefined).map(({ text }) => text.toLowerCase());
}

/** The items of a select list. The commas between TYPEOF and END part fields, not items. */
function splitAtCommas(tokens: Token[]): Token[][] {
  const items: Token[][] = [[]];
  let inTypeof = false;
  for (const token of tokens) {
    if (isWord("TYPEOF")(token)) inTypeof = true;
    if (isWord("END")(token)) inTypeof = false;
    if (token.text === "," && token.depth === 0 && !inTypeof) items.push([]);
    else items.at(-1)!.push(token);
  }
  return items.filter((item) => item.length > 0);
}

/** `TYPEOF What WHEN Account THEN Phone, Name ELSE Id END`: every field of every branch, once. */
function columnsOfTypeof([, field, ...branches]: Token[]): Column[] {
  const found = new Map<string, Column>();
  let listed = false;
  for (const { kind, text } of branches) {
    if (/^(THEN|ELSE)$/i.test(text)) listed = true;
    else if (/^(WHEN|END)$/i.test(text)) listed = false;
    else if (listed && kind === "word" && field) {
      const path = [field.text, ...text.split(".")];
      const key = path.join(".").toLowerCase();
      if (!found.has(key)) found.set(key, { path });
    }
  }
  return [...found.values()];
}
