/**
 * `/composite` and the resources below it: several requests or several records in one call.
 *
 * @module
 */
import { ApiError, noSuchResource, refusal, settle } from "../errors.ts";
import { type ApiCall, json, type Reply } from "../http.ts";
import { isId } from "../ids.ts";
import type { Org } from "../org.ts";
import type { Table } from "../records.ts";
import { type ChildRelationship, childRelationships } from "../schema.ts";
import type { Body } from "../validate.ts";
import { readJson } from "./body.ts";
import { readRecord, saved, type SaveResult } from "./sobjects.ts";

const KINDS = ["batch", "graph", "sobjects", "tree"];

const MAX_SUBREQUESTS = 25;
const MAX_RECORDS = 200;
const MAX_RETRIEVED = 2000;

const ROLLED_BACK = {
  statusCode: "ALL_OR_NONE_OPERATION_ROLLED_BACK",
  message: "Record rolled back because not all records were valid and the request was using " +
    "AllOrNone header",
  fields: [],
};

/** A subrequest. */
export interface Subrequest {
  method: string;
  url: string;
  referenceId?: string;
  body?: unknown;
  richInput?: unknown;
  httpHeaders?: Record<string, string>;
}

/** The result of a subrequest. */
export interface SubResponse {
  body: unknown;
  httpHeaders: Record<string, string>;
  httpStatusCode: number;
  referenceId: string | undefined;
}

interface TreeResult {
  referenceId: string;
  id?: string;
  errors?: SaveResult["errors"];
}

interface TreeRecord extends Body {
  attributes: { type: string; referenceId: string };
}

/** Answers `GET /composite`. */
export function listComposite(_org: Org, { version }: ApiCall): Reply {
  const base = `/services/data/v${version}/composite`;
  return json(200, Object.fromEntries(KINDS.map((name) => [name, `${base}/${name}`])));
}

// Requests that refer to one another

/** Answers `POST /composite`. */
export async function composite(org: Org, call: ApiCall): Promise<Reply> {
  const { allOrNone = false, ...body } = readJson<
    { compositeRequest?: Subrequest[]; allOrNone?: boolean }
  >(call);
  const subrequests = listOf(body.compositeRequest);
  checkCount(subrequests.length);
  return json(200, { compositeResponse: await runComposite(org, call, subrequests, allOrNone) });
}

/** Answers subrequests in order. Each can refer to the results of earlier ones. */
export async function runComposite(
  org: Org,
  call: ApiCall,
  subrequests: Subrequest[],
  allOrNone: boolean,
): Promise<SubResponse[]> {
  const results = new Map<string, unknown>();
  const responses: SubResponse[] = [];
  await org.store.transaction(async () => {
    for (const subrequest of subrequests) {
      const reply = await answerPart(org, call, subrequest, results);
      results.set(subrequest.referenceId ?? "", reply.json);
      responses.push({
        body: reply.json ?? reply.body ?? null,
        httpHeaders: reply.headers ?? {},
        httpStatusCode: reply.status,
        referenceId: subrequest.referenceId,
      });
      if (allOrNone && reply.status >= 400) return false;
    }
    return true;
  });
  const failed = responses.findIndex(({ httpStatusCode }) => httpStatusCode >= 400);
  if (allOrNone && failed >= 0) markRolledBack(subrequests, responses, failed);
  return responses;
}

function markRolledBack(
  subrequests: Subrequest[],
  responses: SubResponse[],
  failed: number,
): void {
  const message = "The transaction was rolled back since another operation in the same " +
    "transaction failed.";
  for (const [i, { referenceId }] of subrequests.entries()) {
    if (i === failed) continue;
    responses[i] = {
      body: [{ errorCode: "PROCESSING_HALTED", message }],
      httpHeaders: {},
      httpStatusCode: 400,
      referenceId,
    };
  }
}

/** Answers a subrequest. */
function answerPart(
  org: Org,
  call: ApiCall,
  subrequest: Subrequest,
  results: Map<string, unknown>,
): Promise<Reply> {
  return settle(() => {
    const target = String(fillReferences(subrequest.url, results));
    const body = fillReferences(subrequest.body ?? subrequest.richInput, results);
    const [, version, path = "", search = ""] =
      /^(?:\/services\/data)?\/?v(\d+\.\d)(\/[^?]*)?(?:\?(.*))?$/.exec(target) ?? [];
    if (!version) throw noSuchResource();
    return org.dispatch({
      ...call,
      target,
      version,
      method: methodOf(subrequest),
      path,
      query: new URLSearchParams(search),
      headers: headersOf(subrequest),
      body: new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body)),
    });
  });
}

function methodOf({ method }: Subrequest): string {
  if (typeof method === "string") return method.toUpperCase();
  throw refusal(400, "INVALID_INPUT", "Include a method for each subrequest");
}

function headersOf({ httpHeaders = {} }: Subrequest): Headers {
  try {
    return new Headers(httpHeaders);
  } catch {
    throw refusal(400, "INVALID_INPUT", "The httpHeaders of a subrequest are not valid");
  }
}

// Requests that know nothing of one another

/** Answers `POST /composite/batch`. */
export async function batch(org: Org, call: ApiCall): Promise<Reply> {
  const { haltOnError = false, ...body } = readJson<
    { batchRequests?: Subrequest[]; haltOnError?: boolean }
  >(call);
  const batchRequests = listOf(body.batchRequests);
  checkCount(batchRequests.length);
  const results: { statusCode: number; result: unknown }[] = [];
  let hasErrors = false;
  for (const subrequest of batchRequests) {
    if (hasErrors && haltOnError) {
      const message = "Batch processing halted per request";
      const result = [{ errorCode: "BATCH_PROCESSING_HALTED", message }];
      results.push({ statusCode: 412, result });
      continue;
    }
    const reply = await answerPart(org, call, subrequest, new Map());
    hasErrors ||= reply.status >= 400;
    results.push({ statusCode: reply.status, result: reply.json ?? reply.body ?? null });
  }
  return json(200, { hasErrors, results });
}

// Up to 200 records of one call

/** Answers `DELETE /composite/sobjects?ids=`. */
export async function deleteCollection(org: Org, call: ApiCall): Promise<Reply> {
  const ids = (call.query.get("ids") ?? "").split(",").filter(Boolean);
  const allOrNone = call.query.get("allOrNone") === "true";
  return await saveAll(org, ids, allOrNone, (id) => {
    if (!isId(id)) throw refusal(400, "MALFORMED_ID", `malformed id ${id}`, []);
    const found = org.store.find(id);
    if (!found) throw refusal(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", []);
    org.writer.delete(org.writer.record(found.table, id), call.userId);
    return { id, success: true, errors: [] };
  });
}

/** Answers `POST /composite/sobjects`. */
export async function createCollection(org: Org, call: ApiCall): Promise<Reply> {
  return await saveCollection(org, call, (table, body) => {
    return saved(org, org.writer.create(table, body, call.userId));
  });
}

/** Answers `PATCH /composite/sobjects`. */
export async function updateCollection(org: Org, call: ApiCall): Promise<Reply> {
  return await saveCollection(org, call, (table, { id, Id = id, ...body }) => {
    const found = org.writer.record(table, String(Id ?? ""));
    org.writer.update(found, body, call.userId);
    return { id: table.id(found.row), success: true, errors: [] };
  });
}

/** Answers `PATCH /composite/sobjects/Account/External_Id__c`. */
export async function upsertCollection(
  org: Org,
  call: ApiCall,
  name: string,
  key: string,
): Promise<Reply> {
  const { userId, version } = call;
  return await saveCollection(org, call, (table, { [key]: value, ...body }) => {
    if (value === undefined || value === null) {
      throw refusal(400, "MISSING_ARGUMENT", `${key} not specified`, []);
    }
    const external = String(value);
    // A failed row also says whether it would have created a record.
    const created = org.writer.byExternalId(table, key, external, version).length === 0;
    const result = attempt(() => {
      const { id } = org.writer.upsert(table, key, external, body, userId, version);
      return { id, success: true, errors: [] };
    });
    return { ...result, created };
  }, name);
}

async function saveCollection(
  org: Org,
  call: ApiCall,
  save: (table: Table, body: Body) => SaveResult,
  name?: string,
): Promise<Reply> {
  const { records, allOrNone = false } = readJson<
    { records?: TreeRecord[]; allOrNone?: boolean }
  >(call);
  return await saveAll(org, listOf(records), allOrNone, ({ attributes, ...body }) => {
    const type = name ?? attributes?.type;
    if (!type) throw refusal(400, "INVALID_INPUT", "Include an entity type with each record", []);
    return save(org.writer.table(type), body);
  });
}

async function saveAll<Item>(
  org: Org,
  items: Item[],
  allOrNone: boolean,
  save: (item: Item) => SaveResult,
): Promise<Reply> {
  if (items.length > MAX_RECORDS) {
    const message = `record limit reached. cannot submit more than ${MAX_RECORDS} records in ` +
      "this call";
    throw refusal(400, "EXCEEDED_ID_LIMIT", message);
  }
  let results: SaveResult[] = [];
  await org.store.transaction(() => {
    results = items.map((item) => attempt(() => save(item)));
    return !allOrNone || results.every(({ success }) => success);
  });
  if (allOrNone && results.some(({ success }) => !success)) {
    results = results.map(({ id: _, ...result }) =>
      result.success ? { ...result, success: false, errors: [ROLLED_BACK] } : result
    );
  }
  return json(200, results);
}

/** Answers `GET /composite/sobjects/Account?ids=&fields=`, and the same by POST. */
export function retrieveCollection(org: Org, call: ApiCall, name: string): Reply {
  const table = org.writer.table(name);
  const { ids, fields } = call.method === "POST"
    ? readJson<{ ids: string[]; fields: string[] }>(call)
    : {
      ids: (call.query.get("ids") ?? "").split(","),
      fields: (call.query.get("fields") ?? "Id").split(","),
    };
  if (!Array.isArray(ids) || !Array.isArray(fields)) {
    throw refusal(400, "JSON_PARSER_ERROR", "The request body must hold lists of ids and fields");
  }
  if (ids.length > MAX_RETRIEVED) {
    const message = `The requested number of records exceeds ${MAX_RETRIEVED}`;
    throw refusal(400, "EXCEEDED_ID_LIMIT", message);
  }
  const records = ids.map((id) => {
    const row = isId(id) ? table.find(id) : undefined;
    if (row === undefined || table.isDeleted(row)) return null;
    return readRecord(org, call, { table, row }, fields.join(","));
  });
  return json(200, records);
}

// A record with its children and theirs

/** Answers `POST /composite/tree/Account`. */
export async function tree(org: Org, call: ApiCall, name: string): Promise<Reply> {
  const records = listOf(readJson<{ records?: TreeRecord[] }>(call).records);
  const results: TreeResult[] = [];
  let hasErrors = false;
  await org.store.transaction(() => {
    for (const record of records) plant(org, call, name, record, {}, results);
    hasErrors = results.some(({ errors }) => errors);
    return !hasErrors;
  });
  const shown = hasErrors ? results.filter(({ errors }) => errors) : results;
  return json(hasErrors ? 400 : 201, { hasErrors, results: shown });
}

/** Creates a record and, if that succeeds, the records that it holds. */
function plant(
  org: Org,
  call: ApiCall,
  type: string,
  record: TreeRecord,
  link: Body,
  results: TreeResult[],
): void {
  const table = org.writer.table(type);
  const children = childRelationships(table.object);
  const body: Body = { ...link };
  const nested: { relationship: ChildRelationship; records: TreeRecord[] }[] = [];
  for (const [key, value] of Object.entries(record)) {
    const relationship = children.find((each) => each.name === key);
    if (!relationship) body[key] = value;
    else {
      const records = listOf((value as { records?: TreeRecord[] } | null)?.records);
      nested.push({ relationship, records });
    }
  }
  const referenceId = record.attributes?.referenceId;
  if (!referenceId) {
    const message = "Include a reference ID for each record in the request.";
    throw refusal(400, "INVALID_INPUT", message);
  }
  const result = attempt(() => {
    return { id: org.writer.create(table, body, call.userId), success: true, errors: [] };
  });
  if (!result.success) return void results.push({ referenceId, errors: result.errors });
  results.push({ referenceId, id: result.id! });
  for (const { relationship: { child, field }, records } of nested) {
    for (const each of records) {
      plant(org, call, child.name, each, { [field.name]: result.id }, results);
    }
  }
}

/** Checks that a value is a list of objects, and returns it. */
export function listOf<Item>(value: Item[] | undefined): Item[] {
  const isList = Array.isArray(value) &&
    value.every((each) => typeof each === "object" && each !== null);
  if (isList) return value;
  throw refusal(400, "JSON_PARSER_ERROR", "The request body must hold a list of objects");
}

function checkCount(count: number): void {
  if (count <= MAX_SUBREQUESTS) return;
  const message = `The number of subrequests (${count}) exceeds the limit of ${MAX_SUBREQUESTS}`;
  throw refusal(400, "LIMIT_EXCEEDED", message);
}

/** Returns the result of writing one record. Its errors do not affect the others. */
function attempt(save: () => SaveResult): SaveResult {
  try {
    return save();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const errors = error.errors.map(({ errorCode, message, fields = [] }) => ({
      statusCode: errorCode,
      message,
      fields,
    }));
    return { success: false, errors };
  }
}

/** Replaces `@{reference.path}` with a value from the result of an earlier subrequest. */
function fillReferences(value: unknown, results: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((each) => fillReferences(each, results));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, fillReferences(each, results)]),
    );
  }
  if (typeof value !== "string") return value;
  return value.replace(/@\{([^{}]+)\}/g, (_, path: string) => {
    const [reference = "", ...keys] = path.split(/[.[\]]/).filter(Boolean);
    let found: unknown = results.get(reference);
    for (const key of keys) found = (found as Record<string, unknown> | undefined)?.[key];
    if (found === undefined || found === null) {
      const message = `Invalid reference specified. No value for ${path} found in ${reference}`;
      throw refusal(400, "PROCESSING_HALTED", message);
    }
    return String(found);
  });
}
