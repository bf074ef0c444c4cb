/**
 * The org that the session talks to: opened by name, its kind found out where it was not saved.
 */
import type { Session } from "../../mod.ts";
import { checkOrg } from "./check-org.ts";

/** What kind of org it is; `local` is a server on this machine. */
export type Kind = "production" | "sandbox" | "scratch" | "developer" | "practice" | "local";

/** An org in use. */
export interface Connection {
  name: string;
  /** Undefined until it is known: then writes are asked about, as for production. */
  kind?: Kind;
  session: Session;
  close(): Promise<void>;
}

/** Opens the org of that name, or the default. Nothing is sent yet. */
export async function connect(org?: string): Promise<Connection> {
  checkOrg(org);
  const { openSession } = await import("../orgs.ts");
  const { session, name, kind, close } = await openSession({ org });
  const settings = await session.settings();
  return {
    session,
    name,
    kind: kind ?? kindOfHost(settings.instanceUrl ?? settings.loginUrl),
    close,
  };
}

/** The kind as far as the host tells; a My Domain may be production, a developer org or a trial. */
export function kindOfHost(url: string): Kind | undefined {
  const { hostname } = new URL(url);
  if (/^(localhost|127\..*|\[::1\])$/.test(hostname)) return "local";
  if (/\.scratch\./.test(hostname)) return "scratch";
  if (/\.sandbox\.|--.*\.my\.|^cs\d+\.|^test\./.test(hostname)) return "sandbox";
  if (/\.develop\.|-dev-ed\.|\.trailblaze\./.test(hostname)) return "developer";
  return undefined;
}

/** Asks the org what it is. */
export async function askKind({ session }: Connection, signal?: AbortSignal): Promise<Kind> {
  const soql = "SELECT IsSandbox, TrialExpirationDate, OrganizationType FROM Organization";
  const organization = await session.query(soql, { signal }).first();
  if (organization?.IsSandbox) return organization.TrialExpirationDate ? "scratch" : "sandbox";
  return organization?.OrganizationType === "Developer Edition" ? "developer" : "production";
}
