/**
 * Aggregate queries: aggregate functions, GROUP BY with subtotals, HAVING.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import type { Column } from "../records.ts";
import { type Field, isAggregatable, isGroupable, isNumber, type Value } from "../schema.ts";
import { type Comparer, compileCondition, type Predicate } from "./conditions.ts";
import { DATE_FUNCTIONS } from "./dates.ts";
import { formatted, innermostPath, operandOf } from "./functions.ts";
import { type ColumnMetadata, columnOf } from "./metadata.ts";
import type { Names } from "./names.ts";
import { compareValues, type Order, sorted } from "./order.ts";
import type { Call, Expression, Query, Selected } from "./parse.ts";
import { refuseSameAlias } from "./select.ts";

const MAX_SUBTOTALS = 3;

/** Rows with the same values of the GROUP BY expressions. */
export interface Group {
  rows: number[];
  /** For each key, whether the group has one value of it; false in a subtotal over all values. */
  keyed: boolean[];
}

/** An expression in GROUP BY. */
interface GroupKey {
  /** A normalized form of the expression, for comparison. */
  name: string;
  read: Column;
  type: Field["type"];
  field: Field | null;
}

/** An expression compiled to a reader of groups. */
interface GroupOperand {
  read: (group: Group) => Value;
  type: Field["type"];
  /** The field that the value comes from; null for a computed number. */
  field: Field | null;
}

/** A column of the result. */
interface Part {
  key: string;
  read: (group: Group) => Value;
}

/** A compiled aggregate query. */
export class Aggregation {
  readonly columns: ColumnMetadata[] = [];
  readonly #names: Names;
  readonly #query: Query;
  readonly #keys: GroupKey[];
  readonly #parts: Part[];
  readonly #having: Predicate<Group> | undefined;
  readonly #order: Order<Group>[] | undefined;

  constructor(names: Names, query: Query, select: Selected[], comparer: Comparer) {
    this.#names = names;
    this.#query = query;
    this.#keys = this.#groupKeys();
    this.#parts = this.#compile(select);
    this.#having = query.having && compileCondition(query.having, ({ left, operator, right }) => {
      const { read, type } = this.#operand(left);
      if ("select" in right) {
        throw this.#refuse(left, "Semi-joins are only supported in WHERE clauses");
      }
      return comparer.compile({ read, type, name: left.text, at: left.at }, operator, right);
    });
    this.#order = query.orderBy?.map(({ expression, descending, nullsLast }) => ({
      read: this.#orderedBy(expression),
      descending,
      nullsLast,
    }));
  }

  /** Groups rows and applies HAVING and ORDER BY. */
  group(rows: readonly number[]): Group[] {
    let groups = this.#groupingSets().flatMap((keyed) => this.#groupBy(rows, keyed));
    if (this.#query.groupBy?.subtotals) {
      // A subtotal follows the rows that it sums up.
      const keys = this.#keys.map((_, i) => ({
        read: (group: Group) => this.#keyValue(group, i),
        descending: false,
        nullsLast: true,
      }));
      groups = sorted(groups, keys);
    }
    if (this.#having) groups = groups.filter(this.#having);
    return this.#order ? sorted(groups, this.#order) : groups;
  }

  /** Returns the record of a group. */
  record(group: Group): Record<string, unknown> {
    return {
      attributes: { type: "AggregateResult" },
      ...Object.fromEntries(this.#parts.map(({ key, read }) => [key, read(group)])),
    };
  }

  // Keys

  #groupKeys(): GroupKey[] {
    const { items = [], subtotals } = this.#query.groupBy ?? {};
    if (subtotals && items.length > MAX_SUBTOTALS) {
      const message = `GROUP BY ${subtotals} can have at most ${MAX_SUBTOTALS} fields`;
      throw this.#refuse(items[MAX_SUBTOTALS]!, message);
    }
    const keys: GroupKey[] = [];
    for (const item of items) {
      const name = this.#spelling(item);
      if (keys.some((key) => key.name === name)) {
        throw this.#refuse(item, `duplicate grouping expression: ${item.text}`);
      }
      keys.push({ name, ...this.#groupKey(item) });
    }
    return keys;
  }

  #groupKey(item: Expression): Omit<GroupKey, "name"> {
    if (item.type === "path") {
      const { read, field } = this.#names.resolve(item);
      if (!isGroupable(field)) {
        throw this.#refuse(item, `field '${field.name}' can not be grouped in a query call`);
      }
      return { read, type: field.type, field };
    }
    if (!(item.name in DATE_FUNCTIONS)) {
      throw this.#refuse(item, `unexpected token: '${item.text}'`);
    }
    const { read, type } = operandOf(this.#names, item);
    return { read, type, field: null };
  }

  /** Returns a normalized form of an expression. */
  #spelling(expression: Expression): string {
    if (expression.type === "path") return this.#names.keyOf(expression);
    const args = expression.args.map((arg) =>
      arg.type === "path" || arg.type === "call" ? this.#spelling(arg) : arg.text
    );
    return `${expression.name}(${args})`;
  }

  /** Returns the sets of keys to group by: all keys, and for subtotals fewer of them. */
  #groupingSets(): boolean[][] {
    const all = this.#keys.map(() => true);
    switch (this.#query.groupBy?.subtotals) {
      case "ROLLUP":
        return [...all, true].map((_, left) => all.map((_, i) => i < all.length - left));
      case "CUBE":
        return Array.from(
          { length: 2 ** all.length },
          (_, set) => all.map((_, i) => (set >> i & 1) === 0),
        );
      default:
        return [all];
    }
  }

  #groupBy(rows: readonly number[], keyed: boolean[]): Group[] {
    const keys = this.#keys.filter((_, i) => keyed[i]);
    if (!keys.length) {
      const isTotal = rows.length || !this.#query.groupBy;
      return isTotal ? [{ rows: rows as number[], keyed }] : [];
    }
    const groups = new Map<string, Group>();
    for (const row of rows) {
      const values = keys.map(({ read }) => read(row));
      const name = JSON.stringify(
        values.map((each) => typeof each === "string" ? each.toLowerCase() : each),
      );
      const group = groups.get(name);
      if (group) group.rows.push(row);
      else groups.set(name, { rows: [row], keyed });
    }
    return [...groups.values()];
  }

  #keyValue({ rows, keyed }: Group, key: number): Value {
    return keyed[key] ? this.#keys[key]!.read(rows[0]!) : null;
  }

  // Columns

  #compile(select: Selected[]): Part[] {
    let expressions = 0;
    const seen = new Set<string>();
    return select.map((selected) => {
      if (selected.type !== "expression") {
        const message =
          "The practice org does not support subqueries and TYPEOF in aggregate queries";
        throw refusal(400, "MALFORMED_QUERY", message);
      }
      const { expression, alias } = selected;
      this.#refuseAggregatedKey(expression);
      const { read, field } = this.#operand(expression);
      const key = alias?.text ??
        (expression.type === "call"
          ? `expr${expressions++}`
          : this.#names.partsOf(expression).at(-1)!);
      refuseSameAlias(this.#names, seen, { text: key, at: alias?.at ?? expression.at });
      const displayName = alias?.text ?? expression.text;
      this.columns.push(columnOf(key, field, { aggregate: true, displayName }));
      return { key, read };
    });
  }

  #refuseAggregatedKey(expression: Expression): void {
    if (this.#query.groupBy?.subtotals || expression.type === "path") return;
    if (!(expression.name in AGGREGATES) || !expression.args.length) return;
    const argument = expression.args[0] as Expression;
    const key = this.#spelling(argument);
    if (!this.#keys.some(({ name }) => name === key)) return;
    throw this.#refuse(argument, `Grouped field should not be aggregated: ${argument.text}`);
  }

  /** Compiles an aggregate function or a GROUP BY expression to a reader of groups. */
  #operand(
    expression: Expression,
    complaint = "Field must be grouped or aggregated",
  ): GroupOperand {
    const key = this.#keys.findIndex(({ name }) => name === this.#spelling(expression));
    if (key >= 0) {
      const { type, field } = this.#keys[key]!;
      return { read: (group) => this.#keyValue(group, key), type, field };
    }
    if (expression.type === "call") {
      if (expression.name in AGGREGATES) return this.#aggregate(expression);
      if (expression.name === "GROUPING") return this.#grouping(expression);
      if (["FORMAT", "TOLABEL", "CONVERTCURRENCY"].includes(expression.name)) {
        const inner = this.#operand(expression.args[0] as Expression, complaint);
        if (expression.name !== "FORMAT") return inner;
        return {
          ...inner,
          read: (group) => formatted(inner.type, inner.read(group)),
          type: "string",
        };
      }
    }
    // If the name does not exist, that is the error to report.
    operandOf(this.#names, expression);
    throw this.#refuse(expression, `${complaint}: ${expression.text}`);
  }

  #aggregate(call: Call): GroupOperand {
    const { name } = call;
    const aggregate = AGGREGATES[name]!;
    if (!call.args.length) return { read: ({ rows }) => rows.length, type: "int", field: null };
    const operands = (call.args as Expression[]).map((arg) => {
      const { field } = this.#names.resolve(innermostPath(arg));
      const fits = name === "SUM" || name === "AVG" ? isNumber(field) : isAggregatable(field);
      if (!fits) {
        throw this.#refuse(arg, `field ${arg.text} does not support aggregate operator ${name}`);
      }
      return { ...operandOf(this.#names, arg), field };
    });
    const [{ read, type, field }, ...others] = operands as [typeof operands[0], ...typeof operands];
    // COUNT(a, b) counts the rows that have both values.
    const hasOthers = (row: number) => others.every((each) => each.read(row) !== null);
    const isCount = name.startsWith("COUNT");
    return {
      read: ({ rows }) => {
        const wanted = others.length ? rows.filter(hasOthers) : rows;
        return aggregate(wanted.map(read).filter((value) => value !== null));
      },
      type: isCount ? "int" : type,
      field: isCount ? null : field,
    };
  }

  /** Compiles GROUPING(field), which is 1 in a subtotal over all values of the field. */
  #grouping(call: Call): GroupOperand {
    const argument = call.args[0] as Expression;
    const key = this.#keys.findIndex(({ name }) => name === this.#spelling(argument));
    if (key < 0 || !this.#query.groupBy?.subtotals) {
      operandOf(this.#names, argument);
      throw this.#refuse(argument, `Field must be grouped or aggregated: ${argument.text}`);
    }
    return { read: ({ keyed }) => keyed[key] ? 0 : 1, type: "int", field: null };
  }

  #orderedBy(expression: Expression): (group: Group) => Value {
    const alias = this.#parts.find(({ key }) =>
      key.toLowerCase() === expression.text.toLowerCase()
    );
    return alias?.read ??
      this.#operand(expression, "Ordered field must be grouped or aggregated").read;
  }

  #refuse({ at }: Expression, message: string): Error {
    return this.#names.statement.errorAt(at, "MALFORMED_QUERY", message);
  }
}

const AGGREGATES: Record<string, (values: Value[]) => Value> = {
  COUNT: (values) => values.length,
  COUNT_DISTINCT: (values) => new Set(values.map((value) => String(value).toLowerCase())).size,
  SUM: (values) => values.length ? sum(values) : null,
  AVG: (values) => values.length ? sum(values) / values.length : null,
  MIN: (values) => extreme(values, -1),
  MAX: (values) => extreme(values, 1),
};

function sum(values: Value[]): number {
  return values.reduce<number>((total, value) => total + Number(value), 0);
}

function extreme(values: Value[], sign: 1 | -1): Value {
  return values.reduce<Value>(
    (best, value) => best === null || compareValues(value, best) * sign > 0 ? value : best,
    null,
  );
}
