/** The practice org's GraphQL: queries over its objects. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Answer, newOrg } from "./helpers/org-data.ts";

const org = newOrg(30);

async function send(query: string, more: object = {}): Promise<Answer["body"]> {
  const { status, body } = await org.call("POST", "/graphql", { query, ...more });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** The records that a query must give. */
async function find(selection: string, more?: object): Promise<Answer["body"]> {
  const { data, errors } = await send(`query { uiapi { query { ${selection} } } }`, more);
  assert.deepEqual(errors, []);
  return data.uiapi.query;
}

/** What a query is refused with. */
async function refusal(query: string, more?: object): Promise<{ message: string; type: string }> {
  const { data, errors } = await send(query, more);
  assert.equal(data, null);
  const [{ message, extensions }] = errors;
  return { message, type: extensions.ErrorType };
}

describe("GraphQL", () => {
  test("edges, nodes and values, ten unless told", async () => {
    const { Account } = await find("Account { edges { node { Id Name { value } } } totalCount }");
    const records = await org.find("SELECT Id, Name FROM Account LIMIT 10");
    assert.deepEqual(
      Account.edges.map(({ node }: Answer["body"]) => [node.Id, node.Name.value]),
      records.map(({ Id, Name }) => [Id, Name]),
    );
    assert.equal(Account.totalCount, 30);
  });

  test("pages follow one another by cursors", async () => {
    const ids: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 4; page++) {
      const query = `query Page($after: String) { uiapi { query {
        Account(first: 8, after: $after, orderBy: { Name: { order: DESC, nulls: LAST } }) {
          edges { cursor node { Id } } pageResultCount
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }`;
      const { data } = await send(query, { variables: { after } });
      const { edges, pageInfo, pageResultCount } = data.uiapi.query.Account;
      ids.push(...edges.map(({ node }: Answer["body"]) => node.Id));
      assert.equal(pageResultCount, edges.length);
      assert.equal(pageInfo.startCursor, edges[0].cursor);
      assert.deepEqual([pageInfo.hasPreviousPage, pageInfo.hasNextPage], [page > 0, page < 3]);
      after = pageInfo.endCursor;
    }
    const records = await org.find("SELECT Id FROM Account ORDER BY Name DESC NULLS LAST");
    assert.deepEqual(ids, records.map(({ Id }) => Id));
  });

  const filters: [string, string][] = [
    [`Name: { like: "A%" }`, "Name LIKE 'A%'"],
    [`Name: { eq: "O'Reilly & Söhne GmbH" }`, "Name = 'O\\'Reilly & Söhne GmbH'"],
    [
      `NumberOfEmployees: { gt: 100, lte: 700 }`,
      "NumberOfEmployees > 100 AND NumberOfEmployees <= 700",
    ],
    [`Industry: { in: ["Banking", "Energy"] }`, "Industry IN ('Banking', 'Energy')"],
    [`Industry: { eq: null }`, "Industry = null"],
    [`Active__c: { eq: true }`, "Active__c = true"],
    [`Tags__c: { includes: ["Partner"] }`, "Tags__c INCLUDES ('Partner')"],
    [
      `or: [{ Name: { like: "A%" } }, { Rating: { ne: "Hot" } }]`,
      "Name LIKE 'A%' OR Rating != 'Hot'",
    ],
    [`not: { Name: { like: "A%" } }`, "NOT Name LIKE 'A%'"],
    [`Owner: { Username: { like: "admin%" } }`, "Owner.Username LIKE 'admin%'"],
    [`CreatedDate: { gte: { literal: LAST_YEAR } }`, "CreatedDate >= LAST_YEAR"],
    [`CreatedDate: { gte: { range: { last_n_days: 90 } } }`, "CreatedDate >= LAST_N_DAYS:90"],
    [
      `CreatedDate: { gt: { value: "2020-01-01T00:00:00Z" } }`,
      "CreatedDate > 2020-01-01T00:00:00Z",
    ],
  ];
  for (const [where, soql] of filters) {
    test(`where ${where}`, async () => {
      const { Account } = await find(
        `Account(first: 100, where: { ${where} }) { edges { node { Id } } }`,
      );
      const records = await org.find(`SELECT Id FROM Account WHERE ${soql}`);
      assert.ok(records.length > 0);
      assert.deepEqual(
        Account.edges.map(({ node }: Answer["body"]) => node.Id),
        records.map(({ Id }) => Id),
      );
    });
  }

  test("parents, children and references to several objects", async () => {
    const { Contact, Task } = await find(`
      Contact(first: 1) { edges { node { Account { Name { value } Contacts(first: 2) {
        totalCount edges { node { LastName { value } } } } } } } }
      Task(first: 3) { edges { node { What { __typename ... on Account { Industry { value } }
        ... on Opportunity { StageName { value label } } } } } }`);
    const { Account } = Contact.edges[0].node;
    assert.equal(Account.Name.value, "Acme");
    assert.equal(Account.Contacts.edges.length, 2);
    assert.ok(Account.Contacts.totalCount > 2);
    for (const { node: { What } } of Task.edges) {
      assert.ok(What.__typename === "Account" ? "Industry" in What : What.StageName.label, What);
    }
  });

  test("display values are formatted", async () => {
    const { Opportunity } = await find(
      `Opportunity(first: 1, where: { Amount: { ne: null } }) { edges { node {
        Amount { value displayValue } CloseDate { value displayValue } } } }`,
    );
    const { Amount, CloseDate } = Opportunity.edges[0].node;
    assert.match(Amount.displayValue, /^\$[\d,]+\.\d\d$/);
    const [year, month, day] = CloseDate.value.split("-").map(Number);
    assert.equal(CloseDate.displayValue, `${month}/${day}/${year}`);
  });

  test("aliases, fragments, directives and the operation's name", async () => {
    const { data } = await send(
      `query A { uiapi { query { Lead(first: 1) { totalCount } } } }
       query B($all: Boolean = false) { uiapi { query { few: Account(first: 1) { edges { node {
         ...Named Phone @include(if: $all) { value } Site @skip(if: true) { value } } } } } } }
       fragment Named on Account { title: Name { value } }`,
      { operationName: "B" },
    );
    assert.deepEqual(data.uiapi.query, {
      few: { edges: [{ node: { title: { value: "Acme" } } }] },
    });
  });

  test("scope MINE gives the records of whoever asks", async () => {
    const { Account } = await find("Account(scope: MINE) { totalCount }");
    assert.equal(Account.totalCount, 30);
  });

  const account = (node: string) =>
    `{ uiapi { query { Account { edges { node { ${node} } } } } } }`;
  const wrong: [string, string, RegExp, string][] = [
    [
      "an unknown field",
      account("Nope { value }"),
      /Field 'Nope' in type 'Account' is undefined @ 'uiapi\/query\/Account\/edges\/node\/Nope'/,
      "ValidationError",
    ],
    [
      "an unknown object",
      "{ uiapi { query { Nope { totalCount } } } }",
      /Field 'Nope' in type 'RecordQuery'/,
      "ValidationError",
    ],
    ["a field without value", account("Name"), /Sub selection required/, "ValidationError"],
    [
      "an unknown filter",
      "{ uiapi { query { Account(where: { Nope: { eq: 1 } }) { totalCount } } } }",
      /Field 'Nope'/,
      "ValidationError",
    ],
    [
      "an unknown operator",
      "{ uiapi { query { Account(where: { Name: { near: 1 } }) { totalCount } } } }",
      /'near' is not an operator/,
      "ValidationError",
    ],
    [
      "a value of another type",
      '{ uiapi { query { Account(where: { NumberOfEmployees: { eq: "x\'" } }) { totalCount } } } }',
      /must be of type|should not be/,
      "DataFetchingException",
    ],
    [
      "too many at once",
      "{ uiapi { query { Account(first: 2001) { totalCount } } } }",
      /exceeds 2000/,
      "ValidationError",
    ],
    [
      "a cursor of its own",
      `{ uiapi { query { Account(after: "x") { totalCount } } } }`,
      /cursor x is not valid/,
      "DataFetchingException",
    ],
    [
      "a broken document",
      "query {\n  uiapi {",
      /^Invalid Syntax : offending token '<EOF>' at line 2 column 10$/,
      "InvalidSyntax",
    ],
    [
      "a mutation",
      "mutation { uiapi { x } }",
      /The practice org does not have GraphQL mutations/,
      "OperationNotSupported",
    ],
    [
      "an aggregate",
      "{ uiapi { aggregate { x } } }",
      /does not have GraphQL's uiapi\.aggregate/,
      "OperationNotSupported",
    ],
    [
      "fragments that double with each level",
      "{ ...A0 } " +
      Array.from({ length: 40 }, (_, i) => `fragment A${i} on Query { ...A${i + 1} ...A${i + 1} } `)
        .join("") +
      "fragment A40 on Query { __typename }",
      /selects more than 10000 fields/,
      "ValidationError",
    ],
    [
      "children of parents of children",
      `{ uiapi { query { Account(first: 30) { edges { node { ${
        "Contacts(first: 100) { edges { node { Account { ".repeat(8)
      } Id ${"} } } } ".repeat(8)} } } } } } }`,
      /returns more than 10000 records/,
      "DataFetchingException",
    ],
    [
      "a fragment in itself",
      "{ ...A } fragment A on Query { ...A }",
      /FragmentCycle/,
      "ValidationError",
    ],
  ];
  for (const [what, query, message, type] of wrong) {
    test(`${what} comes in errors`, async () => {
      const refused = await refusal(query);
      assert.match(refused.message, message);
      assert.equal(refused.type, type);
    });
  }

  test("only POST with a query", async () => {
    assert.equal((await org.call("GET", "/graphql")).status, 405);
    assert.match((await refusal("")).message, /query is missing/);
  });
});
