import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { missing } from "./helpers/missing.ts";
import { lockPort } from "./helpers/port-lock.ts";
import { type PracticeProcess, startPracticeProcess } from "./helpers/practice-process.ts";
import {
  root,
  type RunResult,
  runSelf,
  selfCommand,
  startSelf,
  temporaryFolder,
} from "./helpers/runtime.ts";
import { openTerminal, type Terminal } from "./helpers/terminal.ts";
import { PATIENCE } from "./helpers/until.ts";

const org = await startPracticeProcess();
after(() => org.close());

/** A HOME for one test, and what is in it. */
class Home {
  readonly path = temporaryFolder();

  env(more: Record<string, string> = {}): Record<string, string> {
    return { HOME: this.path, ...more };
  }

  run(...args: string[]): Promise<RunResult> {
    return runSelf(args, { env: this.env() });
  }

  /** The path of something that sfetch keeps. */
  kept(...names: string[]): string {
    return join(this.path, ".config", "sfetch", ...names);
  }

  // deno-lint-ignore no-explicit-any
  async saved(name: string): Promise<any> {
    return JSON.parse(await readFile(this.kept("orgs", `${name}.json`), "utf8"));
  }

  /** Everything that sfetch keeps, by its path. */
  async list(): Promise<string[]> {
    const files = await readdir(this.kept(), { recursive: true }).catch(() => []);
    return files.sort();
  }

  remove(): Promise<void> {
    return removeFolder(this.path);
  }
}

async function withHome(use: (home: Home) => Promise<void>): Promise<void> {
  const home = new Home();
  try {
    await use(home);
  } finally {
    await home.remove();
  }
}

/** The flags of a sign-in to the practice org. */
function flags(
  { url, clientId, username, privateKeyFile }: PracticeProcess,
  changes: Record<string, string> = {},
): string[] {
  const all = {
    "client-id": clientId,
    username,
    "login-url": url,
    key: privateKeyFile,
    ...changes,
  };
  return Object.entries(all).filter(([, value]) => value).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe("login with flags", () => {
  test("saves an org that other commands use at once", () =>
    withHome(async (home) => {
      const { code, stdout, stderr } = await home.run("login", "dev", ...flags(org));
      assert.equal(code, 0, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /Signed in as admin@practice\.example to .*Developer Edition/);
      assert.match(stderr, /Saved as "dev", the default org/);

      const saved = await home.saved("dev");
      assert.equal(saved.clientId, org.clientId);
      assert.equal(saved.privateKeyFile, org.privateKeyFile);
      assert.equal(saved.loginUrl, org.url);
      assert.equal(saved.kind, "developer");
      assert.match(saved.orgId, /^00D\w{15}$/);
      assert.equal(saved.audience, undefined);
      assert.equal(await modeOf(home.kept("orgs", "dev.json")), "600");
      assert.equal(await modeOf(home.kept("orgs")), "700");

      await org.control("clear-requests");
      const get = await home.run("get", "/limits");
      assert.equal(get.code, 0, get.stderr);
      assert.ok(JSON.parse(get.stdout).DailyApiRequests);
      const { tokenRequests } = await org.control("requests");
      assert.equal(tokenRequests, 0, "the token of the login is used");
    }));

  test("keeps the audience where it is not the login URL", () =>
    withHome(async (home) => {
      await org.control("set", { ownAudience: false });
      try {
        const args = ["login", "dev", ...flags(org)];
        const own = await home.run(...args);
        assert.equal(own.code, 1, own.stderr);
        assert.match(own.stderr, /audience is invalid/, "and no assertion for another server");
        const env = home.env({ SF_AUDIENCE_URL: "https://login.salesforce.com" });
        const { code, stderr } = await runSelf(args, { env });
        assert.equal(code, 0, stderr);
        assert.equal((await home.saved("dev")).audience, "https://login.salesforce.com");
      } finally {
        await org.control("set", { ownAudience: true });
      }
    }));

  test("tells production, sandbox, scratch org and Developer Edition apart", () =>
    withHome(async (home) => {
      const soon = "2027-01-01T00:00:00.000+0000";
      const kinds: [string, boolean, string | null, string][] = [
        ["production", false, null, "Enterprise Edition"],
        ["production", false, soon, "Enterprise Edition"],
        ["sandbox", true, null, "Enterprise Edition"],
        ["scratch", true, soon, "Developer Edition"],
        ["developer", false, null, "Developer Edition"],
      ];
      for (const [kind, IsSandbox, TrialExpirationDate, OrganizationType] of kinds) {
        const record = {
          Id: "00D000000000001EAA",
          IsSandbox,
          TrialExpirationDate,
          OrganizationType,
        };
        const body = { totalSize: 1, done: true, records: [record] };
        await org.control("fault", { kind: "status", status: 200, body, path: "/services/data" });
        const { code, stderr } = await home.run("login", "dev", "--overwrite", ...flags(org));
        assert.equal(code, 0, stderr);
        assert.equal((await home.saved("dev")).kind, kind);
      }
    }));

  test("saves an org that will not say what it is", () =>
    withHome(async (home) => {
      await org.control("fault", { kind: "rest-error", error: "daily-limit" });
      const { code, stderr } = await home.run("login", "dev", ...flags(org));
      assert.equal(code, 0, stderr);
      assert.match(stderr, /warning: Signed in, but the kind of org could not be found out/);
      const { kind, orgId } = await home.saved("dev");
      assert.equal(kind, undefined);
      assert.match(orgId, /^00D\w{15}$/); // the identity URL has it
    }));

  test("refuses a name that is taken, and replaces it when told to", () =>
    withHome(async (home) => {
      await home.run("login", "dev", ...flags(org));
      const again = await home.run("login", "dev", ...flags(org));
      assert.equal(again.code, 2);
      assert.match(
        again.stderr,
        /"dev" is already saved: admin@practice\.example.*\n.*--overwrite/,
      );

      const replaced = await home.run(
        "login",
        "dev",
        "--overwrite",
        ...flags(org, { "client-id": org.apps.jwtTokens! }),
      );
      assert.equal(replaced.code, 0, replaced.stderr);
      assert.equal((await home.saved("dev")).clientId, org.apps.jwtTokens);
    }));

  test("makes the second org the default only when told to", () =>
    withHome(async (home) => {
      const defaultOrg = async () =>
        JSON.parse(await readFile(home.kept("config.json"), "utf8")).defaultOrg;
      await home.run("login", "one", ...flags(org));
      await home.run("login", "two", ...flags(org));
      assert.equal(await defaultOrg(), "one");
      await home.run("login", "three", "--default", ...flags(org));
      assert.equal(await defaultOrg(), "three");
    }));

  test("names what is missing where nobody can be asked", () =>
    withHome(async (home) => {
      const { code, stdout, stderr } = await home.run("login", "--username", "a@b.example");
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(
        stderr,
        /Missing: NAME, --client-id, --login-url, --key FILE \(or --generate-key\)/,
      );
      assert.doesNotMatch(stderr, /Missing: .*--username/);
    }));

  test("leaves no key behind where the sign-in fails and nobody could have uploaded its certificate", () =>
    withHome(async (home) => {
      const { code, stderr } = await home.run(
        "login",
        "dev",
        "--generate-key",
        ...flags(org, { key: "" }),
      );
      assert.equal(code, 1);
      assert.match(stderr, /Created the private key/);
      assert.match(stderr, /invalid assertion[\s\S]*does not belong to the certificate/);
      assert.deepEqual(await home.list(), []);
    }));

  test("saves without a check, with a key made for it, and replaces that key with the org", () =>
    withHome(async (home) => {
      const made = ["login", "dev", "--generate-key", "--no-check", "--days", "30"];
      const first = await home.run(...made, ...flags(org, { key: "" }));
      assert.equal(first.code, 0, first.stderr);
      const { privateKeyFile, kind } = await home.saved("dev");
      assert.equal(kind, undefined);
      assert.equal(privateKeyFile, home.kept("keys", "dev.key"));
      assert.equal(await modeOf(privateKeyFile), "600");
      assert.equal(await modeOf(home.kept("keys")), "700");
      assert.match(await readFile(home.kept("keys", "dev.crt"), "utf8"), /BEGIN CERTIFICATE/);

      const second = await home.run(...made, "--overwrite", ...flags(org, { key: "" }));
      assert.equal(second.code, 0, second.stderr);
      assert.notEqual((await home.saved("dev")).privateKeyFile, privateKeyFile);
      assert.deepEqual(await readdir(home.kept("keys")), ["dev-2.crt", "dev-2.key"]);
    }));

  test("takes an encrypted key with its passphrase, and saves neither", () =>
    withHome(async (home) => {
      const key = createPrivateKey(await readFile(org.privateKeyFile, "utf8"));
      const encrypted = join(home.path, "encrypted.key");
      await writeFile(
        encrypted,
        key.export({
          type: "pkcs8",
          format: "pem",
          cipher: "aes-256-cbc",
          passphrase: "open sesame",
        }),
        { mode: 0o600 },
      );
      const call = ["login", "dev", ...flags(org, { key: encrypted })];
      const without = await home.run(...call);
      assert.equal(without.code, 2);
      assert.match(
        without.stderr,
        /encrypted, and there is no passphrase[\s\S]*SF_PRIVATE_KEY_PASSPHRASE/,
      );

      const env = home.env({ SF_PRIVATE_KEY_PASSPHRASE: "open sesame" });
      const { code, stderr } = await runSelf(call, { env });
      assert.equal(code, 0, stderr);
      assert.match(stderr, /passphrase .* is not saved\. Set SF_PRIVATE_KEY_PASSPHRASE/);
      assert.doesNotMatch(await readFile(home.kept("orgs", "dev.json"), "utf8"), /sesame|PRIVATE/);
    }));

  test("takes a page of the org for its My Domain, and a bare name too", () =>
    withHome(async (home) => {
      const hosts = {
        "https://acme.lightning.force.com/lightning/page/home": "https://acme.my.salesforce.com",
        "acme": "https://acme.my.salesforce.com",
        "acme--dev": "https://acme--dev.sandbox.my.salesforce.com",
        "sandbox": "https://test.salesforce.com",
      };
      for (const [given, understood] of Object.entries(hosts)) {
        const call = ["login", "dev", "--no-check", "--overwrite"];
        const { code, stderr } = await home.run(...call, ...flags(org, { "login-url": given }));
        assert.equal(code, 0, stderr);
        assert.equal((await home.saved("dev")).loginUrl, understood);
      }
    }));
});

describe("secrets in the wrong place", () => {
  test("are named, and not repeated", () =>
    withHome(async (home) => {
      const key = await readFile(org.privateKeyFile, "utf8");
      const authUrl = "force://PlatformCLI::5Aep861refresh.token@acme.my.salesforce.com";
      const calls: [string[], RegExp][] = [
        [flags(org, { "login-url": authUrl }), /SFDX auth URL.*\n.*: acme\.my\.salesforce\.com/],
        [flags(org, { "client-id": authUrl }), /--client-id is invalid/],
        [flags(org, { username: authUrl }), /--username is invalid/],
        [flags(org, { key }), /text of a key or certificate, where the name of its file belongs/],
        [flags(org, { key: key.replaceAll("\n", "\\n") }), /text of a key/],
        [flags(org, { "login-url": key }), /is a key\. It is not shown here/],
      ];
      for (const [given, message] of calls) {
        const { code, stdout, stderr } = await home.run("login", "dev", ...given);
        assert.equal(code, 2, stderr);
        assert.match(stderr, message);
        assert.doesNotMatch(stdout + stderr, /5Aep861|BEGIN|MII\w{20}/);
      }
      const named = await home.run("login", key, ...flags(org));
      assert.equal(named.code, 2);
      assert.doesNotMatch(named.stderr, /BEGIN|MII\w{20}/);
    }));
});

const cli = join(root, "cli.ts");

/** Opens a terminal with `sfetch login` in it. */
function openLogin(home: Home, ...args: string[]): Promise<Terminal> {
  return openTerminal({
    command: [...selfCommand(), cli, "login", ...args],
    env: home.env({ BROWSER: "true" }),
    width: 180,
    height: 60,
  });
}

/** Waits for a question and answers it. */
async function answer(terminal: Terminal, question: string, text: string): Promise<void> {
  // The mark of a question that waits; an answered one has another.
  await terminal.waitFor(new RegExp(`◆ +${question}`));
  await terminal.send(`${text}\n`);
}

describe("login in a terminal", { skip: missing("tmux") }, () => {
  test("goes through to a saved org, one wrong answer explained and mended", () =>
    withHome(async (home) => {
      const terminal = await openLogin(home);
      let ownOrg: PracticeProcess | undefined;
      try {
        await answer(terminal, "A name for this org", "dev");
        await answer(terminal, "The private key to sign in with", "");
        const screen = await terminal.waitFor(/its certificate \S+\.crt/);
        const [, certificate] = /its certificate (\S+\.crt)/.exec(screen)!;
        await answer(terminal, "The app in Salesforce that holds the certificate", "");
        await terminal.waitFor("New External Client App");

        // What an admin does with the steps: an org whose app has this certificate.
        ownOrg = await startPracticeProcess("--cert", certificate!);
        await answer(terminal, "Consumer key of the app", `${ownOrg.clientId}x`);
        await answer(terminal, "Username to work as", ownOrg.username);
        await answer(terminal, "My Domain of the org", `${ownOrg.url}/lightning/page/home`);
        await terminal.waitFor(`Understood as ${ownOrg.url}`);

        await terminal.waitFor("client identifier invalid");
        await terminal.waitFor("The consumer key is wrong or belongs to another org");
        await terminal.waitFor("● Another consumer key");
        await terminal.press("Enter");
        await terminal.waitFor(/◆ +Consumer key of the app/);
        await terminal.press("BSpace"); // the rest of the answer stands
        await terminal.press("Enter");

        await terminal.waitFor('Saved as "dev", the default org');
        assert.equal(await terminal.exited(), 0);
        const saved = await home.saved("dev");
        assert.equal(saved.clientId, ownOrg.clientId);
        assert.equal(saved.privateKeyFile, home.kept("keys", "dev.key"));
        const query = await home.run("query", "SELECT Id FROM Account LIMIT 1");
        assert.equal(query.code, 0, query.stderr);
      } finally {
        await terminal.close();
        await ownOrg?.close();
      }
    }));

  test("asks only for what no flag says", () =>
    withHome(async (home) => {
      const terminal = await openLogin(home, "dev", ...flags(org, { username: "" }));
      try {
        await answer(terminal, "Username to work as", org.username);
        await terminal.waitFor('Saved as "dev"');
        assert.equal(await terminal.exited(), 0);
      } finally {
        await terminal.close();
      }
    }));

  test("removes the key it made where another one is used in the end", () =>
    withHome(async (home) => {
      const terminal = await openLogin(home, "dev", "--generate-key", ...flags(org, { key: "" }));
      try {
        await terminal.waitFor(
          `must have the certificate of this key: ${home.kept("keys", "dev.crt")}`,
        );
        await terminal.waitFor("● Another private key");
        await terminal.press("Enter");
        await terminal.waitFor(/◆ +Private key file/);
        await terminal.press("C-u");
        await terminal.send(`${org.privateKeyFile}\n`);
        await terminal.waitFor('Saved as "dev"');
        assert.equal(await terminal.exited(), 0);
        assert.equal((await home.saved("dev")).privateKeyFile, org.privateKeyFile);
        assert.deepEqual(await readdir(home.kept("keys")).catch(() => []), []);
      } finally {
        await terminal.close();
      }
    }));

  test("saves it untested where the user wants to continue later", () =>
    withHome(async (home) => {
      const wrong = flags(org, { "client-id": "3MVG9new" });
      const terminal = await openLogin(home, "dev", ...wrong);
      try {
        await terminal.waitFor("● Another consumer key");
        await terminal.press("Up", "Up"); // round to the last choice
        await terminal.waitFor("● Save it untested");
        await terminal.press("Enter");
        await terminal.waitFor(/doctor signs in/);
        assert.equal(await terminal.exited(), 0);
        assert.equal((await home.saved("dev")).clientId, "3MVG9new");
      } finally {
        await terminal.close();
      }
    }));

  test("asks nothing on a dumb terminal, and names what is missing", () =>
    withHome(async (home) => {
      const terminal = await openTerminal({
        command: ["env", "TERM=dumb", ...selfCommand(), cli, "login"],
        env: home.env(),
      });
      try {
        await terminal.waitFor("--client-id");
        assert.equal(await terminal.exited(), 2);
      } finally {
        await terminal.close();
      }
    }));

  test("asks for the passphrase of an encrypted key again until it is right", () =>
    withHome(async (home) => {
      const key = createPrivateKey(await readFile(org.privateKeyFile, "utf8"));
      const encrypted = join(home.path, "encrypted.key");
      const cipher = { cipher: "aes-256-cbc", passphrase: "open sesame" };
      await writeFile(encrypted, key.export({ type: "pkcs8", format: "pem", ...cipher }));
      const terminal = await openLogin(home, "dev", ...flags(org, { key: encrypted }));
      try {
        await answer(terminal, "Passphrase of", "wrong");
        await terminal.waitFor("The passphrase is wrong");
        await answer(terminal, "Passphrase of", "open sesame");
        const screen = await terminal.waitFor("Set SF_PRIVATE_KEY_PASSPHRASE");
        assert.doesNotMatch(screen, /sesame/);
        assert.equal(await terminal.exited(), 0);
      } finally {
        await terminal.close();
      }
    }));

  for (
    const [where, key] of [["a question", "C-c"], ["a question", "C-d"], ["the sign-in", "C-c"]]
  ) {
    test(`keeps the key that it created after ${key} during ${where}, and offers it again`, () =>
      withHome(async (home) => {
        const hanging = createServer();
        await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
        const { port } = hanging.address() as { port: number };
        const url = `http://127.0.0.1:${port}`;
        const given = where === "a question"
          ? ["dev", "--generate-key"]
          : ["dev", "--generate-key", ...flags(org, { key: "", "login-url": url })];
        const reached = new Promise<void>((resolve) => hanging.once("connection", () => resolve()));
        const terminal = await openLogin(home, ...given);
        try {
          if (where === "a question") await terminal.waitFor("◆  The app in Salesforce");
          else await reached;
          assert.ok((await home.list()).includes(join("keys", "dev.key")));
          await terminal.press(key!);
          assert.equal(await terminal.exited(), 130);
          await terminal.waitFor("The org was not saved. The next login offers this key again");
          assert.ok((await terminal.screen()).includes(home.kept("keys", "dev.crt")));
          assert.deepEqual(await home.list(), ["keys", "keys/dev.crt", "keys/dev.key"]);
        } finally {
          await terminal.close();
          hanging.close();
        }
        const again = await openLogin(home, "dev");
        try {
          await answer(again, "The private key to sign in with", "");
          await again.waitFor("◆  The app in Salesforce");
          await again.press("Down", "Down", "Down", "Enter");
          await again.waitFor(`must have this certificate: ${home.kept("keys", "dev.crt")}`);
          await again.press("C-c");
          await again.waitFor("Nothing was saved.");
          assert.equal(await again.exited(), 130);
          assert.deepEqual(await home.list(), ["keys", "keys/dev.crt", "keys/dev.key"]);
        } finally {
          await again.close();
        }
      }));
  }
});

const CALLBACK_PORT = 1717;

/** A login that runs and has printed the page to open. */
interface WaitingLogin {
  url: string;
  ended: Promise<RunResult>;
}

/** Starts `login --approve` through the app that users approve themselves, up to the URL it prints. */
async function startApproval(home: Home): Promise<WaitingLogin> {
  const args = [
    "login",
    "dev",
    "--approve",
    ...flags(org, { "client-id": org.apps.selfAuthorize! }),
  ];
  const child = startSelf(args, { env: home.env({ BROWSER: "true" }) });
  let stdout = "";
  let stderr = "";
  child.stdout!.on("data", (chunk) => stdout += chunk);
  const ended = new Promise<RunResult>((resolve) =>
    child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr }))
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr!.on("data", (chunk) => {
      stderr += chunk;
      const [, found] = /^(http\S+\/authorize\?\S+)\n/m.exec(stderr) ?? [];
      if (found) resolve(found);
    });
    ended.then(({ stderr }) => reject(new Error(`login ended: ${stderr}`)));
  });
  return { url, ended };
}

/** Opens a page in a real browser, with a profile of its own. */
async function withBrowser(
  use: (page: import("playwright-core").Page) => Promise<void>,
): Promise<void> {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    // deno-fmt-ignore
    args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    timeout: PATIENCE,
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    await use(page);
  } finally {
    await browser.close();
  }
}

async function withCallbackPort(use: () => Promise<void>): Promise<void> {
  const release = await lockPort(CALLBACK_PORT);
  try {
    await use();
  } finally {
    release();
  }
}

describe("login through the browser", { skip: missing("chromium") }, () => {
  test("signs in once the user has approved the app", () =>
    withCallbackPort(() =>
      withHome(async (home) => {
        const { url, ended } = await startApproval(home);
        const parameters = new URL(url).searchParams;
        assert.equal(parameters.get("code_challenge_method"), "S256");
        assert.equal(parameters.get("login_hint"), org.username);
        assert.doesNotMatch(url, /token=|00D\w+!|code_verifier/);
        await withBrowser(async (page) => {
          await page.goto(url);
          await page.click("#Login");
          await page.click("#oaapprove");
          await page.waitForURL(/localhost:1717/);
          assert.match(await page.innerText("body"), /The app is approved.*close this window/);
        });
        const { code, stdout, stderr } = await ended;
        assert.equal(code, 0, stderr);
        assert.equal(stdout, "");
        assert.equal((await home.saved("dev")).clientId, org.apps.selfAuthorize);
        const get = await home.run("get", "/limits");
        assert.equal(get.code, 0, get.stderr);
        await assert.rejects(fetch(`http://127.0.0.1:${CALLBACK_PORT}/`), "the listener is gone");
      })
    ));

  const tools = { skip: missing("chromium", "tmux") };
  test(
    "is offered in a terminal where the user has not approved the app",
    tools,
    () =>
      withCallbackPort(() =>
        withHome(async (home) => {
          const clientId = org.apps.selfAuthorize!;
          const given = flags(org, { "client-id": clientId, username: org.users.notApproved! });
          const terminal = await openLogin(home, "dev", ...given);
          try {
            await terminal.waitFor("user hasn't approved this consumer");
            await terminal.waitFor("● Approve the app in the browser");
            await terminal.press("Enter");
            const screen = await terminal.waitFor(/\/authorize\?\S+code_challenge_method=S256/);
            const [url] = /http\S+\/authorize\?\S+/.exec(screen)!;
            await withBrowser(async (page) => {
              await page.goto(url);
              await page.click("#Login");
              await page.click("#oaapprove");
              await page.waitForURL(/localhost:1717/);
            });
            await terminal.waitFor('Saved as "dev"');
            assert.equal(await terminal.exited(), 0);
            assert.equal((await home.saved("dev")).username, org.users.notApproved);
          } finally {
            await terminal.close();
          }
        })
      ),
  );

  test("explains that the user has denied access", () =>
    withCallbackPort(() =>
      withHome(async (home) => {
        const { url, ended } = await startApproval(home);
        await withBrowser(async (page) => {
          await page.goto(url);
          await page.click("#Login");
          await page.click("#oadeny");
          await page.waitForURL(/localhost:1717/);
          assert.match(await page.innerText("body"), /did not grant access.*terminal says why/);
        });
        const { code, stderr } = await ended;
        assert.equal(code, 1);
        assert.match(stderr, /not approved: access_denied.*\n.*choose Allow/);
        assert.deepEqual(await home.list(), []);
      })
    ));
});

/** Sends a request whose target `fetch` would not send, and returns the answer. */
async function rawRequest(line: string): Promise<string> {
  const socket = connect(CALLBACK_PORT, "127.0.0.1");
  socket.end(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  return await text(socket);
}

describe("the browser approval's listener", () => {
  test("takes no answer that belongs to another sign-in, and nothing from elsewhere", () =>
    withCallbackPort(() =>
      withHome(async (home) => {
        const { url, ended } = await startApproval(home);
        const callback = `http://127.0.0.1:${CALLBACK_PORT}/OauthRedirect`;
        const forged = await fetch(`${callback}?code=stolen&state=guessed`);
        assert.equal(forged.status, 400);
        await forged.text();
        const other = await fetch(`http://127.0.0.1:${CALLBACK_PORT}/favicon.ico`);
        assert.equal(other.status, 404);
        await other.text();

        assert.match(await rawRequest("GET //"), /^HTTP\/1\.1 404/);
        assert.match(await rawRequest("GET /OauthRedirect?%"), /^HTTP\/1\.1 400/);

        const state = new URL(url).searchParams.get("state")!;
        const answer = new URLSearchParams({ state, error: "access_denied" });
        await (await fetch(`${callback}?${answer}`)).text();
        assert.equal((await ended).code, 1);
      })
    ));

  test("says who has its port", () =>
    withCallbackPort(() =>
      withHome(async (home) => {
        const other = createServer();
        await new Promise<void>((resolve) => other.listen(CALLBACK_PORT, "127.0.0.1", resolve));
        try {
          const { code, stderr } = await home.run("login", "dev", "--approve", ...flags(org));
          assert.equal(code, 2);
          assert.match(stderr, /Cannot listen on port 1717.*already in use/);
        } finally {
          other.close();
        }
      })
    ));

  test("is not waited on where the app itself is refused", () =>
    withCallbackPort(() =>
      withHome(async (home) => {
        const wrong = flags(org, { "client-id": "3MVG9wrong" });
        const unknown = await home.run("login", "dev", "--approve", ...wrong);
        assert.equal(unknown.code, 1);
        assert.match(unknown.stderr, /not approved: invalid_client_id\.\n.*consumer key is wrong/);

        const { clientId } = await org.control("app", {
          clientId: org.apps.webServer,
          callbackUrls: ["https://elsewhere.example"],
        });
        const elsewhere = flags(org, { "client-id": clientId as string });
        const mismatch = await home.run("login", "dev", "--approve", ...elsewhere);
        assert.equal(mismatch.code, 1);
        assert.match(mismatch.stderr, /redirect_uri_mismatch\.\nAdd http:\/\/localhost:1717/);
      })
    ));
});
