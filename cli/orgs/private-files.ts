/**
 * Files that only their owner may read: made so from the first byte, replaced in one step.
 */
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes a folder of mode 0700, and those above it that are missing. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Writes a file of mode 0600 that must not exist yet; throws EEXIST if it does. */
export async function createPrivate(path: string, content: string | Uint8Array): Promise<void> {
  await makePrivateFolder(dirname(path));
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}

/** Writes or replaces a file of mode 0600 in one step: a reader sees the old content or the new, never a part. */
export async function writePrivate(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await createPrivate(draft, content);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
