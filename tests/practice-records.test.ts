/** The practice org's records: what may be written, and how Salesforce refuses. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newOrg, USER } from "./helpers/org-data.ts";

describe("records", () => {
  test("are created, read, changed and deleted", async () => {
    const { call } = newOrg();
    const created = await call("POST", "/sobjects/Account", { Name: "New", AnnualRevenue: 5 });
    assert.equal(created.status, 201);
    const { id } = created.body;
    assert.deepEqual(created.body, { id, success: true, errors: [] });
    assert.equal(created.headers.get("Location"), `/services/data/v67.0/sobjects/Account/${id}`);

    const read = await call("GET", `/sobjects/Account/${id.slice(0, 15)}`);
    assert.equal(read.body.Name, "New");
    assert.equal(read.body.OwnerId, USER);
    assert.match(read.body.CreatedDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);

    const changed = await call("PATCH", `/sobjects/Account/${id}`, { Name: "Other", Phone: null });
    assert.deepEqual([changed.status, changed.body], [204, undefined]);
    const some = await call("GET", `/sobjects/Account/${id}?fields=Name,Owner.Username`);
    assert.deepEqual(Object.keys(some.body), ["attributes", "Name", "Owner", "Id"]);
    assert.equal(some.body.Name, "Other");

    assert.equal((await call("DELETE", `/sobjects/Account/${id}`)).status, 204);
    for (const method of ["GET", "DELETE"]) {
      const gone = await call(method, `/sobjects/Account/${id}`);
      assert.equal(gone.status, 404);
      assert.equal(gone.body[0].errorCode, "ENTITY_IS_DELETED");
    }
  });

  test("a change of a seeded record leaves its other fields", async () => {
    const { call, find } = newOrg();
    const soql = "SELECT FIELDS(ALL) FROM Account WHERE Name = 'Acme' LIMIT 1";
    const [before] = await find(soql);
    await call("PATCH", `/sobjects/Account/${before.Id}`, { Site: "Berlin" });
    const [after] = await find(soql);
    assert.deepEqual(
      Object.keys(after).filter((key) => JSON.stringify(after[key]) !== JSON.stringify(before[key]))
        .sort(),
      ["LastModifiedDate", "Site", "SystemModstamp"],
    );
  });

  test("_HttpMethod=PATCH on a POST changes", async () => {
    const { call, create } = newOrg(0);
    const id = await create("Account", { Name: "One" });
    const { status } = await call("POST", `/sobjects/Account/${id}?_HttpMethod=PATCH`, {
      Name: "2",
    });
    assert.equal(status, 204);
  });

  test("upsert by external id creates, then changes", async () => {
    const { call } = newOrg(0);
    const path = "/sobjects/Invoice__c/External_Id__c/A%2F1";
    const first = await call("PATCH", path, { Amount__c: 1 });
    assert.equal(first.status, 201);
    assert.equal(first.body.created, true);
    const second = await call("PATCH", path, { Amount__c: 2 });
    assert.equal(second.status, 200);
    assert.deepEqual(second.body, {
      id: first.body.id,
      success: true,
      errors: [],
      created: false,
    });
    const { body } = await call("GET", path);
    assert.deepEqual([body.Amount__c, body.External_Id__c, body.Name], [2, "A/1", "INV-000001"]);
  });

  test("an external id that two records have gets 300 and both addresses", async () => {
    const { call } = newOrg();
    const { status, body } = await call("PATCH", "/sobjects/Contact/Legacy_Id__c/L-1", {
      Title: "X",
    });
    assert.equal(status, 300);
    assert.equal(body.length, 2);
    for (const url of body) assert.match(url, /^\/services\/data\/v67\.0\/sobjects\/Contact\/003/);
  });

  test("a parent may be named by its external id", async () => {
    const { create, find } = newOrg();
    await create("Contact", { LastName: "Hopper", Account: { External_Id__c: "A-000001" } });
    const [{ Account }] = await find("SELECT Account.Name FROM Contact WHERE LastName = 'Hopper'");
    assert.equal(Account.Name, "Acme");
  });

  test("relationships can be walked by address", async () => {
    const { call, find } = newOrg();
    const [{ Id }] = await find("SELECT Id FROM Account WHERE Name = 'Acme'");
    const children = await call("GET", `/sobjects/Account/${Id}/Contacts?fields=LastName`);
    assert.ok(children.body.totalSize > 0);
    const owner = await call("GET", `/sobjects/Account/${Id}/Owner`);
    assert.equal(owner.body.Id, USER);
    assert.equal((await call("GET", `/sobjects/Account/${Id}/Parent`)).status, 404);
  });

  test("/updated and /deleted tell what changed", async () => {
    const { call, create } = newOrg(0);
    const kept = await create("Account", { Name: "Kept" });
    const gone = await create("Account", { Name: "Gone" });
    await call("DELETE", `/sobjects/Account/${gone}`);
    const span = `start=2020-01-01T00:00:00Z&end=2999-01-01T00:00:00Z`;
    assert.deepEqual((await call("GET", `/sobjects/Account/updated?${span}`)).body.ids, [kept]);
    const { deletedRecords } = (await call("GET", `/sobjects/Account/deleted?${span}`)).body;
    assert.deepEqual(deletedRecords.map(({ id }: { id: string }) => id), [gone]);
  });

  test("/recent names what was last written", async () => {
    const { call, create } = newOrg();
    await create("Account", { Name: "First" });
    await create("Contact", { LastName: "Second" });
    const { body } = await call("GET", "/recent");
    assert.deepEqual(body.map(({ Name }: { Name: string }) => Name), ["Second", "First"]);
  });
});

describe("records: refusals", () => {
  const { call, create } = newOrg();
  const refusals: [what: string, object: string, body: unknown, errorCode: string, RegExp][] = [
    [
      "a required field left out",
      "Account",
      {},
      "REQUIRED_FIELD_MISSING",
      /^Required fields are missing: \[Name\]$/,
    ],
    ["a required field left blank", "Account", { Name: " " }, "REQUIRED_FIELD_MISSING", /\[Name\]/],
    [
      "an unknown field",
      "Account",
      { Name: "x", Nme: 1 },
      "INVALID_FIELD",
      /^No such column 'Nme' on sobject of type Account$/,
    ],
    [
      "an id",
      "Account",
      { Id: "001", Name: "x" },
      "INVALID_FIELD",
      /^The Id field should not be specified/,
    ],
    [
      "a read-only field",
      "Account",
      { Name: "x", IsDeleted: true },
      "INVALID_FIELD_FOR_INSERT_UPDATE",
      /^Unable to create\/update fields: IsDeleted\. Please check/,
    ],
    [
      "a long text",
      "Account",
      { Name: "x".repeat(256) },
      "STRING_TOO_LONG",
      /^Account Name: data value too large: x+ \(max length=255\)$/,
    ],
    [
      "a value off the list",
      "Account",
      { Name: "x", Tier__c: "Tin" },
      "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
      /^Tier: bad value for restricted picklist field: Tin$/,
    ],
    [
      "one of several off the list",
      "Account",
      { Name: "x", Tags__c: "Partner;No" },
      "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
      /: No$/,
    ],
    [
      "a reference to another object",
      "Account",
      { Name: "x", ParentId: USER },
      "MALFORMED_ID",
      /^Parent Account ID: id value of incorrect type: 005/,
    ],
    [
      "a reference to nothing",
      "Account",
      { Name: "x", ParentId: "001000000000000" },
      "INVALID_CROSS_REFERENCE_KEY",
      /^invalid cross reference id$/,
    ],
    [
      "an address that is none",
      "Contact",
      { LastName: "x", Email: "x@y" },
      "INVALID_EMAIL_ADDRESS",
      /^Email: invalid email address: x@y$/,
    ],
    [
      "a number too large",
      "Account",
      { Name: "x", Score__c: 1000 },
      "NUMBER_OUTSIDE_VALID_RANGE",
      /1000$/,
    ],
    [
      "a text for a number",
      "Account",
      { Name: "x", AnnualRevenue: "abc" },
      "JSON_PARSER_ERROR",
      /^Cannot deserialize instance of currency from VALUE_STRING value abc or request may be missing a required field at \[line:1, column:\d+\]$/,
    ],
    [
      "a number for a text",
      "Account",
      { Name: 1 },
      "JSON_PARSER_ERROR",
      /from VALUE_NUMBER_INT value 1 /,
    ],
    [
      "a date that is none",
      "Opportunity",
      { Name: "x", StageName: "x", CloseDate: "2026-13-01" },
      "JSON_PARSER_ERROR",
      /instance of date from VALUE_STRING value 2026-13-01/,
    ],
    [
      "an object for a text",
      "Account",
      { Name: {} },
      "JSON_PARSER_ERROR",
      /from START_OBJECT value \{/,
    ],
    [
      "JSON that is none",
      "Account",
      '{"Name": x}',
      "JSON_PARSER_ERROR",
      /^Unexpected character \('x' \(code 120\)\) at \[line:1, column:10\]$/,
    ],
    ["JSON that ends early", "Account", '{"Name": "x"', "JSON_PARSER_ERROR", /end-of-input/],
    ["no body", "Account", "", "JSON_PARSER_ERROR", /^The HTTP entity body is required/],
  ];
  for (const [what, object, body, errorCode, message] of refusals) {
    test(`${what}: ${errorCode}`, async () => {
      const answer = await call("POST", `/sobjects/${object}`, body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body[0].errorCode, errorCode);
      assert.match(answer.body[0].message, message);
    });
  }

  test("the second record with a unique value: DUPLICATE_VALUE, in any case", async () => {
    const id = await create("Account", { Name: "x", External_Id__c: "once" });
    const { body } = await call("POST", "/sobjects/Account", { Name: "y", External_Id__c: "ONCE" });
    const message = "duplicate value found: External_Id__c duplicates value on record with id: " +
      id.slice(0, 15);
    assert.deepEqual(body, [{ message, errorCode: "DUPLICATE_VALUE", fields: [] }]);
    const same = await call("PATCH", `/sobjects/Account/${id}`, { External_Id__c: "Once" });
    assert.equal(same.status, 204);
  });

  test("all that is wrong is told at once", async () => {
    const { body } = await call("POST", "/sobjects/Contact", {
      LastName: "x",
      Email: "y",
      AccountId: "z",
    });
    assert.deepEqual(
      body.map(({ fields }: { fields: string[] }) => fields[0]).sort(),
      ["AccountId", "Email"],
    );
  });

  const paths: [string, string, number, string][] = [
    ["GET", "/sobjects/Account/foo", 404, "NOT_FOUND"],
    ["GET", "/sobjects/Account/001000000000000AAA", 404, "NOT_FOUND"],
    ["GET", "/sobjects/Account/003000000000000AAA", 400, "MALFORMED_ID"],
    ["GET", "/sobjects/Nope", 404, "NOT_FOUND"],
    ["GET", "/sobjects/Account/Nope__c/1", 404, "NOT_FOUND"],
    ["GET", "/sobjects/Account/External_Id__c/none", 404, "NOT_FOUND"],
    ["GET", "/nope", 404, "NOT_FOUND"],
    ["PATCH", "/sobjects/Account", 405, "METHOD_NOT_ALLOWED"],
    ["PUT", "/sobjects/Account/001000000000000AAA", 405, "METHOD_NOT_ALLOWED"],
    ["POST", "/query", 405, "METHOD_NOT_ALLOWED"],
    ["GET", "/query", 400, "MALFORMED_QUERY"],
  ];
  for (const [method, path, status, errorCode] of paths) {
    test(`${method} ${path}: ${status} ${errorCode}`, async () => {
      const answer = await call(method, path);
      assert.equal(answer.status, status);
      assert.equal(answer.body[0].errorCode, errorCode);
      if (status === 405) assert.match(answer.headers.get("Allow")!, /GET/);
    });
  }
});

describe("records: the lesser known", () => {
  const { call, find } = newOrg(3);

  test("updateOnly=true never inserts", async () => {
    const path = "/sobjects/Account/External_Id__c/none-such";
    const refused = await call("PATCH", `${path}?updateOnly=true`, { Name: "No insert" });
    assert.deepEqual([refused.status, refused.body[0].errorCode], [404, "NOT_FOUND"]);
    assert.equal((await call("PATCH", path, { Name: "Inserted" })).status, 201);
    assert.equal((await call("PATCH", `${path}?updateOnly=true`, { Name: "Changed" })).status, 200);
  });

  test("POST /sobjects/Account/Id creates", async () => {
    const { status, body } = await call("POST", "/sobjects/Account/Id", { Name: "By Id" });
    assert.equal(status, 201);
    assert.equal((await find(`SELECT Name FROM Account WHERE Id = '${body.id}'`))[0].Name, "By Id");
  });

  test("/limits/recordCount counts the objects that are named, or all", async () => {
    const { body } = await call("GET", "/limits/recordCount?sObjects=Lead,Nope");
    assert.deepEqual(body, { sObjects: [{ count: 20, name: "Lead" }] });
    const all = await call("GET", "/limits/recordCount");
    assert.ok(all.body.sObjects.length > 5);
  });

  test("/theme has an icon for each tab", async () => {
    const { body } = await call("GET", "/theme");
    assert.ok(body.themeItems.every((item: Record<string, unknown>) => item.name && item.icons));
  });
});

test("a broken body is refused whatever its length, with its place where that is found soon", async () => {
  const { call } = newOrg(1);
  const long = "x".repeat(20_000_000);
  for (
    const [body, said] of [[`{"Name":"${long}`, /'"'.*column:9\]$/], [
      `{"a":1}${long}`,
      /'x'.*column:8\]$/,
    ]] as const
  ) {
    const { status, body: [error] } = await call("POST", "/sobjects/Account", body);
    assert.deepEqual([status, error.errorCode], [400, "JSON_PARSER_ERROR"]);
    assert.match(error.message, said);
  }
});
