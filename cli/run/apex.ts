/**
 * Anonymous Apex.
 */
import { type Session, SfetchError } from "../../mod.ts";
import type { Call } from "./call.ts";
import type { Outcome } from "./outcome.ts";

interface ExecuteAnonymousResult {
  compiled: boolean;
  success: boolean;
  line: number;
  column: number;
  compileProblem: string | null;
  exceptionMessage: string | null;
  exceptionStackTrace: string | null;
}

/** Runs Apex. */
export async function runApex(
  session: Session,
  { code }: Call & { kind: "apex" },
  signal?: AbortSignal,
): Promise<Outcome> {
  const result = await session.fetch("/tooling/executeAnonymous", {
    searchParams: { anonymousBody: code },
    signal,
  }).json<ExecuteAnonymousResult>();
  if (!result!.success) throw explain(result!, code);
  return { notes: ["executed", "the debug log is in Setup > Debug Logs"] };
}

function explain(result: ExecuteAnonymousResult, code: string): SfetchError {
  if (result.compiled) {
    const { exceptionMessage, exceptionStackTrace } = result;
    return new SfetchError(exceptionMessage ?? "The Apex failed.", exceptionStackTrace ?? "");
  }
  const line = code.split("\n")[result.line - 1] ?? "";
  const caret = " ".repeat(Math.max(0, result.column - 1)) + "^";
  const place = `Line ${result.line}, column ${result.column}: ${result.compileProblem}`;
  return new SfetchError(`${place}\n  ${line}\n  ${caret}`, "");
}
