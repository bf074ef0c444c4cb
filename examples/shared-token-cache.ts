/**
 * A token shared by processes that start often, such as cron jobs: kept in a folder that is its owner's alone, written
 * whole or not at all. (The commands of sfetch have such a cache built in.)
 *
 *     deno run --allow-env='SF_*' --allow-net='*.salesforce.com' --allow-read=server.key,.tokens --allow-write=.tokens examples/shared-token-cache.ts
 *     bun examples/shared-token-cache.ts
 *     node examples/shared-token-cache.ts
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createSession, type TokenCache } from "../mod.ts";

const FOLDER = ".tokens";
const fileOf = (key: string) => `${FOLDER}/${createHash("sha256").update(key).digest("hex")}.json`;

const cache: TokenCache = {
  async get(key) {
    try {
      return JSON.parse(await readFile(fileOf(key), "utf8"));
    } catch {
      return undefined; // none yet
    }
  },
  async set(key, token) {
    if (!token) return await rm(fileOf(key), { force: true });
    await mkdir(FOLDER, { recursive: true, mode: 0o700 });
    const temporary = `${fileOf(key)}.${randomUUID()}`;
    await writeFile(temporary, JSON.stringify(token), { mode: 0o600 });
    await rename(temporary, fileOf(key));
  },
};

const session = createSession({ cache });
const limits = await session.fetch("/limits").json();
console.log(`${limits.DailyApiRequests.Remaining} API requests left today`);
