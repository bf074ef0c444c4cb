/**
 * Records as GraphQL shows them: connections of edges and nodes, and what a node has.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ApiCall } from "../http.ts";
import type { Org } from "../org.ts";
import type { RecordRef } from "../records.ts";
import {
  type ChildRelationship,
  childRelationships,
  type Field,
  OBJECTS,
  type ObjectType,
  parentField,
  type Value,
} from "../schema.ts";
import { readerOf } from "../soql/names.ts";
import { runQuery } from "../soql/run.ts";
import { fieldUndefined, GraphQLProblem, type Selection } from "./document.ts";
import { conditionOf, orderOf } from "./filter.ts";

const DEFAULT_FIRST = 10;
const MAX_FIRST = 2000;
/** The most records in one answer, all levels together. */
const MAX_RECORDS = 10_000;

/** What is the same for a whole request. */
export interface Context {
  org: Org;
  call: ApiCall;
  /** Records read so far. */
  recordCount: number;
}

/** Reads what a selection asks of one record. */
type NodeReader = (record: RecordRef) => Promise<unknown>;

/** Reads a page of an object's records; of those whose `key` is the parent, if there is one. */
type ConnectionReader = (parent?: { key: string; id: string }) => Promise<unknown>;

/** Prepares a connection, so that what is wrong with it is found whether or not there are records. */
export function connection(
  context: Context,
  object: ObjectType,
  { args, fields }: Selection,
  path: string[],
): ConnectionReader {
  const where = conditionOf(object, args.where, path);
  const order = orderOf(object, args.orderBy, path);
  const scope = args.scope ? `USING SCOPE ${String(args.scope).toLowerCase()}` : "";
  const first = numberOf(args.first ?? DEFAULT_FIRST, "first", path);
  if (first > MAX_FIRST) {
    throw new GraphQLProblem("ValidationError", `The value of first exceeds ${MAX_FIRST}`, path);
  }
  const start = args.after === undefined || args.after === null
    ? 0
    : positionOf(String(args.after), path) + 1;
  const shape = connectionShape(context, object, fields, path);
  return async (parent) => {
    const condition = [where, parent && `${parent.key} = '${parent.id}'`].filter(Boolean);
    const soql = [
      `SELECT Id FROM ${object.name}`,
      scope,
      condition.length ? `WHERE ${condition.join(" AND ")}` : "",
      order ? `ORDER BY ${order}` : "",
    ].join(" ");
    const { store } = context.org;
    const { userId, version } = context.call;
    const result = runQuery(soql, { store, userId, version });
    const end = Math.min(start + first, result.size);
    const rows = result.records(start, Math.max(start, end), () => null) as { Id: string }[];
    context.recordCount += rows.length;
    if (context.recordCount > MAX_RECORDS) {
      const message = `The query returns more than ${MAX_RECORDS} records`;
      throw new GraphQLProblem("DataFetchingException", message, path);
    }
    const records = rows.map(({ Id }) => store.find(Id)!);
    return await shape({ records, start, total: result.size });
  };
}

interface Page {
  records: RecordRef[];
  start: number;
  total: number;
}

function connectionShape(
  context: Context,
  object: ObjectType,
  fields: Selection[],
  path: string[],
): (page: Page) => Promise<unknown> {
  const readers = fields.map(({ name, alias, fields }): [string, (page: Page) => unknown] => {
    const place = [...path, alias];
    switch (name) {
      case "edges": {
        const edge = edgeReader(context, object, fields, place);
        return [
          alias,
          ({ records, start }) => Promise.all(records.map((record, i) => edge(record, start + i))),
        ];
      }
      case "pageInfo":
        return [alias, (page) => selected(pageInfo(page), fields, "PageInfo", place)];
      case "totalCount":
        return [alias, ({ total }) => total];
      case "pageResultCount":
        return [alias, ({ records }) => records.length];
      case "__typename":
        return [alias, () => `${object.name}Connection`];
      default:
        throw fieldUndefined(name, `${object.name}Connection`, path);
    }
  });
  return (page) => resolveAll(readers, page);
}

function pageInfo({ records, start, total }: Page): Record<string, unknown> {
  const end = start + records.length;
  return {
    hasNextPage: end < total,
    hasPreviousPage: start > 0 && records.length > 0,
    startCursor: records.length ? cursorOf(start) : null,
    endCursor: records.length ? cursorOf(end - 1) : null,
  };
}

function edgeReader(
  context: Context,
  object: ObjectType,
  fields: Selection[],
  path: string[],
): (record: RecordRef, position: number) => Promise<unknown> {
  const readers = fields.map(({ name, alias, fields }): [
    string,
    (edge: { record: RecordRef; position: number }) => unknown,
  ] => {
    switch (name) {
      case "node": {
        const read = nodeReader(context, object, fields, [...path, alias]);
        return [alias, ({ record }) => read(record)];
      }
      case "cursor":
        return [alias, ({ position }) => cursorOf(position)];
      case "__typename":
        return [alias, () => `${object.name}Edge`];
      default:
        throw fieldUndefined(name, `${object.name}Edge`, path);
    }
  });
  return (record, position) => resolveAll(readers, { record, position });
}

/** Prepares the reading of a record. */
function nodeReader(
  context: Context,
  object: ObjectType,
  fields: Selection[],
  path: string[],
): NodeReader {
  const readers = fields
    .filter(({ on }) => !on || on === object.name || on === "Record")
    .map((selection): [string, NodeReader] => {
      const place = [...path, selection.alias];
      return [selection.alias, memberReader(context, object, selection, place)];
    });
  return (record) => resolveAll(readers, record);
}

function memberReader(
  context: Context,
  object: ObjectType,
  selection: Selection,
  path: string[],
): NodeReader {
  const { name } = selection;
  if (name === "Id") return ({ table, row }) => Promise.resolve(table.id(row));
  if (name === "__typename" || name === "ApiName") return () => Promise.resolve(object.name);
  const field = object.field(name);
  if (field?.name === name) return valueReader(context, field, selection.fields, path);
  const parent = parentField(object, name);
  if (parent) return parentReader(context, parent, selection.fields, path);
  const child = childRelationships(object).find((each) => each.name === name);
  if (child) return childReader(context, child, selection, path);
  throw fieldUndefined(name, object.name, path.slice(0, -1));
}

function valueReader(
  { call }: Context,
  field: Field,
  fields: Selection[],
  path: string[],
): NodeReader {
  if (fields.length === 0) {
    throw new GraphQLProblem(
      "ValidationError",
      `Validation error of type SubSelectionRequired: Sub selection required for type ` +
        `${field.type} of field ${field.name} @ '${path.join("/")}'`,
      path,
    );
  }
  return ({ table, row }) => {
    const value = readerOf(table, field, call.version)(row) as Value;
    const shown = { value, displayValue: displayOf(field, value), label: value, format: null };
    return Promise.resolve(selected(shown, fields, `${field.type}Value`, path));
  };
}

function displayOf({ type, scale }: Field, value: Value): string | null {
  if (value === null) return null;
  const digits = { minimumFractionDigits: scale, maximumFractionDigits: scale };
  switch (type) {
    case "picklist":
    case "multipicklist":
      return String(value);
    case "currency":
      return Number(value).toLocaleString("en-US", {
        style: "currency",
        currency: "USD",
        ...digits,
      });
    case "int":
    case "double":
      return Number(value).toLocaleString("en-US", digits);
    case "percent":
      return `${Number(value).toLocaleString("en-US", digits)}%`;
    case "date":
      return new Date(`${value}T00:00:00Z`).toLocaleDateString("en-US", { timeZone: "UTC" });
    default:
      return null;
  }
}

function parentReader(
  context: Context,
  field: Field,
  fields: Selection[],
  path: string[],
): NodeReader {
  const targets = OBJECTS.filter(({ name }) => field.referenceTo.includes(name));
  // A reference to several objects has what its fragments say of each.
  const readers = new Map(targets.map((target) => {
    const own = targets.length === 1
      ? fields
      : fields.filter(({ on, name }) =>
        on === target.name || (!on && (name.startsWith("__") || target.field(name)))
      );
    return [target.name, nodeReader(context, target, own, path)];
  }));
  return async ({ table, row }) => {
    const found = context.org.store.find(table.get(row, field.name));
    if (!found || found.table.isDeleted(found.row)) return null;
    return await readers.get(found.table.object.name)?.(found) ?? null;
  };
}

function childReader(
  context: Context,
  { child, field }: ChildRelationship,
  selection: Selection,
  path: string[],
): NodeReader {
  const read = connection(context, child, selection, path);
  return ({ table, row }) => read({ key: field.name, id: table.id(row) });
}

async function resolveAll<Source>(
  readers: [string, (source: Source) => unknown][],
  source: Source,
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [alias, read] of readers) values[alias] = await read(source);
  return values;
}

/** What is selected of an object whose every field is there. */
function selected(
  values: Record<string, unknown>,
  fields: Selection[],
  type: string,
  path: string[],
): Record<string, unknown> {
  return Object.fromEntries(fields.map(({ name, alias }) => {
    if (name === "__typename") return [alias, type];
    if (!Object.hasOwn(values, name)) throw fieldUndefined(name, type, path);
    return [alias, values[name]];
  }));
}

function cursorOf(position: number): string {
  return Buffer.from(`v1:${position}`).toString("base64");
}

function positionOf(cursor: string, path: string[]): number {
  const position = /^v1:(\d+)$/.exec(Buffer.from(cursor, "base64").toString())?.[1];
  if (position !== undefined) return Number(position);
  throw new GraphQLProblem("DataFetchingException", `The cursor ${cursor} is not valid`, path);
}

function numberOf(value: unknown, name: string, path: string[]): number {
  if (Number.isInteger(value) && Number(value) >= 0) return Number(value);
  const message = `Validation error of type WrongType: argument '${name}' with value '${value}' ` +
    `is not a valid 'Int' @ '${path.join("/")}'`;
  throw new GraphQLProblem("ValidationError", message, path);
}
