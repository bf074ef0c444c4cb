/** The practice org's control over HTTP. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rawOrg } from "./helpers/raw-org.ts";

const { org, signIn, get, limits, withOwnOrg } = await rawOrg();

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
    assert.match(
      await errorOf("fault", { kind: "flood" }),
      /Unknown kind of fault "flood"; use one of status/,
    );
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
