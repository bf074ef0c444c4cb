/**
 * The sign-in that `sfetch login` tries, and what the org is.
 *
 * @module
 */
import {
  ConnectionError,
  createSession,
  OAuthError,
  type Session,
  SfetchError,
  type Token,
} from "../../../mod.ts";
import { askOrganization, kindOf, type OrgKind } from "../../orgs/org-kind.ts";
import { tokenCache } from "../../orgs/token-cache.ts";
import type { Answers } from "./answers.ts";
import type { Remarks } from "../../terminal/dialogue.ts";

/** What a successful sign-in says about the org. */
export interface SignedIn {
  instanceUrl: string;
  /** The audience that Salesforce accepted, where it is not the login URL. */
  audience?: string;
  orgId?: string;
  orgName?: string;
  kind?: OrgKind;
}

/** Signs in; the token is cached for the commands that follow. Throws what `Session.getToken` throws. */
export async function signIn(
  answers: Answers,
  remarks: Remarks,
  names: Record<string, string>,
): Promise<SignedIn> {
  const session = createSession({ ...answers, cache: tokenCache() });
  const token = await session.getToken({ fresh: true }).catch((error) => {
    throw error instanceof OAuthError ? withNames(error, names) : error;
  });
  const { audience } = session;
  return {
    instanceUrl: token.instanceUrl,
    audience: audience === answers.loginUrl ? undefined : audience,
    orgId: orgIdOf(token),
    ...await describeOrg(session, remarks),
  };
}

/** What the settings of a sign-in are called where they were given as options. */
export const OPTION_NAMES: Record<string, string> = {
  loginUrl: "--login-url",
  clientId: "--client-id",
  username: "--username",
};

/** What they are called where they were asked for. */
export const ANSWER_NAMES: Record<string, string> = {
  loginUrl: "the org's address",
  clientId: "the consumer key",
  username: "the username",
};

/** The error, in which each setting has the name that the user knows it by. */
function withNames(error: OAuthError, names: Record<string, string>): OAuthError {
  const [message] = error.message.split("\n", 1);
  const hint = error.hint.replace(/the option (\w+)/g, (option, name) => names[name] ?? option);
  return new OAuthError(message!, hint, { ...error });
}

/** The identity URL ends with org and user. */
function orgIdOf({ id }: Token): string | undefined {
  return id?.split("/").at(-2);
}

async function describeOrg(session: Session, remarks: Remarks): Promise<Partial<SignedIn>> {
  try {
    const org = await askOrganization(session);
    return org ? { orgId: org.Id, orgName: org.Name, kind: kindOf(org) } : {};
  } catch (error) {
    if (!(error instanceof SfetchError)) throw error;
    remarks.warn(`Signed in, but the kind of org could not be found out.\n${error.message}`);
    return {};
  }
}

/** What the user can do about a failed sign-in. */
export type Remedy = "clientId" | "username" | "loginUrl" | "privateKeyFile" | "approve" | "again";

/** The most likely remedy: to change the answer that the error speaks of. */
export function likelyRemedy(error: unknown): Remedy {
  if (error instanceof ConnectionError) return "loginUrl";
  if (!(error instanceof OAuthError)) return "again";
  const said = `${error.error}: ${error.description}`;
  return REMEDIES.find(([pattern]) => pattern.test(said))?.[1] ?? "again";
}

const REMEDIES: [RegExp, Remedy][] = [
  [/hasn't approved/, "approve"],
  [/^invalid_client/, "clientId"],
  [/invalid assertion/, "privateKeyFile"],
  [/authentication failure|user credentials|inactive_user/, "username"],
  [
    /audience|^app_not_found|^OAUTH_AUTHORIZATION_BLOCKED|^unexpected_response|^unsupported_grant_type|Data Not Available/,
    "loginUrl",
  ],
];
