/**
 * Files as they are named in a statement, and why one cannot be used.
 */
import { homedir } from "node:os";
import { join } from "node:path";

/** `~` is the home folder, as in a shell. */
export function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}

/** What the system said, in its words: `no such file or directory`. Undefined if it was not the system that failed. */
export function systemReason(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!code || !/^E[A-Z]+$/.test(code)) return undefined;
  return /^\w+: ([^,]+)/.exec(message)?.[1] ?? message;
}
