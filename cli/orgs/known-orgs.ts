/**
 * All orgs that `--org` accepts: saved ones, and those that the official `sf` CLI signed in by JWT.
 */
import { join } from "node:path";
import { UsageError } from "../arguments/command.ts";
import { homeFolder } from "./folders.ts";
import type { OrgKind } from "./org-kind.ts";
import { PRACTICE } from "./open-org.ts";
import { defaultOrg, namesIn, readJson, readSavedOrg, savedOrgNames } from "./saved-orgs.ts";

/** An org that `--org` accepts. */
export interface KnownOrg {
  name: string;
  username: string;
  kind?: OrgKind;
  loginUrl: string;
  /** Which program signed it in. */
  source: "sfetch" | "sf";
  /** Whether commands without `--org` use it. */
  default: boolean;
}

/** All orgs, saved ones first. A damaged file is passed to `onDamaged` and left out. */
export async function listOrgs(
  onDamaged: (error: UsageError) => void = () => {},
): Promise<KnownOrg[]> {
  const defaultName = await defaultOrg();
  const orgs: KnownOrg[] = [];
  for (const name of await savedOrgNames()) {
    try {
      const org = await readSavedOrg(name);
      if (!org) continue;
      const { username, kind, loginUrl } = org;
      orgs.push({
        name,
        username,
        kind,
        loginUrl,
        source: "sfetch",
        default: name === defaultName,
      });
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

/** What `sf org login jwt` left in `~/.sfdx`, by alias where there is one. */
async function listSfOrgs(): Promise<Omit<KnownOrg, "default">[]> {
  const folder = join(homeFolder(), ".sfdx");
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

/** Says that no org has this name, and which names there are. */
export function unknownOrg(name: string, known: KnownOrg[]): UsageError {
  if (name === PRACTICE) {
    return new UsageError(
      "The practice org is not a saved org.",
      "Open it with --org practice or SF_TARGET_ORG=practice.",
    );
  }
  const names = known.map((org) => org.name).join(", ");
  return new UsageError(
    `No org named "${name}" is known.`,
    names ? `Known orgs: ${names}.` : "There is none yet. Add one with: sfetch login",
  );
}
