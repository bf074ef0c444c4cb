/** The REST API in front of the org's data: versions, sessions, limits, and what is refused before the data is asked. */
import { bearer, type Call, contentType, json, JSON_TYPE, type Reply, restError } from "./http.ts";
import { sessionExpired } from "./faults.ts";
import type { MovedAnswer, Org } from "./org.ts";

const OLDEST = 31;
const LATEST = 68;
const DAILY_API_REQUESTS = 100_000;
const BODY_METHODS = ["POST", "PUT", "PATCH"];

/** Answers everything under `/services/data`. */
export async function rest(org: Org, call: Call): Promise<Reply> {
  const match = /^\/services\/data(?:\/(?:v(\d+\.\d)(\/.*)?)?)?$/.exec(call.path);
  if (!match) return notFound();
  const [, version, path = ""] = match;
  if (version === undefined) return isRead(call) ? listVersions() : methodNotAllowed(call);
  const reply = await answer(org, call, version, path.replace(/\/$/, ""));
  // After the answer, so that the count includes this call.
  reply.headers = { ...reply.headers, "Sforce-Limit-Info": limitInfo(org) };
  return reply;
}

async function answer(org: Org, call: Call, version: string, path: string): Promise<Reply> {
  const moved = org.formerInstances.get(call.origin);
  if (moved) return movedAway(moved);
  const number = Number(version);
  if (number < OLDEST && number >= 7) {
    return restError(410, "GONE", "The requested resource no longer exists");
  }
  if (number < 7 || number > LATEST || !version.endsWith(".0")) return notFound();
  const session = authenticate(org, call);
  if ("status" in session) return session;
  org.apiUsage++;
  const body = await call.body();
  if (body.length > 0 && BODY_METHODS.includes(call.method) && !isSupported(call, path)) {
    return restError(
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      `Content type '${contentType(call)}' is not supported`,
    );
  }
  if (path === "/limits") {
    return isRead(call) ? json(200, limits(org)) : methodNotAllowed(call);
  }
  return await askData(org, call, { version, path, body, userId: session.user.id });
}

function authenticate(org: Org, call: Call): Reply | { user: { id: string } } {
  const { authorization } = call.headers;
  const token = bearer(call);
  if (authorization !== undefined && token === undefined) {
    return restError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE");
  }
  return org.sessions.use(token) ?? sessionExpired();
}

async function askData(
  org: Org,
  call: Call,
  request: { version: string; path: string; body: Uint8Array; userId: string },
): Promise<Reply> {
  const answer = await org.data.handle({
    ...request,
    method: call.method,
    query: call.query,
    headers: new Headers(call.headers as Record<string, string>),
  });
  const { status, headers, body } = answer;
  if (body === undefined) return { status, headers };
  if (typeof body === "string" || body instanceof Uint8Array) return { status, headers, body };
  return { status, headers: { "Content-Type": JSON_TYPE, ...headers }, body: JSON.stringify(body) };
}

function isRead(call: Call): boolean {
  return call.method === "GET" || call.method === "HEAD";
}

function isSupported(call: Call, path: string): boolean {
  const type = contentType(call);
  return type === "application/json" ||
    (type === "text/csv" && path.startsWith("/jobs/")) ||
    (type === "multipart/form-data" && /^\/(?:tooling\/)?sobjects|^\/composite/.test(path));
}

function movedAway(answer: MovedAnswer): Reply {
  switch (answer) {
    case "420":
      return {
        status: 420,
        headers: { "Content-Type": "text/html;charset=UTF-8" },
        body: "<html><body>Data Not Available</body></html>",
      };
    case "URL_NOT_RESET":
      return restError(
        400,
        "URL_NOT_RESET",
        "Destination URL not reset. The URL returned from login must be set",
      );
    case "INVALID_SESSION_ID":
      return sessionExpired();
  }
}

function listVersions(): Reply {
  const versions = Array.from({ length: LATEST - OLDEST + 1 }, (_, index) => {
    const number = OLDEST + index;
    const version = `${number}.0`;
    return { label: releaseLabel(number), url: `/services/data/v${version}`, version };
  });
  return json(200, versions);
}

/** Three releases a year: version 31.0 is Summer '14, and a Winter release bears the name of the coming year. */
function releaseLabel(version: number): string {
  const releases = version - OLDEST;
  const season = ["Summer", "Winter", "Spring"][releases % 3];
  return `${season} '${14 + Math.floor((releases + 2) / 3)}`;
}

function limitInfo(org: Org): string {
  return `api-usage=${org.apiUsage}/${DAILY_API_REQUESTS}`;
}

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

function limits(org: Org): Record<string, { Max: number; Remaining: number }> {
  const untouched = Object.entries(LIMITS)
    .map(([name, max]) => [name, { Max: max, Remaining: max }] as const);
  return {
    DailyApiRequests: {
      Max: DAILY_API_REQUESTS,
      Remaining: Math.max(0, DAILY_API_REQUESTS - org.apiUsage),
    },
    ...Object.fromEntries(untouched),
  };
}

export function notFound(): Reply {
  return restError(404, "NOT_FOUND", "The requested resource does not exist");
}

function methodNotAllowed(call: Call): Reply {
  return restError(
    405,
    "METHOD_NOT_ALLOWED",
    `HTTP Method '${call.method}' not allowed. Allowed are GET,HEAD`,
  );
}
