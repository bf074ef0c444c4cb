/**
 * SOQL over the record store: names are resolved and checked first, then rows are chosen, grouped
 * and ordered; a record is only built when its page is asked for.
 *
 * @module
 */
import type {
  FieldFunctionExpression,
  FieldType,
  GroupByClause,
  OrderByClause,
  Query,
  QueryBase,
  Subquery,
} from "@jetstreamapp/soql-parser-js";
import { type ApiError, refusal } from "../errors.ts";
import { to18 } from "../ids.ts";
import type { Column, RecordRef, Store, Table } from "../records.ts";
import {
  childRelationships,
  type Field,
  NAME_ENTITY,
  type ObjectType,
  parentField,
  type Value,
} from "../schema.ts";
import { DATE_FUNCTIONS } from "./dates.ts";
import { QueryText } from "./text.ts";
import {
  type AnyCondition,
  compileClause,
  compileComparison,
  type Operand,
  type Predicate,
} from "./where.ts";

const MAX_OFFSET = 2000;
const MAX_HOPS = 5;
const MAX_FIELDS_LIMIT = 200;

/** What a query runs against. */
export interface QueryContext {
  store: Store;
  userId: string;
  /** API version, for the URLs in records. */
  version: string;
  /** Deleted records count too, as `/queryAll` has it. */
  includeDeleted?: boolean;
  tooling?: boolean;
  /** Only these rows of the queried object, as a search found them. */
  among?: (row: number) => boolean;
}

/** Shows the records of a child subquery; the caller decides on its pages. */
export type ShowChildren = (children: QueryResult) => unknown;

/** The answer to a query, not yet cut into pages. */
export interface QueryResult {
  object: ObjectType;
  /** Records found; what COUNT() counted. */
  size: number;
  /** Nothing but a number was asked for. */
  countOnly: boolean;
  aggregate: boolean;
  columns: ColumnMetadata[];
  /** Builds the records from `start` up to `end`. */
  records(start: number, end: number, showChildren: ShowChildren): unknown[];
}

/** A column as `columns=true` describes it. */
export interface ColumnMetadata {
  aggregate: boolean;
  apexType: string;
  booleanType: boolean;
  columnName: string;
  custom: boolean;
  displayName: string;
  foreignKeyName: string | null;
  insertable: boolean;
  joinColumns: ColumnMetadata[];
  numberType: boolean;
  textType: boolean;
  updatable: boolean;
}

/** Runs a SOQL statement; throws an {@linkcode ApiError} that points at what is wrong in it. */
export async function runQuery(soql: string, context: QueryContext): Promise<QueryResult> {
  const text = new QueryText(soql);
  const query = await text.parse();
  return new Statement(context, text, query, tableOf(context, text, query.sObject!)).run();
}

function tableOf(context: QueryContext, text: QueryText, name: string): Table {
  const table = context.store.table(name);
  const api = context.tooling ? "tooling" : "data";
  if (table && (table.object.api === "both" || table.object.api === api || context.tooling)) {
    return table;
  }
  const message =
    `sObject type '${name}' is not supported. If you are attempting to use a custom ` +
    "object, be sure to append the '__c' after the entity name. Please reference your WSDL or " +
    "the describe call for the appropriate names.";
  throw text.errorAt(name, "INVALID_TYPE", message);
}

/** A field that a path such as `Account.Owner.Name` leads to. */
interface Resolved {
  read: Column;
  field: Field;
}

/** A builder of one key of a record. */
interface Part {
  key: string;
  read: (row: number, showChildren: ShowChildren) => unknown;
}

/** A selected path that is still to be grouped by its first relationship. */
interface Selection {
  path: string[];
  raw: string;
  key?: string;
  read?: Column;
}

/** One SELECT on one table. */
class Statement {
  readonly #context: QueryContext;
  readonly #text: QueryText;
  readonly #query: QueryBase;
  readonly #table: Table;
  readonly #now = Date.now();
  /** Restricts the statement to some rows of its table, as a child subquery is to its parent's. */
  #only: readonly number[] | undefined;
  // Compiled once: a child subquery runs for every parent.
  #selected: { parts: Part[]; columns: ColumnMetadata[] } | undefined;
  #order: Order<number>[] | undefined;
  #where: Predicate<number> | undefined;

  constructor(context: QueryContext, text: QueryText, query: QueryBase, table: Table) {
    this.#context = context;
    this.#text = text;
    this.#query = query;
    this.#table = table;
  }

  run(): QueryResult {
    this.#refuseUnsupported();
    if (this.#isCount()) {
      const size = this.#limited(this.#rows()).length;
      return { ...this.#result(size, []), countOnly: true, records: () => [] };
    }
    return this.#isAggregate() ? this.#runAggregate() : this.#runPlain();
  }

  /** The single column of a semi-join, `IN (SELECT AccountId FROM …)`. */
  runColumn(): Set<string> {
    const [field, ...more] = this.#fields();
    if (more.length || !field || !("field" in field)) {
      const message = "Nesting of semi join sub-selects needs exactly one selected field";
      throw this.#text.errorAt("SELECT", "MALFORMED_QUERY", message);
    }
    const { read } = this.#resolve(rawName(field));
    return new Set(this.#limited(this.#rows()).map((row) => String(read(row)).slice(0, 15)));
  }

  // Plain records

  #runPlain(): QueryResult {
    this.#selected ??= this.#select();
    this.#order ??= this.#plainOrder();
    const { parts, columns } = this.#selected;
    const order = this.#order;
    const rows = this.#limited(order ? sorted(this.#rows(), order) : this.#rows());
    const build = this.#recordBuilder(this.#table, parts);
    return {
      ...this.#result(rows.length, columns),
      records: (start, end, showChildren) =>
        rows.slice(start, end).map((row) => build(row, showChildren)),
    };
  }

  #result(size: number, columns: ColumnMetadata[]): QueryResult {
    const object = this.#table.object;
    return { object, size, countOnly: false, aggregate: false, columns, records: () => [] };
  }

  #fields(): FieldType[] {
    return (this.#query.fields ?? []).flatMap((field) =>
      isFunction(field) && field.functionName.toUpperCase() === "FIELDS"
        ? this.#expand(String(field.parameters[0]).toUpperCase())
        : [field]
    );
  }

  /** FIELDS(ALL), FIELDS(STANDARD), FIELDS(CUSTOM). */
  #expand(which: string): FieldType[] {
    if (which !== "STANDARD" && !((this.#query.limit ?? Infinity) <= MAX_FIELDS_LIMIT)) {
      const message = `The SOQL FIELDS function must have a LIMIT of at most ${MAX_FIELDS_LIMIT}`;
      throw refusal(400, "MALFORMED_QUERY", message);
    }
    return this.#table.object.fields
      .filter(({ name }) => which === "ALL" || (which === "CUSTOM") === name.endsWith("__c"))
      .map(({ name }) => ({ type: "Field", field: name }));
  }

  #select(): { parts: Part[]; columns: ColumnMetadata[] } {
    const selections: Selection[] = [];
    const children: Part[] = [];
    const columns: ColumnMetadata[] = [];
    const seen = new Set<string>();
    for (const field of this.#fields()) {
      if (field.type === "FieldSubquery") {
        const child = this.#selectChildren(field.subquery);
        children.push(child.part);
        columns.push(child.column);
        continue;
      }
      if (isFunction(field)) {
        selections.push(this.#selectFunction(field));
        columns.push(functionColumn(field, selections.at(-1)!.key!));
        continue;
      }
      const raw = rawName(field);
      if ("alias" in field && field.alias) {
        const message = "only aggregate expressions use field aliasing";
        throw this.#text.errorAt(field.alias, "MALFORMED_QUERY", message);
      }
      const path = this.#pathOf(raw);
      const name = path.join(".").toLowerCase();
      if (seen.has(name)) {
        const message = `duplicate field selected: ${raw}`;
        throw this.#text.errorAt(raw, "INVALID_FIELD", message, raw);
      }
      seen.add(name);
      selections.push({ path, raw });
      addColumn(columns, path, this.#resolve(raw).field);
    }
    const parts = this.#parts(this.#table, selections);
    return { parts: [...parts, ...children], columns };
  }

  #parts(table: Table, selections: Selection[]): Part[] {
    const byKey = new Map<string, Selection[]>();
    for (const selection of selections) {
      const key = (selection.key ?? selection.path[0]!).toLowerCase();
      byKey.set(key, [...byKey.get(key) ?? [], selection]);
    }
    return [...byKey.values()].map((group) => {
      const { key, read, path, raw } = group[0]!;
      if (read) return { key: key!, read };
      if (path.length === 1) return this.#fieldPart(table, path[0]!, raw);
      return this.#parentPart(table, group);
    });
  }

  #fieldPart(table: Table, name: string, raw: string): Part {
    const field = this.#fieldOf(table.object, name, raw);
    return { key: field.name, read: readerOf(table, field, this.#context.version) };
  }

  #parentPart(table: Table, group: Selection[]): Part {
    const { path, raw } = group[0]!;
    const field = this.#relationship(table.object, path[0]!, raw);
    const parentOf = this.#parentReader(table, field);
    const rest = group.map((each) => ({ ...each, path: each.path.slice(1) }));
    const key = field.relationshipName!;
    if (field.referenceTo.length > 1) {
      const names = rest.map((each) => this.#fieldOf(NAME_ENTITY, each.path[0]!, each.raw).name);
      return {
        key,
        read: (row) => {
          const parent = parentOf(row);
          if (!parent) return null;
          const values = names.map((name) => [name, nameEntityValue(parent, name)]);
          return { ...this.#attributes(parent.table, parent.row), ...Object.fromEntries(values) };
        },
      };
    }
    const parentTable = this.#context.store.table(field.referenceTo[0]!)!;
    const build = this.#recordBuilder(parentTable, this.#parts(parentTable, rest));
    return {
      key,
      read: (row, showChildren) => {
        const parent = parentOf(row);
        return parent ? build(parent.row, showChildren) : null;
      },
    };
  }

  #recordBuilder(
    table: Table,
    parts: Part[],
  ): (row: number, showChildren: ShowChildren) => Record<string, unknown> {
    return (row, showChildren) => {
      const record: Record<string, unknown> = this.#attributes(table, row);
      for (const part of parts) record[part.key] = part.read(row, showChildren);
      return record;
    };
  }

  #attributes(table: Table, row: number): Record<string, unknown> {
    const type = table.object.name;
    const url = `/services/data/v${this.#context.version}/sobjects/${type}/${table.id(row)}`;
    return { attributes: { type, url } };
  }

  #selectChildren(subquery: Subquery): { part: Part; column: ColumnMetadata } {
    const relationshipName = subquery.relationshipName;
    const relationship = childRelationships(this.#table.object)
      .find(({ name }) => name.toLowerCase() === relationshipName.toLowerCase());
    if (!relationship) {
      const message = `Didn't understand relationship '${relationshipName}' in FROM part of ` +
        "query call. If you are attempting to use a custom relationship, be sure to append the " +
        "'__r' after the custom relationship name. Please reference your WSDL or the describe " +
        "call for the appropriate names.";
      throw this.#text.errorAt(relationshipName, "INVALID_TYPE", message);
    }
    const { child, field, name } = relationship;
    const childTable = this.#context.store.table(child.name)!;
    const context = { ...this.#context, among: undefined };
    const statement = new Statement(context, this.#text, subquery, childTable);
    const { columns } = statement.#runAmong([]);
    const part: Part = {
      key: name,
      read: (row, showChildren) => {
        const rows = childTable.lookup(field.name, this.#table.id(row))
          .filter((each) => context.includeDeleted || !childTable.isDeleted(each));
        if (!rows.length) return null;
        const result = statement.#runAmong(rows);
        return result.size ? showChildren(result) : null;
      },
    };
    const column = columnOf(name, null, { aggregate: true, joinColumns: columns });
    return { part, column };
  }

  #runAmong(rows: readonly number[]): QueryResult {
    this.#only = rows;
    return this.run();
  }

  /** A function in the SELECT list of a query that does not group. */
  #selectFunction(expression: FieldFunctionExpression): Selection {
    const { operand, argument } = this.#operand(expression);
    const key = expression.alias ?? this.#pathOf(argument).at(-1)!;
    return { path: [key], raw: argument, key, read: operand.read };
  }

  // Groups

  #isCount(): boolean {
    const fields = this.#query.fields ?? [];
    const [only] = fields;
    return fields.length === 1 && isFunction(only) && isCountFunction(only) &&
      !only.parameters.length && !this.#query.groupBy;
  }

  #isAggregate(): boolean {
    return this.#query.groupBy !== undefined ||
      this.#fields().some((field) =>
        isFunction(field) && field.functionName.toUpperCase() in AGGREGATES
      );
  }

  #runAggregate(): QueryResult {
    const groupBy = [this.#query.groupBy ?? []].flat() as GroupByClause[];
    const keys = groupBy.map((each) => this.#groupKey(each));
    const grouped = new Map<string, Group>();
    for (const row of this.#rows()) {
      const values = keys.map(({ read }) => read(row));
      const name = JSON.stringify(
        values.map((each) => typeof each === "string" ? each.toLowerCase() : each),
      );
      const group = grouped.get(name);
      if (group) group.rows.push(row);
      else grouped.set(name, { rows: [row] });
    }
    if (!groupBy.length && !grouped.size) grouped.set("", { rows: [] });

    let expressions = 0;
    const columns: ColumnMetadata[] = [];
    const parts = this.#fields().map((field) => {
      const part = this.#aggregatePart(field, keys, () => `expr${expressions++}`);
      columns.push(part.column);
      return part;
    });
    let groups = [...grouped.values()];
    if (this.#query.having) groups = groups.filter(this.#having(keys));
    const order = this.#aggregateOrder(keys, parts);
    if (order) groups = sorted(groups, order);
    groups = this.#limited(groups);
    return {
      ...this.#result(groups.length, columns),
      aggregate: true,
      records: (start, end) =>
        groups.slice(start, end).map((group) => ({
          attributes: { type: "AggregateResult" },
          ...Object.fromEntries(parts.map(({ key, read }) => [key, read(group)])),
        })),
    };
  }

  #groupKey(clause: GroupByClause): GroupKey {
    if ("field" in clause) {
      const { read, field } = this.#resolve(clause.field);
      return { name: this.#pathOf(clause.field).join(".").toLowerCase(), read, field };
    }
    const name = (clause.fn.rawValue ?? "").replace(/\s/g, "").toLowerCase();
    if (/^(rollup|cube)\(/.test(name)) {
      throw notHere(`GROUP BY ${clause.fn.functionName!.toUpperCase()}`);
    }
    return { name, read: this.#operand(clause.fn).operand.read };
  }

  #aggregatePart(
    field: FieldType,
    keys: GroupKey[],
    nextExpression: () => string,
  ): { key: string; raw: string; read: (group: Group) => Value; column: ColumnMetadata } {
    if (field.type === "FieldSubquery" || field.type === "FieldTypeof") {
      throw notHere("a subquery beside GROUP BY");
    }
    const raw = rawName(field);
    const { read, field: source, isExpression } = this.#groupReader(field, keys);
    const alias = "alias" in field ? field.alias : undefined;
    const key = alias ?? (isExpression ? nextExpression() : this.#pathOf(raw).at(-1)!);
    const type = isExpression && /^count/i.test(raw) ? null : source ?? null;
    const column = columnOf(key, type, { aggregate: true, displayName: alias ?? raw });
    return { key, raw: raw.replace(/\s/g, "").toLowerCase(), read, column };
  }

  /** Reads from a group: an aggregate of its rows, or what it is grouped by. */
  #groupReader(
    expression: FieldType | NonNullable<AnyCondition["fn"]>,
    keys: GroupKey[],
  ): { read: (group: Group) => Value; field?: Field; isExpression: boolean } {
    const name = "functionName" in expression ? expression.functionName!.toUpperCase() : "";
    const aggregate = AGGREGATES[name];
    if (aggregate) {
      const argument = argumentOf(expression as FieldFunctionExpression);
      if (!argument) return { read: ({ rows }) => rows.length, isExpression: true };
      const { read, field } = this.#resolve(argument);
      if (["SUM", "AVG"].includes(name) && !isNumber(field)) {
        const message = `field ${argument} does not support aggregate operator ${name}`;
        throw this.#text.errorAt(argument, "MALFORMED_QUERY", message);
      }
      return {
        read: ({ rows }) => aggregate(rows.map(read).filter((value) => value !== null)),
        field,
        isExpression: true,
      };
    }
    const raw = rawName(expression as FieldType);
    const isExpression = name !== "";
    const wanted = isExpression
      ? raw.replace(/\s/g, "").toLowerCase()
      : this.#pathOf(raw).join(".").toLowerCase();
    const key = keys.find((each) => each.name === wanted);
    if (!key) {
      if (!isExpression) this.#resolve(raw);
      const message = `Field must be grouped or aggregated: ${raw}`;
      throw this.#text.errorAt(raw, "MALFORMED_QUERY", message);
    }
    return { read: ({ rows }) => key.read(rows[0]!), field: key.field, isExpression };
  }

  #having(keys: GroupKey[]): Predicate<Group> {
    return compileClause(this.#query.having!, this.#text, (condition) => {
      const expression = condition.fn ?? { type: "Field", field: condition.field! } as FieldType;
      const { read, field, isExpression } = this.#groupReader(expression, keys);
      const counts = condition.fn?.functionName?.toUpperCase().startsWith("COUNT");
      const type = counts || !field ? "int" : field.type;
      const name = isExpression ? condition.fn!.rawValue! : condition.field!;
      return compileComparison({ read, type, name }, condition, this.#text, this.#now);
    });
  }

  // Rows

  #rows(): readonly number[] {
    const { includeDeleted, among } = this.#context;
    let rows = this.#only ?? (includeDeleted ? this.#table.all() : this.#table.live());
    if (among) rows = rows.filter(among);
    if (this.#query.usingScope?.toLowerCase() === "mine" && this.#table.object.field("OwnerId")) {
      const owner = this.#table.column("OwnerId");
      rows = rows.filter((row) => owner(row) === this.#context.userId);
    }
    if (!this.#query.where) return rows;
    this.#where ??= compileClause(this.#query.where, this.#text, (each) => this.#condition(each));
    return rows.filter(this.#where);
  }

  #condition(condition: AnyCondition): Predicate<number> {
    const operand = condition.fn
      ? this.#operand(condition.fn).operand
      : this.#filterOperand(condition.field!);
    if (!condition.valueQuery) {
      return compileComparison(operand, condition, this.#text, this.#now);
    }
    const query = condition.valueQuery as Query;
    const table = tableOf(this.#context, this.#text, query.sObject!);
    const context = { ...this.#context, among: undefined };
    const ids = new Statement(context, this.#text, query, table).runColumn();
    const isWanted = condition.operator.toUpperCase() === "IN";
    return (row) => ids.has(String(operand.read(row)).slice(0, 15)) === isWanted;
  }

  #filterOperand(raw: string): Operand<number> {
    const { read, field } = this.#resolve(raw);
    if (!field.filterable) {
      const message = `field '${field.name}' can not be filtered in a query call`;
      throw this.#text.errorAt(raw, "INVALID_FIELD", message, "WHERE");
    }
    return { read, type: field.type, name: raw };
  }

  #limited<Item>(items: readonly Item[]): Item[] {
    const { limit = Infinity, offset = 0 } = this.#query;
    if (offset > MAX_OFFSET) {
      const message = `Maximum SOQL offset allowed is ${MAX_OFFSET}`;
      throw this.#text.errorAt("OFFSET", "NUMBER_OUTSIDE_VALID_RANGE", message);
    }
    // Without a cut the shared list of live rows is kept as it is.
    if (!offset && limit >= items.length) return items as Item[];
    return items.slice(offset, offset + limit);
  }

  #plainOrder(): Order<number>[] | undefined {
    const { orderBy } = this.#query;
    return orderBy && [orderBy].flat().map((clause: OrderByClause) => ({
      ...direction(clause),
      read: "fn" in clause
        ? this.#operand(clause.fn).operand.read
        : this.#resolve(clause.field).read,
    }));
  }

  #aggregateOrder(
    keys: GroupKey[],
    parts: { key: string; raw: string; read: (group: Group) => Value }[],
  ): Order<Group>[] | undefined {
    const { orderBy } = this.#query;
    return orderBy && [orderBy].flat().map((clause: OrderByClause) => {
      const name = "fn" in clause ? clause.fn.rawValue! : clause.field;
      const alias = parts.find(({ key }) => key.toLowerCase() === name.toLowerCase());
      const expression = "fn" in clause
        ? clause.fn
        : { type: "Field", field: clause.field } as FieldType;
      const read = alias?.read ?? this.#groupReader(expression, keys).read;
      return { ...direction(clause), read };
    });
  }

  // Names

  /** The words of a path without the alias or the object's own name before it. */
  #pathOf(raw: string): string[] {
    const path = raw.split(".").map((part) => part.trim());
    const object = this.#table.object;
    const first = path[0]!.toLowerCase();
    const isPrefix = first === this.#query.sObjectAlias?.toLowerCase() ||
      (first === object.name.toLowerCase() && !parentField(object, first));
    return path.length > 1 && isPrefix ? path.slice(1) : path;
  }

  #resolve(raw: string): Resolved {
    const path = this.#pathOf(raw);
    if (path.length - 1 > MAX_HOPS) {
      const message = "SOQL statements cannot query parent relationships more than 5 levels up";
      throw this.#text.errorAt(raw, "MALFORMED_QUERY", message);
    }
    return this.#resolvePath(this.#table, path, raw);
  }

  #resolvePath(table: Table, path: string[], raw: string): Resolved {
    if (path.length === 1) {
      const field = this.#fieldOf(table.object, path[0]!, raw);
      return { field, read: readerOf(table, field, this.#context.version) };
    }
    const relationship = this.#relationship(table.object, path[0]!, raw);
    const parentOf = this.#parentReader(table, relationship);
    if (relationship.referenceTo.length > 1) {
      const field = this.#fieldOf(NAME_ENTITY, path[1]!, raw);
      const read = (row: number) => {
        const parent = parentOf(row);
        return parent ? nameEntityValue(parent, field.name) : null;
      };
      return { field, read };
    }
    const parentTable = this.#context.store.table(relationship.referenceTo[0]!)!;
    const { field, read } = this.#resolvePath(parentTable, path.slice(1), raw);
    return {
      field,
      read: (row) => {
        const parent = parentOf(row);
        return parent ? read(parent.row) : null;
      },
    };
  }

  #fieldOf(object: ObjectType, name: string, raw: string): Field {
    const field = object.field(name);
    if (field) return field;
    const message = `No such column '${name}' on entity '${object.name}'. If you are attempting ` +
      "to use a custom field, be sure to append the '__c' after the custom field name. Please " +
      "reference your WSDL or the describe call for the appropriate names.";
    throw this.#text.errorAt(raw, "INVALID_FIELD", message);
  }

  #relationship(object: ObjectType, name: string, raw: string): Field {
    const field = parentField(object, name);
    if (field) return field;
    const message = `Didn't understand relationship '${name}' in field path. If you are ` +
      "attempting to use a custom relationship, be sure to append the '__r' after the custom " +
      "relationship name. Please reference your WSDL or the describe call for the appropriate " +
      "names.";
    throw this.#text.errorAt(raw, "INVALID_FIELD", message);
  }

  #parentReader(table: Table, field: Field): (row: number) => RecordRef | undefined {
    const read = table.column(field.name);
    const { store, includeDeleted } = this.#context;
    return (row) => {
      const parent = store.find(read(row));
      return parent && (includeDeleted || !parent.table.isDeleted(parent.row)) ? parent : undefined;
    };
  }

  /** A function of one row: a date function, toLabel, FORMAT, convertCurrency. */
  #operand(
    expression: NonNullable<AnyCondition["fn"]>,
  ): { operand: Operand<number>; argument: string } {
    const argument = argumentOf(expression);
    const name = expression.functionName!.toLowerCase();
    const raw = expression.rawValue ?? argument;
    const { read, field } = this.#resolve(argument);
    const dateFunction = DATE_FUNCTIONS[name];
    if (dateFunction) {
      if (field.type !== "date" && field.type !== "datetime") {
        throw this.#text.errorAt(raw, "INVALID_FIELD", `invalid argument of ${name}: ${argument}`);
      }
      const type = name === "day_only" ? "date" : "int";
      const onRow = (row: number) => {
        const value = read(row);
        return value === null ? null : dateFunction(new Date(String(value).replace("+0000", "Z")));
      };
      return { operand: { read: onRow, type, name: raw }, argument };
    }
    if (name === "tolabel" || name === "convertcurrency") {
      return { operand: { read, type: field.type, name: raw }, argument };
    }
    if (name === "format") {
      return {
        operand: { read: (row) => formatted(read(row)), type: "string", name: raw },
        argument,
      };
    }
    throw notHere(`${expression.functionName}()`);
  }

  #refuseUnsupported(): void {
    if (this.#query.fields?.some(({ type }) => type === "FieldTypeof")) throw notHere("TYPEOF");
    if (this.#query.withDataCategory) throw notHere("WITH DATA CATEGORY");
  }
}

interface Group {
  rows: number[];
}

interface GroupKey {
  name: string;
  read: Column;
  field?: Field;
}

interface Order<Item> {
  read: (item: Item) => Value;
  descending: boolean;
  nullsLast: boolean;
}

/** How base64 fields show: the address of their bytes. */
export function readerOf(table: Table, field: Field, version: string): Column {
  const read = table.column(field.name);
  if (field.type !== "base64") return read;
  const path = `/services/data/v${version}/sobjects/${table.object.name}`;
  return (row) => `${path}/${table.id(row)}/${field.name}`;
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

function compareValues(a: Value, b: Value): number {
  const [x, y] = [sortKey(a)!, sortKey(b)!];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Text sorts whatever its case; ids by theirs, or `WHERE Id > '…' ORDER BY Id` would skip records. */
function sortKey(value: Value): Value {
  return typeof value === "string" && !isWholeId(value) ? value.toLowerCase() : value;
}

function isWholeId(value: string): boolean {
  return value.length === 18 && value === to18(value.slice(0, 15));
}

function direction({ order, nulls }: OrderByClause): { descending: boolean; nullsLast: boolean } {
  return { descending: order === "DESC", nullsLast: nulls === "LAST" };
}

/** Sorts stably; the keys are read once per item. */
function sorted<Item>(items: readonly Item[], orders: Order<Item>[]): Item[] {
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

function isFunction(field: FieldType | undefined): field is FieldFunctionExpression {
  return field?.type === "FieldFunctionExpression";
}

function isCountFunction({ functionName }: FieldFunctionExpression): boolean {
  return functionName.toUpperCase() === "COUNT";
}

function isNumber({ type }: Field): boolean {
  return ["int", "double", "currency", "percent"].includes(type);
}

/** The innermost field name of a function, `Amount` in `FORMAT(convertCurrency(Amount))`. */
function argumentOf(expression: NonNullable<AnyCondition["fn"]>): string {
  const [parameter] = expression.parameters ?? [];
  if (parameter && typeof parameter === "object") {
    return argumentOf(parameter as NonNullable<AnyCondition["fn"]>);
  }
  return String(parameter ?? "");
}

function rawName(field: FieldType): string {
  if ("rawValue" in field && field.rawValue) return field.rawValue;
  if (field.type === "FieldRelationship") return [...field.relationships, field.field].join(".");
  return "field" in field ? field.field : "";
}

function nameEntityValue({ table, row }: RecordRef, name: string): Value {
  if (name === "Type") return table.object.name;
  if (name === "Name") {
    const nameField = table.object.fields.find((field) => field.nameField);
    return nameField ? table.get(row, nameField.name) : null;
  }
  return table.get(row, name);
}

function formatted(value: Value): Value {
  return typeof value === "number" ? value.toLocaleString("en-US") : value;
}

function columnOf(
  name: string,
  field: Field | null,
  more: Partial<ColumnMetadata> = {},
): ColumnMetadata {
  const apexTypes: Partial<Record<Field["type"], string>> = {
    id: "Id",
    reference: "Id",
    boolean: "Boolean",
    int: "Integer",
    double: "Double",
    currency: "Double",
    percent: "Double",
    date: "Date",
    datetime: "Datetime",
    address: "Address",
  };
  const apexType = field ? apexTypes[field.type] ?? "String" : "Integer";
  return {
    aggregate: false,
    apexType,
    booleanType: apexType === "Boolean",
    columnName: name,
    custom: name.endsWith("__c"),
    displayName: name,
    foreignKeyName: null,
    insertable: field?.createable ?? false,
    joinColumns: [],
    numberType: ["Integer", "Double"].includes(apexType),
    textType: apexType === "String",
    updatable: field?.updateable ?? false,
    ...more,
  };
}

function functionColumn(expression: FieldFunctionExpression, key: string): ColumnMetadata {
  return columnOf(key, null, { aggregate: true, displayName: expression.rawValue ?? key });
}

/** Adds a selected path to the columns, under its relationship if it has one. */
function addColumn(columns: ColumnMetadata[], path: string[], field: Field): void {
  const [first, ...rest] = path;
  if (!rest.length) {
    columns.push(columnOf(field.name, field));
    return;
  }
  let join = columns.find((each) => each.columnName.toLowerCase() === first!.toLowerCase());
  if (!join) {
    join = columnOf(first!, field, { foreignKeyName: `${first}Id` });
    columns.push(join);
  }
  addColumn(join.joinColumns, rest, field);
}

/** What Salesforce does and this org does not, said as such. */
function notHere(what: string): ApiError {
  return refusal(400, "MALFORMED_QUERY", `The practice org does not support ${what}`);
}
