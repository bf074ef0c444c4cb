/** The grammar of SOQL in the practice org: statements of every kind that Salesforce accepts, and such as it refuses. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
fc.configureGlobal({ seed: 20_260_101 }); // the same inputs each time
import { newOrg } from "./helpers/org-data.ts";

const ACCEPTED = [
  // SELECT and FROM
  "SELECT Id FROM Account",
  "select id, name, billingcity from account",
  "SELECT\n\tId,\r\n  Name\nFROM\n  Account",
  "SELECT Account.Name, a.Owner.Name FROM Account a",
  "SELECT Id FROM Account OFFSET",
  "SELECT c.Name, a.Name FROM Contact c, c.Account a",
  "SELECT COUNT() FROM Contact c, c.Account a, a.Owner o WHERE a.Name = 'x' AND o.Alias = 'y'",
  "SELECT Id, Contact.Account.Owner.Profile.Name FROM Contact",
  "SELECT FIELDS(STANDARD) FROM Contact",
  "SELECT FIELDS(ALL) FROM Account LIMIT 200",
  "SELECT Id, (SELECT Id, Name FROM Contacts ORDER BY Name LIMIT 2) FROM Account",
  "SELECT Account.Name, (SELECT Contact.LastName FROM Account.Contacts) FROM Account",
  "SELECT Name, (SELECT c.Email FROM Contacts c WHERE c.CreatedBy.Alias = 'x') FROM Account",
  "SELECT Amount, FORMAT(Amount) shown, FORMAT(convertCurrency(Amount)) money FROM Opportunity",
  "SELECT toLabel(Status) FROM Lead WHERE toLabel(Status) = 'New'",
  "SELECT Name, toLabel(RecordType.Name) recordType FROM Account",
  // Parents of more than one object
  "SELECT Id, Owner.Type, Owner.Name, Owner.Profile.Name FROM Case",
  "SELECT Id FROM Event WHERE Owner.Type = 'User' ORDER BY Owner.Name",
  "SELECT What.Name, What.Type, Who.FirstName FROM Task WHERE What.Type IN ('Account', 'Case')",
  "SELECT TYPEOF What WHEN Account THEN Phone, Owner.Name WHEN Opportunity THEN Amount ELSE Name END FROM Task",
  "SELECT Id, TYPEOF Who WHEN Lead THEN Company END FROM Task WHERE Who.Name LIKE 'A%'",
  // WHERE
  "SELECT Id FROM Account WHERE Name = 'x'",
  "SELECT Id FROM Account WHERE Name <> 'x' OR Name != 'y' OR Name > 'z'",
  "SELECT Id FROM Account WHERE NOT Name = 'x'",
  "SELECT Id FROM Account WHERE NOT (Name = 'x' OR Name = 'y')",
  "SELECT Id FROM Account WHERE (NOT Name LIKE 'x%') AND (NOT (Name = 'y'))",
  "SELECT Id FROM Account WHERE ((NOT AnnualRevenue > 0) AND AnnualRevenue < 200000)",
  "SELECT Id FROM Account WHERE (((Name = 'x' OR Name = 'y') AND Site = 'z')) AND Phone = '1'",
  "SELECT Id FROM Account WHERE Name LIKE '%\\_\\%\\'%' AND Site = 'a\\nb\\\\'",
  "SELECT Id FROM Account WHERE Name IN ('a', null, 'b') AND NumberOfEmployees NOT IN (1, +2, -3)",
  "SELECT Id FROM Account WHERE Tags__c INCLUDES ('Partner;Reference', 'Newsletter')",
  "SELECT Id FROM Account WHERE Tags__c EXCLUDES ('Partner')",
  "SELECT Id FROM Account WHERE Active__c = TRUE AND Phone = NULL",
  "SELECT Id FROM Opportunity WHERE Amount > USD5000 OR Amount IN (eur500.01, GBP-6) OR Amount < 1.5e3",
  "SELECT Id FROM Account WHERE CreatedDate > 2026-01-31T12:00:00Z",
  "SELECT Id FROM Account WHERE CreatedDate < 2026-01-31T12:00:00.000+01:00",
  "SELECT Id FROM Account WHERE CreatedDate < 2026-01-31T12:00:00-0800",
  "SELECT Id FROM Opportunity WHERE CloseDate = 2026-01-31",
  "SELECT Id FROM Opportunity WHERE CloseDate IN (TODAY, LAST_N_DAYS:3, N_FISCAL_YEARS_AGO:2)",
  "SELECT Id FROM Opportunity WHERE CALENDAR_YEAR(CloseDate) = 2026",
  "SELECT Id FROM Opportunity WHERE DAY_ONLY(convertTimezone(CreatedDate)) = TODAY",
  "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity WHERE IsWon = TRUE)",
  "SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact) AND Name LIKE 'A%'",
  "SELECT Id FROM Contact WHERE AccountId IN (SELECT Account__c FROM Invoice__c)",
  "SELECT Name FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(37.775, -122.418), 'mi') < 20 " +
  "ORDER BY DISTANCE(BillingAddress, GEOLOCATION(37.775, -122.418), 'KM') DESC",
  // Groups
  "SELECT COUNT() FROM Contact",
  "SELECT COUNT()FROM Contact",
  "SELECT COUNT() total FROM Contact WHERE Name LIKE 'A%'",
  "SELECT COUNT() FROM Contact LIMIT 3",
  "SELECT COUNT(Id), COUNT_DISTINCT(Industry) kinds, MAX(AnnualRevenue) FROM Account",
  "SELECT FORMAT(MIN(CloseDate)) opened, convertCurrency(SUM(Amount)) FROM Opportunity",
  "SELECT LeadSource, COUNT(Name) FROM Lead GROUP BY LeadSource HAVING COUNT(Name) > 1 AND LeadSource > 'P'",
  "SELECT Name n, COUNT(Id) FROM Account GROUP BY Name HAVING COUNT(Id) > 0 AND (Name LIKE '%a%' OR Name LIKE '%b%')",
  "SELECT CampaignId, AVG(Amount) avg FROM Opportunity GROUP BY CampaignId HAVING COUNT(Id, Name) > 1",
  "SELECT Account.Name, COUNT(Id) FROM Contact GROUP BY Account.Name ORDER BY COUNT(Id) DESC NULLS LAST, Account.Name",
  "SELECT HOUR_IN_DAY(convertTimezone(CreatedDate)), SUM(Amount) FROM Opportunity GROUP BY HOUR_IN_DAY(convertTimezone(CreatedDate))",
  "SELECT LeadSource, COUNT(Name) FROM Lead GROUP BY ROLLUP(LeadSource)",
  "SELECT Type, BillingCountry, GROUPING(Type) t, GROUPING(BillingCountry) c, COUNT(Id) FROM Account " +
  "GROUP BY CUBE(Type, BillingCountry) ORDER BY GROUPING(Type), GROUPING(BillingCountry)",
  "SELECT Status FROM Lead GROUP BY Status LIMIT 2 OFFSET 1",
  // What follows
  "SELECT Name FROM Account ORDER BY Name, Owner.Name DESC NULLS LAST, Phone ASC NULLS FIRST",
  "SELECT Name FROM Account ORDER BY Name LIMIT 100 OFFSET 0",
  "SELECT Id FROM Account USING SCOPE mine WHERE Name LIKE 'A%'",
  "SELECT Id FROM Account USING SCOPE Everything",
  "SELECT Id FROM Account USING SCOPE team ORDER BY Name",
  "SELECT Id FROM Account USING SCOPE mine_and_my_groups",
  "SELECT Id FROM Account WITH SECURITY_ENFORCED",
  "SELECT Id FROM Account WHERE Name = 'x' WITH USER_MODE ORDER BY Name",
  "SELECT Id FROM Account WITH SYSTEM_MODE",
  "SELECT Id FROM Account FOR VIEW",
  "SELECT Id FROM Account LIMIT 1 FOR UPDATE",
  "SELECT Id FROM Account FOR REFERENCE UPDATE TRACKING",
  "SELECT Id FROM Account UPDATE TRACKING, VIEWSTAT",
  // Words that are keywords only where they stand as such
  "SELECT Id FROM Group",
  "SELECT Type, COUNT(Id) FROM Group GROUP BY Type",
  // Objects that scripts ask for
  "SELECT Amount, Id, Name, (SELECT Quantity, ListPrice, PricebookEntry.UnitPrice, PricebookEntry.Name FROM OpportunityLineItems) FROM Opportunity",
  "SELECT UserId, LoginTime FROM LoginHistory",
  "SELECT Name, (SELECT CreatedBy.Name FROM Notes) FROM Account",
  "SELECT QualifiedApiName, DataType FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Account'",
];

const REFUSED: [soql: string, token: string][] = [
  ["", "<EOF>"],
  ["SELECT", "<EOF>"],
  ["SELECT Id", "<EOF>"],
  ["SELECT Id FROM", "<EOF>"],
  ["SELECT FROM Account", "FROM"],
  ["SELECT * FROM Account", "*"],
  ["select some fake text", "text"],
  ["SELECTName FROM Account", "SELECTName"],
  ["SELECT Id, Name FROMAccount", "<EOF>"],
  ["SELECT Id,, Name FROM Account", ","],
  ["SELECT Contact..FirstName FROM Contact", "."],
  ["SELECT Name (SELECT LastName FROM Contacts) FROM Account", "("],
  ["SELECT LeadSourceCOUNT(Name) FROM Lead GROUP BY LeadSource", "("],
  ["SELECT Id FROM ORDER BY Name", "ORDER"],
  ["SELECT Id FROM Account FROM Account", "FROM"],
  ["SELECT Id FROM Account, Contact", "<EOF>"],
  ["SELECT Id FROM Account AS a", "a"],
  ["SELECT COUNT(), Id FROM Account", ","],
  ["SELECT Id, COUNT() FROM Account", ")"],
  ["SELECT SUM(Amount, Id) FROM Opportunity", ","],
  ["SELECT Id FROM Account WHERE", "<EOF>"],
  ["SELECT Id FROM Account WHERE Id = foo", "foo"],
  ["SELECT Id FROM Account WHERE Name = 'a' foo", "foo"],
  ["SELECT Id FROM Account WHERE Name Name = 'a'", "Name"],
  ["SELECT Id FROM Account WHERE Name == 'a'", "="],
  ["SELECT Id FROM Account WHERE Name LIKE 'a' AND", "<EOF>"],
  ["SELECT Id FROM Account WHERE (((Name = 'a'", "<EOF>"],
  ["SELECT Id FROM Account WHERE ((Name = 'a')", "<EOF>"],
  ["SELECT Id FROM Account WHERE (Name = 'a'))", ")"],
  ["SELECT Id FROM Account WHERE Name = 'a' OR Name = 'b' AND Name = 'c'", "AND"],
  ["SELECT Id FROM Account WHERE Name = 'a' AND NOT (Name = 'b')", "NOT"],
  ["SELECT Id FROM Account WHERE Name = 'a' AND NOT Name = 'b'", "NOT"],
  ["SELECT Id FROM Account WHERE NOT NOT Name = 'b'", "NOT"],
  ["SELECT Id FROM Account WHERE Name NOT LIKE 'b'", "NOT"],
  ["SELECT Id FROM Account WHERE Name IN 'a'", "'a'"],
  ["SELECT Id FROM Account WHERE Name IN ()", ")"],
  ["SELECT Id FROM Account WHERE Name = ('a')", "("],
  ["SELECT Id FROM Account WHERE Name LIKE ('a', 'b')", "("],
  ["SELECT Id FROM Account WHERE Tags__c INCLUDES (SELECT Id FROM Contact)", "SELECT"],
  ["SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS", "LAST_N_DAYS"],
  ["SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:x", "LAST_N_DAYS"],
  ["SELECT Id FROM Account WHERE CreatedDate = THIS_FISCAL_WEEK", "THIS_FISCAL_WEEK"],
  ["SELECT Id FROM Account WHERE CreatedDate > 2026-01-31T12:00:00", "T12"],
  ["SELECT Id FROM Opportunity WHERE convertCurrency(Amount) > 5", "("],
  ["SELECT Id FROM Opportunity WHERE FORMAT(Amount) = '5'", "("],
  ["SELECT DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'm') FROM Account", "'m'"],
  ["SELECT DISTANCE(GEOLOCATION(1, 2), BillingAddress, 'km') FROM Account", "("],
  ["SELECT GEOLOCATION(1, 2) FROM Account", "("],
  ["SELECT Name, COUNT(Id) FROM Account GROUPBY Name", "Name"],
  ["SELECT Name FROM Account GROUP BY", "<EOF>"],
  ["SELECT Name FROM Account HAVING COUNT(Id) > 1", "HAVING"],
  ["SELECT Name FROM Account GROUP BY Name HAVING", "<EOF>"],
  ["SELECT Name FROM Account ORDER BY", "<EOF>"],
  ["SELECT Name FROM Account ORDER BY Name NULLS", "<EOF>"],
  ["SELECT Name FROM Account ORDER BY Name DESC ASC", "ASC"],
  ["SELECT Name FROM Account LIMIT", "<EOF>"],
  ["SELECT Name FROM Account LIMIT 'x'", "'x'"],
  ["SELECT Name FROM Account LIMIT -1", "-1"],
  ["SELECT Name FROM Account LIMIT 1.5", "1.5"],
  ["SELECT Name FROM Account OFFSET 'x'", "'x'"],
  ["SELECT Name FROM Account OFFSET -1", "-1"],
  ["SELECT Name FROM Account ORDER BY Name OFFSET100", "OFFSET100"],
  ["SELECT Name FROM Account OFFSET 1 LIMIT 1", "LIMIT"],
  ["SELECT Name FROM Account LIMIT 1 ORDER BY Name", "ORDER"],
  ["SELECT Name FROM Account LIMIT 1 WHERE Name = 'x'", "WHERE"],
  ["SELECT Name FROM Account WITH", "<EOF>"],
  ["SELECT Name FROM Account WITH NOTHING", "NOTHING"],
  ["SELECT Name FROM Account FOR", "<EOF>"],
  ["SELECT Name FROM Account UPDATE", "<EOF>"],
  ["SELECT Name FROM Account USING mine", "mine"],
  ["SELECT TYPEOF What THEN Name END FROM Task", "THEN"],
  ["SELECT TYPEOF What WHEN Account THEN Name FROM Task", "FROM"],
];

describe("SOQL: grammar", () => {
  const { ask, call } = newOrg(3);

  for (const soql of ACCEPTED) {
    test(soql.replace(/\s+/g, " "), async () => {
      const { status, body } = await ask(soql);
      assert.equal(status, 200, JSON.stringify(body));
    });
  }

  for (const [soql, token] of REFUSED) {
    test(`${soql || "nothing"}: unexpected ${token}`, async () => {
      const { status, body } = await ask(soql);
      assert.equal(status, 400);
      assert.equal(body[0].errorCode, "MALFORMED_QUERY");
      assert.ok(
        body[0].message.endsWith(`unexpected token: '${token}'`) ||
          body[0].message.endsWith(`no viable alternative at character '${token}'`),
        body[0].message,
      );
    });
  }

  test("a comment is no SOQL", async () => {
    const { body } = await ask("SELECT Id // the id\nFROM Account");
    assert.match(body[0].message, /line 1:10 no viable alternative at character '\/'$/);
  });

  test("deep nesting and great length are refused, not run into", async () => {
    const nested = "(".repeat(50_000) + "Name = 'x'" + ")".repeat(50_000);
    const deep = await ask(`SELECT Id FROM Account WHERE ${"(".repeat(500)}Name = 'x'`);
    assert.equal(deep.body[0].errorCode, "QUERY_TOO_COMPLICATED");
    // Too long for a URL, it comes in the body of a batch.
    const url = `v67.0/query?q=${encodeURIComponent(`SELECT Id FROM Account WHERE ${nested}`)}`;
    const long = await call("POST", "/composite/batch", {
      batchRequests: [{ method: "GET", url }],
    });
    const [{ statusCode, result }] = long.body.results;
    assert.equal(statusCode, 400);
    assert.match(result[0].message, /cannot be longer than 100000 characters/);
  });
});

describe("any text is answered", () => {
  const { call } = newOrg(5);
  const answers = (path: string) => async (text: string) => {
    const { status } = await call("GET", `${path}${encodeURIComponent(text)}`);
    assert.ok(status === 200 || status === 400, `${status}`);
  };
  /** Words of the language in any order, which come further than plain noise. */
  const soup = (words: string) =>
    fc.array(fc.constantFrom(...words.split(" ")), { maxLength: 25 })
      .map((parts) => parts.join(" "));
  const wellFormed = { unit: "grapheme", maxLength: 80 } as const;

  test("as SOQL", async () => {
    await fc.assert(fc.asyncProperty(fc.string(wellFormed), answers("/query?q=")));
    const words =
      "SELECT FROM WHERE Id Name Account Contacts , ( ) = 'x' 1 AND OR NOT IN LIKE null " +
      "COUNT ( Id ) GROUP BY ORDER LIMIT 1 TODAY LAST_N_DAYS : 99999999 Owner . Name TYPEOF";
    await fc.assert(
      fc.asyncProperty(
        soup(words),
        (text) => answers("/query?q=")(`SELECT Id FROM Account ${text}`),
      ),
    );
    await fc.assert(fc.asyncProperty(soup(words), answers("/query?q=SELECT ")));
  });

  test("as a value in a condition", async () => {
    const operators = ["=", "!=", "<", "LIKE", "IN"];
    const fields = ["Name", "Id", "CreatedDate", "NumberOfEmployees", "Active__c", "Tags__c"];
    await fc.assert(fc.asyncProperty(
      fc.constantFrom(...fields),
      fc.constantFrom(...operators),
      fc.string(wellFormed),
      (field, operator, text) =>
        answers("/query?q=")(`SELECT Id FROM Account WHERE ${field} ${operator} ${text}`),
    ));
    await fc.assert(
      fc.asyncProperty(fc.string(wellFormed), (text) =>
        answers("/query?q=")(
          `SELECT Id FROM Account WHERE Name LIKE '${text.replaceAll("'", "")}'`,
        )),
    );
  });

  test("as SOSL and as a search by parameters", async () => {
    await fc.assert(fc.asyncProperty(fc.string(wellFormed), answers("/search?q=")));
    await fc.assert(
      fc.asyncProperty(fc.string(wellFormed), (text) => answers("/search?q=")(`FIND {${text}}`)),
    );
    const words =
      'AND OR NOT ( ) " acme* ?? * \\- \\} } RETURNING Account ( Id ) LIMIT 1 WITH SNIPPET';
    await fc.assert(
      fc.asyncProperty(soup(words), (text) => answers("/search?q=")(`FIND {${text}`)),
    );
    await fc.assert(fc.asyncProperty(fc.string(wellFormed), answers("/parameterizedSearch?q=")));
  });

  test("as the body of a search by parameters", async () => {
    await fc.assert(fc.asyncProperty(
      fc.record({
        q: fc.anything(),
        in: fc.anything(),
        fields: fc.anything(),
        sobjects: fc.anything(),
      }, {
        requiredKeys: [],
      }),
      async (body) => {
        const json = JSON.parse(
          JSON.stringify(body, (_, value) => typeof value === "bigint" ? Number(value) : value) ??
            "{}",
        );
        const { status } = await call("POST", "/parameterizedSearch", json);
        assert.ok(status === 200 || status === 400, `${status}`);
      },
    ));
  });
});
