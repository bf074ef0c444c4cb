/**
 * What was typed, kept over sessions in a private file; lines with a secret in them are not kept.
 */
import { appendFileSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { stateFolder } from "../orgs/folders.ts";
import { sanitize } from "../terminal/terminal.ts";
import { holdsSecret } from "./secrets.ts";

/** Statements that are kept. */
const LENGTH = 1000;

/** Longer ones (a pasted list of ids) are not worth keeping. */
const LONGEST = 10_000;

/** Where the history is. */
export function historyFile(): string {
  return join(stateFolder(), "history");
}

/** The kept statements, newest first, as readline wants them. None if the file cannot be read. */
export function loadHistory(path: string): string[] {
  const lines = readLines(path);
  if (lines.length > 2 * LENGTH) void trim(path, lines.slice(-LENGTH));
  return [...new Set(lines.reverse())].slice(0, LENGTH).map(entryOf);
}

/** No statement begins with a quote, so a line that does is JSON. */
function entryOf(line: string): string {
  if (!line.startsWith('"')) return line;
  try {
    return String(JSON.parse(line));
  } catch {
    return line;
  }
}

/**
 * Adds an entry: a line of the file, or JSON where it has lines itself. Several sessions may do so at once. A history
 * that cannot be written is no reason to stop.
 */
export function remember(path: string, entry: string): void {
  if (entry === "" || entry.length > LONGEST || holdsSecret(entry)) return;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const line = entry.includes("\n") ? JSON.stringify(entry) : entry;
    appendFileSync(path, line + "\n", { mode: 0o600 });
  } catch {
    // Read-only home, full disk: the session goes on without.
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n")
      .filter((line) => line !== "" && sanitize(line) === line); // a damaged file must not harm
  } catch {
    return [];
  }
}

async function trim(path: string, lines: string[]): Promise<void> {
  const { writePrivate } = await import("../output/write-files.ts");
  // Through a link, as those have who keep their settings elsewhere.
  await writePrivate(realpathSync(path), lines.join("\n") + "\n").catch(() => {});
}
