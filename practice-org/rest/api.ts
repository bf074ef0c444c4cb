/**
 * The REST API: its versions, and the checks before a resource is called.
 *
 * @module
 */
import { noSuchResource, Refusal, refusal, sessionExpired, settle } from "../errors.ts";
import { bearer, type Call, contentType, html, json, type Reply } from "../http.ts";
import type { MovedAnswer, Org } from "../org.ts";
import { limitInfo } from "./limits.ts";

const OLDEST = 31;
const LATEST = 68;
const BODY_METHODS = ["POST", "PUT", "PATCH"];

/** Answers `GET /services/data`. */
export function listVersions(): Reply {
  const versions = Array.from({ length: LATEST - OLDEST + 1 }, (_, index) => {
    const number = OLDEST + index;
    const version = `${number}.0`;
    return { label: releaseLabel(number), url: `/services/data/v${version}`, version };
  });
  return json(200, versions);
}

/** Returns the name of a release. There are three a year: version 31.0 is Summer '14, and Winter has the number of the next year. */
function releaseLabel(version: number): string {
  const releases = version - OLDEST;
  const season = ["Summer", "Winter", "Spring"][releases % 3];
  return `${season} '${14 + Math.floor((releases + 2) / 3)}`;
}

/** Answers everything under `/services/data/vNN.N`. */
export async function api(org: Org, call: Call): Promise<Reply> {
  const reply = await settle(() => answer(org, call));
  // After the answer, so that the count includes this call.
  return { ...reply, headers: { ...reply.headers, "Sforce-Limit-Info": limitInfo(org) } };
}

async function answer(org: Org, call: Call): Promise<Reply> {
  const moved = org.formerInstances.get(call.origin);
  if (moved) throw movedAway(moved);
  const [, version, path = "", format] =
    /^\/services\/data\/v(\d+\.\d)(\/.*?)?(\.json|\.xml)?$/.exec(call.path) ?? [];
  checkVersion(version);
  const userId = authenticate(org, call);
  org.apiUsage++;
  checkContentType(call, path);
  checkFormat(call, format);
  // Other requests wait until the current transaction ends.
  while (org.store.busy) await org.store.busy.catch(() => {});
  return await org.dispatch({ ...call, path, version, userId, tooling: false });
}

function checkVersion(version: string | undefined): asserts version is string {
  const number = Number(version);
  if (number < OLDEST && number >= 7) {
    throw refusal(410, "GONE", "The requested resource no longer exists");
  }
  if (!version?.endsWith(".0") || number < 7 || number > LATEST) throw noSuchResource();
}

function authenticate(org: Org, call: Call): string {
  const token = bearer(call);
  if (token === undefined && call.headers.has("authorization")) {
    throw refusal(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE");
  }
  const session = org.sessions.use(token);
  if (!session) throw sessionExpired();
  return session.user.id;
}

function checkContentType(call: Call, path: string): void {
  if (call.body.length === 0 || !BODY_METHODS.includes(call.method)) return;
  const type = contentType(call);
  const isSupported = type === "application/json" ||
    (type === "text/csv" && path.startsWith("/jobs/")) ||
    (type === "multipart/form-data" && /^\/(?:tooling\/)?sobjects|^\/composite/.test(path));
  if (isSupported) return;
  throw refusal(415, "UNSUPPORTED_MEDIA_TYPE", `Content type '${type}' is not supported`);
}

/** Salesforce also answers in XML, if the header asks for it or the path ends in `.xml`. */
function checkFormat({ headers }: Call, format: string | undefined): void {
  const accept = headers.get("accept") ?? "*/*";
  const isXml = /\*\/\*|json/.test(accept) ? format === ".xml" : /\bxml\b/.test(accept);
  if (!isXml) return;
  throw refusal(406, "NOT_ACCEPTABLE", "The practice org answers in JSON only");
}

function movedAway(answer: MovedAnswer): Refusal {
  switch (answer) {
    case "420":
      return new Refusal("420", html(420, "Data Not Available", "<p>Data Not Available</p>"));
    case "URL_NOT_RESET":
      return refusal(
        400,
        "URL_NOT_RESET",
        "Destination URL not reset. The URL returned from login must be set",
      );
    case "INVALID_SESSION_ID":
      return sessionExpired();
  }
}
