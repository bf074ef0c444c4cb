/**
 * Runs SOQL on the record store. Names are resolved and checked first, then rows are selected,
 * grouped and ordered. A record is built when its page is requested.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import type { Table } from "../records.ts";
import { childRelationships, isSortable, type ObjectType } from "../schema.ts";
import { Aggregation } from "./aggregate.ts";
import { Comparer, compileCondition, type Operand, type Predicate } from "./conditions.ts";
import { operandOf } from "./functions.ts";
import type { ColumnMetadata } from "./metadata.ts";
import { Names, type QueryContext, tableOf } from "./names.ts";
import { type Order, sorted } from "./order.ts";
import {
  type Comparison,
  type Expression,
  isAggregate,
  isCount,
  parseQuery,
  type Query,
} from "./parse.ts";
import {
  checkAggregates,
  checkChild,
  checkFilter,
  checkSemiJoinFields,
  checkSemiJoins,
  type SemiJoinSide,
} from "./restrictions.ts";
import {
  type BuildRecord,
  type Children,
  selectedOf,
  SelectList,
  type ShowChildren,
} from "./select.ts";
import { StatementText } from "./text.ts";

const MAX_OFFSET = 2000;

/** The result of a query, not yet divided into pages. */
export interface QueryResult {
  object: ObjectType;
  /** The number of records found, or the number that COUNT() returns. */
  size: number;
  /** Whether the query is SELECT COUNT(), which has no records. */
  countOnly: boolean;
  aggregate: boolean;
  columns: ColumnMetadata[];
  /** Builds the records from `start` up to `end`. */
  records(start: number, end: number, showChildren: ShowChildren<QueryResult>): unknown[];
}

/**
 * Runs a SOQL statement.
 *
 * @throws {ApiError} If the statement is wrong; the error points at the place.
 */
export function runQuery(soql: string, context: QueryContext): QueryResult {
  const statement = new StatementText(soql);
  return runParsed(parseQuery(statement), statement, context);
}

/** Runs a statement, or a part of one, that has been parsed. */
export function runParsed(
  query: Query,
  statement: StatementText,
  context: QueryContext,
): QueryResult {
  const table = tableOf(context, statement, query.from);
  return new Statement(new Names(context, statement, table, query.aliases), query).run();
}

/** One SELECT on one table. It is compiled once and can run many times. */
class Statement {
  readonly #names: Names;
  readonly #query: Query;
  readonly #comparer: Comparer;
  readonly #where: Predicate<number> | undefined;
  /** Returns the result for the rows that WHERE selects. */
  readonly #finish: (rows: readonly number[]) => QueryResult;

  constructor(names: Names, query: Query, { isSemiJoin = false } = {}) {
    this.#names = names;
    this.#query = query;
    this.#comparer = new Comparer(names.statement, Date.now());
    if (query.dataCategory) {
      const message = "The practice org does not support WITH DATA CATEGORY";
      throw refusal(400, "MALFORMED_QUERY", message);
    }
    this.#checkOffset();
    checkAggregates(names, query);
    checkSemiJoins(names, query.where, isSemiJoin);
    this.#finish = this.#compile();
    this.#where = query.where && compileCondition(query.where, (each) => this.#compare(each));
  }

  /** Runs on the whole table, or on the given rows only, as a child subquery does. */
  run(only?: readonly number[]): QueryResult {
    const isGiven = only !== undefined || this.#names.context.among !== undefined;
    if (!isGiven) checkFilter(this.#names, this.#query.where);
    return this.#finish(this.#rows(only));
  }

  // Rows

  #rows(only?: readonly number[]): readonly number[] {
    const { table, context } = this.#names;
    const { includeDeleted, among, userId } = context;
    let rows = only ?? (includeDeleted ? table.all() : table.live());
    if (among && !only) rows = rows.filter(among);
    if (this.#query.scope?.text.toLowerCase() === "mine" && table.object.field("OwnerId")) {
      const owner = table.column("OwnerId");
      rows = rows.filter((row) => owner(row) === userId);
    }
    return this.#where ? rows.filter(this.#where) : rows;
  }

  #compare(comparison: Comparison): Predicate<number> {
    const { left, operator, right } = comparison;
    const operand = this.#filterOperand(left);
    if (!("select" in right)) return this.#comparer.compile(operand, operator, right);
    const ids = this.#semiJoin(left, right);
    const isWanted = operator === "IN";
    return (row) => ids.has(String(operand.read(row)).slice(0, 15)) === isWanted;
  }

  #filterOperand(left: Expression): Operand<number> {
    if (isAggregate(left)) {
      throw this.#names.statement.syntaxError(left.at, `unexpected token: '${left.text}'`);
    }
    if (left.type === "path") {
      const { field } = this.#names.resolve(left);
      if (!field.filterable) {
        const message = field.type === "address"
          ? "Address fields can only be filtered using Distance expressions"
          : `field '${field.name}' can not be filtered in a query call`;
        throw this.#names.statement.errorAt(left.at, "INVALID_FIELD", message);
      }
    }
    return operandOf(this.#names, left);
  }

  /** Returns the ids that the subquery in `IN (SELECT AccountId FROM …)` finds. */
  #semiJoin(left: Expression, query: Query): Set<string> {
    const { context, statement } = this.#names;
    const table = tableOf(context, statement, query.from);
    const names = new Names({ ...context, among: undefined }, statement, table, query.aliases);
    const [selected, ...more] = selectedOf(names, query);
    const path = selected?.type === "expression" ? selected.expression : undefined;
    if (more.length || path?.type !== "path") {
      const message = "Nesting of semi join sub-selects needs exactly one selected field";
      throw statement.errorAt(left.at, "MALFORMED_QUERY", message);
    }
    if (left.type === "path") {
      checkSemiJoinFields(this.#names, sideOf(this.#names, left), sideOf(names, path));
    }
    const { read } = names.resolve(path);
    const inner = new Statement(names, query, { isSemiJoin: true });
    const rows = inner.#limited(inner.#rows());
    return new Set(rows.map(read).filter(Boolean).map((id) => String(id).slice(0, 15)));
  }

  #limited<Item>(items: readonly Item[]): readonly Item[] {
    const { limit = Infinity, offset } = this.#query;
    const start = offset?.count ?? 0;
    // The list of rows can be long, and is only copied where it has to be cut.
    return !start && limit >= items.length ? items : items.slice(start, start + limit);
  }

  #checkOffset(): void {
    const { offset } = this.#query;
    if (!offset || offset.count <= MAX_OFFSET) return;
    const message = `Maximum SOQL offset allowed is ${MAX_OFFSET}`;
    throw this.#names.statement.errorAt(offset.at, "NUMBER_OUTSIDE_VALID_RANGE", message);
  }

  // Results

  #compile(): (rows: readonly number[]) => QueryResult {
    const { object } = this.#names.table;
    const result: QueryResult = {
      object,
      size: 0,
      countOnly: false,
      aggregate: false,
      columns: [],
      records: () => [],
    };
    const select = selectedOf(this.#names, this.#query);
    const expressions = select.flatMap((each) => each.type === "expression" ? each.expression : []);
    if (expressions.length === 1 && isCount(expressions[0]!)) {
      return (rows) => ({ ...result, size: this.#limited(rows).length, countOnly: true });
    }
    if (this.#query.groupBy || expressions.some(isAggregate)) {
      const aggregation = new Aggregation(this.#names, this.#query, select, this.#comparer);
      const { columns } = aggregation;
      return (rows) => {
        const groups = this.#limited(aggregation.group(rows));
        const records = (start: number, end: number) =>
          groups.slice(start, end).map((group) => aggregation.record(group));
        return { ...result, size: groups.length, aggregate: true, columns, records };
      };
    }
    const list = new SelectList<QueryResult>(this.#names, (query) => this.#children(query));
    const { build, columns } = list.compile(select);
    const order = this.#order();
    return (rows) => {
      const chosen = this.#limited(order ? sorted(rows, order) : rows);
      return { ...result, size: chosen.length, columns, records: recordsOf(chosen, build) };
    };
  }

  #order(): Order<number>[] | undefined {
    return this.#query.orderBy?.map(({ expression, descending, nullsLast }) => {
      if (expression.type === "path") {
        const { field } = this.#names.resolve(expression);
        if (!isSortable(field)) {
          const message = `field '${field.name}' can not be sorted in a query call`;
          throw this.#names.statement.errorAt(expression.at, "MALFORMED_QUERY", message);
        }
      }
      return { read: operandOf(this.#names, expression).read, descending, nullsLast };
    });
  }

  #children(query: Query): Children<QueryResult> {
    const { context, statement, table } = this.#names;
    const relationship = childRelationships(table.object)
      .find(({ name }) => name.toLowerCase() === this.#names.keyOf(query.from));
    if (!relationship) {
      const message = `Didn't understand relationship '${query.from.text}' in FROM part of ` +
        "query call. If you are attempting to use a custom relationship, be sure to append the " +
        "'__r' after the custom relationship name. Please reference your WSDL or the describe " +
        "call for the appropriate names.";
      throw statement.errorAt(query.from.at, "INVALID_TYPE", message);
    }
    const { child, field, name } = relationship;
    const children = context.store.table(child.name)!;
    const names = new Names(context, statement, children, query.aliases);
    checkChild(names, query);
    const inner = new Statement(names, query);
    return {
      name,
      columns: inner.run([]).columns,
      of: (row) => {
        const rows = children.lookup(field.name, table.get(row, field.referenceTargetField ?? "Id"))
          .filter((each) => context.includeDeleted || !children.isDeleted(each));
        const result = rows.length ? inner.run(rows) : undefined;
        return result?.size ? result : undefined;
      },
    };
  }
}

function recordsOf(
  rows: readonly number[],
  build: BuildRecord<QueryResult>,
): QueryResult["records"] {
  return (start, end, showChildren) =>
    rows.slice(start, end).map((row) => build(row, showChildren));
}

function sideOf(names: Names, path: Expression & { type: "path" }): SemiJoinSide {
  const { field } = names.resolve(path);
  const { text, at } = path;
  return { text, at, field, object: ownerOf(names, path) };
}

/** Returns the object that has the last field of a path. */
function ownerOf(names: Names, path: Expression & { type: "path" }): string {
  let table: Table | undefined = names.table;
  for (const part of names.partsOf(path).slice(0, -1)) {
    const [parent] = names.relationship(table!.object, part, path).referenceTo;
    table = names.context.store.table(parent!);
  }
  return table!.object.name;
}
