/**
 * Clients that nobody here wrote work against the practice org. If one of them fails, the practice org is wrong.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { generateKeyPair } from "../cli/keys/keys.ts";
import { startPracticeOrg } from "../practice-org/mod.ts";
import { missing } from "./helpers/missing.ts";
import { childEnv, root, run, type RunResult, temporaryFolder } from "./helpers/runtime.ts";

const ROWS = 10_000;
const org = await startPracticeOrg({ rows: ROWS });
after(() => org.close());

/** Why a client that runs on Node is skipped. */
function oldNode(): string | false {
  const { stdout } = spawnSync("node", ["--version"], { env: childEnv(), encoding: "utf8" });
  const version = /^v(\d+)/.exec(stdout ?? "")?.[1];
  if (!version) return "node not installed";
  return Number(version) < 22 && `node ${version} is too old`;
}

describe("the official sf CLI", () => {
  const skip = missing("sf") || oldNode();
  const home = temporaryFolder();
  const keyFile = join(home, "server.key");
  after(() => removeFolder(home));

  const sf = (...args: string[]): Promise<RunResult> => sfAt(home, ...args);

  const sfAt = (HOME: string, ...args: string[]): Promise<RunResult> =>
    run(["sf", ...args], {
      cwd: home,
      env: {
        HOME,
        SF_AUTOUPDATE_DISABLE: "true",
        SF_DISABLE_TELEMETRY: "true",
        SF_DISABLE_LOG_FILE: "true",
      },
    });

  const login = (HOME: string, keyFile: string): Promise<RunResult> =>
    sfAt(
      HOME,
      ...["org", "login", "jwt", "--json", "--alias", "practice"],
      ...["--instance-url", org.url, "--client-id", org.clientId],
      ...["--username", org.username, "--jwt-key-file", keyFile],
    );

  let signedIn: Promise<void> | undefined;
  const signIn = (): Promise<void> =>
    signedIn ??= (async () => {
      await writeFile(keyFile, org.privateKey!, { mode: 0o600 });
      const { code, stdout, stderr } = await login(home, keyFile);
      assert.equal(code, 0, stdout + stderr);
      assert.equal(JSON.parse(stdout).result.username, org.username);
    })();

  test("is refused with another key, in Salesforce's words", { skip }, async () => {
    const { privateKeyPem } = await generateKeyPair();
    await writeFile(join(home, "other.key"), privateKeyPem, { mode: 0o600 });
    // In a HOME of its own, because sf forgets an org that refuses it.
    const { code, stdout } = await login(join(home, "other"), join(home, "other.key"));
    assert.notEqual(code, 0);
    assert.match(JSON.parse(stdout).message, /invalid assertion/);
  });

  test("sf data query reads all rows over all pages", { skip }, async () => {
    await signIn();
    const soql = "SELECT Id, Name, Owner.Username FROM Account ORDER BY Id";
    const { stdout, stderr } = await sf("data", "query", "-o", "practice", "--json", "-q", soql);
    const { result } = JSON.parse(stdout || stderr);
    assert.equal(result.totalSize, ROWS);
    assert.equal(new Set(result.records.map(({ Id }: { Id: string }) => Id)).size, ROWS);
    assert.equal(result.records[0].Owner.Username, org.username);
  });

  test("sf data query shows a table, made of the query's column metadata", { skip }, async () => {
    await signIn();
    const soql = "SELECT Name, Owner.Username FROM Account LIMIT 3";
    const { code, stdout, stderr } = await sf("data", "query", "-o", "practice", "-q", soql);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /OWNER\.USERNAME/);
    assert.match(stdout, /number of records retrieved: 3/);
  });

  test("sf data query shows where a query is wrong", { skip }, async () => {
    await signIn();
    const soql = "SELECT Nope FROM Account";
    const { code, stderr } = await sf("data", "query", "-o", "practice", "-q", soql);
    assert.notEqual(code, 0);
    assert.match(stderr, /No such column 'Nope' on entity 'Account'/);
  });

  test("sf api request rest calls the API", { skip }, async () => {
    await signIn();
    const path = "/services/data/v67.0/limits";
    const { code, stdout, stderr } = await sf("api", "request", "rest", path, "-o", "practice");
    assert.equal(code, 0, stderr);
    assert.ok(JSON.parse(stdout).DailyApiRequests.Remaining > 0);
  });

  test("signs in again by itself when its session has expired", { skip }, async () => {
    await signIn();
    org.control.expireSessions();
    org.control.clearRequests();
    const soql = "SELECT Id FROM Account LIMIT 1";
    const { code, stderr } = await sf("data", "query", "-o", "practice", "-q", soql);
    assert.equal(code, 0, stderr);
    assert.ok(org.control.tokenRequests() >= 1);
  });
});

describe("jsforce", () => {
  test(
    "gets a token, pages through 10,000 rows, writes, loads and reads in bulk, logs out",
    { skip: oldNode() },
    async () => {
      const { url, clientId, username, privateKey } = org;
      const { code, stdout, stderr } = await run(
        ["node", join(root, "tests/helpers/jsforce-client.ts")],
        { input: JSON.stringify({ url, clientId, username, privateKey }), cwd: root },
      );
      assert.equal(code, 0, stderr);
      const results = JSON.parse(stdout);
      assert.equal(results.identity, username);
      assert.equal(results.totalSize, ROWS);
      assert.equal(results.ids.length, ROWS);
      assert.deepEqual(results.ids, results.ids.toSorted());
      assert.equal(new Set(results.ids).size, ROWS);
      assert.equal(results.created, "Made by jsforce");
      assert.deepEqual(results.bulk, {
        loaded: 2,
        errors: ["REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"],
        names: ["Bulk by jsforce", 'Quoted "'],
        deleted: 2,
      });
      assert.match(results.deleted, /^(?:NOT_FOUND|ENTITY_IS_DELETED)/);
      assert.match(results.unknownField, /^INVALID_FIELD: .*No such column 'Nope'/s);
      assert.match(results.wrongAudience, /^invalid_grant: audience is invalid$/);
      assert.ok(results.apiUsage.used > ROWS / 2000);
      assert.match(results.loggedOut, /^INVALID_SESSION_ID/);
    },
  );
});
