/**
 * A SOSL search: a table for each object that was found.
 */
import type { SObject } from "../../mod.ts";
import { sanitize } from "../terminal/terminal.ts";
import { present } from "./present.ts";
import { RecordCursor } from "./records.ts";
import { number, type RunOptions, type Shell } from "./shell.ts";

/** Runs a search; gives what to say below its result. */
export async function runSosl(
  shell: Shell,
  sosl: string,
  { target, signal }: RunOptions,
): Promise<string[]> {
  const session = await shell.session();
  shell.record({ kind: "search", sosl });
  const { searchRecords }: { searchRecords: SObject[] } = await session.fetch("/search", {
    searchParams: { q: sosl },
    signal,
  }).json();
  const format = shell.settings.format ?? (shell.screen.terminal ? "table" : "json");
  const asTables = !target && shell.surroundings.interactive && format !== "json";
  if (!asTables) return await present(shell, { kind: "value", value: searchRecords }, target);

  for (const type of new Set(searchRecords.map(typeOf))) {
    const records = searchRecords.filter((record) => typeOf(record) === type);
    shell.screen.note(shell.screen.paint.bold(sanitize(`${type} (${number(records.length)})`)));
    await present(shell, { kind: "records", cursor: await RecordCursor.of(records) });
  }
  shell.last = searchRecords;
  return [`${number(searchRecords.length)} found`];
}

function typeOf(record: SObject): string {
  return record.attributes?.type ?? "records";
}
