/**
 * The org that a session will open, as far as a glance at the settings tells: enough to draw the prompt at once.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configFolder, homeFolder } from "../orgs/folders.ts";

/** What the first prompt shows. */
export interface OrgLabel {
  name: string;
  kind?: string;
}

/** The label of the org that was named or is the default; undefined if none is set up. */
export function readOrgLabel(
  org: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): OrgLabel | undefined {
  const named = org ?? env.SF_TARGET_ORG;
  if (!named && (env.SF_CLIENT_ID || env.SF_USERNAME || env.SF_ACCESS_TOKEN)) {
    return { name: env.SF_USERNAME ?? env.SF_INSTANCE_URL ?? "org" };
  }
  const name = named ?? readJson(join(configFolder(), "config.json"))?.defaultOrg ??
    readJson(join(homeFolder(), ".sf", "config.json"))?.["target-org"];
  if (typeof name !== "string" || name === "") return undefined;
  if (name === "practice") return { name, kind: name };
  const kind = /^[\w@.+-]+$/.test(name)
    ? readJson(join(configFolder(), "orgs", `${name}.json`))?.kind
    : undefined;
  return { name, kind: typeof kind === "string" ? kind : undefined };
}

function readJson(path: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // not there, or damaged: said when the org is opened
  }
}
