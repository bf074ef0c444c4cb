/** The practice org without a socket: a standard request in, a standard response out. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSession } from "../mod.ts";
import { startPracticeOrg } from "../practice-org/mod.ts";
import { assertRestError } from "./helpers/raw-org.ts";

const org = await startPracticeOrg({ listen: false, rows: 3 });
const { clientId, username, privateKey, url: loginUrl, control } = org;
const login = { clientId, username, privateKey: privateKey!, loginUrl, fetch: org.fetch };
const session = createSession(login);
const LIMITS = `${org.url}/services/data/v67.0/limits`;

async function authorized(init: RequestInit = {}): Promise<RequestInit> {
  const { accessToken } = await session.getToken();
  return { ...init, headers: { authorization: `Bearer ${accessToken}`, ...init.headers } };
}

/** What a promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<Error> {
  return await promise.then(() => assert.fail("It resolved"), (error) => error);
}

describe("a practice org that does not listen", () => {
  test("serves a session: token, query, record", async () => {
    const init = { method: "POST", json: { Name: "In process" } };
    const { id } = await session.fetch("/sobjects/Account", init).json();
    const [record] = await session.query(`SELECT Name FROM Account WHERE Id = '${id}'`);
    assert.equal(record!.Name, "In process");
  });

  test("answers by handle, whatever the host", async () => {
    const request = new Request("https://acme.my.salesforce.com/services/data");
    const response = await org.handle(request);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type")!, /^application\/json/);
    assert.equal((await response.json()).at(-1).version, "68.0");
    const refused = await org.handle(
      new Request("https://acme.my.salesforce.com/services/data/v67.0"),
    );
    await assertRestError(refused, 401, "INVALID_SESSION_ID");
  });

  test("HEAD and 204 have no body", async () => {
    const head = await org.fetch(LIMITS, await authorized({ method: "HEAD" }));
    assert.deepEqual([head.status, await head.text()], [200, ""]);
    const [{ Id }] = await session.query("SELECT Id FROM Account LIMIT 1") as [{ Id: string }];
    const url = `${org.url}/services/data/v67.0/sobjects/Account/${Id}`;
    const init = await authorized({
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: '{"Phone":"1"}',
    });
    const changed = await org.fetch(url, init);
    assert.deepEqual([changed.status, await changed.text()], [204, ""]);
  });

  test("has no other hosts", async () => {
    const error = await rejection(org.fetch("https://login.salesforce.com/services/data"));
    assert.equal(error.name, "TypeError");
    assert.match(
      String((error.cause as Error).message),
      /at http:\/\/localhost:1, not at https:\/\/login/,
    );
  });

  test("moves its instance", async () => {
    const own = await startPracticeOrg({ listen: false, certificate: org.certificate });
    const mover = createSession({ ...login, loginUrl: own.url, fetch: own.fetch });
    await mover.fetch("/limits");
    const moved = await own.control.moveInstance();
    await mover.fetch("/limits");
    assert.equal((await mover.getToken()).instanceUrl, moved);
    await own.close();
  });

  test("a certificate that Salesforce would not accept is refused", async () => {
    const error = await rejection(startPracticeOrg({ listen: false, certificate: "no" }));
    assert.equal(error.name, "TypeError");
    assert.match(error.message, /not an X\.509 certificate with an RSA key/);
  });
});

describe("faults without a socket", () => {
  const always = { path: LIMITS.slice(org.url.length) };

  test("hang lasts until the caller gives up; others are served meanwhile", async () => {
    control.fault({ kind: "hang", ...always });
    const caller = new AbortController();
    const hanging = rejection(org.fetch(LIMITS, await authorized({ signal: caller.signal })));
    assert.equal((await org.fetch(LIMITS, await authorized())).status, 200);
    caller.abort(new Error("enough"));
    assert.equal((await hanging).message, "enough");
  });

  test("cut rejects before the request is carried out", async () => {
    control.fault({ kind: "cut", method: "POST" });
    const before = await session.query("SELECT COUNT() FROM Account").totalSize();
    const init = await authorized({ method: "POST", body: '{"Name":"Cut"}' });
    const url = `${org.url}/services/data/v67.0/sobjects/Account`;
    const error = await rejection(org.fetch(url, init));
    assert.equal((error.cause as NodeJS.ErrnoException).code, "ECONNRESET");
    assert.equal(await session.query("SELECT COUNT() FROM Account").totalSize(), before);
  });

  test("cut-mid-body and hang-mid-body give half of the answer", async () => {
    const whole = await (await org.fetch(`${org.url}/services/data`)).text();
    for (const kind of ["cut-mid-body", "hang-mid-body"] as const) {
      control.fault({ kind });
      const reader = (await org.fetch(`${org.url}/services/data`)).body!.getReader();
      const { value } = await reader.read();
      assert.equal(new TextDecoder().decode(value), whole.slice(0, whole.length >> 1));
      if (kind === "hang-mid-body") await reader.cancel();
      else assert.equal((await rejection(reader.read())).name, "TypeError");
    }
  });

  test("drip gives all of it, in pieces", async () => {
    const whole = await (await org.fetch(`${org.url}/services/data`)).text();
    control.fault({ kind: "drip", delay: 1 });
    const decoder = new TextDecoder();
    const pieces: string[] = [];
    for await (const piece of (await org.fetch(`${org.url}/services/data`)).body!) {
      pieces.push(decoder.decode(piece, { stream: true }));
    }
    assert.equal(pieces.length, 10);
    assert.equal(pieces.join(""), whole);
  });

  test("redirects are followed, unless the caller follows them", async () => {
    const fault = { kind: "redirect", location: "/services/data", status: 307, ...always } as const;
    control.fault(fault);
    const followed = await org.fetch(LIMITS, await authorized());
    assert.equal((await followed.json()).at(-1).version, "68.0");
    control.fault(fault);
    const manual = await org.fetch(LIMITS, await authorized({ redirect: "manual" }));
    assert.deepEqual([manual.status, manual.headers.get("location")], [307, "/services/data"]);
    control.fault({ ...fault, times: "always", location: always.path });
    assert.equal((await rejection(org.fetch(LIMITS, await authorized()))).name, "TypeError");
    control.clearFaults();
  });
});
