/**
 * The order of values in SOQL.
 *
 * @module
 */
import { to18 } from "../ids.ts";
import type { Value } from "../schema.ts";

/** A sort key of rows, or of groups of rows. */
export interface Order<Item> {
  read: (item: Item) => Value;
  descending: boolean;
  nullsLast: boolean;
}

/** Returns a negative number if `a` comes before `b`, a positive one if it comes after. */
export function compareValues(a: Value, b: Value): number {
  const [x, y] = [sortKey(a)!, sortKey(b)!];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Returns the items sorted; the sort is stable, and each key is read once. */
export function sorted<Item>(items: readonly Item[], orders: Order<Item>[]): Item[] {
  const keyed = items.map((item) => ({
    item,
    keys: orders.map(({ read }) => sortKey(read(item))),
  }));
  keyed.sort((a, b) => {
    for (const [i, { descending, nullsLast }] of orders.entries()) {
      const [x, y] = [a.keys[i]!, b.keys[i]!];
      if (x === y) continue;
      if (x === null || y === null) return (x === null) === nullsLast ? 1 : -1;
      return (x < y) === descending ? 1 : -1;
    }
    return 0;
  });
  return keyed.map(({ item }) => item);
}

/** Returns what a value is sorted by. Text ignores case. Ids do not, or paging by `Id > '…'` would skip records. */
function sortKey(value: Value): Value {
  return typeof value === "string" && !isWholeId(value) ? value.toLowerCase() : value;
}

function isWholeId(value: string): boolean {
  return value.length === 18 && value === to18(value.slice(0, 15));
}
