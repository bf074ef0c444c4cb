/** Commands bulk query, load, status, results and abort, and query --bulk: real processes against a practice org. */
import assert from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { missing } from "./helpers/missing.ts";
import { practiceOrg } from "./helpers/practice.ts";
import {
  root,
  type RunOptions,
  runSelf,
  selfCommand,
  startSelf,
  temporaryFolder,
} from "./helpers/runtime.ts";
import { openTerminal } from "./helpers/terminal.ts";

const ROWS = 1500;
const org = await practiceOrg({ rows: ROWS });
const folder = temporaryFolder();
after(() => removeFolder(folder));
afterEach(() => {
  org.control.clearFaults();
  org.control.bulk({ hold: null, holdAfter: 0, fail: null, pageSize: 50_000 });
});

const env = { HOME: folder, ...org.env };
const sfetch = (args: string[], options: RunOptions = {}) =>
  runSelf(args, { cwd: folder, ...options, env });
const bulk = (...args: string[]) => sfetch(["bulk", ...args]);
const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return name;
};
const read = (name: string) => readFile(join(folder, name), "utf8");
const count = (where: string) =>
  org.session().query(`SELECT COUNT() FROM Contact WHERE ${where}`).totalSize();
const jobIn = (text: string): string => /\b750\w{15}\b/.exec(text)![0];

describe("bulk load", () => {
  test("inserts rows with a byte order mark, semicolons, CRLF and quoted line breaks", async () => {
    const name = await file(
      "excel.csv",
      '\ufeffLastName;Description\r\nExcel;"a;b ""c""\nd 🎉"\r\nExcel;\r\n',
    );
    const { code, stdout, stderr } = await bulk("load", "Contact", name);
    assert.equal(code, 0, stderr);
    const { successful, failed, jobs } = JSON.parse(stdout);
    assert.deepEqual([successful, failed, jobs.length], [2, 0, 1]);
    const soql = "SELECT Description FROM Contact WHERE LastName = 'Excel'";
    const found = await org.session().query(soql);
    assert.deepEqual(found.map(({ Description }) => Description).sort(), ['a;b "c"\nd 🎉', null]);
    await assert.rejects(stat(join(folder, "excel.failed.csv")));
  });

  test("writes failed rows into a file that can be loaded again, and exits with 1", async () => {
    const name = await file(
      "some.csv",
      'LastName,FirstName,Email\nSome,A,\n,"B ""b""\nb",\nSome,C,no address\n',
    );
    const { code, stdout, stderr } = await bulk("load", "Contact", name);
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).failed, 2);
    assert.match(stderr, /2 of 3 rows failed\. They are in some\.failed\.csv:/);
    assert.match(stderr, /1 × REQUIRED_FIELD_MISSING/);
    const failed = await read("some.failed.csv");
    assert.match(failed, /^sf__Error,LastName,FirstName,Email\n/);
    assert.match(failed, /^REQUIRED_FIELD_MISSING: .*,,"B ""b""\nb",$/m);
    await file(
      "repaired.csv",
      failed.replace(',,"B', ',Some,"B').replaceAll("no address", "c@d.example"),
    );
    const again = await bulk("load", "Contact", "repaired.csv");
    assert.equal(again.code, 0, again.stderr);
    assert.equal(await count("LastName = 'Some'"), 3);
    assert.equal(await count("FirstName = 'B \"b\"\nb'".replace("\n", "\\n")), 1);
  });

  test("sends nothing where the failed rows would overwrite a file", async () => {
    const name = await file("kept.csv", "LastName\nKept\n");
    await file("kept.failed.csv", "precious");
    const { code, stderr } = await bulk("load", "Contact", name);
    assert.equal(code, 2);
    assert.match(stderr, /kept\.failed\.csv already exists\. Nothing was sent/);
    assert.equal(await count("LastName = 'Kept'"), 0);
    assert.equal(await read("kept.failed.csv"), "precious");
    assert.equal((await bulk("load", "Contact", name, "--failed", "other.csv")).code, 0);
  });

  test("upserts by external id, updates and deletes by Id, from a file or stdin", async () => {
    const accounts = "External_Id__c,Name\nbulk-1,One\nbulk-2,Two\n";
    const upsert = ["bulk", "load", "Account", "-", "--external-id", "External_Id__c"];
    assert.equal((await sfetch(upsert, { input: accounts })).code, 0);
    assert.equal((await sfetch(upsert, { input: accounts.replace("One", "Uno") })).code, 0);
    const soql = "SELECT Id, Name FROM Account WHERE External_Id__c LIKE 'bulk-%' ORDER BY Name";
    const made = await org.session().query(soql);
    assert.deepEqual(made.map(({ Name }) => Name), ["Two", "Uno"]);
    const name = await file(
      "update.csv",
      "Id\tName\n" + made.map(({ Id }) => `${Id}\tNew\n`).join(""),
    );
    assert.equal((await bulk("load", "Account", name, "--operation", "update")).code, 0);
    assert.deepEqual((await org.session().query(soql)).map(({ Name }) => Name), ["New", "New"]);
    // Columns other than Id are not sent: Salesforce refuses them in a delete.
    assert.equal((await bulk("load", "Account", name, "--operation", "delete")).code, 0);
    assert.deepEqual(await org.session().query(soql), []);
  });

  test("explains a wrong call before anything is sent", async () => {
    await file("names.csv", "LastName\nNobody\n");
    await file("empty.csv", "");
    await file("utf16.csv", "\ufffe");
    await writeFile(join(folder, "sheet.csv"), new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]));
    org.control.clearRequests();
    for (
      const [args, message] of [
        [["Contact", "none.csv"], /Cannot read none\.csv: no such file/],
        [["Contact", "."], /is a folder/],
        [["Contact", "empty.csv"], /empty\.csv is empty/],
        [["Contact", "sheet.csv"], /sheet\.csv is not CSV/],
        [["Contact", "names.csv", "--operation", "update"], /no column Id, which an update needs/],
        [["Contact", "names.csv", "--operation", "upsert"], /needs an external id field/],
        [
          ["Contact", "names.csv", "--external-id", "X__c", "--operation", "insert"],
          /for an upsert, not for an insert/,
        ],
        [["Contact"], /missing argument FILE/],
      ] as [string[], RegExp][]
    ) {
      const { code, stderr } = await bulk("load", ...args);
      assert.match(stderr, message);
      assert.equal(code, 2, args.join(" "));
    }
    assert.deepEqual(org.control.requests(), []);
    const { code, stderr } = await bulk("load", "Contact", "names.csv", "--read-only");
    assert.equal(code, 2, stderr);
    assert.match(stderr, /read-only/);
    assert.equal(await count("LastName = 'Nobody'"), 0);
  });

  test("is left running by a signal where nobody can be asked, and picked up", async () => {
    const name = await file("signal.csv", "LastName,FirstName\nSignal,\n,Nameless\n");
    org.control.bulk({ hold: "InProgress" });
    const child = startSelf(["bulk", "load", "Contact", name], { env, cwd: folder });
    let stderr = "";
    const job = await new Promise<string>((resolve, reject) => {
      child.stderr!.on("data", (chunk) => {
        stderr += chunk;
        if (/750\w{15}/.test(stderr)) resolve(jobIn(stderr));
      });
      child.on("close", () => reject(new Error(stderr)));
    });
    const ended = new Promise((resolve) =>
      // Deno as a parent reports the exit code 130 as the signal that it stands for.
      child.on("close", (code, signal) => resolve(signal === "SIGINT" ? 130 : code))
    );
    child.kill("SIGINT");
    assert.equal(await ended, 130, stderr);
    assert.match(stderr, new RegExp(`Left running\\.\n[^]*sfetch bulk status ${job}`));
    const status = await bulk("status", job);
    assert.match(JSON.parse(status.stdout).state, /UploadComplete|InProgress/);
    org.control.bulk({ hold: null });
    const { code, stdout } = await bulk("results", job);
    assert.equal(code, 1, "a row failed");
    assert.match(stdout, /"?sf__Id"?,"?sf__Error"?,/);
    assert.match(stdout, /REQUIRED_FIELD_MISSING/);
    const written = await bulk("results", job, "--rows", "successful", "--out", "ids.csv");
    assert.equal(written.stdout, "");
    assert.match(await read("ids.csv"), /003\w{15}.*Signal/);
  });
});

describe("bulk query", () => {
  test("gives CSV as Salesforce writes it, every row once", async () => {
    org.control.bulk({ pageSize: 400 });
    const { code, stdout, stderr } = await bulk("query", "SELECT Id, Name FROM Account -- all");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^"Id","Name"\n/);
    const ids = [...stdout.matchAll(/^"(001\w{15})"/gm)].map(([, id]) => id);
    assert.deepEqual([ids.length, new Set(ids).size], [ROWS, ROWS]);
    const again = await bulk("results", jobIn(stderr));
    assert.equal(again.stdout, stdout);
  });

  test("writes a new file, and never over an old one", async () => {
    await file("accounts.soql", "SELECT Id FROM Account LIMIT 3;\n");
    const args = ["query", "@accounts.soql", "--out", "accounts.csv"];
    assert.equal((await bulk(...args)).code, 0);
    const written = await read("accounts.csv");
    assert.equal(written.split("\n").length, 5);
    const again = await bulk(...args);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /accounts\.csv already exists/);
    assert.equal(await read("accounts.csv"), written);
    const refused = await bulk("query", "SELECT Nope FROM Account", "--out", "nope.csv");
    assert.equal(refused.code, 1);
    await assert.rejects(
      stat(join(folder, "nope.csv")),
      "a file without its rows is not left behind",
    );
  });

  test("query --bulk gives the same records as query, in every format", async () => {
    const soql = "SELECT Id, Owner.Name, AnnualRevenue, Active__c FROM Account LIMIT 20";
    for (const format of ["json", "ndjson", "csv", "table"]) {
      const plain = await sfetch(["query", soql, "-f", format]);
      const byBulk = await sfetch(["query", soql, "-f", format, "--bulk"]);
      assert.equal(byBulk.code, 0, byBulk.stderr);
      assert.equal(byBulk.stdout, plain.stdout);
    }
    const { code, stderr } = await sfetch([
      "query",
      "SELECT Id FROM ApexClass",
      "--bulk",
      "--tooling",
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /--bulk is not for the Tooling API/);
  });
});

describe("bulk status and abort", () => {
  test("abort a job on the server", async () => {
    org.control.bulk({ hold: "InProgress" });
    const id = await org.session().bulkQuery("SELECT Id FROM Account").jobId();
    const { code, stderr } = await bulk("abort", id);
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`Job ${id} is aborted`));
    assert.equal(JSON.parse((await bulk("status", id)).stdout).state, "Aborted");
  });

  test("say what is not a job, and what is not a command", async () => {
    const { code, stderr } = await bulk("status", "nonsense");
    assert.equal(code, 2);
    assert.match(stderr, /"nonsense" is not the id of a job/);
    const unknown = await bulk("status", "7505g00000Kx999AAB");
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /has no job 7505g00000Kx999AAB/);
    assert.match((await bulk("lod")).stderr, /Did you mean `bulk load`\?/);
    const none = await bulk();
    assert.equal(none.code, 2);
    assert.match(none.stderr, /sfetch bulk needs a command/);
    assert.match((await bulk("--help")).stdout, /^ {2}load {5}/m);
    assert.match((await bulk("load", "--help")).stdout, /--external-id=<field>/);
  });
});

/** Saves the practice org as a production org, as `sfetch login` would. */
async function saveProduction(home: string): Promise<void> {
  const { clientId, username, loginUrl, privateKey } = org.options;
  const config = join(home, ".config", "sfetch");
  await mkdir(join(config, "orgs"), { recursive: true });
  const privateKeyFile = join(config, "server.key");
  await writeFile(privateKeyFile, privateKey, { mode: 0o600 });
  const saved = { clientId, username, privateKeyFile, loginUrl, kind: "production" };
  await writeFile(join(config, "orgs", "live.json"), JSON.stringify(saved));
}

describe(".load in the REPL", () => {
  test("loads, names what failed, and is refused where writes are", async () => {
    await file("repl.csv", "LastName,Email\nRepl,\nRepl,bad\n");
    const { code, stderr } = await sfetch([], { input: ".load Contact repl.csv\n" });
    assert.equal(code, 1);
    assert.match(stderr, /1 of 2 rows failed\. They are in repl\.failed\.csv/);
    assert.equal(await count("LastName = 'Repl'"), 1);
    const refused = async (input: string, message: RegExp) => {
      const { code, stderr } = await sfetch([], { input });
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    };
    await refused(".load Contact", /Which object, and which file/);
    await refused(".load Contact repl.failed.csv merge", /"merge" is not an operation/);
    await refused(".load Contact repl.failed.csv upsert", /An upsert needs an external id field/);
    await refused(".read-only on\n.load Contact repl.failed.csv", /read-only/);
    await saveProduction(folder);
    const { code: live, stderr: said } = await runSelf(["--org", "live"], {
      cwd: folder,
      env: { HOME: folder },
      input: ".load Contact repl.failed.csv\n",
    });
    assert.equal(live, 2);
    assert.match(said, /would write to production/);
    assert.equal(await count("LastName = 'Repl'"), 1);
  });

  test("Ctrl-C asks, and leaves the job running", { skip: missing("tmux") }, async () => {
    await file("left-by-repl.csv", "LastName\nLeftByRepl\n");
    org.control.bulk({ hold: "InProgress" });
    const terminal = await openTerminal({
      command: [...selfCommand(), join(root, "cli.ts")],
      env,
      cwd: folder,
    });
    try {
      await terminal.waitFor(org.username);
      await terminal.send(".load Contact left-by-repl.csv\n");
      await terminal.waitFor("Processing");
      await terminal.press("C-c");
      await terminal.waitFor("[y/N]");
      await terminal.press("Enter");
      const screen = await terminal.waitFor(/left running · sfetch bulk status 750/);
      const { state } = await org.session().fetch(`/jobs/ingest/${jobIn(screen)}`).json();
      assert.equal(state, "InProgress");
      await terminal.send("= 6 * 7\n");
      await terminal.waitFor(/^42$/m);
      await terminal.send(".exit\n");
      assert.equal(await terminal.exited(), 0);
    } finally {
      await terminal.close();
    }
  });
});

describe("on a terminal", { skip: missing("tmux") }, () => {
  const open = (...args: string[]) =>
    openTerminal({ command: [...selfCommand(), join(root, "cli.ts"), ...args], env, cwd: folder });

  test("a bar shows the rows; Ctrl-C asks, and leaves the job running", async () => {
    const rows = Array.from({ length: 400 }, (_, at) => `Left ${at}\n`).join("");
    const name = await file("left.csv", `LastName\n${rows}`);
    org.control.bulk({ hold: "InProgress", holdAfter: 200 });
    const terminal = await open("bulk", "load", "Contact", name);
    try {
      await terminal.waitFor(/Processing █+░+ 50% · 200 of 400 rows/);
      await terminal.press("C-c");
      await terminal.waitFor("Leave it running");
      await terminal.press("Enter");
      const screen = await terminal.waitFor(/sfetch bulk results 750/);
      assert.equal(await terminal.exited(), 130);
      const { state } = await org.session().fetch(`/jobs/ingest/${jobIn(screen)}`).json();
      assert.equal(state, "InProgress");
      org.control.bulk({ hold: null });
      assert.equal((await bulk("results", jobIn(screen))).code, 0);
      assert.equal(await count("LastName LIKE 'Left %'"), 400);
    } finally {
      await terminal.close();
    }
  });

  test("a load into production is asked about", async () => {
    await saveProduction(folder);
    const name = await file("live.csv", "LastName\nLive\n");
    const terminal = await openTerminal({
      command: [
        ...selfCommand(),
        join(root, "cli.ts"),
        "bulk",
        "load",
        "Contact",
        name,
        "-o",
        "live",
      ],
      env: { HOME: folder },
      cwd: folder,
    });
    try {
      await terminal.waitFor("on live, production?");
      await terminal.press("Enter");
      assert.equal(await terminal.exited(), 130);
      assert.equal(await count("LastName = 'Live'"), 0);
    } finally {
      await terminal.close();
    }
  });

  test("a query is left running without half a file", async () => {
    org.control.bulk({ hold: "InProgress" });
    const terminal = await open("bulk", "query", "SELECT Id FROM Account", "--out", "half.csv");
    try {
      await terminal.waitFor(/Waiting for Salesforce · InProgress/);
      await terminal.press("C-c");
      await terminal.waitFor("Leave it running");
      await terminal.press("Enter");
      const screen = await terminal.waitFor(/sfetch bulk results 750/);
      assert.equal(await terminal.exited(), 130);
      await assert.rejects(stat(join(folder, "half.csv")));
      org.control.bulk({ hold: null });
      const { code } = await bulk("results", jobIn(screen), "--out", "half.csv");
      assert.equal(code, 0);
      assert.equal((await read("half.csv")).trimEnd().split("\n").length, ROWS + 1);
    } finally {
      await terminal.close();
    }
  });

  test("Ctrl-C aborts where that is chosen, and goes on where that is", async () => {
    const name = await file("asked.csv", "LastName\nAsked\n");
    org.control.bulk({ hold: "InProgress" });
    const terminal = await open("bulk", "load", "Contact", name);
    try {
      await terminal.waitFor("Processing");
      await terminal.press("C-c");
      const asked = await terminal.waitFor("Keep waiting");
      await terminal.press("Down", "Down", "Enter");
      await terminal.waitFor(/Keep waiting\s[^]*Processing/);
      await terminal.press("C-c");
      await terminal.waitFor(/Keep waiting[^]*Abort it/);
      await terminal.press("Down", "Enter");
      await terminal.waitFor("Aborted.");
      assert.equal(await terminal.exited(), 130);
      const { state } = await org.session().fetch(`/jobs/ingest/${jobIn(asked)}`).json();
      assert.equal(state, "Aborted");
    } finally {
      await terminal.close();
    }
  });
});
