/**
 * Access tokens shared between processes: files of mode 0600, and one exchange at a time for each sign-in.
 *
 * A process that finds no token in `get` holds the lock until `set`; the others wait for its token. A lock left behind
 * by a dead process is taken over. Where the folder cannot be used, each process signs in by itself.
 */
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { StoredToken, TokenCache } from "../../mod.ts";
import { cacheFolder } from "./folders.ts";
import { createPrivate, writePrivate } from "../output/write-files.ts";

/** How long, in ms, a process waits for the token of another: less than the module waits for a cache. */
const PATIENCE = 9_000;

/** The time between two looks at a lock that another process holds, in ms. */
const POLL = 25;

/** The age, in ms, at which a lock is older than any sign-in: its process hangs, or its id belongs to another process. */
const STALE = 150_000;

/** The age, in ms, at which an empty lock was left by a process that died, or a disk that was full, while writing it. */
const UNFINISHED = 5_000;

/** The cache in `$XDG_CACHE_HOME/sfetch/tokens`, or in another folder. */
export function tokenCache(folder: string = join(cacheFolder(), "tokens")): TokenCache {
  const locked = new Set<string>();
  const lastSeen = new Map<string, StoredToken>();
  const dead = new Set<string>();

  const look = async (file: string): Promise<StoredToken | undefined> => {
    const token = await readToken(file);
    if (!token || dead.has(token.accessToken)) return undefined;
    lastSeen.set(file, token);
    return token;
  };

  const unlock = async (file: string): Promise<void> => {
    if (locked.delete(file)) await rm(lockOf(file), { force: true }).catch(() => {});
  };

  return {
    async get(key) {
      const file = await fileOf(folder, key);
      for (const deadline = Date.now() + PATIENCE; Date.now() < deadline;) {
        const token = await look(file);
        if (token || locked.has(file)) return token;
        const outcome = await lock(file);
        if (outcome === "unusable") return undefined;
        if (outcome === "busy") {
          await new Promise((resolve) => setTimeout(resolve, POLL));
          continue;
        }
        locked.add(file);
        const meanwhile = await look(file);
        if (meanwhile) await unlock(file);
        return meanwhile;
      }
    },

    async set(key, token) {
      const file = await fileOf(folder, key);
      if (token) {
        await writePrivate(file, JSON.stringify(token)).catch(() => {});
        return await unlock(file);
      }
      const seen = lastSeen.get(file);
      if (seen) dead.add(seen.accessToken);
      // Removed under the lock, and only if it is still the dead token: another process may have replaced it.
      if (seen && !locked.has(file) && await lock(file) === "locked") locked.add(file);
      if (locked.has(file) && (await readToken(file))?.accessToken === seen?.accessToken) {
        await rm(file, { force: true }).catch(() => {});
      }
      await unlock(file);
    },
  };
}

async function fileOf(folder: string, key: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key)));
  return join(
    folder,
    Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") + ".json",
  );
}

const lockOf = (file: string): string => file.replace(/\.json$/, ".lock");

/** The token in the file, or undefined: a damaged file is replaced by the next token. */
async function readToken(file: string): Promise<StoredToken | undefined> {
  try {
    const token = JSON.parse(await readFile(file, "utf8"));
    return typeof token?.accessToken === "string" && typeof token.instanceUrl === "string"
      ? token
      : undefined;
  } catch {
    return undefined;
  }
}

async function lock(file: string): Promise<"locked" | "busy" | "unusable"> {
  const path = lockOf(file);
  try {
    if (await isStale(path)) await rm(path, { force: true });
    await createPrivate(path, String(process.pid));
    return "locked";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EEXIST" ? "busy" : "unusable";
  }
}

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
