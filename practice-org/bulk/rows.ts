/**
 * Turns rows of an upload into records: reads the header and the values, and reports errors of a row.
 *
 * @module
 */
import { ApiError, refusal } from "../errors.ts";
import { isId, to18 } from "../ids.ts";
import type { RecordRef, Store, Table } from "../records.ts";
import { type Field, parentField } from "../schema.ts";
import type { Body } from "../validate.ts";
import type { RecordWriter } from "../writes.ts";
import { CsvError } from "./csv.ts";

/** The operation of an ingest job. */
export type Operation = "insert" | "update" | "upsert" | "delete";

/** The result of a row: the row of its record in the table, or an error. */
export type RowResult = { row: number; created: boolean } | { id: string; error: string };

/** The parts of a job that are needed to write its rows. */
export interface Load {
  object: string;
  operation: Operation;
  externalIdFieldName?: string;
  userId: string;
}

/** A column: a function that handles a value that is not empty. */
type Column = (body: Body, value: string, position: number) => void;

const NULL = "#N/A";

/** Writes rows as records, independently of each other. */
export class RowWriter {
  readonly #writer: RecordWriter;
  readonly #table: Table;
  readonly #load: Load;
  readonly #columns: (Column | undefined)[];
  /** The index of the id in a row; -1 if there is none. */
  readonly #idAt: number;
  /** The index of the external id in a row. */
  readonly #keyAt: number;

  /** Throws a {@linkcode CsvError} for a header that does not fit the job. */
  constructor(store: Store, writer: RecordWriter, load: Load, header: string[]) {
    this.#writer = writer;
    this.#load = load;
    this.#table = store.table(load.object)!;
    const isNamed = (wanted: string) => (name: string) =>
      name.toLowerCase() === wanted.toLowerCase();
    const { operation, externalIdFieldName = "" } = load;
    this.#idAt = header.findIndex(isNamed("Id"));
    this.#keyAt = header.findIndex(isNamed(externalIdFieldName));
    if (operation === "delete" && header.length > 1) {
      throw new CsvError("InvalidBatch : Delete batch must only contain ids");
    }
    if ((operation === "delete" || operation === "update") && this.#idAt < 0) {
      throw fieldNotFound("Id");
    }
    if (operation === "upsert" && this.#keyAt < 0 && externalIdFieldName !== "Id") {
      throw fieldNotFound(externalIdFieldName);
    }
    this.#columns = header.map((name, at) =>
      at === this.#idAt || at === this.#keyAt ? undefined : columnFor(this.#table, name)
    );
  }

  /** Writes the rows of one transaction. */
  write(rows: string[][]): RowResult[] {
    const repeated = this.#load.operation === "upsert" ? this.#repeatedKeys(rows) : new Set();
    return rows.map((row) => {
      const id = this.#idAt < 0 ? "" : row[this.#idAt]?.trim() ?? "";
      try {
        const key = row[this.#keyAt]?.trim().toLowerCase();
        if (key && repeated.has(key)) {
          throw duplicateKey(this.#load.externalIdFieldName!, row[this.#keyAt]!);
        }
        return this.#writeOne(row, id);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return { id, error: textOf(error) };
      }
    });
  }

  /** Returns the external ids that occur more than once. Salesforce writes none of their rows. */
  #repeatedKeys(rows: string[][]): Set<string> {
    const seen = new Set<string>();
    const repeated = new Set<string>();
    for (const row of rows) {
      const key = row[this.#keyAt]?.trim().toLowerCase();
      if (!key) continue;
      if (seen.has(key)) repeated.add(key);
      seen.add(key);
    }
    return repeated;
  }

  #writeOne(row: string[], id: string): RowResult {
    const { operation, userId } = this.#load;
    if (operation === "delete") {
      const record = this.#record(id, "delete");
      this.#writer.delete(record, userId);
      return { row: record.row, created: false };
    }
    const body = this.#body(row);
    switch (operation) {
      case "insert":
        if (id) {
          const message = "cannot specify Id in an insert call";
          throw refusal(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, ["Id"]);
        }
        return this.#create(body);
      case "update":
        return this.#update(this.#record(id, "update"), body);
      case "upsert":
        return this.#upsert(row, id, body);
    }
  }

  #body(row: string[]): Body {
    if (row.length !== this.#columns.length) {
      const message = `Row has ${row.length} columns, the header has ${this.#columns.length}`;
      throw refusal(400, "INVALID_FIELD", message);
    }
    const body: Body = {};
    for (let at = 0; at < row.length; at++) {
      if (row[at] !== "") this.#columns[at]?.(body, row[at]!, at);
    }
    return body;
  }

  #create(body: Body): RowResult {
    const id = this.#writer.create(this.#table, body, this.#load.userId);
    return { row: this.#table.find(id)!, created: true };
  }

  #update(record: RecordRef, body: Body): RowResult {
    this.#writer.update(record, body, this.#load.userId);
    return { row: record.row, created: false };
  }

  #upsert(row: string[], id: string, body: Body): RowResult {
    const { externalIdFieldName: key = "Id" } = this.#load;
    if (key === "Id") {
      return id ? this.#update(this.#record(id, "upsert"), body) : this.#create(body);
    }
    const value = row[this.#keyAt]!.trim();
    if (!value || value === NULL) throw refusal(400, "MISSING_ARGUMENT", `${key} not specified`);
    const table = this.#table;
    const matches = table.lookup(key, value).filter((each) => !table.isDeleted(each));
    if (matches.length > 1) throw severalRecords(key, matches.map((each) => table.id(each)));
    const [found] = matches;
    return found === undefined
      ? this.#create({ ...body, [key]: value })
      : this.#update({ table, row: found }, body);
  }

  #record(id: string, call: string): RecordRef {
    const table = this.#table;
    if (!id || id === NULL) {
      throw refusal(400, "MISSING_ARGUMENT", `Id not specified in an ${call} call`);
    }
    const { label, keyPrefix } = table.object;
    if (!isId(id) || !id.startsWith(keyPrefix)) {
      const message = `${label} ID: id value of incorrect type: ${id}`;
      throw refusal(400, "MALFORMED_ID", message, ["Id"]);
    }
    const row = table.find(to18(id.slice(0, 15)));
    if (row === undefined) {
      throw refusal(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
    }
    if (table.isDeleted(row)) throw refusal(400, "ENTITY_IS_DELETED", "entity is deleted");
    return { table, row };
  }
}

function columnFor({ object }: Table, name: string): Column {
  const field = object.field(name);
  if (field) return (body, value, position) => body[field.name] = toType(field, value, position);
  // `Account.External_Id__c`, or `Account:What.External_Id__c` where the parent can be of several objects.
  const [, relationship = "", parentName = ""] = /^(?:\w+:)?(\w+)\.(\w+)$/.exec(name) ?? [];
  const parent = parentField(object, relationship);
  if (!parent || !parentName) throw fieldNotFound(name);
  return (body, value) => {
    if (value === NULL) body[parent.name] = null;
    else body[parent.relationshipName!] = { [parentName]: value };
  };
}

const TYPES: Partial<Record<Field["type"], { name: string; read: (text: string) => unknown }>> = {
  boolean: { name: "boolean", read: toBoolean },
  int: { name: "int", read: toNumber },
  double: { name: "double", read: toNumber },
  currency: { name: "double", read: toNumber },
  percent: { name: "double", read: toNumber },
  date: { name: "date", read: toDate },
  datetime: { name: "dateTime", read: toDatetime },
};

function toType(field: Field, text: string, position: number): unknown {
  if (text === NULL) return null;
  const type = TYPES[field.type];
  if (!type) return text;
  const value = type.read(text.trim());
  if (value !== undefined) return value;
  const message = `Failed to deserialize field at col ${position}. Due to, '${text}' is not a ` +
    `valid value for the type xsd:${type.name}`;
  throw refusal(400, "INVALID_TYPE_ON_FIELD_IN_RECORD", message, [field.name]);
}

function toBoolean(text: string): boolean | undefined {
  if (/^(?:true|yes|y|on|1)$/i.test(text)) return true;
  return /^(?:false|no|n|off|0)$/i.test(text) ? false : undefined;
}

function toNumber(text: string): number | undefined {
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function toDate(text: string): string | undefined {
  return /^\d{4}-\d\d-\d\dZ?$/.test(text) ? text.slice(0, 10) : undefined;
}

function toDatetime(text: string): string | undefined {
  return /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/.test(text)
    ? /T.*(?:Z|[+-]\d\d:?\d\d)$|^[^T]*$/.test(text) ? text : `${text}Z`
    : undefined;
}

function fieldNotFound(name: string): CsvError {
  return new CsvError(`InvalidBatch : Field name not found : ${name}`);
}

function duplicateKey(field: string, value: string): ApiError {
  const message = `Duplicate external id specified: ${value}`;
  return refusal(400, "DUPLICATE_VALUE", message, [field]);
}

function severalRecords(field: string, ids: string[]): ApiError {
  const message = `${field}: more than one record found for external id field: [${ids.join(", ")}]`;
  return refusal(400, "DUPLICATE_EXTERNAL_ID", message);
}

/** Returns the errors of a row in the form `REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --`. */
function textOf(error: ApiError): string {
  return error.errors
    .map(({ errorCode, message, fields = [] }) =>
      `${errorCode}:${message}:${fields.map((field) => `${field} `).join("")}--`
    )
    .join(";");
}
