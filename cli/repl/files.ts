/**
 * Files as they are named in a statement, and why one cannot be used.
 */

export { expandHome } from "../orgs/folders.ts";

/** What the system said, in its words: `no such file or directory`. Undefined if it was not the system that failed. */
export function systemReason(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!code || !/^E[A-Z]+$/.test(code)) return undefined;
  return /^\w+: ([^,]+)/.exec(message)?.[1] ?? message;
}
