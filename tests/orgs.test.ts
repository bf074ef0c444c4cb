/** Saved orgs, the commands on them, and shared tokens. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import type { KnownOrg, StoredToken } from "../mod.ts";
import { tokenCache } from "../cli/orgs/token-cache.ts";
import { createPrivate, writePrivate } from "../cli/output/write-files.ts";
import { missing } from "./helpers/missing.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { root, run, runSelf, selfCommand, temporaryFolder } from "./helpers/runtime.ts";
import { openTerminal } from "./helpers/terminal.ts";

const org = await practiceOrg({ rows: 3 });
const made: string[] = [];
after(() => Promise.all(made.map((folder) => removeFolder(folder))));

function folder(): string {
  made.push(temporaryFolder());
  return made.at(-1)!;
}

const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

interface Home {
  path: string;
  orgs: string;
  tokens: string;
  /** Runs `sfetch` in this home. */
  sfetch(...args: string[]): ReturnType<typeof runSelf>;
}

/** A home with these orgs saved by sfetch, all of them the practice org. */
async function home(...names: string[]): Promise<Home> {
  const path = folder();
  const config = join(path, ".config/sfetch");
  for (const name of names) {
    const privateKeyFile = join(config, "keys", `${name}.key`);
    await writePrivate(privateKeyFile, org.privateKey!);
    const { clientId, username, url: loginUrl } = org;
    const saved = { clientId, username, privateKeyFile, loginUrl, kind: "developer" };
    await writePrivate(join(config, "orgs", `${name}.json`), JSON.stringify(saved));
  }
  return {
    path,
    orgs: join(config, "orgs"),
    tokens: join(path, ".cache/sfetch/tokens"),
    sfetch: (...args) => runSelf(args, { env: { HOME: path } }),
  };
}

/** What `sf org login jwt` leaves behind. */
async function addSfOrg(path: string, alias: string): Promise<void> {
  const sfdx = join(path, ".sfdx");
  const keyFile = join(path, "server.key");
  await mkdir(sfdx, { recursive: true });
  await writeFile(keyFile, org.privateKey!);
  const { clientId, username, url } = org;
  await writeFile(
    join(sfdx, `${username}.json`),
    JSON.stringify({
      accessToken: "encrypted",
      instanceUrl: url,
      orgId: "00D",
      username,
      clientId,
      loginUrl: url,
      privateKey: keyFile,
    }),
  );
  await writeFile(join(sfdx, "alias.json"), JSON.stringify({ orgs: { [alias]: username } }));
}

describe("--org", () => {
  test("takes a saved org, one that sf signed in, and the practice org", async () => {
    const { path, sfetch } = await home("prod");
    await addSfOrg(path, "theirs");
    for (const name of ["prod", "theirs", org.username, "practice"]) {
      const { code, stdout, stderr } = await sfetch(
        "get",
        "/services/oauth2/userinfo",
        "--org",
        name,
      );
      assert.equal(code, 0, stderr);
      assert.equal(JSON.parse(stdout).preferred_username, org.username, name);
    }
  });

  test("that is not known is refused with what there is to do", async () => {
    const { code, stderr } = await (await home()).sfetch("get", "/limits", "--org", "nowhere");
    assert.equal(code, 2);
    assert.match(stderr, /No org named "nowhere"/);
  });

  test("may be left to SF_TARGET_ORG, practice included", async () => {
    const { path } = await home("prod");
    for (const name of ["prod", "practice"]) {
      const { code, stderr } = await runSelf(["get", "/limits"], {
        env: { HOME: path, SF_TARGET_ORG: name },
      });
      assert.equal(code, 0, stderr);
    }
  });
});

describe("orgs", () => {
  test("lists saved orgs and those of sf, as JSON in a pipe", async () => {
    const { path, sfetch } = await home("prod", "dev");
    await addSfOrg(path, "theirs");
    await sfetch("orgs", "--default", "prod");
    const { username, url: loginUrl } = org;
    const saved = { username, kind: "developer", loginUrl, readOnly: false, source: "sfetch" };
    assert.deepEqual(JSON.parse((await sfetch("orgs")).stdout), [
      { ...saved, name: "dev", default: false },
      { ...saved, name: "prod", default: true },
      { ...saved, name: "theirs", kind: null, source: "sf", default: false },
    ]);
  });

  test("--default chooses where commands without --org go", async () => {
    const { path, sfetch } = await home("prod");
    assert.equal((await sfetch("get", "/limits")).code, 2);
    assert.equal((await sfetch("orgs", "--default", "prod")).code, 0);
    assert.equal(await modeOf(join(path, ".config/sfetch/config.json")), "600");
    assert.equal((await sfetch("get", "/limits")).code, 0);
    const { code, stderr } = await sfetch("orgs", "--default", "nowhere");
    assert.equal(code, 2);
    assert.match(stderr, /No org named "nowhere" is known\.\nKnown orgs: prod\./);
  });

  test("names a damaged file, keeps it, and lists the others", async () => {
    const { orgs, sfetch } = await home("prod", "dev");
    const file = join(orgs, "dev.json");
    await writeFile(file, '{"clientId": "3MV');
    const { code, stdout, stderr } = await sfetch("orgs");
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout).map(({ name }: { name: string }) => name), ["prod"]);
    assert.ok(stderr.includes(`${file} is not valid JSON.\nFix the file or remove it.`), stderr);
    const used = await sfetch("get", "/limits", "--org", "dev");
    assert.equal(used.code, 2);
    assert.ok(used.stderr.includes(file), used.stderr);
    assert.equal(await readFile(file, "utf8"), '{"clientId": "3MV');
  });

  test("lists an org whose file lacks a part, which is named when it is used; logout forgets it", async () => {
    const { orgs, sfetch } = await home("prod");
    const file = join(orgs, "part.json");
    await writeFile(file, '{"clientId": "3MV", "username": "me@acme.example"}');
    const names = JSON.parse((await sfetch("orgs")).stdout).map((org: KnownOrg) => org.name);
    assert.deepEqual(names, ["part", "prod"]);
    const used = await sfetch("get", "/limits", "--org", "part");
    assert.equal(used.code, 2);
    assert.match(used.stderr, /privateKey/);
    assert.equal((await sfetch("logout", "part", "--yes")).code, 0);
    assert.deepEqual(await readdir(orgs), ["prod.json"]);
  });

  test("marks the default that commands use: the project's of sf, then the user's, or the chosen one", async () => {
    const { path, sfetch } = await home("prod");
    await addSfOrg(path, "theirs");
    const project = join(path, "project/deep");
    await mkdir(project, { recursive: true });
    /** The default that is marked, and the one that `get` uses. */
    const defaults = async (cwd: string): Promise<string[]> => {
      const listed = await runSelf(["orgs"], { env: { HOME: path }, cwd });
      const marked = JSON.parse(listed.stdout).filter((org: { default: boolean }) => org.default);
      const doctor = await runSelf(["doctor", "--json"], { env: { HOME: path }, cwd });
      const { detail } = JSON.parse(doctor.stdout).checks[0];
      return [marked[0]?.name, /org "(.*?)"/.exec(detail)?.[1] ?? ""];
    };
    await mkdir(join(path, ".sfdx"), { recursive: true });
    await writeFile(join(path, ".sfdx/sfdx-config.json"), '{"defaultusername": "theirs"}');
    assert.deepEqual(await defaults(path), ["theirs", "theirs"]);
    await mkdir(join(path, "project/.sf"));
    await writeFile(join(path, "project/.sf/config.json"), '{"target-org": "prod"}');
    assert.deepEqual(await defaults(project), ["prod", "prod"]);
    assert.deepEqual(await defaults(path), ["theirs", "theirs"]);
    await sfetch("orgs", "--default", "prod");
    assert.deepEqual(await defaults(path), ["prod", "prod"]);
  });

  test("shows a table on a terminal, the default marked", { skip: missing("tmux") }, async () => {
    const { path, sfetch } = await home("prod");
    await sfetch("orgs", "--default", "prod");
    const terminal = await openTerminal({
      command: [...selfCommand(), join(root, "cli.ts"), "orgs"],
      env: { HOME: path },
    });
    try {
      await terminal.waitFor(
        /^ prod +│ admin@practice\.example +│ developer +│ http.+ │ +│ sfetch +│ \*$/m,
      );
    } finally {
      await terminal.close();
    }
  });
});

describe("logout", () => {
  test("revokes the token and removes org, token, default and the key that login made", async () => {
    const { path, orgs, tokens, sfetch } = await home("prod");
    await sfetch("orgs", "--default", "prod");
    const { accessToken } = JSON.parse((await sfetch("token", "--json")).stdout);
    assert.equal((await readdir(tokens)).length, 1);
    const { code, stderr } = await sfetch("logout", "prod", "--yes");
    assert.equal(code, 0, stderr);
    assert.deepEqual(await readdir(orgs), []);
    assert.deepEqual(await readdir(tokens), []);
    assert.deepEqual(await readdir(join(path, ".config/sfetch/keys")), []);
    assert.deepEqual(
      JSON.parse(await readFile(join(path, ".config/sfetch/config.json"), "utf8")),
      {},
    );
    const response = await fetch(`${org.url}/services/data/v67.0/limits`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    await response.body?.cancel();
    assert.equal(response.status, 401);
  });

  test("leaves the user's own key alone", async () => {
    const { path, orgs, sfetch } = await home("prod");
    const key = join(path, "my.key");
    await writePrivate(key, org.privateKey!);
    const file = join(orgs, "prod.json");
    await writePrivate(
      file,
      JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), privateKeyFile: key }),
    );
    assert.equal((await sfetch("logout", "prod", "--yes")).code, 0);
    assert.ok(existsSync(key));
    assert.ok(!existsSync(file));
  });

  test("leaves a key alone that another org reaches by a symbolic link", async () => {
    const { path, orgs, sfetch } = await home("a", "b");
    const key = join(path, ".config/sfetch/keys/a.key");
    const link = join(path, "link.key");
    await symlink(key, link);
    const file = join(orgs, "b.json");
    const saved = JSON.parse(await readFile(file, "utf8"));
    await writePrivate(file, JSON.stringify({ ...saved, privateKeyFile: link }));
    assert.equal((await sfetch("logout", "a", "--yes")).code, 0);
    assert.equal((await sfetch("get", "/limits", "--org", "b")).code, 0);
    assert.equal((await sfetch("logout", "b", "--yes")).code, 0);
    assert.ok(!existsSync(key), "the last org that used it is gone");
  });

  test("--all forgets every saved org, and nothing without --yes where it cannot ask", async () => {
    const { orgs, sfetch } = await home("prod", "dev");
    const refused = await sfetch("logout", "--all");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /Add --yes/);
    assert.equal((await readdir(orgs)).length, 2);
    assert.equal((await sfetch("logout", "--all", "--yes")).code, 0);
    assert.deepEqual(await readdir(orgs), []);
  });

  test("works where the org cannot be reached", async () => {
    const { orgs, sfetch } = await home("prod");
    await sfetch("get", "/limits", "--org", "prod");
    const path = "/services/oauth2/revoke";
    org.control.fault({ kind: "status", status: 500, path, times: "always" });
    const { code, stderr } = await sfetch("logout", "prod", "-y");
    org.control.clearFaults();
    assert.equal(code, 0);
    assert.match(stderr, /could not be revoked/);
    assert.deepEqual(await readdir(orgs), []);
  });

  test("asks on a terminal; no is no", { skip: missing("tmux") }, async () => {
    const { path, orgs } = await home("prod");
    const terminal = await openTerminal({
      command: [...selfCommand(), join(root, "cli.ts"), "logout", "prod"],
      env: { HOME: path },
    });
    try {
      await terminal.waitFor("Forget prod");
      await terminal.press("Enter");
      assert.equal(await terminal.exited(), 130);
      assert.deepEqual(await readdir(orgs), ["prod.json"]);
    } finally {
      await terminal.close();
    }
  });

  test("sends the user to sf for an org of sf", async () => {
    const { path, sfetch } = await home();
    await addSfOrg(path, "theirs");
    const { code, stderr } = await sfetch("logout", "theirs", "--yes");
    assert.equal(code, 2);
    assert.match(stderr, /sf org logout --target-org theirs/);
  });
});

describe("the token cache", () => {
  test("lets the next process work without signing in; files and folders are private", async () => {
    const { tokens, sfetch } = await home("prod");
    org.control.clearRequests();
    assert.equal((await sfetch("get", "/limits", "--org", "prod")).code, 0);
    assert.equal((await sfetch("get", "/limits", "--org", "prod")).code, 0);
    assert.equal(org.control.tokenRequests(), 1);
    assert.equal(await modeOf(tokens), "700");
    const [file] = await readdir(tokens);
    assert.match(file!, /^[0-9a-f]{64}\.json$/);
    assert.equal(await modeOf(join(tokens, file!)), "600");
  });

  test("replaces a token whose session died", async () => {
    const { tokens, sfetch } = await home("prod");
    await sfetch("get", "/limits", "--org", "prod");
    const [file] = await readdir(tokens);
    const before = await readFile(join(tokens, file!), "utf8");
    org.control.expireSessions();
    org.control.clearRequests();
    assert.equal((await sfetch("get", "/limits", "--org", "prod")).code, 0);
    assert.equal(org.control.tokenRequests(), 1);
    assert.notEqual(await readFile(join(tokens, file!), "utf8"), before);
    assert.equal((await sfetch("get", "/limits", "--org", "prod")).code, 0);
    assert.equal(org.control.tokenRequests(), 1);
  });

  test("lets 20 processes at once make one token request", async () => {
    const { path, tokens } = await home("prod");
    org.control.clearRequests();
    const results = await Promise.all(
      Array.from(
        { length: 20 },
        () => runSelf(["get", "/limits", "--org", "prod"], { env: { HOME: path } }),
      ),
    );
    for (const { code, stdout, stderr } of results) {
      assert.equal(code, 0, stderr);
      assert.ok(JSON.parse(stdout).DailyApiRequests);
    }
    assert.equal(org.control.tokenRequests(), 1);
    assert.equal((await readdir(tokens)).length, 1, "no lock and no draft is left behind");
  });

  test("does without where its folder cannot be used", async () => {
    const { path, sfetch } = await home("prod");
    await writeFile(join(path, ".cache"), "a file where a folder should be");
    assert.equal((await sfetch("get", "/limits", "--org", "prod")).code, 0);
  });

  test("leaves no lock on a full disk, which costs the cache alone", async () => {
    const { path, tokens } = await home("prod");
    // What a full disk does: files can be created, and nothing can be written into them.
    const line = `trap '' XFSZ; ulimit -f 0; exec "$@"`;
    const command = [...selfCommand(), join(root, "cli.ts"), "get", "/limits", "--org", "prod"];
    org.control.clearRequests();
    for (let i = 1; i <= 2; i++) {
      const { code, stderr } = await run(["sh", "-c", line, "sh", ...command], {
        env: { HOME: path },
      });
      assert.equal(code, 0, stderr);
      assert.equal(org.control.tokenRequests(), i);
    }
    assert.deepEqual(await readdir(tokens), []);
  });

  test("replaces a damaged file", async () => {
    const { tokens, sfetch } = await home("prod");
    await sfetch("get", "/limits", "--org", "prod");
    const file = join(tokens, (await readdir(tokens))[0]!);
    await writeFile(file, '{"accessToken": "00D');
    assert.equal((await sfetch("get", "/limits", "--org", "prod")).code, 0);
    assert.ok(JSON.parse(await readFile(file, "utf8")).accessToken);
  });
});

describe("tokenCache()", () => {
  const token = (accessToken: string): StoredToken => ({
    accessToken,
    instanceUrl: "https://acme.my.salesforce.com",
    tokenType: "Bearer",
    issuedAt: Date.now(),
  });

  test("lets one sign in while the others wait for what it brings", async () => {
    const path = folder();
    const [first, second] = [tokenCache(path), tokenCache(path)];
    assert.equal(await first.get("key"), undefined);
    const waiting = second.get("key");
    await first.set("key", token("new"));
    assert.equal((await waiting)?.accessToken, "new");
  });

  test("lets the next one try where the first failed", async () => {
    const path = folder();
    const [first, second] = [tokenCache(path), tokenCache(path)];
    await first.get("key");
    const waiting = second.get("key");
    await first.set("key", undefined);
    assert.equal(await waiting, undefined);
    await second.set("key", token("second"));
    assert.equal((await first.get("key"))?.accessToken, "second");
  });

  test("takes over the lock of a process that died", async () => {
    const path = folder();
    const child = spawn(selfCommand()[0]!, ["--version"]);
    await new Promise((resolve) => child.on("close", resolve));
    await tokenCache(path).get("key");
    const [lock] = await readdir(path);
    await writeFile(join(path, lock!), String(child.pid));
    assert.equal(await tokenCache(path).get("key"), undefined);
  });

  test("takes over an empty lock that nobody is writing any more", async () => {
    const path = folder();
    await tokenCache(path).get("key");
    const lock = join(path, (await readdir(path))[0]!);
    await writeFile(lock, "");
    const before = new Date(Date.now() - 60_000);
    await utimes(lock, before, before);
    assert.equal(await tokenCache(path).get("key"), undefined);
  });

  test("forgets a dead token, but not one that another process has put in its place", async () => {
    const path = folder();
    const [first, second] = [tokenCache(path), tokenCache(path)];
    await first.set("key", token("old"));
    await first.get("key");
    await second.get("key");
    await first.set("key", undefined);
    assert.equal(await first.get("key"), undefined);
    await first.set("key", token("new"));
    await second.set("key", undefined);
    assert.equal((await second.get("key"))?.accessToken, "new");
  });
});

const cannotHide = process.getuid?.() === 0 ? missing("unshare") : "needs root";

describe("a user without a home folder", { skip: cannotHide }, () => {
  /** Runs `sfetch` where the system does not know its user, as in many containers. */
  const sfetch = (...args: string[]) => {
    const hide = ["/etc/passwd", "/etc/nsswitch.conf"].map((file) => `mount -B /dev/null ${file}`);
    const command = ["sh", "-c", `${hide.join(" && ")} && exec "$@"`, "sh"];
    // Root may write anywhere, and must not write its cache into / here.
    const env = { HOME: undefined, XDG_CACHE_HOME: folder(), ...org.env };
    return run(
      ["unshare", "-m", ...command, ...selfCommand(), join(root, "cli.ts"), ...args],
      { env, cwd: "/" },
    );
  };

  test("works with settings from the environment, and keeps nothing", async () => {
    const { code, stdout, stderr } = await sfetch("get", "/limits");
    assert.equal(code, 0, stderr);
    assert.ok(JSON.parse(stdout).DailyApiRequests);
    assert.equal(stderr, "");
  });

  test("has no orgs, and a doctor", async () => {
    const listed = await sfetch("orgs");
    assert.deepEqual([listed.code, listed.stdout, listed.stderr], [0, "[]\n", ""]);
    const { code, stderr } = await sfetch("doctor", "--json");
    assert.equal(code, 0, stderr);
  });
});

describe("private files", () => {
  test("are of mode 0600 in folders of mode 0700, and written whole", async () => {
    const path = join(folder(), "a", "b", "file.json");
    await writePrivate(path, "one");
    await writePrivate(path, "two");
    assert.equal(await readFile(path, "utf8"), "two");
    assert.equal(await modeOf(path), "600");
    assert.equal(await modeOf(join(path, "..")), "700");
    assert.equal(await modeOf(join(path, "..", "..")), "700");
    assert.deepEqual(await readdir(join(path, "..")), ["file.json"]);
  });

  test("take the place of a file that was open to all", async () => {
    const path = join(folder(), "file.json");
    await writeFile(path, "old");
    await chmod(path, 0o644);
    await writePrivate(path, "new");
    assert.equal(await modeOf(path), "600");
  });

  test("include what Node compiled, which is run the next time", async () => {
    const path = folder();
    const line = `umask 000; exec node '${join(root, "cli.ts")}' --version`;
    const env = {
      HOME: path,
      NODE_DISABLE_COMPILE_CACHE: undefined,
      NODE_COMPILE_CACHE: undefined,
    };
    await run(["sh", "-c", line], { env });
    assert.equal(await modeOf(join(path, ".cache/sfetch/compiled")), "700");
  });

  test("that exist are not overwritten by createPrivate()", async () => {
    const path = join(folder(), "server.key");
    await createPrivate(path, "mine");
    await assert.rejects(createPrivate(path, "other"), { code: "EEXIST" });
    assert.equal(await readFile(path, "utf8"), "mine");
  });
});
