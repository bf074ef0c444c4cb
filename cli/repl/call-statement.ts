/**
 * A statement that is a call of the API: SOQL, SOSL, a request, Apex.
 */
import { UsageError } from "../arguments/command.ts";
import { readText } from "../arguments/input.ts";
import { readBody } from "../run/body.ts";
import type { Call } from "../run/call.ts";
import { expandHome } from "../run/files.ts";
import { run } from "../run/run.ts";
import { objectOf } from "../soql/columns.ts";
import { present } from "./present.ts";
import type { RunOptions, Shell } from "./shell.ts";

/** Sends a call, shows its result, and returns the notes to show below. */
export async function runCall(
  shell: Shell,
  call: Call,
  { target, signal }: RunOptions,
): Promise<string[]> {
  const session = await shell.session();
  if (call.kind === "query") void shell.schema?.describe(objectOf(call.soql) ?? "Account");
  const { result, notes, failure } = await run(session, call, {
    signal,
    beforeWrite: (what) => shell.confirmWrite(what, signal),
    beforeSend: () => shell.record(call),
  });
  const shown = result
    ? await present(shell, result, { target, isQuery: call.kind === "query" })
    : [];
  if (failure) throw failure;
  return [...notes, ...shown];
}

/** A request as it was typed. */
export interface TypedRequest {
  method: string;
  path: string;
  headers?: Headers;
  /** JSON, or `@file`. */
  body?: string;
}

/** The request, its body read and checked. */
export async function readRequest(
  { method, path, headers = new Headers(), body: typed }: TypedRequest,
): Promise<Call> {
  const body = typed === undefined ? undefined : await readBody(typed, headers);
  return { kind: "request", method, path, headers, body };
}

/** Apex from `.apex CODE`, `.apex @file`, or the lines up to `.end`. */
export async function readApex(argument: string): Promise<Call> {
  const code = argument.startsWith("@")
    ? await readText("@" + expandHome(argument.slice(1).trim()))
    : argument;
  if (!code.trim()) throw new UsageError("There is no Apex to run.", ".apex System.debug(1);");
  return { kind: "apex", code };
}
