/**
 * `/limits`: the limits of the org and what remains of them.
 *
 * @module
 */
import { type ApiCall, json, type Reply } from "../http.ts";
import type { Org } from "../org.ts";
import { OBJECTS } from "../schema.ts";

const DAILY_API_REQUESTS = 100_000;

const LIMITS: Record<string, number> = {
  ActiveScratchOrgs: 3,
  ConcurrentAsyncGetReportInstances: 200,
  DailyAsyncApexExecutions: 250_000,
  DailyBulkApiBatches: 15_000,
  DailyBulkV2QueryFileStorageMB: 976_562,
  DailyBulkV2QueryJobs: 10_000,
  DailyDurableStreamingApiEvents: 10_000,
  DailyGenericStreamingApiEvents: 10_000,
  DailyScratchOrgs: 6,
  DailyStreamingApiEvents: 10_000,
  DailyWorkflowEmails: 1_440,
  DataStorageMB: 1_024,
  FileStorageMB: 1_024,
  HourlyAsyncReportRuns: 1_200,
  HourlySyncReportRuns: 500,
  MassEmail: 10,
  SingleEmail: 15,
};

/** Answers `GET /limits`. */
export function limits({ apiUsage }: Org, _call: ApiCall): Reply {
  const untouched = Object.entries(LIMITS)
    .map(([name, max]) => [name, { Max: max, Remaining: max }] as const);
  return json(200, {
    DailyApiRequests: {
      Max: DAILY_API_REQUESTS,
      Remaining: Math.max(0, DAILY_API_REQUESTS - apiUsage),
    },
    ...Object.fromEntries(untouched),
  });
}

/** Answers `GET /limits/recordCount?sObjects=Account,Contact`. Without names, all objects are counted. */
export function recordCounts({ store }: Org, { query }: ApiCall): Reply {
  const names = query.get("sObjects")?.split(",").map((name) => name.trim()).filter(Boolean) ??
    OBJECTS.filter(({ createable }) => createable).map(({ name }) => name);
  // Like Salesforce, it ignores unknown names.
  const tables = names.map((name) => store.table(name)).filter((table) => table !== undefined);
  return json(200, {
    sObjects: tables.map((table) => ({ count: table.live().length, name: table.object.name })),
  });
}

/** Returns the `Sforce-Limit-Info` header's value. */
export function limitInfo({ apiUsage }: Org): string {
  return `api-usage=${apiUsage}/${DAILY_API_REQUESTS}`;
}
