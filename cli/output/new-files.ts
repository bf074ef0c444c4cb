/**
 * Sets of files that must all be new: none is overwritten, and after an error none is left behind.
 *
 * @module
 */
import { lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../arguments/command.ts";

/** A file to be made. */
export interface NewFile {
  path: string;
  content: string | Uint8Array;
  /** Only the owner may read it: mode 0600, in a folder of mode 0700 if that is made too. */
  private?: boolean;
}

/**
 * Writes the files and the folders they need.
 *
 * @throws {UsageError} If any of them exists already; then none is written.
 */
export function writeNewFiles(files: NewFile[]): void {
  const existing = files.map((file) => file.path).filter(exists);
  if (existing.length > 0) throw alreadyThere(existing);
  const written: string[] = [];
  // Synchronous, so that Ctrl-C finds all of them or none.
  try {
    for (const { path, content, private: secret } of files) {
      mkdirSync(dirname(path), { recursive: true, mode: secret ? 0o700 : 0o755 });
      try {
        writeFileSync(path, content, { flag: "wx", mode: secret ? 0o600 : 0o644 });
        written.push(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") throw alreadyThere([path]);
        written.push(path); // the part of it that was written goes too
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
    return false; // or out of reach, which writing will tell
  }
}

function alreadyThere(paths: string[]): UsageError {
  return new UsageError(
    `${paths.join(", ")} ${paths.length > 1 ? "exist" : "exists"} already; nothing was written.`,
    "Choose another folder with --out DIR, or move the old files away.",
  );
}

function cannotWrite(error: NodeJS.ErrnoException): UsageError {
  return new UsageError(
    `Cannot write ${error.path ?? "the files"} (${error.code}); nothing was written.`,
    "Choose a folder that you may write to with --out DIR.",
  );
}
