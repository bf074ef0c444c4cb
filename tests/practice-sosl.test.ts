/** SOSL in the practice org. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newOrg } from "./helpers/org-data.ts";

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

  const search = async (sosl: string) =>
    (await call("GET", `/search?q=${encodeURIComponent(sosl)}`)).body;
  const count = async (term: string) =>
    (await search(`FIND {${term}} RETURNING Account(Id)`)).searchRecords.length;

  test("a word is found whole, or by its start with a wildcard", async () => {
    assert.equal(await count("burlington"), 1);
    assert.equal(await count("burling"), 0);
    assert.equal(await count("burling*"), 1);
    assert.equal(await count("b?rlington"), 1);
    assert.equal(await count("さくら"), 1);
    assert.equal(await count("النور"), 1);
  });

  test("case does not matter, whatever the script", async () => {
    const { call, create, find } = newOrg(0);
    await create("Account", { Name: "Αερογραμμές ΕΛΛΑΣ" });
    for (const term of ["ΕΛΛΑΣ", "ελλας", "ΑΕΡΟΓΡΑΜΜ*"]) {
      const sosl = encodeURIComponent(`FIND {${term}} RETURNING Account`);
      const { body } = await call("GET", `/search?q=${sosl}`);
      assert.equal(body.searchRecords.length, 1, term);
    }
    assert.equal((await find("SELECT Id FROM Account WHERE Name LIKE '%ελλας'")).length, 1);
  });

  test("words are joined by AND, OR, AND NOT and parentheses; quotes hold a phrase together", async () => {
    assert.equal(await count("burlington textiles"), 1);
    assert.equal(await count('"textiles burlington"'), 0);
    assert.equal(await count('"burlington textiles"'), 1);
    assert.equal(await count("burlington OR aurora"), 2);
    assert.equal(await count("(burlington OR aurora) AND logistics"), 1);
    assert.equal(await count("logistics AND NOT aurora"), 0);
  });

  test("every reserved character can be searched for, after a backslash", async () => {
    for (const character of "?&|!{}[]()^~*:\\\"'+-") {
      const { searchRecords } = await search(`FIND {acme\\${character}} RETURNING Account(Name)`);
      assert.deepEqual(searchRecords.map(({ Name }: { Name: string }) => Name), ["Acme"]);
    }
    assert.equal(await count("O\\'Reilly"), 1);
  });

  test("without one it is refused, and the place named", async () => {
    for (const character of "&|!{[]^~:'+-") {
      const sosl = `FIND {acme${character}corp} RETURNING Account`;
      const [{ errorCode, message }] = await search(sosl);
      assert.equal(errorCode, "MALFORMED_SEARCH");
      assert.equal(
        message,
        `\n${sosl}\n         ^\nERROR at Row:1:Column:10\n` +
          `line 1:10 mismatched character '${character}' expecting '}'`,
      );
    }
  });

  test("all clauses of SOSL are read", async () => {
    const clauses = [
      "IN ALL FIELDS",
      "IN SIDEBAR FIELDS RETURNING Account",
      "RETURNING Account(Name USING LISTVIEW=AllAccounts WHERE Name LIKE 'A%' ORDER BY Name LIMIT 1 OFFSET 0)",
      "RETURNING Account(Id), Contact(Id, Account.Name) WITH SNIPPET LIMIT 10",
      "RETURNING Account WITH SNIPPET (target_length=120) WITH SPELL_CORRECTION = false",
      "RETURNING Account WITH METADATA = 'LABELS' WITH HIGHLIGHT",
      "RETURNING Account WITH NETWORK IN ('0DB000000000001') UPDATE TRACKING, VIEWSTAT",
      "LIMIT 1 UPDATE VIEWSTAT",
    ];
    for (const clause of clauses) {
      const body = await search(`FIND {Acme} ${clause}`);
      assert.ok(body.searchRecords?.length > 0, JSON.stringify(body));
    }
  });

  test("what is malformed is refused, and the word named", async () => {
    const refusals: [sosl: string, errorCode: string, message: RegExp][] = [
      [
        "",
        "MALFORMED_SEARCH",
        /^No search term found\. The search term must be enclosed in braces/,
      ],
      ["FIND acme", "MALFORMED_SEARCH", /^No search term found/],
      ["FIND {acme", "MALFORMED_SEARCH", /mismatched character '<EOF>' expecting '}'$/],
      ["FIND {a}", "INVALID_SEARCH", /^search term must be longer than one character: a$/],
      ["FIND {**}", "INVALID_SEARCH", /^search term must be longer than one character/],
      ["FIND {acme} IN ALL TYPE", "MALFORMED_SEARCH", /Column:19\nMalformed search token: TYPE$/],
      ["FIND {acme} RETURNING", "MALFORMED_SEARCH", /unexpected token: '<EOF>'$/],
      ["FIND {acme} RETURNING Account(Id", "MALFORMED_SEARCH", /unexpected token: '<EOF>'$/],
      ["FIND {acme} RETURNING Nope", "INVALID_TYPE", /Column:23\nsObject type 'Nope' is not/],
      ["FIND {acme} RETURNING Account(Nme)", "INVALID_FIELD", /Column:31\nNo such column 'Nme'/],
      ["FIND {acme} LIMIT x", "MALFORMED_SEARCH", /unexpected token: 'x'$/],
    ];
    for (const [sosl, code, pattern] of refusals) {
      const [{ errorCode, message }] = await search(sosl);
      assert.equal(errorCode, code, message);
      assert.match(message, pattern);
    }
  });

  test("a search by parameters takes any text, and objects with what they are asked for", async () => {
    for (const q of ["Acme - & |", "Acme!", "(Acme", '"Acme', "Acme\\", "{Acme}"]) {
      const path = `/parameterizedSearch?sobject=Account&Account.fields=Name&q=${
        encodeURIComponent(q)
      }`;
      assert.deepEqual(await names(path), ["Acme"]);
    }
    const { body } = await call("POST", "/parameterizedSearch", {
      q: "Acme OR Aurora",
      in: "NAME",
      fields: ["Name"],
      sobjects: [{ name: "Account", where: "Name LIKE 'A%'", orderBy: "Name DESC", limit: 1 }],
      overallLimit: 10,
    });
    assert.deepEqual(body.searchRecords.map(({ Name }: { Name: string }) => Name), [
      "Aurora Logistics",
    ]);
    const wrong = await call("POST", "/parameterizedSearch", { q: "Acme", fields: "Name" });
    assert.equal(wrong.status, 400);
  });
});
