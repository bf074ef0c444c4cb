/** `POST /services/oauth2/token`, which exchanges grants for access tokens. */
import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { oauthRefusal, type Refusal, refuse } from "../errors.ts";
import { type Call, json, NO_STORE, parameters, type Reply, text } from "../http.ts";
import { verifyAssertion } from "./jwt-bearer.ts";
import { jwtToken } from "./jwt-token.ts";
import { findApp, findUser, type Org, orgTime } from "../org.ts";
import type { PracticeApp } from "../personas.ts";
import { type Grant, opaqueToken, type Session } from "../sessions.ts";

/** Answers the token endpoint. */
export async function token(org: Org, call: Call): Promise<Reply> {
  org.tokenRequests++;
  if (org.settings.orgStatus === "deleted") return text(420, "Data Not Available");
  if (call.method !== "POST") refuse("invalid_request", "must use HTTP POST");
  const form = parameters(call);
  addBasicCredentials(form, call);
  return json(200, await exchange(org, form), NO_STORE);
}

async function exchange(org: Org, form: URLSearchParams): Promise<Record<string, string>> {
  switch (form.get("grant_type")) {
    case "urn:ietf:params:oauth:grant-type:jwt-bearer":
      return describeToken(org, await openSession(org, await verifyAssertion(org, form)));
    case "authorization_code":
      return await exchangeCode(org, form);
    case "refresh_token":
      return await refresh(org, form);
    case "client_credentials":
      return describeToken(org, await openSession(org, clientCredentials(org, form)));
    default:
      return refuse("unsupported_grant_type", "grant type not supported");
  }
}

async function exchangeCode(org: Org, form: URLSearchParams): Promise<Record<string, string>> {
  const app = authenticateApp(org, form);
  const code = org.codes.get(form.get("code") ?? "");
  if (code?.grant.app !== app) refuse("invalid_grant", "invalid authorization code");
  org.codes.delete(form.get("code")!);
  if (code.expiresAt < Date.now()) refuse("invalid_grant", "expired authorization code");
  if (code.redirectUri !== form.get("redirect_uri")) {
    refuse("redirect_uri_mismatch", "redirect_uri must match configuration");
  }
  if (code.challenge && code.challenge !== challengeOf(form.get("code_verifier") ?? "")) {
    refuse("invalid_grant", "invalid code verifier");
  }
  const refreshToken = code.grant.scopes.includes("refresh_token")
    ? org.sessions.openRefresh(code.grant)
    : undefined;
  return describeToken(org, await openSession(org, code.grant, refreshToken), refreshToken);
}

async function refresh(org: Org, form: URLSearchParams): Promise<Record<string, string>> {
  const app = authenticateApp(org, form);
  const refreshToken = form.get("refresh_token") ?? "";
  const grant = org.sessions.findRefresh(refreshToken);
  if (grant?.app !== app) refuse("invalid_grant", "expired access/refresh token");
  if (grant.user.refusal) throw oauthRefusal(grant.user.refusal);
  return describeToken(org, await openSession(org, grant, refreshToken));
}

/** The client credentials grant: the app gets a token for the user that it runs as. */
function clientCredentials(org: Org, form: URLSearchParams): Grant {
  const app = authenticateApp(org, form);
  if (!form.has("client_secret")) refuse("invalid_client", "invalid client credentials");
  const user = findUser(org, app.runsAs ?? null);
  if (!user) refuse("invalid_grant", "no client credentials user enabled");
  if (user.refusal) throw oauthRefusal(user.refusal);
  return { user, app, scopes: app.scopes.filter((scope) => scope !== "refresh_token") };
}

/** Adds the consumer key and secret to a form, if they are in the Authorization header. */
export function addBasicCredentials(form: URLSearchParams, { headers }: Call): void {
  const encoded = /^Basic\s+(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  if (!encoded) return;
  const [id = "", secret = ""] = Buffer.from(encoded, "base64").toString().split(":");
  form.set("client_id", decode(id));
  form.set("client_secret", decode(secret));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns the app of a request without an assertion. Checks the secret if the app requires it. */
export function authenticateApp(org: Org, form: URLSearchParams, status = 400): PracticeApp {
  const refused = (error: string, description: string): Refusal =>
    oauthRefusal({ error, description, status });
  const app = findApp(org, form.get("client_id"));
  if (!app) throw refused("invalid_client_id", "client identifier invalid");
  if (app.refusal) throw oauthRefusal({ status, ...app.refusal });
  const secret = form.get("client_secret");
  if (secret === null ? app.isSecretRequired : secret !== app.clientSecret) {
    throw refused("invalid_client", "invalid client credentials");
  }
  return app;
}

/** Opens a session with a token in the format of the app. */
export async function openSession(
  org: Org,
  grant: Grant,
  refreshToken?: string,
): Promise<Session> {
  if (!grant.app.issuesJwt && !org.settings.jwtTokens) {
    return org.sessions.open(grant, opaqueToken(org.id), { refreshToken });
  }
  const expiresAt = Date.now() + org.settings.jwtTimeout * 1000;
  return org.sessions.open(grant, await jwtToken(org, grant), { refreshToken, expiresAt });
}

/** Returns the fields of a token response. */
export function describeToken(
  org: Org,
  session: Session,
  refreshToken?: string,
): Record<string, string> {
  const id = `${org.loginUrl}/id/${org.id}/${session.user.id}`;
  const issuedAt = String(orgTime(org));
  return {
    access_token: session.accessToken,
    ...(refreshToken && { refresh_token: refreshToken }),
    signature: createHmac("sha256", org.signatureKey).update(id + issuedAt).digest("base64"),
    scope: session.scopes.join(" "),
    instance_url: org.instanceUrl,
    id,
    token_type: "Bearer",
    issued_at: issuedAt,
    ...(session.accessToken.startsWith("eyJ") && {
      token_format: "jwt",
      api_instance_url: "https://api.salesforce.com",
    }),
  };
}

function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}
