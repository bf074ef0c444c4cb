/**
 * The SELECT list of a statement without groups: fields, parents, functions, TYPEOF and child
 * subqueries. It is compiled to a function that builds records.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import type { Table } from "../records.ts";
import { type Field, NAME_ENTITY } from "../schema.ts";
import { innermostPath, operandOf } from "./functions.ts";
import { addColumn, type ColumnMetadata, columnOf } from "./metadata.ts";
import { nameEntityValue, Names, type ParentReader, readerOf } from "./names.ts";
import type { Path, Query, Selected, TypeOf, Word } from "./parse.ts";

const MAX_FIELDS_LIMIT = 200;

/** Returns what a record shows of its children; the caller divides them into pages. */
export type ShowChildren<Result> = (children: Result) => unknown;

/** Builds the record of a row. */
export type BuildRecord<Result> = (
  row: number,
  showChildren: ShowChildren<Result>,
) => Record<string, unknown>;

/** A compiled child subquery, which runs for each parent. */
export interface Children<Result> {
  /** The name of the relationship as describe spells it. */
  name: string;
  columns: ColumnMetadata[];
  /** Returns the children of a row, or undefined if it has none. */
  of: (row: number) => Result | undefined;
}

/** One key of a record. */
interface Part<Result> {
  key: string;
  read: (row: number, showChildren: ShowChildren<Result>) => unknown;
}

/** A selected path. Paths through the same parent share a key of the record. */
interface Selection {
  parts: string[];
  path: Path;
}

/** Compiles SELECT lists; `Result` is the result of a child subquery. */
export class SelectList<Result> {
  readonly #names: Names;
  readonly #compileChildren: (subquery: Query) => Children<Result>;
  readonly #seen = new Set<string>();

  constructor(names: Names, compileChildren: (subquery: Query) => Children<Result>) {
    this.#names = names;
    this.#compileChildren = compileChildren;
  }

  /** Compiles a list. */
  compile(select: Selected[]): { build: BuildRecord<Result>; columns: ColumnMetadata[] } {
    const { table } = this.#names;
    const items: (Selection | Part<Result>)[] = [];
    const columns: ColumnMetadata[] = [];
    for (const selected of select) {
      if (selected.type === "children") {
        const { name, columns: joinColumns, of } = this.#compileChildren(selected.query);
        items.push({
          key: name,
          read: (row, showChildren) => {
            const children = of(row);
            return children ? showChildren(children) : null;
          },
        });
        columns.push(columnOf(name, null, { aggregate: true, joinColumns }));
      } else if (selected.type === "typeof") {
        items.push(this.#typeOf(selected));
      } else if (selected.expression.type === "path") {
        const selection = this.#path(selected.expression, selected.alias);
        items.push(selection);
        addColumn(columns, selection.parts, this.#names.resolve(selection.path).field);
      } else {
        const { part, column } = this.#call(selected);
        items.push(part);
        columns.push(column);
      }
    }
    return { build: this.#recordBuilder(table, this.#parts(table, items)), columns };
  }

  #path(path: Path, alias: Word | undefined): Selection {
    if (alias) {
      const message = "only aggregate expressions use field aliasing";
      throw this.#names.statement.errorAt(alias.at, "MALFORMED_QUERY", message);
    }
    this.#refuseTwice(this.#names.keyOf(path), path);
    return { parts: this.#names.partsOf(path), path };
  }

  #call(
    { expression, alias }: Selected & { type: "expression" },
  ): { part: Part<Result>; column: ColumnMetadata } {
    const { read, name } = operandOf(this.#names, expression);
    const path = innermostPath(expression);
    if (alias) refuseSameAlias(this.#names, this.#seen, alias);
    else this.#refuseTwice(this.#names.keyOf(path), path);
    const key = alias?.text ?? this.#names.partsOf(path).at(-1)!;
    const column = columnOf(key, null, { aggregate: true, displayName: name });
    return { part: { key, read }, column };
  }

  #refuseTwice(key: string, { text, at }: Path): void {
    if (this.#seen.has(key)) {
      const message = `duplicate field selected: ${text}`;
      throw this.#names.statement.errorAt(at, "INVALID_FIELD", message);
    }
    this.#seen.add(key);
  }

  #parts(table: Table, items: (Selection | Part<Result>)[]): Part<Result>[] {
    return grouped<Part<Result>>(items).map((group) => {
      if (!Array.isArray(group)) return group;
      const { parts, path } = group[0]!;
      if (parts.length > 1) return this.#parentPart(table, group);
      const field = this.#names.fieldOf(table.object, parts[0]!, path);
      return { key: field.name, read: readerOf(table, field, this.#names.context.version) };
    });
  }

  #parentPart(table: Table, group: Selection[]): Part<Result> {
    const { parts, path } = group[0]!;
    const field = this.#names.relationship(table.object, parts[0]!, path);
    const parentOf = this.#names.parentReader(table, field);
    const rest = group.map((each) => ({ ...each, parts: each.parts.slice(1) }));
    const key = field.relationshipName!;
    if (field.referenceTo.length > 1) return { key, read: this.#anyParent(parentOf, rest) };
    const parentTable = this.#names.context.store.table(field.referenceTo[0]!)!;
    const build = this.#recordBuilder(parentTable, this.#parts(parentTable, rest));
    return {
      key,
      read: (row, showChildren) => {
        const parent = parentOf(row);
        return parent ? build(parent.row, showChildren) : null;
      },
    };
  }

  /** Compiles fields of a parent that can be of several objects. */
  #anyParent(parentOf: ParentReader, selections: Selection[]): Part<Result>["read"] {
    const { store } = this.#names.context;
    const readers = grouped<never>(selections).map((group) => {
      const { parts, path } = group[0]!;
      if (parts.length === 1) {
        const { name } = this.#names.fieldOf(NAME_ENTITY, parts[0]!, path);
        return (parent: ReturnType<ParentReader> & object) =>
          [name, nameEntityValue(parent, name)] as const;
      }
      const field = this.#names.relationship(NAME_ENTITY, parts[0]!, path);
      const table = store.table(field.referenceTo[0]!)!;
      const rest = group.map((each) => ({ ...each, parts: each.parts.slice(1) }));
      const build = this.#recordBuilder(table, this.#parts(table, rest));
      return (parent: ReturnType<ParentReader> & object, showChildren: ShowChildren<Result>) => {
        const grandparent = store.find(nameEntityValue(parent, field.name));
        const record = grandparent ? build(grandparent.row, showChildren) : null;
        return [field.relationshipName!, record] as const;
      };
    });
    return (row, showChildren) => {
      const parent = parentOf(row);
      if (!parent) return null;
      const values = readers.map((read) => read(parent, showChildren));
      return { ...this.#attributes(parent.table, parent.row), ...Object.fromEntries(values) };
    };
  }

  #typeOf({ relationship, whens, otherwise }: TypeOf): Part<Result> {
    const { table, context, statement } = this.#names;
    const field = this.#names.relationship(table.object, relationship.text, relationship);
    const parentOf = this.#names.parentReader(table, field);
    this.#refuseUnlessPolymorphic(field, relationship);
    const builders = new Map(whens.map(({ object, fields }) => {
      const parentTable = context.store.table(object.text);
      if (!parentTable || !field.referenceTo.includes(parentTable.object.name)) {
        const message = `The relationship '${relationship.text}' does not lead to '${object.text}'`;
        throw statement.errorAt(object.at, "INVALID_TYPE", message);
      }
      const names = new Names(context, statement, parentTable, []);
      const list = new SelectList(names, this.#compileChildren);
      const select = fields.map((path): Selected => ({ type: "expression", expression: path }));
      return [parentTable, list.compile(select).build];
    }));
    const selections = otherwise.map((path) => ({ parts: path.text.split("."), path }));
    const buildOther = this.#anyParent(parentOf, selections);
    return {
      key: field.relationshipName!,
      read: (row, showChildren) => {
        const parent = parentOf(row);
        if (!parent) return null;
        const build = builders.get(parent.table);
        return build ? build(parent.row, showChildren) : buildOther(row, showChildren);
      },
    };
  }

  #refuseUnlessPolymorphic(field: Field, { text, at }: Path): void {
    if (field.referenceTo.length > 1) return;
    const message = `TYPEOF requires a polymorphic relationship, and '${text}' is not one`;
    throw this.#names.statement.errorAt(at, "INVALID_FIELD", message);
  }

  #recordBuilder(table: Table, parts: Part<Result>[]): BuildRecord<Result> {
    return (row, showChildren) => {
      const record: Record<string, unknown> = this.#attributes(table, row);
      for (const part of parts) record[part.key] = part.read(row, showChildren);
      return record;
    };
  }

  #attributes(table: Table, row: number): Record<string, unknown> {
    const type = table.object.name;
    const url = `/services/data/v${this.#names.context.version}/sobjects/${type}/${table.id(row)}`;
    return { attributes: { type, url } };
  }
}

/** Groups paths that start with the same name, at the position of the first. */
function grouped<Other extends object>(
  items: (Selection | Other)[],
): (Selection[] | Other)[] {
  const groups: (Selection[] | Other)[] = [];
  const byName = new Map<string, Selection[]>();
  for (const item of items) {
    if (!("parts" in item)) {
      groups.push(item);
      continue;
    }
    const name = item.parts[0]!.toLowerCase();
    const group = byName.get(name);
    if (group) group.push(item);
    else {
      const added = [item];
      byName.set(name, added);
      groups.push(added);
    }
  }
  return groups;
}

/** Rejects an alias that is already in `seen`, and adds it otherwise. */
export function refuseSameAlias(names: Names, seen: Set<string>, { text, at }: Word): void {
  const key = text.toLowerCase();
  if (seen.has(key)) {
    throw names.statement.errorAt(at, "MALFORMED_QUERY", `duplicate alias: ${text}`);
  }
  seen.add(key);
}

/** Returns the SELECT list with FIELDS(…) replaced by the fields. */
export function selectedOf({ table }: Names, { select, limit = Infinity }: Query): Selected[] {
  return select.flatMap((selected) => {
    if (selected.type !== "expression" || selected.expression.type === "path") return [selected];
    const { name, args, at } = selected.expression;
    if (name !== "FIELDS") return [selected];
    const which = (args[0] as Path).text.toUpperCase();
    if (!["ALL", "STANDARD", "CUSTOM"].includes(which)) {
      const message = "The SOQL FIELDS function only supports arguments of (all), (custom), " +
        `(standard); (${(args[0] as Path).text}) is not supported.`;
      throw refusal(400, "MALFORMED_QUERY", message);
    }
    if (which !== "STANDARD" && limit > MAX_FIELDS_LIMIT) {
      const message = `The SOQL FIELDS function must have a LIMIT of at most ${MAX_FIELDS_LIMIT}`;
      throw refusal(400, "MALFORMED_QUERY", message);
    }
    return table.object.fields
      .filter(({ name }) => which === "ALL" || (which === "CUSTOM") === name.endsWith("__c"))
      .map(({ name: text }): Selected => ({
        type: "expression",
        expression: { type: "path", text, at },
      }));
  });
}
