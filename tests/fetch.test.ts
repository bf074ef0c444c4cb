import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, test } from "node:test";
import { types } from "node:util";
import {
  ConnectionError,
  createSession,
  SalesforceError,
  type Session,
  SfetchError,
  type SfRequestInit,
} from "../mod.ts";
import { runCode } from "./helpers/code.ts";
import { type SalesforceServer, type Seen, startSalesforce } from "./helpers/salesforce-server.ts";

const TOKEN_PATH = "/services/oauth2/token";
const DATA = "/services/data/v67.0";
const EXPIRED = {
  status: 401,
  body: [{ message: "Session expired or invalid", errorCode: "INVALID_SESSION_ID" }],
};

let salesforce: SalesforceServer;
let session: Session;
beforeEach(async () => {
  salesforce = await startSalesforce();
  session = createSession(salesforce.options);
});
afterEach(() => salesforce.close());

const last = (): Seen => salesforce.requests.at(-1)!;
const signIns = () => salesforce.count(TOKEN_PATH);
const tries = (path: string) => salesforce.count(DATA + path);

/** Awaits a rejection with an error of this class, and gives it. */
async function rejection<E extends Error>(
  promise: Promise<unknown>,
  // deno-lint-ignore no-explicit-any -- as every constructor
  kind: new (...args: any[]) => E,
): Promise<E> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof kind, `${error}`);
  return error;
}

/** The next request to this path has arrived at the server. */
function arrival(path: string): Promise<Seen> {
  return new Promise((resolve) => {
    salesforce.onRequest = (seen) => seen.path.startsWith(path) && resolve(seen);
  });
}

describe("a request", () => {
  const PATHS: [string, string][] = [
    ["/limits", `${DATA}/limits`],
    ["limits", `${DATA}/limits`],
    ["/sobjects/Account/describe?x=1#y", `${DATA}/sobjects/Account/describe?x=1%23y`],
    ["/services/apexrest/hello", "/services/apexrest/hello"],
    ["/services/data/v60.0/limits", "/services/data/v60.0/limits"],
    ["/id/00D5e/0055e", "/id/00D5e/0055e"],
    ["/identity", `${DATA}/identity`],
    ["/sobjects/Account/Ext__c/a b/ü", `${DATA}/sobjects/Account/Ext__c/a%20b/%C3%BC`],
  ];
  for (const [path, expected] of PATHS) {
    test(`for ${path} goes to ${expected}`, async () => {
      await session.fetch(path);
      assert.equal(last().path, expected);
      assert.match(last().headers.authorization!, /^Bearer 00D/);
    });
  }

  test("for an absolute URL of the org, as text or URL, goes there", async () => {
    await session.fetch(`${salesforce.url}/services/data/v66.0/limits?a=b`);
    assert.equal(last().path, "/services/data/v66.0/limits?a=b");
    await session.fetch(new URL("/services/apexrest/x", salesforce.url));
    assert.equal(last().path, "/services/apexrest/x");
  });

  test("takes the API version from the settings, and the newest is asked for once", async () => {
    await createSession({ ...salesforce.options, apiVersion: "60" }).fetch("/limits");
    assert.equal(last().path, "/services/data/v60.0/limits");
    const newest = createSession({ ...salesforce.options, apiVersion: "latest" });
    await Promise.all(Array.from({ length: 50 }, () => newest.fetch("/limits")));
    assert.equal(last().path, "/services/data/v68.0/limits");
    assert.equal(await newest.apiVersion(), "68.0");
    assert.equal(salesforce.requests.filter(({ path }) => path === "/services/data/").length, 1);
  });

  test("asks for the newest API version again where that failed", async () => {
    const newest = createSession({ ...salesforce.options, apiVersion: "latest" });
    salesforce.next("/services/data/", { status: 404, body: "<html>" });
    await rejection(newest.fetch("/limits"), SalesforceError);
    assert.equal(await newest.apiVersion(), "68.0");
  });

  test("has searchParams added, encoded", async () => {
    await session.fetch("/query?a=1", { searchParams: { q: "a&b=c 'é'", n: 2, all: true } });
    const { searchParams } = new URL(last().path, salesforce.url);
    assert.deepEqual([...searchParams], [["a", "1"], ["q", "a&b=c 'é'"], ["n", "2"], [
      "all",
      "true",
    ]]);
    await session.fetch("/x", { searchParams: new URLSearchParams([["a", "1"], ["a", "2"]]) });
    assert.equal(last().path, `${DATA}/x?a=1&a=2`);
  });

  test("sends json with its content type, unless the caller names one", async () => {
    await session.fetch("/x", { method: "post", json: { Name: "Acme", n: [1] } });
    assert.equal(last().method, "POST");
    assert.equal(last().body, `{"Name":"Acme","n":[1]}`);
    assert.equal(last().headers["content-type"], "application/json");
    await session.fetch("/x", {
      method: "PATCH",
      json: null,
      headers: { "Content-Type": "application/json; v=1" },
    });
    assert.equal(last().body, "null");
    assert.equal(last().headers["content-type"], "application/json; v=1");
  });

  test("may be a Request, whose method, headers and body are kept and can be overridden", async () => {
    const request = () =>
      new Request(`${salesforce.url}/services/apexrest/x`, {
        method: "PUT",
        headers: { "x-own": "1", "content-type": "text/csv" },
        body: "a,b",
      });
    await session.fetch(request());
    assert.equal(last().method, "PUT");
    assert.equal(last().body, "a,b");
    assert.equal(last().headers["x-own"], "1");
    assert.equal(last().headers["content-type"], "text/csv");
    await session.fetch(request(), { method: "POST", headers: { "x-own": "2" }, body: "c" });
    assert.equal(last().method, "POST");
    assert.equal(last().body, "c");
    assert.equal(last().headers["x-own"], "2");
  });

  for (
    const [title, body, sent] of [
      ["text", "text", /^text$/],
      ["bytes", new TextEncoder().encode("bytes"), /^bytes$/],
      ["a Blob", new Blob(["blob"]), /^blob$/],
      ["URLSearchParams", new URLSearchParams({ a: "b" }), /^a=b$/],
      ["FormData", form(), /name="a"\r\n\r\nb/],
    ] as [string, BodyInit, RegExp][]
  ) {
    test(`sends ${title}, and again after a renewal`, async () => {
      await session.getToken();
      salesforce.sessions.clear();
      await session.fetch("/x", { method: "POST", body });
      const sends = salesforce.requests.filter(({ path }) => path === `${DATA}/x`);
      assert.equal(sends.length, 2);
      for (const one of sends) assert.match(one.body, sent);
    });
  }

  function form(): FormData {
    const form = new FormData();
    form.set("a", "b");
    return form;
  }

  test("with a body and no method says what lacks, and is not sent", async () => {
    for (const init of [{ json: {} }, { body: "x" }, { method: "head", json: null }]) {
      const error = await rejection(session.fetch("/x", init), SfetchError);
      assert.match(error.message, /a (GET|HEAD) request has no body/);
      assert.match(error.hint, /POST/);
    }
    assert.equal(tries("/x"), 0);
  });

  test("sends a stream, also one of Node's", async () => {
    for (
      const body of [
        new Blob(["streamed"]).stream(),
        Readable.from([Buffer.from("stre"), Buffer.from("amed")]),
      ]
    ) {
      await session.fetch("/x", { method: "POST", body: body as BodyInit });
      assert.equal(last().body, "streamed");
    }
  });
});

describe("an answer", () => {
  test("is a standard Response, and json(), text() and arrayBuffer() are on the promise too", async () => {
    salesforce.always(`${DATA}/x`, { body: { a: 1 }, headers: { "x-own": "1" } });
    const promise = session.fetch("/x");
    assert.ok(types.isPromise(promise)); // as test runners ask for it
    const response = await promise;
    assert.ok(response instanceof Response);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-own"), "1");
    assert.deepEqual(await response.json(), { a: 1 });
    assert.deepEqual(await session.fetch("/x").json(), { a: 1 });
    assert.equal(await session.fetch("/x").text(), `{"a":1}`);
    assert.equal((await session.fetch("/x").arrayBuffer()).byteLength, 7);
    const chunks = [];
    for await (const chunk of (await session.fetch("/x")).body!) chunks.push(...chunk);
    assert.equal(chunks.length, 7);
    assert.equal(await (await session.fetch("/x")).clone().text(), `{"a":1}`);
  });

  test("without a body is undefined for json(): 204 and 304", async () => {
    for (const status of [204, 304]) {
      salesforce.next(`${DATA}/x`, { status });
      assert.equal(await session.fetch("/x").json(), undefined);
    }
  });

  test("of 300 is an error that lists the records, not a redirect", async () => {
    salesforce.next(`${DATA}/x`, {
      status: 300,
      headers: { location: `${salesforce.url}/elsewhere` },
      body: ["/services/data/v67.0/sobjects/A/1", "/services/data/v67.0/sobjects/A/2"],
    });
    const error = await rejection(session.fetch("/x"), SalesforceError);
    assert.equal(error.status, 300);
    assert.match(error.message, /sobjects\/A\/1.*sobjects\/A\/2/);
    assert.match(error.hint, /more than one record/);
    assert.equal(salesforce.count("/elsewhere"), 0);
  });

  test("that is a web page says that this host is not the API", async () => {
    for (const status of [200, 404]) {
      salesforce.next(`${DATA}/x`, {
        status,
        headers: { "content-type": "text/html" },
        body: "<!DOCTYPE html><html><body>Log in</body></html>",
      });
      const error = await rejection(session.fetch("/x").json(), SalesforceError);
      assert.match(error.message, /a web page, not the API/);
      assert.match(error.hint, /This host is not the API/);
      assert.doesNotMatch(error.message, /Unexpected token|<html/);
    }
  });

  test("that is not valid JSON, or was cut, is named with its request", async () => {
    for (const body of ["", "plain", `{"a":`]) {
      salesforce.next(`${DATA}/x`, { headers: { "content-type": "application/json" }, body });
      const error = await rejection(session.fetch("/x").json(), SalesforceError);
      assert.match(error.message, /^GET \/services\/data\/v67\.0\/x: 200, but/);
    }
    salesforce.next(`${DATA}/x`, {
      fault: "half",
      headers: { "content-length": "100" },
      body: "[1",
    });
    const cut = await rejection(session.fetch("/x", { retry: 0 }).json(), ConnectionError);
    assert.match(cut.message, /the connection broke/);
    assert.equal(cut.timedOut, false);
  });

  test("with Sforce-Limit-Info fills session.limits", async () => {
    assert.deepEqual(session.limits, {});
    salesforce.next(`${DATA}/x`, {
      headers: {
        "sforce-limit-info":
          "api-usage=18/5000; per-app-api-usage=17/250(appName=sample-app);api-bursts=1/750",
      },
    });
    await session.fetch("/x");
    assert.deepEqual(session.limits, {
      apiUsage: { used: 18, max: 5000 },
      perAppApiUsage: { used: 17, max: 250 },
      apiBursts: { used: 1, max: 750 },
    });
    salesforce.next("/services/data/v67.0/none", { body: {} });
    await session.fetch("/none");
    assert.equal(session.limits.apiUsage!.used, 18);
  });

  test("that is an error throws a SalesforceError with all that it says", async () => {
    salesforce.next(`${DATA}/sobjects/Account`, {
      status: 400,
      body: [
        { errorCode: "REQUIRED_FIELD_MISSING", message: "missing: [Name]", fields: ["Name"] },
        { errorCode: "INVALID_FIELD", message: "No such column" },
      ],
    });
    const promise = session.fetch("/sobjects/Account?secret=1", { method: "POST", json: {} });
    const error = await rejection(promise, SalesforceError);
    assert.equal(error.status, 400);
    assert.equal(error.errorCode, "REQUIRED_FIELD_MISSING");
    assert.deepEqual(error.fields, ["Name"]);
    assert.equal(error.errors.length, 2);
    assert.equal(error.method, "POST");
    assert.equal(error.path, `${DATA}/sobjects/Account`);
    assert.match(error.message, /missing: \[Name\]; INVALID_FIELD: No such column/);
    assert.equal(error.headers.get("content-type"), "application/json;charset=UTF-8");
    assert.equal(error.name, "SalesforceError");
    assert.ok(error instanceof SfetchError);
  });

  test("that is an error is given as it is on throwHttpErrors: false", async () => {
    const init = { throwHttpErrors: false, retry: 0 };
    for (const status of [300, 302, 400, 404, 500, 503]) {
      salesforce.next(`${DATA}/x`, {
        status,
        body: { a: status },
        headers: { location: "https://elsewhere.example" },
      });
      const response = await session.fetch("/x", init);
      assert.equal(response.status, status);
      assert.deepEqual(await response.json(), { a: status });
    }
    salesforce.always(`${DATA}/x`, EXPIRED);
    assert.equal((await session.fetch("/x", init)).status, 401, "after a renewal as well");
  });
});

describe("a dead session", () => {
  test("is renewed once, and the request sent again with all that the caller gave", async () => {
    await session.getToken();
    salesforce.sessions.clear();
    const given = { headers: { "x-own": "kept", "if-match": "a" }, searchParams: { a: 1 } };
    await session.fetch("/x", { ...given, method: "POST", json: { n: 1 } });
    const [first, second] = salesforce.requests.filter(({ path }) => path.startsWith(`${DATA}/x`));
    assert.equal(signIns(), 2);
    assert.notEqual(first!.headers.authorization, second!.headers.authorization);
    for (const one of [first!, second!]) {
      assert.equal(one.method, "POST");
      assert.equal(one.path, `${DATA}/x?a=1`);
      assert.equal(one.body, `{"n":1}`);
      assert.equal(one.headers["x-own"], "kept");
      assert.equal(one.headers["if-match"], "a");
    }
  });

  test("of a Request with a body is renewed as well", async () => {
    await session.getToken();
    salesforce.sessions.clear();
    await session.fetch(
      new Request(`${salesforce.url}/services/apexrest/x`, { method: "POST", body: "once" }),
    );
    assert.equal(last().body, "once");
  });

  test("is renewed by one sign-in for 1,000 concurrent callers", async () => {
    const all = () =>
      Promise.all(Array.from({ length: 1_000 }, (_, i) => session.fetch(`/x?${i}`).json()));
    assert.equal((await all()).length, 1_000);
    assert.equal(signIns(), 1);
    salesforce.sessions.clear();
    const answers = await all();
    assert.equal(signIns(), 2);
    assert.deepEqual(answers.map(({ path }) => path), answers.map((_, i) => `${DATA}/x?${i}`));
  });

  test("said as 403 Bad_OAuth_Token, by identity and userinfo, is renewed too", async () => {
    const { id } = await session.getToken();
    for (const path of ["/services/oauth2/userinfo", new URL(id!).pathname, id!]) {
      const before = signIns();
      salesforce.sessions.clear();
      await session.fetch(path);
      assert.equal(signIns(), before + 1);
    }
  });

  test("with a stream as body says that it cannot be sent twice, and is renewed", async () => {
    await session.getToken();
    salesforce.sessions.clear();
    for (const body of [new Blob(["once"]).stream(), Readable.from([Buffer.from("once")])]) {
      const init = { method: "POST", body: body as BodyInit };
      salesforce.sessions.clear();
      const error = await rejection(session.fetch("/x", init), SfetchError);
      assert.match(error.message, /a stream, which cannot be sent twice/);
      assert.match(error.hint, /send the request again/);
    }
    await session.fetch("/x");
    assert.equal(signIns(), 3);
  });

  test("that stays dead ends after one renewal, and says so", async () => {
    salesforce.always(`${DATA}/x`, EXPIRED);
    const error = await rejection(session.fetch("/x"), SalesforceError);
    assert.match(error.message, /401 again after one renewal of the token/);
    assert.equal(error.errorCode, "INVALID_SESSION_ID");
    assert.equal(signIns(), 2);
    assert.equal(tries("/x"), 2);
  });

  for (
    const message of [
      "This session is not valid for use with the REST API",
      "Connected app is not attached to Agent",
    ]
  ) {
    test(`is not renewed where that cannot help: ${message}`, async () => {
      salesforce.always(`${DATA}/x`, {
        status: 401,
        body: [{ message, errorCode: "INVALID_SESSION_ID" }],
      });
      const error = await rejection(session.fetch("/x"), SalesforceError);
      assert.match(error.hint, /a new token will not help/);
      assert.equal(signIns(), 1);
      assert.equal(tries("/x"), 1);
    });
  }

  test("of a token given from elsewhere is not renewed", async () => {
    const own = createSession({ accessToken: "00Dgone!x", instanceUrl: salesforce.url });
    const error = await rejection(own.fetch("/x"), SalesforceError);
    assert.equal(error.status, 401);
    assert.equal(signIns(), 0);
    assert.equal(tries("/x"), 1);
  });

  test("of an org that moved goes on at the new instance, absolute old URLs too", async () => {
    const moved = await startSalesforce();
    try {
      await session.getToken();
      salesforce.instanceUrl = moved.url;
      salesforce.sessions.clear();
      moved.always(`${DATA}/x`, { body: "moved" });
      moved.always(`${DATA}/y`, { body: "moved" });
      assert.equal(await session.fetch(`${salesforce.url}${DATA}/x`).text(), "moved");
      assert.equal(await session.fetch("/y").text(), "moved");
      assert.deepEqual(moved.requests.map(({ path }) => path), [`${DATA}/x`, `${DATA}/y`]);
      assert.equal((await session.getToken()).instanceUrl, moved.url);
    } finally {
      await moved.close();
    }
  });

  test("whose renewal fails gives that failure", async () => {
    await session.getToken();
    salesforce.sessions.clear();
    salesforce.next(TOKEN_PATH, {
      status: 400,
      body: { error: "inactive_user", error_description: "user is inactive" },
    });
    await assert.rejects(session.fetch("/x"), { name: "OAuthError", error: "inactive_user" });
    assert.equal(tries("/x"), 1);
  });
});

describe("retry", () => {
  const NOW = { "retry-after": "0" };

  for (const status of [429, 500, 502, 503, 504]) {
    test(`of ${status} goes on for GET, up to four times`, async () => {
      salesforce.always(`${DATA}/x`, { status, headers: NOW });
      const error = await rejection(session.fetch("/x"), SalesforceError);
      assert.equal(error.status, status);
      assert.ok(error.hint);
      assert.equal(tries("/x"), 5);
    });
  }

  for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]) {
    test(`is made for ${method}`, async () => {
      salesforce.next(`${DATA}/x`, { status: 503, headers: NOW });
      await session.fetch("/x", { method, ...(method === "PUT" && { body: "put" }) });
      assert.equal(tries("/x"), 2);
      if (method === "PUT") assert.equal(last().body, "put");
    });
  }

  // Counted at fetch: Deno's own may send again what the server did not answer (denoland/deno#35610).
  for (const method of ["POST", "PATCH"]) {
    test(`is never made for ${method}: not on 503, not on a broken connection`, async () => {
      for (const answer of [{ status: 503, headers: NOW }, { fault: "cut" as const }]) {
        let sent = 0;
        const send: typeof fetch = (input, init) => {
          if (String(input).endsWith("/x")) sent++;
          return fetch(input, init);
        };
        const own = createSession({ ...salesforce.options, fetch: send });
        salesforce.next(`${DATA}/x`, answer, answer);
        await rejection(own.fetch("/x", { method, json: {} }), SfetchError);
        assert.equal(sent, 1);
      }
    });
  }

  test("is not made for a stream", async () => {
    salesforce.next(`${DATA}/x`, { status: 503, headers: NOW });
    const body = new Blob(["once"]).stream();
    await rejection(session.fetch("/x", { method: "PUT", body }), SalesforceError);
    assert.equal(tries("/x"), 1);
  });

  for (const status of [400, 404, 405, 409, 410, 412, 414, 415, 428, 501]) {
    test(`is not made for ${status}`, async () => {
      salesforce.always(`${DATA}/x`, { status, headers: NOW });
      await rejection(session.fetch("/x"), SalesforceError);
      assert.equal(tries("/x"), 1);
    });
  }

  test("of 420 is made twice at most", async () => {
    salesforce.always(`${DATA}/x`, { status: 420, headers: NOW });
    await rejection(session.fetch("/x"), SalesforceError);
    assert.equal(tries("/x"), 3);
  });

  test("is made for concurrent requests over the limit, never for those of a day", async () => {
    const exceeded = (message: string) => ({
      status: 403,
      headers: NOW,
      body: [{ errorCode: "REQUEST_LIMIT_EXCEEDED", message }],
    });
    salesforce.next(`${DATA}/x`, exceeded("ConcurrentPerOrgLongTxn Limit exceeded."));
    await session.fetch("/x");
    assert.equal(tries("/x"), 2);
    salesforce.next(`${DATA}/y`, exceeded("TotalRequests Limit exceeded."));
    const error = await rejection(session.fetch("/y"), SalesforceError);
    assert.match(error.hint, /24 hours/);
    assert.equal(tries("/y"), 1);
  });

  test("is made after a broken connection", async () => {
    salesforce.next(`${DATA}/x`, { fault: "cut" }, { fault: "cut" });
    await session.fetch("/x");
    assert.equal(tries("/x"), 3);
  });

  test("follows retry: 0 and retry: 1", async () => {
    salesforce.always(`${DATA}/x`, { status: 503, headers: NOW });
    await rejection(session.fetch("/x", { retry: 0 }), SalesforceError);
    assert.equal(tries("/x"), 1);
    await rejection(session.fetch("/x", { retry: 1 }), SalesforceError);
    assert.equal(tries("/x"), 3);
  });

  test("waits for Retry-After, given as a date too, but not for hours", async () => {
    const past = new Date(Date.now() - 60_000).toUTCString();
    salesforce.next(
      `${DATA}/x`,
      { status: 503, headers: { "retry-after": past } },
      { status: 503, headers: { "retry-after": "nonsense" } },
    );
    await session.fetch("/x");
    assert.equal(tries("/x"), 3);
    for (const long of ["7200", new Date(Date.now() + 7_200_000).toUTCString()]) {
      salesforce.next(`${DATA}/y`, { status: 503, headers: { "retry-after": long } });
      await rejection(session.fetch("/y"), SalesforceError);
    }
    assert.equal(tries("/y"), 2);
  });

  test("reads Retry-After by the server's clock, and with a fraction", async () => {
    const serverTime = Date.now() - 24 * 3_600_000;
    const date = new Date(serverTime).toUTCString();
    for (const long of [new Date(serverTime + 7_200_000).toUTCString(), "7200.5"]) {
      salesforce.next(`${DATA}/x`, { status: 503, headers: { "retry-after": long, date } });
      await rejection(session.fetch("/x"), SalesforceError);
    }
    assert.equal(tries("/x"), 2);
  });

  test("is not made where Apex is executed, though its method is GET", async () => {
    const path = "/tooling/executeAnonymous";
    const half = { fault: "half" as const, body: "{" };
    const cut = { fault: "cut" as const };
    // Deno's own fetch repeats a GET whose connection is cut before the answer.
    const answers = "Deno" in globalThis ? [half, { status: 503 }] : [half, { status: 503 }, cut];
    for (const answer of answers) {
      salesforce.next(DATA + path, answer);
      await rejection(session.fetch(`${path}?anonymousBody=insert%20a%3B`).text(), SfetchError);
    }
    assert.equal(tries(path), answers.length);
  });

  test("of a DELETE or PUT is made here, not unseen by the runtime", async () => {
    for (const method of ["DELETE", "PUT"]) {
      await session.fetch("/limits"); // its connection is used again
      salesforce.next(`${DATA}/${method}`, { fault: "cut" });
      await rejection(session.fetch(`/${method}`, { method, retry: 0 }), ConnectionError);
      assert.equal(tries(`/${method}`), 1);
    }
  });

  test("is made without a Retry-After as well", async () => {
    salesforce.next(`${DATA}/x`, { status: 503 });
    await session.fetch("/x");
    assert.equal(tries("/x"), 2);
  });
});

describe("a read-only session", () => {
  const query = JSON.stringify({
    query: "query { uiapi { query { Account { edges { node { Id } } } } } }",
  });
  const REFUSED: [string, SfRequestInit][] = [
    ["/sobjects/Account", { method: "POST", json: {} }],
    ["/sobjects/Account/001", { method: "PATCH", json: {} }],
    ["/sobjects/Account/001", { method: "DELETE" }],
    ["/sobjects/Account/Id/001", { method: "PUT", json: {} }],
    ["/composite", { method: "POST", json: { compositeRequest: [] } }],
    ["/composite/sobjects", { method: "PATCH", json: {} }],
    ["/graphql", { method: "POST", json: { query: "mutation { uiapi { AccountCreate } }" } }],
    ["/graphql", { method: "POST", body: new TextEncoder().encode(query) }],
    ["/tooling/executeAnonymous?anonymousBody=delete%20a%3B", {}],
    ["/tooling/executeAnonymous/", { searchParams: { anonymousBody: "delete a;" } }],
    ["/services/Soap/u/67.0", { method: "POST", body: "<env/>" }],
    ["/jobs/ingest", { method: "POST", json: {} }],
    ["/jobs/query/../ingest", { method: "POST", json: {} }],
    ["/services/apexrest/thing", { method: "POST", json: {} }],
    ["/services/apexrest/thing", {}],
    ["services//%61pexrest/thing", { method: "HEAD" }],
    ["/services/oauth2/revoke?token=00D", {}],
    ["/services/oauth2/revoke", { searchParams: { token: "00D" } }],
    ["/sobjects/Account/001?_HttpMethod=PATCH", {}],
    ["/sobjects", { method: "PURGE" }],
    ["/tooling/execute%41nonymous?anonymousBody=delete%20a%3B", {}],
    ["/sobjects/Account/001?%5FHttpMethod=PATCH", {}],
    ["/sobjects/Account/001", { headers: { "X-HTTP-Method-Override": "DELETE" } }],
    ["/jobs/query", { method: "POST", json: {}, headers: [["x-http-method", "DELETE"]] }],
    ["/graphql", {
      method: "POST",
      body: '{"query":"\\u006dutation { uiapi { AccountCreate } }"}',
    }],
    ["/graphql", { method: "POST", body: '{"query":"mutation { a }","query":"query { a }"}' }],
    ["/graphql", { method: "POST", body: "query { a }" }],
  ];
  for (const [path, init] of REFUSED) {
    test(`refuses ${init.method ?? "GET"} ${path}, and nothing is sent`, async () => {
      const session = createSession({ ...salesforce.options, readOnly: true });
      const error = await rejection(session.fetch(path, init), SfetchError);
      assert.match(error.message, /refused, because this session is read-only/);
      assert.match(error.hint, /option readOnly/);
      assert.equal(salesforce.requests.length, 0, "not even a sign-in");
    });
  }

  const SENT: [string, SfRequestInit][] = [
    ["/sobjects", {}],
    ["/services/oauth2/userinfo", {}],
    ["/sobjects", { method: "HEAD" }],
    ["/graphql", { method: "POST", body: query }],
    ["/parameterizedSearch", { method: "POST", json: { q: "Acme" } }],
    ["/jobs/query", {
      method: "POST",
      json: { operation: "query", query: "SELECT Id FROM Account" },
    }],
    ["/services/data/v67.0/jobs/query/750", { method: "PATCH", json: { state: "Aborted" } }],
  ];
  for (const [path, init] of SENT) {
    test(`sends ${init.method ?? "GET"} ${path}`, async () => {
      const session = createSession({ ...salesforce.options, readOnly: true });
      await session.fetch(path, { ...init, throwHttpErrors: false });
      assert.equal(salesforce.requests.length, 2);
    });
  }

  test("sends a query that is too long for a URL", async () => {
    const session = createSession({ ...salesforce.options, readOnly: true });
    const soql = `SELECT Id FROM Account WHERE Name = '${"x".repeat(13_000)}'`;
    salesforce.next("/services/data/v67.0/composite", {
      body: {
        compositeResponse: [{
          httpStatusCode: 200,
          body: { totalSize: 0, done: true, records: [] },
        }],
      },
    });
    assert.deepEqual(await session.query(soql), []);
  });
});

describe("timeout", () => {
  const timeout = 1500; // ms; also a busy machine comes as far as the wait
  beforeEach(async () => void await session.getToken());

  test("ends the wait for an answer, and is not repeated", async () => {
    salesforce.always(`${DATA}/x`, { fault: "hang" });
    const error = await rejection(session.fetch("/x", { timeout }), ConnectionError);
    assert.equal(error.timedOut, true);
    assert.equal(error.method, "GET");
    assert.equal(error.url, `${salesforce.url}${DATA}/x`);
    assert.match(error.message, /no answer within 1\.5 s/);
    assert.equal(tries("/x"), 1);
  });

  for (const reader of ["json", "text", "arrayBuffer"] as const) {
    test(`ends the wait for the rest of a body: ${reader}() on promise and response`, async () => {
      salesforce.always(`${DATA}/x`, { fault: "stall", body: `{"a":` });
      const response = await session.fetch("/x", { timeout });
      const errors = [session.fetch("/x", { timeout })[reader](), response[reader]()]
        .map((reading) => rejection(reading, ConnectionError));
      for (const { timedOut } of await Promise.all(errors)) assert.equal(timedOut, true);
    });
  }

  test("ends the wait for an error's body", async () => {
    salesforce.always(`${DATA}/x`, { status: 400, fault: "stall", body: "[" });
    const error = await rejection(session.fetch("/x", { timeout }), ConnectionError);
    assert.equal(error.timedOut, true);
  });
});

describe("the caller's signal", () => {
  const reason = new Error("enough");

  test("that has fired already stops all, before the sign-in", async () => {
    const promise = session.fetch("/x", { signal: AbortSignal.abort(reason) });
    await assert.rejects(promise, (error) => error === reason);
    assert.equal(salesforce.requests.length, 0);
  });

  test("ends this caller's wait for the sign-in, not the other's", async () => {
    const controller = new AbortController();
    const other = session.fetch("/y");
    const arrived = arrival(TOKEN_PATH);
    const promise = session.fetch("/x", { signal: controller.signal });
    await arrived;
    controller.abort(reason);
    await assert.rejects(promise, (error) => error === reason);
    await other;
    assert.equal(tries("/x"), 0);
    assert.equal(signIns(), 1);
  });

  test("ends a request in flight", async () => {
    salesforce.always(`${DATA}/x`, { fault: "hang" });
    const controller = new AbortController();
    const arrived = arrival(`${DATA}/x`);
    const promise = session.fetch("/x", { signal: controller.signal });
    await arrived;
    controller.abort(reason);
    await assert.rejects(promise, (error) => error === reason);
    assert.equal(tries("/x"), 1);
  });

  test("in a Request does so too", async () => {
    salesforce.always("/services/apexrest/x", { fault: "hang" });
    const controller = new AbortController();
    const arrived = arrival("/services/apexrest/x");
    const { signal } = controller;
    const promise = session.fetch(new Request(`${salesforce.url}/services/apexrest/x`, { signal }));
    await arrived;
    controller.abort();
    await assert.rejects(promise, { name: "AbortError" });
  });

  test("ends the wait between attempts", async () => {
    const controller = new AbortController();
    let asked = 0;
    const send: typeof fetch = (input, init) => {
      if (!String(input).endsWith("/x")) return fetch(input, init);
      asked++;
      setTimeout(() => controller.abort(reason)); // once the answer has been read
      const busy = new Response(null, { status: 503, headers: { "retry-after": "100" } });
      return Promise.resolve(busy);
    };
    const own = createSession({ ...salesforce.options, fetch: send });
    await assert.rejects(
      own.fetch("/x", { signal: controller.signal }),
      (error) => error === reason,
    );
    assert.equal(asked, 1);
  });

  test("ends the reading of a body", async () => {
    salesforce.always(`${DATA}/x`, { fault: "stall", body: "[" });
    const controller = new AbortController();
    const response = await session.fetch("/x", { signal: controller.signal });
    const reading = response.json();
    controller.abort(reason);
    await assert.rejects(reading, (error) => error === reason);
  });
});

describe("no answer", () => {
  test("where nothing listens says so, with method and URL", async () => {
    const url = "http://127.0.0.1:2"; // a port that no system gives out, and fetch does not block
    const own = createSession({ accessToken: "00D!x", instanceUrl: url });
    const error = await rejection(own.fetch("/x?secret=1", { retry: 0 }), ConnectionError);
    assert.equal(error.url, `${url}${DATA}/x`);
    assert.match(error.message, new RegExp(`^GET ${url}${DATA}/x: `));
    assert.ok(error.hint);
    assert.ok(error.cause);
  });

  test("of a host that is not known names the host's setting", async () => {
    const own = createSession({
      ...salesforce.options,
      loginUrl: "https://acme.my.invalid",
      allowHost: "acme.my.invalid",
    });
    const error = await rejection(own.getToken(), ConnectionError);
    assert.match(error.message, /^POST https:\/\/acme\.my\.invalid\/services\/oauth2\/token: /);
    assert.match(error.message, /the host name is not known|it cannot be reached/);
  });

  test("where Deno may not connect names the permission", async () => {
    const { stdout, stderr } = await runCode(
      `
      import { createSession } from "./mod.ts";
      const session = createSession({ accessToken: "00D!x", instanceUrl: "https://acme.my.salesforce.com" });
      await session.fetch("/x", { retry: 0 }).catch((error) => console.log(error.message));
      const write = { method: "POST", json: {} }; // its body must not keep the process alive
      await session.fetch("/x", write).catch((error) => console.log(error.message));
      `,
      { permissions: [] },
    );
    assert.match(stdout, /Deno was not allowed to connect/, stderr);
    assert.match(stdout, /--allow-net/);
  });
});
