import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { createSession, type Session, SfetchError } from "../mod.ts";
import { type SalesforceServer, startSalesforce } from "./helpers/salesforce-server.ts";

const DATA = "/services/data/v67.0";

let salesforce: SalesforceServer;
let session: Session;
beforeEach(async () => {
  salesforce = await startSalesforce();
  session = createSession(salesforce.options);
});
afterEach(() => salesforce.close());

const asked = () =>
  salesforce.requests.map(({ path }) => path).filter((path) => !/oauth2/.test(path));

describe("a path means what was written:", () => {
  const SENT: [title: string, path: string, expected: string][] = [
    ["# in an external id", "/sobjects/A/Ext__c/A#1", `${DATA}/sobjects/A/Ext__c/A%231`],
    ["# in a query", "/query?q=SELECT '#1'", `${DATA}/query?q=SELECT%20%27%231%27`],
    ["# after /services/", "/services/apexrest/a#b", "/services/apexrest/a%23b"],
    ["a tab and a line end", "/sobjects/A/Ext__c/a\tb\nc", `${DATA}/sobjects/A/Ext__c/a%09b%0Ac`],
    ["a space at the end", "/sobjects/A/Ext__c/a ", `${DATA}/sobjects/A/Ext__c/a%20`],
    ["a bare %", "/sobjects/A/Ext__c/100%", `${DATA}/sobjects/A/Ext__c/100%25`],
    [
      "what is encoded already",
      "/sobjects/A/Ext__c/a%23%2F%20",
      `${DATA}/sobjects/A/Ext__c/a%23%2F%20`,
    ],
    ["dots within a name", "/sobjects/A/Ext__c/a..b/.c", `${DATA}/sobjects/A/Ext__c/a..b/.c`],
    ["dots in a query", "/x?a=/../b", `${DATA}/x?a=/../b`],
    ["a backslash in a query", "/x?q='O\\'Hara'", `${DATA}/x?q=%27O\\%27Hara%27`],
    ["a colon in a later part", "/sobjects/A/Ext__c/urn:x", `${DATA}/sobjects/A/Ext__c/urn:x`],
    ["//services/data, which is a path of the org's", "/x//y", `${DATA}/x//y`],
  ];
  for (const [title, path, expected] of SENT) {
    test(title, async () => {
      await session.fetch(path);
      assert.deepEqual(asked(), [expected]);
    });
  }

  test("# in an absolute URL, as text, URL or Request", async () => {
    const url = `${salesforce.url}/services/apexrest/a#b`;
    for (const input of [url, new URL(url), new Request(url)]) await session.fetch(input);
    assert.deepEqual(asked(), Array(3).fill("/services/apexrest/a%23b"));
  });

  test("searchParams are added, and nothing else is rewritten", async () => {
    await session.fetch("/x?a=b+c%20d~", { searchParams: { e: "f#g" } });
    assert.deepEqual(asked(), [`${DATA}/x?a=b+c%20d~&e=f%23g`]);
  });

  const REFUSED = [
    "/sobjects/A/../B",
    "/sobjects/A/Ext__c/..",
    "../x",
    "/./x",
    "/sobjects/A/%2e%2E/B",
    "/sobjects/A/.%2e",
    "/sobjects/A\\B",
    "\\sobjects",
    "/services/apexrest/../../x",
    "/sobjects/A/Ext__c/\ud800",
    "http://[",
    "https:services/data",
  ];
  for (const path of REFUSED) {
    test(`${JSON.stringify(path)} is refused before anything is sent there`, async () => {
      const error = await session.fetch(path).then(() => undefined, (error) => error);
      assert.ok(error instanceof SfetchError, `${error}`);
      assert.ok(error.hint);
      assert.deepEqual(asked(), []);
    });
  }

  test(".. in an absolute URL given as text is refused", async () => {
    const promise = session.fetch(`${salesforce.url}/services/../x`);
    await assert.rejects(promise, SfetchError);
    assert.deepEqual(asked(), []);
  });
});

describe("a call that cannot be sent as it is", () => {
  const self: Record<string, unknown> = {};
  self.self = self;
  const INITS: [title: string, init: object, says: RegExp][] = [
    ["retry: NaN", { retry: NaN }, /the option retry, NaN/],
    ["retry: -1", { retry: -1 }, /the option retry, -1/],
    ["retry: Infinity", { retry: Infinity }, /the option retry, Infinity/],
    ["retry: 1.5", { retry: 1.5 }, /the option retry, 1\.5/],
    ["timeout: NaN", { timeout: NaN }, /the option timeout, NaN/],
    ["timeout: 0", { timeout: 0 }, /the option timeout, 0/],
    ["timeout as text", { timeout: "5" }, /the option timeout, 5/],
    ["an unknown method", { method: "DELET" }, /the method DELET/],
    ["a method with a space", { method: "GE T" }, /the method GE T/],
    ["JSON in a circle", { method: "POST", json: self }, /the option json/],
    ["a function as JSON", { method: "POST", json: () => 1 }, /the option json/],
    ["a bigint in JSON", { method: "POST", json: { a: 1n } }, /the option json/],
    ["a line end in a header", { headers: { "x-own": "sec\nret" } }, /the option headers/],
  ];
  for (const [title, init, says] of INITS) {
    test(`says so and is not sent: ${title}`, async () => {
      const error = await session.fetch("/x", init).then(() => undefined, (error) => error);
      assert.ok(error instanceof SfetchError, `${error}`);
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, /sec\n?ret/);
      assert.deepEqual(asked(), []);
    });
  }

  test("a Request whose body was read already", async () => {
    const request = new Request(`${salesforce.url}/services/apexrest/x`, {
      method: "POST",
      body: "a",
    });
    await request.text();
    await assert.rejects(session.fetch(request), SfetchError);
    assert.deepEqual(asked(), []);
  });

  for (const batchSize of [NaN, 0, -200, 1.5]) {
    test(`batchSize: ${batchSize}`, async () => {
      const query = session.query("SELECT Id FROM Account", { batchSize });
      await assert.rejects(query, /the option batchSize/);
    });
  }
});
