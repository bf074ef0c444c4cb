import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { createSession, type SessionOptions, type Settings, SettingsError } from "../mod.ts";
import { runCode } from "./helpers/code.ts";
import { temporaryFolder } from "./helpers/runtime.ts";

const home = temporaryFolder();
after(() => rmSync(home, { recursive: true }));
write(".config/sfetch/orgs/prod.json", {
  clientId: "prod-app",
  username: "prod@acme",
  privateKeyFile: "/keys/prod.key",
  loginUrl: "https://acme.my.salesforce.com",
  kind: "production",
});
write(".sfdx/alias.json", { orgs: { scratch: "test-1@acme", web: "web@acme" } });
write(".sfdx/test-1@acme.json", {
  clientId: "PlatformCLI",
  username: "test-1@acme",
  privateKey: "/keys/sf.key",
  loginUrl: "https://acme--1.scratch.my.salesforce.com",
});
write(".sfdx/web@acme.json", { username: "web@acme", accessToken: "encrypted" });
write(".sfdx/broken@acme.json", "{");
write(".config/sfetch/orgs/odd.json", { clientId: "app", loginUrl: 7 });
write(".config/sfetch/orgs/null.json", "null");
write("saved/sfetch/config.json", { defaultOrg: "prod" });
write("saved/sfetch/orgs/prod.json", { clientId: "default-app", username: "default@acme" });
write("theirs/.sf/config.json", { "target-org": "test-1@acme" });
write("theirs/.sfdx/test-1@acme.json", { clientId: "PlatformCLI", privateKey: "/keys/sf.key" });

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  const text = typeof content === "string" ? content : JSON.stringify(content);
  writeFileSync(join(home, path), text);
}

interface Case {
  env?: Record<string, string>;
  options?: SessionOptions;
}

type Outcome = Settings & { error?: string };

/** What the settings are in each case: all of them in one child process, whose environment they set. */
async function settingsIn(...cases: Case[]): Promise<Outcome[]> {
  const { stdout, stderr } = await runCode(
    `
    import { createSession, SettingsError } from "./mod.ts";
    import process from "node:process";
    const outcomes = [];
    const secret = (settings, name) => settings[name] && { [name]: settings[name] };
    for (const { env = {}, options } of ${JSON.stringify(cases)}) {
      for (const name of Object.keys(process.env)) if (/^(SF_|XDG_)/.test(name)) delete process.env[name];
      process.env.HOME = ${JSON.stringify(home)};
      Object.assign(process.env, env);
      outcomes.push(await createSession(options).settings().then(
        // Secrets show only to those who ask for them.
        (settings) => ({ ...settings, ...secret(settings, "privateKey"), ...secret(settings, "passphrase"), ...secret(settings, "accessToken") }),
        (error) => ({
          error: error instanceof SettingsError ? error.message : "not a SettingsError: " + error,
        }),
      ));
    }
    console.log(JSON.stringify(outcomes));
    `,
    { cwd: home },
  );
  assert.ok(stdout, stderr);
  return JSON.parse(stdout);
}

const SIGN_IN = {
  SF_CLIENT_ID: "env-app",
  SF_USERNAME: "env@acme",
  SF_PRIVATE_KEY_FILE: "/keys/env.key",
};
const TOKEN = { SF_ACCESS_TOKEN: "00Denv!token", SF_INSTANCE_URL: "https://env.my.salesforce.com" };

describe("settings", () => {
  test("come from the environment, and say so", async () => {
    const [all, own] = await settingsIn({
      env: {
        ...SIGN_IN,
        SF_PRIVATE_KEY_PASSPHRASE: "secret",
        SF_LOGIN_URL: "https://acme.my.salesforce.com/",
        SF_AUDIENCE_URL: "https://login.salesforce.com/",
        SF_API_VERSION: "v66.0",
      },
    }, {
      env: { ...SIGN_IN, SF_ORG_API_VERSION: "65", SF_ORG_INSTANCE_URL: TOKEN.SF_INSTANCE_URL },
    });
    assert.deepEqual(all, {
      clientId: "env-app",
      username: "env@acme",
      privateKeyFile: "/keys/env.key",
      passphrase: "secret",
      loginUrl: "https://acme.my.salesforce.com",
      audience: "https://login.salesforce.com",
      apiVersion: "66.0",
      sources: {
        clientId: "SF_CLIENT_ID",
        username: "SF_USERNAME",
        privateKeyFile: "SF_PRIVATE_KEY_FILE",
        passphrase: "SF_PRIVATE_KEY_PASSPHRASE",
        loginUrl: "SF_LOGIN_URL",
        audience: "SF_AUDIENCE_URL",
        apiVersion: "SF_API_VERSION",
      },
    });
    assert.equal(own!.apiVersion, "65.0");
    assert.equal(own!.sources.apiVersion, "SF_ORG_API_VERSION");
    assert.equal(own!.loginUrl, "https://env.my.salesforce.com");
  });

  test("given as options go before the environment, and an empty one does not count", async () => {
    const [given, alias, empty, blank] = await settingsIn(
      { env: SIGN_IN, options: { clientId: "own-app", privateKey: "own key" } },
      { env: SIGN_IN, options: { iss: "own-app", sub: "own@acme", aud: "https://aud.example" } },
      { env: SIGN_IN, options: { clientId: "", username: undefined } },
      { env: { ...SIGN_IN, SF_API_VERSION: "", SF_LOGIN_URL: "  " } },
    );
    assert.equal(given!.clientId, "own-app");
    assert.equal(given!.sources.clientId, "option clientId");
    assert.equal(given!.username, "env@acme");
    assert.equal(given!.privateKey, "own key");
    assert.equal(given!.privateKeyFile, undefined, "the nearer key replaces the file further off");
    assert.deepEqual([alias!.clientId, alias!.username], ["own-app", "own@acme"]);
    assert.equal(alias!.audience, "https://aud.example");
    assert.equal(empty!.clientId, "env-app");
    assert.equal(blank!.apiVersion, "67.0");
    assert.equal(blank!.sources.apiVersion, "default");
    assert.equal(blank!.loginUrl, "https://login.salesforce.com");
  });

  test("take a token in the environment, but not beside a sign-in given as options", async () => {
    const [token, explicit, other] = await settingsIn(
      { env: TOKEN },
      { env: { ...TOKEN, ...SIGN_IN }, options: { clientId: "own-app" } },
      { env: { SF_ACCESS_TOKEN: "00Denv!token" } },
    );
    assert.equal(token!.accessToken, "00Denv!token");
    assert.equal(token!.instanceUrl, "https://env.my.salesforce.com");
    assert.equal(explicit!.accessToken, undefined);
    assert.equal(explicit!.instanceUrl, undefined);
    assert.equal(explicit!.clientId, "own-app");
    assert.match(other!.error!, /instanceUrl/);
    assert.match(other!.error!, /SF_INSTANCE_URL/);
  });

  test("come from a saved org; one named in the call is taken whole", async () => {
    const [named, byEnv, fallback, notAsked] = await settingsIn(
      { env: { ...SIGN_IN, ...TOKEN }, options: { org: "prod" } },
      { env: { SF_TARGET_ORG: "prod" } },
      { env: { XDG_CONFIG_HOME: join(home, "saved") } },
      { env: { XDG_CONFIG_HOME: join(home, "saved"), ...SIGN_IN } },
    );
    for (const settings of [named!, byEnv!]) {
      assert.equal(settings.clientId, "prod-app");
      assert.equal(settings.username, "prod@acme");
      assert.equal(settings.privateKeyFile, "/keys/prod.key");
      assert.equal(settings.loginUrl, "https://acme.my.salesforce.com");
      assert.equal(settings.accessToken, undefined);
      assert.equal(
        settings.sources.clientId,
        `org "prod" (${home}/.config/sfetch/orgs/prod.json)`,
      );
    }
    assert.equal(fallback!.clientId, "default-app");
    assert.equal(fallback!.org, "prod");
    assert.equal(notAsked!.clientId, "env-app");
    assert.equal(notAsked!.username, "env@acme");
  });

  test("come from an org that the sf CLI signed in by JWT, by alias, username or default", async () => {
    const [alias, username, fallback] = await settingsIn(
      { options: { org: "scratch" } },
      { env: { SF_TARGET_ORG: "test-1@acme" } },
      { env: { HOME: join(home, "theirs") } },
    );
    for (const settings of [alias!, username!]) {
      assert.equal(settings.clientId, "PlatformCLI");
      assert.equal(settings.username, "test-1@acme");
      assert.equal(settings.privateKeyFile, "/keys/sf.key");
      assert.equal(settings.loginUrl, "https://acme--1.scratch.my.salesforce.com");
    }
    assert.equal(fallback!.username, "test-1@acme");
  });

  test("name an org that is not known, was signed in otherwise, or whose file is broken", async () => {
    const [unknown, web, broken, path, odd, empty] = await settingsIn(
      { options: { org: "nowhere" } },
      { options: { org: "web" } },
      { options: { org: "broken@acme" } },
      { options: { org: "../../prod" } },
      { options: { org: "odd" } },
      { options: { org: "null" } },
    );
    assert.match(unknown!.error!, /No org named "nowhere"/);
    assert.match(unknown!.error!, /\.config\/sfetch\/orgs/);
    assert.match(unknown!.error!, /\.sfdx/);
    assert.match(web!.error!, /without a JWT key/);
    assert.match(broken!.error!, /broken@acme\.json is not valid JSON/);
    assert.match(path!.error!, /No org named/);
    assert.match(odd!.error!, /odd\.json has a loginUrl that is not text/);
    assert.match(empty!.error!, /null\.json is not a JSON object/);
  });

  test("that are missing are named, with every place that was looked at", async () => {
    const { stdout, stderr } = await runCode(
      `
      import { getToken } from "./mod.ts";
      await getToken().catch((error) => console.log(error.name + ": " + error.message));
      `,
      { env: { SF_CLIENT_ID: "", SF_USERNAME: "a@b" } },
    );
    assert.match(stdout, /^SettingsError: Missing setting/, stderr);
    for (
      const place of [
        /clientId/,
        /\biss\b/,
        /SF_CLIENT_ID \(set, but empty\)/,
        /privateKey/,
        /SF_PRIVATE_KEY\b/,
        /SF_PRIVATE_KEY_FILE/,
        /sfetch login/,
        /sf CLI/,
        /Consumer Key/,
      ]
    ) assert.match(stdout, place);
    assert.doesNotMatch(stdout, /SF_USERNAME/, "what is there is not called missing");
  });

  test("survive an environment and files that Deno does not allow to be read", async () => {
    const code = `
      import { createSession } from "./mod.ts";
      const { sources, ...settings } = await createSession({ clientId: "a" }).settings();
      console.log(JSON.stringify(settings));`;
    for (const permissions of [[], ["--allow-env=SF_*"], ["--allow-env"]]) {
      const { stdout, stderr } = await runCode(code, { permissions, env: { SF_USERNAME: "u" } });
      assert.ok(stdout, stderr);
      const { clientId, username } = JSON.parse(stdout);
      assert.equal(clientId, "a");
      assert.equal(username, permissions.length ? "u" : undefined);
    }
  });
});

describe("loginUrl", () => {
  const TURNED: [string, string][] = [
    ["production", "https://login.salesforce.com"],
    ["Sandbox", "https://test.salesforce.com"],
    [" test ", "https://test.salesforce.com"],
    ["acme.my.salesforce.com", "https://acme.my.salesforce.com"],
    ["acme.my.salesforce.com/", "https://acme.my.salesforce.com"],
    ["HTTPS://Acme.My.Salesforce.com/services/oauth2/token", "https://acme.my.salesforce.com"],
    ["https://acme.my.salesforce.com:8443/x?y#z", "https://acme.my.salesforce.com:8443"],
    ["https://acme.lightning.force.com/lightning/o/Account", "https://acme.my.salesforce.com"],
    [
      "https://acme--dev.sandbox.lightning.force.com",
      "https://acme--dev.sandbox.my.salesforce.com",
    ],
    ["acme-dev-ed.develop.lightning.force.com", "https://acme-dev-ed.develop.my.salesforce.com"],
    ["https://acme.my.salesforce-setup.com/lightning/setup", "https://acme.my.salesforce.com"],
    ["https://acme--c.vf.force.com/apex/Page", "https://acme.my.salesforce.com"],
    ["https://acme--dev--c.sandbox.vf.force.com", "https://acme--dev.sandbox.my.salesforce.com"],
    ["https://acme--c.na123.visual.force.com", "https://acme.my.salesforce.com"],
    ["https://acme.my.salesforce.com.mcas.ms", "https://acme.my.salesforce.com"],
    ["https://acme.lightning.force.com.mcas.ms", "https://acme.my.salesforce.com"],
    ["https://acme.lightning.crmforce.mil", "https://acme.my.salesforce.mil"],
    ["https://acme.lightning.sfcrmapps.cn", "https://acme.my.sfcrmproducts.cn"],
    ["https://acme.my.site.com/customers/", "https://acme.my.site.com/customers"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://127.0.0.1:8080/", "http://127.0.0.1:8080"],
    ["http://[::1]:8080", "http://[::1]:8080"],
  ];
  for (const [given, expected] of TURNED) {
    test(`${JSON.stringify(given)} is ${expected}`, async () => {
      const { loginUrl } = await createSession({ clientId: "a", loginUrl: given }).settings();
      assert.equal(loginUrl, expected);
    });
  }

  for (
    const [bad, why] of [
      ["http://acme.my.salesforce.com", /is not https/],
      ["http://127.0.0.1.evil.example", /is not https/],
      ["http://localhost.evil.example", /is not https/],
      ["ftp://acme.my.salesforce.com", /is not https/],
      ["https://user:pass@acme.my.salesforce.com", /user name or password/],
      ["https://", /is not a URL/],
      ["two words", /is not a URL/],
    ] as [string, RegExp][]
  ) {
    test(`${bad} is refused`, async () => {
      await assert.rejects(createSession({ clientId: "a", loginUrl: bad }).settings(), (error) => {
        assert.ok(error instanceof SettingsError);
        assert.match(error.message, /^The login URL from option loginUrl/);
        assert.match(error.message, why);
        assert.doesNotMatch(error.message, /pass@/);
        return true;
      });
    });
  }
});

describe("apiVersion", () => {
  for (const [given, expected] of [["67", "67.0"], ["v66.0", "66.0"], ["LATEST", "latest"]]) {
    test(`"${given}" is ${expected}`, async () => {
      const { apiVersion } = await createSession({ clientId: "a", apiVersion: given }).settings();
      assert.equal(apiVersion, expected);
    });
  }

  for (const bad of ["6.7", "67.1", "v", "newest", "67.0.1", "../67.0"]) {
    test(`"${bad}" is refused`, async () => {
      await assert.rejects(
        createSession({ clientId: "a", apiVersion: bad }).settings(),
        (error) =>
          error instanceof SettingsError && /The API version from option/.test(error.message),
      );
    });
  }
});

describe("accessToken", () => {
  const instanceUrl = "https://acme.my.salesforce.com";

  test("is taken without the line break that a file leaves behind it", async () => {
    const settings = await createSession({ accessToken: "00D!x\n", instanceUrl }).settings();
    assert.equal(settings.accessToken, "00D!x");
  });

  for (const bad of ["00D5e!AAA\nBBB", "00D5e…!****", "Bearer 00D5e!AAA"]) {
    test(`${JSON.stringify(bad)} is refused without being shown`, async () => {
      await assert.rejects(createSession({ accessToken: bad, instanceUrl }).settings(), (error) => {
        assert.ok(error instanceof SettingsError);
        assert.doesNotMatch(error.message, /00D5e/);
        return true;
      });
    });
  }
});
