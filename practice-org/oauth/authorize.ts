/**
 * Browser approval: `/services/oauth2/authorize` (web server and user-agent flows) with its login and consent pages.
 * Users who allow access with a refresh token have approved the app for the JWT bearer flow. Fields and buttons have
 * the same ids as on Salesforce's pages.
 */
import { randomBytes } from "node:crypto";
import type { OAuthRefusal } from "../errors.ts";
import { type Call, escapeHtml, html, parameters, redirect, type Reply } from "../http.ts";
import {
  approve,
  type AuthorizationRequest,
  findApp,
  findUser,
  hasApproved,
  type Org,
} from "../org.ts";
import type { PracticeApp, PracticeUser } from "../personas.ts";
import type { Grant } from "../sessions.ts";
import { describeToken, openSession } from "./token-endpoint.ts";

const LOGIN = "/services/oauth2/authorize/login";
const CONSENT = "/services/oauth2/authorize/consent";
const CODE_LIFETIME = 15 * 60 * 1000;

/** Answers `/services/oauth2/authorize` with the login page, if the request is valid. */
export function authorize(org: Org, call: Call): Reply {
  const form = parameters(call);
  const app = findApp(org, form.get("client_id"));
  if (!app) return errorPage("invalid_client_id", "client identifier invalid");
  const redirectUri = form.get("redirect_uri") ?? app.callbackUrls[0] ?? "";
  if (!app.callbackUrls.includes(redirectUri)) {
    return errorPage("redirect_uri_mismatch", "redirect_uri must match configuration");
  }
  const responseType = form.get("response_type");
  const request: AuthorizationRequest = {
    app,
    scopes: requestedScopes(form, app),
    redirectUri,
    responseType: responseType === "token" ? "token" : "code",
    state: form.get("state"),
    challenge: form.get("code_challenge"),
    asksAgain: (form.get("prompt") ?? "").split(" ").includes("consent"),
  };
  if (responseType !== "code" && responseType !== "token") {
    return sendBack(request, failure("unsupported_response_type", "response type not supported"));
  }
  if (app.refusal) return sendBack(request, refusalAtAuthorize(app.refusal));
  if (request.scopes.some((scope) => !app.scopes.includes(scope))) {
    return sendBack(request, failure("invalid_scope", "the requested scope is not allowed"));
  }
  const id = randomBytes(24).toString("base64url");
  org.authorizations.set(id, request);
  return loginPage(id, request, form.get("login_hint") ?? "");
}

/** Returns the short names of the requested scopes, or all scopes of the app if none are requested. */
function requestedScopes(form: URLSearchParams, app: PracticeApp): string[] {
  const scopes = (form.get("scope") ?? "").split(" ").filter(Boolean)
    .map((scope) => scope === "offline_access" ? "refresh_token" : scope);
  return scopes.length > 0 ? [...new Set(scopes)] : app.scopes;
}

/** Returns the error code that the callback receives for a refusal of an app. */
function refusalAtAuthorize({ error, description }: OAuthRefusal): Record<string, string> {
  return failure(error === "app_not_found" ? "OAUTH_EC_APP_NOT_FOUND" : error, description);
}

/** Answers the form of the login page. */
export async function logIn(org: Org, call: Call): Promise<Reply> {
  const form = parameters(call);
  const id = form.get("request") ?? "";
  const request = org.authorizations.get(id);
  if (!request) return expiredPage();
  const username = form.get("username") ?? "";
  const user = findUser(org, username);
  if (!user || user.refusal) return loginPage(id, request, username, true);
  const { app } = request;
  if (app.permittedUsers === "admin-approved" && !user.isPreAuthorized) {
    org.authorizations.delete(id);
    return sendBack(
      request,
      failure("OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app"),
    );
  }
  request.user = user;
  if (needsConsent(org, request, user)) return consentPage(id, request, user);
  org.authorizations.delete(id);
  return await grantAccess(org, request, user);
}

function needsConsent(org: Org, request: AuthorizationRequest, user: PracticeUser): boolean {
  if (request.app.permittedUsers === "admin-approved") return false;
  return request.asksAgain || !hasApproved(org, user, request.app);
}

/** Answers the form of the consent page. */
export async function decide(org: Org, call: Call): Promise<Reply> {
  const form = parameters(call);
  const id = form.get("request") ?? "";
  const request = org.authorizations.get(id);
  if (!request?.user) return expiredPage();
  org.authorizations.delete(id);
  if (form.get("decision") !== "allow") {
    return sendBack(request, failure("access_denied", "end-user denied authorization"));
  }
  // Without a refresh token the approval does not count for the JWT bearer flow.
  if (request.scopes.includes("refresh_token")) approve(org, request.user, request.app);
  return await grantAccess(org, request, request.user);
}

async function grantAccess(
  org: Org,
  request: AuthorizationRequest,
  user: PracticeUser,
): Promise<Reply> {
  const grant: Grant = { user, app: request.app, scopes: request.scopes };
  if (request.responseType === "code") {
    return sendBack(request, { code: issueCode(org, request, grant) });
  }
  const refreshToken = request.scopes.includes("refresh_token")
    ? org.sessions.openRefresh(grant)
    : undefined;
  const session = await openSession(org, grant, refreshToken);
  return sendBack(request, describeToken(org, session, refreshToken));
}

function issueCode(org: Org, request: AuthorizationRequest, grant: Grant): string {
  const code = `aPrx${randomBytes(36).toString("base64url")}==`;
  org.codes.set(code, {
    grant,
    redirectUri: request.redirectUri,
    challenge: request.challenge,
    expiresAt: Date.now() + CODE_LIFETIME,
  });
  return code;
}

/** Sends the browser back to the app: in the query for a code, in the fragment for a token. */
function sendBack(request: AuthorizationRequest, answer: Record<string, string>): Reply {
  const target = new URL(request.redirectUri);
  const values = new URLSearchParams(answer);
  if (request.state !== null) values.set("state", request.state);
  if (request.responseType === "token") target.hash = values.toString();
  else for (const [name, value] of values) target.searchParams.set(name, value);
  return redirect(target.href);
}

function failure(error: string, description: string): Record<string, string> {
  return { error, error_description: description };
}

/** Returns an error page, for requests whose callback cannot be trusted. */
function errorPage(error: string, description: string): Reply {
  const line = `error=${error}&error_description=${encodeURIComponent(description)}`;
  return html(400, "Authorization Error", `<p>${escapeHtml(line)}</p>`);
}

function expiredPage(): Reply {
  return html(400, "Authorization Error", "<p>This request has expired. Start again.</p>");
}

function loginPage(
  id: string,
  request: AuthorizationRequest,
  username: string,
  hasFailed = false,
): Reply {
  return html(
    200,
    "Login | Practice Org",
    `<h1>Practice Org</h1>
<p>Log in to use <b>${escapeHtml(request.app.name)}</b>. Any password will do.</p>
${hasFailed ? '<p id="error" role="alert">Please check your username and password.</p>' : ""}
<form method="post" action="${LOGIN}">
<input type="hidden" name="request" value="${id}">
<label for="username">Username</label>
<input id="username" name="username" value="${
      escapeHtml(username)
    }" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" name="pw" type="password" autocomplete="current-password">
<button id="Login">Log In</button>
</form>`,
  );
}

function consentPage(id: string, request: AuthorizationRequest, user: PracticeUser): Reply {
  const scopes = request.scopes.map((scope) => `<li>${escapeHtml(scope)}</li>`).join("");
  return html(
    200,
    "Allow Access? | Practice Org",
    `<h1>Allow Access?</h1>
<p><b>${escapeHtml(request.app.name)}</b> asks for:</p>
<ul>${scopes}</ul>
<p>You are logged in as ${escapeHtml(user.username)}.</p>
<form method="post" action="${CONSENT}">
<input type="hidden" name="request" value="${id}">
<button id="oaapprove" name="decision" value="allow">Allow</button>
<button id="oadeny" name="decision" value="deny">Deny</button>
</form>`,
  );
}
