/**
 * What was sent in this session, and how it is written as a script that gives the same again.
 */
import { type Call, ScriptWriter } from "./script-writer.ts";

export type { Call } from "./script-writer.ts";

/** The calls of a session, with the org that each went to. */
export class SessionLog {
  #entries: { call: Call; org?: string }[] = [];
  #org: string | undefined;

  /** Calls from now on go to this org. */
  useOrg(org: string | undefined): void {
    this.#org = org;
  }

  /** Notes a call. */
  add(call: Call): void {
    this.#entries.push({ call, org: this.#org });
  }

  /** The last request, expressions left aside. */
  get last(): Call | undefined {
    return this.#entries.findLast(({ call }) => call.kind !== "expression")?.call;
  }

  /** The last call, or all of the session, as a runnable script; undefined if there is none. */
  script(all: boolean, org: string | undefined): string | undefined {
    const entries = all ? this.#entries : this.#entries.filter(({ call }) => call === this.last);
    if (entries.length === 0) return undefined;
    return new ScriptWriter(entries.map((entry) => ({ ...entry, org: entry.org ?? org }))).text();
  }
}

/** A call as the one request that it is. */
export function requestOf(
  call: Call,
): { method: string; path: string; body?: string; type?: string } {
  switch (call.kind) {
    case "query": {
      const api = call.tooling ? "/tooling" : "";
      const resource = call.queryAll ? "queryAll" : "query";
      return { method: "GET", path: `${api}/${resource}?${new URLSearchParams({ q: call.soql })}` };
    }
    case "search":
      return { method: "GET", path: `/search?${new URLSearchParams({ q: call.sosl })}` };
    case "apex": {
      const search = new URLSearchParams({ anonymousBody: call.code });
      return { method: "GET", path: `/tooling/executeAnonymous?${search}` };
    }
    case "request":
      return call;
    case "expression":
      throw new TypeError("An expression is no request");
  }
}
