/**
 * What was sent in this session, and how it is written as a script that does the same again.
 */
import type { Call } from "../run/call.ts";
import type { LoggedCall } from "./script-writer.ts";

export type { LoggedCall } from "./script-writer.ts";

/** The calls of a session, with the org that each went to. */
export class SessionLog {
  #entries: { call: LoggedCall; org?: string }[] = [];
  #org: string | undefined;

  /** Records that calls go to this org from now on. */
  useOrg(org: string | undefined): void {
    this.#org = org;
  }

  /** Notes a call. */
  add(call: LoggedCall): void {
    this.#entries.push({ call, org: this.#org });
  }

  /** The last request; expressions do not count. */
  get last(): Call | undefined {
    const calls = this.#entries.map(({ call }) => call);
    return calls.findLast((call) => call.kind !== "expression");
  }

  /** The last call, or all of the session, as a runnable script; undefined if there is none. */
  async script(all: boolean, org: string | undefined): Promise<string | undefined> {
    const entries = all ? this.#entries : this.#entries.filter(({ call }) => call === this.last);
    if (entries.length === 0) return undefined;
    const { ScriptWriter } = await import("./script-writer.ts"); // the first answer does not need it
    return new ScriptWriter(entries.map((entry) => ({ ...entry, org: entry.org ?? org }))).text();
  }
}
