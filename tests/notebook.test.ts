import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, describe, test } from "node:test";
import { missing } from "./helpers/missing.ts";
import { once } from "./helpers/once.ts";
import { type Cell, NOTEBOOK, runNotebook } from "./helpers/notebook.ts";
import { practiceOrg } from "./helpers/practice.ts";

const org = await practiceOrg();
const skip = missing("jupyter", "jupyter-nbconvert");
const stored: Cell[] = JSON.parse(await readFile(NOTEBOOK, "utf8")).cells;

describe("the example notebook, run by Jupyter on the Deno kernel", () => {
  let cells: Cell[] = [];
  let url: string;
  let secrets: string[];

  before(async () => {
    if (skip) return;
    ({ cells, url, secrets } = await once("notebook", async () => {
      await org.session().fetch("/sobjects/Account", {
        method: "POST",
        json: { Name: "A <b>bold</b> name", Description: "long ".repeat(100) },
      });
      const cells = await runNotebook(org.env);
      const { accessToken } = await org.session().getToken();
      const key = org.options.privateKey.replace(/-----.*-----|\s/g, "");
      return { cells, url: org.url, secrets: [accessToken.split("!")[1]!, key.slice(100, 160)] };
    }));
  });

  /** What a cell shows, in one of its forms. */
  function shown(id: string, mime = "text/html"): string {
    const outputs = cells.find((cell) => cell.id === id)?.outputs ?? [];
    return outputs.map(({ data }) => [data?.[mime] ?? []].flat().join("")).join("");
  }

  test("imports the module by URL and runs every cell", { skip }, () => {
    assert.deepEqual(
      cells.filter(({ outputs = [] }) => outputs.length > 0).map(({ id }) => id),
      ["token", "query", "frame", "plot", "error"],
    );
    assert.deepEqual(cells.map(kindsOf), stored.map(kindsOf));
  });

  test("shows a token redacted", { skip }, () => {
    assert.match(shown("token"), /00D…!\*{4}/);
  });

  test("shows a query as a table: records linked, long values cut, HTML as text", { skip }, () => {
    const table = shown("query");
    assert.match(table, /<table>.*<th[^>]*>Name<\/th>/);
    assert.match(table, new RegExp(`<a href="${url}/001\\w{15}"`));
    assert.match(table, /A &#60;b&#62;bold/);
    assert.match(table, />(long ){10,30}[^<]{0,4}…</);
  });

  test("makes a data frame of records and groups it", { skip }, () => {
    const table = shown("frame");
    assert.match(table, /<th[^>]*>Industry<\/th><th[^>]*>accounts<\/th><th[^>]*>revenue<\/th>/);
    assert.equal(table.match(/<tr>/g)?.length, 9);
  });

  test("draws the data frame with Observable Plot", { skip }, () => {
    assert.equal(shown("plot", "image/svg+xml").match(/<rect /g)?.length, 8);
  });

  test(
    "shows an error that nobody catches with its hint, and nothing of the module",
    { skip },
    () => {
      const [error] = cells.find(({ id }) => id === "error")!.outputs!;
      assert.equal(error!.ename, "SalesforceError");
      const text = error!.traceback!.join("\n");
      assert.match(
        text,
        /^SalesforceError: .*INVALID_FIELD.*\nSELECT Id, Nme FROM Account\n {11}\^\n/,
      );
      assert.match(text, /field-level security/);
      assert.doesNotMatch(text, /mod\.ts/);
    },
  );

  test("holds no secret once saved", { skip }, () => {
    const saved = JSON.stringify(cells);
    assert.equal(secrets.length, 2);
    for (const secret of secrets) {
      assert.ok(!saved.includes(secret), `${secret} is in the notebook`);
    }
    assert.doesNotMatch(saved, SECRET);
  });
});

test("the example notebook is stored with its outputs, without secrets", () => {
  const outputs = stored.flatMap(({ outputs = [] }) => outputs);
  assert.equal(outputs.length, 5);
  const text = JSON.stringify(stored);
  assert.match(text, /00D…!\*{4}/);
  assert.doesNotMatch(text, SECRET);
});

const SECRET = /00D\w{12,15}!|eyJ[\w-]{10}|PRIVATE KEY/;

/** A cell, and the MIME types of what it shows. */
function kindsOf({ id, outputs = [] }: Cell): string {
  return `${id}: ${outputs.flatMap(({ data = {} }) => Object.keys(data)).sort().join()}`;
}
