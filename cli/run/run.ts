/**
 * From a call to its result: the one engine behind the commands and the REPL, which only show what it returns.
 */
import type { Session } from "../../mod.ts";
import { type Call, isWrite, nameOf } from "./call.ts";
import type { Outcome } from "./outcome.ts";
import { runQuery, runSearch } from "./query.ts";
import { runRequest } from "./request.ts";

/** How a call runs. */
export interface RunOptions {
  signal?: AbortSignal;
  /** Called before anything is sent that may change the org; throws if that is not wanted. */
  beforeWrite?(what: string): Promise<void>;
  /** Called directly before the call is sent. */
  beforeSend?(): void;
}

/** Sends a call and returns its outcome. Of a query's records, only the first page is requested yet. */
export async function run(
  session: Session,
  call: Call,
  { signal, beforeWrite, beforeSend }: RunOptions = {},
): Promise<Outcome> {
  if (isWrite(call)) await beforeWrite?.(nameOf(call));
  beforeSend?.();
  switch (call.kind) {
    case "query":
      return await runQuery(session, call, signal);
    case "search":
      return await runSearch(session, call, signal);
    case "request":
      return await runRequest(session, call, signal);
    case "apex":
      return await (await import("./apex.ts")).runApex(session, call, signal);
  }
}
