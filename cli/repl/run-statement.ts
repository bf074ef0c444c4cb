/**
 * One statement from its text to its result, with time and usage below.
 */
import type { RunOptions, Shell } from "./shell.ts";
import { parseStatement, type Statement } from "./statement.ts";

const SHELL_NAMES = ["_", "rows", "sf"];

/** Commands after which the time and the usage are of interest. */
const CALLING = ["tooling", "queryall", "describe", "objects", "limits", "apex", "next", "load"];

/** Runs a statement and shows the notes about it below its result. */
export async function runStatement(
  shell: Shell,
  source: string,
  signal: AbortSignal,
): Promise<void> {
  const isName = (word: string) =>
    SHELL_NAMES.includes(word) || Object.hasOwn(shell.variables, word) || word in globalThis;
  const statement = parseStatement(source, isName);
  if (statement.target) {
    const { checkTarget } = await import("./sink.ts");
    checkTarget(statement.target);
  }
  const started = performance.now();
  const notes = await dispatch(shell, statement, source, signal);
  if (!shell.surroundings.interactive) return;
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  const called = statement.kind !== "command" || CALLING.includes(statement.name);
  const footer = [
    ...notes,
    ...(shell.settings.time && called ? [`${seconds} s`, shell.usage()] : []),
  ].filter((note) => note !== "");
  if (footer.length > 0) shell.screen.remark(footer.join(" · "));
}

async function dispatch(
  shell: Shell,
  statement: Statement,
  source: string,
  signal: AbortSignal,
): Promise<string[]> {
  const options: RunOptions = { target: statement.target, signal };
  switch (statement.kind) {
    case "soql": {
      const { runCall } = await import("./call-statement.ts");
      return await runCall(shell, { kind: "query", soql: statement.soql }, options);
    }
    case "sosl": {
      const { runCall } = await import("./call-statement.ts");
      return await runCall(shell, { kind: "search", sosl: statement.sosl }, options);
    }
    case "request": {
      const { readRequest, runCall } = await import("./call-statement.ts");
      return await runCall(shell, await readRequest(statement), options);
    }
    case "expression": {
      const { runExpression } = await import("./expression.ts");
      return await runExpression(shell, statement.code, options);
    }
    case "command": {
      const { runCommand } = await import("./dot-commands.ts");
      return await runCommand(shell, statement, options);
    }
    case "unknown": {
      const { notUnderstood } = await import("./not-understood.ts");
      throw notUnderstood(source);
    }
  }
}
