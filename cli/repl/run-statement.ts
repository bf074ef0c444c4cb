/**
 * One statement from its text to its result, with time and usage below.
 */
import type { Shell } from "./shell.ts";
import { parseStatement } from "./statement.ts";

const SHELL_NAMES = ["_", "sf"];

/** Runs a statement and says below its result what there is to say. */
export async function runStatement(
  shell: Shell,
  source: string,
  signal: AbortSignal,
): Promise<void> {
  const isName = (word: string) =>
    SHELL_NAMES.includes(word) || Object.hasOwn(shell.variables, word) || word in globalThis;
  const statement = parseStatement(source, isName);
  const started = performance.now();
  const notes = await shell.run(statement, source, signal);
  if (!shell.surroundings.interactive) return;
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  const sent = statement.kind !== "command" ||
    ["tooling", "queryall", "describe", "limits", "apex", "next"].includes(statement.name);
  const footer = [
    ...notes,
    ...(shell.settings.time && sent ? [`${seconds} s`, shell.usage()] : []),
  ].filter((note) => note !== "");
  if (footer.length > 0) shell.screen.remark(footer.join(" · "));
}
