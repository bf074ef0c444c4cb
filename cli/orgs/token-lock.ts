/**
 * The lock of a token that is being obtained: a file of its own beside the token's, with the id of the process.
 */
import { readFile, rm, stat } from "node:fs/promises";
import { createPrivate } from "../output/write-files.ts";

/** The age, in ms, at which a lock is older than any sign-in: its process hangs, or its id belongs to another process. */
const STALE = 150_000;

/** The age, in ms, at which an empty lock was left by a process that died, or a disk that was full, while writing it. */
const UNFINISHED = 5_000;

/** Takes the lock; `busy` where another process has it, `unusable` where the folder cannot be written to. */
export async function lock(file: string): Promise<"locked" | "busy" | "unusable"> {
  const path = lockOf(file);
  try {
    if (await isStale(path)) await rm(path, { force: true });
    await createPrivate(path, String(process.pid));
    return "locked";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EEXIST" ? "busy" : "unusable";
  }
}

/** Gives it back. */
export async function unlock(file: string): Promise<void> {
  await rm(lockOf(file), { force: true }).catch(() => {});
}

const lockOf = (file: string): string => file.replace(/\.json$/, ".lock");

async function isStale(path: string): Promise<boolean> {
  try {
    const { mtimeMs, size } = await stat(path);
    const age = Date.now() - mtimeMs;
    if (age > STALE || (size === 0 && age > UNFINISHED)) return true;
    const pid = Number(await readFile(path, "utf8"));
    return pid > 0 && !isAlive(pid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false; // removed in the meantime
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
