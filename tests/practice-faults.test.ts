/** Faults of the practice org, and an instance that moves. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RestErrorName } from "../practice-org/mod.ts";
import { assertRestError, rawOrg } from "./helpers/raw-org.ts";
import { until } from "./helpers/until.ts";

const { org, signIn, get, limits, withOwnOrg } = await rawOrg();

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
    org.control.fault({ kind: "slow", delay: 3000 });
    const order: string[] = [];
    const slow = limits(access_token).then(() => order.push("slow"));
    await until(() => org.control.requests().some(({ path }) => path.endsWith("/limits")));
    await limits(access_token).then(() => order.push("quick"));
    await slow;
    assert.deepEqual(order, ["quick", "slow"]);
  });

  test("drip: the whole answer, piece by piece", async () => {
    const whole = await (await get("/services/data")).text();
    org.control.fault({ kind: "drip", delay: 20 });
    const response = await get("/services/data");
    assert.equal(response.headers.get("Content-Length"), String(whole.length));
    const decoder = new TextDecoder();
    const pieces: string[] = [];
    for await (const piece of response.body!) {
      pieces.push(decoder.decode(piece, { stream: true }));
    }
    assert.ok(pieces.length > 1, "it came in one piece");
    assert.equal(pieces.join(""), whole);
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
