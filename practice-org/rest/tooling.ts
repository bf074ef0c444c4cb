/**
 * Resources that only the Tooling API has.
 *
 * @module
 */
import { executeAnonymous } from "../apex/anonymous.ts";
import { debugLog, keepLog, logBody } from "../apex/debug-log.ts";
import { type ApiCall, json, type Reply, text } from "../http.ts";
import type { Org } from "../org.ts";

/** Answers `GET /tooling/executeAnonymous?anonymousBody=`. */
export function runAnonymous(org: Org, { query, userId }: ApiCall): Reply {
  const source = query.get("anonymousBody") ?? "";
  const run = executeAnonymous(source);
  keepLog(org, userId, debugLog(org, userId, source, run));
  return json(200, run.result);
}

/** Answers `GET /sobjects/ApexLog/07L…/Body`. */
export function apexLogBody(org: Org, _call: ApiCall, id: string): Reply {
  return text(200, logBody(org, org.writer.record(org.writer.table("ApexLog"), id)));
}
