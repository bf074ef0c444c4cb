/** What the practice org says of its objects and resources. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newOrg, USER } from "./helpers/org-data.ts";

describe("describe", () => {
  const { call } = newOrg();

  test("/sobjects lists objects with prefix, labels and urls", async () => {
    const { body } = await call("GET", "/sobjects");
    const invoice = body.sobjects.find(({ name }: { name: string }) => name === "Invoice__c");
    assert.equal(invoice.custom, true);
    assert.equal(invoice.labelPlural, "Invoices");
    assert.equal(invoice.urls.describe, "/services/data/v67.0/sobjects/Invoice__c/describe");
    const prefixes = body.sobjects.map(({ keyPrefix }: { keyPrefix: string }) => keyPrefix);
    assert.equal(new Set(prefixes).size, prefixes.length);
  });

  test("an object has its fields, picklists and relationships", async () => {
    const { body } = await call("GET", "/sobjects/Account/describe");
    // deno-lint-ignore no-explicit-any -- as above
    const field = (name: string): any =>
      body.fields.find((each: { name: string }) => each.name === name);
    assert.deepEqual(field("OwnerId").referenceTo, ["User"]);
    assert.equal(field("OwnerId").relationshipName, "Owner");
    assert.equal(field("Name").nillable, false);
    assert.equal(field("Name").length, 255);
    assert.equal(field("CreatedDate").createable, false);
    assert.equal(field("External_Id__c").externalId, true);
    assert.ok(field("Industry").picklistValues.some(({ value }: never) => value === "Banking"));
    assert.ok(
      body.childRelationships.some((each: Record<string, unknown>) =>
        each.relationshipName === "Contacts" && each.childSObject === "Contact" &&
        each.field === "AccountId"
      ),
    );
  });

  test("every field that describe names can be selected, of every object", async () => {
    const { body } = await call("GET", "/sobjects");
    for (const { name } of body.sobjects) {
      const { fields } = (await call("GET", `/sobjects/${name}/describe`)).body;
      const names = fields.map((field: { name: string }) => field.name).join(", ");
      // Links to files can only be read for given records.
      const where = name === "ContentDocumentLink" ? `WHERE LinkedEntityId = '${USER}'` : "";
      const soql = encodeURIComponent(`SELECT ${names} FROM ${name} ${where}`);
      const answer = await call("GET", `/query?q=${soql}`);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.ok(name !== "Account" || answer.body.totalSize === 50);
    }
  });

  test("If-Modified-Since spares an unchanged describe", async () => {
    const first = await call("GET", "/sobjects/Account/describe");
    const headers = { "If-Modified-Since": first.headers.get("Last-Modified")! };
    const again = await call("GET", "/sobjects/Account/describe", undefined, { headers });
    assert.equal(again.status, 304);
  });

  test("the version root lists the resources", async () => {
    const { body } = await call("GET", "");
    assert.equal(body.query, "/services/data/v67.0/query");
    assert.equal(body.tooling, "/services/data/v67.0/tooling");
  });
});
