/**
 * What was typed, kept in a private file for later sessions. Lines that contain a secret are not kept.
 */
import { appendFileSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { stateFolder } from "../orgs/folders.ts";
import { sanitize } from "../terminal/terminal.ts";

/** The number of statements that are kept. */
const LENGTH = 1000;

/** The longest statement that is kept, in characters. A pasted list of ids is not worth keeping. */
const LONGEST = 10_000;

/** Where the history is. */
export function historyFile(): string {
  return join(stateFolder(), "history");
}

/** Reads the kept statements, newest first. Returns none if the file cannot be read. */
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
 * Adds an entry: a line of the file, or JSON where it has lines itself. Several sessions can do so at once. A history
 * that cannot be written does not stop the session.
 */
export async function remember(path: string, entry: string): Promise<void> {
  if (entry === "" || entry.length > LONGEST) return;
  const { holdsSecret } = await import("./secrets.ts"); // it needs mod.ts, for which no prompt should wait
  if (holdsSecret(entry)) return;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const line = entry.includes("\n") ? JSON.stringify(entry) : entry;
    appendFileSync(path, line + "\n", { mode: 0o600 });
  } catch {
    // Read-only home, full disk: the session continues without it.
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
  // Through a link, for people who keep their settings elsewhere.
  await writePrivate(realpathSync(path), lines.join("\n") + "\n").catch(() => {});
}
