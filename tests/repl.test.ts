/** The REPL in a real terminal, against the practice org. */
import assert from "node:assert/strict";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { missing } from "./helpers/missing.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { Repls, withRepls } from "./helpers/repl.ts";
import {
  root,
  run,
  runScript,
  runSelf,
  runtimeName,
  selfCommand,
  temporaryFolder,
} from "./helpers/runtime.ts";
import { until } from "./helpers/until.ts";

const org = await practiceOrg({ rows: 250 });
const skip = missing("tmux");

/** Saves the practice org under a name and kind, as `sfetch login` would. */
async function saveOrg(home: string, name: string, kind: string): Promise<void> {
  const folder = join(home, ".config", "sfetch");
  await mkdir(join(folder, "orgs"), { recursive: true });
  const privateKeyFile = join(folder, "server.key");
  await writeFile(privateKeyFile, org.options.privateKey, { mode: 0o600 });
  const { clientId, username, loginUrl } = org.options;
  const saved = { clientId, username, privateKeyFile, loginUrl, kind };
  await writeFile(join(folder, "orgs", `${name}.json`), JSON.stringify(saved));
  await writeFile(join(folder, "config.json"), JSON.stringify({ defaultOrg: name }));
}

describe("a session in a terminal", { skip }, () => {
  test(
    "signs in, runs SOQL over three lines as a table, and shows count, time and usage",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env, { prompt: org.username });
      await repl.enter("SELECT Id, Name, NumberOfEmployees");
      await repl.waitFor("...");
      await repl.enter("FROM Account ORDER BY Name");
      await repl.enter("LIMIT 3;");
      const screen = await repl.waitFor(/3 records · [\d.]+ s · API \d+\/100,000/);
      assert.match(screen, /^ Id +│ Name +│ NumberOfEmployees$/m);
      assert.equal(screen.match(/^ 001\w{15} │/gm)?.length, 3);
    }),
  );

  test(
    "completes a command, a path, an object, a field, a relationship path and a picklist value",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      // Until the object list is there, Tab offers nothing: press it until it does.
      const complete = async (typed: string, completed: string | RegExp): Promise<void> => {
        await repl.send(typed);
        for (let tries = 0;; tries++) {
          await repl.press("Tab");
          const found = await repl.waitFor(completed, 1000).catch(() => undefined);
          if (found !== undefined) return;
          assert.ok(tries < 200, `${typed} was not completed:\n${await repl.screen()}`);
        }
      };
      await complete("SELECT Id, Na FROM Opport", "SELECT Id, Na FROM Opportunity");
      await complete(" WHERE Account.Owner.Usern", "WHERE Account.Owner.Username");
      await complete(" != null AND StageNa", "AND StageName");
      await complete(" = 'Prosp", "StageName = 'Prospecting'");
      await repl.press("C-c");
      await complete(".desc", ".describe");
      await repl.press("C-c");
      await complete("/sobjects/Opport", "/sobjects/Opportunity");
      await repl.press("C-c");
      await complete("GET /lim", "GET /limits");
      await repl.press("Enter");
      await repl.waitFor("DailyApiRequests");
    }),
  );

  test(
    "creates, updates and deletes a record; on production each write is asked about",
    withRepls(async (repls) => {
      await saveOrg(repls.folder, "acme", "production");
      const repl = await repls.open({}, { prompt: "acme (production)>" });
      const accounts = async () =>
        await org.session().query("SELECT Id, Name, Phone FROM Account WHERE Name LIKE 'Repl%'");

      await repl.enter('POST /sobjects/Account {"Name": "Repl"}');
      await repl.waitFor("POST /sobjects/Account on acme, production: sure? [y/N]");
      await repl.enter("n");
      await repl.waitFor("Nothing was sent.");
      assert.deepEqual(await accounts(), []);

      await repl.press("Up");
      await repl.press("Enter");
      await repl.waitFor(/sure\?[^]*sure\? \[y\/N\]/);
      await repl.enter("y");
      await repl.waitFor("201 Created");
      const [{ Id }] = await accounts() as [{ Id: string }];

      await repl.enter(".writes on");
      await repl.waitFor("Confirmation before production writes: off");
      await repl.enter(`PATCH /sobjects/Account/${Id} {"Phone": "030 1234"}`);
      await repl.waitFor("204 No Content");
      assert.equal((await accounts())[0]!.Phone, "030 1234");

      await repl.enter(".writes off");
      await repl.waitFor("Confirmation before production writes: on");
      await repl.enter(`DELETE /sobjects/Account/${Id}`);
      await repl.waitFor(`DELETE /sobjects/Account/${Id} on acme, production: sure? [y/N]`);
      await repl.enter("yes");
      await repl.waitFor(/No Content[^]*No Content/);
      assert.deepEqual(await accounts(), []);
    }),
  );

  test(
    "an expression's write to production is asked about, too",
    withRepls(async (repls) => {
      await saveOrg(repls.folder, "acme", "production");
      const repl = await repls.open({}, { prompt: "acme (production)>" });
      await repl.enter('= await sf.fetch("/sobjects/Account", { method: "POST", json: {} })');
      await repl.waitFor("POST /sobjects/Account on acme, production: sure? [y/N]");
      await repl.press("C-c");
      await repl.waitFor("Interrupted.");
    }),
  );

  test(
    "Ctrl-C ends the request, then drops the line, then leaves",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("= 'ready'");
      await repl.waitFor(/^ready$/m);
      org.control.clearRequests();
      org.control.fault({ kind: "hang", path: "/services/data/v67.0/limits" });
      await repl.enter("/limits");
      await repl.waitFor("/limits");
      await untilRequested("/limits");
      await repl.press("C-c");
      await repl.waitFor("Interrupted.");
      await repl.enter("SELECT COUNT() FROM Account");
      await repl.waitFor(/^250$/m);
      await repl.send("SELECT nothing");
      await repl.waitFor("SELECT nothing");
      await repl.press("C-c");
      await repl.enter("= 6 * 7");
      await repl.waitFor(/^42$/m);
      await repl.press("C-c");
      // One that comes right behind a statement may have been meant for it: then it takes another.
      while (await repl.exited(1000).catch(() => undefined) === undefined) await repl.press("C-c");
      assert.equal(await repl.exited(), 0);
    }),
  );

  test(
    "Ctrl-C ends a sign-in that hangs, and the next statement signs in again",
    withRepls(async (repls) => {
      org.control.clearRequests();
      org.control.fault({ kind: "hang", path: "/services/oauth2/token" });
      const repl = await repls.open(org.env);
      await untilRequested("/services/oauth2/token");
      await repl.enter("= 'ready'"); // before that, Ctrl-C would be the terminal's
      await repl.waitFor(/^ready$/m);
      await repl.enter("SELECT Name FROM User LIMIT 1");
      await repl.waitFor("LIMIT 1");
      await repl.press("C-c");
      await repl.waitFor("Interrupted.");
      await repl.enter("SELECT COUNT() FROM Account");
      assert.doesNotMatch(await repl.waitFor(/^250$/m), /connection broke/);
    }),
  );

  test(
    "Ctrl-C that arrives with Enter in one piece ends the statement",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("SELECT COUNT() FROM Account");
      await repl.waitFor(/^250$/m); // signed in
      org.control.fault({ kind: "hang", path: "/query" });
      await repl.paste("SELECT Name FROM User LIMIT 1\r\x03");
      await repl.waitFor("Interrupted.");
      await repl.enter("= 6 * 7");
      await repl.waitFor(/^42$/m);
    }),
  );

  test(
    "Ctrl-Z stops the session, fg brings it back with the line that was typed",
    { skip: missing("bash") },
    withRepls(async (repls) => {
      const command = [...selfCommand(), join(root, "cli.ts")].map((word) => `'${word}'`).join(" ");
      const shell = await repls.openCommand(["bash", "--norc", "-i"], org.env, "bash");
      await shell.enter(`PS1='sh# '; ${command}`);
      await shell.waitFor("(local)>");
      await shell.enter("= 'ready'");
      await shell.waitFor(/^ready$/m);
      await shell.send("= 6 *");
      await shell.waitFor("= 6 *");
      await shell.press("C-z");
      await shell.waitFor("Stopped");
      await shell.enter("fg");
      await shell.waitFor(/fg\n[^]*> = 6 \*$/);
      await shell.enter(" 7");
      await shell.waitFor(/^42$/m);
      await shell.enter(".exit");
      await shell.waitFor(/^sh#$/m);
      await shell.enter("exit");
      await shell.exited();
    }),
  );

  test(
    "a dumb terminal gets one prompt and no escapes",
    withRepls(async (repls) => {
      const session = [...selfCommand(), join(root, "cli.ts")];
      const repl = await repls.openCommand(["env", "TERM=dumb", ...session], org.env, />$/m);
      await repl.record();
      await repl.enter("SELECT COUNT() FROM Account WHERE Name = 'nobody'");
      await repl.waitFor(/^0$/m);
      await repl.enter("= 'done'");
      const screen = await repl.waitFor(/^done$/m);
      assert.doesNotMatch(screen, />.*>.*>/);
      await repl.waitForSent(/^done\r?$/m);
      assert.ok(!(await repl.sent()).includes("\x1b"));
    }),
  );

  test(
    "Ctrl-D leaves",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("= 'ready'");
      await repl.waitFor(/^ready$/m);
      await repl.press("C-d");
      assert.equal(await repl.exited(), 0);
    }),
  );

  test(
    "a session that expired on the server is renewed unseen; a dropped connection costs nothing but Up and Enter",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("SELECT COUNT() FROM Account");
      await repl.waitFor(/^250$/m);
      org.control.expireSessions();
      await repl.enter("SELECT Name FROM User LIMIT 1");
      assert.doesNotMatch(await repl.waitFor("1 record ·"), /INVALID_SESSION_ID|expired/);

      const everything = { kind: "cut", path: "/services/data/v67.0/sobjects/Account" } as const;
      org.control.fault({ ...everything, method: "POST", times: 2 });
      await repl.enter('POST /sobjects/Account {"Name": "Sent again"}');
      await repl.waitFor(/POST http[^]*: the connection broke[^]*>$/);
      org.control.clearFaults();
      await repl.press("Up");
      await repl.press("Enter");
      await repl.waitFor("201 Created");
      await org.session().query("SELECT Id FROM Account WHERE Name = 'Sent again'")
        .then(async (records) => {
          assert.equal(records.length, 1);
          await org.session().fetch(`/sobjects/Account/${records[0]!.Id}`, { method: "DELETE" });
        });
    }),
  );

  test(
    "> writes all records to a file, | hands them to a command",
    { skip: missing("jq") },
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("SELECT Id, Name, Owner.Name FROM Account > out.csv");
      await repl.waitFor("250 records written to out.csv");
      const csv = await readFile(join(repl.folder, "out.csv"), "utf8");
      assert.equal(csv.split("\n")[0], "Id,Name,Owner.Name");
      assert.equal(csv.trimEnd().split("\n").length, 251);

      await repl.enter("SELECT Id FROM Account | jq length");
      await repl.waitFor(/^250$/m);
      await repl.enter("/limits | jq .DailyApiRequests.Max");
      await repl.waitFor(/^100000$/m);
      await repl.enter("= _.DailyApiRequests.Max + 1");
      await repl.waitFor(/^100001$/m);
    }),
  );

  test(
    "shows a long result in portions, .next the next one",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("SELECT Name FROM Account");
      await repl.waitFor("records 1–100 of 250 · .next for more");
      await repl.enter(".next");
      await repl.waitFor("records 101–200 of 250 · .next for more");
      await repl.enter(".next");
      await repl.waitFor("records 201–250 of 250 ·");
      await repl.enter(".next");
      await repl.waitFor("Nothing more to show");
      await repl.enter("= _.length");
      await repl.waitFor(/^250$/m);
    }),
  );

  test(
    "counts subqueries and opens them, turns wide rows expanded, shows nulls",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env, { width: 80 });
      await repl.enter(
        "SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'Acme'",
      );
      const counted = await repl.waitFor(".open 1 Contacts");
      const [, count] = /Acme +│ +(\d+)/.exec(counted)!;
      await repl.enter(".open 1 Contacts");
      await repl.waitFor(`${count} records`);
      const fields = "Id, Name, Type, Industry, Phone, Website, Rating, BillingCity, OwnerId";
      await repl.enter(`SELECT ${fields}, ParentId FROM Account LIMIT 1`);
      const wide = await repl.waitFor(/ParentId +null/);
      assert.match(wide, /─\[ 1 \]─+/);
    }),
  );

  test(
    ".limits shows bars, .describe the fields, .help every command with an example",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter(".limits");
      await repl.waitFor(/DailyApiRequests +█░+ +\d+% {2}\d+ of 100,000/);
      await repl.enter(".describe Contact");
      await repl.waitFor(/AccountId +│ .*→ Account/);
      await repl.enter(".describe Opportunity StageName");
      await repl.waitFor("Closed Won");
      await repl.enter(".help");
      await repl.waitFor(".describe Account Industry");
      await repl.enter(".hlp");
      await repl.waitFor("Did you mean .help?");
    }),
  );

  test(
    "a malformed query has a caret under the place",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("SELECT Id FROM Account WHERE Nme = 'x'");
      await repl.waitFor(/^ {2}SELECT Id FROM Account WHERE Nme = 'x'\n {31}\^\nINVALID_FIELD: /m);
      await repl.enter("SELECT Id FROM Account LIMIT 3 WHERE Id != null");
      await repl.waitFor(
        /^ {2}SELECT Id FROM Account LIMIT 3 WHERE Id != null\n {33}\^\nMALFORMED_QUERY: /m,
      );
    }),
  );

  test(
    "SOSL and anonymous Apex run; Apex that fails says where",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("FIND {Acme} RETURNING Account(Name)");
      await repl.waitFor(/Account \(\d+\)[^]*Acme[^]*\d+ found/);
      await repl.enter(".apex System.debug(1);");
      await repl.waitFor("executed");
      await repl.enter(".apex");
      await repl.enter("Integer a = 1;");
      await repl.enter("System.debug(a);");
      await repl.enter(".end");
      await repl.waitFor(/executed[^]*executed/);
      await repl.enter(".apex System.debug(1)");
      await repl.waitFor(/Line 1, column 16: .*\n {2}System\.debug\(1\)\n {17}\^/);
    }),
  );

  test(
    ".script gives a script that runs and gives the same again, without a secret",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("SELECT Id, Name FROM Account ORDER BY Name LIMIT 3 > one.json");
      await repl.waitFor("3 records written to one.json");
      await repl.enter(".script > one.ts");
      await repl.waitFor("written to one.ts");
      await repl.enter("= names = _.map((a) => a.Name)");
      await repl.waitFor("[");
      await repl.enter("/limits | cat > /dev/null");
      await repl.enter(".script all > all.ts");
      await repl.waitFor("written to all.ts");
      await repl.enter(".curl");
      await repl.waitFor(/curl http:.*\/limits --header "Authorization: Bearer \$SF_ACCESS_TOKEN"/);

      const one = await runScript(join(repl.folder, "one.ts"), [], { env: org.env });
      assert.equal(one.code, 0, one.stderr);
      const expected = JSON.parse(await readFile(join(repl.folder, "one.json"), "utf8"));
      assert.deepEqual(JSON.parse(one.stdout), expected);

      const all = await runScript(join(repl.folder, "all.ts"), [], { env: org.env });
      assert.equal(all.code, 0, all.stderr);
      assert.match(all.stdout, new RegExp(`"${expected[0].Name}",\n`));
      assert.match(all.stdout, /DailyApiRequests/);
      assert.doesNotMatch(await readFile(join(repl.folder, "all.ts"), "utf8"), /00D|PRIVATE KEY/);
    }),
  );

  test(
    "history lasts over sessions, private, without the secret that was typed",
    withRepls(async (repls) => {
      const first = await repls.open(org.env);
      await first.enter("SELECT COUNT()");
      await first.enter("FROM User;");
      await first.waitFor(/^\d+$/m);
      await first.enter('= password = "hunter2"');
      await first.waitFor(/^hunter2$/m);
      await first.enter(".exit");
      assert.equal(await first.exited(), 0);

      const path = join(repls.folder, ".local", "state", "sfetch", "history");
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.doesNotMatch(await readFile(path, "utf8"), /hunter2/);

      const second = await repls.open(org.env);
      await second.press("Up");
      await second.waitFor("> .exit");
      await second.press("Up");
      await second.waitFor("> SELECT COUNT() FROM User");
    }),
  );

  test(
    ".source runs a file up to the first failure, and names its line",
    withRepls(async (repls) => {
      await writeFile(
        join(repls.folder, "steps.soql"),
        "-- steps\n= 'first'\nSELECT Nope\nFROM Account;\n= 'never'\n",
      );
      await writeFile(join(repls.folder, "loop.soql"), ".source loop.soql\n");
      const repl = await repls.open(org.env);
      await repl.enter(".source steps.soql");
      const screen = await repl.waitFor(/steps\.soql, line 3:\n[^]*INVALID_FIELD/);
      assert.match(screen, /^first$/m);
      assert.doesNotMatch(screen, /^never$/m);
      await repl.enter(".source loop.soql");
      await repl.waitFor("loop.soql sources itself");
    }),
  );

  test(
    ".org goes over to another org and back; one that does not exist leaves the session where it was",
    withRepls(async (repls) => {
      await saveOrg(repls.folder, "acme", "sandbox");
      const repl = await repls.open({}, { prompt: "acme (sandbox)>" });
      await repl.enter(".org practice");
      await repl.waitFor(/^practice>$/m);
      await repl.enter("SELECT COUNT() FROM Account");
      await repl.waitFor(/^50$/m);
      await repl.enter(".org nowhere");
      await repl.waitFor('No org named "nowhere" is known');
      await repl.enter(".org acme");
      await repl.waitFor(/acme \(sandbox\), as .*\n[^]*acme \(sandbox\)>$/);
      await repl.enter("SELECT COUNT() FROM Account");
      await repl.waitFor(/^250$/m);
      await repl.enter(".orgs");
      await repl.waitFor(/\* +│ acme +│ sandbox/);
    }),
  );

  test(
    "with no org set up it offers the practice org",
    withRepls(async (repls) => {
      const repl = await repls.open({}, { prompt: "No org is set up yet." });
      await repl.waitFor("The practice org");
      await repl.press("Enter");
      await repl.waitFor(/^practice>$/m);
      await repl.enter("SELECT COUNT() FROM Account");
      await repl.waitFor(/^50$/m);
    }),
  );

  test(
    "a sign-in that fails is said at once, with its hint, and the session goes on",
    withRepls(async (repls) => {
      const env = { ...org.env, SF_CLIENT_ID: "3MVG9wrong" };
      const repl = await repls.open(env);
      await repl.waitFor("invalid_client_id");
      await repl.enter("= 1 + 1");
      await repl.waitFor(/invalid_client_id|^2$/m);
      await repl.enter(".org practice");
      await repl.waitFor(/^practice>$/m);
    }),
  );
});

describe("what is pasted, late or slow", { skip }, () => {
  test(
    "a pasted query of several lines is one query, and what is pasted behind it runs next",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.paste(
        "SELECT Name FROM Account\nWHERE Name = 'Acme'\n  LIMIT 5\n= 'rows ' + _.length\n",
      );
      await repl.waitFor(/^rows 1$/m);
    }),
  );

  test(
    "a statement that was pasted behind a write to production is no answer to the question",
    withRepls(async (repls) => {
      await saveOrg(repls.folder, "acme", "production");
      const repl = await repls.open({}, { prompt: "acme (production)>" });
      await repl.paste("DELETE /sobjects/Account/001000000000000\n= 'behind'\n");
      await repl.waitFor("sure? [y/N]");
      await repl.enter("n");
      await repl.waitFor(/Nothing was sent[^]*^behind$/m);
    }),
  );

  test(
    "what an expression left running may fail, and the session goes on",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("= void setTimeout(() => { throw new Error('a late one') })");
      await repl.waitFor(/^a late one$/m);
      await repl.enter("= void Promise.reject(new TypeError('a later one'))");
      await repl.waitFor(/^TypeError: a later one$/m);
      await repl.enter("= 6 * 7");
      await repl.waitFor(/^42$/m);
    }),
  );

  test(
    "Tab does not wait for an org that does not answer",
    withRepls(async (repls) => {
      org.control.fault({ kind: "hang", path: "/services/data/v67.0/sobjects", times: "always" });
      try {
        const repl = await repls.open(org.env);
        await repl.enter("= 'ready'");
        await repl.waitFor(/^ready$/m);
        await repl.send("SELECT Name FROM Account ORDER BY Nam");
        await repl.press("Tab");
        await repl.enter("");
        await repl.waitFor("No such column 'Nam'");
        await repl.enter(".exit");
        assert.equal(await repl.exited(), 0);
      } finally {
        org.control.clearFaults();
      }
    }),
  );
});

describe("what is hard on a terminal", { skip }, () => {
  test(
    "ten thousand pasted lines run one after another, in order",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter("= 'ready'");
      await repl.waitFor(/^ready$/m);
      await repl.enter(".time off");
      await repl.waitFor("Time and API usage below results: off");
      const lines = Array.from({ length: 10_000 }, (_, index) => `= n${index} = ${index}`);
      await repl.paste(lines.join("\n") + "\n= 'end ' + n9999\n");
      const screen = await repl.waitFor(/^end 9999$/m);
      const results = screen.split("\n").filter((line) => /^\d+$/.test(line)).map(Number);
      assert.deepEqual(results, results.toSorted((a, b) => a - b));
      assert.ok(results.length > 100);
    }),
  );

  test(
    "a 5 MB JSON answer is shown in portions, and goes whole to a file",
    withRepls(async (repls) => {
      const rows = Array.from({ length: 50_000 }, (_, id) => ({ id, text: "x".repeat(80) }));
      const repl = await repls.open(org.env);
      await repl.enter("= 'ready'");
      await repl.waitFor(/^ready$/m);
      const answer = { kind: "status", status: 200, path: "/services/data/v67.0/big" } as const;
      org.control.fault({ ...answer, body: rows, times: 2 });
      await repl.enter("/big");
      await repl.waitFor(/199,\d+ more lines · \.next for more/);
      await repl.enter("/big > big.json");
      await repl.waitFor("written to big.json");
      assert.deepEqual(JSON.parse(await readFile(join(repl.folder, "big.json"), "utf8")), rows);
      await repl.enter("= _.length");
      await repl.waitFor(/^50000$/m);
    }),
  );

  test(
    "emoji, right-to-left text and control characters in fields do no harm",
    withRepls(async (repls) => {
      const Name = "evil \x1b]0;owned\x07\x1b[2J\x9b31m \u202eabc 👩‍👩‍👧 שלום\r\nnext";
      const session = org.session();
      const { id } = await session.fetch("/sobjects/Account", {
        method: "POST",
        json: { Name, Description: Name },
      }).json();
      try {
        const repl = await repls.open(org.env);
        await repl.record();
        for (const format of ["table", "expanded", "json", "ndjson", "csv"]) {
          await repl.enter(`.format ${format}`);
          await repl.waitFor(`format ${format}`);
          await repl.enter(`SELECT Name, Description FROM Account WHERE Id = '${id}'`);
          await repl.waitFor(new RegExp(`format ${format}[^]*1 record ·`));
        }
        await repl.enter(`/sobjects/Account/${id}`);
        await repl.waitFor("200 OK");
        await repl.enter("= _.Name");
        await repl.waitFor(/= _\.Name\nevil/);
        await repl.enter("= new Map([[_.Name, _.Name]])");
        await repl.waitFor("Map(1)");
        const described = {
          name: "Account",
          fields: [{ name: Name, label: Name, type: Name }],
          childRelationships: [{ relationshipName: Name, childSObject: Name, field: Name }],
        };
        const answer = { kind: "status", status: 200, path: "/services/data/v67.0/" } as const;
        org.control.fault({ ...answer, path: answer.path + "sobjects/Evil", body: described });
        await repl.enter(".describe Evil");
        await repl.waitFor(/children: evil/);
        const found = [{ attributes: { type: Name }, Name, [Name]: { records: [{ Name }] } }];
        org.control.fault({
          ...answer,
          path: answer.path + "search",
          body: { searchRecords: found },
        });
        await repl.enter("FIND {x} RETURNING Account");
        await repl.waitFor("1 found");
        const records = [{ [Name]: { totalSize: 1, done: true, records: [{ Name }] } }];
        org.control.fault({
          ...answer,
          path: answer.path + "query",
          body: { totalSize: 1, done: true, records },
        });
        await repl.enter("SELECT (SELECT Name FROM Evils) FROM Evil");
        await repl.waitFor(/\.open 1 evil/);
        const headers = { "x-evil": "\x9b31m" };
        org.control.fault({ ...answer, path: answer.path + "evil", headers, body: "x" });
        await repl.enter("HEAD /evil");
        await repl.waitFor("x-evil");
        const screen = await repl.waitFor(">");
        assert.match(screen, /evil \\u001b\]0;owned\\u0007\\u001b\[2J\\u009b31m \\u202eabc/);
        assert.match(screen, /שלום/);
        await repl.waitForSent(/x-evil/);
        const raw = Buffer.from(await repl.sent(), "latin1").toString();
        for (const harmful of ["\x1b]0;", "\x1b[2J", "\x9b", "\u202e", "\x07"]) {
          assert.ok(!raw.includes(harmful), JSON.stringify(harmful));
        }
      } finally {
        await session.fetch(`/sobjects/Account/${id}`, { method: "DELETE" });
      }
    }),
  );
});

describe("stdin that is no terminal", () => {
  const runRepl = async (input: string, env: Record<string, string> = org.env) => {
    return await runSelf([], { env, input });
  };

  test("is run as a script, data on stdout and nothing else", async () => {
    const { code, stdout, stderr } = await runRepl(
      "-- three statements\nSELECT Name\nFROM Account\nWHERE Name = 'Acme'\n\n= _.length + 1\nSELECT COUNT() FROM Account",
    );
    assert.equal(stderr, "");
    assert.equal(stdout, '[\n{"Name":"Acme"}\n]\n2\n250\n');
    assert.equal(code, 0);
  });

  test("stops at the first failure, names its line, exit code 1", async () => {
    const { code, stdout, stderr } = await runRepl("= 1\n\nSELECT Nope FROM Account\n= 2\n");
    assert.equal(stdout, "1\n");
    assert.match(stderr, /^line 3:\n {2}SELECT Nope FROM Account\n +\^\nINVALID_FIELD: /);
    assert.equal(code, 1);
  });

  test("a line that is no statement, exit code 2", async () => {
    const { code, stderr } = await runRepl("selct Id from Account\n");
    assert.match(stderr, /^line 1:\nNot a statement[^]*Did you mean SELECT\?/);
    assert.equal(code, 2);
  });

  test("with no org set up says what to do, exit code 2", async () => {
    const { code, stdout, stderr } = await runRepl("SELECT Id FROM Account\n", {});
    assert.equal(stdout, "");
    assert.match(stderr, /No org is set up yet\.[^]*sfetch login[^]*--org practice/);
    assert.equal(code, 2);
    assert.equal((await runRepl("", {})).code, 2);
  });

  test("writes to production are refused unless .writes on says so", async () => {
    const repls = new Repls();
    try {
      await saveOrg(repls.folder, "acme", "production");
      const env = { HOME: repls.folder };
      const refused = await runSelf([], { env, input: 'POST /sobjects/Account {"Name": "No"}\n' });
      assert.match(refused.stderr, /Nothing was sent\.[^]*\.writes on/);
      assert.equal(refused.code, 2);
      org.control.clearRequests();
      for (
        const call of [
          'insert("Account", [{ Name: "No" }, { Name: "No" }])',
          'insert("Account", [{ Name: "No" }], { bulk: true })',
          'update("Account", [{ Id: "001000000000001AAA", Name: "No" }])',
          'upsert("Account", "Id", [{ Id: "001000000000001AAA", Name: "No" }])',
          'delete("Account", ["001000000000001AAA"])',
        ]
      ) {
        const { stderr, code } = await runSelf([], { env, input: `= await sf.${call}\n` });
        assert.match(stderr, /^\w+ \d records? of Account would write to production/m);
        assert.match(stderr, /Nothing was sent\.[^]*\.writes on/);
        assert.equal(code, 2);
      }
      const sent = org.control.requests().map(({ method, path }) => `${method} ${path}`);
      assert.deepEqual(sent.filter((call) => !/^GET|oauth2\/token/.test(call)), []);
      const input = '.writes on\nPOST /sobjects/Account {"Name": "Yes"}\n' +
        "= (await sf.fetch(`/sobjects/Account/${_.id}`, { method: 'DELETE' })).status\n";
      const allowed = await runSelf([], { env, input });
      assert.equal(allowed.stderr, "");
      assert.equal(allowed.code, 0);
    } finally {
      await repls.close();
    }
  });

  test("a script from the practice org in this process starts one of its own, and gives the same", async () => {
    const folder = temporaryFolder();
    try {
      const script = join(folder, "again.ts");
      const input = `SELECT Id, Name FROM Account ORDER BY Name LIMIT 3\n.script > ${script}\n`;
      const typed = await runSelf(["--org", "practice"], { input });
      assert.equal(typed.code, 0, typed.stderr);
      const [program, ...flags] = selfCommand();
      // Deno finds the practice org's packages by the configuration that the script names.
      const config = runtimeName === "deno" ? [`--config=${join(root, "deno.json")}`] : [];
      const again = await run([program!, ...flags, ...config, script]);
      assert.equal(again.code, 0, again.stderr);
      assert.deepEqual(JSON.parse(again.stdout), JSON.parse(typed.stdout));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test(
    "a pipe's reader that has gone away is no failure",
    { skip: missing("sh", "head") },
    async () => {
      const { code, stdout, stderr } = await runRepl("SELECT Id FROM Account | head -n 1\n");
      assert.equal(stdout.trim(), "[");
      assert.equal(stderr, "");
      assert.equal(code, 0);
    },
  );
});

/** Waits until the practice org has had a request for this path. */
async function untilRequested(path: string): Promise<void> {
  await until(() => org.control.requests().some((request) => request.path.includes(path)));
}
