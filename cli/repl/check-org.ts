/**
 * What to say where there is no org to talk to.
 */
import { noOrg } from "../orgs/open-org.ts";
import { readOrgLabel } from "./org-label.ts";

/** Throws {@link UsageError} if no org was named and none is set up. */
export function checkOrg(org: string | undefined): void {
  if (readOrgLabel(org)) return;
  throw noOrg();
}
