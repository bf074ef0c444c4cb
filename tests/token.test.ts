import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, beforeEach, describe, test } from "node:test";
import {
  createAssertion,
  createSession,
  getToken,
  importPrivateKey,
  OAuthError,
  type PrivateKeyInput,
  SfetchError,
  type StoredToken,
  type TokenCache,
} from "../mod.ts";
import { runCode } from "./helpers/code.ts";
import { runtimeName } from "./helpers/runtime.ts";
import { type SalesforceServer, startSalesforce } from "./helpers/salesforce-server.ts";

const TOKEN_PATH = "/services/oauth2/token";

let salesforce: SalesforceServer;
beforeEach(async () => {
  salesforce = await startSalesforce();
});
afterEach(() => salesforce.close());

const session = (more = {}) => createSession({ ...salesforce.options, ...more });
/** A session whose host is Salesforce's as far as it knows: its requests reach the stand-in. */
const atSalesforce = (more = {}) => {
  const loginUrl = "https://acme.my.salesforce.com";
  salesforce.instanceUrl = loginUrl;
  salesforce.audiences = [loginUrl];
  const send: typeof fetch = (url, init) =>
    fetch(String(url).replace(loginUrl, salesforce.url), init);
  return session({ loginUrl, fetch: send, ...more });
};
const signIns = () => salesforce.count(TOKEN_PATH);

/** Awaits a rejection with an OAuthError, and gives it. */
async function oauthError(promise: Promise<unknown>): Promise<OAuthError> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof OAuthError, `${error}`);
  return error;
}

function jwtToken(exp?: number): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part({ exp })}.c2lnbmF0dXJl`;
}

describe("the assertion", () => {
  test("lives 180 seconds at most, in seconds, and no jti comes twice", async () => {
    const before = Date.now() / 1000;
    await session().getToken();
    await session().getToken();
    const after = Date.now() / 1000;
    const [first, second] = salesforce.claims;
    for (const claims of [first!, second!]) {
      assert.deepEqual(Object.keys(claims).sort(), ["aud", "exp", "iss", "jti", "sub"]);
      assert.equal(claims.iss, salesforce.options.clientId);
      assert.equal(claims.sub, salesforce.options.username);
      assert.equal(claims.aud, salesforce.url);
      assert.ok(Number.isInteger(claims.exp));
      assert.ok(claims.exp - after <= 180);
      assert.ok(claims.exp - before > 178);
    }
    assert.notEqual(first!.jti, second!.jti);
  });

  test("createAssertion() gives it without sending anything", async () => {
    const assertion = await createAssertion({
      ...salesforce.options,
      audience: "https://aud.example",
    });
    const [head, payload] = assertion.split(".").map((part) =>
      Buffer.from(part, "base64url").toString()
    );
    assert.equal(head, `{"alg":"RS256"}`);
    assert.equal(JSON.parse(payload!).aud, "https://aud.example");
    assert.equal(salesforce.requests.length, 0);
  });

  test("is sent as RFC 7523 says, and nowhere but in the body", async () => {
    await session().getToken();
    const [request] = salesforce.requests;
    assert.equal(request!.method, "POST");
    assert.equal(request!.path, TOKEN_PATH);
    assert.match(request!.headers["content-type"]!, /^application\/x-www-form-urlencoded/);
    assert.equal(request!.headers.authorization, undefined);
    assert.deepEqual([...new URLSearchParams(request!.body).keys()], ["grant_type", "assertion"]);
  });
});

describe("the audience", () => {
  const SECOND: [loginHost: string, audience: string][] = [
    ["https://acme.my.salesforce.com", "https://login.salesforce.com"],
    ["https://acme-dev-ed.develop.my.salesforce.com", "https://login.salesforce.com"],
    ["https://acme--dev.sandbox.my.salesforce.com", "https://test.salesforce.com"],
    ["https://acme--dev.my.salesforce.com", "https://test.salesforce.com"],
    ["https://acme--dev.cs42.my.salesforce.com", "https://test.salesforce.com"],
    ["https://acme--1.scratch.my.salesforce.com", "https://test.salesforce.com"],
    ["https://cs42.salesforce.com", "https://test.salesforce.com"],
    ["https://acme.my.salesforce.mil", "https://login.salesforce.com"],
    ["https://acme.my.sfcrmproducts.cn", "https://login.sfcrmproducts.cn"],
    ["https://acme--dev.sandbox.my.sfcrmproducts.cn", "https://test.sfcrmproducts.cn"],
  ];
  for (const [host, second] of SECOND) {
    test(`is ${host}, then ${second}`, async () => {
      const asked: string[] = [];
      const send: typeof fetch = async (_, init) => {
        const body = new URLSearchParams(await new Response(init!.body).text());
        asked.push(
          JSON.parse(Buffer.from(body.get("assertion")!.split(".")[1]!, "base64").toString()).aud,
        );
        const answer = { error: "invalid_grant", error_description: "audience is invalid" };
        return Response.json(answer, { status: 400 });
      };
      const error = await oauthError(session({ loginUrl: host, fetch: send }).getToken());
      assert.deepEqual(asked, [host, second]);
      assert.deepEqual(
        error.attempts,
        asked.map((audience) => ({
          audience,
          error: "invalid_grant",
          description: "audience is invalid",
        })),
      );
      for (const audience of asked) assert.ok(error.message.includes(audience));
    });
  }

  for (
    const [error, description] of [
      ["invalid_grant", "audience is invalid"],
      ["invalid_grant", "Audience validation failed"],
      ["app_not_found", "External client app is not installed in this org"],
      ["invalid_grant", "user hasn't approved this consumer"],
    ] as const
  ) {
    test(`is tried a second time on ${error}: ${description}; what worked is kept`, async () => {
      const org = atSalesforce();
      salesforce.audiences = ["https://login.salesforce.com"];
      salesforce.next(TOKEN_PATH, {
        status: 400,
        body: { error, error_description: description },
      });
      await org.getToken();
      assert.equal(org.audience, "https://login.salesforce.com");
      assert.equal(signIns(), 2);
      await org.getToken({ fresh: true });
      assert.equal(signIns(), 3);
    });
  }

  test("is not tried again on an error about something else, or when it was given", async () => {
    const wrongKey = await oauthError(session({ clientId: "other" }).getToken());
    assert.equal(wrongKey.error, "invalid_client_id");
    assert.equal(signIns(), 1);
    const given = await oauthError(session({ audience: "https://aud.example/" }).getToken());
    assert.equal(given.description, "audience is invalid");
    assert.deepEqual(given.attempts.map(({ audience }) => audience), ["https://aud.example"]);
    assert.equal(signIns(), 2);
  });

  test("of a host outside Salesforce's domains is that host, and nothing else", async () => {
    salesforce.audiences = ["https://login.salesforce.com"];
    for (const more of [{}, { loginUrl: salesforce.url.replace("127.0.0.1", "localhost") }]) {
      const org = session(more);
      const error = await oauthError(org.getToken());
      assert.equal(error.attempts.length, 1);
    }
    assert.deepEqual(
      salesforce.claims.map(({ aud }) => aud),
      [salesforce.url, salesforce.url.replace("127.0.0.1", "localhost")],
    );
    const allowed: string[] = [];
    const send: typeof fetch = async (_, init) => {
      const form = new URLSearchParams(await new Response(init!.body).text());
      const [, claims] = form.get("assertion")!.split(".");
      allowed.push(JSON.parse(Buffer.from(claims!, "base64url").toString()).aud);
      const body = { error: "invalid_grant", error_description: "audience is invalid" };
      return Response.json(body, { status: 400 });
    };
    const loginUrl = "https://login.acme.example";
    const allowHost = "login.acme.example";
    await oauthError(session({ loginUrl, allowHost, fetch: send }).getToken());
    assert.deepEqual(allowed, [loginUrl]);
    await oauthError(
      session({ audience: "https://login.salesforce.com", clientId: "x" }).getToken(),
    );
    assert.equal(salesforce.claims.at(-1)!.aud, "https://login.salesforce.com", "as it was given");
  });

  test("that got further gives the hint, where the two tries fail for different reasons", async () => {
    const refusal = (error_description: string) => ({
      status: 400,
      body: { error: "invalid_grant", error_description },
    });
    const org = atSalesforce();
    salesforce.next(TOKEN_PATH, refusal("audience is invalid"), refusal("invalid assertion"));
    const error = await oauthError(org.getToken());
    assert.equal(error.description, "invalid assertion");
    assert.match(error.hint, /certificate/);
    assert.equal(error.attempts.length, 2);
    assert.match(error.message, /audience is invalid.*invalid assertion/);
  });
});

describe("the clock", () => {
  // In a child process, as sfetch says so on the console.
  const signIn = (options: object) =>
    runCode(
      `
      import { createSession } from "./mod.ts";
      const session = createSession(${JSON.stringify(options)});
      for (let i = 0; i < 2; i++) await session.getToken({ fresh: true }).catch((error) => console.log(error.message));
      console.log(Math.round(session.clockOffset / 1000));
      `,
    );

  test("that is behind Salesforce's is corrected once, and kept", async () => {
    salesforce.clockOffset = 3_600_000;
    const { stdout, stderr } = await signIn(salesforce.options);
    const seconds = Number(stdout);
    assert.ok(Math.abs(seconds - 3600) <= 60, stdout + stderr);
    assert.match(stderr, /clock is \d+ s behind/);
    assert.equal(signIns(), 3, "refused, corrected; the second sign-in uses what was learnt");
  });

  test("that is wrong is reported to onWarning where that is given", async () => {
    salesforce.clockOffset = 3_600_000;
    const warnings: string[] = [];
    await session({ onWarning: (message: string) => warnings.push(message) }).getToken();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /clock is \d+ s behind/);
  });

  test("is left alone where it agrees, and the error is shown", async () => {
    salesforce.always(TOKEN_PATH, {
      status: 400,
      body: { error: "invalid_grant", error_description: "expired authorization code" },
    });
    const error = await oauthError(session().getToken());
    assert.match(error.hint, /clock/);
    assert.equal(signIns(), 1);
  });
});

describe("getToken()", () => {
  test("gives all that the answer says", async () => {
    const before = Date.now();
    const token = await getToken(salesforce.options);
    assert.ok(salesforce.sessions.has(token.accessToken));
    assert.equal(token.instanceUrl, salesforce.url);
    assert.match(token.id!, /\/id\/00D/);
    assert.equal(token.scope, "api id");
    assert.equal(token.tokenType, "Bearer");
    assert.ok(token.issuedAt >= before && token.issuedAt <= Date.now());
    assert.equal(token.expiresAt, undefined);
  });

  test("shares the token of equal keys, whatever object they are in", async () => {
    const { privateKey: pem, ...options } = salesforce.options;
    const der = Buffer.from(pem.replace(/-----.*-----|\s/g, ""), "base64");
    const jwk = await crypto.subtle.exportKey("jwk", (await importPrivateKey(pem)).key);
    const forms: (() => PrivateKeyInput)[] = [
      () => pem,
      () => Buffer.from(pem),
      () => new Uint8Array(der),
      () => new Uint8Array(der).buffer,
      () => ({ ...jwk }),
    ];
    for (const [index, form] of forms.entries()) {
      const tokens = [];
      for (let i = 0; i < 3; i++) tokens.push(await getToken({ ...options, privateKey: form() }));
      assert.equal(new Set(tokens.map(({ accessToken }) => accessToken)).size, 1);
      assert.equal(signIns(), index + 1);
    }
    await oauthError(getToken({ ...options, privateKey: Buffer.from(pem), clientId: "other" }));
    assert.equal(signIns(), forms.length + 1, "another client has a token of its own");
  });

  test("keeps no key, after a sign-in and after a refusal", async () => {
    const { privateKey, clientId, username, loginUrl } = salesforce.options;
    const code = `
      import { getToken } from "./mod.ts";
      const collect = globalThis.Bun ? () => Bun.gc(true) : globalThis.gc ?? await (async () => {
        (await import("node:v8")).setFlagsFromString("--expose-gc");
        return (await import("node:vm")).runInNewContext("gc");
      })();
      const options = ${JSON.stringify({ clientId, username, loginUrl })};
      async function use(clientId) {
        const key = new TextEncoder().encode(${JSON.stringify(privateKey)});
        await getToken({ ...options, clientId, privateKey: key }).catch((error) => console.log(error.error));
        return new WeakRef(key);
      }
      const keys = [await use(options.clientId), await use("other")];
      for (let i = 0; i < 100 && keys.some((key) => key.deref()); i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        collect();
      }
      console.log(keys.map((key) => key.deref() === undefined).join());`;
    const permissions = ["-A", "--v8-flags=--expose-gc"];
    const { stdout, stderr } = await runCode(code, runtimeName === "deno" ? { permissions } : {});
    assert.equal(stdout, "invalid_client_id\ntrue,true\n", stderr);
  });

  test("shares one exchange among 10,000 concurrent callers", async () => {
    const tokens = await Promise.all(
      Array.from({ length: 10_000 }, () => getToken({ ...salesforce.options })),
    );
    assert.equal(signIns(), 1);
    assert.equal(new Set(tokens).size, 1);
    await getToken(salesforce.options);
    assert.equal(signIns(), 1);
  });

  test("shares one failure among concurrent callers, and the next call tries again", async () => {
    salesforce.next(TOKEN_PATH, {
      status: 400,
      body: { error: "inactive_user", error_description: "user is inactive" },
    });
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, () => getToken(salesforce.options)),
    );
    assert.ok(results.every(({ status }) => status === "rejected"));
    assert.equal(signIns(), 1);
    await getToken(salesforce.options);
    assert.equal(signIns(), 2);
  });

  test("keeps tokens of different users, keys, caches and fetch functions apart", async () => {
    const send: typeof fetch = (...args) => fetch(...args);
    const options = [
      {},
      { audience: salesforce.url },
      { fetch: send },
      { privateKey: new TextEncoder().encode(salesforce.options.privateKey) },
    ].map((more) => ({ ...salesforce.options, ...more }));
    const tokens = await Promise.all(options.map((one) => getToken(one)));
    assert.equal(new Set(tokens.map(({ accessToken }) => accessToken)).size, options.length);
    await Promise.all(options.map((one) => getToken(one)));
    assert.equal(signIns(), options.length);
  });

  test("gets a new one on fresh: true", async () => {
    const first = await getToken(salesforce.options);
    const second = await getToken({ ...salesforce.options, fresh: true });
    assert.notEqual(first.accessToken, second.accessToken);
    assert.equal(await getToken(salesforce.options), second);
    assert.equal(signIns(), 2);
  });

  test("reads when a JWT-format token ends, and does not use it until the last moment", async () => {
    const inAnHour = Math.floor(Date.now() / 1000) + 3600;
    salesforce.tokenExtras = { access_token: jwtToken(inAnHour), token_format: "jwt" };
    const org = session();
    assert.equal((await org.getToken()).expiresAt, inAnHour * 1000);
    await org.getToken();
    assert.equal(signIns(), 1);

    salesforce.tokenExtras = { access_token: jwtToken(Math.floor(Date.now() / 1000) + 5) };
    await org.getToken({ fresh: true });
    await org.getToken();
    assert.equal(signIns(), 3);
  });

  test("takes a JWT-format token that does not say when it ends as any other", async () => {
    salesforce.tokenExtras = { access_token: jwtToken(undefined) };
    const org = session();
    assert.equal((await org.getToken()).expiresAt, undefined);
    await org.getToken();
    assert.equal(signIns(), 1);
  });

  test("refuses an instance URL that would take the token off https", async () => {
    salesforce.tokenExtras = { instance_url: "http://acme.my.salesforce.com" };
    await assert.rejects(session().getToken(), /is not https/);
  });

  test("is refused a token that names no instance, and says what came", async () => {
    salesforce.next(TOKEN_PATH, { body: { access_token: "00D!x" } });
    const error = await oauthError(session().getToken());
    assert.equal(error.error, "unexpected_response");
    assert.doesNotMatch(error.message, /00D!x/);
  });

  test("is tried again on a passing fault of the token endpoint, newly signed each time", async () => {
    const busy = { status: 503, body: "<html>", headers: { "retry-after": "0" } };
    const retry = {
      status: 400,
      body: { error: "unknown_error", error_description: "retry your request" },
    };
    for (const [fault, repeats] of [[busy, 4], [retry, 1]] as const) {
      const before = signIns();
      salesforce.next(TOKEN_PATH, ...Array(repeats).fill(fault));
      await session().getToken();
      assert.equal(signIns(), before + repeats + 1);
      salesforce.next(TOKEN_PATH, ...Array(repeats + 1).fill(fault));
      await oauthError(session().getToken());
      assert.equal(signIns(), before + 2 * (repeats + 1));
    }
    const jtis = salesforce.claims.map(({ jti }) => jti);
    assert.equal(new Set(jtis).size, jtis.length);
  });
});

describe("cache", () => {
  function mapCache(): TokenCache & { tokens: Map<string, StoredToken>; log: string[] } {
    const tokens = new Map<string, StoredToken>();
    const log: string[] = [];
    return {
      tokens,
      log,
      get: (key) => (log.push("get"), Promise.resolve(tokens.get(key))),
      set(key, token) {
        log.push(token ? "set" : "forget");
        if (token) tokens.set(key, token);
        else tokens.delete(key);
        return Promise.resolve();
      },
    };
  }

  test("lets sessions share a token", async () => {
    const cache = mapCache();
    const first = await session({ cache }).getToken();
    const second = await session({ cache }).getToken();
    assert.equal(second.accessToken, first.accessToken);
    assert.equal(signIns(), 1);
    const [[key, stored]] = [...cache.tokens] as [[string, StoredToken]];
    assert.equal(JSON.stringify(stored), JSON.stringify(first));
    assert.match(key, /service@acme/);
    assert.doesNotMatch(key, /PRIVATE/);
  });

  test("keeps users and hosts apart", async () => {
    const cache = mapCache();
    await session({ cache }).getToken();
    await oauthError(session({ cache, username: "other@acme" }).getToken());
    assert.equal(signIns(), 2);
    assert.equal(cache.tokens.size, 1);
  });

  test("whose token is dead gets a new one", async () => {
    const cache = mapCache();
    await session({ cache }).getToken();
    salesforce.sessions.clear();
    const org = session({ cache });
    await org.fetch("/limits");
    assert.equal(signIns(), 2);
    assert.ok(salesforce.sessions.has([...cache.tokens.values()][0]!.accessToken));
  });

  test("whose token is old gets a new one; fresh: true does not ask it", async () => {
    const cache = mapCache();
    await session({ cache }).getToken();
    for (const token of cache.tokens.values()) token.issuedAt -= 10 * 60_000;
    await session({ cache }).getToken();
    assert.equal(signIns(), 2);
    await session({ cache }).getToken({ fresh: true });
    assert.equal(signIns(), 3);
  });

  test("is told where no token could be had", async () => {
    const cache = mapCache();
    await oauthError(session({ cache, clientId: "wrong" }).getToken());
    assert.deepEqual(cache.log, ["get", "forget"]);
  });

  test("is not written by a session that was given its token", async () => {
    const cache = mapCache();
    const { accessToken, instanceUrl } = await session().getToken();
    await createSession({ accessToken, instanceUrl, cache }).fetch("/limits");
    assert.deepEqual(cache.log, []);
  });
});

describe("a token from outside", () => {
  const instanceUrl = "https://acme.my.salesforce.com";
  const stored = { accessToken: "00D!cached", instanceUrl, tokenType: "Bearer" };
  const cacheWith = (token: object): TokenCache => ({
    get: () => ({ ...stored, issuedAt: Date.now(), ...token }),
    set: () => {},
  });

  test("of a cache is used only where it fits the sign-in", async () => {
    const DAMAGED = [
      { instanceUrl: "http://acme.my.salesforce.com" },
      { instanceUrl: "https://evil.example" },
      { instanceUrl: salesforce.url },
      { instanceUrl: undefined },
      { accessToken: "00D!a\nb" },
      { accessToken: undefined },
      { accessToken: Symbol("token") },
      { issuedAt: 1n },
      { issuedAt: Date.now() + 86_400_000 }, // stored while the clock was wrong
      { expiresAt: "never" },
    ];
    for (const damage of DAMAGED) {
      const token = await atSalesforce({ cache: cacheWith(damage) }).getToken();
      assert.ok(salesforce.sessions.has(token.accessToken), `${Object.keys(damage)}`);
    }
    assert.equal(
      (await atSalesforce({ cache: cacheWith({}) }).getToken()).accessToken,
      "00D!cached",
    );
  });

  test("loses an identity URL that is not fit for it", async () => {
    for (const id of ["http://acme.my.salesforce.com/id/1/2", "https://evil.example/id/1/2", 7]) {
      const cached = atSalesforce({ cache: cacheWith({ id }) });
      assert.equal((await cached.getToken()).id, undefined);
      if (typeof id === "string") await assert.rejects(cached.fetch(id), /Refused to send/);
      salesforce.tokenExtras = { id };
      assert.equal((await atSalesforce().getToken()).id, undefined);
    }
    assert.ok(!salesforce.requests.some(({ headers }) => headers.host?.includes("evil")));
  });

  test("of the token endpoint that no header holds is refused without being shown", async () => {
    for (const access_token of ["00D!SECRET\nx", "00D!SECRETé", "00D!SECRET\u0000"]) {
      salesforce.tokenExtras = { access_token };
      const error = await session().fetch("/limits").then(() => undefined, (error) => error);
      assert.ok(error instanceof SfetchError, String(error));
      assert.match(error.message, /access token from the token answer is not an access token/);
      assert.doesNotMatch(error.stack!, /SECRET/);
    }
  });

  test("that points from Salesforce to this machine is refused", async () => {
    const org = atSalesforce();
    salesforce.instanceUrl = salesforce.url;
    await assert.rejects(org.getToken(), /instance URL from the token answer is on this machine/);
  });
});

describe("revoke()", () => {
  test("ends the session on the server and in the cache; the next call signs in again", async () => {
    const org = session();
    const { accessToken } = await org.getToken();
    await org.revoke();
    assert.equal(salesforce.sessions.size, 0);
    const request = salesforce.requests.at(-1)!;
    assert.equal(request.path, "/services/oauth2/revoke");
    assert.equal(request.body, String(new URLSearchParams({ token: accessToken })));
    assert.notEqual((await org.getToken()).accessToken, accessToken);
  });

  test("is content with a token that is dead already, and does nothing without one", async () => {
    const org = session();
    await org.revoke();
    assert.equal(salesforce.requests.length, 0);
    await org.getToken();
    salesforce.sessions.clear();
    await org.revoke();
  });
});
