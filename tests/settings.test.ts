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
write("theirs/.sfdx/test-1@acme.json", {
  clientId: "PlatformCLI",
  username: "test-1@acme",
  privateKey: "/keys/sf.key",
});
write("theirs/project/.sf/config.json", { "target-org": "test-2@acme" });
write("theirs/project/src/deep/note.txt", "");
write("theirs/older/.sfdx/sfdx-config.json", { defaultusername: "test-2@acme" });
write("theirs/.sfdx/test-2@acme.json", {
  clientId: "PlatformCLI",
  username: "test-2@acme",
  privateKey: "/keys/2.key",
  loginUrl: "https://acme--2.scratch.my.salesforce.com/",
});

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  const text = typeof content === "string" ? content : JSON.stringify(content);
  writeFileSync(join(home, path), text);
}

interface Case {
  env?: Record<string, string>;
  /** The current folder. */
  cwd?: string;
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
    for (const { env = {}, cwd, options } of ${JSON.stringify(cases)}) {
      process.chdir(cwd ?? ${JSON.stringify(home)});
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
const OWN = {
  clientId: "own-app",
  username: "own@acme",
  privateKeyFile: "/keys/own.key",
  loginUrl: "https://login.acme.example",
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

  test("of an org named in the environment are not redirected or completed by it", async () => {
    const elsewhere = {
      SF_LOGIN_URL: "https://other.my.salesforce.com",
      SF_AUDIENCE_URL: "https://a.b",
    };
    const [named, both, incomplete] = await settingsIn(
      { env: { ...elsewhere, SF_TARGET_ORG: "prod", SF_PRIVATE_KEY_PASSPHRASE: "word" } },
      { env: { ...SIGN_IN, ...elsewhere, SF_TARGET_ORG: "prod", SF_API_VERSION: "66" } },
      {
        env: { ...SIGN_IN, SF_TARGET_ORG: "prod", XDG_CONFIG_HOME: join(home, "saved") },
      },
    );
    for (const settings of [named!, both!]) {
      assert.equal(settings.loginUrl, "https://acme.my.salesforce.com");
      assert.equal(settings.clientId, "prod-app");
      assert.equal(settings.privateKeyFile, "/keys/prod.key");
      assert.equal(settings.audience, undefined);
    }
    assert.equal(named!.passphrase, "word");
    assert.equal(both!.apiVersion, "66.0");
    assert.equal(incomplete!.privateKeyFile, undefined, "it is not completed");
  });

  test("of the default org are not redirected by the environment: an error names both", async () => {
    const saved = { XDG_CONFIG_HOME: join(home, "saved") };
    const [login, instance, audience, same] = await settingsIn(
      { env: { ...saved, SF_LOGIN_URL: "http://127.0.0.1:9999" } },
      { env: { ...saved, SF_INSTANCE_URL: "https://other.my.salesforce.com" } },
      { env: { ...saved, SF_AUDIENCE_URL: "https://login.salesforce.com" } },
      {
        env: { HOME: join(home, "theirs"), SF_LOGIN_URL: "acme--2.scratch.my.salesforce.com" },
        cwd: join(home, "theirs/project"),
      },
    );
    for (const { error } of [login!, instance!, audience!]) {
      assert.match(error!, /default org "prod" \(.*saved\/sfetch\/orgs\/prod\.json\)/);
      assert.match(error!, /Unset SF_\w+_URL .*SF_TARGET_ORG=prod/);
    }
    assert.match(login!.error!, /^SF_LOGIN_URL is set/);
    assert.match(instance!.error!, /^SF_INSTANCE_URL is set/);
    assert.match(audience!.error!, /^SF_AUDIENCE_URL is set/);
    assert.equal(same!.username, "test-2@acme", "the org's own address redirects nothing");
  });

  test("come from the sf CLI's default org: the project's, then the user's", async () => {
    const env = { HOME: join(home, "theirs") };
    const [project, older, outside] = await settingsIn(
      { env, cwd: join(home, "theirs/project/src/deep") },
      { env, cwd: join(home, "theirs/older") },
      { env, cwd: home },
    );
    assert.equal(project!.username, "test-2@acme");
    assert.equal(project!.loginUrl, "https://acme--2.scratch.my.salesforce.com");
    assert.equal(older!.username, "test-2@acme");
    assert.equal(outside!.username, "test-1@acme");
  });

  test("are cleaned of quotes, line ends and invisible characters, wherever they come from", async () => {
    const [environment, options] = await settingsIn(
      {
        env: {
          SF_CLIENT_ID: '"env-app"',
          SF_USERNAME: "\uFEFF'env@acme'\r\n",
          SF_PRIVATE_KEY_FILE: "~/keys/server.key",
          SF_LOGIN_URL: "“https://acme.my.salesforce.com”\u200B",
          SF_API_VERSION: " '66' ",
        },
      },
      {
        options: {
          clientId: "`app`",
          username: "own@acme\n",
          privateKeyFile: "file:///keys/my%20server.key",
          apiVersion: 66 as unknown as string,
        },
      },
    );
    assert.equal(environment!.clientId, "env-app");
    assert.equal(environment!.username, "env@acme");
    assert.equal(environment!.privateKeyFile, `${home}/keys/server.key`);
    assert.equal(environment!.loginUrl, "https://acme.my.salesforce.com");
    assert.equal(environment!.apiVersion, "66.0");
    assert.equal(options!.clientId, "app");
    assert.equal(options!.username, "own@acme");
    assert.equal(options!.privateKeyFile, "/keys/my server.key");
    assert.equal(options!.apiVersion, "66.0");
  });

  test("that were left unresolved are named", async () => {
    const values = [
      "$(SF_CLIENT_ID)",
      "${SF_CLIENT_ID}",
      "${{ secrets.ID }}",
      "%SF_CLIENT_ID%",
      "$SF_CLIENT_ID",
    ];
    const outcomes = await settingsIn(...values.map((value) => ({ env: { SF_CLIENT_ID: value } })));
    for (const [index, { error }] of outcomes.entries()) {
      assert.ok(error!.startsWith(`The clientId from SF_CLIENT_ID is ${values[index]}: `), error);
    }
    const [key] = await settingsIn({ env: { SF_PRIVATE_KEY: "${SERVER_KEY}" } });
    assert.match(key!.error!, /SF_PRIVATE_KEY is \$\{SERVER_KEY\}/);
  });

  test("in the wrong place are recognised, and not shown", async () => {
    const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvSECRET\n-----END PRIVATE KEY-----\n";
    const jwk = JSON.stringify({ kty: "RSA", d: "SECRET" });
    const cases: [string, string, RegExp][] = [
      ["SF_PRIVATE_KEY_FILE", pem, /SF_PRIVATE_KEY_FILE is a key.*\n.*SF_PRIVATE_KEY \(/],
      ["SF_PRIVATE_KEY_FILE", btoa(pem), /is a key/],
      ["SF_PRIVATE_KEY_FILE", `MII${"SECRET".repeat(60)}`, /is a key/],
      ["SF_PRIVATE_KEY_FILE", "SECRET\nSECRET", /is not a file name/],
      ["SF_PRIVATE_KEY_FILE", jwk, /is a key/],
      ["SF_CLIENT_ID", pem, /SF_CLIENT_ID is a key/],
      ["SF_USERNAME", "00D5e000000AbCd!SECRET", /SF_USERNAME is an access token/],
      [
        "SF_LOGIN_URL",
        "force://PlatformCLI::SECRET@acme.my.salesforce.com",
        /auth URL of the sf CLI/,
      ],
      [
        "SF_LOGIN_URL",
        "https://me:SECRET@acme.my.salesforce.com",
        /user name or password/,
      ],
      ["SF_TARGET_ORG", pem, /SF_TARGET_ORG is a key/],
      ["SF_USERNAME", "two words SECRET", /spaces or control characters/],
    ];
    const outcomes = await settingsIn(
      ...cases.map(([name, value]) => ({ env: { [name]: value } })),
    );
    for (const [index, { error }] of outcomes.entries()) {
      assert.match(error!, cases[index]![2]);
      assert.doesNotMatch(error!, /SECRET/);
    }
  });

  test("allow no host by the environment, and one by code or a saved org", async () => {
    write("allowed/sfetch/orgs/own.json", { ...OWN, allowHost: "login.acme.example" });
    const [byEnv, byCode, saved, other] = await settingsIn(
      { env: { ...SIGN_IN, SF_LOGIN_URL: OWN.loginUrl, SF_ALLOW_HOST: "login.acme.example" } },
      {
        env: { ...SIGN_IN, SF_LOGIN_URL: OWN.loginUrl },
        options: { allowHost: "https://Login.Acme.example/" },
      },
      { env: { XDG_CONFIG_HOME: join(home, "allowed") }, options: { org: "own" } },
      { env: { ...SIGN_IN, SF_LOGIN_URL: OWN.loginUrl }, options: { allowHost: ["acme.example"] } },
    );
    assert.match(
      byEnv!.error!,
      /SF_LOGIN_URL is not one of Salesforce's own domains: login\.acme\.example/,
    );
    assert.match(byEnv!.error!, /option allowHost: "login\.acme\.example"/);
    assert.equal(byCode!.loginUrl, OWN.loginUrl);
    assert.equal(saved!.loginUrl, OWN.loginUrl);
    assert.match(other!.error!, /Salesforce's own domains/);
  });

  test("are read-only as soon as one place says so", async () => {
    write("allowed/sfetch/orgs/read.json", { ...OWN, loginUrl: "sandbox", readOnly: true });
    const [byEnv, saved, off, odd] = await settingsIn(
      { env: { ...SIGN_IN, SF_READ_ONLY: "1" }, options: { readOnly: false } },
      {
        env: { XDG_CONFIG_HOME: join(home, "allowed"), SF_READ_ONLY: "0" },
        options: { org: "read" },
      },
      { env: { ...SIGN_IN, SF_READ_ONLY: "no" } },
      { env: { ...SIGN_IN, SF_READ_ONLY: "maybe" } },
    );
    assert.equal(byEnv!.readOnly, true);
    assert.equal(byEnv!.sources.readOnly, "SF_READ_ONLY");
    assert.equal(saved!.readOnly, true);
    assert.equal(off!.readOnly, undefined);
    assert.match(odd!.error!, /readOnly from SF_READ_ONLY is not true or false/);
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
        /default org, .*, is used only where no part of a sign-in is given/,
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
    [
      "https://acme.my.site.com/customers/s/login/?startURL=x",
      "https://acme.my.site.com/customers",
    ],
    ["https://acme.my.site.com/customers/login", "https://acme.my.site.com/customers"],
    ["https://acme.my.site.com/services/oauth2/token", "https://acme.my.site.com"],
    ["https://acme.my.salesforce.mil", "https://acme.my.salesforce.mil"],
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
      ["user:pass@acme.my.salesforce.com", /user name or password/],
      ["https://", /is not a URL/],
      ["two words", /is not a URL/],
      ["sandbx", /is not a URL\.\n.*"production" or "sandbox"/],
      ["http://[", /is not a URL/],
      ["https://acme.my.salesforce.com.evil.example", /not one of Salesforce's own domains/],
      ["https://evilsalesforce.com", /not one of Salesforce's own domains/],
      ["https://evilcrmforce.mil", /not one of Salesforce's own domains/],
      ["https://salesforce.com.cn", /not one of Salesforce's own domains/],
      ["https://evil.example/acme.my.salesforce.com", /not one of Salesforce's own domains/],
      ["https://evil.example#.salesforce.com", /not one of Salesforce's own domains/],
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

test("loginUrl may be a URL object", async () => {
  const loginUrl = new URL("https://acme.my.salesforce.com") as unknown as string;
  const settings = await createSession({ clientId: "a", loginUrl }).settings();
  assert.equal(settings.loginUrl, "https://acme.my.salesforce.com");
});

test("a setting that is not text is refused by name", async () => {
  const clientId = { key: "3MVG" } as unknown as string;
  await assert.rejects(
    createSession({ clientId }).settings(),
    (error) =>
      error instanceof SettingsError &&
      /^The clientId from option clientId is not text/.test(error.message),
  );
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

  for (
    const bad of [
      "00D5e!AAA\nBBB",
      "00D5e…!****",
      "Bearer 00D5e!AAA",
      "00D5e!AAA***",
      "[REDACTED] 00D5e!AAA",
      "3MVG900D5e",
    ]
  ) {
    test(`${JSON.stringify(bad)} is refused without being shown`, async () => {
      await assert.rejects(createSession({ accessToken: bad, instanceUrl }).settings(), (error) => {
        assert.ok(error instanceof SettingsError);
        assert.doesNotMatch(error.message, /00D5e/);
        return true;
      });
    });
  }
});

describe("readOrg() and listOrgs()", () => {
  const orgsIn = async (env: Record<string, string>, call: string) => {
    const code = `
      import { listOrgs, readOrg } from "./mod.ts";
      const damaged = [];
      const found = await ${call};
      console.log(JSON.stringify({ found, damaged }));`;
    const { stdout, stderr } = await runCode(code, { cwd: home, env: { HOME: home, ...env } });
    assert.ok(stdout, stderr);
    return JSON.parse(stdout);
  };

  test("find a saved org, one of the sf CLI, the default, and none", async () => {
    const { found: saved } = await orgsIn({}, `readOrg("prod")`);
    assert.equal(saved.name, "prod");
    assert.equal(saved.source, "sfetch");
    assert.equal(saved.file, `${home}/.config/sfetch/orgs/prod.json`);
    assert.equal(saved.kind, "production");
    const { found: sf } = await orgsIn({}, `readOrg("scratch")`);
    assert.deepEqual([sf.source, sf.username, sf.privateKeyFile], [
      "sf",
      "test-1@acme",
      "/keys/sf.key",
    ]);
    const { found: chosen } = await orgsIn({ XDG_CONFIG_HOME: join(home, "saved") }, "readOrg()");
    assert.equal(chosen.clientId, "default-app");
    assert.equal((await orgsIn({}, "readOrg()")).found, undefined);
    assert.equal((await orgsIn({}, `readOrg("../orgs/prod")`)).found, undefined);
  });

  test("list all of them with the default marked, and report damaged files", async () => {
    const list = `listOrgs((error) => damaged.push(error.message))`;
    const { found, damaged } = await orgsIn({}, list);
    const names = found.map(({ name }: { name: string }) => name);
    assert.ok(names.includes("prod") && names.includes("scratch"), names);
    assert.ok(!names.includes("web"), "signed in by the sf CLI without a key");
    assert.equal(damaged.length, 2);
    assert.match(damaged.join(), /null\.json is not a JSON object[^]*odd\.json has a loginUrl/);
    const { found: theirs } = await orgsIn({ HOME: join(home, "theirs") }, list);
    const marked = theirs.filter((org: { default: boolean }) => org.default);
    assert.deepEqual(marked.map(({ name }: { name: string }) => name), ["test-1@acme"]);
  });

  test("work without a home folder", async () => {
    const none = { HOME: "", USERPROFILE: "", XDG_CONFIG_HOME: join(home, "saved") };
    assert.equal((await orgsIn(none, "readOrg()")).found.name, "prod");
    assert.deepEqual((await orgsIn({ ...none, XDG_CONFIG_HOME: "" }, "listOrgs()")).found, []);
  });
});
