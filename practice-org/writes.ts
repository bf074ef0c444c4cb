/**
 * Creates, changes and deletes single records.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { ApiError, noSuchResource, refusal, REST_ERRORS } from "./errors.ts";
import { completeVersion, publishVersion } from "./files.ts";
import { json, type Reply } from "./http.ts";
import { isId } from "./ids.ts";
import type { RecordRef, Store, Table } from "./records.ts";
import { type Body, normalizeIds, validate } from "./validate.ts";

const MAX_RECENT = 200;

/** The result of an upsert. */
export interface Upserted {
  id: string;
  created: boolean;
}

/** Writes records on behalf of the user who makes the request. */
export class RecordWriter {
  readonly #store: Store;
  /** The records written most recently, the latest first. */
  readonly recent: RecordRef[] = [];
  /** The number of coming writes that fail because the row is locked. */
  lockedRows = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Returns the table of an object that the REST API has, or the Tooling API. */
  table(name: string, tooling = false): Table {
    const table = this.#store.table(name);
    if (!table || (table.object.api === "tooling" && !tooling)) throw noSuchResource();
    return table;
  }

  /** Returns the live record with an id in this table. */
  record(table: Table, id: string): RecordRef {
    if (!isId(id)) {
      const message = `Provided external ID field does not exist or is not accessible: ${id}`;
      throw refusal(404, "NOT_FOUND", message);
    }
    const { label, keyPrefix } = table.object;
    if (!id.startsWith(keyPrefix)) {
      const message = `${label} ID: id value of incorrect type: ${id}`;
      throw refusal(400, "MALFORMED_ID", message, ["Id"]);
    }
    const row = table.find(id);
    if (row === undefined) throw noSuchResource();
    // What the Tooling API deletes is gone, not in the recycle bin.
    if (table.isDeleted(row) && table.object.api === "tooling") throw noSuchResource();
    if (table.isDeleted(row)) throw refusal(404, "ENTITY_IS_DELETED", "entity is deleted", []);
    return { table, row };
  }

  /** Creates a record and returns its id. */
  create(table: Table, body: Body, userId: string): string {
    if (!table.object.createable) throw cannotWrite(table);
    this.#lock();
    let values = normalizeIds(table.object, validate(this.#store, table, body));
    const isFile = table.object.name === "ContentVersion";
    if (isFile) values = completeVersion(this.#store, values, userId);
    if (table.object.api === "event") values = { ...values, EventUuid: randomUUID() };
    const row = table.insert(values, userId);
    if (isFile) publishVersion(this.#store, row, userId);
    if (table.object.api !== "event") this.#remember({ table, row });
    return table.id(row);
  }

  /** Changes a record. */
  update({ table, row }: RecordRef, body: Body, userId: string): void {
    if (!table.object.updateable) throw cannotWrite(table);
    this.#lock();
    const values = normalizeIds(table.object, validate(this.#store, table, body, row));
    table.update(row, values, userId);
    this.#remember({ table, row });
  }

  /** Deletes a record and the children that go with it. */
  delete(record: RecordRef, userId: string): void {
    if (!record.table.object.deletable) throw cannotWrite(record.table);
    this.#lock();
    this.#store.delete(record, userId);
  }

  /** Returns the live records with a value in an external id field. */
  byExternalId(table: Table, fieldName: string, value: string, version: string): RecordRef[] {
    const field = table.object.field(fieldName);
    if (!field?.externalId && field?.name !== "Id") {
      const message =
        `Provided external ID field does not exist or is not accessible: ${fieldName}`;
      throw refusal(404, "NOT_FOUND", message);
    }
    if (field.name === "Id") return [this.record(table, value)];
    const rows = table.lookup(field.name, value).filter((row) => !table.isDeleted(row));
    if (rows.length > 1) {
      const urls = rows.map((row) =>
        `/services/data/v${version}/sobjects/${table.object.name}/${table.id(row)}`
      );
      throw new SeveralRecords(urls);
    }
    return rows.map((row) => ({ table, row }));
  }

  /** Updates the record with this external id, or creates it. */
  upsert(
    table: Table,
    fieldName: string,
    value: string,
    body: Body,
    userId: string,
    version: string,
  ): Upserted {
    const [record] = this.byExternalId(table, fieldName, value, version);
    if (record) {
      this.update(record, body, userId);
      return { id: table.id(record.row), created: false };
    }
    const name = table.object.field(fieldName)!.name;
    return { id: this.create(table, { ...body, [name]: value }, userId), created: true };
  }

  #lock(): void {
    if (this.lockedRows === 0) return;
    this.lockedRows--;
    throw REST_ERRORS["row-locked"]();
  }

  #remember(record: RecordRef): void {
    const { recent } = this;
    const known = recent.findIndex(({ table, row }) =>
      table === record.table && row === record.row
    );
    if (known >= 0) recent.splice(known, 1);
    recent.unshift(record);
    recent.length = Math.min(recent.length, MAX_RECENT);
  }
}

/** Reports an external id that several records have: status 300, with the URLs of all of them. */
class SeveralRecords extends ApiError {
  override readonly reply: Reply;

  constructor(urls: string[]) {
    const message = "The external id field value is not unique";
    super(300, [{ message, errorCode: "DUPLICATE_EXTERNAL_ID" }]);
    this.reply = json(300, urls);
  }
}

function cannotWrite(table: Table): ApiError {
  const message = `entity type ${table.object.name} does not support this operation`;
  return refusal(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message);
}
