/**
 * Opening an org by its name: a saved one, one of the `sf` CLI, the default, or the practice org.
 */
import { createSession, readOrg, type Session, type SessionOptions } from "../../mod.ts";
import { UsageError } from "../arguments/command.ts";
import { kindOfHost, type OrgKind } from "./org-kind.ts";
import { tokenCache } from "./token-cache.ts";

/** The name that always means the practice org, started in this process. */
export const PRACTICE = "practice";

/** The options that every command with an org has; see `orgFlag`. */
export interface OrgArgs {
  org?: string;
  "read-only"?: boolean;
  "allow-host"?: string[];
}

/** What an org is called. */
export interface OrgLabel {
  /** The org's name, or the username where the settings come from the environment. */
  name: string;
  /** Undefined where only the org itself can say. */
  kind?: OrgKind;
}

/** What {@link openOrg} returns. */
export interface OpenOrg extends OrgLabel {
  session: Session;
  /** Ends what was started for the session: the practice org, if that is what was opened. */
  close(): Promise<void>;
}

/**
 * Opens a session with the org that `--org` names, else with `SF_TARGET_ORG`, else with the default. Nothing is sent
 * yet. Call `close` at the end.
 *
 * @throws {UsageError} If no org was named and none is set up.
 */
export async function openOrg(
  args: OrgArgs = {},
  more: Pick<SessionOptions, "fetch"> = {},
): Promise<OpenOrg> {
  const { options, close } = await orgOptions(args);
  const session = createSession({ ...options, ...more });
  try {
    const label = isPractice(args.org) ? PRACTICE_LABEL : await labelOf(session);
    if (!label) throw noOrg();
    return { ...label, session, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The options that {@link openOrg} makes its session from. */
export async function orgOptions(
  { org, "read-only": readOnly, "allow-host": allowHost }: OrgArgs = {},
): Promise<{ options: SessionOptions; close(): Promise<void> }> {
  if (!isPractice(org)) {
    return {
      options: { org, readOnly, allowHost: some(allowHost), cache: tokenCache() },
      close: async () => {},
    };
  }
  const { startPracticeOrg } = await import("../../practice-org/mod.ts");
  const { clientId, username, privateKey, url, close } = await startPracticeOrg();
  const options = { clientId, username, privateKey, loginUrl: url, audience: url, readOnly };
  return { options, close };
}

/** What the org is called that {@link openOrg} would open; undefined if none is set up. Nothing is started. */
export async function orgLabel(
  { org, "allow-host": allowHost }: OrgArgs = {},
): Promise<OrgLabel | undefined> {
  return isPractice(org)
    ? PRACTICE_LABEL
    : await labelOf(createSession({ org, allowHost: some(allowHost) }));
}

/** An empty list would hide the hosts that are saved with an org. */
function some(hosts: string[] = []): string[] | undefined {
  return hosts.length > 0 ? hosts : undefined;
}

const PRACTICE_LABEL: OrgLabel = { name: PRACTICE, kind: PRACTICE };

function isPractice(org?: string): boolean {
  return (org ?? process.env.SF_TARGET_ORG) === PRACTICE;
}

/** Undefined where the settings say nothing about a sign-in; what is missing of one is reported when it is tried. */
async function labelOf(session: Session): Promise<OrgLabel | undefined> {
  const settings = await session.settings();
  const { org, clientId, username, privateKey, privateKeyFile, accessToken } = settings;
  if (!clientId && !username && !privateKey && !privateKeyFile && !accessToken) return undefined;
  const saved = org ? await readOrg(org) : undefined;
  const host = settings.instanceUrl ?? settings.loginUrl;
  return {
    name: org ?? username ?? host,
    kind: saved?.kind as OrgKind | undefined ?? kindOfHost(host),
  };
}

/** What every command says when no org is set up. */
export function noOrg(): UsageError {
  return new UsageError(
    "No org is set up yet.",
    "`sfetch login` sets one up. `--org practice` opens the practice org, which needs no set-up.\n" +
      "In CI, set SF_CLIENT_ID, SF_USERNAME, SF_PRIVATE_KEY and SF_LOGIN_URL.",
  );
}

/** What a command says about a name that no org has. */
export function unknownOrg(name: string, known: { name: string }[]): UsageError {
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
