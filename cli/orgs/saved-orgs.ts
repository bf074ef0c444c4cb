/**
 * Orgs that `sfetch login` saved, and which of all orgs is the default.
 */
import { readdir, readFile, realpath, rm } from "node:fs/promises";
import { join, sep } from "node:path";
import { UsageError } from "../arguments/command.ts";
import { writePrivate } from "../output/write-files.ts";
import { configFolder } from "./folders.ts";
import type { OrgKind } from "./org-kind.ts";

/** An org as `sfetch login` saves it, in `$XDG_CONFIG_HOME/sfetch/orgs/NAME.json`. */
export interface SavedOrg {
  clientId: string;
  username: string;
  /** Absolute. */
  privateKeyFile: string;
  loginUrl: string;
  audience?: string;
  instanceUrl?: string;
  apiVersion?: string;
  orgId?: string;
  kind?: OrgKind;
  /** Whether writing to the org is refused. */
  readOnly?: boolean;
}

const orgsFolder = (): string => join(configFolder(), "orgs");
const orgFile = (name: string): string => join(orgsFolder(), `${name}.json`);
const configFile = (): string => join(configFolder(), "config.json");

/** The names of the saved orgs, sorted. */
export function savedOrgNames(): Promise<string[]> {
  return namesIn(orgsFolder());
}

/** The names of the JSON files in a folder, sorted, without `.json`. */
export async function namesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith(".json")).map((file) =>
    file.slice(0, -".json".length)
  ).sort();
}

/** A saved org; undefined if there is none of that name. Throws {@link UsageError} if its file is damaged. */
export async function readSavedOrg(name: string): Promise<SavedOrg | undefined> {
  if (!NAME.test(name)) return undefined;
  const org = await readJson(orgFile(name));
  if (org && REQUIRED.some((setting) => typeof org[setting] !== "string")) {
    throw damaged(orgFile(name));
  }
  return org;
}

const REQUIRED = ["clientId", "username", "privateKeyFile", "loginUrl"] as const;

/** What an org may be called: the name becomes a file name. */
const NAME = /^[A-Za-z0-9_][\w@.+-]*$/;

/** Throws {@link UsageError} if an org cannot be saved under this name. */
export function checkOrgName(name: string): void {
  if (name === "practice") {
    throw new UsageError(
      'The name "practice" is reserved for the practice org.',
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
  if (await defaultOrg() === undefined) await setDefaultOrg(name);
}

/** Removes a saved org, its default mark, and the key that `sfetch login` made for it; never another key. */
export async function removeOrg(name: string): Promise<void> {
  const org = await readSavedOrg(name);
  await rm(orgFile(name), { force: true });
  if (await defaultOrg() === name) await setDefaultOrg(undefined);
  if (org) await removeUnusedKey(org.privateKeyFile);
}

/** Removes a key that `sfetch login` made, and its certificate, unless a saved org uses it; never another key. */
export async function removeUnusedKey(file: string): Promise<void> {
  const key = await realPath(file);
  const keys = await realPath(join(configFolder(), "keys"));
  if (!key || !keys || !key.startsWith(keys + sep) || await isKeyInUse(key)) return;
  for (const each of [key, key.replace(/\.key$/, ".crt")]) await rm(each, { force: true });
}

/** Whether a saved org uses the key, by whatever path it is reached, such as a symbolic link. */
export async function isKeyInUse(file: string): Promise<boolean> {
  const key = await realPath(file);
  for (const name of await savedOrgNames()) {
    const org = await readSavedOrg(name).catch(() => undefined);
    if (org && await realPath(org.privateKeyFile) === key) return true;
  }
  return false;
}

async function realPath(file: string): Promise<string | undefined> {
  return await realpath(file).catch(() => undefined);
}

/** The name of the org that commands use without `--org`, if one was chosen. */
export async function defaultOrg(): Promise<string | undefined> {
  return (await readJson(configFile()))?.defaultOrg;
}

/** Makes an org the default; none, with `undefined`. */
export async function setDefaultOrg(name: string | undefined): Promise<void> {
  const config = await readJson(configFile()) ?? {};
  await writePrivate(configFile(), JSON.stringify({ ...config, defaultOrg: name }, null, 2) + "\n");
}

/** A JSON file's content; undefined if there is no such file. Throws {@link UsageError} if it is damaged. */
// deno-lint-ignore no-explicit-any -- what a file holds is found out by looking
export async function readJson(file: string): Promise<any> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new UsageError(`Cannot read ${file}.`, (error as Error).message);
  }
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Handled like another kind of value: the file is damaged.
  }
  throw damaged(file);
}

function damaged(file: string): UsageError {
  return new UsageError(
    `${file} is damaged.`,
    "Fix the file or remove it. sfetch did not change it.",
  );
}
