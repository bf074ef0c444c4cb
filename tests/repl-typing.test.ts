/** What is typed and pasted in the REPL, and what stays of it: results, statements, history. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { missing } from "./helpers/missing.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { withRepls } from "./helpers/repl.ts";

const org = await practiceOrg({ rows: 250 });
const skip = missing("tmux");
const LIMITS = "/services/data/v67.0/limits";

describe("results stay", { skip }, () => {
  test(
    "rows holds all records of the last query, _ the last value, and .next goes on",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("SELECT Name FROM Account LIMIT 230");
      await repl.waitFor("records 1–100 of 230 · .next for more");
      await repl.enter("= _.length");
      await repl.waitFor(/fetched the remaining 130 records[^]*^230$/m);
      await repl.enter("= _ + 1");
      await repl.waitFor(/^231$/m);
      await repl.enter("= rows.length + 1000");
      await repl.waitFor(/^1230$/m);
      await repl.enter(".next");
      await repl.waitFor("records 101–200 of 230 · .next for more");
      await repl.enter("= rows.map((row) => row.Name)[229].length > 0");
      await repl.waitFor(/^true$/m);
      await repl.enter(".next");
      await repl.waitFor("records 201–230 of 230");
      await repl.enter(".next");
      await repl.waitFor("Nothing more to show");
    }),
  );

  test(
    "of many records that have not been fetched yet it asks before it fetches them",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("= 'ready'");
      await repl.waitFor(/^ready$/m);
      const page = {
        totalSize: 20_000,
        done: false,
        nextRecordsUrl: "/services/data/v67.0/query/1",
      };
      const records = Array.from({ length: 200 }, (_, Id) => ({ Id }));
      org.control.fault({
        kind: "status",
        status: 200,
        path: "/services/data/v67.0/query",
        body: { ...page, records },
        times: 2,
      });
      await repl.enter("SELECT Id FROM Account");
      await repl.waitFor("records 1–100 of 20,000");
      await repl.enter("= rows.length");
      await repl.waitFor(/of 20,000 records have not been fetched yet\. Fetch them\? \[y\/N\]/);
      await repl.enter("n");
      await repl.waitFor("Nothing was evaluated.");
      org.control.clearFaults();
    }),
  );
});

describe("a paste", { skip }, () => {
  for (const marked of [false, true]) {
    const how = marked ? "that the terminal marks" : "without marks";

    test(
      `${how} waits for Enter, and is one statement`,
      withRepls(async (repls) => {
        const repl = await repls.open(org.env);
        await repl.enter("= 'ready'");
        await repl.waitFor(/^ready$/m);
        await repl.paste("SELECT Name FROM Account\nWHERE Name = 'Acme'\n  AND Id != null", {
          marked,
        });
        await repl.waitFor("AND Id != null");
        await repl.enter("");
        await repl.waitFor(/^1 record ·/m);
        await repl.enter("= rows.length + 41");
        await repl.waitFor(/^42$/m);
      }),
    );

    test(
      `${how} runs at its end, also where its first line is not a whole query`,
      withRepls(async (repls) => {
        const repl = await repls.open(org.env);
        await repl.enter("= 'ready'");
        await repl.waitFor(/^ready$/m);
        await repl.paste("SELECT Name\nFROM Account\nWHERE Name = 'Acme'", { marked });
        await repl.waitFor("WHERE Name = 'Acme'");
        await repl.enter("");
        await repl.waitFor(/^1 record ·/m);
        await repl.paste("SELECT COUNT()\nFROM Account\nWHERE Name = 'Acme'\n\n", { marked });
        await repl.waitFor(/^1$/m);
      }),
    );

    test(
      `${how} holds a body with empty lines, and several statements, which run in turn`,
      withRepls(async (repls) => {
        const repl = await repls.open(org.env);
        await repl.enter("= 'ready'");
        await repl.waitFor(/^ready$/m);
        const text =
          "### an .http file\nPOST /sobjects/Account HTTP/1.1\nContent-Type: application/json\n\n" +
          '{\n  "Name": "Pasted"\n\n}\n\nSELECT COUNT() FROM Account\nWHERE Name = \'Pasted\'\n';
        await repl.paste(text, { marked });
        await repl.waitFor(/201 Created[^]*^1$/m);
        const [record] = await org.session().query("SELECT Id FROM Account WHERE Name = 'Pasted'");
        await org.session().fetch(`/sobjects/Account/${record!.Id}`, { method: "DELETE" });
      }),
    );
  }

  test(
    "leaves no stray characters in the line",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.paste("= 'pasted'", { marked: true });
      await repl.waitFor("= 'pasted'");
      await repl.enter("");
      await repl.waitFor(/^pasted$/m);
    }),
  );
});

describe("line by line", { skip }, () => {
  test(
    "a clause after a query runs the query again with it",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("SELECT Name FROM Account LIMIT 3");
      await repl.waitFor(/^3 records/m);
      await repl.enter("WHERE Name = 'Acme'");
      await repl.waitFor("SELECT Name FROM Account WHERE Name = 'Acme' LIMIT 3");
      await repl.waitFor(/^1 record ·/m);
      await repl.enter("= 'between'");
      await repl.waitFor(/^between$/m);
      await repl.enter("LIMIT 1");
      await repl.waitFor("Not a statement");
    }),
  );

  test(
    "the body of a request may be typed on the next line",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("POST /sobjects/Account");
      await repl.waitFor("Now the body");
      await repl.enter('{"Name": "Next line"}');
      await repl.waitFor("201 Created");
      await repl.press("Up");
      await repl.waitFor(/> POST \/sobjects\/Account \{"Name": "Next line"\}$/);
      const [record] = await org.session().query("SELECT Id FROM Account WHERE Name = 'Next line'");
      await org.session().fetch(`/sobjects/Account/${record!.Id}`, { method: "DELETE" });
    }),
  );

  test(
    "the up arrow brings back all lines of a statement, in the next session too",
    withRepls(async (repls) => {
      const first = await repls.open(org.env);
      await first.enter("= [6,");
      await first.waitFor("...");
      await first.enter("7].reduce((a, b) => a * b)");
      await first.waitFor(/^42$/m);
      for (const repl of [first, await repls.open(org.env)]) {
        await repl.press("Up");
        await repl.waitFor(/> = \[6,\n(\| )?7\]\.reduce\(\(a, b\) => a \* b\)$/);
        await repl.enter("");
        await repl.waitFor(/7\]\.reduce\(\(a, b\) => a \* b\)\n42\n/);
      }
    }),
  );

  test(
    "dot commands work where a statement is not finished",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("SELECT Name");
      await repl.waitFor("...");
      await repl.enter(".time off");
      await repl.waitFor(/off\n +\.\.\.$/);
      await repl.enter("FROM Account WHERE Name = 'Acme';");
      await repl.waitFor(/^1 record$/m);
    }),
  );

  test(
    "comments are no part of a statement, and objects may be called as clauses",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("/* all */ SELECT COUNT() /* of */ FROM Account -- them");
      await repl.waitFor(/^250$/m);
      await repl.enter("FIND {Acme}");
      await repl.waitFor(/\d+ found/);
      await repl.enter("FIND {O\\'Brien};");
      await repl.waitFor(/found[^]*found/);
      await repl.enter("SELECT Id FROM Group");
      await repl.waitFor(/sObject type 'Group'|records|record/);
    }),
  );

  test(
    "one Ctrl-C clears the line, a second one leaves",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("= 'ready'");
      await repl.waitFor(/^ready$/m);
      await repl.send("SELECT nothing");
      await repl.waitFor("SELECT nothing");
      await repl.press("C-c");
      await repl.waitFor(/SELECT nothing\n[^]*>$/);
      await repl.enter("= 6 * 7");
      await repl.waitFor(/^42$/m);
      await repl.press("C-c");
      await repl.waitFor("Press Ctrl-C again, or Ctrl-D, to leave.");
      await repl.press("C-c");
      assert.equal(await repl.exited(), 0);
    }),
  );
});

describe("keys", { skip }, () => {
  test(
    "Ctrl-R searches the history, further back each time; Enter runs what was found",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      for (const number of [6, 7, 8]) {
        await repl.enter(`= ${number} * 7`);
        await repl.waitFor(new RegExp(`^${number * 7}$`, "m"));
      }
      await repl.press("C-r");
      await repl.send("* 7");
      await repl.waitFor(/\(search\) \* 7: = 8 \* 7$/);
      await repl.press("C-r");
      await repl.waitFor(/\(search\) \* 7: = 7 \* 7$/);
      await repl.press("C-r");
      await repl.waitFor(/\(search\) \* 7: = 6 \* 7$/);
      await repl.enter("");
      await repl.waitFor(/> = 6 \* 7\n42\n[^]*> = 6 \* 7\n42\n/);
      await repl.send("kept");
      await repl.press("C-r");
      await repl.send("no such line");
      await repl.waitFor("(nothing found) no such line:");
      await repl.press("C-g");
      await repl.waitFor(/> kept$/);
    }),
  );

  test(
    "Ctrl-L clears the screen and keeps the line",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("= 'ready'");
      await repl.waitFor(/^ready$/m);
      await repl.send("= 6 *");
      await repl.waitFor("= 6 *");
      await repl.press("C-l");
      while (/ready/.test(await repl.screen())) await repl.waitFor("= 6 *");
      await repl.enter(" 7");
      await repl.waitFor(/^42$/m);
    }),
  );
});

describe("guards and habits", { skip }, () => {
  test(
    "a guard alone says how it is set, and changes only where it is told to",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      const cases: [line: string, said: string][] = [
        [".writes", "Confirmation before production writes: on"],
        [".writes", "Confirmation before production writes: on"],
        [".writes on", "Confirmation before production writes: off"],
        [".pager", "longer than the screen: off"],
        [".pager on", "longer than the screen: on"],
        [".pager", "longer than the screen: on"],
        [".read-only", "Read-only: off"],
        [".read-only on", "Read-only: on"],
      ];
      for (const [at, [line, said]] of cases.entries()) {
        await repl.enter(`= 'step ${at}'`);
        await repl.waitFor(new RegExp(`^step ${at}$`, "m"));
        await repl.enter(line);
        await repl.waitFor(new RegExp(`^step ${at}$[^]*${said}`, "m"));
      }
      org.control.clearRequests();
      await repl.enter('POST /sobjects/Account {"Name": "Never"}');
      await repl.waitFor("the session is read-only. Nothing was sent.");
      await repl.enter('= await sf.fetch("/sobjects/Account", { method: "POST", json: {} })');
      await repl.waitFor(/read-only[^]*read-only\. Nothing was sent\.[^]*>$/);
      const calls = [
        'insert("Account", [{ Name: "Never" }])',
        'insert("Account", [{ Name: "Never" }], { bulk: true })',
        'update("Account", [{ Id: "001000000000001AAA", Name: "Never" }])',
        'upsert("Account", "Id", [{ Id: "001000000000001AAA" }])',
        'delete("Account", ["001000000000001AAA"])',
        'graphql("mutation { x }")',
      ];
      for (const [at, call] of calls.entries()) {
        await repl.enter(`= 'call ${at}'`);
        await repl.waitFor(new RegExp(`^call ${at}$`, "m"));
        await repl.enter(`= sf.${call}`);
        await repl.waitFor(new RegExp(`^call ${at}$[^]*read-only\\. Nothing was sent\\.`, "m"));
      }
      await repl.enter("/services/apexrest/accounts");
      await repl.waitFor("GET /services/apexrest/accounts was refused");
      const sent = org.control.requests().filter(({ method, path }) =>
        method !== "GET" || path.includes("apexrest")
      );
      assert.deepEqual(sent, []);
    }),
  );

  test(
    "what people know from SQL and from other shells is answered with how it is said here",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env, { height: 100 });
      const cases: [line: string, said: string][] = [
        ["SELECT * FROM Account", "FIELDS(ALL)"],
        ["SELECT COUNT(*) FROM Account", "SOQL has no COUNT(*). Use COUNT() alone"],
        ["SELECT DISTINCT Industry FROM Account", "Group instead"],
        ["SELECT Name AS n FROM Account", "SOQL has no AS"],
        ['SELECT Id FROM Account WHERE Name = "Acme"', "single quotes"],
        ["SELECT Industry, Name FROM Account GROUP BY Industry", "must be in GROUP BY"],
        ["SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'", "A date-time has no quotes"],
        ["SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "must include the time"],
        ["show tables", "In sfetch, use: .objects"],
        ["desc Account", "In sfetch, use: .describe Account"],
        ["\\d", "In sfetch, use: .objects"],
        ["?", "In sfetch, use: .help"],
        ["\\l", "In sfetch, use: .orgs"],
        ["\\e", "the up arrow"],
        ["\\copy a to b", "> accounts.csv"],
        ["BEGIN;", "allOrNone"],
        ["EXPLAIN SELECT Id FROM Account", "/query?explain=SELECT Id FROM Account"],
        ["db.Contact.find()", "SELECT Id, Name FROM Contact"],
        ["DELETE FROM Contact WHERE Name = 'x'", '= sf.delete("Contact", rows)'],
        ["SELECT TOP 3 Id FROM Account", "SOQL has no TOP"],
        ["SELECT Id FROM Account OFFSET 1 LIMIT 1", "LIMIT comes before OFFSET"],
        ["SELECT Id FROM Account WHERE Name ILIKE 'a%'", "LIKE ignores case"],
        ["SELECT Id FROM Account WHERE Name IS NULL", "compares with null"],
        ["https://login.salesforce.com", "Refused to send the access token"],
        [".objects opportun*", "OpportunityLineItem"],
        [".describe", "Which object?"],
        ["= soql`${[1, 2]}`", "(1,2)"],
        ["= function double(x) { return 2 * x }", "double"],
        ["= double(21)", "42"],
      ];
      for (const [at, [line, said]] of cases.entries()) {
        await repl.enter(`= 'step ${at}'`);
        await repl.waitFor(new RegExp(`^step ${at}$`, "m"));
        await repl.enter(line);
        const screen = await repl.waitFor(new RegExp(`^step ${at}$[^]*> [^]*\\n[^]*>$`, "m"));
        const answer = screen.slice(screen.lastIndexOf(`step ${at}\n`)).replaceAll("\n", " ");
        assert.ok(answer.includes(said), answer);
      }
    }),
  );
});

describe("what leaves the screen", { skip }, () => {
  test(
    "a file is written in the format of its name, for Excel where asked, and never as xlsx",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      const query = "SELECT Name, Industry FROM Account ORDER BY Name LIMIT 2";
      const written = async (target: string): Promise<string> => {
        await repl.enter(`${query} ${target}`);
        const file = target.replace(/^>+ /, "");
        await repl.waitFor(`2 records ${target.startsWith(">>") ? "added" : "written"} to ${file}`);
        return await readFile(join(repl.folder, file), "utf8");
      };
      const [heading, line, ...rows] = (await written("> a.md")).trimEnd().split("\n");
      assert.match(heading!, /^\| Name +\| Industry +\|$/);
      assert.match(line!, /^\|[ :]?-+[ :]?\|[ :]?-+[ :]?\|$/);
      assert.equal(rows.length, 2);
      assert.match(await written("> a.tsv"), /^Name\tIndustry\n[^\t\n]+\t[^\n]*\n[^\t\n]+\t/);

      org.control.clearRequests();
      await repl.enter(`${query} > a.xlsx`);
      await repl.waitFor("does not write Excel files, such as a.xlsx. Nothing was sent.");
      assert.deepEqual(org.control.requests().filter(({ path }) => path.includes("/query")), []);

      await repl.enter(".excel on");
      await repl.waitFor(/formulas as plain text: on$/m);
      assert.ok((await written("> b.csv")).startsWith("\ufeffName,Industry\n"));
      assert.equal((await written(">> b.csv")).split("\ufeff").length, 2);
      await repl.enter("= [{ formula: '=1+1' }] > c.csv");
      await repl.waitFor("written to c.csv");
      const csv = await readFile(join(repl.folder, "c.csv"), "utf8");
      assert.ok(csv.includes("'=1+1"), csv);
    }),
  );
});

describe("commands of psql", { skip }, () => {
  test(
    "are answered where a statement is not finished, and \\q leaves",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("SELECT Name");
      await repl.waitFor(/\.\.\. ?$/);
      await repl.enter("\\d");
      await repl.waitFor("In sfetch, use: .objects");
      await repl.enter("FROM Account LIMIT 1");
      await repl.enter("");
      await repl.waitFor(/^1 record · /m);
      await repl.enter("\\q");
      assert.equal(await repl.exited(), 0);
    }),
  );
});

describe("signs of life", { skip }, () => {
  test(
    "a wait of more than a second shows how long it lasts, and leaves nothing behind",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("= 'ready'");
      await repl.waitFor(/^ready$/m);
      await repl.record();
      await repl.enter("= new Promise((resolve) => setTimeout(resolve, 2500, 'arrived'))");
      await repl.waitForSent(/waiting for [12] s · Ctrl-C stops/);
      assert.doesNotMatch(await repl.waitFor(/^arrived$/m), /waiting for/);
    }),
  );

  test(
    "a request that is sent again says so while it is waited for",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("= 'ready'");
      await repl.waitFor(/^ready$/m);
      org.control.fault({ kind: "status", status: 503, path: LIMITS, retryAfter: 2 });
      await repl.record();
      await repl.enter("/limits");
      await repl.waitForSent(/waiting for \d s · attempt 2, after 503 · Ctrl-C stops/);
      await repl.waitFor("DailyApiRequests");
      await repl.waitFor("200 OK");
      assert.doesNotMatch(await repl.screen(), /attempt 2/);
    }),
  );

  test(
    "the prompt leaves room for what is typed, and the whole name is said once",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.waitFor("Connecting as admin@practice.example");
      await repl.waitFor(/^admin \(local\)>$/m);
    }),
  );
});
