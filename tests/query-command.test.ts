/** Command query, over a real socket. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { missing } from "./helpers/missing.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { root, type RunOptions, runSelf, selfCommand, temporaryFolder } from "./helpers/runtime.ts";
import { openTerminal } from "./helpers/terminal.ts";

const ROWS = 4100; // two pages of 2,000 and a bit
const org = await practiceOrg({ rows: ROWS });
const folder = temporaryFolder();
after(() => removeFolder(folder));

const query = (args: string[], options: RunOptions = {}) =>
  runSelf(["query", ...args], { ...options, env: { HOME: folder, ...org.env } });

describe("query", () => {
  test("gives one JSON array in a pipe, all pages of it, without attributes", async () => {
    const { code, stdout, stderr } = await query(["SELECT Id, Name, Owner.Name FROM Account"]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    const records = JSON.parse(stdout);
    assert.equal(records.length, ROWS);
    assert.equal(new Set(records.map(({ Id }: { Id: string }) => Id)).size, ROWS);
    assert.ok(!stdout.includes('"attributes"'));
  });

  test("--format csv gives a line a record, with the columns of the query", async () => {
    const { stdout } = await query(["select id, owner.name, name from Account", "--format", "csv"]);
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines[0], "Id,Owner.Name,Name");
    assert.equal(lines.length, ROWS + 1);
  });

  test("--format csv keeps its header where there are no records", async () => {
    const { code, stdout } = await query([
      "SELECT Id, Owner.Name FROM Account WHERE Name = 'none'",
      "-f",
      "csv",
    ]);
    assert.equal(code, 0);
    assert.equal(stdout, "Id,Owner.Name\n");
  });

  test("--format ndjson gives a record a line", async () => {
    const { stdout } = await query(["SELECT Id FROM Account LIMIT 5", "--format", "ndjson"]);
    assert.equal(stdout.trimEnd().split("\n").map((line) => JSON.parse(line)).length, 5);
  });

  test("counts a subquery in csv and keeps it whole in json", async () => {
    const soql = "SELECT Name, (SELECT Id FROM Contacts) FROM Account LIMIT 3";
    const csv = (await query([soql, "-f", "csv"])).stdout;
    assert.match(csv, /^Name,Contacts\n[^\n]+,\d+\n/);
    const [record] = JSON.parse((await query([soql])).stdout);
    assert.ok(record.Contacts === null || Array.isArray(record.Contacts.records));
  });

  test("takes the query from a file and from stdin, with a semicolon or without", async () => {
    const file = join(folder, "query.soql");
    await writeFile(file, "SELECT Id\nFROM Account\nLIMIT 2;\n");
    assert.equal(JSON.parse((await query([`@${file}`])).stdout).length, 2);
    assert.equal(
      JSON.parse((await query(["-"], { input: "SELECT Id FROM Account LIMIT 3" })).stdout).length,
      3,
    );
    const empty = await query(["-"], { input: " \n" });
    assert.equal(empty.code, 2);
    assert.match(empty.stderr, /The query is empty/);
  });

  test("does not send the comments of the query", async () => {
    const file = join(folder, "commented.soql");
    await writeFile(
      file,
      "-- a report\n# of accounts\nSELECT Id, /* the id */ Name // and the name\nFROM Account\nLIMIT 2; -- end\n",
    );
    org.control.clearRequests();
    const { code, stdout, stderr } = await query([`@${file}`, "-f", "csv"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Id,Name\n/);
    const sent = org.control.requests().map(({ path }) => decodeURIComponent(path)).join("\n");
    assert.doesNotMatch(sent, /report|accounts|the id|the name|end/);
  });

  test("--escape-formulas makes plain text of what a spreadsheet would run", async () => {
    const session = org.session();
    const json = { Name: "=1+1", Phone: "+49 30 1234" };
    const { id } = await session.fetch("/sobjects/Account", { method: "POST", json }).json();
    const soql = `SELECT Name, Phone FROM Account WHERE Id = '${id}'`;
    const { stdout } = await query([soql, "-f", "csv", "--escape-formulas"]);
    assert.equal(stdout, `Name,Phone\n"'=1+1",+49 30 1234\n`);
    assert.equal((await query([soql, "-f", "csv"])).stdout, "Name,Phone\n=1+1,+49 30 1234\n");
    await session.fetch(`/sobjects/Account/${id}`, { method: "DELETE" });
  });

  test("refuses a text that is not UTF-8, rather than ask for something else", async () => {
    const latin1 = Buffer.from("SELECT Id FROM Account WHERE Name = 'M\xfcller'", "latin1");
    const { code, stdout, stderr } = await query(["-"], { input: latin1 });
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /stdin is not UTF-8/);
  });

  test("answers SELECT COUNT()", async () => {
    const count = async (soql: string, ...args: string[]) => (await query([soql, ...args])).stdout;
    assert.equal(await count("SELECT COUNT() FROM Account"), `${ROWS}\n`);
    assert.equal(await count("SELECT COUNT() FROM Account", "-f", "csv"), `count\n${ROWS}\n`);
    assert.equal(await count("SELECT COUNT() FROM Account WHERE Name = 'none'"), "0\n");
    assert.equal(
      await count("SELECT COUNT() FROM Account WHERE Name = 'none'", "-f", "table"),
      "0\n",
    );
  });

  test("--all gives deleted records too", async () => {
    const session = org.session();
    const { id } = await session.fetch("/sobjects/Account", {
      method: "POST",
      json: { Name: "Gone" },
    }).json();
    await session.fetch(`/sobjects/Account/${id}`, { method: "DELETE" });
    const soql = `SELECT Id FROM Account WHERE Id = '${id}'`;
    assert.deepEqual(JSON.parse((await query([soql])).stdout), []);
    assert.deepEqual(JSON.parse((await query([soql, "--all"])).stdout), [{ Id: id }]);
  });

  test("--tooling asks the Tooling API", async () => {
    org.control.clearRequests();
    await query(["SELECT Id FROM ApexClass", "--tooling"]);
    assert.ok(org.control.requests().some(({ path }) => path.includes("/tooling/query")));
  });

  test("fails with exit code 1 where a later page fails", async () => {
    org.control.fault({
      kind: "rest-error",
      error: "session-not-for-rest",
      path: "/services/data/v67.0/query/",
    });
    const { code, stderr } = await query(["SELECT Id FROM Account", "-f", "ndjson"]);
    org.control.clearFaults();
    assert.equal(code, 1);
    assert.match(stderr, /INVALID_SESSION_ID/);
  });
});

describe("query on a terminal", { skip: missing("tmux") }, () => {
  const open = (args: string[], env: Record<string, string> = {}) =>
    openTerminal({
      command: [...selfCommand(), join(root, "cli.ts"), "query", ...args],
      env: { HOME: folder, TERM: "xterm-256color", ...org.env, ...env },
      width: 80,
    });

  test("gives a table and says how many records there are", async () => {
    const terminal = await open(["SELECT Name, NumberOfEmployees FROM Account LIMIT 3"]);
    try {
      const screen = await terminal.waitFor("3 records");
      assert.match(screen, /^ Name +│ NumberOfEmployees$/m);
      assert.match(screen, /^─+┼─+$/m);
      assert.equal(await terminal.exited(), 0);
    } finally {
      await terminal.close();
    }
  });

  test("shows the progress of long work, and takes it away again", async () => {
    org.control.fault({ kind: "slow", delay: 2500, path: "/services/data/v67.0/query/" });
    const file = join(folder, "records.ndjson");
    const words = [...selfCommand(), join(root, "cli.ts"), "query", "SELECT Id FROM Account"];
    const line = `${words.map((word) => `'${word}'`).join(" ")} -f ndjson > ${file} && echo done`;
    const terminal = await openTerminal({
      command: ["sh", "-c", `read -r _; ${line}`],
      env: { HOME: folder, ...org.env },
    });
    try {
      await terminal.record();
      await terminal.press("Enter");
      await terminal.waitForSent(/2,000 of 4,100 records/);
      assert.doesNotMatch(await terminal.waitFor(/^done$/m), /records/);
      assert.equal((await readFile(file, "utf8")).trimEnd().split("\n").length, ROWS);
    } finally {
      org.control.clearFaults();
      await terminal.close();
    }
  });
});
