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
});
