/**
 * The orgs there are: those saved by `sfetch login`, those that the official `sf` CLI signed in by JWT, and the
 * practice org. Commands `orgs` and `logout`.
 */
import { readdir, readFile, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve, sep } from "node:path";
import { createSession, type Session, type SessionOptions } from "../../mod.ts";
import { command, Interrupted, UsageError } from "../arguments/command.ts";
import { configFolder } from "./folders.ts";
import type { Format } from "../output/output.ts";
import { writePrivate } from "./private-files.ts";
import { toStdout } from "../output/stdout.ts";
import { tokenCache } from "./token-cache.ts";

/** The name that always means the practice org, started in this process. */
export const PRACTICE = "practice";

/** What kind of org it is; writes to a production org deserve a question. */
export type OrgKind = "production" | "sandbox" | "scratch" | "developer" | "practice";

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
}

/** An org that `--org` takes. */
export interface KnownOrg {
  name: string;
  username: string;
  kind?: OrgKind;
  loginUrl: string;
  /** Who signed it in. */
  source: "sfetch" | "sf";
  /** Whether commands take it that name none. */
  default: boolean;
}

/** What {@link openSession} gives. */
export interface OpenSession {
  session: Session;
  /** The org's name, or the username where the settings come from the environment. */
  name: string;
  kind?: OrgKind;
  /** Ends what was started for it: the practice org, if it is that. */
  close(): Promise<void>;
}

/** A session with the org that `--org` names, with `SF_TARGET_ORG`, or with the default. Call `close` at the end. */
export async function openSession(
  { org, fetch }: Pick<SessionOptions, "org" | "fetch"> = {},
): Promise<OpenSession> {
  const { options, close } = await sessionOptions({ org });
  const session = createSession({ ...options, fetch });
  if (isPractice(org)) return { session, name: PRACTICE, kind: "practice", close };
  const settings = await session.settings();
  const saved = settings.org ? await readSavedOrg(settings.org) : undefined;
  return {
    session,
    name: settings.org ?? settings.username ?? settings.loginUrl,
    kind: saved?.kind,
    close,
  };
}

/** What {@link openSession} makes its session from. */
export async function sessionOptions(
  { org }: { org?: string } = {},
): Promise<{ options: SessionOptions; close(): Promise<void> }> {
  if (!isPractice(org)) return { options: { org, cache: tokenCache() }, close: async () => {} };
  const { startPracticeOrg } = await import("../../practice-org/mod.ts");
  const { clientId, username, privateKey, url, close } = await startPracticeOrg();
  return { options: { clientId, username, privateKey, loginUrl: url, audience: url }, close };
}

function isPractice(org?: string): boolean {
  return (org ?? process.env.SF_TARGET_ORG) === PRACTICE;
}

const orgsFolder = (): string => join(configFolder(), "orgs");
const orgFile = (name: string): string => join(orgsFolder(), `${name}.json`);
const configFile = (): string => join(configFolder(), "config.json");

/** All orgs, saved ones first. A damaged file is passed to `onDamaged` and left out. */
export async function listOrgs(
  onDamaged: (error: UsageError) => void = () => {},
): Promise<KnownOrg[]> {
  const defaultName = await defaultOrg();
  const orgs: KnownOrg[] = [];
  for (const name of await namesIn(orgsFolder())) {
    try {
      const org = await readSavedOrg(name);
      if (org) orgs.push({ name, ...pick(org), source: "sfetch", default: name === defaultName });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      onDamaged(error);
    }
  }
  for (const org of await listSfOrgs()) {
    if (!orgs.some(({ name }) => name === org.name)) {
      orgs.push({ ...org, default: org.name === defaultName });
    }
  }
  return orgs;
}

function pick(
  { username, kind, loginUrl }: SavedOrg,
): Pick<KnownOrg, "username" | "kind" | "loginUrl"> {
  return { username, kind, loginUrl };
}

async function namesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith(".json")).map((file) =>
    file.slice(0, -".json".length)
  ).sort();
}

/** What `sf org login jwt` left in `~/.sfdx`, by alias where there is one. */
async function listSfOrgs(): Promise<Omit<KnownOrg, "default">[]> {
  const folder = join(homedir(), ".sfdx");
  const aliases: Record<string, string> =
    (await readJson(join(folder, "alias.json")).catch(() => undefined))?.orgs ?? {};
  const orgs: Omit<KnownOrg, "default">[] = [];
  for (const username of await namesIn(folder)) {
    const org = await readJson(join(folder, `${username}.json`)).catch(() => undefined);
    if (!org?.privateKey || org.username !== username) continue;
    const alias = Object.keys(aliases).find((name) => aliases[name] === username);
    const loginUrl = String(org.loginUrl).replace(/\/$/, "");
    orgs.push({ name: alias ?? username, username, loginUrl, source: "sf" });
  }
  return orgs;
}

/** The name of the org that commands take without `--org`, if one was chosen. */
export async function defaultOrg(): Promise<string | undefined> {
  return (await readJson(configFile()))?.defaultOrg;
}

/** Makes an org the default; none, with `undefined`. */
export async function setDefaultOrg(name: string | undefined): Promise<void> {
  const config = await readJson(configFile()) ?? {};
  await writePrivate(configFile(), JSON.stringify({ ...config, defaultOrg: name }, null, 2) + "\n");
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

/** What an org may be called: it becomes a file's name. */
const NAME = /^[A-Za-z0-9_][\w@.+-]*$/;

/** Throws {@link UsageError} if an org cannot be saved under this name. */
export function checkOrgName(name: string): void {
  if (name === PRACTICE) {
    throw new UsageError(
      `The name "${PRACTICE}" is taken: it means the practice org.`,
      "Choose another name.",
    );
  }
  if (!NAME.test(name)) {
    throw new UsageError(
      `An org cannot be named "${name}".`,
      "Use letters, digits and . _ - + @, no blanks.",
    );
  }
}

/** Saves an org, in place of one of the same name; the first one becomes the default. A damaged file is left alone. */
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
  if (!isOurKey(file) || await isKeyInUse(file)) return;
  for (const each of [file, file.replace(/\.key$/, ".crt")]) await rm(each, { force: true });
}

function isOurKey(file: string): boolean {
  return resolve(file).startsWith(join(configFolder(), "keys") + sep);
}

async function isKeyInUse(file: string): Promise<boolean> {
  for (const name of await namesIn(orgsFolder())) {
    const org = await readSavedOrg(name).catch(() => undefined);
    if (org?.privateKeyFile === file) return true;
  }
  return false;
}

// deno-lint-ignore no-explicit-any -- what a file holds is found out by looking
async function readJson(file: string): Promise<any> {
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
    // The same as another kind of value: damaged.
  }
  throw damaged(file);
}

function damaged(file: string): UsageError {
  return new UsageError(`${file} is damaged.`, "Mend it, or move it away; it is left as it is.");
}

/** `sfetch orgs` */
export const orgs = command({
  meta: {
    name: "orgs",
    description: "List the orgs there are: saved ones, and those that sf signed in by JWT",
  },
  args: {
    default: { type: "string", valueHint: "name", description: "make this org the default" },
    format: {
      type: "enum",
      options: ["table", "json", "ndjson", "csv"],
      description: "table on a terminal, json in a pipe, unless given",
    },
  },
  examples: [
    ["sfetch orgs", "names, users and where they sign in"],
    ["sfetch orgs --default prod", "commands without --org go to prod"],
  ],
  async run({ args }) {
    const { log } = await import("../terminal/log.ts");
    const known = await listOrgs((error) => log.warn(`${error.message}\n${error.hint}`));
    if (args.default !== undefined) return await chooseDefault(args.default, known);
    if (known.length === 0 && process.stdout.isTTY) {
      return log.info("No org yet. `sfetch login` sets one up; `--org practice` needs no set-up.");
    }
    await printOrgs(known, args.format);
  },
});

async function chooseDefault(name: string, known: KnownOrg[]): Promise<void> {
  const { log } = await import("../terminal/log.ts");
  if (!known.some((org) => org.name === name || org.username === name)) {
    throw unknownOrg(name, known);
  }
  await setDefaultOrg(name);
  log.success(`Commands without --org now go to ${name}.`);
}

function unknownOrg(name: string, known: KnownOrg[]): UsageError {
  if (name === PRACTICE) {
    return new UsageError(
      "The practice org is not saved.",
      "Use it by `--org practice` or SF_TARGET_ORG=practice.",
    );
  }
  const names = known.map((org) => org.name).join(", ");
  return new UsageError(
    `No org named "${name}" is known.`,
    names ? `There are: ${names}.` : "There is none yet: sfetch login",
  );
}

async function printOrgs(known: KnownOrg[], format?: Format): Promise<void> {
  const { writeRecords } = await import("../output/output.ts");
  const options = toStdout(format);
  const records = options.format === "table"
    ? known.map((org) => ({ ...org, kind: org.kind ?? "", default: org.default ? "*" : "" }))
    : known.map((org) => ({ ...org }));
  await writeRecords(records, options);
}

/** `sfetch logout` */
export const logout = command({
  meta: {
    name: "logout",
    description: "Forget a saved org: its settings, its token (revoked), the key login made",
  },
  args: {
    name: { type: "positional", required: false, description: "the saved org" },
    all: { type: "boolean", description: "all saved orgs" },
    yes: { type: "boolean", alias: "y", description: "do not ask" },
  },
  examples: [
    ["sfetch logout staging", "asks, then forgets the org"],
    ["sfetch logout --all --yes", "forgets all saved orgs, unattended"],
  ],
  async run({ args }) {
    const names = await namesToForget(args.name, args.all);
    const { log } = await import("../terminal/log.ts");
    if (names.length === 0) return log.info("No org is saved.");
    if (!args.yes) await confirmLogout(names);
    for (const name of names) {
      await revokeToken(name);
      await removeOrg(name);
      log.success(`Forgot ${name}.`);
    }
  },
});

async function namesToForget(name: string | undefined, all: boolean): Promise<string[]> {
  const saved = await namesIn(orgsFolder());
  if (all && name === undefined) return saved;
  if (name === undefined || all) {
    throw new UsageError(
      "sfetch logout: it needs NAME or --all.",
      "For example: sfetch logout staging",
    );
  }
  if (saved.includes(name)) return [name];
  const known = await listOrgs();
  if (known.some((org) => org.name === name || org.username === name)) {
    throw new UsageError(
      `"${name}" was signed in by sf, which keeps it.`,
      `Use: sf org logout --target-org ${name}`,
    );
  }
  throw unknownOrg(name, known);
}

async function confirmLogout(names: string[]): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(
      "sfetch logout asks first, and there is no terminal to ask on.",
      "Add --yes.",
    );
  }
  const { confirm } = await import("@clack/prompts");
  const answer = await confirm({
    message: `Forget ${names.join(", ")}, and the keys that login made?`,
    initialValue: false,
    output: process.stderr,
  });
  if (answer !== true) throw new Interrupted();
}

/** A token that cannot be revoked ends by itself: no reason to keep the org. */
async function revokeToken(name: string): Promise<void> {
  try {
    await createSession({ org: name, cache: tokenCache() }).revoke();
  } catch (error) {
    const { log } = await import("../terminal/log.ts");
    log.warn(
      `The token of ${name} could not be revoked, it ends by itself: ${(error as Error).message}`,
    );
  }
}
