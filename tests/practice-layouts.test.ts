/** Layouts and list views of the practice org, and resources that it does not have. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Answer, newOrg, OTHER_USER } from "./helpers/org-data.ts";

const { call, find } = newOrg(30);

async function get(path: string): Promise<Answer["body"]> {
  const { status, body } = await call("GET", path);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

describe("layouts", () => {
  test("show every field, those to edit apart, and map the record types", async () => {
    const { layouts, recordTypeMappings } = await get("/sobjects/Account/describe/layouts");
    const [{ detailLayoutSections: [detail], editLayoutSections: [edit] }] = layouts;
    const names = (section: Answer["body"]): string[] =>
      section.layoutRows.map((row: Answer["body"]) => row.layoutItems[0].layoutComponents[0].value);
    const { fields } = await get("/sobjects/Account/describe");
    assert.deepEqual(names(detail), fields.map(({ name }: { name: string }) => name));
    assert.ok(names(edit).includes("Name") && !names(edit).includes("CreatedDate"));
    const [component] = detail.layoutRows[0].layoutItems[0].layoutComponents;
    assert.deepEqual(component.details, fields[0]);
    assert.deepEqual(
      recordTypeMappings.map(({ name }: { name: string }) => name),
      ["Business", "Partner", "Master"],
    );
    const { recordTypeId } = recordTypeMappings[0];
    const own = await get(`/sobjects/Account/describe/layouts/${recordTypeId}`);
    assert.deepEqual(own, layouts[0]);
  });

  test("of no such record type or name are not found", async () => {
    const paths = [
      "Account/describe/layouts/012000000000001AAA",
      "Account/describe/namedLayouts/X",
    ];
    for (const path of paths) assert.equal((await call("GET", `/sobjects/${path}`)).status, 404);
    assert.equal((await get("/sobjects/User/describe/namedLayouts/UserAlt")).layouts.length, 1);
  });

  test("compact layouts begin with the name; of several objects in one call", async () => {
    const { compactLayouts: [compact] } = await get("/sobjects/Account/describe/compactLayouts");
    assert.equal(compact.fieldItems[0].layoutComponents[0].value, "Name");
    assert.equal(compact.fieldItems.length, 5);
    const several = await get("/compactLayouts?q=Account,User");
    assert.deepEqual(Object.keys(several), ["Account", "User"]);
    assert.deepEqual(several.Account, compact);
    assert.deepEqual(await get("/sobjects/Account/describe/compactLayouts/primary"), compact);
  });

  test("there are no approval layouts", async () => {
    assert.deepEqual(await get("/sobjects/Account/describe/approvalLayouts"), {
      approvalLayouts: [],
    });
  });
});

describe("list views", () => {
  test("are listed, described, and give their records", async () => {
    const { listviews, sobjectType } = await get("/sobjects/Account/listviews");
    assert.equal(sobjectType, "Account");
    assert.deepEqual(listviews.map(({ label }: { label: string }) => label), [
      "All Accounts",
      "My Accounts",
    ]);
    const [all] = listviews;
    assert.deepEqual(await get(all.url), all);
    const { query, columns } = await get(all.describeUrl);
    const expected = await find(`${query} LIMIT 25`);
    const results = await get(all.resultsUrl);
    assert.equal(results.size, 25);
    assert.deepEqual(results.columns, columns);
    const names = results.records.map(({ columns }: Answer["body"]) => columns[0].value);
    assert.deepEqual(names, expected.map(({ Name }) => Name));
    const rest = await get(`${all.resultsUrl}?limit=10&offset=25`);
    assert.equal(rest.size, 5);
  });

  test("every object's views run", async () => {
    for (const { sobjectName } of await get("/tabs")) {
      for (const { resultsUrl } of (await get(`/sobjects/${sobjectName}/listviews`)).listviews) {
        assert.ok((await get(resultsUrl)).done);
      }
    }
  });

  test("of a user who owns nothing is empty; an unknown one is not found", async () => {
    const [, mine] = (await get("/sobjects/Account/listviews")).listviews;
    const { body } = await call("GET", mine.resultsUrl, undefined, { userId: OTHER_USER });
    assert.equal(body.size, 0);
    assert.equal((await call("GET", "/sobjects/Account/listviews/x")).status, 404);
    assert.equal((await call("GET", `/sobjects/Contact/listviews/${mine.id}`)).status, 404);
  });

  test("a query plan is returned for a list view's id", async () => {
    const [all] = (await get("/sobjects/Account/listviews")).listviews;
    const { plans } = await get(`/query?explain=${all.id}`);
    assert.equal(plans[0].sobjectType, "Account");
  });
});

describe("what the practice org does not have", () => {
  const absent: [string, string][] = [
    ["GET", "/analytics/reports"],
    ["POST", "/process/approvals"],
    ["GET", "/quickActions"],
    ["GET", "/sobjects/Account/quickActions"],
    ["GET", "/sobjects/Account/defaultValues"],
    ["GET", "/sobjects/Account/describe/actions"],
    ["GET", "/search/suggestions"],
    ["GET", "/tooling/completions"],
    ["GET", "/ui-api/object-info/Account"],
  ];
  for (const [method, path] of absent) {
    test(`${path} is named`, async () => {
      const { status, body } = await call(method, path, method === "POST" ? {} : undefined);
      assert.deepEqual([status, body], [404, [{
        message: `The practice org does not have the resource ${path}`,
        errorCode: "NOT_FOUND",
      }]]);
    });
  }

  test("an external id is not taken for a resource", async () => {
    await call("PATCH", "/sobjects/Account/External_Id__c/password", { Name: "By id" });
    assert.equal((await get("/sobjects/Account/External_Id__c/password")).Name, "By id");
  });

  test("XML is refused", async () => {
    const headers = { accept: "application/xml" };
    const { status, body } = await call("GET", "/limits", undefined, { headers });
    assert.equal(status, 406);
    assert.match(body[0].message, /JSON only/);
    assert.equal((await call("GET", "/limits.xml")).status, 406);
    assert.ok((await get("/limits.json")).DailyApiRequests);
  });
});
