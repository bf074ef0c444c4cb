import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import {
  ConnectionError,
  createSession,
  OAuthError,
  type StoredToken,
  type TokenCache,
} from "../mod.ts";
import { runCode } from "./helpers/code.ts";
import { type SalesforceServer, startSalesforce } from "./helpers/salesforce-server.ts";

const TOKEN_PATH = "/services/oauth2/token";
const DATA = "/services/data/v67.0";
const REFUSED = {
  status: 400,
  body: { error: "invalid_grant", error_description: "user hasn't approved this consumer" },
};

let salesforce: SalesforceServer;
beforeEach(async () => {
  salesforce = await startSalesforce();
});
afterEach(() => salesforce.close());

const session = (more = {}) => createSession({ ...salesforce.options, ...more });
const signIns = () => salesforce.count(TOKEN_PATH);

/** The next sign-in has arrived at the server. */
function arrival(): Promise<void> {
  return new Promise((resolve) => {
    salesforce.onRequest = ({ path }) => path === TOKEN_PATH && resolve();
  });
}

describe("many calls with a dead token", () => {
  test("that Salesforce does not replace ask for another one once", async () => {
    const own = session({ audience: salesforce.url });
    await own.getToken();
    salesforce.sessions.clear();
    salesforce.always(TOKEN_PATH, REFUSED);
    const results = await Promise.allSettled(
      Array.from({ length: 300 }, (_, i) => own.fetch(`/x${i}`, { method: "POST", json: {} })),
    );
    for (const result of results) {
      assert.equal(result.status, "rejected");
      assert.ok(result.reason instanceof OAuthError, `${result.reason}`);
    }
    assert.equal(signIns(), 2);
  });

  test("renew it once, whatever object holds it", async () => {
    const tokens = new Map<string, StoredToken>();
    const cache = {
      get: (key: string) => tokens.get(key),
      set: (key: string, token?: StoredToken) => void (token && tokens.set(key, { ...token })),
    };
    const [one, other] = [session({ cache }), session({ cache })];
    await one.getToken();
    await other.getToken();
    salesforce.sessions.clear();
    await Promise.all(Array.from({ length: 50 }, (_, i) => one.fetch(`/x${i}`)));
    await Promise.all(Array.from({ length: 50 }, (_, i) => other.fetch(`/x${i}`)));
    assert.equal(signIns(), 2, "the second session found the first one's in the cache");
  });
});

describe("a caller's patience bounds the sign-in", () => {
  test("by timeout, with all its repeats: getToken(), fetch(), and the version looked up", async () => {
    salesforce.always(TOKEN_PATH, { fault: "hang" });
    const calls = [
      session().getToken({ timeout: 500 }),
      session().fetch("/x", { timeout: 500 }),
      session({ apiVersion: "latest" }).fetch("/x", { timeout: 500 }),
      Promise.resolve(session().query("SELECT Id FROM Account", { timeout: 500 })),
    ];
    for (const call of calls) {
      const error = await call.then(() => undefined, (error) => error);
      assert.ok(error instanceof ConnectionError, `${error}`);
      assert.equal(error.timedOut, true);
      assert.match(error.message, /oauth2\/token: no answer within 0\.5 s/);
    }
  });

  test("by timeout, while a busy server is waited for", async () => {
    salesforce.always(TOKEN_PATH, { status: 503, headers: { "retry-after": "60" } });
    const error = await session().getToken({ timeout: 500 }).catch((error) => error);
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.equal(error.timedOut, true);
  });

  test("by signal, and the one who goes on waiting gets the token", async () => {
    const controller = new AbortController();
    const own = session();
    const arrived = arrival();
    const impatient = own.getToken({ signal: controller.signal });
    const patient = own.getToken();
    await arrived;
    controller.abort(new Error("enough"));
    await assert.rejects(impatient, { message: "enough" });
    await patient;
    assert.equal(signIns(), 1);
  });

  test("and with nobody left it is given up; the next caller begins again", async () => {
    salesforce.next(TOKEN_PATH, { fault: "hang" });
    const own = session();
    const controller = new AbortController();
    const arrived = arrival();
    const first = own.getToken({ signal: controller.signal });
    await arrived;
    controller.abort(new Error("enough"));
    await assert.rejects(first, { message: "enough" });
    await own.getToken();
    assert.equal(signIns(), 2);
  });

  test("so that an abandoned one does not keep the process alive", async () => {
    salesforce.always(TOKEN_PATH, { fault: "hang" });
    const { stdout, stderr, code } = await runCode(
      `
      import { createSession } from "./mod.ts";
      const controller = new AbortController();
      const session = createSession({ fetch: (...args) => {
        setTimeout(() => controller.abort(new Error("enough")), 50);
        return fetch(...args);
      } });
      await session.fetch("/x", { signal: controller.signal }).catch((error) => console.log(error.message));
      `,
      { env: salesforce.env },
    );
    assert.equal(stdout.trim(), "enough", stderr);
    assert.equal(code, 0);
  });

  test("so that one whose cache hangs does not keep it alive, and says nothing of the cache", async () => {
    const { stdout, stderr, code } = await runCode(
      `
      import { createSession } from "./mod.ts";
      const controller = new AbortController();
      const get = () => (setTimeout(() => controller.abort(new Error("enough")), 50), new Promise(() => {}));
      const session = createSession({ cache: { get, set() {} }, onWarning: (said) => console.log(said) });
      await session.getToken({ signal: controller.signal }).catch((error) => console.log(error.message));
      `,
      { env: salesforce.env },
    );
    assert.equal(stdout.trim(), "enough", stderr);
    assert.equal(code, 0);
  });
});

describe("a fresh token", () => {
  test("is fresh beside a call that reads the cache", async () => {
    const own = session();
    const stored = (await own.getToken()).toJSON();
    const cache: TokenCache = { get: () => undefined, set: () => {} };
    let answer = (_token: StoredToken) => {};
    const asked = new Promise<void>((resolve) => {
      cache.get = () => new Promise((found) => (answer = found, resolve()));
    });
    const beside = session({ cache });
    const cached = beside.getToken();
    await asked;
    const fresh = beside.getToken({ fresh: true });
    answer(stored);
    assert.equal((await cached).accessToken, stored.accessToken);
    assert.notEqual((await fresh).accessToken, stored.accessToken);
    assert.equal(signIns(), 2);
  });

  test("is shared by those who want one at the same time", async () => {
    const own = session();
    await own.getToken();
    await Promise.all(Array.from({ length: 20 }, () => own.getToken({ fresh: true })));
    assert.equal(signIns(), 2);
  });
});

describe("a cache", () => {
  const never = () => new Promise<never>(() => {});
  const fails = () => {
    throw new Error("disk full");
  };
  const rejects = () => Promise.reject(new Error("disk full"));
  for (
    const [title, broken, says] of [
      ["throws", fails, /disk full/],
      ["rejects", rejects, /disk full/],
      ["hangs", never, /hangs/],
    ] as const
  ) {
    test(`that ${title} costs neither the token nor the call`, async () => {
      const warnings: string[] = [];
      const onWarning = (text: string) => void warnings.push(text);
      const works = () => undefined;
      const caches = [{ get: broken, set: works }, { get: works, set: broken }];
      await Promise.all(caches.map(async (cache) => {
        const own = session({ cache, onWarning });
        await own.fetch("/x");
        await own.fetch("/x");
      }));
      assert.equal(signIns(), 2);
      assert.equal(warnings.length, 2);
      for (const warning of warnings) assert.match(warning, says);
    });
  }
});

test("a connection that is reset does not fail the sign-in, and each try is newly signed", async () => {
  salesforce.next(TOKEN_PATH, { fault: "cut" }, { fault: "half", body: "{" }, { status: 429 });
  await session().getToken();
  const jtis = salesforce.claims.map(({ jti }) => jti);
  assert.equal(new Set(jtis).size, jtis.length);
  assert.equal(signIns(), 4);
});

test("a token with its own expiry is used again where this machine's clock is a day ahead", async () => {
  salesforce.clockOffset = -86_400_000;
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  const exp = Math.floor((Date.now() + salesforce.clockOffset) / 1000) + 900;
  const access_token = `${part({ alg: "RS256" })}.${part({ exp })}.c2ln`;
  salesforce.tokenExtras = { access_token };
  salesforce.sessions.add(access_token);
  const warnings: string[] = [];
  const own = session({ onWarning: (text: string) => void warnings.push(text) });
  for (let i = 0; i < 5; i++) await own.fetch("/x");
  assert.equal(signIns(), 1);
  assert.equal(salesforce.count(`${DATA}/x`), 5);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /ahead of/);
});

test("revoke() ends a token that was given as well", async () => {
  const { accessToken } = await session().getToken();
  const given = createSession({ accessToken, instanceUrl: salesforce.url });
  await given.revoke();
  assert.equal(salesforce.sessions.has(accessToken), false);
});
