/**
 * Names of files, and why one cannot be used.
 */

export { expandHome } from "../orgs/folders.ts";

/** The reason that the system gave, such as `no such file or directory`. Undefined if another part failed. */
export function systemReason(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!code || !/^E[A-Z]+$/.test(code)) return undefined;
  return /^\w+: ([^,]+)/.exec(message)?.[1] ?? message;
}
