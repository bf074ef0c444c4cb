/** SOQL in the practice org: what queries find, how they are refused, and pages. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { soql as quote } from "../mod.ts";
import { newOrg, newSmallOrg, ORG, OTHER_USER, USER } from "./helpers/org-data.ts";

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
    assert.equal(record.Account.Owner.Username, "admin@practice.example");
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
    assert.deepEqual(users.map(({ Username }) => Username), ["inactive@practice.example"]);
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
    ["Name = 'apple' OR (Score__c = 1.5 AND (NOT Site = null))", "aO"],
    ["CreatedDate = TODAY", "aÄO"],
    ["CreatedDate = YESTERDAY", ""],
    ["CreatedDate >= LAST_N_DAYS:1 AND CreatedDate < TOMORROW", "aÄO"],
    ["CreatedDate > 2020-01-01T00:00:00Z AND CreatedDate < 2999-12-31T23:59:59+02:00", "aÄO"],
    ["CALENDAR_YEAR(CreatedDate) > 2020", "aÄO"],
    ["Owner.Username LIKE 'admin%'", "aÄO"],
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
  /** Waits for the next day in the last seconds of this one, as today must not become yesterday meanwhile. */
  const untilDayLasts = async () => {
    const left = DAY - Date.now() % DAY;
    if (left < 15_000) await new Promise((resolve) => setTimeout(resolve, left + 10));
  };

  test("each names its days, on both sides of today", async () => {
    await untilDayLasts();
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
});

describe("SOQL: refusals of what the grammar allows", () => {
  const { ask } = newOrg(3);
  const semiJoin = "Id IN (SELECT AccountId FROM Contact)";
  const refusals: [soql: string, message: string, column?: number][] = [
    [
      "SELECT COUNT(Id) FROM Account LIMIT 1",
      "Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
    ],
    [
      "SELECT MAX(Name) FROM Account OFFSET 1",
      "Non-grouped query that uses overall aggregate functions cannot also use OFFSET",
    ],
    [
      "SELECT COUNT() FROM Account ORDER BY Name",
      "Ordered field must be grouped or aggregated: Name",
      38,
    ],
    [
      "SELECT Type, COUNT(Id) FROM Account GROUP BY Type ORDER BY Name",
      "Ordered field must be grouped or aggregated: Name",
      60,
    ],
    [
      "SELECT AnnualRevenue FROM Account GROUP BY AnnualRevenue",
      "field 'AnnualRevenue' can not be grouped in a query call",
      44,
    ],
    [
      "SELECT Id FROM Account ORDER BY Tags__c",
      "field 'Tags__c' can not be sorted in a query call",
      33,
    ],
    [
      "SELECT Id FROM Account ORDER BY Description",
      "field 'Description' can not be sorted in a query call",
      33,
    ],
    [
      "SELECT COUNT(Active__c) FROM Account",
      "field Active__c does not support aggregate operator COUNT",
      14,
    ],
    [
      "SELECT Type, COUNT(Type) FROM Account GROUP BY Type",
      "Grouped field should not be aggregated: Type",
      20,
    ],
    ["SELECT Type FROM Account GROUP BY Type, Type", "duplicate grouping expression: Type", 41],
    ["SELECT MIN(Name) n, MAX(Name) n FROM Account", "duplicate alias: n", 31],
    [
      "SELECT Account.Name, Owner.Name FROM Opportunity GROUP BY Account.Name, Owner.Name",
      "duplicate alias: Name",
      22,
    ],
    [
      "SELECT Id, (SELECT COUNT(Id) FROM Contacts) FROM Account",
      "Only root queries support aggregate expressions",
      20,
    ],
    [
      `SELECT Id FROM Account WHERE ${semiJoin} OR Name = 'x'`,
      "Semi join sub-selects are not allowed with the 'OR' operator",
      30,
    ],
    [
      `SELECT Id FROM Account WHERE Name = 'x' AND (Name = 'y' OR ${semiJoin})`,
      "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested " +
      "WHERE expressions.",
    ],
    [
      `SELECT Id FROM Account WHERE ${[semiJoin, semiJoin, semiJoin].join(" AND ")}`,
      "Maximum 2 semi join sub-selects are allowed",
    ],
    [
      `SELECT Id FROM Opportunity WHERE AccountId IN (SELECT Id FROM Account WHERE ${semiJoin})`,
      "Nesting of semi join sub-selects is not supported",
    ],
    [
      "SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Contact)",
      "The selected field 'Id' in the subquery and the left operand field in the where expression " +
      "in the outer query 'Id' should point to the same object type",
      29,
    ],
    [
      "SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Account)",
      "The inner and outer selects should not be on the same object type",
      29,
    ],
    [
      "SELECT Id FROM ContentDocumentLink",
      "Implementation restriction: ContentDocumentLink requires a filter by a single Id on " +
      "ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the " +
      "IN operator.",
    ],
    [
      "SELECT Id FROM FieldDefinition WHERE DataType = 'Id'",
      "FieldDefinition: a filter on a reified column is required [EntityDefinitionId,DurableId]",
    ],
    [
      "SELECT FIELDS(SOME) FROM Account",
      "The SOQL FIELDS function only supports arguments of (all), (custom), (standard); (SOME) is " +
      "not supported.",
    ],
    [
      "SELECT Id FROM Account WHERE Name = 'a\\-b'",
      "Invalid string literal 'a\\-b'. Illegal character sequence '\\-' in string literal.",
    ],
  ];
  for (const [soql, message, column] of refusals) {
    test(soql, async () => {
      const { status, body } = await ask(soql);
      assert.equal(status, 400);
      assert.equal(body[0].errorCode, "MALFORMED_QUERY");
      assert.ok(body[0].message.endsWith(message), body[0].message);
      if (column) assert.match(body[0].message, new RegExp(`ERROR at Row:1:Column:${column}\n`));
    });
  }
});

describe("SOQL: what is computed", () => {
  const org = newOrg(0);

  test("TYPEOF gives each parent the fields of its object, ELSE those that any has", async () => {
    const { create, find } = newOrg(0);
    const account = await create("Account", { Name: "Typed", Phone: "1" });
    const support = await create("Case", { Subject: "Typed" });
    for (const WhatId of [account, support, null]) await create("Task", { Subject: "T!", WhatId });
    const records = await find(
      "SELECT TYPEOF What WHEN Account THEN Phone, Owner.Alias ELSE Name, Type END FROM Task " +
        "WHERE Subject = 'T!'",
    );
    const [first, second, third] = records.map(({ What }) => What);
    assert.deepEqual([first.attributes.type, first.Phone], ["Account", "1"]);
    assert.ok(first.Owner.Alias);
    assert.deepEqual([second.attributes.type, second.Type], ["Case", "Case"]);
    assert.equal("Phone" in second, false);
    assert.equal(third, null);
  });

  test("owners are users or queues, and say which", async () => {
    const owners = await org.find(
      "SELECT Owner.Type, Owner.Name, Owner.Profile.Name FROM Case ORDER BY CaseNumber LIMIT 5",
    );
    const shown = owners.map(({ Owner }) => [Owner.Type, Owner.Profile?.Name]);
    assert.deepEqual(shown.slice(3), [["User", "System Administrator"], ["Group", undefined]]);
    const { body } = await org.ask("SELECT COUNT() FROM Case WHERE Owner.Type = 'Group'");
    assert.equal(body.totalSize, 4);
  });

  test("ROLLUP adds subtotals after what they total, CUBE those of every combination", async () => {
    const { create, find } = newOrg(0);
    const sales = [["Web", "Hot"], ["Web", "Cold"], ["Other", "Hot"], ["Web", "Hot"]];
    for (const [LeadSource, Rating] of sales) {
      await create("Lead", { LastName: "L!", Company: "C", LeadSource, Rating });
    }
    const totals = async (how: string) =>
      (await find(
        "SELECT LeadSource, Rating, COUNT(Id) n, GROUPING(LeadSource) s, GROUPING(Rating) r " +
          `FROM Lead WHERE LastName = 'L!' GROUP BY ${how}(LeadSource, Rating)`,
      )).map((row) => [row.LeadSource, row.Rating, row.n, row.s, row.r]);
    const rollup = [
      ["Other", "Hot", 1, 0, 0],
      ["Other", null, 1, 0, 1],
      ["Web", "Cold", 1, 0, 0],
      ["Web", "Hot", 2, 0, 0],
      ["Web", null, 3, 0, 1],
      [null, null, 4, 1, 1],
    ];
    assert.deepEqual(await totals("ROLLUP"), rollup);
    assert.deepEqual(await totals("CUBE"), [
      ...rollup.slice(0, 5),
      [null, "Cold", 1, 1, 0],
      [null, "Hot", 3, 1, 0],
      [null, null, 4, 1, 1],
    ]);
  });

  test("FORMAT writes for people, of fields and of aggregates", async () => {
    const { create, find } = newOrg(0);
    const deal = { Name: "D!", StageName: "Prospecting", CloseDate: "2026-03-07", Amount: 1234.5 };
    await create("Opportunity", deal);
    const [record] = await find("SELECT FORMAT(Amount) a, FORMAT(CloseDate) c FROM Opportunity");
    assert.deepEqual([record.a, record.c], ["$1,234.50", "3/7/2026"]);
    const [total] = await find(
      "SELECT FORMAT(MIN(CloseDate)) c, convertCurrency(SUM(Amount)) FROM Opportunity",
    );
    assert.deepEqual([total.c, total.expr0], ["3/7/2026", 1234.5]);
  });

  test("DISTANCE is measured from an address", async () => {
    const { create, find } = newOrg(0);
    await create("Account", { Name: "Berlin", BillingLatitude: 52.52, BillingLongitude: 13.405 });
    await create("Account", { Name: "Nowhere" });
    const munich = "DISTANCE(BillingAddress, GEOLOCATION(48.137, 11.575), 'km')";
    const [record, ...more] = await find(
      `SELECT Name, ${munich} km FROM Account WHERE ${munich} < 600 ORDER BY ${munich}`,
    );
    assert.deepEqual(more, []);
    assert.equal(Math.round(record.km), 504);
  });

  test("an alias may stand for a parent, and for a parent of that", async () => {
    const { create, find } = newOrg(0);
    const AccountId = await create("Account", { Name: "Aliased" });
    await create("Contact", { LastName: "Child", AccountId });
    const [record] = await find(
      "SELECT c.LastName, a.Name FROM Contact c, c.Account a, a.Owner o " +
        "WHERE a.Name = 'Aliased' AND o.UserType = 'Standard' ORDER BY a.Name",
    );
    assert.equal(record.LastName, "Child");
    assert.equal(record.Account.Name, "Aliased");
  });

  test("a LIKE full of wildcards is matched without going over the text again and again", async () => {
    const { create, find, ask } = newOrg(0);
    await create("Account", { Name: "a".repeat(250) });
    const { body } = await ask(`SELECT Id FROM Account WHERE Name LIKE '${"%a_".repeat(60)}%b'`);
    assert.equal(body.totalSize, 0);
    const found = await find(`SELECT Id FROM Account WHERE Name LIKE '${"%a_".repeat(60)}%'`);
    assert.equal(found.length, 1);
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
