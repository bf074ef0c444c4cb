import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cp, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import Papa from "papaparse";
import { removeFolder } from "./helpers/remove-folder.ts";
import { practiceOrg } from "./helpers/practice.ts";
import {
  root,
  run,
  type RunResult,
  runtimeName,
  start,
  temporaryFolder,
} from "./helpers/runtime.ts";
import { until } from "./helpers/until.ts";

const [org, uat] = await Promise.all([practiceOrg({ rows: 40 }), practiceOrg({ rows: 30 })]);

// Each example runs by the command in its own comment for this runtime, Deno's permissions included;
// only the hosts of Salesforce become those of practice orgs.
describe("examples", () => {
  const folder = temporaryFolder();
  const home = join(folder, "home");
  const ran = new Set<string>();
  const { SF_PRIVATE_KEY: _, ...login } = org.env;
  const env = { ...login, HOME: home, SF_PRIVATE_KEY_FILE: "server.key" };

  before(async () => {
    await mkdir(join(folder, "examples"));
    for (const file of ["mod.ts", ...await scripts()]) {
      await cp(join(root, file), join(folder, file));
    }
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "server.key"), org.privateKey!, { mode: 0o600 });
    await mkdir(home);
  });
  after(() => removeFolder(folder));

  async function scripts(): Promise<string[]> {
    const names = await readdir(join(root, "examples"));
    return names.filter((name) => name.endsWith(".ts")).map((name) => `examples/${name}`);
  }

  /** The line for this runtime in an example's comment. What knows one runtime only names but that. */
  async function commandOf(name: string): Promise<string> {
    ran.add(name);
    const text = await readFile(join(root, "examples", name), "utf8");
    const commands = [...text.matchAll(/^ \* {5}((?:deno (?:run|test)|bun|node) .*)$/gm)].map((m) =>
      m[1]!
    );
    assert.ok(text.split("\n").length <= 40, `${name} is longer than 40 lines`);
    assert.ok(commands.length === 3 || commands.length === 1, commands.join("\n"));
    const command = commands.find((line) => line.startsWith(runtimeName)) ?? commands[0]!;
    assert.ok(command.includes(`examples/${name}`), command);
    const hosts = [org, uat].map(({ url }) => new URL(url).host).join();
    return command.replace("'*.salesforce.com'", hosts);
  }

  async function example(name: string, more: Record<string, string> = {}): Promise<RunResult> {
    return await run(["sh", "-c", await commandOf(name)], {
      cwd: folder,
      env: { ...env, ...more },
    });
  }

  const write = (name: string, content: string | Uint8Array) =>
    writeFile(join(folder, name), content);
  const read = (name: string) => readFile(join(folder, name));

  test("report-to-csv.ts writes every open opportunity, quotes and parents included", async () => {
    const { code, stderr } = await example("report-to-csv.ts");
    assert.equal(code, 0, stderr);
    const [head, ...rows] = cells(String(await read("open.csv")));
    assert.deepEqual(head, ["Name", "Account.Name", "StageName", "Amount", "CloseDate"]);
    const expected = await org.session().query<{ Name: string; Account: { Name: string } | null }>(
      "SELECT Name, Account.Name FROM Opportunity WHERE IsClosed = false ORDER BY CloseDate, Name",
    );
    assert.ok(expected.length > 0);
    assert.deepEqual(
      rows.map(([name, account]) => [name, account]),
      expected.map(({ Name, Account }) => [Name, Account?.Name ?? ""]),
    );
  });

  test("nightly-sync.ts upserts 200 a call and reports what is refused", async () => {
    const session = org.session();
    const known = { Name: "Before", External_Id__c: "N-7" };
    await session.fetch("/sobjects/Account", { method: "POST", json: known });
    const rows = Array.from({ length: 450 }, (_, n) => ({
      External_Id__c: `N-${n}`,
      Name: n === 222 ? undefined : `Synced ${n}`,
      ...(n === 333 && { Tier__c: "Tin" }),
    }));
    await write("accounts.json", JSON.stringify(rows));
    org.control.clearRequests();

    const { code, stdout, stderr } = await example("nightly-sync.ts");
    assert.equal(stdout, "447 created, 1 updated, 2 refused\n", stderr);
    assert.match(stderr, /N-222: REQUIRED_FIELD_MISSING/);
    assert.match(stderr, /N-333: INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST/);
    assert.equal(code, 1);
    const calls = org.control.requests().filter(({ method }) => method === "PATCH");
    assert.equal(calls.length, 3);
    const synced = "SELECT COUNT() FROM Account WHERE Name LIKE 'Synced %'";
    assert.equal(await session.query(synced).totalSize(), 448);
  });

  test("compare-orgs.ts counts in two saved orgs", async () => {
    const orgs = join(home, ".config", "sfetch", "orgs");
    await mkdir(orgs, { recursive: true });
    for (const [name, { options }] of Object.entries({ prod: org, uat })) {
      const { privateKey, ...login } = options;
      const privateKeyFile = join(home, `${name}.key`);
      await writeFile(privateKeyFile, privateKey, { mode: 0o600 });
      await writeFile(join(orgs, `${name}.json`), JSON.stringify({ ...login, privateKeyFile }));
    }
    const { code, stdout, stderr } = await example("compare-orgs.ts");
    assert.equal(code, 0, stderr);
    const [head, ...lines] = stdout.trimEnd().split("\n").map((line) => line.split("\t"));
    assert.deepEqual(head, ["", "prod", "uat"]);
    const account = lines.find(([object]) => object === "Account")!;
    const count = (each: typeof org) =>
      each.session().query("SELECT COUNT() FROM Account").totalSize();
    assert.deepEqual(account, [
      "Account",
      `${await count(org)}`,
      `${await count(uat)}`,
      "DIFFERENT",
    ]);
    assert.equal(lines.length, 5);
  });

  test("back-up.ts writes all records of an object, with all their fields", async () => {
    const { code, stderr } = await example("back-up.ts");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /JobComplete: \d+ records/);
    const text = String(await read("accounts.csv"));
    const [head, ...rows] = Papa.parse<string[]>(text.trimEnd()).data;
    const session = org.session();
    const all = await session.query("SELECT Id, Description FROM Account");
    const [id, description] = ["Id", "Description"].map((name) => head!.indexOf(name));
    assert.ok(head!.includes("BillingCity") && !head!.includes("BillingAddress"), `${head}`);
    assert.deepEqual(
      rows.map((row) => [row[id!], row[description!]]),
      all.map(({ Id, Description }) => [Id, Description ?? ""]),
    );
  });

  test("load-csv.ts repairs what it can and names the rest", async () => {
    const rows = [
      "External_Id__c,Name,Tier__c,NumberOfEmployees",
      "CSV-1,Good,Gold,1",
      "CSV-2,,Gold,2",
      "CSV-3,Bad tier,Tin,3",
      "CSV-4,Bad number,Gold,many",
    ];
    await write("accounts.csv", rows.join("\n"));
    const { code, stdout, stderr } = await example("load-csv.ts");
    assert.equal(stdout, "1 loaded, 2 after repair\n", stderr);
    assert.match(stderr, /CSV-4: INVALID_TYPE_ON_FIELD_IN_RECORD: /);
    assert.equal(code, 1);
    const found = await org.session().query(
      "SELECT Name, Tier__c FROM Account WHERE External_Id__c LIKE 'CSV-%' ORDER BY External_Id__c",
    );
    assert.deepEqual(found.map(({ Name, Tier__c }) => [Name, Tier__c]), [
      ["Good", "Gold"],
      ["Unknown", "Gold"],
      ["Bad tier", null],
    ]);
  });

  test("move-records.ts brings accounts to another org, and again what has changed", async () => {
    const soql = "SELECT External_Id__c, Name, AnnualRevenue FROM Account " +
      "WHERE External_Id__c != null ORDER BY External_Id__c";
    const before = await uat.session().query("SELECT COUNT() FROM Account").totalSize();
    const { code, stdout, stderr } = await example("move-records.ts");
    assert.equal(code, 0, stderr);
    const source = await org.session().query(soql, { attributes: false });
    assert.equal(
      stdout,
      `${source.length - before} created, ${before} updated, 0 refused\n`,
      stderr,
    );
    assert.deepEqual(await uat.session().query(soql, { attributes: false }), source);
    const again = await example("move-records.ts");
    assert.equal(again.stdout, `0 created, ${source.length} updated, 0 refused\n`);
  });

  test("anonymous-apex.ts runs Apex, and says where it fails", async () => {
    await write("fix.apex", "System.debug('mended');\n");
    const good = await example("anonymous-apex.ts");
    assert.deepEqual([good.code, good.stdout], [0, "done\n"], good.stderr);
    await write("fix.apex", "Integer i = 1;\nthrow new DmlException('no');\n");
    const thrown = await example("anonymous-apex.ts");
    assert.match(thrown.stderr, /^fix\.apex:2:\d+: System\.DmlException: no$/m);
    await write("fix.apex", "Integer i = 1\n");
    const broken = await example("anonymous-apex.ts");
    assert.match(broken.stderr, /^fix\.apex:\d+:\d+: Missing ';'/m);
    assert.deepEqual([thrown.code, broken.code], [1, 1]);
  });

  test("files.ts takes a file up and brings the same bytes down", async () => {
    const bytes = randomBytes(300_000);
    await write("scan.pdf", bytes);
    const { code, stdout, stderr } = await example("files.ts");
    assert.equal(code, 0, stderr);
    assert.deepEqual(await read("copy.pdf"), bytes);
    const [id] = /068\w{15}/.exec(stdout)!;
    const version = await org.session()
      .fetch(`/sobjects/ContentVersion/${id}`).json();
    assert.deepEqual([version.Title, version.ContentSize], ["scan", bytes.length]);
  });

  // jsforce does not load on Deno and hangs on Bun: from every runtime, this one runs on Node.
  test("jsforce.ts hands a token over, and a new one when the session has ended", async () => {
    org.control.clearRequests();
    org.control.fault({ kind: "rest-error", error: "session-expired" });
    const { code, stdout, stderr } = await example("jsforce.ts");
    assert.equal(code, 0, stderr);
    const banks = await org.session()
      .query("SELECT Id FROM Account WHERE Industry = 'Banking'");
    assert.ok(banks.length > 0);
    assert.deepEqual(
      stdout.trimEnd().split("\n").map((line) => line.split(" ")[0]),
      banks.map(({ Id }) => Id),
    );
    assert.ok(org.control.tokenRequests() >= 2);
  });

  test("shared-token-cache.ts signs in once for all processes, in private files", async () => {
    org.control.clearRequests();
    for (let n = 0; n < 3; n++) {
      const { code, stdout, stderr } = await example("shared-token-cache.ts");
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^\d+ API requests left today$/m);
    }
    assert.equal(org.control.tokenRequests(), 1);
    const files = await readdir(join(folder, ".tokens"));
    assert.equal(files.length, 1);
    assert.equal((await stat(join(folder, ".tokens"))).mode & 0o777, 0o700);
    assert.equal((await stat(join(folder, ".tokens", files[0]!))).mode & 0o777, 0o600);
    org.control.expireSessions();
    assert.equal((await example("shared-token-cache.ts")).code, 0);
    assert.equal(org.control.tokenRequests(), 2);
  });

  test("stream-changes.ts prints changes as they come, over the end of its session", async () => {
    org.control.clearRequests();
    const command = ["sh", "-c", `exec ${await commandOf("stream-changes.ts")}`];
    const child = start(command, { cwd: folder, env });
    let [stdout, stderr] = ["", ""];
    child.stdout!.on("data", (chunk) => stdout += chunk);
    child.stderr!.on("data", (chunk) => stderr += chunk);
    const untilIt = (happens: () => boolean) =>
      until(() => {
        assert.equal(child.exitCode, null, `${stdout}\n${stderr}`);
        return happens();
      }, () => `${stdout}\n${stderr}`);
    const polls = () => org.control.requests().filter(({ path }) => path === "/cometd/67.0").length;
    try {
      await untilIt(() => polls() >= 4); // handshake, subscribe, a first connect, and one that waits
      const session = org.session();
      const account = { Name: "Streamed" };
      const { id } = await session.fetch("/sobjects/Account", { method: "POST", json: account })
        .json();
      await untilIt(() => stdout.includes(id));
      org.control.expireSessions();
      await session.fetch(`/sobjects/Account/${id}`, { method: "DELETE" });
      await untilIt(() => stdout.split(id).length === 3);
      const [created, deleted] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
      assert.equal(created.Name, "Streamed");
      assert.equal(created.ChangeEventHeader.changeType, "CREATE");
      assert.equal(deleted.ChangeEventHeader.changeType, "DELETE");
    } finally {
      child.kill("SIGKILL");
    }
  });

  test("own-test.test.ts passes on a practice org in its own process", async () => {
    const command = await commandOf("own-test.test.ts");
    const { code, stdout, stderr } = await run(["sh", "-c", command], { cwd: root });
    assert.equal(code, 0, stdout + stderr);
    for (const name of [/are given up, each by one call/, /too busy for is sent again/]) {
      assert.match(stdout + stderr, name);
    }
  });

  test("ci.yml: its commands run, with the key as text", async () => {
    ran.add("ci.yml");
    const workflow = await readFile(join(root, "examples", "ci.yml"), "utf8");
    const variables = [...workflow.matchAll(/^ +(SF_\w+): \$\{\{ (?:vars|secrets)\.\1 \}\}$/gm)];
    assert.deepEqual(variables.map(([, name]) => name).sort(), Object.keys(org.env).sort());
    const commands = [...workflow.matchAll(/^ +run: (.+)$/gm)].map(([, command]) => command!);
    assert.equal(commands.length, 3);

    const checkout = join(folder, "checkout");
    for (const part of ["mod.ts", "cli.ts", "cli", "practice-org", "deno.json", "examples"]) {
      await cp(join(root, part), join(checkout, "sfetch", part), { recursive: true });
    }
    for (const command of commands) {
      const { code, stdout, stderr } = await run(["sh", "-ec", command], {
        cwd: checkout,
        env: org.env,
      });
      assert.equal(code, 0, `${command}\n${stdout}\n${stderr}`);
    }
    for (const name of ["accounts.csv", "open.csv"]) {
      const csv = await readFile(join(checkout, name), "utf8");
      assert.match(csv, /^"?(Id|Name)"?,/);
      assert.ok(csv.split("\n").length > 10, csv);
    }
  });

  test("every file in examples/ is run by a test", async () => {
    assert.match(
      await readFile(join(root, "tests", "helpers", "notebook.ts"), "utf8"),
      /"notebook\.ipynb"/,
    );
    const files = await readdir(join(root, "examples"));
    assert.deepEqual([...ran, "notebook.ipynb"].sort(), files.sort());
  });

  test("an example without its arguments says how it is called, in one line", async () => {
    let count = 0;
    for (const file of await scripts()) {
      const name = file.replace("examples/", "");
      const [call, words] = (await commandOf(name)).split(new RegExp(`(?<=${name}) `));
      if (!words || words.startsWith(">")) continue;
      count++;
      const { code, stdout, stderr } = await run(["sh", "-c", call!], { cwd: folder, env });
      assert.match(stderr, new RegExp(`^Usage: ${name} [^\n]+\n$`), name);
      assert.equal(stdout, "", name);
      assert.equal(code, 2, name);
    }
    assert.equal(count, 7);
  });
});

/** The cells of a CSV text in which every cell is quoted. */
function cells(csv: string): string[][] {
  return csv.trimEnd().split("\n").map((line) =>
    [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell]) => cell!.replaceAll('""', '"'))
  );
}
