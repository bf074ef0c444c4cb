/** Several requests, or several records, in one call. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Answer, newOrg } from "./helpers/org-data.ts";

describe("composite", () => {
  const account = (Name?: string) => ({ attributes: { type: "Account" }, ...(Name && { Name }) });
  const count = async ({ ask }: ReturnType<typeof newOrg>, object = "Account") =>
    (await ask(`SELECT COUNT() FROM ${object}`)).body.totalSize;

  test("a later request uses what an earlier one answered", async () => {
    const { call } = newOrg(0);
    const base = "/services/data/v67.0";
    const { status, body } = await call("POST", "/composite", {
      allOrNone: true,
      compositeRequest: [
        { method: "POST", url: `${base}/sobjects/Account`, referenceId: "a", body: { Name: "A" } },
        {
          method: "POST",
          url: `${base}/sobjects/Contact`,
          referenceId: "c",
          body: { LastName: "C", AccountId: "@{a.id}" },
        },
        {
          method: "GET",
          url: `${base}/query?q=SELECT+Account.Name+FROM+Contact+WHERE+Id='@{c.id}'`,
          referenceId: "q",
        },
      ],
    });
    assert.equal(status, 200);
    const [first, second, third] = body.compositeResponse;
    assert.deepEqual([first.httpStatusCode, second.httpStatusCode], [201, 201]);
    assert.equal(third.body.records[0].Account.Name, "A");
  });

  test("allOrNone undoes everything, without it the rest stays", async () => {
    for (const allOrNone of [true, false]) {
      const org = newOrg(0);
      const { body } = await org.call("POST", "/composite", {
        allOrNone,
        compositeRequest: [
          {
            method: "POST",
            url: "/services/data/v67.0/sobjects/Account",
            referenceId: "a",
            body: { Name: "A" },
          },
          {
            method: "POST",
            url: "/services/data/v67.0/sobjects/Account",
            referenceId: "b",
            body: {},
          },
        ],
      });
      const [first, second] = body.compositeResponse;
      assert.equal(second.body[0].errorCode, "REQUIRED_FIELD_MISSING");
      if (allOrNone) assert.equal(first.body[0].errorCode, "PROCESSING_HALTED");
      else assert.equal(first.httpStatusCode, 201);
      assert.equal(await count(org), allOrNone ? 0 : 1);
    }
  });

  test("a batch answers each request on its own", async () => {
    const { call } = newOrg();
    const { body } = await call("POST", "/composite/batch", {
      batchRequests: [
        { method: "GET", url: "v67.0/sobjects/Account/foo" },
        { method: "POST", url: "v67.0/sobjects/Account", richInput: { Name: "B" } },
      ],
    });
    assert.equal(body.hasErrors, true);
    assert.deepEqual(
      body.results.map(({ statusCode }: { statusCode: number }) => statusCode),
      [404, 201],
    );
  });

  test("collections insert, update, upsert, retrieve and delete, each record with its own result", async () => {
    const { call } = newOrg(0);
    const inserted = await call("POST", "/composite/sobjects", {
      records: [account("One"), account()],
    });
    const [{ id }, refused] = inserted.body;
    assert.deepEqual(refused, {
      success: false,
      errors: [{
        statusCode: "REQUIRED_FIELD_MISSING",
        message: "Required fields are missing: [Name]",
        fields: ["Name"],
      }],
    });
    const updated = await call("PATCH", "/composite/sobjects", {
      records: [{ ...account("Two"), id }, { ...account("x"), id: "foo" }],
    });
    assert.deepEqual(updated.body[0], { id, success: true, errors: [] });
    assert.equal(updated.body[1].errors[0].statusCode, "NOT_FOUND");
    const upsert = () =>
      call("PATCH", "/composite/sobjects/Account/External_Id__c", {
        records: [{ ...account("Up"), External_Id__c: "U" }],
      });
    assert.equal((await upsert()).body[0].created, true);
    assert.equal((await upsert()).body[0].created, false);
    const read = await call(
      "GET",
      `/composite/sobjects/Account?ids=${id},001000000000000AAA&fields=Name`,
    );
    assert.equal(read.body[0].Name, "Two");
    assert.equal(read.body[1], null);
    const deleted = await call("DELETE", `/composite/sobjects?ids=${id},${id}`);
    assert.equal(deleted.body[0].success, true);
    assert.equal(deleted.body[1].errors[0].statusCode, "ENTITY_IS_DELETED");
  });

  test("a collection with allOrNone is rolled back, and more than 200 records are refused", async () => {
    const org = newOrg(0);
    const { body } = await org.call("POST", "/composite/sobjects", {
      allOrNone: true,
      records: [account("One"), account()],
    });
    assert.equal(body[0].errors[0].statusCode, "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert.equal(await count(org), 0);
    const records = Array.from({ length: 201 }, () => account("Many"));
    const refused = await org.call("POST", "/composite/sobjects", { records });
    assert.equal(refused.body[0].errorCode, "EXCEEDED_ID_LIMIT");
    assert.equal(await count(org), 0);
  });

  test("a tree is made whole or not at all", async () => {
    const org = newOrg(0);
    const tree = (LastName?: string) => ({
      records: [{
        attributes: { type: "Account", referenceId: "a" },
        Name: "Tree",
        Contacts: {
          records: [{
            attributes: { type: "Contact", referenceId: "c" },
            ...(LastName && { LastName }),
          }],
        },
      }],
    });
    const refused = await org.call("POST", "/composite/tree/Account", tree());
    assert.equal(refused.status, 400);
    assert.equal(refused.body.results[0].referenceId, "c");
    assert.equal(await count(org), 0);
    const made = await org.call("POST", "/composite/tree/Account", tree("Leaf"));
    assert.equal(made.status, 201);
    assert.equal(made.body.hasErrors, false);
    const [{ Account }] = await org.find("SELECT Account.Name FROM Contact");
    assert.equal(Account.Name, "Tree");
  });

  test("while a transaction runs, nobody else's record is caught in its rollback", async () => {
    const org = newOrg(0);
    const url = "/services/data/v67.0/sobjects/Account";
    const [, other] = await Promise.all([
      org.call("POST", "/composite", {
        allOrNone: true,
        compositeRequest: [
          { method: "POST", url, referenceId: "a", body: { Name: "A" } },
          {
            method: "GET",
            url: "/services/data/v67.0/query?q=SELECT+Id+FROM+User",
            referenceId: "q",
          },
          { method: "POST", url, referenceId: "b", body: {} },
        ],
      }),
      org.create("Account", { Name: "Bystander" }),
    ]);
    assert.deepEqual((await org.find("SELECT Id FROM Account")).map(({ Id }) => Id), [other]);
  });
});

describe("composite: the lesser known", () => {
  test("/limits may stand in a batch", async () => {
    const { call } = newOrg(1);
    const batchRequests = [{ method: "GET", url: "v67.0/limits" }];
    const { body } = await call("POST", "/composite/batch", { batchRequests });
    assert.equal(body.hasErrors, false);
    assert.ok(body.results[0].result.DailyApiRequests.Max > 0);
  });

  test("a failed row of an upsert says whether it would have been new", async () => {
    const { call } = newOrg(1);
    const row = (External_Id__c: string, more: object) => ({
      attributes: { type: "Account" },
      External_Id__c,
      ...more,
    });
    await call("PATCH", "/sobjects/Account/External_Id__c/K-1", { Name: "Known" });
    const records = [
      row("K-1", { Tier__c: "Tin" }),
      row("K-2", { Name: "New", Tier__c: "Tin" }),
      row("K-3", { Name: "Fine" }),
    ];
    const upsert = (allOrNone: boolean) =>
      call("PATCH", "/composite/sobjects/Account/External_Id__c", { allOrNone, records });
    const fates = ({ body }: Answer) =>
      body.map((each: Answer["body"]) => [each.success, each.created, each.errors[0]?.statusCode]);
    const tin = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST";
    assert.deepEqual(fates(await upsert(true)), [
      [false, false, tin],
      [false, true, tin],
      [false, true, "ALL_OR_NONE_OPERATION_ROLLED_BACK"],
    ]);
    assert.deepEqual(fates(await upsert(false)), [
      [false, false, tin],
      [false, true, tin],
      [true, true, undefined],
    ]);
  });

  test("ids that are unknown or none fail alone in a deletion", async () => {
    const { call, create } = newOrg(1);
    const id = await create("Account", { Name: "Gone" });
    const unknown = "0015g00000ZzzzzAAA";
    const { body } = await call("DELETE", `/composite/sobjects?ids=${unknown},${id},nonsense`);
    const codes = body.map((each: Answer["body"]) => each.errors[0]?.statusCode ?? each.id);
    assert.deepEqual(codes, ["INVALID_CROSS_REFERENCE_KEY", id, "MALFORMED_ID"]);
  });
});

describe("composite graphs", () => {
  const { call, find } = newOrg(1);
  const node = (referenceId: string, object: string, body: object) => ({
    method: "POST",
    url: `/services/data/v67.0/sobjects/${object}`,
    referenceId,
    body,
  });

  test("each is done as a whole or not at all", async () => {
    const graphs = [
      {
        graphId: "good",
        compositeRequest: [
          node("account", "Account", { Name: "Graph" }),
          node("contact", "Contact", { LastName: "Graph", AccountId: "@{account.id}" }),
        ],
      },
      {
        graphId: "bad",
        compositeRequest: [
          node("account", "Account", { Name: "Undone" }),
          node("contact", "Contact", {}),
        ],
      },
    ];
    const { status, body } = await call("POST", "/composite/graph", { graphs });
    assert.equal(status, 200);
    const [good, bad] = body.graphs;
    assert.deepEqual([good.graphId, good.isSuccessful], ["good", true]);
    assert.deepEqual([bad.graphId, bad.isSuccessful], ["bad", false]);
    const codes = bad.graphResponse.compositeResponse
      .map((each: Answer["body"]) => each.body[0].errorCode);
    assert.deepEqual(codes, ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]);
    const [contact] = await find("SELECT Account.Name FROM Contact WHERE LastName = 'Graph'");
    assert.equal(contact.Account.Name, "Graph");
    assert.deepEqual(await find("SELECT Id FROM Account WHERE Name = 'Undone'"), []);
  });

  test("without an id, with one twice, or too many, they are refused", async () => {
    const refusal = async (graphs: unknown) =>
      (await call("POST", "/composite/graph", { graphs })).body[0].message;
    const compositeRequest = [node("a", "Account", { Name: "x" })];
    assert.match(await refusal([{ compositeRequest }]), /Include a graphId/);
    const twice = { graphId: "1", compositeRequest };
    assert.match(await refusal([twice, twice]), /Duplicate graphId: 1/);
    const many = Array.from({ length: 76 }, (_, i) => ({ graphId: `${i}`, compositeRequest }));
    assert.match(await refusal(many), /graphs \(76\) exceeds the limit of 75/);
    const nodes = { graphId: "1", compositeRequest: Array(501).fill(compositeRequest[0]) };
    assert.match(await refusal([nodes]), /nodes \(501\) exceeds the limit of 500/);
  });
});

test("references that never end are read in no time", async () => {
  const { call } = newOrg(1);
  const compositeRequest = [{
    method: "POST",
    url: "/services/data/v67.0/sobjects/Account",
    referenceId: "a",
    body: { Name: "@{".repeat(500_000) },
  }];
  const { body } = await call("POST", "/composite", { compositeRequest });
  assert.equal(body.compositeResponse[0].body[0].errorCode, "STRING_TOO_LONG");
});
