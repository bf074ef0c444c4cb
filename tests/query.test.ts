import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import {
  createSession,
  type QueryOptions,
  SalesforceError,
  SfetchError,
  type SObject,
} from "../mod.ts";
import { accounts, type SalesforceServer, startSalesforce } from "./helpers/salesforce-server.ts";

const DATA = "/services/data/v67.0";
const SOQL = "SELECT Id, Name FROM Account";

let salesforce: SalesforceServer;
beforeEach(async () => {
  salesforce = await startSalesforce();
});
afterEach(() => salesforce.close());

const query = (soql = SOQL, options?: QueryOptions) =>
  createSession(salesforce.options).query(soql, options);
const pagesAsked = () => salesforce.count(`${DATA}/query`);

describe("a query", () => {
  test("gives all of 100,000 records, in order", async () => {
    const rows = accounts(100_000);
    salesforce.rows = () => rows;
    let at = 0;
    for await (const { Id } of query()) {
      if (Id !== rows[at++]!.Id) assert.fail(`record ${at} is ${Id}`);
    }
    assert.equal(at, 100_000);
    assert.equal(pagesAsked(), 50);
    assert.equal(salesforce.count("/services/oauth2/token"), 1);
  });

  test("left after 10 records asks at most for one page beyond the first", async () => {
    const rows = accounts(100_000);
    salesforce.rows = () => rows;
    const seen: SObject[] = [];
    for await (const record of query()) {
      seen.push(record);
      if (seen.length === 10) break;
    }
    assert.deepEqual(seen.map(({ Id }) => Id), rows.slice(0, 10).map(({ Id }) => Id));
    assert.ok(pagesAsked() <= 2, `${pagesAsked()} pages`);
  });

  test("asks for the next page while the caller works on this one", async () => {
    salesforce.rows = () => accounts(5_000);
    const asked = new Promise((resolve) => {
      salesforce.onRequest = ({ path }) => path.includes("-2000") && resolve(path);
    });
    const records = query()[Symbol.asyncIterator]();
    await records.next();
    await asked;
    await records.return!();
  });

  test("that is left aborts the page on its way", async () => {
    salesforce.rows = () => accounts(5_000);
    const asked = new Promise<string>((resolve) => {
      salesforce.onRequest = ({ path }) => {
        if (!path.includes("-2000")) return;
        salesforce.always(path, { fault: "hang" });
        resolve(path);
      };
    });
    const records = query()[Symbol.asyncIterator]();
    await records.next();
    await asked;
    await records.return!();
    assert.deepEqual(await records.next(), { done: true, value: undefined });
  });

  test("awaited gives all records, and has first(), pages() and totalSize", async () => {
    salesforce.rows = () => accounts(4_500);
    const all = await query();
    assert.ok(Array.isArray(all));
    assert.deepEqual(all, accounts(4_500));
    assert.deepEqual(await query().first(), accounts(1)[0]);
    assert.equal(await query().totalSize(), 4_500);
    const sizes = [];
    for await (const { records, totalSize, done } of query().pages()) {
      sizes.push([records.length, totalSize, done]);
    }
    assert.deepEqual(sizes, [[2000, 4500, false], [2000, 4500, false], [500, 4500, true]]);
  });

  test("without records is an empty iteration", async () => {
    salesforce.rows = () => [];
    assert.deepEqual(await query(), []);
    assert.equal(await query().first(), undefined);
    assert.equal(await query().totalSize(), 0);
  });

  test("of COUNT() has its number as totalSize", async () => {
    salesforce.always(`${DATA}/query`, { body: { totalSize: 42, done: true, records: [] } });
    assert.equal(await query("SELECT COUNT() FROM Account").totalSize(), 42);
  });

  test("is asked once for totalSize and the records, in either order", async () => {
    salesforce.rows = () => accounts(10);
    const one = query();
    assert.equal(await one.totalSize(), 10);
    assert.equal((await one).length, 10);
    assert.equal(pagesAsked(), 1);
    const other = query();
    assert.equal((await other).length, 10);
    assert.equal(await other.totalSize(), 10);
    assert.equal(pagesAsked(), 2);
  });

  test("can be iterated twice, starting over each time", async () => {
    const twice = query();
    assert.equal((await twice).length, 3);
    salesforce.rows = () => accounts(4);
    assert.equal((await twice).length, 4);
  });

  test("is sent only when it is read", async () => {
    const session = createSession(salesforce.options);
    session.query("SELECT Id FROM Unread");
    await session.query(SOQL);
    assert.equal(pagesAsked(), 1);
  });

  test("answers concurrent next() calls in order, across pages and beyond the end", async () => {
    salesforce.rows = () => accounts(450);
    const records = query(SOQL, { batchSize: 200 })[Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 460 }, () => records.next()));
    assert.deepEqual(
      results.slice(0, 450).map(({ value }) => (value as SObject).Id),
      accounts(450).map(({ Id }) => Id),
    );
    assert.ok(results.slice(450).every(({ done }) => done));
  });

  test("gives no record after return(), and passes on what is thrown into it", async () => {
    salesforce.rows = () => accounts(450);
    const records = query(SOQL, { batchSize: 200 })[Symbol.asyncIterator]();
    const first = records.next();
    await records.return!();
    await first;
    assert.deepEqual(await records.next(), { done: true, value: undefined });
    async function* delegating() {
      yield* query(SOQL);
    }
    const outer = delegating();
    await outer.next();
    await assert.rejects(outer.throw(new Error("boom")), /^Error: boom$/);
  });

  test("keeps next() calls in order when some are awaited and some are not", async () => {
    salesforce.rows = () => accounts(450);
    const records = query(SOQL, { batchSize: 200 })[Symbol.asyncIterator]();
    const order: Promise<IteratorResult<SObject, void>>[] = [];
    for (let i = 0; i < 450; i++) {
      order.push(records.next());
      if (i % 7 === 0) await order.at(-1);
    }
    const ids = (await Promise.all(order)).map(({ value }) => value!.Id);
    assert.deepEqual(ids, accounts(450).map(({ Id }) => Id));
  });
});

describe("the options of a query", () => {
  const asked = () =>
    new URL(salesforce.requests.find(({ path }) => path.includes("/query"))!.path, salesforce.url);

  test("queryAll and tooling choose the resource", async () => {
    for (
      const [options, path] of [
        [{}, "/query"],
        [{ queryAll: true }, "/queryAll"],
        [{ tooling: true }, "/tooling/query"],
        [{ tooling: true, queryAll: true }, "/tooling/queryAll"],
      ] as const
    ) {
      salesforce.requests.length = 0;
      await query(SOQL, options);
      assert.equal(asked().pathname, DATA + path);
      assert.equal(asked().searchParams.get("q"), SOQL);
    }
  });

  test("batchSize goes with every page", async () => {
    salesforce.rows = () => accounts(450);
    await query(SOQL, { batchSize: 200 });
    const pages = salesforce.requests.filter(({ path }) => path.startsWith(`${DATA}/query`));
    assert.equal(pages.length, 3);
    for (const { headers } of pages) {
      assert.equal(headers["sforce-query-options"], "batchSize=200");
    }
  });

  test("attributes: false leaves them off, in parents and children too", async () => {
    const attributes = { type: "Account" };
    salesforce.rows = () => [{
      attributes,
      Id: "1",
      Owner: { attributes, Name: "O", Profile: { attributes, Name: "P" } },
      Parent: null,
      Contacts: [{ attributes, Id: "2" }],
    }];
    assert.deepEqual(await query(SOQL, { attributes: false }), [{
      Id: "1",
      Owner: { Name: "O", Profile: { Name: "P" } },
      Parent: null,
      Contacts: { totalSize: 1, done: true, records: [{ Id: "2" }] },
    }]);
  });

  test("signal ends it: before, between pages, and on the way", async () => {
    const reason = new Error("enough");
    await assert.rejects(
      query(SOQL, { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    assert.equal(salesforce.requests.length, 0);

    salesforce.rows = () => accounts(5_000);
    const controller = new AbortController();
    let seen = 0;
    await assert.rejects(async () => {
      for await (const _ of query(SOQL, { signal: controller.signal })) {
        if (++seen === 10) controller.abort(reason);
      }
    }, (error) => error === reason);
    assert.ok(seen <= 4_000, "no more than what had arrived");

    salesforce.always(`${DATA}/query`, { fault: "hang" });
    const late = new AbortController();
    salesforce.onRequest = ({ path }) => path.includes("/query") && late.abort(reason);
    await assert.rejects(query(SOQL, { signal: late.signal }), (error) => error === reason);
  });
});

describe("child records", () => {
  const children = (count: number) => accounts(count).map((row, i) => ({ ...row, Id: `003${i}` }));

  test("beyond a page are completed, in every page of parents", async () => {
    salesforce.rows = () =>
      accounts(450).map((row, i) => ({ ...row, Contacts: children(i % 200 === 0 ? 700 : 1) }));
    const soql = "SELECT Id, ( SELECT Id FROM Contacts ) FROM Account";
    const records = await query(soql, { batchSize: 200 });
    assert.equal(records.length, 450);
    records.forEach(({ Contacts }, i) => {
      const expected = i % 200 === 0 ? 700 : 1;
      assert.equal(Contacts.records.length, expected);
      assert.equal(Contacts.totalSize, expected);
      assert.equal(Contacts.done, true);
      assert.equal(Contacts.nextRecordsUrl, undefined);
    });
    assert.deepEqual(records[0]!.Contacts.records, children(700));
  });

  test("of children are completed too", async () => {
    salesforce.rows = () => [{ Id: "1", Contacts: [{ Id: "2", Cases: children(450) }] }];
    const soql = "select Id, (select Id, (select Id from Cases) from Contacts) from Account";
    const [record] = await query(soql, { batchSize: 200 });
    assert.equal(record!.Contacts.records[0].Cases.records.length, 450);
  });

  test("that cannot be completed are an error, not a silent gap", async () => {
    salesforce.rows = () => [{ Id: "1", Contacts: children(450) }];
    const soql = "SELECT Id, (SELECT Id FROM Contacts) FROM Account";
    salesforce.onRequest = ({ path }) => {
      const { pathname } = new URL(path, salesforce.url);
      if (pathname.endsWith("-200")) {
        salesforce.next(pathname, { status: 400, body: [{ errorCode: "INVALID_QUERY_LOCATOR" }] });
      }
    };
    await assert.rejects(query(soql, { batchSize: 200 }), SalesforceError);
  });
});

describe("a SOQL too long for a URL", () => {
  const long = `${SOQL} WHERE Name IN (${Array.from({ length: 3_000 }, (_, i) => `'Name ${i}'`)})`;

  test("goes in a body, page after page", async () => {
    let asked = "";
    salesforce.rows = (soql) => (asked = soql, accounts(450));
    const records = await query(long, { batchSize: 200 });
    assert.deepEqual(records, accounts(450));
    assert.equal(asked, long);
    assert.ok(salesforce.requests.every(({ path }) => path.length < 16_000));
    const [composite] = salesforce.requests.filter(({ path }) => path === `${DATA}/composite`);
    assert.equal(
      JSON.parse(composite!.body).compositeRequest[0].httpHeaders["sforce-query-options"],
      "batchSize=200",
    );
  });

  test("with few characters over many bytes counts as long", async () => {
    salesforce.rows = () => accounts(1);
    await query(`${SOQL} WHERE Name = '${"界".repeat(2_000)}'`);
    assert.equal(salesforce.count(`${DATA}/composite`), 1);
  });

  test("of the Tooling API goes to its own resource", async () => {
    salesforce.rows = () => accounts(1);
    await query(long, { tooling: true, queryAll: true });
    const [composite] = salesforce.requests.filter(({ path }) => path.includes("composite"));
    assert.equal(composite!.path, `${DATA}/tooling/composite`);
    assert.match(
      JSON.parse(composite!.body).compositeRequest[0].url,
      /^\/services\/data\/v67\.0\/tooling\/queryAll\?q=/,
    );
  });

  test("that Salesforce refuses is the same error as a short one", async () => {
    const body = [{ errorCode: "MALFORMED_QUERY", message: "unexpected token" }];
    salesforce.always(`${DATA}/composite`, {
      body: { compositeResponse: [{ httpStatusCode: 400, body, referenceId: "query" }] },
    });
    await assert.rejects(query(long), (error) => {
      assert.ok(error instanceof SalesforceError);
      assert.equal(error.status, 400);
      assert.equal(error.errorCode, "MALFORMED_QUERY");
      assert.equal(error.path, `${DATA}/query`);
      return true;
    });
  });
});

describe("an error", () => {
  test("of the query itself comes from every way of reading it", async () => {
    salesforce.always(`${DATA}/query`, {
      status: 400,
      body: [{ errorCode: "MALFORMED_QUERY", message: "unexpected token: 'SELEC'" }],
    });
    for (
      const read of [
        () => query(),
        () => query().first(),
        () => query().totalSize(),
        () => query().pages().next(),
        () => query()[Symbol.asyncIterator]().next(),
      ]
    ) {
      await assert.rejects(read(), (error) => {
        assert.ok(error instanceof SalesforceError);
        assert.equal(error.errorCode, "MALFORMED_QUERY");
        assert.match(error.message, /SELEC/);
        return true;
      });
    }
  });

  test("midway comes after the records before it, and ends the iteration", async () => {
    salesforce.rows = () => accounts(450);
    salesforce.onRequest = ({ path }) => {
      if (path.endsWith("-400")) salesforce.next(path, { status: 400, body: [] });
    };
    const records = query(SOQL, { batchSize: 200 })[Symbol.asyncIterator]();
    for (let i = 0; i < 400; i++) assert.equal((await records.next()).done, false);
    await assert.rejects(records.next(), SalesforceError);
    assert.equal((await records.next()).done, true);
  });

  test("in a page fetched ahead that nobody reads troubles nobody", async () => {
    salesforce.rows = () => accounts(450);
    const failed = new Promise<void>((resolve) => {
      salesforce.onRequest = ({ path }) => {
        if (!path.endsWith("-200")) return;
        salesforce.next(path, { status: 400, body: [] });
        resolve();
      };
    });
    for await (const _ of query(SOQL, { batchSize: 200 })) {
      await failed;
      break;
    }
    assert.equal((await query(SOQL, { batchSize: 200 }).first())!.Id, accounts(1)[0]!.Id);
  });

  test("of a session that dies midway is mended unseen", async () => {
    salesforce.rows = () => accounts(1_000);
    let seen = 0;
    for await (const _ of query(SOQL, { batchSize: 200 })) {
      if (++seen === 300) salesforce.sessions.clear();
    }
    assert.equal(seen, 1_000);
    assert.equal(salesforce.count("/services/oauth2/token"), 2);
  });

  test("of an answer that is no query result says so", async () => {
    salesforce.always(`${DATA}/query`, { status: 200, body: { hello: "world" } });
    await assert.rejects(query(), /not a query result: it has no records/);
  });
});

describe("a result is whole or an error", () => {
  const FIRST = { totalSize: 3, done: false, records: accounts(1) };
  const NEXT = `${DATA}/query/0r8LOC-1`;
  const OTHER = `${DATA}/query/0r8LOC-2`;
  const WITH_CHILDREN = "SELECT Id, (SELECT Id FROM Contacts) FROM Account";
  const children = (Contacts: object) => ({
    totalSize: 1,
    done: true,
    records: [{ Id: "001", Contacts }],
  });
  const CASES: [title: string, soql: string, pages: Record<string, unknown>, says: RegExp][] = [
    ["more records and no page", SOQL, { [`${DATA}/query`]: FIRST }, /is not whole/],
    ["a page that names itself", SOQL, {
      [`${DATA}/query`]: { ...FIRST, nextRecordsUrl: NEXT },
      [NEXT]: { ...FIRST, nextRecordsUrl: NEXT },
    }, /in a circle/],
    ["pages that name each other", SOQL, {
      [`${DATA}/query`]: { ...FIRST, nextRecordsUrl: NEXT },
      [NEXT]: { ...FIRST, nextRecordsUrl: OTHER },
      [OTHER]: { ...FIRST, nextRecordsUrl: NEXT },
    }, /in a circle/],
    ["a later page that ends early", SOQL, {
      [`${DATA}/query`]: { ...FIRST, nextRecordsUrl: NEXT },
      [NEXT]: FIRST,
    }, /is not whole/],
    ["a later page without records", SOQL, {
      [`${DATA}/query`]: { ...FIRST, nextRecordsUrl: NEXT },
      [NEXT]: {},
    }, /not a query result/],
    [
      "children that stay short",
      WITH_CHILDREN,
      { [`${DATA}/query`]: children(FIRST) },
      /not whole/,
    ],
    ["children in a circle", WITH_CHILDREN, {
      [`${DATA}/query`]: children({ ...FIRST, nextRecordsUrl: NEXT }),
      [NEXT]: { ...FIRST, nextRecordsUrl: NEXT },
    }, /in a circle/],
    ["a child page without records", WITH_CHILDREN, {
      [`${DATA}/query`]: children({ ...FIRST, nextRecordsUrl: NEXT }),
      [NEXT]: { done: true },
    }, /not a query result/],
    ["a done that is text", SOQL, {
      [`${DATA}/query`]: { ...FIRST, done: "false" },
    }, /is not whole/],
    ["no word about whether it is done", SOQL, {
      [`${DATA}/query`]: { ...FIRST, done: undefined },
    }, /is not whole/],
    ["a record that is null", SOQL, {
      [`${DATA}/query`]: { ...FIRST, done: true, records: [null] },
    }, /not a query result/],
    ["a child that is text", WITH_CHILDREN, {
      [`${DATA}/query`]: children({ ...FIRST, done: true, records: ["x"] }),
    }, /not a query result/],
    ["a long query whose parts are no list", `${SOQL} WHERE Name = '${"x".repeat(13_000)}'`, {
      [`${DATA}/composite`]: { compositeResponse: {} },
    }, /not a query result/],
    ["a long query whose part is text", `${SOQL} WHERE Name = '${"x".repeat(13_000)}'`, {
      [`${DATA}/composite`]: { compositeResponse: ["x"] },
    }, /not a query result/],
    ["a totalSize that is text", SOQL, {
      [`${DATA}/query`]: { ...FIRST, done: true, totalSize: "\x1b[2J" },
    }, /not a query result/],
  ];
  for (const [title, soql, pages, says] of CASES) {
    test(title, async () => {
      for (const [path, body] of Object.entries(pages)) salesforce.always(path, { body });
      const error = await query(soql).then(() => undefined, (error) => error);
      assert.ok(error instanceof SfetchError, `${error}`);
      assert.match(error.message, says);
      assert.ok(error.hint);
    });
  }

  test("of Salesforce Connect, which does not know its size, is whole with its last page", async () => {
    salesforce.always(`${DATA}/query`, {
      body: { totalSize: -1, done: true, records: accounts(2) },
    });
    assert.equal((await query()).length, 2);
  });

  test("an expired cursor says that the query must be run again", async () => {
    const FORMS = [
      {
        status: 400,
        body: [{ errorCode: "INVALID_QUERY_LOCATOR", message: "invalid query locator" }],
      },
      { status: 401, body: [{ errorCode: "INVALID_SESSION_ID", message: "Session expired" }] },
    ];
    for (const form of FORMS) {
      salesforce.rows = () => accounts(5_000);
      salesforce.onRequest = ({ path }) =>
        path.includes("/query/") && salesforce.always(path, form);
      const error = await query().then(() => undefined, (error) => error);
      assert.ok(error instanceof SalesforceError, `${error}`);
      assert.match(error.hint, /Run the query again/);
      assert.doesNotMatch(error.hint, /polic/);
    }
  });

  test("half a character in SOQL is refused before anything is sent", async () => {
    await assert.rejects(query("SELECT Id FROM Account WHERE Name = '\ud83d'"), SfetchError);
    assert.equal(pagesAsked(), 0);
  });
});
