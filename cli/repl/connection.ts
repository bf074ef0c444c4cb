/**
 * The org that the session talks to: opened by name; its kind is asked for where it was not saved.
 */
import type { Session } from "../../mod.ts";
import type { OrgArgs } from "../orgs/open-org.ts";
import type { OrgKind } from "../orgs/org-kind.ts";

/** An org in use. */
export interface Connection {
  name: string;
  /** Undefined until it is known. Until then, writes are confirmed as in production. */
  kind?: OrgKind;
  session: Session;
  /** Aborts a sign-in in progress; the next call starts another. */
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

/** All callers share one sign-in, so no single caller's signal aborts it. */
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
