/** cli/output: records in every form, streamed, and harmless for a terminal. */
import assert from "node:assert/strict";
import { PassThrough, Writable } from "node:stream";
import { describe, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import papaparse from "papaparse";
import { curlLine } from "../cli/output/curl.ts";
import { formatJson } from "../cli/output/json.ts";
import { parseExact } from "../cli/output/exact.ts";
import { FORMATS } from "../cli/output/formats.ts";
import { type OutputOptions, type SObjectRecord, writeRecords } from "../cli/output/output.ts";
import { columnsOf } from "../cli/soql/columns.ts";
import { hasColours, sanitize } from "../cli/terminal/terminal.ts";

const ACME: SObjectRecord = {
  attributes: { type: "Account" },
  Id: "001000000000001AAA",
  Name: "Acme",
  Owner: { attributes: { type: "User" }, Name: "Ann" },
  AnnualRevenue: 1200.5,
  Contacts: { totalSize: 3, done: true, records: [{ Id: "003000000000001AAA" }] },
};
const ORPHAN: SObjectRecord = {
  Id: "001000000000002AAA",
  Name: null,
  Owner: null,
  AnnualRevenue: 7,
  Contacts: null,
};
const SOQL = "SELECT Id, Name, Owner.Name, AnnualRevenue, (SELECT Id FROM Contacts) FROM Account";

async function written(
  records: Iterable<SObjectRecord> | AsyncIterable<SObjectRecord>,
  options: Omit<OutputOptions, "out">,
): Promise<string> {
  const out = new PassThrough();
  const chunks: string[] = [];
  out.setEncoding("utf8").on("data", (chunk) => chunks.push(chunk));
  await writeRecords(records, { ...options, out });
  out.end();
  await new Promise((resolve) => out.on("close", resolve));
  return chunks.join("");
}

const headings = (soql: string): string[] | undefined =>
  columnsOf(soql)?.map(({ path }) => path.join("."));

describe("columnsOf()", () => {
  test("names the fields of the select list in their order", () => {
    assert.deepEqual(headings(SOQL), ["Id", "Name", "Owner.Name", "AnnualRevenue", "Contacts"]);
    assert.deepEqual(headings("select id\n, name from account where name = 'x, y FROM z'"), [
      "id",
      "name",
    ]);
  });

  test("takes away the object's own name and alias", () => {
    assert.deepEqual(headings("SELECT a.Id, a.Owner.Name FROM Account a WHERE a.Id != null"), [
      "Id",
      "Owner.Name",
    ]);
    assert.deepEqual(headings("SELECT Account.Id FROM Account ORDER BY Name"), ["Id"]);
  });

  test("knows the names that Salesforce gives to aggregates", () => {
    assert.deepEqual(
      headings(
        "SELECT Account.Name, COUNT(Id), SUM(Amount) total, MAX(Amount) FROM Opportunity GROUP BY Account.Name",
      ),
      ["Name", "expr0", "total", "expr1"],
    );
    assert.deepEqual(headings("SELECT toLabel(Status) FROM Case"), ["Status"]);
  });

  test("knows the fields of every branch of TYPEOF", () => {
    assert.deepEqual(
      headings(
        "SELECT TYPEOF What WHEN Account THEN Phone, Name WHEN Opportunity THEN name, Amount ELSE Id END, Id FROM Event",
      ),
      ["What.Phone", "What.Name", "What.Amount", "What.Id", "Id"],
    );
  });

  test("gives up where only the records can tell", () => {
    assert.equal(headings("SELECT FIELDS(ALL) FROM Account LIMIT 200"), undefined);
    assert.equal(headings("this is no query"), undefined);
  });
});

describe("writeRecords() as csv", () => {
  test("takes the columns from the query, flattens parents, counts subqueries", async () => {
    const text = await written([ACME, ORPHAN], { format: "csv", columns: columnsOf(SOQL) });
    assert.equal(
      text,
      "Id,Name,Owner.Name,AnnualRevenue,Contacts\n" +
        "001000000000001AAA,Acme,Ann,1200.5,3\n" +
        "001000000000002AAA,,,7,0\n",
    );
  });

  test("keeps the column of a parent that is null in every record", async () => {
    const text = await written([ORPHAN], {
      format: "csv",
      columns: columnsOf("SELECT Id, Owner.Name FROM Account"),
    });
    assert.equal(text.split("\n")[0], "Id,Owner.Name,Name,AnnualRevenue,Contacts");
  });

  test("takes the spelling of the records, and the header alone where there are none", async () => {
    const columns = columnsOf("select id, name from account");
    assert.equal(
      await written([{ Id: "1", Name: "A" }], { format: "csv", columns }),
      "Id,Name\n1,A\n",
    );
    assert.equal(await written([], { format: "csv", columns }), "id,name\n");
  });

  test("spreads compound fields, and finds columns by the records where the query names none", async () => {
    const record = { BillingAddress: { city: "Ulm", country: null }, Tags: ["a", "b"] };
    assert.equal(
      await written([{ BillingAddress: null }, record], { format: "csv" }),
      'BillingAddress.city,BillingAddress.country,Tags\n,,\nUlm,,"[""a"",""b""]"\n',
    );
  });

  test("begins with a byte order mark where asked to, also as tsv", async () => {
    const records = [{ Id: "1", Name: "Ä" }];
    const bom = true;
    assert.equal(await written(records, { format: "csv", bom }), "\ufeffId,Name\n1,Ä\n");
    assert.equal(await written(records, { format: "tsv", bom }), "\ufeffId\tName\n1\tÄ\n");
  });

  test("quotes so that a CSV reader gets back what was written", async () => {
    const values = ['say "x"', "a,b", "two\r\nlines", " blank ", "", "ünï 株 😀", "=1+1"];
    const text = await written(values.map((Value, Row) => ({ Row, Value })), { format: "csv" });
    const rows = papaparse.parse(text, { header: true, skipEmptyLines: true }).data as {
      Value: string;
    }[];
    assert.deepEqual(rows.map((row) => row.Value), values);
  });
});

describe("a column that first occurs after a thousand records", () => {
  const late = async function* (first: SObjectRecord, last: SObjectRecord) {
    for (let count = 0; count < 1500; count++) yield first;
    yield last;
  };
  const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1)!;

  test("has its values, however the query spells it", async () => {
    const soql = "select id, owner.name, billingaddress from Account";
    const text = await written(
      late({ Id: "1", Owner: null, BillingAddress: null }, {
        Id: "2",
        Owner: { Name: "Ann" },
        BillingAddress: { city: "Ulm" },
      }),
      { format: "csv", columns: columnsOf(soql) },
    );
    assert.equal(text.split("\n")[0], "Id,Owner.name,BillingAddress");
    assert.equal(lastLine(text), '2,Ann,"{""city"":""Ulm""}"');
  });

  test("is there for the second branch of TYPEOF", async () => {
    const soql = "SELECT TYPEOF What WHEN Account THEN Phone WHEN Case THEN Subject END FROM Event";
    for (const format of ["csv", "table", "markdown"] as const) {
      const text = await written(
        late({ What: { Phone: "1" } }, { What: { Subject: "Late" } }),
        { format, columns: columnsOf(soql) },
      );
      assert.match(text, /What\.Phone.*What\.Subject/);
      assert.match(lastLine(text), /Late/);
    }
  });

  test("is found where all records are there, and is an error where nothing told of it", async () => {
    const records = await Array.fromAsync(late({ Id: "1" }, { Id: "2", Extra: "x" }));
    assert.equal((await written(records, { format: "csv" })).split("\n")[0], "Id,Extra");
    await assert.rejects(
      written(late({ Id: "1" }, { Id: "2", Extra: "x" }), { format: "csv" }),
      /Extra first occurs after 1000 records/,
    );
  });
});

describe("numbers beyond 2⁵³", () => {
  const text =
    '{"Big":12345678901234567890,"Small":-0.12345678901234567890,"Id":"001000000000000001"}';

  test("keep their digits in every format", async () => {
    const record = parseExact(text) as SObjectRecord;
    for (const format of FORMATS) {
      const shown = await written([record], { format });
      assert.ok(shown.includes("12345678901234567890"), shown);
      assert.ok(shown.includes("-0.12345678901234567890"), shown);
    }
    assert.equal(JSON.stringify(record), text);
  });

  test("are numbers where JavaScript holds them", () => {
    const source = "[9007199254740991,0.1,1.50,1e21,-0,123456789012345,0.30000000000000004]";
    assert.deepEqual(parseExact(source), JSON.parse(source));
    assert.equal(JSON.stringify(parseExact("[1e400]")), "[1e400]");
  });
});

describe("writeRecords() as json and ndjson", () => {
  test("writes one array, or a record a line, as they are", async () => {
    const records = [ACME, ORPHAN];
    const json = await written(records, { format: "json" });
    assert.deepEqual(JSON.parse(json), records);
    assert.equal(json.trimEnd().split("\n").length, 4, "a record a line");
    assert.deepEqual(JSON.parse(await written([], { format: "json" })), []);
    const ndjson = await written(records, { format: "ndjson" });
    assert.deepEqual(ndjson.trimEnd().split("\n").map((line) => JSON.parse(line)), records);
  });

  test("indents and colours on a terminal, and stays the same JSON", async () => {
    const plain = await written([ACME], { format: "json", terminal: true });
    assert.match(plain, /^\[\n {2}\{\n {4}"attributes"/);
    const coloured = await written([ACME], { format: "json", terminal: true, colour: true });
    assert.ok(
      coloured.includes('\x1b[34m"Id"\x1b[39m: \x1b[32m"001000000000001AAA"\x1b[39m'),
      coloured,
    );
    assert.equal(stripVTControlCharacters(coloured), plain);
    assert.equal(
      formatJson({ a: [1, null, true] }),
      '{\n  "a": [\n    1,\n    null,\n    true\n  ]\n}',
    );
  });
});

describe("writeRecords() as table", () => {
  test("aligns numbers to the right and shows nulls", async () => {
    const text = await written([ACME, ORPHAN], { format: "table", columns: columnsOf(SOQL) });
    assert.equal(
      text,
      [
        " Id                 │ Name │ Owner.Name │ AnnualRevenue │ Contacts",
        "────────────────────┼──────┼────────────┼───────────────┼──────────",
        " 001000000000001AAA │ Acme │ Ann        │        1200.5 │        3",
        " 001000000000002AAA │ null │ null       │             7 │        0",
        "",
      ].join("\n"),
    );
  });

  test("keeps columns straight beside wide characters, and a record on one line", async () => {
    const text = await written([{ A: "株式会社", B: 1 }, { A: "😀", B: 2 }, {
      A: "two\r\nlines",
      B: 3,
    }], {
      format: "table",
    });
    assert.deepEqual(text.split("\n").slice(2, 5), [
      " 株式会社  │ 1",
      " 😀        │ 2",
      " two↵lines │ 3",
    ]);
  });

  test("cuts long texts to fit the screen, ids never", async () => {
    const record = { Id: "001000000000001AAA", Name: "n".repeat(90), City: "Ulm" };
    const lines = (await written([record], { format: "table", width: 60 })).trimEnd().split("\n");
    assert.ok(lines.every((line) => line.length <= 60), lines.join("\n"));
    assert.match(lines[2]!, /^ 001000000000001AAA │ n+… │ Ulm$/);
  });

  test("is written expanded where the screen is too narrow for the columns", async () => {
    const record = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`Field${i}__c`, "some longer value"]),
    );
    const text = await written([record, record], { format: "table", width: 80 });
    assert.match(text, /^─\[ 1 \]─+\nField0__c {3}some longer value\n/);
    assert.match(text, /─\[ 2 \]─/);
  });

  test("goes on after the first thousand records without a second header, and cuts nothing in a pipe", async () => {
    const records = Array.from(
      { length: 2500 },
      (_, i) => ({ N: i, Text: i === 2400 ? "x".repeat(50) : "x" }),
    );
    const lines = (await written(records, { format: "table" })).trimEnd().split("\n");
    assert.equal(lines.length, 2502);
    assert.equal(lines.filter((line) => line.includes("Text")).length, 1);
    assert.ok(lines[2402]!.endsWith("x".repeat(50)));
  });
});

describe("writeRecords() as markdown", () => {
  test("is a table as GitHub shows it", async () => {
    const records = [{ Name: "a|b*c", Note: "two\nlines", N: 1 }, {
      Name: null,
      Note: "<b>",
      N: 2,
    }];
    assert.equal(
      await written(records, { format: "markdown" }),
      [
        "| Name | Note | N |",
        "| --- | --- | --: |",
        "| a\\|b\\*c | two<br>lines | 1 |",
        "|  | \\<b> | 2 |",
        "",
      ].join("\n"),
    );
  });
});

describe("writeRecords() as expanded", () => {
  test("gives a line to each field, and keeps the lines of a text", async () => {
    const text = await written([{ Id: "1", Note: "two\r\nlines" }], { format: "expanded" });
    assert.match(text, /^─\[ 1 \]─+\nId {4}1\nNote {2}two\n {6}lines\n$/);
  });
});

describe("text from the org", () => {
  const EVIL = "a\x1b[2Jb\x07c\x9b31md\u202eefg\x00h";
  const SAFE = "a\\u001b[2Jb\\u0007c\\u009b31md\\u202eefg\\u0000h";

  test("cannot reach the terminal's controls in any form", async () => {
    assert.equal(sanitize(EVIL), SAFE);
    for (const format of ["table", "expanded", "json", "ndjson", "csv"] as const) {
      const text = await written([{ [EVIL]: EVIL, Nested: { Deep: [EVIL] } }], {
        format,
        terminal: true,
      });
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(text, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/, format);
    }
  });

  test("goes into a pipe untouched", async () => {
    const csv = await written([{ Value: EVIL }], { format: "csv" });
    assert.equal(csv, `Value\n${EVIL}\n`);
    const [record] = JSON.parse(await written([{ Value: EVIL }], { format: "json" }));
    assert.equal(record.Value, EVIL);
  });

  test("keeps emoji and its joiners", () => {
    assert.equal(sanitize("👩‍💻 ok\tx\n"), "👩‍💻 ok\tx\n");
  });
});

describe("writeRecords() and its reader", () => {
  test("waits for a slow one: what lies in between stays small", async () => {
    let produced = 0;
    let taken = 0;
    let furthest = 0;
    async function* many() {
      for (; produced < 20_000; produced++) yield { Id: produced, Text: "x".repeat(100) };
    }
    const out = new Writable({
      highWaterMark: 1024,
      write(chunk, _encoding, done) {
        furthest = Math.max(furthest, produced - taken);
        taken += chunk.toString().split("\n").length - 1;
        setImmediate(done);
      },
    });
    assert.equal(await writeRecords(many(), { format: "ndjson", out }), 20_000);
    assert.ok(furthest < 3000, `${furthest} records were made before the reader took them`);
  });

  test("stops asking for records when the reader goes away", async () => {
    let produced = 0;
    let ended = false;
    async function* endless() {
      try {
        for (;;) yield { Id: produced++, Text: "x".repeat(100) };
      } finally {
        ended = true;
      }
    }
    const out = new PassThrough();
    out.once("data", () => out.destroy());
    await writeRecords(endless(), { format: "csv", out });
    assert.equal(ended, true);
  });

  test("throws what the stream fails with, a closed pipe aside", async () => {
    const failing = (code: string) =>
      new Writable({
        write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
      });
    const records = Array.from({ length: 5000 }, () => ({ Text: "x".repeat(100) }));
    await assert.rejects(
      writeRecords(records, { format: "csv", out: failing("ENOSPC") }),
      /ENOSPC/,
    );
    await writeRecords(records, { format: "csv", out: failing("EPIPE") });
  });
});

describe("hasColours()", () => {
  test("is for terminals, unless the environment says otherwise", () => {
    assert.equal(hasColours({ isTTY: true }, {}), true);
    assert.equal(hasColours({ isTTY: false }, {}), false);
    assert.equal(hasColours({ isTTY: true }, { NO_COLOR: "1" }), false);
    assert.equal(hasColours({ isTTY: true }, { TERM: "dumb" }), false);
    assert.equal(hasColours({}, { FORCE_COLOR: "1" }), true);
    assert.equal(hasColours({ isTTY: true }, { FORCE_COLOR: "0" }), false);
  });
});

describe("curlLine()", () => {
  const org = { instanceUrl: "https://acme.my.salesforce.com", apiVersion: "67.0" };

  test("shows no token that was written into the path, a header or the body", () => {
    const token = "00D000000000001!secret.token";
    const line = curlLine({
      method: "POST",
      path: `/limits?sid=${token}&t=${token.replace("!", "%21")}`,
      headers: [["x-token", token]],
      body: token,
      ...org,
    });
    assert.doesNotMatch(line, /secret/);
  });

  test("puts paths where sfFetch does, and the token nowhere", () => {
    const line = (path: string) => curlLine({ method: "GET", path, ...org });
    const token = '--header "Authorization: Bearer $SF_ACCESS_TOKEN"';
    assert.equal(
      line("/limits"),
      `curl https://acme.my.salesforce.com/services/data/v67.0/limits ${token}`,
    );
    assert.equal(
      line("services/apexrest/x"),
      `curl https://acme.my.salesforce.com/services/apexrest/x ${token}`,
    );
    const headers: [string, string][] = [["Authorization", "Bearer 00Dsecret"], ["X-Note", "it's"]];
    assert.equal(
      curlLine({ method: "DELETE", path: "/a?q=1&b=2", ...org, headers }),
      `curl --request DELETE 'https://acme.my.salesforce.com/services/data/v67.0/a?q=1&b=2' ${token} --header 'X-Note: it'\\''s'`,
    );
  });
});
