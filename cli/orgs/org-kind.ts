/**
 * What kind of org it is, because writes to a production org deserve a question.
 */
import type { Session } from "../../mod.ts";

/** The kind of an org; `local` is a server on this machine. */
export type OrgKind = "production" | "sandbox" | "scratch" | "developer" | "practice" | "local";

/** Each kind as people call it. */
export const KIND_TITLES: Record<OrgKind, string> = {
  production: "production",
  sandbox: "sandbox",
  scratch: "scratch org",
  developer: "Developer Edition",
  practice: "practice org",
  local: "local",
};

/** The kind as far as the host shows it; a My Domain may be a production org, a Developer Edition or a trial. */
export function kindOfHost(url: string): OrgKind | undefined {
  const { hostname } = new URL(url);
  if (/^(localhost|127\..*|\[::1\])$/.test(hostname)) return "local";
  if (/\.scratch\./.test(hostname)) return "scratch";
  if (/\.sandbox\.|--.*\.my\.|^cs\d+\.|^test\./.test(hostname)) return "sandbox";
  if (/\.develop\.|-dev-ed\.|\.trailblaze\./.test(hostname)) return "developer";
  return undefined;
}

/** The org's own record. */
export interface Organization {
  Id: string;
  Name: string;
  IsSandbox: boolean;
  TrialExpirationDate: string | null;
  OrganizationType: string;
}

/** Asks the org what it is. */
export async function askOrganization(
  session: Session,
  signal?: AbortSignal,
): Promise<Organization | undefined> {
  const soql =
    "SELECT Id, Name, IsSandbox, TrialExpirationDate, OrganizationType FROM Organization";
  return await session.query<Organization>(soql, { signal }).first();
}

/** The kind by the org's own record: a scratch org is a sandbox that expires. */
export function kindOf(organization: Organization | undefined): OrgKind {
  if (organization?.IsSandbox) return organization.TrialExpirationDate ? "scratch" : "sandbox";
  return organization?.OrganizationType === "Developer Edition" ? "developer" : "production";
}
