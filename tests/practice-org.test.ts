/** The practice org as any client sees it: raw fetch and assertions signed here, no part of sfetch in between. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { after, beforeEach, describe, test } from "node:test";
import { createRemoteJWKSet, importPKCS8, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { generateKeyPair } from "../cli/keys/keys.ts";
import {
  type PracticeApp,
  type PracticeOrg,
  type RestErrorName,
  startPracticeOrg,
} from "../practice-org/mod.ts";
import {
  childEnv,
  root,
  runSelf,
  selfCommand,
  startSelf,
  temporaryFolder,
} from "./helpers/runtime.ts";
import { missing } from "./helpers/missing.ts";
import { openTerminal } from "./helpers/terminal.ts";

const org = await startPracticeOrg({ rows: 3 });
after(() => org.close());
const key = await importPKCS8(org.privateKey!, "RS256");
const otherKey = await importPKCS8((await generateKeyPair()).privateKeyPem, "RS256");
const { admin } = org.users;
const defaults = structuredClone(org.control.set({}));

beforeEach(() => {
  org.control.set(structuredClone(defaults));
  org.control.clearFaults();
  org.control.clearRequests();
});

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const now = (): number => Math.floor(Date.now() / 1000);

/** An assertion in order, save for what is given. */
function sign(claims: JWTPayload = {}, signer: CryptoKey | Uint8Array = key, alg = "RS256") {
  const { clientId: iss, username: sub, url: aud } = org;
  return new SignJWT({ iss, sub, aud, exp: now() + 180, ...claims })
    .setProtectedHeader({ alg })
    .sign(signer);
}

function postForm(path: string, form: Record<string, string>): Promise<Response> {
  return fetch(org.url + path, {
    method: "POST",
    body: new URLSearchParams(form),
    redirect: "manual",
  });
}

function exchange(assertion: string): Promise<Response> {
  return postForm("/services/oauth2/token", { grant_type: JWT_BEARER, assertion });
}

async function signIn(claims: JWTPayload = {}): Promise<Record<string, string>> {
  const response = await exchange(await sign(claims));
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

function get(path: string, token?: string, init: RequestInit = {}): Promise<Response> {
  return fetch(org.url + path, {
    redirect: "manual",
    ...init,
    headers: { ...(token && { Authorization: `Bearer ${token}` }), ...init.headers },
  });
}

const limits = (token?: string): Promise<Response> => get("/services/data/v67.0/limits", token);

async function assertRefused(response: Response, error: string, description: string) {
  assert.deepEqual(await response.json(), { error, error_description: description });
  assert.equal(response.status, 400);
}

async function assertRestError(response: Response, status: number, errorCode: string, text = /./) {
  const [first, ...rest] = await response.json();
  assert.equal(first.errorCode, errorCode);
  assert.match(first.message, text);
  assert.equal(response.status, status);
  assert.deepEqual(rest, []);
}

describe("token endpoint", () => {
  test("a good assertion gets a token that opens the API", async () => {
    const token = await signIn();
    assert.match(token.access_token!, /^00D\w{12}![\w.]{90,}$/);
    assert.equal(token.instance_url, org.url);
    assert.equal(token.token_type, "Bearer");
    assert.match(token.id!, new RegExp(`^${org.url}/id/00D\\w{15}/${admin.id}$`));
    assert.ok(token.scope!.split(" ").includes("api"));
    assert.ok(Math.abs(Number(token.issued_at) - Date.now()) < 60_000);
    assert.equal(token.expires_in, undefined);
    assert.equal(token.refresh_token, undefined);
    assert.equal((await limits(token.access_token)).status, 200);
  });

  const leniencies: [string, () => JWTPayload][] = [
    ["exp in milliseconds, as the sf CLI sends it", () => ({ exp: Date.now() + 300 })],
    ["exp as a string, as simple-salesforce sends it", () => ({ exp: `${now() + 180}` as never })],
    ["exp that is just past, as CumulusCI sends it", () => ({ exp: now() - 1 })],
    ["aud with a trailing slash", () => ({ aud: org.url + "/" })],
    ["aud login.salesforce.com", () => ({ aud: "https://login.salesforce.com" })],
    ["sub in upper case", () => ({ sub: org.username.toUpperCase() })],
  ];
  for (const [what, claims] of leniencies) {
    test(`takes ${what}`, async () => {
      await signIn(claims());
    });
  }

  const secret = new TextEncoder().encode(org.certificate);
  const forged = async (): Promise<string> => {
    const [header, , signature] = (await sign()).split(".");
    const [, payload] = (await sign({ sub: org.users.locked.username })).split(".");
    return [header, payload, signature].join(".");
  };
  const unsigned = async (): Promise<string> => {
    const [, payload] = (await sign()).split(".");
    return `${btoa('{"alg":"none"}').replace(/=+$/, "")}.${payload}.`;
  };
  const { users, apps } = org;
  const as = (app: PracticeApp) => () => sign({ iss: app.clientId });
  const invalid = ["invalid_grant", "invalid assertion"] as const;
  const catalogue: [string, () => string | Promise<string>, string, string][] = [
    ["another key's signature", () => sign({}, otherKey), ...invalid],
    ["a signature of another payload", forged, ...invalid],
    ["the certificate as an HMAC secret", () => sign({}, secret, "HS256"), ...invalid],
    ["no signature", unsigned, ...invalid],
    ["no JWT", () => org.privateKey!, ...invalid],
    ["no exp", () => sign({ exp: undefined }), ...invalid],
    ["an app without certificate", as(apps.withoutCertificate), ...invalid],
    [
      "exp in the past",
      () => sign({ exp: now() - 600 }),
      "invalid_grant",
      "expired authorization code",
    ],
    [
      "a sandbox's audience",
      () => sign({ aud: "https://test.salesforce.com" }),
      "invalid_grant",
      "audience is invalid",
    ],
    [
      "a foreign audience",
      () => sign({ aud: "https://example.com" }),
      "invalid_grant",
      "audience is invalid",
    ],
    [
      "an unknown consumer key",
      () => sign({ iss: org.clientId + "x" }),
      "invalid_client_id",
      "client identifier invalid",
    ],
    ["no iss", () => sign({ iss: undefined }), "invalid_client_id", "client identifier invalid"],
    [
      "an unknown user",
      () => sign({ sub: "nobody@practice.example" }),
      "invalid_grant",
      "authentication failure",
    ],
    [
      "an inactive user",
      () => sign({ sub: users.inactive.username }),
      "inactive_user",
      "user is inactive",
    ],
    [
      "a frozen user",
      () => sign({ sub: users.frozen.username }),
      "invalid_grant",
      "invalid user credentials",
    ],
    [
      "a locked user",
      () => sign({ sub: users.locked.username }),
      "invalid_grant",
      "user is locked",
    ],
    [
      "a user of other hours or addresses",
      () => sign({ sub: users.ipRestricted.username }),
      "invalid_grant",
      "ip restricted or invalid login hours",
    ],
    [
      "a user who is not on the app",
      () => sign({ sub: users.notApproved.username }),
      "invalid_app_access",
      "user is not admin approved to access this app",
    ],
    [
      "an app that nobody approved",
      as(apps.selfAuthorize),
      "invalid_grant",
      "user hasn't approved this consumer",
    ],
    [
      "an app that is not installed",
      as(apps.notInstalled),
      "app_not_found",
      "External client app is not installed in this org",
    ],
    [
      "a connected app that is not installed",
      as(apps.uninstalled),
      "invalid_client",
      "app must be installed into org",
    ],
    ["a blocked app", as(apps.blocked), "OAUTH_APP_BLOCKED", "app is blocked by admin"],
    [
      "an app of another org",
      as(apps.crossOrg),
      "OAUTH_AUTHORIZATION_BLOCKED",
      "Cross-org OAuth flows are not supported for this external client app",
    ],
  ];
  for (const [what, assertion, error, description] of catalogue) {
    test(`refuses ${what}: ${error}, ${description}`, async () => {
      await assertRefused(await exchange(await assertion()), error, description);
    });
  }

  test("refuses an assertion's id the second time, also where the first try failed", async () => {
    const assertion = await sign({ jti: randomUUID() });
    assert.equal((await exchange(assertion)).status, 200);
    await assertRefused(await exchange(assertion), ...invalid);
    const jti = randomUUID();
    await exchange(await sign({ jti, aud: "https://test.salesforce.com" }));
    await assertRefused(await exchange(await sign({ jti })), ...invalid);
  });

  test("an assertion without id may come again", async () => {
    const assertion = await sign();
    assert.equal((await exchange(assertion)).status, 200);
    assert.equal((await exchange(assertion)).status, 200);
  });

  test("refuses another grant type, a misspelt parameter and a body that is not a form", async () => {
    const assertion = await sign();
    const wrong = ["unsupported_grant_type", "grant type not supported"] as const;
    const path = "/services/oauth2/token";
    await assertRefused(await postForm(path, { grant_type: "password", assertion }), ...wrong);
    await assertRefused(await postForm(path, { grand_type: JWT_BEARER, assertion }), ...wrong);
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ grant_type: JWT_BEARER, assertion });
    await assertRefused(await fetch(org.url + path, { method: "POST", headers, body }), ...wrong);
  });

  test("refuses GET, a missing assertion and a scope", async () => {
    const path = "/services/oauth2/token";
    await assertRefused(await get(path), "invalid_request", "must use HTTP POST");
    const form = { grant_type: JWT_BEARER };
    assert.equal((await (await postForm(path, form)).json()).error, "invalid_request");
    const scoped = await postForm(path, { ...form, assertion: await sign(), scope: "api" });
    await assertRefused(scoped, "invalid_request", "scope parameter not supported");
  });

  test("clockOffset moves the Date header and what exp is held against", async () => {
    org.control.set({ clockOffset: 2 * 3600_000 });
    const response = await exchange(await sign());
    const date = Date.parse(response.headers.get("Date")!);
    assert.ok(Math.abs(date - Date.now() - 2 * 3600_000) < 60_000, response.headers.get("Date")!);
    await assertRefused(response, "invalid_grant", "expired authorization code");
    await signIn({ exp: Math.floor(date / 1000) + 180 });
    org.control.set({ clockOffset: -2 * 3600_000 });
    await signIn({ exp: now() - 3600 });
  });

  test("loginsPerHour refuses one sign-in too many", async () => {
    await withOwnOrg(async ({ control }, exchange) => {
      control.set({ loginsPerHour: 1 });
      assert.equal((await exchange()).status, 200);
      await assertRefused(await exchange(), "invalid_grant", "login rate exceeded");
    });
  });

  test("ownAudience false is an org that wants login.salesforce.com", async () => {
    org.control.set({ ownAudience: false });
    await assertRefused(await exchange(await sign()), "invalid_grant", "audience is invalid");
    await signIn({ aud: "https://login.salesforce.com" });
  });

  test("orgStatus suspends or deletes the org", async () => {
    org.control.set({ orgStatus: "suspended" });
    const text = "organization is locked, closed, or suspended";
    await assertRefused(await exchange(await sign()), "inactive_org", text);
    org.control.set({ orgStatus: "deleted" });
    const response = await exchange(await sign());
    assert.equal(response.status, 420);
    assert.equal(await response.text(), "Data Not Available");
  });

  test("any other refusal comes by a fault, once", async () => {
    org.control.fault({
      kind: "token-error",
      error: "unknown_error",
      description: "retry your request",
    });
    await assertRefused(await exchange(await sign()), "unknown_error", "retry your request");
    await signIn();
  });

  test("an app may issue JWT-based tokens, which the org's key set verifies", async () => {
    const token = await signIn({ iss: apps.jwtTokens.clientId });
    assert.equal(token.token_format, "jwt");
    const keys = createRemoteJWKSet(new URL("/id/keys", org.url));
    const { payload } = await jwtVerify(token.access_token!, keys, { issuer: org.url });
    assert.equal(payload.sub, `uid:${admin.id}`);
    assert.ok(payload.exp! > now());
    assert.equal((await limits(token.access_token)).status, 200);
    org.control.expireSessions();
    assert.equal((await limits(token.access_token)).status, 401);
  });
});

describe("sessions", () => {
  test("a dead, invented or missing token gets 401 INVALID_SESSION_ID", async () => {
    const { access_token } = await signIn();
    assert.ok(org.control.expireSessions() > 0);
    for (const token of [access_token, "00Dinvented!token", undefined]) {
      const response = await limits(token);
      assert.equal(response.status, 401);
      assert.equal(
        await response.text(),
        '[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]',
      );
    }
  });

  test("each call starts the idle time anew", async () => {
    const { access_token } = await signIn();
    org.control.set({ sessionTimeout: 0 });
    assert.equal((await limits(access_token)).status, 200);
    assert.equal((await limits(access_token)).status, 401);
  });

  test("a revoked token is dead, and cannot be revoked again", async () => {
    const { access_token: token } = await signIn();
    const path = "/services/oauth2/revoke";
    assert.equal((await postForm(path, { token: token! })).status, 200);
    assert.equal((await limits(token)).status, 401);
    const again = await postForm(path, { token: token! });
    assert.equal(again.status, 400);
    assert.equal((await again.json()).error, "invalid_token");
    const odd = await postForm(path, { token: token!, token_type_hint: "id_token" });
    assert.equal((await odd.json()).error, "unsupported_token_type");
  });

  test("userinfo and the identity URL know the user", async () => {
    const { access_token: token, id } = await signIn();
    const info = await (await get("/services/oauth2/userinfo", token)).json();
    assert.equal(info.user_id, admin.id);
    assert.equal(info.sub, id);
    assert.equal(info.preferred_username, org.username);
    const identity = await (await get(new URL(id!).pathname, token)).json();
    assert.equal(identity.username, org.username);
    assert.equal(identity.organization_id, info.organization_id);
    assert.equal(identity.urls.query, `${org.url}/services/data/v{version}/query/`);
  });

  test("the identity services answer a dead token with 403 Bad_OAuth_Token in plain text", async () => {
    const { access_token: token, id } = await signIn();
    org.control.expireSessions();
    for (const path of ["/services/oauth2/userinfo", new URL(id!).pathname]) {
      const response = await get(path, token);
      assert.equal(response.status, 403);
      assert.equal(await response.text(), "Bad_OAuth_Token");
    }
    assert.equal(await (await get("/services/oauth2/userinfo")).text(), "Missing_OAuth_Token");
  });

  test("introspection tells a live token from a dead one, and asks who asks", async () => {
    const { access_token: token } = await signIn();
    const path = "/services/oauth2/introspect";
    const form = { token: token!, client_id: org.clientId };
    const live = await (await postForm(path, form)).json();
    assert.equal(live.active, true);
    assert.equal(live.username, org.username);
    assert.ok(live.exp > now());
    org.control.expireSessions();
    assert.deepEqual(await (await postForm(path, form)).json(), { active: false });
    assert.equal((await postForm(path, { token: token! })).status, 401);
  });

  test("openid-configuration names the endpoints", async () => {
    const configuration = await (await get("/.well-known/openid-configuration")).json();
    assert.equal(configuration.token_endpoint, `${org.url}/services/oauth2/token`);
    assert.equal(configuration.jwks_uri, `${org.url}/id/keys`);
  });
});

describe("REST API", () => {
  test("/services/data lists the versions to anybody, without limit info", async () => {
    const response = await get("/services/data/");
    const versions = await response.json();
    assert.equal(response.headers.get("Sforce-Limit-Info"), null);
    assert.deepEqual(versions[0], {
      label: "Summer '14",
      url: "/services/data/v31.0",
      version: "31.0",
    });
    const labels = Object.fromEntries(
      versions.map(({ version, label }: Record<string, string>) => [version, label]),
    );
    assert.equal(labels["32.0"], "Winter '15");
    assert.equal(labels["48.0"], "Spring '20");
    assert.equal(labels["67.0"], "Summer '26");
    assert.equal(versions.at(-1).label, "Winter '27");
  });

  test("a retired version is gone, an unknown one not found", async () => {
    const { access_token } = await signIn();
    const limitsOf = (version: string) => get(`/services/data/v${version}/limits`, access_token);
    await assertRestError(await limitsOf("30.0"), 410, "GONE");
    await assertRestError(await limitsOf("99.0"), 404, "NOT_FOUND");
    await assertRestError(await limitsOf("67.5"), 404, "NOT_FOUND");
  });

  test("Sforce-Limit-Info and /limits count the calls", async () => {
    const { access_token } = await signIn();
    const used = async () => {
      const response = await limits(access_token);
      const [, count] = /^api-usage=(\d+)\/100000$/.exec(
        response.headers.get("Sforce-Limit-Info")!,
      )!;
      return { count: Number(count), left: (await response.json()).DailyApiRequests.Remaining };
    };
    const first = await used();
    const second = await used();
    assert.equal(second.count, first.count + 1);
    assert.equal(second.left, first.left - 1);
  });

  test("an Authorization header of another kind is named", async () => {
    const response = await get("/services/data/v67.0/limits", undefined, {
      headers: { Authorization: "Basic YTpi" },
    });
    await assertRestError(response, 401, "INVALID_AUTH_HEADER");
  });

  test("too long a URI gets 414, URI and headers together 431", async () => {
    const { access_token } = await signIn();
    const long = (length: number) => `/services/data/v67.0/limits?q=${"x".repeat(length)}`;
    assert.equal((await get(long(15_000), access_token)).status, 200);
    assert.equal((await get(long(16_400), access_token)).status, 414);
    assert.equal((await get(long(16_300), access_token)).status, 431);
    const headers = { "X-Long": "x".repeat(16_400) };
    assert.equal((await get("/services/data", undefined, { headers })).status, 431);
  });

  test("a body that is not JSON gets 415, a wrong method 405", async () => {
    const { access_token } = await signIn();
    const post = { method: "POST", body: "Name=Acme" };
    const path = "/services/data/v67.0/sobjects/Account";
    await assertRestError(await get(path, access_token, post), 415, "UNSUPPORTED_MEDIA_TYPE");
    const wrong = await get("/services/data/v67.0/limits", access_token, { method: "DELETE" });
    await assertRestError(wrong, 405, "METHOD_NOT_ALLOWED");
  });

  test("web pages of other origins come in once an admin allows them", async () => {
    const { access_token } = await signIn();
    const origin = "https://app.example";
    const headers = { Origin: origin };
    const path = "/services/data/v67.0/limits";
    const allowed = async (path: string, init: RequestInit = { headers }) =>
      (await get(path, access_token, init)).headers.get("Access-Control-Allow-Origin");
    const preflight = {
      method: "OPTIONS",
      headers: { ...headers, "Access-Control-Request-Headers": "authorization" },
    };
    assert.equal(await allowed(path), null);
    org.control.set({ corsOrigins: [origin] });
    assert.equal(await allowed(path), origin);
    assert.equal(await allowed(path, preflight), origin);
    assert.equal(await allowed(path, { headers: { Origin: "https://evil.example" } }), null);
    assert.equal(await allowed("/services/oauth2/userinfo"), null);
    org.control.set({ corsForOAuth: true });
    assert.equal(await allowed("/services/oauth2/userinfo"), origin);
  });
});

describe("browser approval", () => {
  const { selfAuthorize, webServer, main } = org.apps;
  const callback = "http://localhost:1717/OauthRedirect";

  const authorize = (parameters: Record<string, string>): Promise<Response> =>
    get(`/services/oauth2/authorize?${new URLSearchParams(parameters)}`);

  const requestIn = (page: string): string => /name="request" value="([^"]+)"/.exec(page)![1]!;

  async function logIn(parameters: Record<string, string>, username = org.username) {
    const page = await (await authorize(parameters)).text();
    const request = requestIn(page);
    const response = await postForm("/services/oauth2/authorize/login", {
      request,
      username,
      pw: "secret",
    });
    return { request, response };
  }

  async function decide(parameters: Record<string, string>, decision: string): Promise<URL> {
    const { request, response } = await logIn({ prompt: "consent", ...parameters });
    assert.match(await response.text(), /Allow Access\?/);
    const answer = await postForm("/services/oauth2/authorize/consent", { request, decision });
    assert.equal(answer.status, 302);
    return new URL(answer.headers.get("Location")!);
  }

  const web = { client_id: webServer.clientId, redirect_uri: callback, response_type: "code" };

  test("an approval with refresh token lets the JWT bearer flow through, one without does not", async () => {
    const userAgent = { client_id: selfAuthorize.clientId, response_type: "token", state: "s1" };
    const claims = { iss: selfAuthorize.clientId };
    await decide({ ...userAgent, scope: "api" }, "allow");
    assert.equal((await exchange(await sign(claims))).status, 400);
    const back = await decide({ ...userAgent, scope: "api offline_access" }, "allow");
    assert.equal(back.origin + back.pathname, callback);
    const answer = new URLSearchParams(back.hash.slice(1));
    assert.equal(answer.get("state"), "s1");
    assert.equal(answer.get("instance_url"), org.url);
    assert.ok(answer.get("refresh_token"));
    assert.equal((await limits(answer.get("access_token")!)).status, 200);
    await signIn(claims);
  });

  test("a code is exchanged once, with its verifier and secret", async () => {
    const verifier = "v".repeat(50);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    const challenge = Buffer.from(digest).toString("base64url");
    const codeFor = async (): Promise<string> => {
      const back = await decide({ ...web, code_challenge: challenge }, "allow");
      return back.searchParams.get("code")!;
    };
    const trade = async (changes: Record<string, string> = {}): Promise<Response> =>
      postForm("/services/oauth2/token", {
        grant_type: "authorization_code",
        client_id: webServer.clientId,
        client_secret: webServer.clientSecret,
        redirect_uri: callback,
        code_verifier: verifier,
        code: changes.code ?? await codeFor(),
        ...changes,
      });
    const code = await codeFor();
    const token = await (await trade({ code })).json();
    assert.equal((await limits(token.access_token)).status, 200);
    await assertRefused(await trade({ code }), "invalid_grant", "invalid authorization code");
    await assertRefused(
      await trade({ code_verifier: "wrong" }),
      "invalid_grant",
      "invalid code verifier",
    );
    await assertRefused(
      await trade({ client_secret: "wrong" }),
      "invalid_client",
      "invalid client credentials",
    );
    await assertRefused(
      await trade({ redirect_uri: "http://localhost:9" }),
      "redirect_uri_mismatch",
      "redirect_uri must match configuration",
    );

    const refresh = (): Promise<Response> =>
      postForm("/services/oauth2/token", {
        grant_type: "refresh_token",
        client_id: webServer.clientId,
        client_secret: webServer.clientSecret,
        refresh_token: token.refresh_token,
      });
    org.control.expireSessions();
    const fresh = await (await refresh()).json();
    assert.equal((await limits(fresh.access_token)).status, 200);
    await postForm("/services/oauth2/revoke", { token: token.refresh_token });
    assert.equal((await limits(fresh.access_token)).status, 401);
    await assertRefused(await refresh(), "invalid_grant", "expired access/refresh token");
  });

  test("a denial goes back to the app", async () => {
    const back = await decide({ ...web, state: "a b" }, "deny");
    assert.equal(back.searchParams.get("error"), "access_denied");
    assert.equal(back.searchParams.get("error_description"), "end-user denied authorization");
    assert.equal(back.searchParams.get("state"), "a b");
  });

  test("a callback that is not the app's is never redirected to", async () => {
    const response = await authorize({ ...web, redirect_uri: "https://evil.example" });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /error=redirect_uri_mismatch/);
    const unknown = await authorize({ ...web, client_id: "nobody" });
    assert.equal(unknown.status, 400);
    assert.match(await unknown.text(), /error=invalid_client_id/);
  });

  test("what is wrong with the app or the request goes to the callback", async () => {
    const errorOf = async (changes: Record<string, string>): Promise<string | null> => {
      const response = await authorize({ ...web, ...changes });
      return new URL(response.headers.get("Location")!).searchParams.get("error");
    };
    assert.equal(await errorOf({ response_type: "x" }), "unsupported_response_type");
    assert.equal(await errorOf({ scope: "chatter_api" }), "invalid_scope");
    const { blocked, notInstalled } = org.apps;
    assert.equal(await errorOf({ client_id: blocked.clientId }), "OAUTH_APP_BLOCKED");
    assert.equal(await errorOf({ client_id: notInstalled.clientId }), "OAUTH_EC_APP_NOT_FOUND");
  });

  test("an admin-approved app asks nothing, and lets only approved users in", async () => {
    const preApproved = { ...web, client_id: main.clientId };
    const { response } = await logIn(preApproved);
    assert.ok(new URL(response.headers.get("Location")!).searchParams.get("code"));
    const { response: refused } = await logIn(preApproved, org.users.notApproved.username);
    const back = new URL(refused.headers.get("Location")!);
    assert.equal(back.searchParams.get("error"), "OAUTH_APP_ACCESS_DENIED");
  });

  test("a login that fails shows the page again, what was typed made harmless", async () => {
    const { response } = await logIn(web, '"><script>alert(1)</script>');
    const page = await response.text();
    assert.match(page, /check your username/);
    assert.doesNotMatch(page, /<script>/);
  });
});

describe("faults", () => {
  test("a status comes as often as told, on the path it is for", async () => {
    const { access_token } = await signIn();
    org.control.fault({
      kind: "status",
      status: 503,
      retryAfter: 7,
      times: 2,
      path: "/services/data/v",
    });
    assert.equal((await get("/services/data")).status, 200);
    const first = await limits(access_token);
    assert.equal(first.status, 503);
    assert.equal(first.headers.get("Retry-After"), "7");
    assert.equal((await limits(access_token)).headers.get("Retry-After"), "7");
    assert.equal((await limits(access_token)).status, 200);
  });

  test("after lets some requests through first, always stays until it is cleared", async () => {
    const { access_token } = await signIn();
    org.control.fault({ kind: "status", status: 500, after: 1, times: "always" });
    const status = async (): Promise<number> => (await limits(access_token)).status;
    assert.deepEqual([await status(), await status(), await status()], [200, 500, 500]);
    org.control.clearFaults();
    assert.equal(await status(), 200);
  });

  const texts: [RestErrorName, number, string, RegExp][] = [
    [
      "session-not-for-rest",
      401,
      "INVALID_SESSION_ID",
      /^This session is not valid for use with the REST API$/,
    ],
    ["app-not-attached", 401, "INVALID_SESSION_ID", /^Connected app is not attached to Agent$/],
    ["daily-limit", 403, "REQUEST_LIMIT_EXCEEDED", /^TotalRequests Limit exceeded\.$/],
    ["concurrent-limit", 403, "REQUEST_LIMIT_EXCEEDED", /^ConcurrentRequests/],
    ["server-unavailable", 503, "SERVER_UNAVAILABLE", /./],
  ];
  for (const [error, status, code, text] of texts) {
    test(`the API's own error: ${error}`, async () => {
      const { access_token } = await signIn();
      org.control.fault({ kind: "rest-error", error });
      await assertRestError(await limits(access_token), status, code, text);
      assert.equal((await limits(access_token)).status, 200);
    });
  }

  test("cut: no answer; cut-mid-body: half of one", async () => {
    const { access_token } = await signIn();
    // Deno and Bun try once more by themselves on a connection that was used before.
    org.control.fault({ kind: "cut", times: "always" });
    await assert.rejects(limits(access_token));
    org.control.clearFaults();
    org.control.fault({ kind: "cut-mid-body" });
    await assert.rejects(limits(access_token).then((response) => response.text()));
    assert.equal((await limits(access_token)).status, 200);
  });

  test("hang: silence until the client gives up, while others are served", async () => {
    const { access_token } = await signIn();
    org.control.fault({ kind: "hang" });
    const patience = new AbortController();
    const headers = { Authorization: `Bearer ${access_token}` };
    const url = `${org.url}/services/data/v67.0/limits?hangs`;
    const hanging = fetch(url, { headers, signal: patience.signal }).then(
      () => "answered",
      () => "gave up",
    );
    await until(() => org.control.requests().some(({ path }) => path.endsWith("?hangs")));
    assert.equal((await limits(access_token)).status, 200);
    patience.abort();
    assert.equal(await hanging, "gave up");
  });

  test("hang-mid-body: half of the answer, then silence", async () => {
    const { access_token } = await signIn();
    org.control.fault({ kind: "hang-mid-body" });
    const patience = new AbortController();
    const headers = { Authorization: `Bearer ${access_token}` };
    const url = `${org.url}/services/data/v67.0/limits`;
    const response = await fetch(url, { headers, signal: patience.signal });
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    assert.equal(value!.length, Number(response.headers.get("Content-Length")) >> 1);
    const rest = reader.read().then(() => "more", () => "gave up");
    assert.equal((await limits(access_token)).status, 200);
    patience.abort();
    assert.equal(await rest, "gave up");
  });

  test("slow: a later request is answered first", async () => {
    const { access_token } = await signIn();
    org.control.fault({ kind: "slow", delay: 1000 });
    const order: string[] = [];
    const slow = limits(access_token).then(() => order.push("slow"));
    await until(() => org.control.requests().some(({ path }) => path.endsWith("/limits")));
    await limits(access_token).then(() => order.push("quick"));
    await slow;
    assert.deepEqual(order, ["quick", "slow"]);
  });

  test("html and redirect", async () => {
    org.control.fault({ kind: "html" });
    const page = await get("/services/data");
    assert.match(page.headers.get("Content-Type")!, /^text\/html/);
    org.control.fault({ kind: "redirect", location: "https://elsewhere.example/x" });
    const redirect = await get("/services/data");
    assert.equal(redirect.status, 302);
    assert.equal(redirect.headers.get("Location"), "https://elsewhere.example/x");
  });

  test("the request log tells of bearers, never what they were", async () => {
    const { access_token } = await signIn();
    await limits(access_token);
    await get("/services/data");
    await get(`/services/oauth2/revoke?token=${access_token}`);
    const log = org.control.requests();
    assert.deepEqual(log.map(({ method, path, bearer }) => [method, path, bearer]), [
      ["POST", "/services/oauth2/token", false],
      ["GET", "/services/data/v67.0/limits", true],
      ["GET", "/services/data", false],
      ["GET", "/services/oauth2/revoke?token=****", false],
    ]);
    assert.equal(org.control.tokenRequests(), 1);
  });
});

describe("a moved instance", () => {
  test("new tokens are for the new URL, and the old one answers as told", async () => {
    await withOwnOrg(async ({ url, control }, exchange) => {
      const signIn = async (): Promise<Record<string, string>> => (await exchange()).json();
      const limitsAt = (origin: string, token = ""): Promise<Response> =>
        fetch(`${origin}/services/data/v67.0/limits`, {
          headers: { Authorization: `Bearer ${token}` },
        });
      const { access_token: old } = await signIn();
      const second = await control.moveInstance();
      assert.equal((await limitsAt(url, old)).status, 401);
      const { access_token, instance_url } = await signIn();
      assert.equal(instance_url, second);
      assert.equal((await limitsAt(second, access_token)).status, 200);
      await assertRestError(await limitsAt(url, access_token), 401, "INVALID_SESSION_ID");
      const third = await control.moveInstance("420");
      assert.equal((await limitsAt(second, access_token)).status, 420);
      await control.moveInstance("URL_NOT_RESET");
      await assertRestError(await limitsAt(third, access_token), 400, "URL_NOT_RESET");
    });
  });
});

describe("control over HTTP", () => {
  const control = (name: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${org.url}/_practice/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  test("does what the control in the process does", async () => {
    const { access_token } = await signIn();
    assert.ok((await (await control("expire-sessions", {})).json()).expired > 0);
    assert.equal((await limits(access_token)).status, 401);
    await control("fault", { kind: "status", status: 502 });
    assert.equal((await get("/services/data")).status, 502);
    assert.equal((await (await control("set", { clockOffset: 1000 })).json()).clockOffset, 1000);
    const log = await (await control("requests", {})).json();
    assert.equal(log.tokenRequests, 1);
    assert.equal(log.requests.length, 3);
  });

  test("changes users and apps, and approves in the user's place", async () => {
    await withOwnOrg(async (own, exchange) => {
      const steer = async (name: string, body: unknown): Promise<Record<string, unknown>> => {
        const headers = { "Content-Type": "application/json" };
        const init = { method: "POST", headers, body: JSON.stringify(body) };
        return await (await fetch(`${own.url}/_practice/${name}`, init)).json();
      };
      const { username, clientId } = own;
      const user = await steer("user", { username, isPreAuthorized: false });
      assert.equal(user.isPreAuthorized, false);
      assert.equal((await (await exchange()).json()).error, "invalid_app_access");
      const app = await steer("app", { clientId, permittedUsers: "self-authorize" });
      assert.equal(app.permittedUsers, "self-authorize");
      assert.equal(app.clientSecret, undefined);
      assert.equal((await (await exchange()).json()).error, "invalid_grant");
      await steer("approve", { username, clientId });
      assert.equal((await exchange()).status, 200);
      const { instanceUrl } = await steer("move-instance", {});
      assert.notEqual(instanceUrl, own.url);
      assert.equal((await (await exchange()).json()).instance_url, instanceUrl);
    });
  });

  test("names what it does not know", async () => {
    const errorOf = async (name: string, body: unknown): Promise<string> => {
      const response = await control(name, body);
      assert.equal(response.status, 400);
      return (await response.json()).error;
    };
    assert.match(await errorOf("explode", {}), /no control "explode"/);
    assert.match(await errorOf("set", { colour: "red" }), /no setting "colour"/);
    assert.match(await errorOf("fault", { kind: "flood" }), /kind is one of status/);
    assert.match(await errorOf("user", { username: "nobody" }), /no user "nobody"/);
  });

  test("a web page cannot use it", async () => {
    const simple = { method: "POST", headers: { "Content-Type": "text/plain" }, body: "{}" };
    assert.equal((await fetch(`${org.url}/_practice/expire-sessions`, simple)).status, 403);
    const preflight = await fetch(`${org.url}/_practice/expire-sessions`, {
      method: "OPTIONS",
      headers: { Origin: "https://evil.example" },
    });
    assert.equal(preflight.headers.get("Access-Control-Allow-Origin"), null);
    assert.equal(preflight.status, 403);
  });
});

describe("sfetch practice", () => {
  /** Starts the command and waits for its ready line. */
  async function startCommand(args: string[]) {
    const home = temporaryFolder();
    const child = startSelf(["practice", ...args], { env: childEnv({ HOME: home, TMPDIR: home }) });
    const exited = once(child, "exit") as Promise<[number | null]>;
    let stderr = "";
    child.stderr!.on("data", (chunk) => stderr += chunk);
    const [line] = await once(createInterface(child.stdout!), "line") as [string];
    return {
      ready: JSON.parse(line),
      stderr: () => stderr,
      home,
      async end(signal: NodeJS.Signals): Promise<number | null> {
        // Not child.kill(): on Deno the exit then counts as caused by the signal, whatever the child did.
        process.kill(child.pid!, signal);
        const [code] = await exited;
        return code;
      },
    };
  }

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`is ready with a key of its own, and ${signal} leaves nothing behind`, async () => {
      const { ready, stderr, home, end } = await startCommand(["--rows", "1"]);
      const { privateKeyFile, url, clientId, username } = ready;
      assert.equal(statSync(privateKeyFile).mode & 0o777, 0o600);
      assert.equal(statSync(dirname(privateKeyFile)).mode & 0o777, 0o700);
      const own = await importPKCS8(await readFile(privateKeyFile, "utf8"), "RS256");
      const response = await fetch(url + "/services/oauth2/token", {
        method: "POST",
        body: new URLSearchParams({
          grant_type: JWT_BEARER,
          assertion: await sign({ iss: clientId, sub: username, aud: url }, own),
        }),
      });
      assert.equal(response.status, 200);
      assert.match(stderr(), new RegExp(`export SF_LOGIN_URL=${url}`));
      assert.match(stderr(), new RegExp(`export SF_PRIVATE_KEY_FILE=${privateKeyFile}`));
      // A request without an answer must not keep the command from ending.
      await fetch(url + "/_practice/fault", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: '{"kind":"hang"}',
      });
      const hanging = fetch(url + "/services/data").then(() => "answered", () => "cut");
      assert.equal(await end(signal), 0);
      assert.equal(await hanging, "cut");
      assert.ok(!existsSync(dirname(privateKeyFile)));
      await rm(home, { recursive: true });
    });
  }

  test(
    "in a terminal prints the lines to paste, and no JSON",
    { skip: missing("tmux") },
    async () => {
      const terminal = await openTerminal({
        command: [...selfCommand(), join(root, "cli.ts"), "practice", "--rows", "1"],
        width: 200,
      });
      try {
        await terminal.waitFor(/^export SF_LOGIN_URL=http:\S+\n[\s\S]*_practice\/fault/m);
        const screen = await terminal.screen();
        assert.equal(screen.match(/^export SF_\w+=\S+$/gm)?.length, 4, screen);
        assert.doesNotMatch(screen, /^\{/m);
        await terminal.press("C-c");
        assert.equal(await terminal.exited(), 0);
      } finally {
        await terminal.close();
      }
    },
  );

  test("--cert and --key take a pair that is there, PEM or DER", async () => {
    const folder = temporaryFolder();
    const pair = await generateKeyPair();
    await writeFile(join(folder, "server.key"), pair.privateKeyPem);
    await writeFile(join(folder, "server.crt"), pair.certificateDer);
    const flags = ["--cert", join(folder, "server.crt"), "--key", join(folder, "server.key")];
    const { ready, stderr, home, end } = await startCommand([...flags, "--json"]);
    assert.equal(ready.privateKeyFile, join(folder, "server.key"));
    const own = await importPKCS8(pair.privateKeyPem, "RS256");
    const { url: aud, clientId: iss } = ready;
    const response = await fetch(aud + "/services/oauth2/token", {
      method: "POST",
      body: new URLSearchParams({
        grant_type: JWT_BEARER,
        assertion: await sign({ iss, aud }, own),
      }),
    });
    assert.equal(response.status, 200);
    assert.equal(stderr(), "");
    assert.equal(await end("SIGTERM"), 0);
    assert.ok(existsSync(join(folder, "server.key")));
    await rm(folder, { recursive: true });
    await rm(home, { recursive: true });
  });

  const wrong: [string, string[], RegExp][] = [
    ["a port that is taken", ["--port", new URL(org.url).port], /Port \d+ is already in use/],
    ["a port that is no number", ["--port", "http"], /--port must be a whole number/],
    [
      "a certificate that is not there",
      ["--cert", "/nowhere.crt"],
      /Cannot read the certificate .*\(ENOENT\)/,
    ],
    ["a key without its certificate", ["--key", "server.key"], /--key needs --cert/],
  ];
  for (const [what, args, message] of wrong) {
    test(`${what} ends with exit code 2`, async () => {
      const { code, stderr, stdout } = await runSelf(["practice", ...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, "");
    });
  }

  test("a certificate that Salesforce would not take ends with exit code 2", async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, "server.crt"), org.privateKey!);
    const { code, stderr } = await runSelf(["practice", "--cert", join(folder, "server.crt")]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /not an X\.509 certificate with an RSA key/);
    await rm(folder, { recursive: true });
  });
});

/** Runs a test on an org of its own, where it can change what others would trip over. */
async function withOwnOrg(
  use: (org: PracticeOrg, exchange: () => Promise<Response>) => Promise<void>,
): Promise<void> {
  const own = await startPracticeOrg({ certificate: org.certificate });
  try {
    await use(own, async () =>
      fetch(own.url + "/services/oauth2/token", {
        method: "POST",
        body: new URLSearchParams({
          grant_type: JWT_BEARER,
          assertion: await sign({ iss: own.clientId, aud: own.url }),
        }),
      }));
  } finally {
    await own.close();
  }
}

/** Waits until something is so; the deadline is only a safety net. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("It never came to be");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
