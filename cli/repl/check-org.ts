/**
 * What to say where there is no org to talk to.
 */
import { UsageError } from "../arguments/command.ts";
import { readOrgLabel } from "./org-label.ts";

/** Throws {@link UsageError} if no org was named and none is set up. */
export function checkOrg(org: string | undefined): void {
  if (readOrgLabel(org)) return;
  throw new UsageError(
    "No org is set up yet.",
    "`sfetch login` sets one up; `--org practice` opens the practice org, which needs no set-up; in CI, set SF_CLIENT_ID, SF_USERNAME, SF_PRIVATE_KEY and SF_LOGIN_URL.",
  );
}
