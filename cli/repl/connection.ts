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
  attempts: Attempts;
  close(): Promise<void>;
}

/** Opens the org of that name, or the default. Nothing is sent yet. */
export async function connect(args: OrgArgs): Promise<Connection> {
  const { openOrg } = await import("../orgs/open-org.ts");
  const attempts = new Attempts();
  const opened = await openOrg(args, { fetch: attempts.fetch });
  return { ...opened, attempts };
}

/** The answers after which mod.ts may send a request again. */
const mayRepeat = (status: number): boolean => [401, 420, 429].includes(status) || status >= 500;

/** Sees every request that is sent, and knows which of them failed before. */
export class Attempts {
  #failed = new Map<string, { count: number; why: string }>();
  #signIns = new AbortController();

  fetch: typeof fetch = async (input, init = {}) => {
    const request = `${init.method ?? "GET"} ${String(input)}`;
    try {
      const response = await fetch(input, this.#abortable(input, init));
      if (mayRepeat(response.status)) this.#note(request, `${response.status}`);
      else this.#failed.delete(request);
      return response;
    } catch (error) {
      if (init.signal?.aborted) this.#failed.delete(request);
      else this.#note(request, "a broken connection");
      throw error;
    }
  };

  /** What is being sent again, and why, such as `attempt 2, after 503`; empty where nothing is. */
  get retrying(): string {
    const latest = [...this.#failed.values()].at(-1);
    return latest ? `attempt ${latest.count + 1}, after ${latest.why}` : "";
  }

  /** Aborts a sign-in in progress; the next call starts another. No single caller's signal can: all of them share it. */
  abandonSignIn(): void {
    this.#signIns.abort();
    this.#signIns = new AbortController();
  }

  #abortable(input: Parameters<typeof fetch>[0], init: RequestInit): RequestInit {
    if (!String(input).endsWith("/services/oauth2/token")) return init;
    const signals = [this.#signIns.signal, ...(init.signal ? [init.signal] : [])];
    return { ...init, signal: AbortSignal.any(signals) };
  }

  /** A new statement has not failed yet. */
  forget(): void {
    this.#failed.clear();
  }

  #note(request: string, why: string): void {
    const count = (this.#failed.get(request)?.count ?? 0) + 1;
    this.#failed.delete(request); // the latest stands last
    this.#failed.set(request, { count, why });
  }
}
