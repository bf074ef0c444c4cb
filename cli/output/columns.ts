/**
 * Records as rows: parent relationships flattened to `Owner.Name`, subqueries to their number of records.
 */
import type { Column } from "../soql/columns.ts";
import { isExact } from "./exact.ts";

/** A record as Salesforce sends it, with or without `attributes`. */
export type SObjectRecord = Record<string, unknown>;

/** The heading of a column, for example `Owner.Name`. */
export function heading(column: Column): string {
  return column.path.join(".");
}

/**
 * The columns for these records. Those that were asked for keep their order and take the spelling of the records; a
 * field of a parent that none of the records has keeps its column, because later records may have it. Without any, they
 * are the fields that the records have.
 */
export function columnsFor(records: SObjectRecord[], wanted?: Column[]): Column[] {
  const found = fieldsOf(records);
  if (!wanted) return [...found.values()].filter((column) => !isParent(column, found));
  if (records.length === 0) return wanted;
  const rest = new Map(found);
  const chosen = wanted.flatMap((column) => {
    const matches = matching(column, found);
    for (const match of matches) rest.delete(key(match));
    for (const parent of parents(column)) rest.delete(key(parent));
    if (matches.length > 0) {
      return matches.map((match) => ({ ...match, ...(column.subquery && { subquery: true }) }));
    }
    return column.path.length > 1 ? [{ ...column, path: spelled(column, found) }] : [];
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

/** The path of a field that no record has, its parents spelled as the records spell them. */
function spelled(column: Column, found: Map<string, Column>): string[] {
  for (const parent of parents(column).reverse()) {
    const known = [...found].find(([name]) => `${name}.`.startsWith(key(parent) + "."))?.[1];
    const length = parent.path.length;
    if (known) return [...known.path.slice(0, length), ...column.path.slice(length)];
  }
  return column.path;
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
    value = Object.hasOwn(value, name) ? value[name] : value[spellingOf(name, value)];
  }
  if (isSubquery(value)) return value.totalSize;
  if (column.subquery) return value ?? 0;
  return value;
}

/** A name as the record spells it: until a parent is there, only the query's own spelling is known. */
function spellingOf(name: string, record: Record<string, unknown>): string {
  const wanted = name.toLowerCase();
  return Object.keys(record).find((key) => key.toLowerCase() === wanted) ?? name;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isExact(value);
}

function isSubquery(value: unknown): value is { totalSize: number } {
  return isObject(value) && typeof value.totalSize === "number" && Array.isArray(value.records);
}
