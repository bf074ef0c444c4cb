/** What the practice org says of its objects and resources. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newOrg, USER } from "./helpers/org-data.ts";

describe("describe", () => {
  const { ask, call, create, find } = newOrg();
  const nameOf = ({ QualifiedApiName }: { QualifiedApiName: string }) => QualifiedApiName;

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
    // These cannot be read as a whole.
    const filters: Record<string, string> = {
      ContentDocumentLink: `WHERE LinkedEntityId = '${USER}'`,
      FieldDefinition: "WHERE EntityDefinitionId = 'Account'",
    };
    const { body } = await call("GET", "/sobjects");
    // deno-lint-ignore no-explicit-any -- as above
    const queryable = body.sobjects.filter((each: any) => each.queryable);
    assert.ok(queryable.length > 20);
    for (const { name } of queryable) {
      const { fields } = (await call("GET", `/sobjects/${name}/describe`)).body;
      const names = fields.map((field: { name: string }) => field.name).join(", ");
      const where = filters[name] ?? "";
      const soql = encodeURIComponent(`SELECT ${names} FROM ${name} ${where}`);
      const answer = await call("GET", `/query?q=${soql}`);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.ok(name !== "Account" || answer.body.totalSize === 50);
    }
  });

  test("what describe calls groupable and sortable can be grouped and sorted, and nothing else", async () => {
    for (const object of ["Account", "Opportunity", "Contact", "Event", "OpportunityLineItem"]) {
      const { fields } = (await call("GET", `/sobjects/${object}/describe`)).body;
      for (const { name, groupable, sortable } of fields) {
        const grouped = await ask(`SELECT ${name} FROM ${object} GROUP BY ${name}`);
        assert.equal(grouped.status, groupable ? 200 : 400, `${object}.${name}`);
        const sorted = await ask(`SELECT Id FROM ${object} ORDER BY ${name} LIMIT 1`);
        assert.equal(sorted.status, sortable ? 200 : 400, `${object}.${name}`);
      }
    }
  });

  test("objects and fields are records too", async () => {
    const [entity] = await find(
      "SELECT Label, KeyPrefix, (SELECT QualifiedApiName FROM Fields WHERE DataType = 'Auto Number') " +
        "FROM EntityDefinition WHERE QualifiedApiName = 'Invoice__c'",
    );
    assert.deepEqual([entity.Label, entity.KeyPrefix], ["Invoice", "a00"]);
    assert.deepEqual(entity.Fields.records.map(nameOf), ["Name"]);
    const [field] = await find(
      "SELECT DataType, EntityDefinition.Label FROM FieldDefinition " +
        "WHERE DurableId = 'Account.Tier__c'",
    );
    assert.deepEqual([field.DataType, field.EntityDefinition.Label], ["Picklist", "Account"]);
    const soql = "SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = 'Contact'";
    const { body } = await call("GET", `/tooling/query?q=${encodeURIComponent(soql)}`);
    assert.deepEqual(body.records.map((each: { DeveloperName: string }) => each.DeveloperName), [
      "Legacy_Id",
    ]);
    assert.equal((await ask(soql)).body[0].errorCode, "INVALID_TYPE");
  });

  test("products have prices, opportunities products", async () => {
    const Name = "Widget";
    const Product2Id = await create("Product2", { Name, ProductCode: "W-1", IsActive: true });
    const [{ Id: Pricebook2Id }] = await find("SELECT Id FROM Pricebook2 WHERE IsStandard = TRUE");
    const price = { Product2Id, Pricebook2Id, UnitPrice: 20, IsActive: true };
    const PricebookEntryId = await create("PricebookEntry", price);
    const [{ Id: OpportunityId }] = await find("SELECT Id FROM Opportunity LIMIT 1");
    const item = { OpportunityId, PricebookEntryId, Quantity: 3, UnitPrice: 18 };
    const id = await create("OpportunityLineItem", item);
    const [found] = await find(
      "SELECT ListPrice, TotalPrice, ProductCode, Product2.Name, PricebookEntry.Name " +
        `FROM OpportunityLineItem WHERE Id = '${id}'`,
    );
    assert.deepEqual(
      [found.ListPrice, found.TotalPrice, found.ProductCode, found.Product2.Name],
      [20, 54, "W-1", "Widget"],
    );
    assert.equal(found.PricebookEntry.Name, "Widget");
  });

  test("attachments hold bytes and know their length", async () => {
    const ParentId = await create("Account", { Name: "With attachment" });
    const Body = btoa("some bytes");
    const id = await create("Attachment", { ParentId, Name: "a.txt", Body });
    const [found] = await find(`SELECT BodyLength, Body FROM Attachment WHERE Id = '${id}'`);
    assert.equal(found.BodyLength, 10);
    assert.match(found.Body, new RegExp(`/sobjects/Attachment/${id}/Body$`));
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
