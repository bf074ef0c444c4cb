/**
 * Opening an org by its name: a saved one, one of the `sf` CLI, the default, or the practice org.
 */
import { createSession, type Session, type SessionOptions } from "../../mod.ts";
import { UsageError } from "../arguments/command.ts";
import { kindOfHost, type OrgKind } from "./org-kind.ts";
import { readSavedOrg } from "./saved-orgs.ts";
import { tokenCache } from "./token-cache.ts";

/** The name that always means the practice org, started in this process. */
export const PRACTICE = "practice";

/** What {@link openOrg} returns. */
export interface OpenOrg {
  session: Session;
  /** The org's name, or the username where the settings come from the environment. */
  name: string;
  /** Undefined where only the org itself can say. */
  kind?: OrgKind;
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
  { org, fetch }: Pick<SessionOptions, "org" | "fetch"> = {},
): Promise<OpenOrg> {
  const { options, close } = await orgOptions({ org });
  const session = createSession({ ...options, fetch });
  if (isPractice(org)) return { session, name: PRACTICE, kind: "practice", close };
  const settings = await session.settings();
  if (!hasSignIn(settings)) throw noOrg();
  const saved = settings.org ? await readSavedOrg(settings.org) : undefined;
  return {
    session,
    name: settings.org ?? settings.username ?? settings.loginUrl,
    kind: saved?.kind ?? kindOfHost(settings.instanceUrl ?? settings.loginUrl),
    close,
  };
}

/** The options that {@link openOrg} makes its session from. */
export async function orgOptions(
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

/** Whether the settings say anything about a sign-in; what is missing of it is reported when it is tried. */
function hasSignIn(settings: Awaited<ReturnType<Session["settings"]>>): boolean {
  const { clientId, username, privateKey, privateKeyFile, accessToken } = settings;
  return Boolean(clientId || username || privateKey || privateKeyFile || accessToken);
}

/** What every command says where there is no org to talk to. */
export function noOrg(): UsageError {
  return new UsageError(
    "No org is set up yet.",
    "`sfetch login` sets one up. `--org practice` opens the practice org, which needs no set-up.\n" +
      "In CI, set SF_CLIENT_ID, SF_USERNAME, SF_PRIVATE_KEY and SF_LOGIN_URL.",
  );
}
