/**
 * `/sobjects`: lists, describes, and records by id or external id.
 *
 * @module
 */
import { describeGlobal, describeObject, summarize } from "../describe.ts";
import { methodNotAllowed, noSuchResource, refusal } from "../errors.ts";
import { bytesOf, readMultipart } from "../files.ts";
import { type ApiCall, isType, json, type Reply } from "../http.ts";
import type { Org } from "../org.ts";
import { datetimeOf, type RecordRef, type Table } from "../records.ts";
import { childRelationships, parentField, type Value } from "../schema.ts";
import { readerOf } from "../soql/names.ts";
import { runQuery } from "../soql/run.ts";
import type { Body } from "../validate.ts";
import { readJson } from "./body.ts";
import { checkConditions, etagOf, validatorHeaders, type Validators } from "./conditional.ts";
import { firstPage } from "./query.ts";

/** The result of writing a record. */
export interface SaveResult {
  id?: string;
  success: boolean;
  errors: { statusCode: string; message: string; fields: string[] }[];
  created?: boolean;
}

/** Answers `GET /sobjects`. */
export function listObjects(org: Org, call: ApiCall): Reply {
  return metadata(org, call, describeGlobal(call.version, call.tooling));
}

/** Answers `GET /sobjects/Account/describe`. */
export function describe(org: Org, call: ApiCall, name: string): Reply {
  const { object } = org.writer.table(name, call.tooling);
  return metadata(org, call, describeObject(object, call.version, org.store));
}

/** Answers with metadata, or 304: metadata does not change after the org has started. */
function metadata({ startedAt }: Org, call: ApiCall, body: unknown): Reply {
  const validators = { modified: startedAt.getTime() };
  checkConditions(call, validators);
  return json(200, body, validatorHeaders(validators));
}

/** Answers `GET /sobjects/Account`. */
export function objectInfo(org: Org, call: ApiCall, name: string): Reply {
  const table = org.writer.table(name, call.tooling);
  return json(200, {
    objectDescribe: summarize(table.object, call.version),
    recentItems: recentRecords(org)
      .filter((record) => record.table === table)
      .map((record) => recentItem(record, call.version)),
  });
}

/** Answers `GET /recent`. */
export function recent(org: Org, call: ApiCall): Reply {
  const limit = Number(call.query.get("limit") ?? 200);
  const records = recentRecords(org).slice(0, limit);
  return json(200, records.map((record) => recentItem(record, call.version)));
}

/** Answers `POST /sobjects/Account`. */
export async function createRecord(org: Org, call: ApiCall, name: string): Promise<Reply> {
  const table = org.writer.table(name, call.tooling);
  const body = isType(call, "multipart/form-data")
    ? await readMultipart(call.headers.get("content-type")!, call.body)
    : readJson<Body>(call);
  const id = org.writer.create(table, body, call.userId);
  const location = `/services/data/v${call.version}/sobjects/${table.object.name}/${id}`;
  return json(201, saved(org, id), { Location: location });
}

/** Returns the result of creating a record. For an event, an entry in the errors says that it was queued. */
export function saved({ store }: Org, id: string): SaveResult {
  const { table, row } = store.find(id)!;
  if (table.object.api !== "event") return { id, success: true, errors: [] };
  const message = String(table.get(row, "EventUuid"));
  return { id, success: true, errors: [{ statusCode: "OPERATION_ENQUEUED", message, fields: [] }] };
}

/** Answers `GET /sobjects/Account/updated?start=&end=`. */
export function updatedRecords(org: Org, call: ApiCall, name: string): Reply {
  const table = org.writer.table(name, call.tooling);
  const { rows, latestDateCovered } = changedRows(table, call, false);
  return json(200, { ids: rows.map((row) => table.id(row)), latestDateCovered });
}

/** Answers `GET /sobjects/Account/deleted?start=&end=`. */
export function deletedRecords(org: Org, call: ApiCall, name: string): Reply {
  const table = org.writer.table(name, call.tooling);
  const { rows, latestDateCovered } = changedRows(table, call, true);
  return json(200, {
    deletedRecords: rows.map((row) => ({
      deletedDate: table.get(row, "SystemModstamp"),
      id: table.id(row),
    })),
    earliestDateAvailable: datetimeOf(org.startedAt.getTime()),
    latestDateCovered,
  });
}

function changedRows(
  table: Table,
  { query }: ApiCall,
  deleted: boolean,
): { rows: number[]; latestDateCovered: string } {
  const [start, end] = ["start", "end"].map((name) => Date.parse(query.get(name) ?? ""));
  if (!start || !end || start >= end) {
    throw refusal(400, "INVALID_REPLICATION_DATE", "start and end must be dates, start first");
  }
  const rows = table.all().filter((row) => {
    const time = timeOf(table.get(row, "SystemModstamp"));
    return table.isDeleted(row) === deleted && time >= start && time < end;
  });
  return { rows, latestDateCovered: datetimeOf(end) };
}

/** Answers `/sobjects/Account/001…`. */
export function recordById(
  org: Org,
  call: ApiCall,
  name: string,
  id: string,
): Reply {
  return answerRecord(org, call, org.writer.record(org.writer.table(name, call.tooling), id));
}

function answerRecord(org: Org, call: ApiCall, record: RecordRef): Reply {
  const validators = validatorsOf(record, call.version);
  checkConditions(call, validators);
  switch (call.method) {
    case "PATCH":
      org.writer.update(record, readJson<Body>(call), call.userId);
      return { status: 204 };
    case "DELETE":
      org.writer.delete(record, call.userId);
      return { status: 204 };
    default:
      return json(
        200,
        readRecord(org, call, record, call.query.get("fields")),
        validatorHeaders(validators),
      );
  }
}

/** Returns the validators of a record. As in Salesforce, only accounts have an entity tag. */
function validatorsOf(record: RecordRef, version: string): Validators {
  const { table, row } = record;
  const modified = timeOf(table.get(row, "SystemModstamp"));
  if (table.object.name !== "Account") return { modified };
  return { modified, etag: etagOf(wholeRecord(record, version)) };
}

function timeOf(datetime: Value): number {
  return Date.parse(String(datetime).replace("+0000", "Z"));
}

/** Returns a record with all its fields, or with those that `fields` lists. */
export function readRecord(
  org: Org,
  { version, userId }: ApiCall,
  record: RecordRef,
  fields: string | null,
): unknown {
  const { table, row } = record;
  if (fields === null) return wholeRecord(record, version);
  const names = fields.split(",").map((name) => name.trim()).filter(Boolean);
  if (!names.some((name) => name.toLowerCase() === "id")) names.push("Id");
  const soql = `SELECT ${names.join(",")} FROM ${table.object.name}`;
  const context = { store: org.store, userId, version, among: (each: number) => each === row };
  return runQuery(soql, context).records(0, 1, () => null)[0];
}

/** Answers `/sobjects/Account/External_Id__c/A-1`, and `/sobjects/Account/001…/Owner`. */
export function below(
  org: Org,
  call: ApiCall,
  name: string,
  key: string,
  last: string,
): Reply {
  const table = org.writer.table(name, call.tooling);
  const isField = table.object.field(key)?.externalId || key.toLowerCase() === "id";
  if (isField) return byExternalId(org, call, table, key, last);
  return member(org, call, org.writer.record(table, key), last);
}

function byExternalId(
  org: Org,
  call: ApiCall,
  table: Table,
  field: string,
  value: string,
): Reply {
  const { userId, version } = call;
  if (call.method === "PATCH") {
    const body = readJson<Body>(call);
    if (Object.keys(body).some((name) => name.toLowerCase() === field.toLowerCase())) {
      const message = `The ${field} field should not be specified in the sobject data.`;
      throw refusal(400, "INVALID_FIELD", message, [field]);
    }
    const isKnown = call.query.get("updateOnly") !== "true" ||
      org.writer.byExternalId(table, field, value, version).length > 0;
    if (!isKnown) throw noSuchResource();
    const { id, created } = org.writer.upsert(table, field, value, body, userId, version);
    return json(created ? 201 : 200, { id, success: true, errors: [], created });
  }
  const [record] = org.writer.byExternalId(table, field, value, version);
  if (!record) throw noSuchResource();
  return answerRecord(org, call, record);
}

/** `/sobjects/ContentVersion/ID/VersionData`, `/sobjects/Account/ID/Contacts`, `…/Owner`. */
function member(org: Org, call: ApiCall, record: RecordRef, name: string): Reply {
  const { table, row } = record;
  const field = table.object.field(name);
  if (field?.type === "base64") {
    allowOnlyGet(call);
    const headers = { "Content-Type": "application/octetstream" };
    return { status: 200, headers, body: bytesOf(table.get(row, field.name)) };
  }
  const parent = parentField(table.object, name);
  if (parent) {
    const target = org.store.find(table.get(row, parent.name));
    if (!target || target.table.isDeleted(target.row)) throw noSuchResource();
    return answerRecord(org, call, target);
  }
  const children = childRelationships(table.object)
    .find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (!children) throw noSuchResource();
  allowOnlyGet(call);
  const { child, field: key } = children;
  const fields = call.query.get("fields") ??
    child.fields.filter(({ type }) => type !== "address").map((each) => each.name).join(",");
  const soql = `SELECT ${fields} FROM ${child.name} WHERE ${key.name} = '${table.id(row)}'`;
  const { userId, version } = call;
  const result = runQuery(soql, { store: org.store, userId, version });
  return json(200, firstPage(org, call, result));
}

function allowOnlyGet({ method }: ApiCall): void {
  if (method !== "GET") throw methodNotAllowed(method, "HEAD,GET");
}

/** Returns the attributes with which every record starts. */
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

function recentRecords({ writer }: Org): RecordRef[] {
  return writer.recent.filter(({ table, row }) => !table.isDeleted(row));
}

/** Returns a record in the form used by `/recent` and `recentItems`. */
function recentItem(record: RecordRef, version: string): unknown {
  const { table, row } = record;
  const nameField = table.object.fields.find((field) => field.nameField);
  return {
    ...attributesOf(record, version),
    Id: table.id(row),
    ...(nameField && { [nameField.name]: table.get(row, nameField.name) }),
  };
}
