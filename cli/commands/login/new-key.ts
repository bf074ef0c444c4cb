/**
 * The key and the certificate that `sfetch login` creates, and those that an earlier login left unused.
 *
 * @module
 */
import { existsSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { KeyPairOptions } from "../../keys/keys.ts";
import { configFolder } from "../../orgs/folders.ts";

/** A private key and its certificate, as files. */
export interface KeyFiles {
  privateKeyFile: string;
  certificateFile: string;
}

/** Creates a key and its certificate in `$XDG_CONFIG_HOME/sfetch/keys`, named after the org. */
export async function createKeyFiles(org: string, options: KeyPairOptions): Promise<KeyFiles> {
  const [{ generateKeyPair }, { writeNewFiles }] = await Promise.all([
    import("../../keys/keys.ts"),
    import("../../output/write-files.ts"),
  ]);
  const pair = await generateKeyPair({ ...options, commonName: `sfetch ${org}`.slice(0, 64) });
  const files = unusedNames(org);
  writeNewFiles([
    { path: files.privateKeyFile, content: pair.privateKeyPem, private: true },
    { path: files.certificateFile, content: pair.certificatePem, private: true },
  ]);
  return files;
}

/** The key of an org that is being replaced must stay until the new one works. */
function unusedNames(org: string): KeyFiles {
  for (let count = 1;; count++) {
    const files = filesOf(count === 1 ? org : `${org}-${count}`);
    if (!existsSync(files.privateKeyFile) && !existsSync(files.certificateFile)) return files;
  }
}

/**
 * Keys of earlier logins that no saved org uses: their certificates may already be in an app in Salesforce. The newest
 * comes first.
 */
export async function unusedKeyFiles(): Promise<KeyFiles[]> {
  const [{ readdir, stat }, { isKeyInUse }] = await Promise.all([
    import("node:fs/promises"),
    import("../../orgs/saved-orgs.ts"),
  ]);
  const names = (await readdir(keysFolder()).catch(() => [])).filter((name) => /\.key$/.test(name));
  const found: { files: KeyFiles; time: number }[] = [];
  for (const name of names) {
    const files = filesOf(name.replace(/\.key$/, ""));
    if (!existsSync(files.certificateFile) || await isKeyInUse(files.privateKeyFile)) continue;
    found.push({ files, time: (await stat(files.privateKeyFile)).mtimeMs });
  }
  return found.sort((a, b) => b.time - a.time).map(({ files }) => files);
}

/** Removes the files, and the folders if nothing else is in them. Synchronous, for an exit by signal. */
export function removeKeyFiles({ privateKeyFile, certificateFile }: KeyFiles): void {
  rmSync(privateKeyFile, { force: true });
  rmSync(certificateFile, { force: true });
  try {
    rmdirSync(keysFolder());
    rmdirSync(configFolder());
  } catch {
    // There are other files.
  }
}

function filesOf(name: string): KeyFiles {
  const stem = join(keysFolder(), name);
  return { privateKeyFile: `${stem}.key`, certificateFile: `${stem}.crt` };
}

function keysFolder(): string {
  return join(configFolder(), "keys");
}
