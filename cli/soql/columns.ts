/**
 * Records as rows: parent relationships flattened to `Owner.Name`, subqueries to their number of records.
 */

/** A record as Salesforce sends it, with or without `attributes`. */
export type SObjectRecord = Record<string, unknown>;

/** A column of a table or CSV file. */
export interface Column {
  /** The path from the record, for example `["Owner", "Name"]`. */
  path: string[];
  /** A subquery, shown as its number of records. */
  subquery?: boolean;
}

/** The heading of a column, for example `Owner.Name`. */
export function heading(column: Column): string {
  return column.path.join(".");
}

/**
 * The columns that the select list of a SOQL statement names, in its order. Undefined where only the records can
 * tell: `FIELDS(…)`, `TYPEOF`, or a text that is not understood.
 */
export function columnsOf(soql: string): Column[] | undefined {
  const text = soql.replace(/'(?:\\.|[^'\\])*'/gs, "''");
  const from = topLevel(
    text,
    /\bFROM\s+(\w+)(?:\s+AS)?(?:\s+(?!WHERE|WITH|GROUP|HAVING|ORDER|LIMIT|OFFSET|FOR|USING|ALL|UPDATE)(\w+))?/gi,
  );
  const select = /^\s*SELECT\s/i.exec(text);
  if (!from || !select) return undefined;
  const list = text.slice(select[0].length, from.index);
  if (/\bFIELDS\s*\(|\bTYPEOF\b/i.test(list)) return undefined;
  const roots = [from[1], from[2]].filter((name) => name !== undefined).map((name) =>
    name.toLowerCase()
  );
  const aggregate = /\bGROUP\s+BY\b/i.test(text);
  let unnamed = 0;
  return splitTopLevel(list).map((item): Column => {
    const subquery = /^\(\s*SELECT\b.*\bFROM\s+([\w.]+)/is.exec(item);
    if (subquery) return { path: [subquery[1]!.split(".").at(-1)!], subquery: true };
    const [, field, call, alias] = /^([\w.]+)\s*(\(.*\))?\s*(\w+)?$/s.exec(item) ?? [];
    if (alias) return { path: [alias] };
    if (call) {
      const kept = /^(?:toLabel|convertCurrency|format)$/i.test(field!) &&
        /^\(\s*([\w.]+)\s*\)$/.exec(call);
      return { path: kept ? kept[1]!.split(".") : [`expr${unnamed++}`] };
    }
    const path = (field ?? item).split(".");
    if (path.length > 1 && roots.includes(path[0]!.toLowerCase())) path.shift();
    return { path: aggregate ? path.slice(-1) : path };
  });
}

/** The first match that stands in no parentheses. */
function topLevel(text: string, pattern: RegExp): RegExpExecArray | undefined {
  for (const match of text.matchAll(pattern)) {
    const before = text.slice(0, match.index);
    if (before.split("(").length === before.split(")").length) return match;
  }
}

function splitTopLevel(list: string): string[] {
  const items = [""];
  let depth = 0;
  for (const char of list) {
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (char === "," && depth === 0) items.push("");
    else items[items.length - 1] += char;
  }
  return items.map((item) => item.trim()).filter((item) => item !== "");
}

/**
 * The columns for these records. Those that were asked for keep their order and take the spelling of the records; a
 * parent that is null in all of them keeps its column. Without any, they are the fields that the records have.
 */
export function columnsFor(records: SObjectRecord[], wanted?: Column[]): Column[] {
  const found = fieldsOf(records);
  if (!wanted) return [...found.values()].filter((column) => !isParent(column, found));
  if (records.length === 0) return wanted;
  const rest = new Map(found);
  const chosen = wanted.flatMap((column) => {
    const matches = matching(column, found);
    for (const match of matches) rest.delete(key(match));
    const nullParent = parents(column).find((parent) => found.has(key(parent)));
    if (nullParent) rest.delete(key(nullParent));
    if (matches.length > 0) {
      return matches.map((match) => ({ ...match, ...(column.subquery && { subquery: true }) }));
    }
    return nullParent
      ? [{ ...column, path: [...nullParent.path, ...column.path.slice(nullParent.path.length)] }]
      : [];
  });
  const unexpected = [...rest.values()].filter((column) => !isParent(column, found));
  return [...chosen, ...unexpected];
}

const key = (column: Column): string => heading(column).toLowerCase();

/** Every field that one of the records has, null parents among them, by lower-case heading. */
function fieldsOf(records: SObjectRecord[]): Map<string, Column> {
  const found = new Map<string, Column>();
  const visit = (record: SObjectRecord, base: string[]): void => {
    for (const [name, value] of Object.entries(record)) {
      if (name === "attributes") continue;
      const column: Column = { path: [...base, name] };
      if (isSubquery(value)) found.set(key(column), { ...column, subquery: true });
      else if (isObject(value)) visit(value, column.path);
      else if (!found.has(key(column))) found.set(key(column), column);
    }
  };
  for (const record of records) visit(record, []);
  return found;
}

/** The field itself, or the parts of a compound one (`BillingAddress.City` …). */
function matching(column: Column, found: Map<string, Column>): Column[] {
  const parts = [...found.values()].filter((field) => key(field).startsWith(key(column) + "."));
  const own = found.get(key(column));
  return parts.length > 0 ? parts : own ? [own] : [];
}

function parents(column: Column): Column[] {
  return column.path.slice(1).map((_, index) => ({ path: column.path.slice(0, index + 1) }));
}

/** Null in one record, an object in another: its fields have the columns. */
function isParent(column: Column, found: Map<string, Column>): boolean {
  return [...found.keys()].some((other) => other.startsWith(key(column) + "."));
}

/** The value of a column in a record; undefined where the record has none, the number of records of a subquery. */
export function valueOf(record: SObjectRecord, column: Column): unknown {
  let value: unknown = record;
  for (const name of column.path) {
    if (!isObject(value)) return value === null ? null : undefined;
    value = value[name];
  }
  if (isSubquery(value)) return value.totalSize;
  if (column.subquery) return value ?? 0;
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSubquery(value: unknown): value is { totalSize: number } {
  return isObject(value) && typeof value.totalSize === "number" && Array.isArray(value.records);
}
