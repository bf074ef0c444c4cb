/**
 * The first prompt, drawn before the rest of the REPL is loaded. What is typed meanwhile waits in the terminal,
 * and readline draws the true prompt over this one.
 */
import { fstatSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { configFolder } from "../orgs/folders.ts";
import { kindOfHost } from "../orgs/org-kind.ts";
import type { OrgLabel } from "../orgs/open-org.ts";
import { hasColours } from "../terminal/terminal.ts";
import { promptFor } from "./prompt.ts";

/** Draws the prompt if these arguments open a session on a terminal, with an org that a glance finds. */
export function drawFirstPrompt(argv: string[]): void {
  const [, org] = /^(?:repl )?(?:(?:--org[ =]|-o )(\S+))?$/.exec(argv.join(" ")) ??
    [undefined, null];
  // A dumb terminal could not draw over it.
  if (org === null || process.env.TERM === "dumb" || !isTerminal(0) || !isTerminal(1)) return;
  const label = glance(org);
  if (label) writeSync(1, promptFor(label.name, label.kind, hasColours({ isTTY: true })));
}

/**
 * What the org will most likely be called. mod.ts decides which org it is, and loading that takes longer than all the
 * rest here: where a glance at the environment and at sfetch's own files does not tell, the prompt waits for it.
 */
function glance(org: string | undefined): OrgLabel | undefined {
  const { env } = process;
  const named = org ?? env.SF_TARGET_ORG;
  if (!named && (env.SF_CLIENT_ID || env.SF_USERNAME || env.SF_ACCESS_TOKEN)) {
    return glanceAtEnvironment();
  }
  const name = named ?? readJson(join(configFolder(), "config.json"))?.defaultOrg;
  if (typeof name !== "string" || !/^[\w@.+-]+$/.test(name)) return undefined;
  if (name === "practice") return { name, kind: name };
  const saved = readJson(join(configFolder(), "orgs", `${name}.json`));
  return saved && { name, kind: saved.kind as OrgLabel["kind"] };
}

/** As `orgLabel` names an org whose sign-in or token is in the environment. */
function glanceAtEnvironment(): OrgLabel | undefined {
  const { SF_USERNAME, SF_ACCESS_TOKEN, SF_INSTANCE_URL, SF_ORG_INSTANCE_URL, SF_LOGIN_URL } =
    process.env;
  const url = SF_INSTANCE_URL || SF_ORG_INSTANCE_URL || SF_LOGIN_URL || "";
  const host = /^https?:/.test(url) && URL.canParse(url) ? new URL(url).origin : undefined;
  const name = SF_USERNAME || (SF_ACCESS_TOKEN && host);
  return name ? { name, ...(host && { kind: kindOfHost(host) }) } : undefined;
}

function readJson(path: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // missing or damaged, which is reported when the org is opened
  }
}

/** Whether it is a character device other than /dev/null. Reading `isTTY` would load the terminal's streams first. */
function isTerminal(descriptor: number): boolean {
  try {
    const stream = fstatSync(descriptor);
    return stream.isCharacterDevice() && stream.rdev !== statSync("/dev/null").rdev;
  } catch {
    return false; // closed, or a system without /dev/null
  }
}
