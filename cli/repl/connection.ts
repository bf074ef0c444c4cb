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
  /** Ends a sign-in under way; the next call begins another. */
  abandonSignIn(): void;
  close(): Promise<void>;
}

/** Opens the org of that name, or the default. Nothing is sent yet. */
export async function connect(org?: string): Promise<Connection> {
  checkOrg(org);
  const { openSession } = await import("../orgs/orgs.ts");
  const signIns = new SignIns();
  const { session, name, kind, close } = await openSession({ org, fetch: signIns.fetch });
  const settings = await session.settings();
  return {
    session,
    name,
    kind: kind ?? kindOfHost(settings.instanceUrl ?? settings.loginUrl),
    abandonSignIn: () => signIns.abandon(),
    close,
  };
}

/** One sign-in serves all that wait for it, so the signal of none of them ends it. */
class SignIns {
  #controller = new AbortController();

  fetch: typeof fetch = (input, init = {}) => {
    if (!String(input).endsWith("/services/oauth2/token")) return fetch(input, init);
    const signals = [this.#controller.signal, ...(init.signal ? [init.signal] : [])];
    return fetch(input, { ...init, signal: AbortSignal.any(signals) });
  };

  abandon(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
  }
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
