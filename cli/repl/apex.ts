/**
 * Anonymous Apex: `.apex CODE`, `.apex @file`, or `.apex` and lines up to `.end`.
 */
import { UsageError } from "../arguments/command.ts";
import { readText } from "../arguments/input.ts";
import type { RunOptions, Shell } from "./shell.ts";
import { expandHome } from "./files.ts";

interface ExecuteAnonymousResult {
  compiled: boolean;
  success: boolean;
  line: number;
  column: number;
  compileProblem: string | null;
  exceptionMessage: string | null;
  exceptionStackTrace: string | null;
}

/** Apex that did not compile, or threw. */
class ApexError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Runs Apex; gives what to say below. */
export async function runApex(
  shell: Shell,
  argument: string,
  { signal }: RunOptions,
): Promise<string[]> {
  const code = argument.startsWith("@")
    ? await readText("@" + expandHome(argument.slice(1).trim()))
    : argument;
  if (!code.trim()) throw new UsageError("There is no Apex to run.", ".apex System.debug(1);");
  const session = await shell.session();
  await shell.confirmWrite("Apex");
  shell.record({ kind: "apex", code });
  const result: ExecuteAnonymousResult = await session.fetch("/tooling/executeAnonymous", {
    searchParams: { anonymousBody: code },
    signal,
  }).json();
  shell.last = result;
  if (!result.success) throw explain(result, code);
  return ["executed", "the debug log is in Setup > Debug Logs"];
}

function explain(result: ExecuteAnonymousResult, code: string): ApexError {
  if (result.compiled) {
    return new ApexError(
      result.exceptionMessage ?? "The Apex failed.",
      result.exceptionStackTrace ?? "",
    );
  }
  const line = code.split("\n")[result.line - 1] ?? "";
  const caret = " ".repeat(Math.max(0, result.column - 1)) + "^";
  return new ApexError(
    `Line ${result.line}, column ${result.column}: ${result.compileProblem}\n  ${line}\n  ${caret}`,
    "",
  );
}
