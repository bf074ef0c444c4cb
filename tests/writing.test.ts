/** Writing records: sObject Collections for some, Bulk API 2.0 jobs for many, one result for both. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, test } from "node:test";
import {
  createSession,
  type Progress,
  type RecordResult,
  SalesforceError,
  SettingsError,
  SfetchError,
  type SObject,
  type WriteResult,
} from "../mod.ts";
import { runCode } from "./helpers/code.ts";
import { practiceOrg } from "./helpers/practice.ts";

const org = await practiceOrg({ rows: 20 });
const session = org.session();
const INGEST = "/services/data/v67.0/jobs/ingest";
const COLLECTIONS = "/services/data/v67.0/composite/sobjects";

afterEach(() => {
  org.control.clearFaults();
  org.control.lockRows(0);
  org.control.bulk({ hold: null, holdAfter: 0, fail: null });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function names(like: string): Promise<string[]> {
  const found = await session.query(`SELECT Name FROM Account WHERE Name LIKE '${like}'`);
  return found.map(({ Name }) => Name).sort();
}

const numbered = (count: number, name: string, from = 0): SObject[] =>
  Array.from({ length: count }, (_, i) => ({ Name: `${name} ${from + i}` }));

/** Requests that reached the server's API since `work` began. */
async function requestsOf(work: () => Promise<unknown>): Promise<string[]> {
  await session.getToken();
  org.control.clearRequests();
  await work();
  return org.control.requests().map(({ method, path }) => `${method} ${path.split("?")[0]}`);
}

const outcome = ({ record, status, created, errors }: RecordResult) => [
  record.Name ?? null,
  status,
  created,
  errors.map(({ code }) => code).join(),
];

describe("insert()", () => {
  test("writes the good records, and names the bad ones in the order of the input", async () => {
    const result = await session.insert("Account", [
      { Name: "In 1" },
      { Phone: "1" },
      { Name: "In 2", Tier__c: "Tin" },
      { Name: "In 3" },
    ]);
    assert.deepEqual([result.successful, result.failed, result.unprocessed], [2, 2, 0]);
    assert.deepEqual(result.jobs, []);
    const results = await all(result);
    assert.deepEqual(results.map(outcome), [
      ["In 1", "successful", true, ""],
      [null, "failed", false, "REQUIRED_FIELD_MISSING"],
      ["In 2", "failed", false, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"],
      ["In 3", "successful", true, ""],
    ]);
    assert.match(results[0]!.id!, /^001/);
    assert.deepEqual(results[1]!.errors, [{
      code: "REQUIRED_FIELD_MISSING",
      message: "Required fields are missing: [Name]",
      fields: ["Name"],
    }]);
  });

  test("writes failures again after repair", async () => {
    const first = await session.insert("Account", [{ Name: "Re 1" }, { Phone: "1" }, {
      Phone: "2",
    }]);
    const repaired = first.failures((record, [error]) =>
      record.Phone === "1" ? { ...record, Name: `Re ${error!.fields[0]}` } : undefined
    );
    const second = await session.insert("Account", repaired);
    assert.deepEqual([second.successful, second.failed], [1, 0]);
    assert.deepEqual(await names("Re %"), ["Re 1", "Re Name"]);
  });

  test("names parents by external ids, in either spelling", async () => {
    const result = await session.insert("Contact", [
      { LastName: "Nested", Account: { External_Id__c: "A-000002" } },
      { LastName: "Dotted", "Account.External_Id__c": "A-000002" },
    ]);
    assert.equal(result.successful, 2);
    const found = await session.query(
      "SELECT Account.External_Id__c FROM Contact WHERE LastName IN ('Nested', 'Dotted')",
    );
    assert.deepEqual(found.map(({ Account }) => Account.External_Id__c), ["A-000002", "A-000002"]);
  });

  test("writes all or none of a call where asked", async () => {
    const records = [{ Name: "None 1" }, { Phone: "1" }];
    const result = await session.insert("Account", records, { allOrNone: true });
    assert.deepEqual([result.successful, result.failed], [0, 2]);
    assert.deepEqual(await names("None %"), []);
  });

  test("sends nothing for no records", async () => {
    const requests = await requestsOf(async () => {
      assert.equal((await session.insert("Account", [])).successful, 0);
    });
    assert.deepEqual(requests, []);
  });

  test("says what it cannot write", async () => {
    for (const records of ["Name\nx", 5, undefined, { Name: "Acme" }]) {
      await assert.rejects(
        async () => await session.insert("Account", records as never),
        (error) => error instanceof SettingsError && /as records/.test(error.message),
      );
    }
    const object = "Account/../User";
    await assert.rejects(async () => await session.insert(object, [{}]), SettingsError);
  });

  test("throws where nothing at all is written", async () => {
    org.control.fault({ kind: "rest-error", error: "daily-limit", path: COLLECTIONS });
    await assert.rejects(session.insert("Account", numbered(3, "Limit")), SalesforceError);
    assert.deepEqual(await names("Limit %"), []);
  });

  test("tries locked rows again, and only these", async () => {
    org.control.lockRows(3);
    const requests = await requestsOf(async () => {
      const result = await session.insert("Account", numbered(10, "Locked"));
      assert.deepEqual([result.successful, result.failed], [10, 0]);
    });
    assert.equal(requests.length, 2);
    assert.equal((await names("Locked %")).length, 10);
  });

  test("gives up on a row that stays locked", async () => {
    org.control.lockRows(1000);
    const result = await session.insert("Account", numbered(1, "Stuck"));
    assert.deepEqual((await all(result)).map(outcome), [
      ["Stuck 0", "failed", false, "UNABLE_TO_LOCK_ROW"],
    ]);
  });

  test("does not repeat a call whose answer is lost, nor offer its records again", async () => {
    org.control.fault({ kind: "cut-mid-body", path: COLLECTIONS, after: 1 });
    const result = await session.insert("Account", numbered(600, "Lost"));
    assert.deepEqual([result.successful, result.failed, result.unprocessed], [400, 200, 0]);
    const lost = (await all(result)).filter(({ status }) => status === "failed");
    assert.ok(lost.every(({ errors }) => errors[0]!.code === "UNKNOWN_OUTCOME"));
    assert.equal((await names("Lost %")).length, 600);
    assert.deepEqual(await all(result.failures()), []);
  });

  test("takes an answer that it cannot read for one that was lost", async () => {
    const answers = ['[{"id":"001","succ', "[]", "null", '{"message":"ok"}'];
    let count = 0;
    const server = createServer((request, response) => {
      request.resume().on("end", () => {
        response.setHeader("content-type", "application/json");
        response.end(answers[count++]);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const instanceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const unclear = createSession({ accessToken: "00D5g000004abcD!AQ8", instanceUrl });
      for (const answer of answers) {
        const result = await unclear.insert("Account", numbered(2, "Unclear"));
        const codes = (await all(result)).map(({ errors }) => errors[0]!.code);
        assert.deepEqual(codes, ["UNKNOWN_OUTCOME", "UNKNOWN_OUTCOME"], answer);
        assert.deepEqual(await all(result.failures()), [], answer);
      }
      assert.equal(count, answers.length, "sent once each");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test("leaves what it did not send for another call", async () => {
    org.control.fault({
      kind: "rest-error",
      error: "daily-limit",
      path: COLLECTIONS,
      after: 1,
      times: "always",
    });
    const result = await session.insert("Account", numbered(2000, "Later"), { bulk: false });
    assert.equal(result.successful, 200);
    assert.equal(result.failed + result.unprocessed, 1800);
    assert.ok(result.unprocessed >= 800, `${result.unprocessed} were not sent`);
    org.control.clearFaults();
    const again = await session.insert("Account", result.failures());
    assert.equal(again.successful, 1800);
    assert.equal((await names("Later %")).length, 2000);
  });

  test("gets a new session in the middle", async () => {
    await session.getToken();
    org.control.expireSessions();
    const result = await session.insert("Account", numbered(450, "Expired"));
    assert.equal(result.successful, 450);
    assert.equal((await names("Expired %")).length, 450);
  });
});

describe("upsert(), update() and delete()", () => {
  test("300 records take two calls", async () => {
    const records = numbered(300, "Up").map((record, i) => ({
      ...record,
      External_Id__c: i === 7 ? null : `UP-${i}`,
    }));
    let result: WriteResult | undefined;
    const requests = await requestsOf(async () => {
      result = await session.upsert("Account", "External_Id__c", records);
    });
    assert.equal(requests.length, 2);
    assert.deepEqual([result!.successful, result!.failed], [299, 1]);
    const results = await all(result!);
    assert.deepEqual(results.map(({ record }) => record), records);
    assert.equal(results.findIndex(({ status }) => status === "failed"), 7);
    const again = await session.upsert("Account", "External_Id__c", records.slice(0, 7));
    assert.deepEqual((await all(again)).map(({ created }) => created), Array(7).fill(false));
  });

  test("update() and delete() take records of a query, and ids", async () => {
    await session.insert("Account", numbered(3, "Change"));
    const found = await session.query("SELECT Id, Name FROM Account WHERE Name LIKE 'Change %'");
    const changed = found.map(({ Id }) => ({ Id, Phone: "42" }));
    assert.equal((await session.update("Account", changed)).successful, 3);
    const phones = await session.query("SELECT Phone FROM Account WHERE Name LIKE 'Change %'");
    assert.deepEqual(phones.map(({ Phone }) => Phone), ["42", "42", "42"]);
    assert.equal((await session.delete("Account", found.slice(0, 2))).successful, 2);
    const [, , last] = found;
    const result = await session.delete("Account", [last!.Id!, last!.Id!]);
    assert.deepEqual((await all(result)).map(({ record, status }) => [record.Id, status]), [
      [last!.Id, "successful"],
      [last!.Id, "failed"],
    ]);
    assert.deepEqual(await names("Change %"), []);
  });
});

describe("a load by jobs", () => {
  const odd = (i: number) => `Odd ${i} "quoted", 🚀\r\nline two\n`;

  test("writes every record once, with its values intact", async () => {
    const records = Array.from({ length: 5000 }, (_, i) => ({
      Name: `Bulk ${i}`,
      External_Id__c: `BULK-${i}`,
      Description: odd(i),
      Phone: i % 2 ? null : "",
      AnnualRevenue: i,
      Active__c: i % 3 === 0,
    }));
    const seen: Progress[] = [];
    const result = await session.insert("Account", records, {
      uploadSize: 100_000,
      onProgress: (progress) => seen.push(progress),
    });
    assert.deepEqual([result.successful, result.failed, result.unprocessed], [5000, 0, 0]);
    assert.ok(result.jobs.length > 2, `${result.jobs.length} jobs`);
    assert.deepEqual(seen.at(-1)!.jobs, result.jobs);
    assert.equal(seen.at(-1)!.processed, 5000);
    const found = await session.query(
      "SELECT Name, External_Id__c, Description, Phone, AnnualRevenue, Active__c FROM Account " +
        "WHERE External_Id__c LIKE 'BULK-%'",
    );
    const byKey = new Map(found.map((record) => [record.External_Id__c, record]));
    assert.equal(found.length, 5000);
    assert.equal(byKey.size, 5000);
    for (const record of records) {
      const { attributes: _, ...there } = byKey.get(record.External_Id__c)!;
      assert.deepEqual(there, {
        ...record,
        Description: odd(record.AnnualRevenue).trim(),
        Phone: null,
      });
    }
    const ids = new Set((await all(result)).map(({ id }) => id));
    assert.equal(ids.size, 5000);
    await result.deleteJobs();
    const [job] = result.jobs;
    await assert.rejects(session.resumeJob(job!), SalesforceError);
  });

  test("begins at more than 2,000 records, of any iterable", async () => {
    async function* some(count: number) {
      yield* numbered(count, `Count ${count}`);
    }
    assert.deepEqual((await session.insert("Account", some(2000))).jobs, []);
    const result = await session.insert("Account", some(2001));
    assert.equal(result.jobs.length, 1);
    assert.equal(result.successful, 2001);
  });

  test("takes CSV as it comes from files", async () => {
    const csv = '\uFEFFName;Phone\r\n"Csv ""1""";1\r\n"Csv\r\n2";2\r\nCsv 3;3';
    const bytes = new TextEncoder().encode(csv);
    for (const source of [new Blob([csv]), new Blob([csv]).stream(), slowly(bytes)]) {
      const result = await session.insert("Account", source, { delimiter: ";" });
      assert.deepEqual([result.successful, result.failed], [3, 0]);
    }
    assert.equal((await names("Csv%")).length, 9);
  });

  test("refuses CSV whose lines end with CR alone", async () => {
    await assert.rejects(
      session.insert("Account", new Blob(["Name,Phone\rOld 1,1\rOld 2,2\r"])),
      (error) => error instanceof SettingsError && /end with CR alone/.test(error.message),
    );
  });

  test("refuses a record without any field, which CSV cannot hold", async () => {
    for (const records of [[{}], [{ Name: "Some" }, {}], [{}, { Name: "Some" }]]) {
      await assert.rejects(
        session.insert("Account", records, { bulk: true }),
        (error) => error instanceof SettingsError && /without any field/.test(error.message),
      );
    }
    assert.deepEqual(await names("Some"), []);
  });

  test("writes records with the separator that is asked for", async () => {
    const given = [{ Name: "Sep; 1", Phone: "1" }, { Name: "Sep 2" }, { Phone: "3" }];
    const result = await session.insert("Account", given, { bulk: true, delimiter: ";" });
    assert.deepEqual([result.successful, result.failed], [2, 1]);
    const job = await session.fetch(`/jobs/ingest/${result.jobs[0]}`).json();
    assert.equal(job.columnDelimiter, "SEMICOLON");
    assert.deepEqual(await all(result.failures()), [{ Phone: "3" }]);
    assert.deepEqual(await names("Sep%"), ["Sep 2", "Sep; 1"]);
    await assert.rejects(
      session.insert("Account", given, { bulk: true, delimiter: "#" }),
      (error) => error instanceof SettingsError && /the delimiter "#"/.test(error.message),
    );
  });

  test("names the failures of CSV, ready to be written again", async () => {
    const csv = new Blob(["Name,Tier__c\nFix 1,Gold\n,Gold\nFix 3,Tin\n"]);
    const result = await session.insert("Account", csv);
    assert.deepEqual([result.successful, result.failed], [1, 2]);
    const repaired = result.failures((record, errors) => ({
      ...record,
      ...(errors[0]!.fields[0] === "Name" ? { Name: "Fix 2" } : { Tier__c: "Silver" }),
    }));
    assert.equal((await session.insert("Account", repaired)).successful, 2);
    assert.deepEqual(await names("Fix %"), ["Fix 1", "Fix 2", "Fix 3"]);
  });

  test("tries locked rows again, in another job", async () => {
    org.control.lockRows(30);
    const result = await session.insert("Account", numbered(100, "BulkLock"), { bulk: true });
    assert.deepEqual([result.successful, result.failed], [100, 0]);
    assert.equal(result.jobs.length, 2);
    assert.equal((await all(result)).length, 100);
    assert.equal((await names("BulkLock %")).length, 100);
  });

  test("says why a job failed", async () => {
    await assert.rejects(
      session.insert("Account", [{ Name: "x", Nope__c: "y" }], { bulk: true }),
      (error) =>
        error instanceof SfetchError && /Field name not found : Nope__c/.test(error.message) &&
        /Check its spelling/.test(error.hint),
    );
  });

  test("survives broken connections, a busy server and an expired session on the way", async () => {
    const records = Array.from({ length: 3000 }, (_, i) => ({
      Name: `Storm ${i}`,
      External_Id__c: `STORM-${i}`,
    }));
    await session.getToken();
    org.control.expireSessions();
    const busy = { kind: "status", status: 503 } as const;
    org.control.fault({ ...busy, method: "POST", path: INGEST });
    org.control.fault({ kind: "cut", method: "PUT", path: INGEST });
    org.control.fault({ ...busy, method: "PUT", path: INGEST });
    org.control.fault({ kind: "cut-mid-body", method: "PATCH", path: INGEST });
    org.control.fault({ kind: "cut", method: "GET", path: INGEST });
    org.control.fault({
      kind: "rest-error",
      error: "session-expired",
      method: "GET",
      path: INGEST,
    });
    const result = await session.insert("Account", records, { uploadSize: 30_000 });
    assert.deepEqual([result.successful, result.failed], [3000, 0]);
    org.control.fault({ kind: "cut-mid-body", method: "GET", path: INGEST, times: 2 });
    const results = await all(result);
    assert.equal(new Set(results.map(({ record }) => record.External_Id__c)).size, 3000);
    assert.equal(results.length, 3000);
    assert.equal((await names("Storm %")).length, 3000);
  });

  test("gets a new session for an upload, and sends it again whole", async () => {
    org.control.fault({
      kind: "rest-error",
      error: "session-expired",
      method: "PUT",
      path: INGEST,
    });
    const result = await session.insert("Account", numbered(500, "Renewed"), { bulk: true });
    assert.deepEqual([result.successful, result.failed], [500, 0]);
    assert.equal((await names("Renewed %")).length, 500);
  });

  test("looks at several of its jobs at a time", async () => {
    org.control.bulk({ hold: "InProgress" });
    const controller = new AbortController();
    const looked = new Set<string>();
    let looks = 0;
    await session.getToken();
    org.control.clearRequests();
    const result = await session.insert("Account", numbered(300, "Together"), {
      bulk: true,
      uploadSize: 2000,
      signal: controller.signal,
      onProgress({ state }) {
        if (state !== "InProgress") return;
        for (const { method, path } of org.control.requests()) {
          if (method === "GET" && path.startsWith(`${INGEST}/`)) looked.add(path);
        }
        if (looked.size > 1) org.control.bulk({ hold: null });
        else if (++looks > 10) controller.abort(new Error("only one job is looked at"));
      },
    });
    assert.equal(result.successful, 300);
    assert.ok(result.jobs.length > 1);
  });

  test("is aborted on the server by its signal", async () => {
    org.control.bulk({ hold: "InProgress" });
    const controller = new AbortController();
    let id = "";
    await assert.rejects(
      session.insert("Account", numbered(50, "Aborted"), {
        bulk: true,
        signal: controller.signal,
        onProgress: ({ jobs, state }) => {
          id = jobs[0]!;
          if (state === "InProgress") controller.abort(new Error("enough"));
        },
      }),
      /enough/,
    );
    const job = await session.fetch(`/jobs/ingest/${id}`).json();
    assert.equal(job.state, "Aborted");
    org.control.bulk({ hold: null });
    const result = await session.resumeJob(id) as WriteResult;
    assert.equal(result.successful + result.unprocessed, 50);
  });

  test("that was killed is resumed by the job's id", async () => {
    org.control.bulk({ hold: "InProgress", holdAfter: 1000 });
    const { code, stdout } = await runCode(
      `import { writeSync } from "node:fs";
       import process from "node:process";
       import { createSession } from "./mod.ts";
       const records = Array.from({ length: 3000 }, (_, i) => ({ Name: "Killed " + i }));
       await createSession().insert("Account", records, {
         bulk: true,
         onProgress: ({ jobs, processed }) => {
           if (!processed) return;
           writeSync(1, jobs[0]);
           process.kill(process.pid, "SIGKILL");
         },
       });`,
      { env: org.env },
    );
    assert.notEqual(code, 0);
    const id = stdout.trim();
    org.control.bulk({ hold: null });
    const result = await session.resumeJob(id) as WriteResult;
    assert.deepEqual([result.successful, result.failed, result.unprocessed], [3000, 0, 0]);
    assert.equal(new Set((await all(result)).map(({ id }) => id)).size, 3000);
    assert.equal((await names("Killed %")).length, 3000);
  });

  test("whose upload was not completed is not resumed", async () => {
    const init = { method: "POST", json: { object: "Account", operation: "insert" } };
    const { id } = await session.fetch("/jobs/ingest", init).json();
    await assert.rejects(
      session.resumeJob(id),
      (error) => error instanceof SfetchError && /nothing of it is written/.test(error.message),
    );
    await assert.rejects(session.resumeJob("../query"), SettingsError);
  });

  test("runs in a script", async () => {
    const { code, stdout, stderr } = await runCode(
      `import { createSession } from "./mod.ts";
       const csv = new Blob(["Name\\nScript 1\\nScript 2\\n"]);
       console.log((await createSession().insert("Account", csv)).successful);`,
      { env: org.env },
    );
    assert.deepEqual([code, stdout.trim(), stderr], [0, "2", ""]);
  });
});

/** Bytes that come a few at a time. */
async function* slowly(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 5) {
    yield await Promise.resolve(bytes.subarray(at, at + 5));
  }
}

describe("graphql() and search()", () => {
  const graphql = { method: "POST", path: "/services/data/v67.0/graphql" } as const;

  test("graphql() gives the data", async () => {
    org.control.fault({
      kind: "status",
      status: 200,
      body: { data: { x: 1 }, errors: [] },
      ...graphql,
    });
    assert.deepEqual(await session.graphql("query { x }", { a: 1 }), { x: 1 });
  });

  test("graphql() throws for errors in an answer with status 200", async () => {
    const errors = [{
      message: "Field Nope is undefined",
      extensions: { ErrorType: "ValidationError" },
    }];
    org.control.fault({ kind: "status", status: 200, body: { data: null, errors }, ...graphql });
    await assert.rejects(
      session.graphql("query { Nope }"),
      (error) =>
        error instanceof SalesforceError && error.errorCode === "ValidationError" &&
        /Field Nope is undefined/.test(error.message),
    );
  });

  test("search() gives the records", async () => {
    const found = await session.search("FIND {Acme} RETURNING Account(Id, Name)");
    assert.equal(found[0]!.Name, "Acme");
  });
});
