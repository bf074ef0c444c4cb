/**
 * The org that the session talks to: opened by name, its kind found out where it was not saved.
 */
import type { Session } from "../../mod.ts";
import type { OrgArgs } from "../orgs/open-org.ts";
import type { OrgKind } from "../orgs/org-kind.ts";

/** An org in use. */
export interface Connection {
  name: string;
  /** Undefined until it is known: then writes are asked about, as for production. */
  kind?: OrgKind;
  session: Session;
  /** Ends a sign-in under way; the next call begins another. */
  abandonSignIn(): void;
  close(): Promise<void>;
}

/** Opens the org of that name, or the default. Nothing is sent yet. */
export async function connect(args: OrgArgs): Promise<Connection> {
  const { openOrg } = await import("../orgs/open-org.ts");
  const signIns = new SignIns();
  const opened = await openOrg(args, { fetch: signIns.fetch });
  return { ...opened, abandonSignIn: () => signIns.abandon() };
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
