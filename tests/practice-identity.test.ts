/** Sessions of the practice org, and who they belong to. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { now, rawOrg } from "./helpers/raw-org.ts";

const { org, postForm, signIn, get, limits } = await rawOrg();
const { admin } = org.users;

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

  test("each call restarts the idle time", async () => {
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

describe("identity: the lesser known", () => {
  test("the root names the identity URL, which has photos", async () => {
    const { access_token, id } = await signIn();
    const root = await (await get("/services/data/v67.0", access_token)).json();
    assert.equal(root.identity, id);
    const { photos } = await (await get(new URL(root.identity).pathname, access_token)).json();
    assert.deepEqual(Object.keys(photos), ["picture", "thumbnail"]);
  });

  test("an empty segment in a path is passed over, as the official CLI sends it", async () => {
    const { access_token } = await signIn();
    assert.equal((await get("//services/data/v67.0/limits", access_token)).status, 200);
    assert.equal((await get("//services/data")).status, 200);
  });

  test("singleaccess gives an address for the browser, to those who may open it", async () => {
    const { access_token } = await signIn();
    const { frontdoor_uri } = await (await get("/services/oauth2/singleaccess", access_token))
      .json();
    const front = new URL(frontdoor_uri);
    assert.deepEqual([front.origin, front.pathname], [org.url, "/secur/frontdoor.jsp"]);
    assert.ok(front.searchParams.get("otp")!.length > 20);
    const response = await fetch(`${org.url}/services/oauth2/singleaccess`, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}` },
      body: new URLSearchParams({ redirect_uri: "lightning/page/home" }),
    });
    const { searchParams } = new URL((await response.json()).frontdoor_uri);
    assert.equal(searchParams.get("startURL"), "lightning/page/home");
    assert.equal((await get("/services/oauth2/singleaccess")).status, 403);
  });
});
