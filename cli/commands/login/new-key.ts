/**
 * The key and the certificate that `sfetch login` makes; gone again if the sign-in is not saved.
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

/** Makes key and certificate under `$XDG_CONFIG_HOME/sfetch/keys`, named after the org. */
export async function makeKeyFiles(org: string, options: KeyPairOptions): Promise<KeyFiles> {
  const [{ generateKeyPair }, { writeNewFiles }] = await Promise.all([
    import("../../keys/keys.ts"),
    import("../../output/write-files.ts"),
  ]);
  const pair = await generateKeyPair({ ...options, commonName: `sfetch ${org}`.slice(0, 64) });
  const files = freeNames(org);
  writeNewFiles([
    { path: files.privateKeyFile, content: pair.privateKeyPem, private: true },
    { path: files.certificateFile, content: pair.certificatePem, private: true },
  ]);
  return files;
}

/** The key of an org that is being replaced must live until the new one works. */
function freeNames(org: string): KeyFiles {
  for (let count = 1;; count++) {
    const stem = join(keysFolder(), count === 1 ? org : `${org}-${count}`);
    const files = { privateKeyFile: `${stem}.key`, certificateFile: `${stem}.crt` };
    if (!existsSync(files.privateKeyFile) && !existsSync(files.certificateFile)) return files;
  }
}

/** Removes the files, and the folders if nothing else is in them. Synchronous, for the way out. */
export function removeKeyFiles({ privateKeyFile, certificateFile }: KeyFiles): void {
  rmSync(privateKeyFile, { force: true });
  rmSync(certificateFile, { force: true });
  try {
    rmdirSync(keysFolder());
    rmdirSync(configFolder());
  } catch {
    // Something else is in there.
  }
}

function keysFolder(): string {
  return join(configFolder(), "keys");
}
