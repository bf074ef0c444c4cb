/** Approval in the browser: the practice org's login and consent pages. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { request } from "node:http";
import { describe, test } from "node:test";
import { assertRefused, rawOrg } from "./helpers/raw-org.ts";

const { org, sign, postForm, exchange, signIn, get, limits } = await rawOrg();

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

test("pages are for this machine only, whatever name leads here", async () => {
  const statusFor = (path: string, host: string) =>
    new Promise<number>((resolve, reject) => {
      request(org.url + path, { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      }).on("error", reject).end();
    });
  const port = new URL(org.url).port;
  for (const path of ["/services/oauth2/authorize?client_id=x", "/", "/_practice/requests"]) {
    const [own, evil] = [
      await statusFor(path, `localhost:${port}`),
      await statusFor(path, "evil.example"),
    ];
    assert.equal(evil, path.startsWith("/_practice") ? 403 : 421, path);
    assert.notEqual(own, 421, path);
  }
  assert.equal(await statusFor("/services/data", "evil.example"), 200);
});
