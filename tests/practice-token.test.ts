/** The practice org's token endpoint. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { createRemoteJWKSet, importPKCS8, type JWTPayload, jwtVerify } from "jose";
import { generateKeyPair } from "../cli/keys/keys.ts";
import type { PracticeApp } from "../practice-org/mod.ts";
import { assertRefused, JWT_BEARER, now, rawOrg } from "./helpers/raw-org.ts";

const { org, sign, postForm, exchange, signIn, get, limits, withOwnOrg } = await rawOrg();
const otherKey = await importPKCS8((await generateKeyPair()).privateKeyPem, "RS256");
const { admin } = org.users;

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

describe("client credentials", () => {
  const { clientCredentials: app, main, webServer } = org.apps;
  const ask = (form: Record<string, string>) =>
    postForm("/services/oauth2/token", { grant_type: "client_credentials", ...form });
  const own = { client_id: app.clientId, client_secret: app.clientSecret };

  test("an app that runs as a user gets a token of that user, without a refresh token", async () => {
    const token = await (await ask(own)).json();
    assert.equal(token.refresh_token, undefined);
    assert.match(token.id, new RegExp(`/${org.users.admin.id}$`));
    assert.equal((await limits(token.access_token)).status, 200);
  });

  test("key and secret may come in the header", async () => {
    const response = await fetch(`${org.url}/services/oauth2/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${app.clientId}:${app.clientSecret}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    assert.equal(response.status, 200);
  });

  test("a wrong or missing secret, and an app that runs as nobody, are refused", async () => {
    const secretWrong = ["invalid_client", "invalid client credentials"] as const;
    await assertRefused(await ask({ ...own, client_secret: "no" }), ...secretWrong);
    await assertRefused(await ask({ client_id: app.clientId }), ...secretWrong);
    await assertRefused(await ask({ client_id: main.clientId }), ...secretWrong);
    const nobody = { client_id: webServer.clientId, client_secret: webServer.clientSecret };
    const text = "no client credentials user enabled";
    await assertRefused(await ask(nobody), "invalid_grant", text);
  });
});
