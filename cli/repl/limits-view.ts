/**
 * `.limits`: the org's limits as bars, the fullest first.
 */
import { number } from "../terminal/number.ts";
import { type Paint, sanitize } from "../terminal/terminal.ts";
import { present } from "./present.ts";
import type { RunOptions, Shell } from "./shell.ts";

interface Limit {
  Max: number;
  Remaining: number;
}

const BAR = 24;

/** Shows the limits, and returns the notes to show below. */
export async function showLimits(shell: Shell, { target, signal }: RunOptions): Promise<string[]> {
  const session = await shell.session();
  shell.record({ kind: "request", method: "GET", path: "/limits" });
  const limits: Record<string, Limit> = await session.fetch("/limits", { signal }).json();
  if (target || shell.settings.format === "json") {
    return await present(shell, { kind: "value", value: limits }, { target });
  }
  const text = limitBars(limits, shell.screen.paint);
  const notes = await present(shell, { kind: "text", text });
  shell.last = limits;
  return notes;
}

/** A line for each limit. */
export function limitBars(limits: Record<string, Limit>, p: Paint): string {
  const rows = Object.entries(limits)
    .filter(([, limit]) => limit.Max > 0)
    .map(([name, { Max, Remaining }]) => ({ name, max: Max, used: Max - Remaining }))
    .sort((a, b) => b.used / b.max - a.used / a.max || a.name.localeCompare(b.name));
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  return rows.map(({ name, used, max }) => {
    const share = Math.min(1, Math.max(0, used / max));
    const filled = Math.max(Math.round(share * BAR), used > 0 ? 1 : 0);
    const colour = share >= 0.9 ? p.red : share >= 0.7 ? p.yellow : p.green;
    const bar = colour("█".repeat(filled)) + p.grey("░".repeat(BAR - filled));
    const percent = `${Math.round(share * 100)}%`.padStart(4);
    return `${sanitize(name).padEnd(width)}  ${bar} ${percent}  ${number(used)} of ${number(max)}`;
  }).join("\n");
}
