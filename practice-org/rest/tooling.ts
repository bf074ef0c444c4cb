/**
 * What only the Tooling API has.
 *
 * @module
 */
import { type ApiCall, json, type Reply } from "../http.ts";
import type { Org } from "../org.ts";
import { executeAnonymous } from "./apex.ts";

/** Answers `GET /tooling/executeAnonymous?anonymousBody=`. */
export function runAnonymous(_org: Org, { query }: ApiCall): Reply {
  return json(200, executeAnonymous(query.get("anonymousBody") ?? ""));
}
