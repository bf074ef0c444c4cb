/**
 * Access tokens shared between processes: files of mode 0600, and one exchange at a time for each sign-in.
 *
 * A process that finds no token in `get` holds the lock until `set`; the others wait for its token. A lock left behind
 * by a dead process is taken over. Where the folder cannot be used, each process signs in by itself.
 */
import { join } from "node:path";
import type { StoredToken, TokenCache } from "../../mod.ts";
import { cacheFolder } from "./folders.ts";
import { readText } from "./read-text.ts";

/** The lock is loaded where there is no token yet: with one, which is usual, a command starts sooner without it. */
const locks = () => import("./token-lock.ts");

/** How long, in ms, a process waits for the token of another: less than the module waits for a cache. */
const PATIENCE = 9_000;

/** The time between two looks at a lock that another process holds, in ms. */
const POLL = 25;

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
    if (locked.delete(file)) await (await locks()).unlock(file);
  };

  return {
    async get(key) {
      const file = await fileOf(folder, key);
      for (const deadline = Date.now() + PATIENCE; Date.now() < deadline;) {
        const token = await look(file);
        if (token || locked.has(file)) return token;
        const outcome = await (await locks()).lock(file);
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
      const [{ rm }, { writePrivate }, { lock }] = await Promise.all([
        import("node:fs/promises"),
        import("../output/write-files.ts"),
        locks(),
      ]);
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

/** The token in the file, or undefined: a damaged file is replaced by the next token. */
async function readToken(file: string): Promise<StoredToken | undefined> {
  try {
    const token = JSON.parse(await readText(file));
    return typeof token?.accessToken === "string" && typeof token.instanceUrl === "string"
      ? token
      : undefined;
  } catch {
    return undefined;
  }
}
