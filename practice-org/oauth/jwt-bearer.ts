/**
 * The JWT bearer grant (RFC 7523) with Salesforce's rules and error messages. It is as lenient as Salesforce: `exp`
 * can be far in the future (the sf CLI sends milliseconds), slightly in the past, or a string; `aud` can end in a slash.
 */
import { Buffer } from "node:buffer";
import type { JWTPayload } from "jose";
import { oauthRefusal, refuse } from "../errors.ts";
import { findApp, findUser, hasApproved, type Org, orgTime } from "../org.ts";
import type { PracticeApp, PracticeUser } from "../personas.ts";
import { parseJson } from "../rest/body.ts";
import type { Grant } from "../sessions.ts";

/** How far `exp` can be in the past, in milliseconds. CumulusCI sets `exp` to the current time. */
const EXP_TOLERANCE = 30_000;
const HOUR = 3_600_000;

/**
 * Checks an assertion and the policies of the app.
 *
 * @throws {Refusal} If the assertion is not accepted.
 */
export async function verifyAssertion(org: Org, form: URLSearchParams): Promise<Grant> {
  const assertion = form.get("assertion");
  if (!assertion) refuse("invalid_request", "missing required parameter: assertion");
  if (form.has("scope")) refuse("invalid_request", "scope parameter not supported");
  if (org.settings.orgStatus === "suspended") {
    refuse("inactive_org", "organization is locked, closed, or suspended");
  }
  const app = findIssuer(org, readClaims(assertion));
  const claims = await verifySignature(org, app, assertion);
  checkReplay(org, claims);
  checkExpiry(org, claims);
  checkAudience(org, claims);
  const user = findSubject(org, claims);
  checkRate(org, user);
  checkApproval(org, user, app);
  return { user, app, scopes: app.scopes };
}

function findIssuer(org: Org, claims: JWTPayload): PracticeApp {
  const app = typeof claims.iss === "string" ? findApp(org, claims.iss) : undefined;
  if (!app) refuse("invalid_client_id", "client identifier invalid");
  if (app.refusal) throw oauthRefusal(app.refusal);
  return app;
}

function readClaims(assertion: string): JWTPayload {
  const [, payload, signature, ...rest] = assertion.split(".");
  try {
    if (!payload || !signature || rest.length > 0) throw new SyntaxError("not a JWT");
    return parseJson(new TextDecoder().decode(Buffer.from(payload, "base64url"))) as JWTPayload;
  } catch {
    return refuse("invalid_grant", "invalid assertion");
  }
}

async function verifySignature(org: Org, app: PracticeApp, assertion: string): Promise<JWTPayload> {
  if (!app.hasCertificate) refuse("invalid_grant", "invalid assertion");
  const { compactVerify } = await import("jose/jws/compact/verify");
  const verified = await compactVerify(assertion, org.publicKey, { algorithms: ["RS256"] })
    .catch(() => refuse("invalid_grant", "invalid assertion"));
  return JSON.parse(new TextDecoder().decode(verified.payload));
}

function checkReplay(org: Org, { iss, jti }: JWTPayload): void {
  if (jti === undefined) return;
  const id = `${iss} ${jti}`;
  if (org.assertionIds.has(id)) refuse("invalid_grant", "invalid assertion");
  org.assertionIds.add(id);
}

function checkExpiry(org: Org, claims: JWTPayload): void {
  const exp = Number(claims.exp);
  if (!Number.isFinite(exp)) refuse("invalid_grant", "invalid assertion");
  if (exp * 1000 + EXP_TOLERANCE < orgTime(org)) {
    refuse("invalid_grant", "expired authorization code");
  }
}

function checkAudience(org: Org, { aud }: JWTPayload): void {
  const { audiences, ownAudience } = org.settings;
  const accepted = ownAudience ? [...audiences, org.loginUrl, org.instanceUrl] : audiences;
  const asked = typeof aud === "string" ? aud.replace(/\/$/, "") : undefined;
  if (!asked || !accepted.includes(asked)) refuse("invalid_grant", "audience is invalid");
}

function findSubject(org: Org, { sub, prn }: JWTPayload): PracticeUser {
  const username = sub ?? prn;
  const user = typeof username === "string" ? findUser(org, username) : undefined;
  if (!user) refuse("invalid_grant", "authentication failure");
  if (user.refusal) throw oauthRefusal(user.refusal);
  return user;
}

function checkRate(org: Org, user: PracticeUser): void {
  const now = Date.now();
  let hour = org.logins.get(user);
  if (!hour || hour.since + HOUR < now) org.logins.set(user, hour = { since: now, count: 0 });
  if (++hour.count > org.settings.loginsPerHour) refuse("invalid_grant", "login rate exceeded");
}

function checkApproval(org: Org, user: PracticeUser, app: PracticeApp): void {
  if (app.permittedUsers === "admin-approved" && !user.isPreAuthorized) {
    refuse("invalid_app_access", "user is not admin approved to access this app");
  }
  if (app.permittedUsers === "self-authorize" && !hasApproved(org, user, app)) {
    refuse("invalid_grant", "user hasn't approved this consumer");
  }
}
