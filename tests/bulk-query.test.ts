/** Reading by Bulk API 2.0: rows, typed or as text, and CSV; pages in parallel and in order. */
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { type BulkQuery, SalesforceError, SfetchError, type SObject } from "../mod.ts";
import { practiceOrg } from "./helpers/practice.ts";

const ROWS = 1200;
const org = await practiceOrg({ rows: ROWS });
const session = org.session();
const QUERY = "/services/data/v67.0/jobs/query";
const SOQL = "SELECT Id, Name, Description, Owner.Username, AnnualRevenue, Active__c FROM Account";

afterEach(() => {
  org.control.clearFaults();
  org.control.bulk({ hold: null, fail: null, pageSize: 50_000 });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** What a page of the result was asked for by. */
function pagesAsked(): string[] {
  return org.control.requests().map(({ path }) => path).filter((path) => path.includes("/results"));
}

const expected: SObject[] = (await session.query(SOQL, { attributes: false }))
  .map((record) => ({ ...record, Owner: { Username: record.Owner.Username } }));

describe("bulkQuery()", () => {
  test("gives the rows in order, as text", async () => {
    const rows = await all(session.bulkQuery(SOQL));
    const text = (value: unknown) => value === null ? "" : String(value);
    assert.deepEqual(
      rows,
      expected.map(({ Owner, AnnualRevenue, Active__c, Description, ...others }) => ({
        ...others,
        Description: text(Description),
        Owner,
        AnnualRevenue: text(AnnualRevenue),
        Active__c: text(Active__c),
      })),
    );
  });

  test("gives typed rows, the same as query()", async () => {
    const rows = await all(session.bulkQuery(SOQL, { typed: true }));
    assert.deepEqual(rows, expected);
    assert.ok(rows.some(({ AnnualRevenue }) => AnnualRevenue === null));
    assert.ok(rows.some(({ Description }) => Description?.includes("\n")));
  });

  test("reads pages in parallel, each once, and gives them in order", async () => {
    org.control.bulk({ pageSize: 100 });
    await session.getToken();
    org.control.clearRequests();
    const rows = await all(session.bulkQuery(SOQL));
    assert.deepEqual(rows.map(({ Id }) => Id), expected.map(({ Id }) => Id));
    const pages = pagesAsked();
    assert.equal(pages.length, 12);
    assert.equal(new Set(pages).size, 12);
  });

  test("follows the locators of an API version without resultPages", async () => {
    org.control.bulk({ pageSize: 500 });
    const rows = await all(org.session({ apiVersion: "57.0" }).bulkQuery(SOQL));
    assert.deepEqual(rows.map(({ Id }) => Id), expected.map(({ Id }) => Id));
  });

  test("gives CSV with one header, of all pages", async () => {
    org.control.bulk({ pageSize: 500 });
    const csv = await new Response(session.bulkQuery("SELECT Id, Name FROM Account").csv()).text();
    const lines = csv.trimEnd().split("\n");
    assert.equal(lines[0], '"Id","Name"');
    assert.equal(lines.length, ROWS + 1);
    assert.deepEqual(lines.slice(1).map((line) => line.slice(1, 19)), expected.map(({ Id }) => Id));
  });

  test("gives no rows for a result without any", async () => {
    const none = session.bulkQuery("SELECT Id FROM Account WHERE Name = 'nobody'");
    assert.deepEqual(await all(none), []);
    assert.equal(await new Response(none.csv()).text(), '"Id"\n');
  });

  test("runs one job however often its result is read", async () => {
    const query = session.bulkQuery("SELECT Id FROM Account LIMIT 5");
    org.control.clearRequests();
    await all(query);
    await all(query);
    const jobs = org.control.requests().filter(({ method, path }) =>
      method === "POST" && path === QUERY
    );
    assert.equal(jobs.length, 1);
    const id = await query.jobId();
    const resumed = await session.resumeJob(id) as BulkQuery;
    assert.equal((await all(resumed)).length, 5);
    await query.deleteJob();
    await assert.rejects(session.resumeJob(id), SalesforceError);
  });

  test("survives broken connections, a busy server and an expired session on the way", async () => {
    org.control.bulk({ pageSize: 300 });
    await session.getToken();
    org.control.expireSessions();
    org.control.fault({ kind: "status", status: 503, path: QUERY });
    org.control.fault({ kind: "cut", path: QUERY, after: 1 });
    org.control.fault({ kind: "cut-mid-body", method: "GET", path: QUERY, after: 4, times: 3 });
    const rows = await all(session.bulkQuery(SOQL, { typed: true }));
    assert.deepEqual(rows, expected);
    org.control.fault({ kind: "cut-mid-body", method: "GET", path: QUERY, after: 2, times: 2 });
    const csv = await new Response(session.bulkQuery("SELECT Id FROM Account").csv()).text();
    assert.deepEqual(csv.trimEnd().split("\n").slice(1), expected.map(({ Id }) => `"${Id}"`));
  });

  test("refuses what is not the whole result", async () => {
    const query = session.bulkQuery("SELECT Id FROM Account");
    org.control.fault({
      kind: "status",
      status: 200,
      body: '"Id"\n"001"\n',
      headers: { "Sforce-NumberOfRecords": "2", "Sforce-Locator": "null" },
      path: `${QUERY}/${await query.jobId()}/results`,
    });
    await assert.rejects(all(query), /has 1 rows, and should have 2/);
  });

  test("throws what Salesforce says of the query, and of its job", async () => {
    await assert.rejects(all(session.bulkQuery("SELECT Nope FROM Account")), SalesforceError);
    org.control.bulk({ fail: "InternalServerError : Retried more than fifteen times" });
    await assert.rejects(
      all(session.bulkQuery(SOQL)),
      (error) => error instanceof SfetchError && /fifteen times/.test(error.message),
    );
  });

  test("is aborted on the server by its signal", async () => {
    org.control.bulk({ hold: "InProgress" });
    const controller = new AbortController();
    const query = session.bulkQuery(SOQL, {
      signal: controller.signal,
      onProgress: ({ state }) => state === "InProgress" && controller.abort(new Error("enough")),
    });
    await assert.rejects(all(query), /enough/);
    const { state } = await session.fetch(`/jobs/query/${await query.jobId()}`).json();
    assert.equal(state, "Aborted");
  });

  test("asks for no more pages once the loop is left", async () => {
    org.control.bulk({ pageSize: 10 });
    org.control.clearRequests();
    for await (const _ of session.bulkQuery(SOQL)) break;
    assert.ok(pagesAsked().length <= 5, `${pagesAsked().length} pages`);
  });
});
