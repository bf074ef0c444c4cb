/** What the practice org's REST API checks before it asks a resource. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertRestError, rawOrg } from "./helpers/raw-org.ts";

const { org, signIn, get, limits } = await rawOrg();

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
