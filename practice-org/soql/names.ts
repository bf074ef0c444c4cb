/**
 * Resolves the names in a statement: objects, fields, and the parents that lead to a field.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import type { Column, RecordRef, Store, Table } from "../records.ts";
import { type Field, NAME_ENTITY, type ObjectType, parentField, type Value } from "../schema.ts";
import type { Path, Query, Word } from "./parse.ts";
import type { StatementText } from "./text.ts";

const MAX_HOPS = 5;

/** What a statement runs on. */
export interface QueryContext {
  store: Store;
  userId: string;
  /** API version, for the URLs in records. */
  version: string;
  /** Whether deleted records are included, as in `/queryAll`. */
  includeDeleted?: boolean;
  tooling?: boolean;
  /** Limits the query to some rows of its object, such as those that a search found. */
  among?: (row: number) => boolean;
}

/** The field that a path leads to, and a reader for it on rows of the first object. */
export interface Resolved {
  read: Column;
  field: Field;
}

/** The names that one SELECT may use. */
export class Names {
  readonly context: QueryContext;
  readonly statement: StatementText;
  readonly table: Table;
  readonly #aliases: Query["aliases"];

  constructor(
    context: QueryContext,
    statement: StatementText,
    table: Table,
    aliases: Query["aliases"],
  ) {
    this.context = context;
    this.statement = statement;
    this.table = table;
    this.#aliases = aliases;
  }

  /** Splits a path into names, starting at the queried object: aliases are replaced, and the object's own name is removed. */
  partsOf(path: Path): string[] {
    const [first = "", ...rest] = path.text.split(".");
    if (!rest.length) return [first];
    const lower = first.toLowerCase();
    const alias = this.#aliases.find((each) => each.alias.text.toLowerCase() === lower);
    if (alias) return [...alias.path.split(".").filter(Boolean), ...rest];
    const { object } = this.table;
    const isOwnName = lower === object.name.toLowerCase() && !parentField(object, first);
    return isOwnName ? rest : [first, ...rest];
  }

  /** Returns a normalized form of a path, for comparison. */
  keyOf(path: Path): string {
    return this.partsOf(path).join(".").toLowerCase();
  }

  resolve(path: Path): Resolved {
    const parts = this.partsOf(path);
    if (parts.length - 1 > MAX_HOPS) {
      const message = "SOQL statements cannot query parent relationships more than 5 levels up";
      throw this.statement.errorAt(path.at, "MALFORMED_QUERY", message);
    }
    return this.#resolve(this.table, parts, path);
  }

  #resolve(table: Table, parts: string[], path: Path): Resolved {
    const [first, ...rest] = parts as [string, ...string[]];
    if (!rest.length) {
      const field = this.fieldOf(table.object, first, path);
      return { field, read: readerOf(table, field, this.context.version) };
    }
    const relationship = this.relationship(table.object, first, path);
    const parentOf = this.parentReader(table, relationship);
    if (relationship.referenceTo.length > 1) return this.#resolveAny(parentOf, rest, path);
    const parentTable = this.context.store.table(relationship.referenceTo[0]!)!;
    const { field, read } = this.#resolve(parentTable, rest, path);
    return { field, read: through(parentOf, (parent) => read(parent.row)) };
  }

  /** Resolves a field of a parent that can be of several objects. */
  #resolveAny(parentOf: ParentReader, parts: string[], path: Path): Resolved {
    const [first, ...rest] = parts as [string, ...string[]];
    if (!rest.length) {
      const field = this.fieldOf(NAME_ENTITY, first, path);
      return { field, read: through(parentOf, (parent) => nameEntityValue(parent, field.name)) };
    }
    const relationship = this.relationship(NAME_ENTITY, first, path);
    const { store } = this.context;
    const table = store.table(relationship.referenceTo[0]!)!;
    const { field, read } = this.#resolve(table, rest, path);
    const grandparentOf = through(parentOf, (parent) => {
      return store.find(nameEntityValue(parent, relationship.name))?.row ?? null;
    });
    return {
      field,
      read: (row) => {
        const grandparent = grandparentOf(row);
        return grandparent === null ? null : read(grandparent as number);
      },
    };
  }

  fieldOf(object: ObjectType, name: string, { at }: Path): Field {
    const field = object.field(name);
    if (field) return field;
    const message = `No such column '${name}' on entity '${object.name}'. If you are attempting ` +
      "to use a custom field, be sure to append the '__c' after the custom field name. Please " +
      "reference your WSDL or the describe call for the appropriate names.";
    throw this.statement.errorAt(at, "INVALID_FIELD", message);
  }

  relationship(object: ObjectType, name: string, { at }: Path): Field {
    const field = parentField(object, name);
    if (field) return field;
    const message = `Didn't understand relationship '${name}' in field path. If you are ` +
      "attempting to use a custom relationship, be sure to append the '__r' after the custom " +
      "relationship name. Please reference your WSDL or the describe call for the appropriate " +
      "names.";
    throw this.statement.errorAt(at, "INVALID_FIELD", message);
  }

  /** Reads the parent that a reference leads to. */
  parentReader(table: Table, field: Field): ParentReader {
    const read = table.column(field.name);
    const { store, includeDeleted } = this.context;
    const { referenceTo: [target], referenceTargetField } = field;
    if (referenceTargetField) {
      const parents = store.table(target!)!;
      return (row) => {
        const [parentRow] = parents.lookup(referenceTargetField, read(row));
        return parentRow === undefined ? undefined : { table: parents, row: parentRow };
      };
    }
    return (row) => {
      const parent = store.find(read(row));
      return parent && (includeDeleted || !parent.table.isDeleted(parent.row)) ? parent : undefined;
    };
  }
}

/** Reads a parent of a row. */
export type ParentReader = (row: number) => RecordRef | undefined;

function through(parentOf: ParentReader, read: (parent: RecordRef) => Value): Column {
  return (row) => {
    const parent = parentOf(row);
    return parent ? read(parent) : null;
  };
}

/** Returns the table of an object, if the API in use has it. */
export function tableOf(context: QueryContext, statement: StatementText, name: Word): Table {
  const table = context.store.table(name.text);
  const api = context.tooling ? "tooling" : "data";
  if (table?.object.api === "event") {
    const message = `entity type ${table.object.name} does not support query`;
    throw refusal(400, "INVALID_TYPE_FOR_OPERATION", message);
  }
  if (table && (context.tooling || ["both", api].includes(table.object.api))) return table;
  const message =
    `sObject type '${name.text}' is not supported. If you are attempting to use a custom ` +
    "object, be sure to append the '__c' after the entity name. Please reference your WSDL or " +
    "the describe call for the appropriate names.";
  throw statement.errorAt(name.at, "INVALID_TYPE", message);
}

/** Returns a reader for a field. The value of a base64 field is the URL of its bytes. */
export function readerOf(table: Table, field: Field, version: string): Column {
  const read = table.column(field.name);
  if (field.type !== "base64") return read;
  const path = `/services/data/v${version}/sobjects/${table.object.name}`;
  return (row) => `${path}/${table.id(row)}/${field.name}`;
}

/** Returns a field of a record seen as Salesforce's `Name` entity. */
export function nameEntityValue({ table, row }: RecordRef, name: string): Value {
  if (name === "Type") return table.object.name;
  if (name === "Name") {
    const nameField = table.object.fields.find((field) => field.nameField);
    return nameField ? table.get(row, nameField.name) : null;
  }
  return table.get(row, name);
}
