/**
 * `/jobs/ingest` and `/jobs/query`: Bulk API 2.0.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import { type ApiCall, json, type Reply } from "../http.ts";
import type { Org } from "../org.ts";
import { readJson } from "../rest/body.ts";
import type { Resource } from "../router.ts";
import { IngestJob, readIngestRequest, type ResultName } from "./ingest.ts";
import type { Job, JobKind } from "./jobs.ts";
import { QueryJob, readQueryRequest } from "./query.ts";

const CSV = { "Content-Type": "text/csv" };
/** The first API version that has `/resultPages`. */
const RESULT_PAGES_SINCE = 58;

/** The resources of Bulk API 2.0. */
export const BULK_RESOURCES: Resource<ApiCall>[] = [
  { path: "/jobs/ingest", methods: "GET", handle: (org, call) => list(org, call, "ingest") },
  { path: "/jobs/ingest", methods: "POST", handle: createIngest },
  { path: "/jobs/ingest/:id", methods: "GET", handle: (org, _, id) => show(ingestJob(org, id!)) },
  { path: "/jobs/ingest/:id", methods: "PATCH", handle: changeIngest },
  {
    path: "/jobs/ingest/:id",
    methods: "DELETE",
    handle: (org, _, id) => remove(org, ingestJob(org, id!)),
  },
  { path: "/jobs/ingest/:id/batches", methods: "PUT", handle: upload },
  ...(["successfulResults", "failedResults", "unprocessedrecords"] as const).map((name) => ({
    path: `/jobs/ingest/:id/${name}`,
    methods: "GET",
    handle: (org: Org, _: ApiCall, id: string) => ingestResults(org, id, name),
  })),
  { path: "/jobs/query", methods: "GET", handle: (org, call) => list(org, call, "query") },
  { path: "/jobs/query", methods: "POST", handle: createQuery },
  { path: "/jobs/query/:id", methods: "GET", handle: (org, _, id) => show(queryJob(org, id!)) },
  {
    path: "/jobs/query/:id",
    methods: "PATCH",
    handle: (org, call, id) => changeQuery(org, call, id!),
  },
  {
    path: "/jobs/query/:id",
    methods: "DELETE",
    handle: (org, _, id) => remove(org, queryJob(org, id!)),
  },
  { path: "/jobs/query/:id/results", methods: "GET", handle: queryResults },
  { path: "/jobs/query/:id/resultPages", methods: "GET", handle: resultPages },
];

function ingestJob({ bulk }: Org, id: string): IngestJob {
  return bulk.jobs.find("ingest", id) as IngestJob;
}

function queryJob({ bulk }: Org, id: string): QueryJob {
  return bulk.jobs.find("query", id) as QueryJob;
}

function list({ bulk }: Org, { version, query }: ApiCall, kind: JobKind): Reply {
  return json(200, bulk.jobs.list(kind, `/services/data/v${version}/jobs/${kind}`, query));
}

function show(job: Job): Reply {
  return json(200, job.progress());
}

function remove({ bulk }: Org, job: Job): Reply {
  bulk.jobs.delete(job);
  return { status: 204 };
}

function createIngest({ bulk, store }: Org, call: ApiCall): Reply {
  const request = readIngestRequest(store, readJson(call));
  const { version, userId } = call;
  const job = bulk.jobs.add((id, now) => new IngestJob(id, { ...request, version, userId }, now));
  return json(200, job.info());
}

function upload(org: Org, call: ApiCall, id: string): Reply {
  ingestJob(org, id).upload(call.body);
  return { status: 201 };
}

function changeIngest(org: Org, call: ApiCall, id: string): Reply {
  const job = ingestJob(org, id);
  const state = newState(call);
  if (state === "Aborted") job.abort();
  else {
    job.complete();
    void org.bulk.ingest(job);
  }
  return json(200, job.info());
}

function newState(call: ApiCall): "Aborted" | "UploadComplete" {
  const { state } = readJson<{ state?: unknown }>(call);
  if (state === "Aborted" || state === "UploadComplete") return state;
  const message = `A job's state can be changed to UploadComplete or Aborted, not to ${state}`;
  throw refusal(400, "INVALIDJOBSTATE", message);
}

function ingestResults(org: Org, id: string, name: ResultName): Reply {
  const job = ingestJob(org, id);
  return { status: 200, headers: CSV, body: job.results(name, org.store.table(job.object)!) };
}

function createQuery({ bulk, store }: Org, call: ApiCall): Reply {
  const request = readQueryRequest(store, readJson(call), call);
  const job = bulk.jobs.add((id, now) => new QueryJob(id, request, now));
  void bulk.query(job);
  return json(200, job.info());
}

function changeQuery(org: Org, call: ApiCall, id: string): Reply {
  const job = queryJob(org, id);
  if (newState(call) === "UploadComplete") {
    throw refusal(400, "INVALIDJOBSTATE", "A query job can only be aborted");
  }
  job.abort();
  return json(200, job.info());
}

function queryResults(org: Org, call: ApiCall, id: string): Reply {
  const job = sameVersion(queryJob(org, id), call);
  const { pageSize } = org.bulk.settings;
  const maxRecords = call.query.get("maxRecords");
  if (maxRecords !== null && !/^[1-9]\d*$/.test(maxRecords)) {
    throw refusal(400, "INVALID_FIELD", `maxRecords must be a positive number: ${maxRecords}`);
  }
  const size = Math.min(pageSize, maxRecords === null ? pageSize : Number(maxRecords));
  const { body, records, next } = job.page(call.query.get("locator"), size);
  const headers = { ...CSV, "Sforce-Locator": next, "Sforce-NumberOfRecords": String(records) };
  return { status: 200, headers, body };
}

function resultPages(org: Org, call: ApiCall, id: string): Reply {
  if (Number(call.version) < RESULT_PAGES_SINCE) {
    throw refusal(404, "NOT_FOUND", "The requested resource does not exist");
  }
  const job = sameVersion(queryJob(org, id), call);
  const base = `/services/data/v${call.version}/jobs/query/${job.id}`;
  return json(200, job.pages(base, call.query.get("locator"), org.bulk.settings.pageSize));
}

function sameVersion(job: QueryJob, { version }: ApiCall): QueryJob {
  if (version === job.version) return job;
  const message =
    `The API version ${version} of the request is not that of the job, ${job.version}`;
  throw refusal(409, "API_VERSION_MISMATCH", message);
}
