/**
 * `/composite` and what is below it: several requests, or several records, in one call.
 *
 * @module
 */
import { readJson } from "./body.ts";
import type { ApiRequest, ApiResponse } from "./api.ts";
import { ApiError, methodNotAllowed, noSuchResource, refusal } from "./errors.ts";
import { isId } from "./ids.ts";
import type { Store } from "./records.ts";
import { childRelationships } from "./schema.ts";
import type { SObjectResource } from "./sobjects.ts";
import type { Body } from "./validate.ts";
import type { RecordWriter } from "./writes.ts";

const MAX_SUBREQUESTS = 25;
const MAX_RECORDS = 200;
const MAX_RETRIEVED = 2000;

const ROLLED_BACK = {
  statusCode: "ALL_OR_NONE_OPERATION_ROLLED_BACK",
  message: "Record rolled back because not all records were valid and the request was using " +
    "AllOrNone header",
  fields: [],
};

interface SaveResult {
  id?: string;
  success: boolean;
  errors: { statusCode: string; message: string; fields: string[] }[];
  created?: boolean;
}

interface Subrequest {
  method: string;
  url: string;
  referenceId?: string;
  body?: unknown;
  richInput?: unknown;
  httpHeaders?: Record<string, string>;
}

interface TreeRecord extends Body {
  attributes: { type: string; referenceId: string };
}

/** Answers everything under `/composite`. */
export class CompositeResource {
  readonly #store: Store;
  readonly #writer: RecordWriter;
  readonly #sobjects: SObjectResource;
  readonly #dispatch: (request: ApiRequest) => Promise<ApiResponse>;

  constructor(
    store: Store,
    writer: RecordWriter,
    sobjects: SObjectResource,
    dispatch: (request: ApiRequest) => Promise<ApiResponse>,
  ) {
    this.#store = store;
    this.#writer = writer;
    this.#sobjects = sobjects;
    this.#dispatch = dispatch;
  }

  /** `parts` is the path after `/composite`, decoded. */
  async handle(request: ApiRequest, parts: string[]): Promise<ApiResponse> {
    const [kind, ...rest] = parts;
    if (kind === "sobjects") return await this.#collections(request, rest);
    if (request.method === "GET" && kind === undefined) {
      const base = `/services/data/v${request.version}/composite`;
      const names = ["batch", "sobjects", "tree"];
      return {
        status: 200,
        body: Object.fromEntries(names.map((name) => [name, `${base}/${name}`])),
      };
    }
    if (request.method !== "POST") throw methodNotAllowed(request.method, "HEAD,GET,POST");
    if (kind === undefined) return await this.#composite(request);
    if (kind === "batch") return await this.#batch(request);
    if (kind === "tree" && rest.length === 1) return await this.#tree(request, rest[0]!);
    throw noSuchResource();
  }

  // Requests that refer to one another

  async #composite(request: ApiRequest): Promise<ApiResponse> {
    const { allOrNone = false, ...body } = readJson<
      { compositeRequest?: Subrequest[]; allOrNone?: boolean }
    >(request);
    const compositeRequest = listOf(body.compositeRequest);
    checkCount(compositeRequest.length);
    const results = new Map<string, unknown>();
    const responses: Record<string, unknown>[] = [];
    await this.#store.transaction(async () => {
      for (const subrequest of compositeRequest) {
        const response = await this.#subrequest(request, subrequest, results);
        results.set(subrequest.referenceId ?? "", response.body);
        responses.push({
          body: response.body ?? null,
          httpHeaders: response.headers ?? {},
          httpStatusCode: response.status,
          referenceId: subrequest.referenceId,
        });
        if (allOrNone && response.status >= 400) return false;
      }
      return true;
    });
    const failed = responses.findIndex(({ httpStatusCode }) => Number(httpStatusCode) >= 400);
    if (allOrNone && failed >= 0) this.#markRolledBack(compositeRequest, responses, failed);
    return { status: 200, body: { compositeResponse: responses } };
  }

  #markRolledBack(
    subrequests: Subrequest[],
    responses: Record<string, unknown>[],
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

  async #subrequest(
    request: ApiRequest,
    subrequest: Subrequest,
    results: Map<string, unknown>,
  ): Promise<ApiResponse> {
    try {
      const url = String(fillReferences(subrequest.url, results));
      const body = fillReferences(subrequest.body ?? subrequest.richInput, results);
      const [, version, path, search = ""] =
        /^(?:\/services\/data)?\/?v(\d+\.\d)(\/[^?]*)?(?:\?(.*))?$/.exec(url) ?? [];
      if (!version) throw noSuchResource();
      return await this.#dispatch({
        ...request,
        version,
        method: subrequest.method.toUpperCase(),
        path: path ?? "",
        query: new URLSearchParams(search),
        headers: new Headers(subrequest.httpHeaders),
        body: new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body)),
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { status: error.status, body: error.errors };
    }
  }

  // Requests that know nothing of one another

  async #batch(request: ApiRequest): Promise<ApiResponse> {
    const { haltOnError = false, ...body } = readJson<
      { batchRequests?: Subrequest[]; haltOnError?: boolean }
    >(request);
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
      const { status, body = null } = await this.#subrequest(request, subrequest, new Map());
      hasErrors ||= status >= 400;
      results.push({ statusCode: status, result: body });
    }
    return { status: 200, body: { hasErrors, results } };
  }

  // Up to 200 records of one call

  async #collections(request: ApiRequest, [name, key]: string[]): Promise<ApiResponse> {
    const { method, userId, version } = request;
    if (name !== undefined && (method === "GET" || method === "POST")) {
      return await this.#retrieve(request, name);
    }
    if (method === "DELETE") {
      const ids = (request.query.get("ids") ?? "").split(",").filter(Boolean);
      const allOrNone = request.query.get("allOrNone") === "true";
      return await this.#save(ids, allOrNone, (id) => {
        const table = isId(id) ? this.#store.find(id)?.table : undefined;
        if (!table) throw refusal(400, "MALFORMED_ID", `malformed id ${id}`, []);
        this.#writer.delete(this.#writer.record(table, id), userId);
        return { id, success: true, errors: [] };
      });
    }
    if (method !== "POST" && method !== "PATCH") {
      throw methodNotAllowed(method, "HEAD,GET,POST,PATCH,DELETE");
    }
    const { records, allOrNone = false } = readJson<
      { records?: TreeRecord[]; allOrNone?: boolean }
    >(request);
    return await this.#save(listOf(records), allOrNone, (record) => {
      const { attributes, ...body } = record;
      const type = name ?? attributes?.type;
      if (!type) {
        throw refusal(400, "INVALID_INPUT", "Include an entity type with each record", []);
      }
      const table = this.#writer.table(type);
      if (key !== undefined) return this.#upsertOne(table.object.name, key, body, userId, version);
      if (method === "POST") {
        return { id: this.#writer.create(table, body, userId), success: true, errors: [] };
      }
      const id = String(body.id ?? body.Id ?? "");
      delete body.id;
      delete body.Id;
      const found = this.#writer.record(table, id);
      this.#writer.update(found, body, userId);
      return { id: table.id(found.row), success: true, errors: [] };
    });
  }

  #upsertOne(
    name: string,
    key: string,
    { [key]: value, ...body }: Body,
    userId: string,
    version: string,
  ): SaveResult {
    const table = this.#writer.table(name);
    if (value === undefined || value === null) {
      throw refusal(400, "MISSING_ARGUMENT", `${key} not specified`, []);
    }
    const { id, created } = this.#writer.upsert(table, key, String(value), body, userId, version);
    return { id, success: true, errors: [], created };
  }

  async #save<Item>(
    items: Item[],
    allOrNone: boolean,
    save: (item: Item) => SaveResult,
  ): Promise<ApiResponse> {
    if (items.length > MAX_RECORDS) {
      const message = `record limit reached. cannot submit more than ${MAX_RECORDS} records in ` +
        "this call";
      throw refusal(400, "EXCEEDED_ID_LIMIT", message);
    }
    let results: SaveResult[] = [];
    await this.#store.transaction(() => {
      results = items.map((item) => attempt(() => save(item)));
      return !allOrNone || results.every(({ success }) => success);
    });
    if (allOrNone && results.some(({ success }) => !success)) {
      results = results.map((result) =>
        result.success ? { success: false, errors: [ROLLED_BACK] } : result
      );
    }
    return { status: 200, body: results };
  }

  async #retrieve(request: ApiRequest, name: string): Promise<ApiResponse> {
    const table = this.#writer.table(name);
    const { ids, fields } = request.method === "POST"
      ? readJson<{ ids: string[]; fields: string[] }>(request)
      : {
        ids: (request.query.get("ids") ?? "").split(","),
        fields: (request.query.get("fields") ?? "Id").split(","),
      };
    if (ids.length > MAX_RETRIEVED) {
      const message = `The requested number of records exceeds ${MAX_RETRIEVED}`;
      throw refusal(400, "EXCEEDED_ID_LIMIT", message);
    }
    const query = new URLSearchParams({ fields: fields.join(",") });
    const records = ids.map((id) => {
      const row = isId(id) ? table.find(id) : undefined;
      if (row === undefined || table.isDeleted(row)) return null;
      return this.#sobjects.read({ table, row }, { ...request, query });
    });
    return { status: 200, body: await Promise.all(records) };
  }

  // A record with its children and theirs

  async #tree(request: ApiRequest, name: string): Promise<ApiResponse> {
    const records = listOf(readJson<{ records?: TreeRecord[] }>(request).records);
    const results: { referenceId: string; id?: string; errors?: SaveResult["errors"] }[] = [];

    const insert = (type: string, record: TreeRecord, link: Body): void => {
      const table = this.#writer.table(type);
      const children = childRelationships(table.object);
      const body: Body = { ...link };
      const nested: [string, Body, TreeRecord[]][] = [];
      for (const [key, value] of Object.entries(record)) {
        const relationship = children.find((each) => each.name === key);
        if (!relationship) body[key] = value;
        else {
          const below = listOf((value as { records?: TreeRecord[] } | null)?.records);
          nested.push([relationship.child.name, { key: relationship.field.name }, below]);
        }
      }
      const referenceId = record.attributes?.referenceId;
      if (!referenceId) {
        const message = "Include a reference ID for each record in the request.";
        throw refusal(400, "INVALID_INPUT", message);
      }
      const result = attempt(() => ({
        id: this.#writer.create(table, body, request.userId),
        success: true,
        errors: [],
      }));
      if (!result.success) results.push({ referenceId, errors: result.errors });
      else {
        results.push({ referenceId, id: result.id! });
        for (const [child, { key }, below] of nested) {
          for (const each of below) insert(child, each, { [String(key)]: result.id });
        }
      }
    };

    let hasErrors = false;
    await this.#store.transaction(() => {
      for (const record of records) insert(name, record, {});
      hasErrors = results.some(({ errors }) => errors);
      return !hasErrors;
    });
    const shown = hasErrors ? results.filter(({ errors }) => errors) : results;
    return { status: hasErrors ? 400 : 201, body: { hasErrors, results: shown } };
  }
}

/** A list of objects, or the complaint that it is none. */
function listOf<Item>(value: Item[] | undefined): Item[] {
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

/** One record's fate: its own errors must not end the others. */
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

/** Replaces `@{reference.path}` by what an earlier subrequest answered. */
function fillReferences(value: unknown, results: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((each) => fillReferences(each, results));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, fillReferences(each, results)]),
    );
  }
  if (typeof value !== "string") return value;
  return value.replace(/@\{([^}]+)\}/g, (_, path: string) => {
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
