/**
 * Saving orgs for `sfetch login`, forgetting them, and choosing the default. mod.ts reads what is saved here.
 */
import { existsSync } from "node:fs";
import { readFile, realpath, rm } from "node:fs/promises";
import { join, sep } from "node:path";
import { type KnownOrg, listOrgs, readOrg } from "../../mod.ts";
import { UsageError } from "../arguments/command.ts";
import { writePrivate } from "../output/write-files.ts";
import { configFolder } from "./folders.ts";
import { PRACTICE } from "./open-org.ts";
import type { OrgKind } from "./org-kind.ts";

/** An org as it is saved, in `$XDG_CONFIG_HOME/sfetch/orgs/NAME.json`. */
export interface SavedOrg {
  clientId: string;
  username: string;
  /** Absolute. */
  privateKeyFile: string;
  loginUrl: string;
  audience?: string;
  instanceUrl?: string;
  orgId?: string;
  kind?: OrgKind;
  /** Hosts outside Salesforce's domains that may receive an assertion or a token. */
  allowHost?: string[];
  /** Whether requests that could write are refused. */
  readOnly?: boolean;
}

const orgFile = (name: string): string => join(configFolder(), "orgs", `${name}.json`);
const configFile = (): string => join(configFolder(), "config.json");

/** The org saved under this name, if there is one. Throws `SettingsError` if its file is damaged. */
export async function readSavedOrg(name: string): Promise<KnownOrg | undefined> {
  return NAME.test(name) && existsSync(orgFile(name)) ? await readOrg(name) : undefined;
}

/** What an org may be called: the name becomes a file name, and a word in a shell. */
const NAME = /^[A-Za-z0-9_][\w@.+-]*$/;

/** Throws {@link UsageError} if an org cannot be saved under this name. */
export function checkOrgName(name: string): void {
  if (name === PRACTICE) {
    throw new UsageError(
      `The name "${PRACTICE}" is reserved for the practice org.`,
      "Choose another.",
    );
  }
  if (!NAME.test(name)) {
    throw new UsageError(
      `An org cannot be named "${name}".`,
      "Use letters, digits and . _ - + @, without spaces. A name starts with a letter, a digit or _.",
    );
  }
}

/** Saves an org, replacing one of the same name; the first org becomes the default. A damaged file is left alone. */
export async function saveOrg(name: string, org: SavedOrg): Promise<void> {
  checkOrgName(name);
  await readSavedOrg(name);
  await writePrivate(orgFile(name), JSON.stringify(org, null, 2) + "\n");
  if (!(await readConfig()).defaultOrg) await setDefaultOrg(name);
}

/** Removes a saved org, its default mark, and the key that `sfetch login` made for it; never another key. */
export async function removeOrg(name: string): Promise<void> {
  const org = await readSavedOrg(name);
  await rm(orgFile(name), { force: true });
  if ((await readConfig()).defaultOrg === name) await setDefaultOrg(undefined);
  await removeUnusedKey(org?.privateKeyFile);
}

/** Removes a key that `sfetch login` made, and its certificate, unless a saved org uses it; never another key. */
export async function removeUnusedKey(file = ""): Promise<void> {
  const key = await realPath(file);
  const keys = await realPath(join(configFolder(), "keys"));
  if (!key || !keys || !key.startsWith(keys + sep) || await isKeyInUse(key)) return;
  for (const each of [key, key.replace(/\.key$/, ".crt")]) await rm(each, { force: true });
}

/** Whether a known org uses the key, by whatever path it is reached, such as a symbolic link. */
export async function isKeyInUse(file: string): Promise<boolean> {
  const key = await realPath(file);
  for (const { privateKeyFile } of await listOrgs()) {
    if (privateKeyFile && await realPath(privateKeyFile) === key) return true;
  }
  return false;
}

async function realPath(file: string): Promise<string | undefined> {
  return await realpath(file).catch(() => undefined);
}

/** The name of the org that commands use without `--org`, if there is one. */
export async function defaultOrg(): Promise<string | undefined> {
  return (await readOrg().catch(() => undefined))?.name;
}

/** Makes an org the default; with `undefined`, the default is that of the `sf` CLI again. */
export async function setDefaultOrg(name: string | undefined): Promise<void> {
  const config = { ...await readConfig(), defaultOrg: name };
  await writePrivate(configFile(), JSON.stringify(config, null, 2) + "\n");
}

/** Everything else in this file must survive a change of the default. */
async function readConfig(): Promise<{ defaultOrg?: string }> {
  if (!existsSync(configFile())) return {};
  try {
    return JSON.parse(await readFile(configFile(), "utf8"));
  } catch (error) {
    throw new UsageError(
      `Cannot read ${configFile()}: ${(error as Error).message}`,
      "Fix the file or remove it. sfetch did not change it.",
    );
  }
}
