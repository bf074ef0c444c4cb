/** The identity services: identity URL, userinfo, introspection, revocation and OpenID discovery. */
import { randomBytes } from "node:crypto";
import { identityRefusal, refuse } from "../errors.ts";
import { bearer, type Call, json, parameters, type Reply } from "../http.ts";
import { type Org, orgTime } from "../org.ts";
import type { PracticeUser } from "../personas.ts";
import type { Session } from "../sessions.ts";
import { keySet } from "./jwt-token.ts";
import { addBasicCredentials, authenticateApp } from "./token-endpoint.ts";

/** Answers `/id/ORG/USER`. */
export function identity(org: Org, call: Call, orgId: string, userId: string): Reply {
  sessionOf(org, call);
  if (!sameId(orgId, org.id)) throw identityRefusal(403, "Wrong_Org");
  const user = Object.values(org.users).find((user) => sameId(userId, user.id));
  if (!user) throw identityRefusal(404, "Bad_Id");
  return json(200, describeIdentity(org, user));
}

/** Answers `/services/oauth2/userinfo`. */
export function userinfo(org: Org, call: Call): Reply {
  const { user } = sessionOf(org, call);
  const identity = describeIdentity(org, user);
  return json(200, {
    sub: identity.id,
    user_id: user.id,
    organization_id: org.id,
    preferred_username: user.username,
    nickname: identity.nick_name,
    name: user.name,
    email: identity.email,
    email_verified: true,
    picture: identity.photos.picture,
    photos: identity.photos,
    given_name: identity.first_name,
    family_name: identity.last_name,
    zoneinfo: identity.timezone,
    profile: `${org.instanceUrl}/${user.id}`,
    active: user.isActive,
    user_type: identity.user_type,
    language: identity.language,
    locale: identity.locale,
    utcOffset: identity.utcOffset,
    urls: identity.urls,
  });
}

/** Answers `/services/oauth2/introspect`. */
export function introspect(org: Org, call: Call): Reply {
  const form = parameters(call);
  addBasicCredentials(form, call);
  authenticateApp(org, form, 401);
  const token = form.get("token") ?? "";
  const session = org.sessions.find(token);
  if (!session) return json(200, { active: org.sessions.findRefresh(token) !== undefined });
  return json(200, {
    active: true,
    scope: session.scopes.join(" "),
    client_id: session.app.clientId,
    username: session.user.username,
    sub: `${org.loginUrl}/id/${org.id}/${session.user.id}`,
    token_type: "access_token",
    exp: seconds(session.expiresAt + org.settings.clockOffset),
    iat: seconds(session.issuedAt + org.settings.clockOffset),
    nbf: seconds(session.issuedAt + org.settings.clockOffset),
  });
}

/** Answers `/services/oauth2/singleaccess` with a URL that opens the session of a token in a browser. */
export function singleAccess(org: Org, call: Call): Reply {
  const { scopes } = sessionOf(org, call);
  if (!scopes.includes("web")) throw identityRefusal(403, "Missing_Scope");
  const uri = new URL("/secur/frontdoor.jsp", org.instanceUrl);
  uri.searchParams.set("otp", randomBytes(24).toString("base64url"));
  const page = parameters(call).get("redirect_uri");
  if (page) uri.searchParams.set("startURL", page);
  return json(200, { frontdoor_uri: uri.href });
}

/** Answers `/services/oauth2/revoke`. */
export function revoke(org: Org, call: Call): Reply {
  const form = parameters(call);
  const hint = form.get("token_type_hint");
  if (hint && hint !== "access_token" && hint !== "refresh_token") {
    refuse("unsupported_token_type", "this token type is not supported");
  }
  if (!org.sessions.revoke(form.get("token") ?? "")) refuse("invalid_token", "invalid token");
  return { status: 200 };
}

/** Answers `/.well-known/openid-configuration`. */
export function openidConfiguration(org: Org): Reply {
  const at = (path: string): string => org.loginUrl + path;
  return json(200, {
    issuer: org.loginUrl,
    authorization_endpoint: at("/services/oauth2/authorize"),
    token_endpoint: at("/services/oauth2/token"),
    revocation_endpoint: at("/services/oauth2/revoke"),
    userinfo_endpoint: at("/services/oauth2/userinfo"),
    introspection_endpoint: at("/services/oauth2/introspect"),
    jwks_uri: at("/id/keys"),
    scopes_supported: org.apps.main.scopes,
    response_types_supported: ["code", "token"],
    grant_types_supported: [
      "authorization_code",
      "refresh_token",
      "client_credentials",
      "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic", "none"],
    code_challenge_methods_supported: ["S256"],
    claims_supported: ["user_id", "organization_id", "preferred_username", "name", "sub"],
  });
}

/** Answers `/id/keys`. */
export async function keys(org: Org): Promise<Reply> {
  return json(200, await keySet(org));
}

/** Returns the session of the caller. The identity services refuse an invalid token with a word in plain text. */
function sessionOf(org: Org, call: Call): Session {
  const token = bearer(call) ?? parameters(call).get("oauth_token") ?? undefined;
  if (token === undefined) throw identityRefusal(403, "Missing_OAuth_Token");
  const session = org.sessions.use(token);
  if (!session) throw identityRefusal(403, "Bad_OAuth_Token");
  return session;
}

// deno-lint-ignore explicit-function-return-type
function describeIdentity(org: Org, user: PracticeUser) {
  const [firstName = "", ...lastNames] = user.name.split(" ");
  const rest = `${org.instanceUrl}/services/data/v{version}`;
  const soap = (kind: string): string =>
    `${org.instanceUrl}/services/Soap/${kind}/{version}/${org.id.slice(0, 15)}`;
  return {
    id: `${org.loginUrl}/id/${org.id}/${user.id}`,
    asserted_user: true,
    user_id: user.id,
    organization_id: org.id,
    username: user.username,
    nick_name: firstName.toLowerCase(),
    display_name: user.name,
    email: user.username,
    email_verified: true,
    first_name: firstName,
    last_name: lastNames.join(" "),
    timezone: "Europe/Berlin",
    active: user.isActive,
    user_type: "STANDARD",
    photos: {
      picture: `${org.instanceUrl}/profilephoto/005/F`,
      thumbnail: `${org.instanceUrl}/profilephoto/005/T`,
    },
    language: "en_US",
    locale: "en_US",
    utcOffset: 3600000,
    last_modified_date: new Date(orgTime(org)).toISOString(),
    is_app_installed: true,
    urls: {
      enterprise: soap("c"),
      partner: soap("u"),
      metadata: soap("m"),
      rest: `${rest}/`,
      sobjects: `${rest}/sobjects/`,
      search: `${rest}/search/`,
      query: `${rest}/query/`,
      recent: `${rest}/recent/`,
      tooling_soap: soap("T"),
      tooling_rest: `${rest}/tooling/`,
      profile: `${org.instanceUrl}/${user.id}`,
      feeds: `${rest}/chatter/feeds`,
      custom_domain: org.instanceUrl,
    },
  };
}

/** Whether two ids are the same, with 15 or 18 characters. */
function sameId(one: string, other: string): boolean {
  return one.slice(0, 15) === other.slice(0, 15);
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
