import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { createSession, SalesforceError, type Session, SfetchError } from "../mod.ts";
import { type SalesforceServer, startSalesforce } from "./helpers/salesforce-server.ts";

const DATA = "/services/data/v67.0";

let salesforce: SalesforceServer;
let elsewhere: SalesforceServer;
let session: Session;
beforeEach(async () => {
  [salesforce, elsewhere] = await Promise.all([startSalesforce(), startSalesforce()]);
  session = createSession(salesforce.options);
});
afterEach(() => Promise.all([salesforce.close(), elsewhere.close()]));

const host = (url: string) => new URL(url).host;

/** The request is refused before it is sent, and nobody but the org has seen anything. */
async function refused(input: string | URL | Request): Promise<void> {
  await assert.rejects(session.fetch(input), (error) => {
    assert.ok(error instanceof SfetchError, `${error}`);
    assert.match(error.message, /^Refused to send the access token to/);
    assert.match(error.message, new RegExp(`belongs to ${salesforce.url}`));
    assert.doesNotMatch(error.message, /00D|secret/);
    return true;
  });
  assert.deepEqual(elsewhere.requests, []);
  assert.deepEqual(salesforce.requests.map(({ path }) => path), ["/services/oauth2/token"]);
}

describe("the access token is refused to", () => {
  const org = () => host(salesforce.url);
  const other = () => host(elsewhere.url);
  const FOREIGN: [title: string, url: () => string][] = [
    ["another host", () => `http://${other()}/services/data`],
    ["another host in https", () => `https://${other()}/services/data`],
    ["a URL without scheme", () => `//${other()}/services/data`],
    ["backslashes for slashes", () => `\\\\${other()}\\services`],
    ["a slash and a backslash", () => `/\\${other()}/services`],
    ["a backslash and a slash", () => `\\/${other()}/services`],
    ["a scheme with backslashes", () => `http:\\\\${other()}/services`],
    ["a scheme with no slashes", () => `https:${other()}/services`],
    ["a scheme in capitals", () => `HTTP://${other()}/services`],
    ["the org's host as user name", () => `http://${org()}@${other()}/services`],
    ["the org's name as user name", () => `http://127.0.0.1@${other()}/services`],
    ["the org's host as user and password", () => `http://127.0.0.1:80@${other()}/services`],
    ["a user name on the org", () => `http://user:secret@${org()}/services`],
    ["another port", () => `http://127.0.0.1:1/services`],
    ["the org in another scheme", () => `https://${org()}/services`],
    ["the same address by another name", () => `http://localhost:${org().split(":")[1]}/services`],
    ["a host that begins as the org's", () => `http://127.0.0.1.evil.example/services`],
    ["another host with the path of an identity", () => `http://${other()}/id/00D/005`],
    ["a data: URL", () => "data:text/plain,x"],
    ["a file: URL", () => "file:///etc/passwd"],
    ["a blob: URL", () => `blob:${salesforce.url}/services`],
  ];
  for (const [title, url] of FOREIGN) {
    test(title, () => refused(url()));
  }

  test("another host given as URL or Request", async () => {
    await refused(new URL(`${elsewhere.url}/services`));
    await refused(new Request(`${elsewhere.url}/services`, { method: "POST", body: "x" }));
  });
});

describe("a path stays on the org", () => {
  for (
    const path of [
      "@evil.example/services",
      "/@evil.example/",
      ".evil.example/",
      "/ /evil.example",
      "/\t/evil.example",
      " https://evil.example/",
      "/services/%2f%2fevil.example",
      "/sobjects?next=https://evil.example",
    ]
  ) {
    test(JSON.stringify(path), async () => {
      await session.fetch(path);
      const { headers } = salesforce.requests.at(-1)!;
      assert.match(headers.authorization!, /^Bearer 00D/);
      assert.equal(headers.host, host(salesforce.url));
    });
  }

  for (
    const path of [
      "/services/..//evil.example/x",
      "/services/data/../../..//evil.example",
      "/..//evil.example",
    ]
  ) {
    test(`${JSON.stringify(path)} is refused`, async () => {
      await assert.rejects(session.fetch(path), /"\.\."/);
      assert.deepEqual(elsewhere.requests, []);
      assert.deepEqual(salesforce.requests.map(({ path }) => path), ["/services/oauth2/token"]);
    });
  }
});

describe("a redirect", () => {
  const to = (status: number, location: string) => ({ status, headers: { location }, body: "" });

  for (const status of [301, 302, 303, 307, 308]) {
    test(`of ${status} to another origin is not followed, and said`, async () => {
      salesforce.always(`${DATA}/x`, to(status, `${elsewhere.url}/services/x?secret`));
      for (const method of ["GET", "POST"]) {
        await assert.rejects(session.fetch("/x", { method }), (error) => {
          assert.ok(error instanceof SalesforceError);
          assert.equal(error.status, status);
          assert.match(error.message, new RegExp(`redirected to ${host(elsewhere.url)}`));
          assert.doesNotMatch(error.message, /secret/);
          return true;
        });
      }
      assert.deepEqual(elsewhere.requests, []);
    });
  }

  test("to the org itself, but with a password, is not followed", async () => {
    const { host } = new URL(salesforce.url);
    salesforce.always(`${DATA}/x`, to(302, `http://user:pass-phrase@${host}${DATA}/limits`));
    await assert.rejects(session.fetch("/x"), (error) => {
      assert.ok(error instanceof SalesforceError);
      assert.match(error.message, /redirected to .* and not followed/);
      assert.doesNotMatch(error.stack!, /pass-phrase/);
      return true;
    });
    assert.ok(salesforce.requests.every(({ path }) => !path.endsWith("/limits")));
  });

  for (
    const location of ["http://", "//HOST/x", "\\\\HOST\\x", "http://ORG@HOST/x", "https://ORG/x"]
  ) {
    test(`to ${location} is not followed`, async () => {
      const url = location.replace("HOST", host(elsewhere.url)).replace(
        "ORG",
        host(salesforce.url),
      );
      salesforce.always(`${DATA}/x`, to(302, url));
      await assert.rejects(session.fetch("/x"), SalesforceError);
      assert.deepEqual(elsewhere.requests, []);
      assert.equal(salesforce.count("/x"), 0);
    });
  }

  test("within the org is followed with the token, a chain that leaves it as far as it goes", async () => {
    salesforce.next(`${DATA}/a`, to(302, `${DATA}/b`));
    salesforce.next(`${DATA}/b`, to(307, `${salesforce.url}/services/c`));
    const { path } = await session.fetch("/a").json();
    assert.equal(path, "/services/c");

    salesforce.next(`${DATA}/a`, to(302, `${DATA}/b`));
    salesforce.next(`${DATA}/b`, to(302, `${elsewhere.url}/services/c`));
    await assert.rejects(session.fetch("/a"), SalesforceError);
    assert.deepEqual(elsewhere.requests, []);
  });

  test("in a circle ends", async () => {
    salesforce.always(`${DATA}/x`, to(302, `${DATA}/x`));
    await assert.rejects(session.fetch("/x"), /again and again: 5 times were followed/);
    assert.equal(salesforce.count(`${DATA}/x`), 6);
  });

  test("that says no place is not followed to where it came from", async () => {
    salesforce.always(`${DATA}/x`, { status: 302, body: "" });
    await assert.rejects(session.fetch("/x"), /redirected to another place/);
    assert.equal(salesforce.count(`${DATA}/x`), 1);
  });

  test("of a POST is never followed", async () => {
    salesforce.next(`${DATA}/x`, to(307, `${DATA}/y`));
    await assert.rejects(session.fetch("/x", { method: "POST", json: {} }), (error) => {
      assert.ok(error instanceof SalesforceError);
      assert.ok(error.message.includes(`redirected to ${host(salesforce.url)} (HTTP 307)`));
      assert.equal(
        error.hint,
        `Only GET and HEAD follow a redirect. Send the POST to ${DATA}/y`,
      );
      return true;
    });
    assert.equal(salesforce.count(`${DATA}/y`), 0);
  });

  test("of the token endpoint does not take the assertion along", async () => {
    salesforce.always("/services/oauth2/token", to(307, `${elsewhere.url}/services/oauth2/token`));
    await assert.rejects(session.getToken(), (error) => {
      assert.ok(error instanceof SfetchError);
      assert.match(error.message, new RegExp(`a redirect to ${host(elsewhere.url)}`));
      return true;
    });
    assert.deepEqual(elsewhere.requests, []);
  });

  test("of revoke and of the version list does not take the token along", async () => {
    salesforce.always(
      "/services/oauth2/revoke",
      to(307, `${elsewhere.url}/services/oauth2/revoke`),
    );
    await session.getToken();
    await assert.rejects(session.revoke(), SalesforceError);
    salesforce.always("/services/data/", to(307, `${elsewhere.url}/services/data/`));
    const latest = createSession({ ...salesforce.options, apiVersion: "latest" });
    await assert.rejects(latest.apiVersion(), SalesforceError);
    assert.deepEqual(elsewhere.requests, []);
  });
});

test("the identity URL's own host gets the token for the identity, and for nothing else", async () => {
  salesforce.instanceUrl = elsewhere.url; // as in production: signed in at login, works elsewhere
  const { id, accessToken } = await session.getToken();
  elsewhere.sessions.add(accessToken);
  await session.fetch(id!);
  assert.equal(salesforce.requests.at(-1)!.path, new URL(id!).pathname);
  for (const path of ["/services/data/", "/id/../services/data/", "/ID/x", "/identity"]) {
    await assert.rejects(session.fetch(salesforce.url + path), /Refused to send the access token/);
  }
  await assert.rejects(session.fetch(id!.replace("//", "//user@")), /Refused/);
  await assert.rejects(session.fetch(id!.replace("//", "//:pw@")), /Refused/);
});

test("a query's next page on another origin is not fetched", async () => {
  salesforce.always(`${DATA}/query`, {
    body: {
      totalSize: 2,
      done: false,
      records: [{ Id: "1" }],
      nextRecordsUrl: `${elsewhere.url}${DATA}/query/01g-1`,
    },
  });
  await assert.rejects(session.query("SELECT Id FROM Account"), /Refused/);
  assert.deepEqual(elsewhere.requests, []);
});

test("a caller's own authorization header does not replace the session's", async () => {
  await session.fetch("/x", { headers: { authorization: "Bearer other" } });
  assert.match(salesforce.requests.at(-1)!.headers.authorization!, /^Bearer 00D/);
});
