/**
 * `.objects [PATTERN]`: the org's objects with their labels.
 */
import { UsageError } from "../arguments/command.ts";
import { RecordCursor } from "../output/cursor.ts";
import { present } from "./present.ts";
import type { RunOptions, Shell } from "./shell.ts";

interface ObjectSummary {
  name: string;
  label: string;
  keyPrefix: string | null;
  queryable: boolean;
  createable: boolean;
}

/** Shows the objects whose name or label contains the pattern; `*` stands for anything. */
export async function showObjects(
  shell: Shell,
  argument: string,
  { target, signal }: RunOptions,
): Promise<string[]> {
  const session = await shell.session();
  shell.record({ kind: "request", method: "GET", path: "/sobjects" });
  const answer = await session.fetch("/sobjects", { signal }).json<{ sobjects: ObjectSummary[] }>();
  const pattern = patternOf(argument);
  const rows = answer!.sobjects.filter(({ name, label }) =>
    pattern.test(name) || pattern.test(label)
  )
    .map(({ name, label, keyPrefix, queryable, createable }) => ({
      name,
      label,
      prefix: keyPrefix ?? "",
      notes: [!queryable && "not for SOQL", !createable && "read-only"].filter(Boolean).join(", "),
    }));
  if (rows.length === 0) {
    throw new UsageError(`No object matches ${argument}.`, "`.objects` lists all of them.");
  }
  return await present(shell, { kind: "records", source: await RecordCursor.of(rows) }, { target });
}

function patternOf(argument: string): RegExp {
  const parts = argument.trim().split("*").map((part) => part.replace(/[^\w ]/g, "\\$&"));
  return new RegExp(argument.includes("*") ? `^${parts.join(".*")}$` : parts[0]!, "i");
}
