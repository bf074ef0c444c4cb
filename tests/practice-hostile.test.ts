/** Input made to keep the practice org busy: it is refused before it is read, or read in one pass. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newOrg } from "./helpers/org-data.ts";

const MILLION = 1_000_000;

describe("hostile input", () => {
  const { call, create, find } = newOrg(10);

  test("JSON that is nested too deeply is refused, wherever JSON is read", async () => {
    const deep = "[".repeat(2 * MILLION);
    for (
      const path of ["/sobjects/Account", "/composite", "/jobs/ingest", "/parameterizedSearch"]
    ) {
      for (const body of [deep, '{"a":'.repeat(MILLION), `{"a":"\\"${deep}"${deep}`]) {
        const { status, body: [error] } = await call("POST", path, body);
        assert.equal(status, 400, path);
        assert.equal(error.errorCode, "JSON_PARSER_ERROR", path);
        assert.match(error.message, /nested more than 1000 levels/, path);
      }
    }
    const inText = { Name: "Brackets", Description: `"${"[".repeat(5000)}\\` };
    assert.equal((await call("POST", "/sobjects/Account", inText)).status, 201);
  });

  test("JSON of more than 50 MB is refused", async () => {
    const body = `{"Name":"${"x".repeat(51 * 1024 * 1024)}"}`;
    const { status, body: [error] } = await call("POST", "/sobjects/Account", body);
    assert.equal(status, 413);
    assert.equal(error.errorCode, "REQUEST_ENTITY_TOO_LARGE");
  });

  test("a search for more than 10,000 characters finds nothing", async () => {
    for (const q of ["a*".repeat(MILLION), "NOT ".repeat(MILLION), "aa OR ".repeat(MILLION)]) {
      const { body } = await call("POST", "/parameterizedSearch", { q });
      assert.deepEqual(body, { searchRecords: [] });
    }
    const { body } = await call("POST", "/parameterizedSearch", { q: "acme ".repeat(2000) });
    assert.ok(body.searchRecords.length > 0);
  });

  test("parentheses in a search are nested to a depth", async () => {
    const search = (depth: number) =>
      call(
        "GET",
        `/search?q=${
          encodeURIComponent(
            `FIND {${"(".repeat(depth)}acme${")".repeat(depth)}} RETURNING Account`,
          )
        }`,
      );
    assert.equal((await search(50)).body.searchRecords.length, 1);
    const { status, body: [error] } = await search(3000);
    assert.equal(status, 400);
    assert.equal(error.errorCode, "MALFORMED_SEARCH");
  });

  test("patterns full of wildcards match in one pass", async () => {
    const Name = "a".repeat(200);
    await create("Account", { Name, Description: "a".repeat(30_000) });
    assert.equal(
      (await find(`SELECT Id FROM Account WHERE Name LIKE '${"%a".repeat(200)}%'`)).length,
      1,
    );
    assert.equal(
      (await find(`SELECT Id FROM Account WHERE Name LIKE '${"%a".repeat(1500)}%b'`)).length,
      0,
    );
    const search = async (term: string) => {
      const sosl = encodeURIComponent(`FIND {${term}} RETURNING Account`);
      return (await call("GET", `/search?q=${sosl}`)).body.searchRecords.length;
    };
    assert.equal(await search("a*".repeat(3000)), 1);
    assert.equal(await search("a*".repeat(3000) + "b"), 0);
    assert.equal(await search(`"${"a* ".repeat(2000)}"`), 0);
  });
});
