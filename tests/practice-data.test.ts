/** The practice org's data: what SOQL finds, what may be written, and how Salesforce refuses. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ApiResponse } from "../practice-org/api.ts";
import { createOrgData, type OrgData } from "../practice-org/data.ts";
import { soql as quote } from "../mod.ts";
import { practiceOrg } from "./helpers/practice.ts";

const USER = "0055g00000AbCdEAAV";
const OTHER_USER = "0055g00000AbCdFAAV";
const ORG = "00D5g00000AbCdEEAV";

// deno-lint-ignore no-explicit-any -- answers are read as the test knows them
type Answer = Omit<ApiResponse, "body"> & { body: any };

interface RequestOptions {
  headers?: Record<string, string>;
  userId?: string;
}

/** An org of its own for a test, with short ways to ask it. */
function newOrg(rows?: number) {
  const data: OrgData = createOrgData({
    ...(rows !== undefined && { rows }),
    orgId: ORG,
    userId: USER,
    username: "ada@practice.example",
    users: [
      { id: USER, username: "ada@practice.example", isActive: true },
      { id: OTHER_USER, username: "grace@practice.example", isActive: false },
    ],
  });
  async function call(
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, userId = USER }: RequestOptions = {},
  ): Promise<Answer> {
    const url = new URL(`http://org${path.replace("/services/data/v67.0", "")}`);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { body: answered, ...answer } = await data.handle({
      method,
      path: url.pathname === "/" ? "" : url.pathname,
      query: url.searchParams,
      headers: new Headers(headers),
      body: new TextEncoder().encode(body === undefined ? "" : text),
      version: "67.0",
      userId,
    });
    return { ...answer, body: answered };
  }
  const ask = (soql: string, options?: RequestOptions, resource = "query") =>
    call("GET", `/${resource}?q=${encodeURIComponent(soql)}`, undefined, options);
  const find = async (soql: string): Promise<Answer["body"][]> => {
    const { status, body } = await ask(soql);
    assert.equal(status, 200, JSON.stringify(body));
    return body.records;
  };
  const create = async (object: string, body: unknown): Promise<string> => {
    const answer = await call("POST", `/sobjects/${object}`, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  return { call, ask, find, create };
}

/** An org with three Accounts and nothing else, for questions about values. */
async function newSmallOrg() {
  const org = newOrg(0);
  const records = [
    { Name: "apple", NumberOfEmployees: 10, Tags__c: "Key account;Partner", Active__c: true },
    { Name: "Äpfel & Söhne 🍏", NumberOfEmployees: 200, Tags__c: "Partner", Site: "50%_off" },
    { Name: "O'Pear \\ Co", Score__c: 1.5, Tags__c: "Newsletter", Site: "50 off" },
  ];
  for (const record of records) await org.create("Account", record);
  const names = async (where: string) =>
    (await org.find(`SELECT Name FROM Account WHERE ${where}`)).map(({ Name }) => Name[0]).join("");
  return { ...org, names };
}

describe("SOQL: records", () => {
  const { find, ask } = newOrg();

  test("the query of the write-ups works", async () => {
    const { status, body } = await ask("SELECT Id, Name FROM Account LIMIT 1");
    assert.equal(status, 200);
    const { Id } = body.records[0];
    assert.match(Id, /^001\w{15}$/);
    assert.deepEqual(body, {
      totalSize: 1,
      done: true,
      records: [{
        attributes: { type: "Account", url: `/services/data/v67.0/sobjects/Account/${Id}` },
        Id,
        Name: "Acme",
      }],
    });
  });

  test("the seeds are the same in every org", async () => {
    const soql = "SELECT Id, Name, Industry, AnnualRevenue FROM Account";
    assert.deepEqual(await find(soql), await newOrg().find(soql));
  });

  test("seeded text comes in many scripts", async () => {
    const text = (await find("SELECT Name FROM Account")).map(({ Name }) => Name).join();
    for (const script of [/\p{Script=Arabic}/u, /\p{Script=Han}/u, /\p{Emoji_Presentation}/u]) {
      assert.match(text, script);
    }
  });

  test("parents come as records, also over two relationships, and null where there is none", async () => {
    const [record] = await find(
      "SELECT Name, Account.Name, Account.Owner.Username, ReportsTo.Name FROM Contact " +
        "WHERE AccountId != null LIMIT 1",
    );
    assert.equal(record.Account.Name, "Acme");
    assert.equal(record.Account.Owner.Username, "ada@practice.example");
    assert.equal(record.Account.Owner.attributes.type, "User");
    assert.equal(record.ReportsTo, null);
  });

  test("names are found in any case and shown in their own", async () => {
    const [record] = await find("select id, owner.NAME from ACCOUNT limit 1");
    assert.deepEqual(Object.keys(record), ["attributes", "Id", "Owner"]);
    assert.deepEqual(Object.keys(record.Owner), ["attributes", "Name"]);
  });

  test("an alias stands for the object", async () => {
    const [record] = await find(
      "SELECT a.Name FROM Account a WHERE a.Owner.IsActive = true LIMIT 1",
    );
    assert.equal(record.Name, "Acme");
  });

  test("a reference to several objects gives Name and Type", async () => {
    const records = await find(
      "SELECT What.Type, Who.Name FROM Task WHERE What.Type = 'Opportunity'",
    );
    assert.equal(records.length, 10);
    assert.ok(records.every(({ What, Who }) => What.Type === "Opportunity" && Who.Name));
  });

  test("children come as a result of their own, and as null where there are none", async () => {
    const records = await find(
      "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 2) FROM Account LIMIT 2",
    );
    assert.equal(records[0].Contacts.totalSize, 2);
    assert.equal(records[0].Contacts.done, true);
    const names: string[] = records[0].Contacts.records.map(({ LastName }: never) => LastName);
    assert.deepEqual(names, [...names].sort());
    assert.equal(records[1].Contacts, null);
  });

  test("compound names and addresses are put together", async () => {
    const [record] = await find(
      "SELECT Name, FirstName, LastName, MailingAddress FROM Contact LIMIT 1",
    );
    assert.equal(record.Name, `${record.FirstName} ${record.LastName}`);
    assert.equal(record.MailingAddress.city, "San Francisco");
  });

  test("FIELDS(CUSTOM) and FIELDS(ALL) give those fields", async () => {
    const [custom] = await find("SELECT FIELDS(CUSTOM) FROM Account LIMIT 1");
    assert.ok(Object.keys(custom).slice(1).every((name) => name.endsWith("__c")));
    const [all] = await find("SELECT FIELDS(ALL) FROM Account LIMIT 200");
    assert.ok("External_Id__c" in all && "Name" in all);
  });

  test("FOR UPDATE, WITH SECURITY_ENFORCED and USING SCOPE are taken", async () => {
    assert.equal((await ask("SELECT Id FROM Account LIMIT 1 FOR UPDATE")).status, 200);
    assert.equal((await ask("SELECT Id FROM Account WITH SECURITY_ENFORCED LIMIT 1")).status, 200);
    const mine = await ask("SELECT Id FROM Account USING SCOPE mine", { userId: OTHER_USER });
    assert.equal(mine.body.totalSize, 0);
  });

  test("the org and its users can be asked for", async () => {
    const [org] = await find(
      "SELECT Id, IsSandbox, TrialExpirationDate, InstanceName, OrganizationType FROM Organization",
    );
    assert.equal(org.Id, ORG);
    assert.equal(org.IsSandbox, false);
    assert.equal(org.TrialExpirationDate, null);
    assert.equal(org.OrganizationType, "Developer Edition");
    const users = await find("SELECT Username FROM User WHERE IsActive = false");
    assert.deepEqual(users.map(({ Username }) => Username), ["grace@practice.example"]);
  });
});

const small = await newSmallOrg();

describe("SOQL: conditions", () => {
  const conditions: [string, string][] = [
    ["Name = 'APPLE'", "a"],
    ["Name != 'apple'", "ÄO"],
    ["Name <> 'apple'", "ÄO"],
    ["Name LIKE 'ä%'", "Ä"],
    ["Name LIKE '_pple'", "a"],
    ["Site LIKE '50\\%\\_%'", "Ä"],
    ["Name = 'O\\'Pear \\\\ Co'", "O"],
    ["Name IN ('apple', 'nobody')", "a"],
    ["Name NOT IN ('apple', 'nobody')", "ÄO"],
    ["NumberOfEmployees > 10", "Ä"],
    ["NumberOfEmployees >= 10", "aÄ"],
    ["NumberOfEmployees < 200", "a"],
    ["NumberOfEmployees <= 200", "aÄ"],
    ["NumberOfEmployees = null", "O"],
    ["NumberOfEmployees != null", "aÄ"],
    ["NumberOfEmployees != 10", "ÄO"],
    ["Score__c = 1.5", "O"],
    ["Active__c = TRUE", "a"],
    ["Site = ''", "a"],
    ["Tags__c INCLUDES ('Partner')", "aÄ"],
    ["Tags__c INCLUDES ('Key account;Partner', 'Newsletter')", "aO"],
    ["Tags__c EXCLUDES ('Partner')", "O"],
    ["NOT Name = 'apple'", "ÄO"],
    ["NOT (Name = 'apple' OR Site = '50 off')", "Ä"],
    ["(Name = 'apple' OR Score__c = 1.5) AND NumberOfEmployees = 10", "a"],
    ["Name = 'apple' OR (Score__c = 1.5 AND NOT Site = null)", "aO"],
    ["CreatedDate = TODAY", "aÄO"],
    ["CreatedDate = YESTERDAY", ""],
    ["CreatedDate >= LAST_N_DAYS:1 AND CreatedDate < TOMORROW", "aÄO"],
    ["CreatedDate > 2020-01-01T00:00:00Z AND CreatedDate < 2999-12-31T23:59:59+02:00", "aÄO"],
    ["CALENDAR_YEAR(CreatedDate) > 2020", "aÄO"],
    ["Owner.Username LIKE 'ada%'", "aÄO"],
    ["Parent.Name = null", "aÄO"],
    [`OwnerId = '${USER.slice(0, 15)}'`, "aÄO"],
    ["OwnerId IN (SELECT Id FROM User WHERE IsActive = false)", ""],
    ["OwnerId NOT IN (SELECT Id FROM User WHERE IsActive = false)", "aÄO"],
  ];
  for (const [where, expected] of conditions) {
    test(where, async () => assert.equal(await small.names(where), expected));
  }

  test("what soql`` quotes is found again", async () => {
    const name = "O'Pear \\ Co";
    assert.equal((await small.find(quote`SELECT Id FROM Account WHERE Name = ${name}`)).length, 1);
  });
});

describe("SOQL: date literals", () => {
  const { create, find } = newOrg(0);
  const DAY = 86_400_000;
  const day = (offset: number) => new Date(Date.now() + offset * DAY).toISOString().slice(0, 10);

  test("each names its days, on both sides of today", async () => {
    for (const offset of [-400, -2, -1, 0, 1, 2, 400]) {
      const deal = { Name: String(offset), StageName: "Prospecting", CloseDate: day(offset) };
      await create("Opportunity", deal);
    }
    const on = async (condition: string) =>
      (await find(`SELECT Name FROM Opportunity WHERE CloseDate ${condition}`))
        .map(({ Name }) => Number(Name));
    assert.deepEqual(await on("= TODAY"), [0]);
    assert.deepEqual(await on("< TODAY"), [-400, -2, -1]);
    assert.deepEqual(await on("<= TODAY"), [-400, -2, -1, 0]);
    assert.deepEqual(await on("> TODAY"), [1, 2, 400]);
    assert.deepEqual(await on("= LAST_N_DAYS:2"), [-2, -1, 0]);
    assert.deepEqual(await on("= NEXT_N_DAYS:2"), [1, 2]);
    assert.deepEqual(await on("= N_DAYS_AGO:2"), [-2]);
    assert.deepEqual(await on("= LAST_90_DAYS"), [-2, -1, 0]);
    assert.deepEqual(await on(`= ${day(1)}`), [1]);
    assert.deepEqual(await on(`!= ${day(1)}`), [-400, -2, -1, 0, 2, 400]);
    const thisYear = await on("= THIS_YEAR");
    assert.ok(thisYear.includes(0) && !thisYear.includes(400) && !thisYear.includes(-400));
    const lastYears = await on("= LAST_N_YEARS:2");
    assert.ok(lastYears.includes(-400) && !lastYears.includes(0));
    assert.ok((await on("= THIS_QUARTER")).includes(0));
    assert.ok((await on("= THIS_WEEK")).includes(0));
    assert.ok((await on("= THIS_FISCAL_YEAR")).includes(0));
  });
});

describe("SOQL: order, limit, groups", () => {
  const { find, ask } = small;
  const order = async (clause: string) =>
    (await find(`SELECT Name FROM Account ${clause}`)).map(({ Name }) => Name[0]).join("");

  test("ORDER BY ignores case and puts nulls first unless told otherwise", async () => {
    assert.equal(await order("ORDER BY Name"), "aOÄ");
    assert.equal(await order("ORDER BY Name DESC"), "ÄOa");
    assert.equal(await order("ORDER BY NumberOfEmployees"), "OaÄ");
    assert.equal(await order("ORDER BY NumberOfEmployees DESC NULLS LAST"), "ÄaO");
    assert.equal(await order("ORDER BY Owner.Name, Id DESC"), "OÄa");
  });

  test("LIMIT and OFFSET cut, and totalSize is what is left", async () => {
    assert.equal(await order("ORDER BY Id LIMIT 1 OFFSET 1"), "Ä");
    assert.equal((await ask("SELECT Id FROM Account LIMIT 2")).body.totalSize, 2);
  });

  test("COUNT() is a number without records", async () => {
    const { body } = await ask("SELECT COUNT() FROM Account WHERE Active__c = true");
    assert.deepEqual(body, { totalSize: 1, done: true, records: [] });
  });

  test("aggregates skip nulls and are named expr0, expr1 unless they have an alias", async () => {
    assert.deepEqual(
      await find(
        "SELECT COUNT(Id), COUNT(NumberOfEmployees) n, SUM(NumberOfEmployees), " +
          "AVG(NumberOfEmployees) mean, MIN(Name), MAX(Score__c), COUNT_DISTINCT(Site) FROM Account",
      ),
      [{
        attributes: { type: "AggregateResult" },
        expr0: 3,
        n: 2,
        expr1: 210,
        mean: 105,
        expr2: "apple",
        expr3: 1.5,
        expr4: 2,
      }],
    );
  });

  test("GROUP BY, HAVING and ORDER BY an aggregate", async () => {
    const { find } = newOrg();
    const records = await find(
      "SELECT StageName, COUNT(Id) deals FROM Opportunity WHERE IsClosed = false " +
        "GROUP BY StageName HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC, StageName LIMIT 3",
    );
    assert.deepEqual(records.map(({ deals }) => deals), [5, 5, 5]);
    assert.deepEqual(Object.keys(records[0]), ["attributes", "StageName", "deals"]);
  });

  test("groups by a parent's field and by a part of a date", async () => {
    const { find } = newOrg();
    const records = await find(
      "SELECT Account.Name, CALENDAR_YEAR(CloseDate) year, SUM(Amount) total FROM Opportunity " +
        "GROUP BY Account.Name, CALENDAR_YEAR(CloseDate)",
    );
    assert.ok(records.length > 1);
    assert.ok(records.every(({ Name, year }) => typeof Name === "string" && year > 2000));
  });

  test("deleted records are found by queryAll only", async () => {
    const { call, create, ask } = newOrg(0);
    const id = await create("Account", { Name: "Gone" });
    await create("Contact", { LastName: "Child", AccountId: id });
    assert.equal((await call("DELETE", `/sobjects/Account/${id}`)).status, 204);
    assert.equal((await ask("SELECT Id FROM Contact")).body.totalSize, 0);
    const soql = "SELECT IsDeleted, Account.Name FROM Contact";
    const [child] = (await ask(soql, {}, "queryAll")).body.records;
    assert.equal(child.IsDeleted, true);
    assert.equal(child.Account.Name, "Gone");
  });
});

describe("SOQL: refusals point into the query", () => {
  const { ask } = newOrg();
  const column = (name: string, entity: string) =>
    `No such column '${name}' on entity '${entity}'. If you are attempting to use a custom ` +
    "field, be sure to append the '__c' after the custom field name. Please reference your WSDL " +
    "or the describe call for the appropriate names.";
  const refusals: [soql: string, errorCode: string, at: string, message: string][] = [
    ["SELECT Idd FROM Account", "INVALID_FIELD", "1:8", column("Idd", "Account")],
    ["SELECT Owner.Nme FROM Account", "INVALID_FIELD", "1:8", column("Nme", "User")],
    ["SELECT Id,\n  Nme\nFROM Account", "INVALID_FIELD", "2:3", column("Nme", "Account")],
    ["SELECT Id FROM Account ORDER BY Nme", "INVALID_FIELD", "1:33", column("Nme", "Account")],
    [
      "SELECT Ownr.Name FROM Account",
      "INVALID_FIELD",
      "1:8",
      "Didn't understand relationship 'Ownr' in field path. If you are attempting to use a custom " +
      "relationship, be sure to append the '__r' after the custom relationship name. Please " +
      "reference your WSDL or the describe call for the appropriate names.",
    ],
    [
      "SELECT Id, (SELECT Id FROM Contact) FROM Account",
      "INVALID_TYPE",
      "1:28",
      "Didn't understand relationship 'Contact' in FROM part of query call. If you are attempting " +
      "to use a custom relationship, be sure to append the '__r' after the custom relationship " +
      "name. Please reference your WSDL or the describe call for the appropriate names.",
    ],
    [
      "SELECT Id FROM Nope__c",
      "INVALID_TYPE",
      "1:16",
      "sObject type 'Nope__c' is not supported. If you are attempting to use a custom object, be " +
      "sure to append the '__c' after the entity name. Please reference your WSDL or the " +
      "describe call for the appropriate names.",
    ],
    // From here on Salesforce's grammar speaks, which counts columns from 0.
    ["SELECT Id FORM Account", "MALFORMED_QUERY", "1:15", "unexpected token: 'Account'"],
    ["SELECT Id, FROM Account", "MALFORMED_QUERY", "1:11", "unexpected token: 'FROM'"],
    ["SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "1:28", "unexpected token: '<EOF>'"],
    [
      "SELECT Id FROM Account LIMIT 1 LIMIT 2",
      "MALFORMED_QUERY",
      "1:31",
      "unexpected token: 'LIMIT'",
    ],
    [
      "SELECT Id FROM Account WHERE Name = 'abc",
      "MALFORMED_QUERY",
      "1:40",
      "line 1:40 mismatched character '<EOF>' expecting '''",
    ],
    [
      "SELECT Id FROM Account WHERE Name = :name",
      "MALFORMED_QUERY",
      "1:36",
      "Bind variables only allowed in Apex code",
    ],
    [
      "SELECT Id FROM Account ALL ROWS",
      "MALFORMED_QUERY",
      "1:23",
      "ALL ROWS not allowed in this context",
    ],
    [
      "SELECT Name n FROM Account",
      "MALFORMED_QUERY",
      "1:13",
      "only aggregate expressions use field aliasing",
    ],
    ["SELECT Id, Id FROM Account", "INVALID_FIELD", "1:12", "duplicate field selected: Id"],
    [
      "SELECT Name, COUNT(Id) FROM Account",
      "MALFORMED_QUERY",
      "1:8",
      "Field must be grouped or aggregated: Name",
    ],
    [
      "SELECT Id FROM Account WHERE Name = 1",
      "INVALID_FIELD",
      "1:30",
      "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
    ],
    [
      "SELECT Id FROM Account WHERE CreatedDate > '2020-01-01'",
      "INVALID_FIELD",
      "1:30",
      "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be " +
      "enclosed in quotes",
    ],
    [
      "SELECT Id FROM Opportunity WHERE CloseDate > '2020-01-01'",
      "INVALID_FIELD",
      "1:34",
      "value of filter criterion for field 'CloseDate' must be of type date and should not be " +
      "enclosed in quotes",
    ],
    [
      "SELECT Id FROM Account WHERE Active__c = 'true'",
      "INVALID_FIELD",
      "1:30",
      "value of filter criterion for field 'Active__c' must be of type boolean and should not be " +
      "enclosed in quotes",
    ],
    [
      "SELECT Id FROM Account WHERE Id = 'foo'",
      "INVALID_QUERY_FILTER_OPERATOR",
      "1:30",
      "invalid ID field: foo",
    ],
    [
      "SELECT Id FROM Account WHERE Description = 'x'",
      "INVALID_FIELD",
      "1:30",
      "field 'Description' can not be filtered in a query call",
    ],
    [
      "SELECT Id FROM Account OFFSET 2001",
      "NUMBER_OUTSIDE_VALID_RANGE",
      "1:24",
      "Maximum SOQL offset allowed is 2000",
    ],
  ];
  for (const [soql, errorCode, at, message] of refusals) {
    test(soql, async () => {
      const { status, body } = await ask(soql);
      assert.equal(status, 400);
      assert.equal(body.length, 1);
      assert.equal(body[0].errorCode, errorCode);
      const [, excerpt, caret, place, ...said] = body[0].message.split("\n");
      const [row, column] = at.split(":").map(Number);
      assert.equal(place, `ERROR at Row:${row}:Column:${column}`);
      assert.equal(said.join("\n"), message);
      assert.equal(caret, `${" ".repeat(column! - 1)}^`);
      assert.equal(excerpt, soql.split("\n")[row! - 1]);
    });
  }

  test("a long query is cut around the place, the caret still under it", async () => {
    const names = Array.from({ length: 20 }, (_, i) => `'name ${i}'`).join(", ");
    const { body } = await ask(`SELECT Id FROM Account WHERE Name IN (${names}) AND Nme = 'x'`);
    const [, excerpt, caret] = body[0].message.split("\n");
    assert.ok(excerpt.length <= 80);
    assert.equal(excerpt.slice(caret.length - 1).slice(0, 3), "Nme");
  });

  test("AND and OR side by side want parentheses", async () => {
    const where = "Name = 'a' AND Name = 'b' OR Name = 'c'";
    const { body } = await ask(`SELECT Id FROM Account WHERE ${where}`);
    assert.equal(body[0].errorCode, "MALFORMED_QUERY");
    assert.match(body[0].message, /unexpected token: 'OR'$/);
  });

  test("FIELDS(ALL) without a LIMIT up to 200 is refused", async () => {
    for (const limit of ["", " LIMIT 201"]) {
      const { status, body } = await ask(`SELECT FIELDS(ALL) FROM Account${limit}`);
      assert.equal(status, 400);
      assert.deepEqual(body, [{
        message: "The SOQL FIELDS function must have a LIMIT of at most 200",
        errorCode: "MALFORMED_QUERY",
      }]);
    }
  });

  test("what this org cannot do it says itself", async () => {
    for (
      const soql of [
        "SELECT TYPEOF What WHEN Account THEN Name END FROM Task",
        "SELECT Name, COUNT(Id) FROM Account GROUP BY ROLLUP(Name)",
      ]
    ) {
      assert.match((await ask(soql)).body[0].message, /^The practice org does not support /);
    }
  });
});

describe("pages", () => {
  const headers = { "Sforce-Query-Options": "batchSize=200" };

  test("follow one another by locators, each record once and in order", async () => {
    const { ask, call } = newOrg(450);
    let { body } = await ask("SELECT Id FROM Account ORDER BY Id", { headers });
    const ids: string[] = [];
    const sizes: number[] = [];
    for (;;) {
      assert.equal(body.totalSize, 450);
      sizes.push(body.records.length);
      for (const { Id } of body.records) ids.push(Id);
      if (body.done) break;
      assert.match(body.nextRecordsUrl, /^\/services\/data\/v67\.0\/query\/01g\w{15}-\d+$/);
      ({ body } = await call("GET", body.nextRecordsUrl));
    }
    assert.deepEqual(sizes, [200, 200, 50]);
    assert.equal("nextRecordsUrl" in body, false);
    assert.equal(new Set(ids).size, 450);
    assert.deepEqual(ids, [...ids].sort());
  });

  test("are 2,000 long unless told, and between 200 and 2,000", async () => {
    const { ask } = newOrg(2500);
    const sizeFor = async (batchSize: number) =>
      (await ask("SELECT Id FROM Account", {
        headers: { "Sforce-Query-Options": `batchSize=${batchSize}` },
      })).body.records.length;
    assert.equal((await ask("SELECT Id FROM Account")).body.records.length, 2000);
    assert.equal(await sizeFor(1), 200);
    assert.equal(await sizeFor(9999), 2000);
  });

  test("show the records of the moment the query ran", async () => {
    const { ask, call, create } = newOrg(250);
    const first = await ask("SELECT Id FROM Account", { headers });
    await create("Account", { Name: "Late" });
    const { body } = await call("GET", first.body.nextRecordsUrl);
    assert.equal(body.totalSize, 250);
    assert.equal(body.records.length, 50);
  });

  test("of children have a locator of their own", async () => {
    const { ask, call, create } = newOrg(0);
    const AccountId = await create("Account", { Name: "Parent" });
    for (let i = 0; i < 250; i++) await create("Contact", { LastName: `Child ${i}`, AccountId });
    const soql = "SELECT Id, (SELECT LastName FROM Contacts) FROM Account";
    const [{ Contacts }] = (await ask(soql, { headers })).body.records;
    assert.equal(Contacts.totalSize, 250);
    assert.equal(Contacts.done, false);
    assert.equal(Contacts.records.length, 200);
    const { body } = await call("GET", Contacts.nextRecordsUrl);
    assert.equal(body.done, true);
    assert.equal(body.records.at(-1).LastName, "Child 249");
  });

  test("a locator is for its user only, and an unknown one is refused", async () => {
    const { ask, call } = newOrg(250);
    const { nextRecordsUrl } = (await ask("SELECT Id FROM Account", { headers })).body;
    const refusal = [{ message: "invalid query locator", errorCode: "INVALID_QUERY_LOCATOR" }];
    for (
      const [url, userId] of [
        [nextRecordsUrl, OTHER_USER],
        ["/query/01g5g00000Zz999AAB-200", USER],
        ["/query/nonsense", USER],
      ]
    ) {
      const { status, body } = await call("GET", url, undefined, { userId });
      assert.equal(status, 400);
      assert.deepEqual(body, refusal);
    }
  });

  test("explain gives a plan, columns=true the columns of the result", async () => {
    const { call } = newOrg();
    const plan = await call("GET", "/query?explain=SELECT+Id+FROM+Account+LIMIT+3");
    assert.equal(plan.body.plans[0].sobjectType, "Account");
    assert.equal(plan.body.plans[0].cardinality, 3);
    const soql = "SELECT Id, Owner.Name, (SELECT LastName FROM Contacts) FROM Account";
    const { body } = await call("GET", `/query?columns=true&q=${encodeURIComponent(soql)}`);
    assert.equal(body.entityName, "Account");
    assert.equal(body.idSelected, true);
    const [id, owner, contacts] = body.columnMetadata;
    assert.equal(id.columnName, "Id");
    assert.deepEqual([owner.columnName, owner.joinColumns[0].columnName], ["Owner", "Name"]);
    assert.deepEqual([contacts.aggregate, contacts.joinColumns[0].columnName], [true, "LastName"]);
  });
});

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
      const soql = encodeURIComponent(`SELECT ${names} FROM ${name}`);
      const answer = await call("GET", `/query?q=${soql}`);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.ok(name !== "Account" || answer.body.totalSize === 50);
    }
  });

  test("If-Modified-Since spares an unchanged describe", async () => {
    const first = await call("GET", "/sobjects/Account/describe");
    const headers = { "If-Modified-Since": first.headers!["Last-Modified"]! };
    const again = await call("GET", "/sobjects/Account/describe", undefined, { headers });
    assert.equal(again.status, 304);
  });

  test("the version root lists the resources", async () => {
    const { body } = await call("GET", "");
    assert.equal(body.query, "/services/data/v67.0/query");
    assert.equal(body.tooling, "/services/data/v67.0/tooling");
  });
});

describe("records", () => {
  test("are created, read, changed and deleted", async () => {
    const { call } = newOrg();
    const created = await call("POST", "/sobjects/Account", { Name: "New", AnnualRevenue: 5 });
    assert.equal(created.status, 201);
    const { id } = created.body;
    assert.deepEqual(created.body, { id, success: true, errors: [] });
    assert.equal(created.headers!.Location, `/services/data/v67.0/sobjects/Account/${id}`);

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
      if (status === 405) assert.match(answer.headers!.Allow!, /GET/);
    });
  }
});

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

describe("search", () => {
  const { call } = newOrg();
  const names = async (path: string) =>
    (await call("GET", path)).body.searchRecords.map(({ Name }: { Name: string }) => Name);

  test("SOSL finds words by their start, with the fields it is told to return", async () => {
    const sosl = "FIND {burling*} IN NAME FIELDS RETURNING Account(Id, Name WHERE Name LIKE 'B%' " +
      "ORDER BY Name LIMIT 5), Contact(Name)";
    const found = await names(`/search?q=${encodeURIComponent(sosl)}`);
    assert.deepEqual(found, ["Burlington Textiles Corp of America"]);
  });

  test("a search by parameters", async () => {
    const query = "q=Acme&sobject=Account&Account.fields=Id,Name&Account.limit=1";
    assert.deepEqual(await names(`/parameterizedSearch?${query}`), ["Acme"]);
  });

  test("a search without braces or with one letter is malformed", async () => {
    for (const sosl of ["FIND acme", "FIND {a}"]) {
      const { status, body } = await call("GET", `/search?q=${encodeURIComponent(sosl)}`);
      assert.equal(status, 400);
      assert.equal(body[0].errorCode, "MALFORMED_SEARCH");
    }
  });
});

describe("tooling", () => {
  const { call } = newOrg();
  const run = async (apex: string) =>
    (await call("GET", `/tooling/executeAnonymous/?anonymousBody=${encodeURIComponent(apex)}`))
      .body;

  test("Apex that is fine compiles and succeeds", async () => {
    for (
      const apex of [
        "System.debug('it\\'s; fine');",
        "// a comment\nInteger x = 1; /* ; */ x++;",
        "for (Account a : [SELECT Id FROM Account LIMIT 3]) { System.debug(a); }",
        "List<String> names = new List<String>{ 'a', 'b' };",
        "if (true) { insert new Account(Name = 'x'); } else { System.debug(1); }",
        "System.debug('a'\n  + 'b');",
        "try { throw new MyException('x'); } catch (Exception e) { System.debug(e); }",
      ]
    ) {
      assert.deepEqual(await run(apex), {
        line: -1,
        column: -1,
        compiled: true,
        success: true,
        compileProblem: null,
        exceptionStackTrace: null,
        exceptionMessage: null,
      }, apex);
    }
  });

  test("Apex that does not compile is told with line and column", async () => {
    const problems: [string, number, number, string][] = [
      ["System.debug('hi')", 1, 19, "Missing ';' at '<EOF>'"],
      ["Integer x = 1;\nString s = 'a'\nSystem.debug(s);", 3, 1, "Missing ';' at 'System'"],
      ["if (true) { System.debug(1) }", 1, 29, "Missing ';' at '}'"],
      ["foo(;", 1, 6, "Missing ')' at '<EOF>'"],
      ["foo)];", 1, 4, "Unexpected token ')'."],
      ["Integer x = ;", 1, 13, "Unexpected token ';'."],
    ];
    for (const [apex, line, column, compileProblem] of problems) {
      const { compiled, success, ...result } = await run(apex);
      assert.deepEqual([compiled, success], [false, false], apex);
      assert.deepEqual([result.line, result.column, result.compileProblem], [
        line,
        column,
        compileProblem,
      ]);
    }
  });

  test("throw throws", async () => {
    const result = await run("Integer x = 1;\n throw new IllegalArgumentException('boom');");
    assert.deepEqual([result.compiled, result.success, result.line, result.column], [
      true,
      false,
      2,
      2,
    ]);
    assert.equal(result.exceptionMessage, "System.IllegalArgumentException: boom");
    assert.equal(result.exceptionStackTrace, "AnonymousBlock: line 2, column 2");
  });

  test("/tooling/query knows classes and the objects of the org", async () => {
    const { body } = await call("GET", "/tooling/query?q=SELECT+Name+FROM+ApexClass");
    assert.equal(body.totalSize, 2);
    const entities = await call(
      "GET",
      "/tooling/query?q=SELECT+Label+FROM+EntityDefinition+WHERE+QualifiedApiName='Invoice__c'",
    );
    assert.equal(entities.body.records[0].Label, "Invoice");
  });
});

const large = await practiceOrg({ rows: 100_000 });

describe("over HTTP", () => {
  const session = large.session();

  test("100,000 records come in order, none twice", async () => {
    let count = 0;
    let last = "";
    for await (const { Id } of session.query<{ Id: string }>("SELECT Id, Name FROM Account")) {
      assert.ok(Id > last);
      last = Id;
      count++;
    }
    assert.equal(count, 100_000);
  });

  test("a file goes up in several parts and comes down as it was", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i * 7 % 256);
    const created = await session.fetch("/sobjects/ContentVersion", {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=limit" },
      body: new Blob([
        '--limit\r\nContent-Disposition: form-data; name="entity_content"\r\n',
        "Content-Type: application/json\r\n\r\n",
        JSON.stringify({ PathOnClient: "dir/räport.v2.bin", Title: "Report" }),
        '\r\n--limit\r\nContent-Disposition: form-data; name="VersionData"; filename="r.bin"\r\n',
        "Content-Type: application/octet-stream\r\n\r\n",
        bytes,
        "\r\n--limit--\r\n",
      ]),
    });
    assert.equal(created.status, 201);
    const { id } = await created.json();
    const down = await session.fetch(`/sobjects/ContentVersion/${id}/VersionData`);
    assert.deepEqual(new Uint8Array(await down.arrayBuffer()), bytes);
    const version = await session.query<Record<string, unknown>>(
      "SELECT Title, ContentSize, FileExtension, IsLatest, VersionData, " +
        "ContentDocument.LatestPublishedVersionId FROM ContentVersion",
    ).first();
    assert.equal(version!.Title, "Report");
    assert.equal(version!.ContentSize, bytes.length);
    assert.equal(version!.FileExtension, "bin");
    assert.equal(
      version!.VersionData,
      `/services/data/v67.0/sobjects/ContentVersion/${id}/VersionData`,
    );
    assert.deepEqual(
      (version!.ContentDocument as Record<string, unknown>).LatestPublishedVersionId,
      id,
    );
  });

  test("a FormData object is refused, as Salesforce does", async () => {
    const upload = async (details: string | Blob) => {
      const body = new FormData();
      body.append("entity_content", details);
      body.append("VersionData", new Blob(["x"]), "x.txt");
      const init = { method: "POST", body, throwHttpErrors: false };
      return (await session.fetch("/sobjects/ContentVersion", init)).json();
    };
    const details = JSON.stringify({ PathOnClient: "x.txt" });
    const errorCode = "INVALID_MULTIPART_REQUEST";
    assert.deepEqual(await upload(details), [
      { message: "Multipart message must include a non-binary part", errorCode },
    ]);
    assert.deepEqual(await upload(new Blob([details], { type: "application/json" })), [
      { message: "Cannot include more than one binary part", errorCode },
    ]);
  });

  test("a new version of a file takes the place of the old", async () => {
    const upload = (text: string, more: Record<string, string>) =>
      session.fetch("/sobjects/ContentVersion", {
        method: "POST",
        json: { PathOnClient: "note.txt", VersionData: btoa(text), ...more },
      }).json<{ id: string }>();
    const { id } = await upload("one", {});
    const { ContentDocumentId } = await session.fetch(`/sobjects/ContentVersion/${id}`)
      .json<Record<string, string>>();
    await upload("two", { ContentDocumentId: ContentDocumentId! });
    const versions = await session.query<Record<string, unknown>>(
      `SELECT VersionNumber, IsLatest FROM ContentVersion WHERE ContentDocumentId = '${ContentDocumentId}'`,
      { attributes: false },
    ).all();
    assert.deepEqual(versions, [
      { VersionNumber: "1", IsLatest: false },
      { VersionNumber: "2", IsLatest: true },
    ]);
  });
});
