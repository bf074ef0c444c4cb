/**
 * `/sobjects`: lists, describes, and single records by id or external id.
 *
 * @module
 */
import { readJson } from "./body.ts";
import type { ApiRequest, ApiResponse } from "./api.ts";
import { describeGlobal, describeObject, summarize } from "./describe.ts";
import { methodNotAllowed, noSuchResource, refusal } from "./errors.ts";
import { bytesOf, readMultipart } from "./files.ts";
import { datetimeOf, type RecordRef, type Store, type Table } from "./records.ts";
import { childRelationships, parentField } from "./schema.ts";
import type { QueryResource } from "./query.ts";
import { readerOf, runQuery } from "./soql/run.ts";
import type { Body } from "./validate.ts";
import type { RecordWriter } from "./writes.ts";

const COLLECTION_METHODS = "HEAD,GET,POST";
const RECORD_METHODS = "HEAD,GET,PATCH,DELETE";
const READ_METHODS = "HEAD,GET";

/** Answers everything under `/sobjects`. */
export class SObjectResource {
  readonly #store: Store;
  readonly #writer: RecordWriter;
  readonly #queries: QueryResource;
  readonly #startedAt = new Date();

  constructor(store: Store, writer: RecordWriter, queries: QueryResource) {
    this.#store = store;
    this.#writer = writer;
    this.#queries = queries;
  }

  /** `parts` is the path after `/sobjects`, decoded. */
  async handle(request: ApiRequest, parts: string[], tooling: boolean): Promise<ApiResponse> {
    const [name, key, last, ...more] = parts;
    if (name === undefined) {
      allow(request, READ_METHODS);
      return this.#describe(request, describeGlobal(request.version, tooling));
    }
    const table = this.#writer.table(name);
    if (more.length) throw noSuchResource();
    if (key === undefined) return await this.#collection(request, table);
    if (last === undefined) {
      const special = this.#special(request, table, key);
      if (special) return special;
      allow(request, RECORD_METHODS);
      return await this.#record(request, this.#writer.record(table, key));
    }
    const byExternalId = table.object.field(key)?.externalId || key.toLowerCase() === "id";
    if (byExternalId) return await this.#byExternalId(request, table, key, last);
    return await this.#member(request, this.#writer.record(table, key), last);
  }

  #describe(request: ApiRequest, body: unknown): ApiResponse {
    const since = request.headers.get("If-Modified-Since");
    if (since && Date.parse(since) >= Math.floor(this.#startedAt.getTime() / 1000) * 1000) {
      return { status: 304 };
    }
    return { status: 200, headers: { "Last-Modified": this.#startedAt.toUTCString() }, body };
  }

  async #collection(request: ApiRequest, table: Table): Promise<ApiResponse> {
    allow(request, COLLECTION_METHODS);
    if (request.method === "GET") {
      const recentItems = this.#writer.recent
        .filter((record) => record.table === table && !table.isDeleted(record.row))
        .map((record) => recentItem(record, request.version));
      const objectDescribe = summarize(table.object, request.version);
      return { status: 200, body: { objectDescribe, recentItems } };
    }
    const contentType = request.headers.get("content-type") ?? "";
    const body = contentType.startsWith("multipart/form-data")
      ? await readMultipart(contentType, request.body)
      : readJson<Body>(request);
    const id = this.#writer.create(table, body, request.userId);
    const location = `/services/data/v${request.version}/sobjects/${table.object.name}/${id}`;
    return {
      status: 201,
      headers: { Location: location },
      body: { id, success: true, errors: [] },
    };
  }

  /** `/describe`, `/updated`, `/deleted`, which stand where an id could. */
  #special(request: ApiRequest, table: Table, key: string): ApiResponse | undefined {
    if (!["describe", "updated", "deleted"].includes(key)) return undefined;
    allow(request, READ_METHODS);
    if (key === "describe") {
      return this.#describe(request, describeObject(table.object, request.version, this.#store));
    }
    const [start, end] = ["start", "end"].map((name) => Date.parse(request.query.get(name) ?? ""));
    if (!start || !end || start >= end) {
      throw refusal(400, "INVALID_REPLICATION_DATE", "start and end must be dates, start first");
    }
    const changed = table.all().filter((row) => {
      const time = Date.parse(String(table.get(row, "SystemModstamp")).replace("+0000", "Z"));
      return table.isDeleted(row) === (key === "deleted") && time >= start && time < end;
    });
    const latestDateCovered = datetimeOf(end);
    if (key === "updated") {
      return { status: 200, body: { ids: changed.map((row) => table.id(row)), latestDateCovered } };
    }
    const deletedRecords = changed.map((row) => ({
      deletedDate: table.get(row, "SystemModstamp"),
      id: table.id(row),
    }));
    const earliestDateAvailable = datetimeOf(this.#startedAt.getTime());
    return { status: 200, body: { deletedRecords, earliestDateAvailable, latestDateCovered } };
  }

  async #record(request: ApiRequest, record: RecordRef): Promise<ApiResponse> {
    allow(request, RECORD_METHODS);
    if (request.method === "PATCH") {
      this.#writer.update(record, readJson<Body>(request), request.userId);
      return { status: 204 };
    }
    if (request.method === "DELETE") {
      this.#writer.delete(record, request.userId);
      return { status: 204 };
    }
    return { status: 200, body: await this.read(record, request) };
  }

  /** A record with all its fields, or those of `?fields=`. */
  async read(record: RecordRef, request: ApiRequest): Promise<unknown> {
    const { table, row } = record;
    const { version, userId } = request;
    const fields = request.query.get("fields");
    if (fields === null) return wholeRecord(record, version);
    const names = fields.split(",").map((name) => name.trim()).filter(Boolean);
    if (!names.some((name) => name.toLowerCase() === "id")) names.push("Id");
    const soql = `SELECT ${names.join(",")} FROM ${table.object.name}`;
    const context = { store: this.#store, userId, version, among: (each: number) => each === row };
    return (await runQuery(soql, context)).records(0, 1, () => null)[0];
  }

  async #byExternalId(
    request: ApiRequest,
    table: Table,
    field: string,
    value: string,
  ): Promise<ApiResponse> {
    allow(request, RECORD_METHODS);
    if (request.method === "PATCH") {
      const body = readJson<Body>(request);
      if (Object.keys(body).some((name) => name.toLowerCase() === field.toLowerCase())) {
        const message = `The ${field} field should not be specified in the sobject data.`;
        throw refusal(400, "INVALID_FIELD", message, [field]);
      }
      const { userId, version } = request;
      const { id, created } = this.#writer.upsert(table, field, value, body, userId, version);
      return { status: created ? 201 : 200, body: { id, success: true, errors: [], created } };
    }
    const [record] = this.#writer.byExternalId(table, field, value, request.version);
    if (!record) throw noSuchResource();
    return await this.#record(request, record);
  }

  /** `/sobjects/ContentVersion/ID/VersionData`, `/sobjects/Account/ID/Contacts`, `…/Owner`. */
  async #member(request: ApiRequest, record: RecordRef, name: string): Promise<ApiResponse> {
    const { table, row } = record;
    const field = table.object.field(name);
    if (field?.type === "base64") {
      allow(request, READ_METHODS);
      const headers = { "Content-Type": "application/octetstream" };
      return { status: 200, headers, body: bytesOf(table.get(row, field.name)) };
    }
    const parent = parentField(table.object, name);
    if (parent) {
      const target = this.#store.find(table.get(row, parent.name));
      if (!target || target.table.isDeleted(target.row)) throw noSuchResource();
      return await this.#record(request, target);
    }
    const children = childRelationships(table.object)
      .find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (!children) throw noSuchResource();
    allow(request, READ_METHODS);
    const { child, field: key } = children;
    const fields = request.query.get("fields") ??
      child.fields.filter(({ type }) => type !== "address").map((each) => each.name).join(",");
    const soql = `SELECT ${fields} FROM ${child.name} WHERE ${key.name} = '${table.id(row)}'`;
    const query = new URLSearchParams({ q: soql });
    return await this.#queries.query({ ...request, query }, "", false);
  }
}

function allow(request: ApiRequest, methods: string): void {
  if (!methods.split(",").includes(request.method)) {
    throw methodNotAllowed(request.method, methods);
  }
}

/** A record's attributes, as every record begins with. */
export function attributesOf({ table, row }: RecordRef, version: string): Record<string, unknown> {
  const type = table.object.name;
  const url = `/services/data/v${version}/sobjects/${type}/${table.id(row)}`;
  return { attributes: { type, url } };
}

function wholeRecord(record: RecordRef, version: string): unknown {
  const { table, row } = record;
  const values = table.object.fields.map((field) => [
    field.name,
    readerOf(table, field, version)(row),
  ]);
  return { ...attributesOf(record, version), ...Object.fromEntries(values) };
}

/** A record as `/recent` and `recentItems` show it. */
export function recentItem(record: RecordRef, version: string): unknown {
  const { table, row } = record;
  const nameField = table.object.fields.find((field) => field.nameField);
  return {
    ...attributesOf(record, version),
    Id: table.id(row),
    ...(nameField && { [nameField.name]: table.get(row, nameField.name) }),
  };
}
