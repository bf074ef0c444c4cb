/** The practice org's Bulk API 2.0: jobs and their states, what an upload may be, results, and refusals. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { practiceOrg } from "./helpers/practice.ts";
import { until } from "./helpers/until.ts";

const org = await practiceOrg({ rows: 120 });
const session = org.session({ apiVersion: "67.0" });

// deno-lint-ignore no-explicit-any -- answers are read as the test knows them
type Json = any;

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: Json;
}

async function call(method: string, path: string, body?: unknown, type?: string): Promise<Answer> {
  const response = await session.fetch(path, {
    method,
    throwHttpErrors: false,
    headers: body === undefined ? {} : { "Content-Type": type ?? "application/json" },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}

async function settled(path: string): Promise<Json> {
  return await until(async () => {
    const { json } = await call("GET", path);
    return ["JobComplete", "Failed", "Aborted"].includes(json.state) && json;
  }, `The job of ${path} did not end`);
}

/** Loads a CSV and waits for the end of its job. */
async function load(options: Json, csv: string): Promise<Json> {
  const job = await open(options);
  assert.equal((await call("PUT", `/jobs/ingest/${job.id}/batches`, csv, "text/csv")).status, 201);
  return await complete(job.id);
}

async function open(options: Json): Promise<Json> {
  const { status, json } = await call("POST", "/jobs/ingest", { object: "Account", ...options });
  assert.equal(status, 200, JSON.stringify(json));
  return json;
}

async function complete(id: string): Promise<Json> {
  const { status, json } = await call("PATCH", `/jobs/ingest/${id}`, { state: "UploadComplete" });
  assert.equal(status, 200, JSON.stringify(json));
  assert.equal(json.state, "UploadComplete");
  return await settled(`/jobs/ingest/${id}`);
}

async function results(id: string, name: string): Promise<string[]> {
  const { status, headers, text } = await call("GET", `/jobs/ingest/${id}/${name}`);
  assert.equal(status, 200, text);
  assert.equal(headers.get("content-type"), "text/csv");
  return text.split("\n").slice(0, -1);
}

async function records(soql: string): Promise<Json[]> {
  return await session.query(soql);
}

async function refused(method: string, path: string, body?: unknown): Promise<Json> {
  const { status, json } = await call(method, path, body);
  return { status, ...json[0] };
}

describe("an ingest job", () => {
  test("goes through its states and says so", async () => {
    const job = await open({ operation: "insert" });
    assert.match(job.id, /^750\w{15}$/);
    assert.deepEqual({ ...job, id: "", createdDate: "", systemModstamp: "" }, {
      id: "",
      operation: "insert",
      object: "Account",
      createdById: org.users.admin.id,
      createdDate: "",
      systemModstamp: "",
      state: "Open",
      concurrencyMode: "Parallel",
      contentType: "CSV",
      apiVersion: 67,
      lineEnding: "LF",
      columnDelimiter: "COMMA",
      contentUrl: `services/data/v67.0/jobs/ingest/${job.id}/batches`,
    });
    const csv = "Name,NumberOfEmployees\nStates One,1\nStates Two,2\n";
    await call("PUT", `/jobs/ingest/${job.id}/batches`, csv, "text/csv; charset=utf-8");
    assert.equal((await call("GET", `/jobs/ingest/${job.id}`)).json.state, "Open");
    const done = await complete(job.id);
    assert.equal(done.state, "JobComplete");
    assert.equal(done.jobType, "V2Ingest");
    assert.equal(done.numberRecordsProcessed, 2);
    assert.equal(done.numberRecordsFailed, 0);
    assert.equal("contentUrl" in done, false);
    const [one] = await records(
      "SELECT Id, NumberOfEmployees FROM Account WHERE Name = 'States One'",
    );
    assert.equal(one.NumberOfEmployees, 1);
    assert.deepEqual((await results(job.id, "successfulResults")).slice(0, 2), [
      '"sf__Id","sf__Created","Name","NumberOfEmployees"',
      `"${one.Id}","true","States One","1"`,
    ]);
    assert.deepEqual(await results(job.id, "failedResults"), [
      '"sf__Id","sf__Error","Name","NumberOfEmployees"',
    ]);
    assert.deepEqual(await results(job.id, "unprocessedrecords"), ['"Name","NumberOfEmployees"']);
  });

  test("that nobody completes stays open", async () => {
    const { id } = await open({ operation: "insert" });
    await call("PUT", `/jobs/ingest/${id}/batches`, "Name\nNever\n", "text/csv");
    await delay(20);
    assert.equal((await call("GET", `/jobs/ingest/${id}`)).json.state, "Open");
    assert.deepEqual(await records("SELECT Id FROM Account WHERE Name = 'Never'"), []);
    assert.equal((await refused("DELETE", `/jobs/ingest/${id}`)).errorCode, "INVALIDJOBSTATE");
  });

  test("names what is wrong with a row, and writes the others", async () => {
    const csv = [
      "Name,NumberOfEmployees,Tier__c,Active__c,External_Id__c",
      "Row Good,5,Gold,yes,",
      ",5,Gold,true,",
      "Row Bad Number,five,,,",
      "Row Bad Tier,,Tin,,",
      "Row Taken,,,,A-000001",
    ].join("\n");
    const { id, ...job } = await load({ operation: "insert" }, csv);
    assert.equal(job.numberRecordsProcessed, 5);
    assert.equal(job.numberRecordsFailed, 4);
    const errors = (await results(id, "failedResults")).slice(1)
      .map((line) => line.split('","')[1]);
    const [first] = await records("SELECT Id FROM Account WHERE External_Id__c = 'A-000001'");
    assert.deepEqual(errors, [
      "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",
      "INVALID_TYPE_ON_FIELD_IN_RECORD:Failed to deserialize field at col 1. Due to, 'five' is " +
      "not a valid value for the type xsd:int:NumberOfEmployees --",
      "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Tier: bad value for restricted picklist field: " +
      "Tin:Tier__c --",
      "DUPLICATE_VALUE:duplicate value found: External_Id__c duplicates value on record with " +
      `id: ${first.Id.slice(0, 15)}:--`,
    ]);
    const [good] = await records("SELECT Active__c FROM Account WHERE Name = 'Row Good'");
    assert.equal(good.Active__c, true);
  });

  test("reads a number of any length in one pass", async () => {
    const digits = "1".repeat(300_000);
    const job = await load(
      { operation: "insert" },
      `Name,AnnualRevenue\nMuch,${digits}x\n`,
    );
    assert.equal(job.numberRecordsFailed, 1);
    const [, row] = await results(job.id, "failedResults");
    assert.match(row!, /^"[^"]*","INVALID_TYPE_ON_FIELD_IN_RECORD/);
  });

  test("updates and deletes by id", async () => {
    const [a, b] = await records("SELECT Id, Name FROM Account ORDER BY Id LIMIT 2");
    const update = `Id,phone,Industry\n${a.Id},555,#N/A\n${b.Id.slice(0, 15)},556,\n,557,\n` +
      "001000000000000AAA,558,\nnope,559,\n";
    const { id, numberRecordsFailed } = await load({ operation: "update" }, update);
    assert.equal(numberRecordsFailed, 3);
    assert.deepEqual((await results(id, "failedResults")).map((line) => line.split('","')[1]), [
      "sf__Error",
      "MISSING_ARGUMENT:Id not specified in an update call:--",
      "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--",
      "MALFORMED_ID:Account ID: id value of incorrect type: nope:Id --",
    ]);
    const [one, two] = await records(
      "SELECT Phone, Industry FROM Account ORDER BY Id LIMIT 2",
    );
    assert.deepEqual([one.Phone, one.Industry, two.Phone], ["555", null, "556"]);
    assert.notEqual(two.Industry, null, "an empty value changes nothing");

    const { id: made } = await session.fetch("/sobjects/Account", {
      method: "POST",
      json: { Name: "To delete" },
    }).json();
    const csv = `Id\n${made}\n${made}\n`;
    const deleted = await load({ operation: "delete" }, csv);
    assert.equal(deleted.numberRecordsFailed, 1);
    assert.match((await results(deleted.id, "failedResults"))[1]!, /ENTITY_IS_DELETED:entity is/);
    assert.match((await results(deleted.id, "successfulResults"))[1]!, /"false"/);
  });

  test("upserts by an external id, and by Id", async () => {
    const csv = "external_id__C,Name\nA-000003,Renamed\nNEW-1,Created\n,Without\n" +
      "TWICE-1,One\ntwice-1,Two\n";
    const job = await load({ operation: "upsert", externalIdFieldName: "External_Id__c" }, csv);
    assert.equal(job.externalIdFieldName, "External_Id__c");
    assert.deepEqual(
      (await results(job.id, "successfulResults")).map((line) => line.split('","').slice(1)),
      [
        ["sf__Created", "external_id__C", 'Name"'],
        ["false", "A-000003", 'Renamed"'],
        ["true", "NEW-1", 'Created"'],
      ],
    );
    assert.deepEqual(
      (await results(job.id, "failedResults")).slice(1).map((line) => line.split('","')[1]),
      [
        "MISSING_ARGUMENT:External_Id__c not specified:--",
        "DUPLICATE_VALUE:Duplicate external id specified: TWICE-1:External_Id__c --",
        "DUPLICATE_VALUE:Duplicate external id specified: twice-1:External_Id__c --",
      ],
    );
    const byId = await load(
      { operation: "upsert", externalIdFieldName: "Id" },
      "Name\nInserted by upsert\n",
    );
    assert.match((await results(byId.id, "successfulResults"))[1]!, /"true","Inserted by upsert"/);
    const several = await load(
      { object: "Contact", operation: "upsert", externalIdFieldName: "Legacy_Id__c" },
      "Legacy_Id__c,LastName\nL-1,Nobody\n",
    );
    assert.match(
      (await results(several.id, "failedResults"))[1]!,
      /DUPLICATE_EXTERNAL_ID:Legacy_Id__c: more than one record found for external id field: \[003/,
    );
  });

  test("finds parents by what names them", async () => {
    const csv = "LastName,Account.External_Id__c,Owner.Email,ReportsTo.Email\n" +
      `Parented,A-000002,${org.users.admin.username},contact1@example.com\nLost,A-none,,\n`;
    const job = await load({ object: "Contact", operation: "insert" }, csv);
    const [contact] = await records(
      "SELECT Account.External_Id__c, Owner.Username, ReportsTo.Email FROM Contact " +
        "WHERE LastName = 'Parented'",
    );
    assert.equal(contact.Account.External_Id__c, "A-000002");
    assert.equal(contact.Owner.Username, org.users.admin.username);
    assert.equal(contact.ReportsTo.Email, "contact1@example.com");
    assert.match(
      (await results(job.id, "failedResults"))[1]!,
      /INVALID_FIELD:Foreign key external ID: a-none not found for field External_Id__c in entity Account:--/,
    );
  });

  test("fails as a whole for an upload that does not fit", async () => {
    const insert = { operation: "insert" };
    const cases: [object, string, string][] = [
      [
        insert,
        "Name\r\nx\r\n",
        "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
      ],
      [
        { ...insert, lineEnding: "CRLF" },
        "Name\nx\n",
        "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is CRLF",
      ],
      [insert, "Name,Nope\nx,y\n", "InvalidBatch : Field name not found : Nope"],
      [insert, "Name|Phone\nx|y\n", "InvalidBatch : Field name not found : Name|Phone"],
      [{ operation: "update" }, "Name\nx\n", "InvalidBatch : Field name not found : Id"],
      [
        { operation: "upsert", externalIdFieldName: "External_Id__c" },
        "Name\nx\n",
        "InvalidBatch : Field name not found : External_Id__c",
      ],
      [
        { operation: "delete" },
        "Id,Name\nx,y\n",
        "InvalidBatch : Delete batch must only contain ids",
      ],
      [
        insert,
        '\uFEFF"Name"\nx\n',
        "InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with quote should be " +
        "within a quote",
      ],
      [
        insert,
        'Name\n"a"b"\nc\n',
        "InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with quote should be " +
        "within a quote",
      ],
    ];
    for (const [options, csv, errorMessage] of cases) {
      const job = await load(options, csv);
      assert.deepEqual([job.state, job.errorMessage], ["Failed", errorMessage], csv);
      assert.equal(job.numberRecordsProcessed, 0);
    }
  });

  test("reads other delimiters and line ends, quotes, line breaks and emoji", async () => {
    const csv = 'Name;Description\r\n"Semi;colon ""🚀""";"two\r\nlines, one\ttab"\r\n';
    const job = await load({
      operation: "insert",
      columnDelimiter: "SEMICOLON",
      lineEnding: "CRLF",
    }, csv);
    assert.equal(job.state, "JobComplete", job.errorMessage);
    const [found] = await records(
      "SELECT Name, Description FROM Account WHERE Name LIKE 'Semi;%'",
    );
    assert.equal(found.Name, 'Semi;colon "🚀"');
    assert.equal(found.Description, "two\r\nlines, one\ttab");
    const { text } = await call("GET", `/jobs/ingest/${job.id}/successfulResults`);
    assert.match(text, /^"sf__Id";"sf__Created";"Name";"Description"\r\n"001/);
    assert.match(text, /"Semi;colon ""🚀""";"two\r\nlines, one\ttab"\r\n$/);
  });

  test("may be empty", async () => {
    const job = await load({ operation: "insert" }, "");
    assert.deepEqual([job.state, job.numberRecordsProcessed], ["JobComplete", 0]);
  });

  test("is uploaded once", async () => {
    const { id } = await open({ operation: "insert" });
    await call("PUT", `/jobs/ingest/${id}/batches`, "Name\nOnce\n", "text/csv");
    const again = await call("PUT", `/jobs/ingest/${id}/batches`, "Name\nTwice\n", "text/csv");
    assert.equal(again.status, 400);
    assert.match(again.json[0].message, /^Found multiple contents for job: <750/);
    await complete(id);
    const late = await call("PUT", `/jobs/ingest/${id}/batches`, "Name\nLate\n", "text/csv");
    assert.equal(late.json[0].errorCode, "INVALIDJOBSTATE");
  });

  test("is refused where it makes no sense", async () => {
    const cases: [object, string, RegExp][] = [
      [{ operation: "insert", object: "Nope" }, "INVALIDJOB", /Unable to find object: Nope/],
      [{ operation: "insert" }, "INVALIDJOB", /Unable to find object/],
      [{ operation: "merge", object: "Account" }, "JSON_PARSER_ERROR", /OperationEnum/],
      [{ operation: "hardDelete", object: "Account" }, "FEATURENOTENABLED", /contact system admin/],
      [{ operation: "insert", object: "RecordType" }, "INVALIDENTITY", /not supported by the Bulk/],
      [{ operation: "upsert", object: "Account" }, "INVALIDJOB", /External ID was blank/],
      [
        { operation: "upsert", object: "Account", externalIdFieldName: "Name" },
        "INVALIDJOB",
        /does not match an External ID/,
      ],
      [{ operation: "insert", object: "Account", lineEnding: "CR" }, "JSON_PARSER_ERROR", /CR is/],
    ];
    for (const [body, errorCode, message] of cases) {
      const answer = await refused("POST", "/jobs/ingest", body);
      assert.deepEqual([answer.status, answer.errorCode], [400, errorCode], JSON.stringify(body));
      assert.match(answer.message, message);
    }
  });

  test("is aborted on the way, and says what it did not come to", async () => {
    org.control.bulk({ hold: "InProgress", holdAfter: 200 });
    const csv = "Name\n" + Array.from({ length: 500 }, (_, i) => `Aborted ${i}\n`).join("");
    const { id } = await open({ operation: "insert" });
    await call("PUT", `/jobs/ingest/${id}/batches`, csv, "text/csv");
    await call("PATCH", `/jobs/ingest/${id}`, { state: "UploadComplete" });
    let job: Json;
    do job = (await call("GET", `/jobs/ingest/${id}`)).json; while (
      job.state !== "InProgress" || job.numberRecordsProcessed < 200
    );
    assert.equal(
      (await refused("GET", `/jobs/ingest/${id}/failedResults`)).errorCode,
      "INVALIDJOBSTATE",
    );
    assert.equal((await refused("DELETE", `/jobs/ingest/${id}`)).errorCode, "INVALIDJOBSTATE");
    const aborted = await call("PATCH", `/jobs/ingest/${id}`, { state: "Aborted" });
    assert.equal(aborted.json.state, "Aborted");
    org.control.bulk({ hold: null, holdAfter: 0 });
    assert.equal((await results(id, "successfulResults")).length, 201);
    assert.deepEqual((await results(id, "unprocessedrecords")).slice(0, 2), [
      '"Name"',
      '"Aborted 200"',
    ]);
    const again = await refused("PATCH", `/jobs/ingest/${id}`, { state: "Aborted" });
    assert.equal(again.errorCode, "INVALIDJOBSTATE");
    assert.equal((await call("DELETE", `/jobs/ingest/${id}`)).status, 204);
    assert.equal((await call("GET", `/jobs/ingest/${id}`)).status, 404);
  });

  test("meets locked rows and failures when told to", async () => {
    org.control.lockRows(2);
    const job = await load({ operation: "insert" }, "Name\nLock A\nLock B\nLock C\n");
    assert.equal(job.numberRecordsFailed, 2);
    assert.match((await results(job.id, "failedResults"))[1]!, /UNABLE_TO_LOCK_ROW:unable to/);
    org.control.bulk({ fail: "InternalServerError : something" });
    const failed = await load({ operation: "insert" }, "Name\nFails\n");
    org.control.bulk({ fail: null });
    assert.deepEqual([failed.state, failed.errorMessage], [
      "Failed",
      "InternalServerError : something",
    ]);
    assert.deepEqual(await results(failed.id, "unprocessedrecords"), ['"Name"', '"Fails"']);
  });

  test("that has ended cannot be aborted", async () => {
    const { id } = await load({ operation: "insert" }, "Name\nEnded\n");
    assert.deepEqual(await refused("PATCH", `/jobs/ingest/${id}`, { state: "Aborted" }), {
      status: 400,
      errorCode: "INVALIDJOBSTATE",
      message: "Aborting already Completed Job not allowed",
    });
  });

  test("lets other requests through while it runs", async () => {
    const csv = "Name\n" + Array.from({ length: 20_000 }, (_, i) => `Slice ${i}\n`).join("");
    const { id } = await open({ operation: "insert" });
    await call("PUT", `/jobs/ingest/${id}/batches`, csv, "text/csv");
    await call("PATCH", `/jobs/ingest/${id}`, { state: "UploadComplete" });
    const seen: number[] = [];
    for (let job: Json = {}; job.state !== "JobComplete";) {
      job = (await call("GET", `/jobs/ingest/${id}`)).json;
      seen.push(job.numberRecordsProcessed);
    }
    assert.equal(seen.at(-1), 20_000);
    assert.ok(seen.some((count) => count > 0 && count < 20_000), `progress was seen at ${seen}`);
  });
});

describe("a query job", () => {
  const QUERY = "SELECT Id, Name, owner.username, AnnualRevenue, Active__c, CreatedDate FROM " +
    "Account WHERE External_Id__c LIKE 'A-0000%' ORDER BY External_Id__c";

  async function query(soql: string, more: object = {}): Promise<Json> {
    const body = { operation: "query", query: soql, ...more };
    const { status, json } = await call("POST", "/jobs/query", body);
    assert.equal(status, 200, JSON.stringify(json));
    assert.equal(json.state, "UploadComplete");
    return await settled(`/jobs/query/${json.id}`);
  }

  test("gives the result as CSV", async () => {
    const job = await query(QUERY);
    assert.deepEqual([job.state, job.jobType, job.object], ["JobComplete", "V2Query", "Account"]);
    assert.equal(job.numberRecordsProcessed, 99);
    const { headers, text } = await call("GET", `/jobs/query/${job.id}/results`);
    assert.equal(headers.get("content-type"), "text/csv");
    assert.equal(headers.get("sforce-locator"), "null");
    assert.equal(headers.get("sforce-numberofrecords"), "99");
    const [first] = await records(QUERY + " LIMIT 1");
    const lines = text.split("\n");
    assert.equal(
      lines[0],
      '"Id","Name","Owner.Username","AnnualRevenue","Active__c","CreatedDate"',
    );
    assert.equal(
      lines[1],
      `"${first.Id}","${first.Name}","${org.username}","${first.AnnualRevenue ?? ""}",` +
        `"${first.Active__c}","${first.CreatedDate.replace("+0000", "Z")}"`,
    );
  });

  test("comes in pages, each with its header", async () => {
    const { id } = await query(QUERY);
    const ids: string[] = [];
    let locator: string | null = "";
    for (let page = 0; locator !== "null"; page++) {
      assert.ok(page < 3, "the locators come to an end");
      const at = locator ? `&locator=${locator}` : "";
      const answer = await call("GET", `/jobs/query/${id}/results?maxRecords=40${at}`);
      locator = answer.headers.get("sforce-locator");
      const [header, ...rows] = answer.text.trim().split("\n");
      assert.match(header!, /^"Id","Name"/);
      assert.equal(answer.headers.get("sforce-numberofrecords"), String(page < 2 ? 40 : 19));
      ids.push(...rows.map((row) => row.slice(1, 19)));
    }
    assert.deepEqual(ids, (await records(QUERY)).map(({ Id }) => Id));
  });

  test("names five pages at a time", async () => {
    org.control.bulk({ pageSize: 15 });
    const { id } = await query(QUERY);
    const first = (await call("GET", `/jobs/query/${id}/resultPages`)).json;
    assert.equal(first.resultPages.length, 5);
    assert.equal(first.done, false);
    const prefix = "/services/data/v67.0";
    const next = (await call("GET", first.nextRecordsUrl.slice(prefix.length))).json;
    assert.deepEqual([next.resultPages.length, next.done], [2, true]);
    let total = 0;
    for (const { resultUrl } of [...first.resultPages, ...next.resultPages]) {
      const { headers } = await call("GET", resultUrl.slice(prefix.length));
      total += Number(headers.get("sforce-numberofrecords"));
    }
    assert.equal(total, 99);
    org.control.bulk({ pageSize: 50_000 });
    const old = org.session({ apiVersion: "57.0" });
    const response = await old.fetch(`/jobs/query/${id}/resultPages`, { throwHttpErrors: false });
    assert.equal(response.status, 404);
    await response.body?.cancel();
  });

  test("gives its results to the API version that asked for it only", async () => {
    const { id } = await query(QUERY);
    for (const name of ["results", "resultPages"]) {
      const other = org.session({ apiVersion: "66.0" });
      const response = await other.fetch(`/jobs/query/${id}/${name}`, { throwHttpErrors: false });
      assert.equal(response.status, 409);
      await response.body?.cancel();
    }
  });

  test("of nothing is a header", async () => {
    const { id } = await query("SELECT Id, Name FROM Account WHERE Name = 'nobody'");
    const { headers, text } = await call("GET", `/jobs/query/${id}/results`);
    assert.equal(text, '"Id","Name"\n');
    assert.equal(headers.get("sforce-locator"), "null");
    assert.equal(headers.get("sforce-numberofrecords"), "0");
  });

  test("finds the deleted as queryAll", async () => {
    const { id } = await session.fetch("/sobjects/Lead", {
      method: "POST",
      json: { LastName: "Gone", Company: "x" },
    }).json();
    await session.fetch(`/sobjects/Lead/${id}`, { method: "DELETE" });
    const soql = "SELECT Id, IsDeleted FROM Lead WHERE LastName = 'Gone'";
    assert.equal((await query(soql)).numberRecordsProcessed, 0);
    const all = await query(soql, { operation: "queryAll" });
    assert.equal(all.numberRecordsProcessed, 1);
  });

  test("is refused for what bulk queries cannot do", async () => {
    const cases: [string, RegExp][] = [
      ["SELECT COUNT() FROM Account", /Aggregate/],
      ["SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry", /GROUP BY/],
      ["SELECT Id, (SELECT Id FROM Contacts) FROM Account", /Aggregate Relationships/],
      ["SELECT Id FROM Account LIMIT 5 OFFSET 5", /OFFSET/],
      ["SELECT TYPEOF What WHEN Account THEN Phone END FROM Task", /TYPEOF/],
      [
        "SELECT BillingAddress FROM Account",
        /^Selecting compound data not supported in Bulk Query$/,
      ],
      ["SELECT Account.BillingAddress FROM Contact", /compound data/],
    ];
    for (const [soql, message] of cases) {
      const answer = await refused("POST", "/jobs/query", { operation: "query", query: soql });
      assert.deepEqual([answer.status, answer.errorCode], [400, "API_ERROR"], soql);
      assert.match(answer.message, message);
    }
    const typo = await refused("POST", "/jobs/query", {
      operation: "query",
      query: "SELECT Nope FROM Account",
    });
    assert.equal(typo.errorCode, "INVALID_FIELD");
  });

  test("has no results before its end, nor after an abort", async () => {
    org.control.bulk({ hold: "InProgress" });
    const { json } = await call("POST", "/jobs/query", { operation: "query", query: QUERY });
    let job: Json = json;
    while (job.state !== "InProgress") job = (await call("GET", `/jobs/query/${json.id}`)).json;
    const early = await refused("GET", `/jobs/query/${json.id}/results`);
    assert.equal(early.errorCode, "INVALIDJOBSTATE");
    await call("PATCH", `/jobs/query/${json.id}`, { state: "Aborted" });
    org.control.bulk({ hold: null });
    assert.equal((await settled(`/jobs/query/${json.id}`)).state, "Aborted");
    const late = await refused("GET", `/jobs/query/${json.id}/results`);
    assert.equal(late.errorCode, "INVALIDJOBSTATE");
    assert.equal((await call("DELETE", `/jobs/query/${json.id}`)).status, 204);
  });
});

describe("jobs", () => {
  test("are listed, each kind apart", async () => {
    const { id } = await open({ operation: "insert" });
    const ingest = (await call("GET", "/jobs/ingest")).json;
    assert.equal(ingest.done, true);
    assert.equal(ingest.nextRecordsUrl, null);
    assert.ok(ingest.records.some((job: Json) => job.id === id));
    const query = (await call("GET", "/jobs/query")).json;
    assert.ok(query.records.every((job: Json) => job.jobType === "V2Query"));
  });

  test("that nobody knows are not found", async () => {
    const { id } = await open({ operation: "insert" });
    for (
      const path of [
        "/jobs/ingest/750000000000000AAA",
        "/jobs/ingest/nope",
        `/jobs/query/${id}`,
        "/jobs/ingest/750000000000000AAA/failedResults",
      ]
    ) {
      const answer = await refused("GET", path);
      assert.deepEqual([answer.status, answer.errorCode], [404, "NOT_FOUND"], path);
    }
  });

  test("live for seven days", async () => {
    const { id } = await open({ operation: "insert" });
    org.control.set({ clockOffset: 6 * 86_400_000 });
    assert.equal((await call("GET", `/jobs/ingest/${id}`)).status, 200);
    org.control.set({ clockOffset: 8 * 86_400_000 });
    assert.equal((await call("GET", `/jobs/ingest/${id}`)).status, 404);
    org.control.set({ clockOffset: 0 });
    const other = await open({ operation: "insert" });
    org.control.expireJobs();
    assert.equal((await call("GET", `/jobs/ingest/${other.id}`)).status, 404);
  });

  test("need a session like everything else", async () => {
    org.control.expireSessions();
    const response = await fetch(`${org.url}/services/data/v67.0/jobs/ingest`, {
      headers: { Authorization: "Bearer 00D000000000000!dead" },
    });
    assert.equal(response.status, 401);
    await response.body?.cancel();
  });
});
