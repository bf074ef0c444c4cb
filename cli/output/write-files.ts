/**
 * Writing files safely: new files never overwrite old ones, private files are private from the first byte, and a file
 * that is replaced is replaced in one step.
 *
 * @module
 */
import { lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "../arguments/command.ts";

/** A file to create. */
export interface NewFile {
  path: string;
  content: string | Uint8Array;
  /** Only the owner may read it: mode 0600, in a folder of mode 0700 if the folder is new too. */
  private?: boolean;
}

/**
 * Writes a set of files, and the folders they need: all of them or, after an error, none.
 *
 * @throws {UsageError} If any of them already exists; then none is written.
 */
export function writeNewFiles(files: NewFile[]): void {
  const existing = files.map((file) => file.path).filter(exists);
  if (existing.length > 0) throw alreadyThere(existing);
  const written: string[] = [];
  // Synchronous, so that Ctrl-C cannot leave some of them behind.
  try {
    for (const { path, content, private: secret } of files) {
      mkdirSync(dirname(path), { recursive: true, mode: secret ? 0o700 : 0o755 });
      try {
        writeFileSync(path, content, { flag: "wx", mode: secret ? 0o600 : 0o644 });
        written.push(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") throw alreadyThere([path]);
        written.push(path); // a partly written file is removed too
        throw error;
      }
    }
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw error instanceof UsageError ? error : cannotWrite(error as NodeJS.ErrnoException);
  }
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false; // or the folder cannot be read, which writing will report
  }
}

function alreadyThere(paths: string[]): UsageError {
  return new UsageError(
    `${paths.join(", ")} already ${paths.length > 1 ? "exist" : "exists"}. Nothing was written.`,
    "Choose another folder with --out, or move the existing files.",
  );
}

function cannotWrite(error: NodeJS.ErrnoException): UsageError {
  return new UsageError(
    `Cannot write ${error.path ?? "the files"} (${error.code}). Nothing was written.`,
    "Choose a folder that you can write to.",
  );
}

/** Creates a folder of mode 0700, and its parents where they are missing. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Writes a new file of mode 0600. Throws EEXIST if the file already exists. */
export async function createPrivate(path: string, content: string | Uint8Array): Promise<void> {
  await makePrivateFolder(dirname(path));
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(content);
  } catch (error) {
    await rm(path, { force: true }); // a full disk must not leave an empty file behind
    throw error;
  } finally {
    await file.close();
  }
}

/** Writes or replaces a file of mode 0600 in one step: a reader sees the old content or the new, never a part of it. */
export async function writePrivate(path: string, content: string | Uint8Array): Promise<void> {
  await replace(path, (draft) => createPrivate(draft, content));
}

/** Writes or replaces a file that others may read, in one step. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  await replace(path, (draft) => writeFile(draft, content, { flag: "wx" }));
}

async function replace(path: string, write: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await write(draft);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
