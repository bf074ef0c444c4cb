/**
 * The record store. A record is a row number in its object's table; what the seeds say of a row is
 * computed when it is read, and of a written row only what was written is kept, so that a table of
 * a million rows costs little.
 *
 * @module
 */
import { idOf, rowOf, to18 } from "./ids.ts";
import { type Field, OBJECTS, type ObjectType, type Value } from "./schema.ts";

/** Field values by API name. */
export type Values = Record<string, Value>;

/** Reads one field of a row. */
export type Column = (row: number) => Value;

/** The records of a new org: their number, and each field's value by row. */
export interface Seed {
  count: number;
  fields: Record<string, Column>;
}

/** The records of one object. */
export class Table {
  readonly object: ObjectType;
  readonly #store: Store;
  readonly #seed: Seed;
  /** Values written to seeded rows; other values come from the seeds. */
  readonly #changes = new Map<number, Values>();
  /** Values written to later rows; other values are defaults. */
  readonly #added: (Values | undefined)[] = [];
  /** Rows with a given id instead of a generated one (users, the organization), by 15-character id. */
  readonly #givenIds = new Map<string, number>();
  readonly #indexes = new Map<string, Map<string, number[]>>();
  #length: number;
  #live: number[] | undefined;

  constructor(store: Store, object: ObjectType, seed: Seed) {
    this.#store = store;
    this.object = object;
    this.#seed = seed;
    this.#length = seed.count;
  }

  /** The number of rows ever created, including deleted ones. */
  get length(): number {
    return this.#length;
  }

  /** Returns the rows that are not deleted, in order of creation. The array is shared: do not change it. */
  live(): readonly number[] {
    this.#live ??= this.all().filter((row) => !this.#written(row)?.IsDeleted);
    return this.#live;
  }

  /** Returns every row, including deleted ones. */
  all(): number[] {
    return Array.from({ length: this.#length }, (_, row) => row);
  }

  /** Returns a reader for one field. */
  column(name: string): Column {
    if (name === "Id") return (row) => this.id(row);
    const field = this.object.field(name);
    if (!field) return () => null;
    if (field.formula) {
      const formula = field.formula;
      return (row) => formula((name) => this.#valueOf(row, name));
    }
    if (field.autoNumber) return field.autoNumber;
    const seed = this.#seed.fields[field.name];
    const { count } = this.#seed;
    return (row) => {
      const value = this.#written(row)?.[field.name];
      if (value !== undefined) return value;
      return seed && row < count ? seed(row) : field.defaultValue;
    };
  }

  /** Returns a field of a row, or of its parent: `Product2Id.Name`. */
  #valueOf(row: number, path: string): Value {
    const [name = "", field] = path.split(".");
    const value = this.get(row, name);
    if (field === undefined) return value;
    const parent = this.#store.find(value);
    return parent ? parent.table.get(parent.row, field) : null;
  }

  get(row: number, name: string): Value {
    return this.column(name)(row);
  }

  id(row: number): string {
    const given = this.#written(row)?.Id;
    return typeof given === "string" ? given : idOf(this.object.keyPrefix, row);
  }

  /** Returns the row with this id (15 or 18 characters), deleted or not. */
  find(id: string): number | undefined {
    const given = this.#givenIds.get(id.slice(0, 15));
    if (given !== undefined) return given;
    if (!id.startsWith(this.object.keyPrefix)) return undefined;
    const row = rowOf(id);
    return row >= 0 && row < this.#length ? row : undefined;
  }

  /** Whether a row is deleted, or its creation was undone. */
  isDeleted(row: number): boolean {
    return row >= this.#length || this.#written(row)?.IsDeleted === true;
  }

  /** Returns the rows with this value in a field, whatever its case, including deleted rows. */
  lookup(field: string, value: Value): readonly number[] {
    let index = this.#indexes.get(field);
    if (!index) {
      index = new Map();
      const column = this.column(field);
      for (let row = 0; row < this.#length; row++) addToIndex(index, column(row), row);
      this.#indexes.set(field, index);
    }
    return index.get(indexKey(value)) ?? [];
  }

  /** Adds a record and returns its row. */
  insert(values: Values, userId: string): number {
    const time = now();
    const row = this.#length;
    const { Id: id, ...fields } = values;
    const written: Values = {
      CreatedDate: time,
      CreatedById: userId,
      LastModifiedDate: time,
      LastModifiedById: userId,
      SystemModstamp: time,
      ...(this.object.field("OwnerId") && { OwnerId: userId }),
      ...fields,
    };
    if (typeof id === "string") {
      written.Id = to18(id.slice(0, 15));
      this.#givenIds.set(id.slice(0, 15), row);
    }
    this.#length++;
    this.#put(row, written);
    this.#store.wrote({ kind: "CREATE", table: this, row, values: written, userId }, () => {
      this.#put(row, undefined);
      this.#length--;
    });
    return row;
  }

  /** Changes fields of a record. */
  update(row: number, values: Values, userId: string): void {
    const before = this.#written(row);
    const time = now();
    const changes = {
      ...values,
      LastModifiedDate: time,
      LastModifiedById: userId,
      SystemModstamp: time,
    };
    this.#put(row, { ...before, ...changes });
    const kind = values.IsDeleted ? "DELETE" : "UPDATE";
    this.#store.wrote(
      { kind, table: this, row, values: changes, userId },
      () => this.#put(row, before),
    );
  }

  #written(row: number): Values | undefined {
    const { count } = this.#seed;
    return row < count ? this.#changes.get(row) : this.#added[row - count];
  }

  #put(row: number, values: Values | undefined): void {
    const wasThere = row < this.#length;
    for (const [field, index] of this.#indexes) {
      if (wasThere) removeFromIndex(index, this.get(row, field), row);
    }
    if (row >= this.#seed.count) this.#added[row - this.#seed.count] = values;
    else if (values) this.#changes.set(row, values);
    else this.#changes.delete(row);
    for (const [field, index] of this.#indexes) {
      if (values || row < this.#seed.count) addToIndex(index, this.get(row, field), row);
    }
    this.#live = undefined;
  }
}

function indexKey(value: Value): string {
  return String(value).toLowerCase();
}

function addToIndex(index: Map<string, number[]>, value: Value, row: number): void {
  if (value === null) return;
  const rows = index.get(indexKey(value));
  if (!rows) index.set(indexKey(value), [row]);
  else rows.push(row);
}

function removeFromIndex(index: Map<string, number[]>, value: Value, row: number): void {
  const rows = index.get(indexKey(value));
  const at = rows?.indexOf(row) ?? -1;
  if (at >= 0) rows!.splice(at, 1);
}

/** A record in a table. */
export interface RecordRef {
  table: Table;
  row: number;
}

/** A change to a record. */
export interface RecordChange extends RecordRef {
  kind: "CREATE" | "UPDATE" | "DELETE";
  /** The fields that were written. */
  values: Values;
  userId: string;
}

/** All tables of the org. */
export class Store {
  /** Called for every write when its transaction has succeeded. */
  onChange: ((change: RecordChange) => void) | undefined;
  /** The writes of the current transaction; undefined outside a transaction. */
  #journal: { change: RecordChange; undo: () => void }[] | undefined;
  /** Settles when the current transaction ends. Until then, other requests must not write. */
  busy: Promise<void> | undefined;
  readonly #tables = new Map<string, Table>();
  readonly #byPrefix = new Map<string, Table>();

  constructor(seeds: Record<string, Seed>) {
    for (const object of OBJECTS) {
      const table = new Table(this, object, seeds[object.name] ?? { count: 0, fields: {} });
      this.#tables.set(object.name.toLowerCase(), table);
      this.#byPrefix.set(object.keyPrefix, table);
    }
  }

  /** Returns the table of an object, by its name in any case. */
  table(name: string): Table | undefined {
    return this.#tables.get(name.toLowerCase());
  }

  /** Returns the record with an id, deleted or not. */
  find(id: Value): RecordRef | undefined {
    if (typeof id !== "string") return undefined;
    const table = this.#byPrefix.get(id.slice(0, 3));
    const row = table?.find(id);
    return table && row !== undefined ? { table, row } : undefined;
  }

  /** Deletes a record and the children that are deleted with it. */
  delete({ table, row }: RecordRef, userId: string): void {
    const id = table.id(row);
    table.update(row, { IsDeleted: true }, userId);
    for (const child of this.#tables.values()) {
      for (const field of child.object.fields) {
        if (!field.cascadeDelete || !field.referenceTo.includes(table.object.name)) continue;
        for (const childRow of [...child.lookup(field.name, id)]) {
          if (!child.isDeleted(childRow)) this.delete({ table: child, row: childRow }, userId);
        }
      }
    }
  }

  /** Runs `work`; undoes all its writes if it returns `false` or throws. */
  async transaction(work: () => boolean | Promise<boolean>): Promise<void> {
    if (this.#journal) return await this.#transact(work);
    this.busy = this.#transact(work).finally(() => this.busy = undefined);
    await this.busy;
  }

  async #transact(work: () => boolean | Promise<boolean>): Promise<void> {
    const outer = this.#journal;
    const journal: { change: RecordChange; undo: () => void }[] = [];
    this.#journal = journal;
    let keep = false;
    try {
      keep = await work();
    } finally {
      this.#journal = undefined;
      if (!keep) { for (const { undo } of journal.reverse()) undo(); }
      this.#journal = outer;
      if (keep) { for (const { change, undo } of journal) this.wrote(change, undo); }
    }
  }

  /** Records a write, so that a transaction can undo it. */
  wrote(change: RecordChange, undo: () => void): void {
    if (this.#journal) this.#journal.push({ change, undo });
    else this.onChange?.(change);
  }
}

/** Returns a time as the API shows it: `2026-11-30T09:30:00.000+0000`. */
export function datetimeOf(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "+0000");
}

let present = { ms: 0, text: "" };

/** The present time. Records of the same millisecond share the text. */
function now(): string {
  const ms = Date.now();
  if (ms !== present.ms) present = { ms, text: datetimeOf(ms) };
  return present.text;
}

/** Whether a field holds text, which SOQL compares without regard to case. */
export function isText({ type }: Pick<Field, "type">): boolean {
  return !["boolean", "int", "double", "currency", "percent", "date", "datetime", "address"]
    .includes(type);
}
