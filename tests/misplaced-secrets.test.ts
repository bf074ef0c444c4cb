/** A key, a token or an auth URL in the wrong place: no command repeats it. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { withoutSecrets } from "../cli/terminal/secrets.ts";
import { FIXED_KEY } from "./helpers/fixed-key.ts";
import { runSelf, temporaryFolder } from "./helpers/runtime.ts";

const home = temporaryFolder();
after(() => rm(home, { recursive: true, force: true, maxRetries: 20 }));

const keyFile = join(home, "server.key");
await writeFile(keyFile, FIXED_KEY, { mode: 0o600 });

const token = "00D5g000004abcD!AQ8AQDxyz.4fSecretSecretSecret_0123456789";
const SECRETS: Record<string, { value: string; telling: string }> = {
  "a PEM": { value: FIXED_KEY, telling: FIXED_KEY.split("\n")[3]!.slice(10, 30) },
  "a PEM on one line": {
    value: FIXED_KEY.replaceAll("\n", "\\n"),
    telling: FIXED_KEY.split("\n")[3]!.slice(10, 30),
  },
  "a PEM as base64": {
    value: Buffer.from(FIXED_KEY).toString("base64"),
    telling: Buffer.from(FIXED_KEY).toString("base64").slice(60, 80),
  },
  "an SFDX auth URL": {
    value: "force://PlatformCLI::5Aep861refresh.token@acme.my.salesforce.com",
    telling: "5Aep861",
  },
  "an access token": { value: token, telling: "SecretSecret" },
  "an access token, encoded and within a text": {
    value: `sid_${token.replace("!", "%21")}`,
    telling: "SecretSecret",
  },
  "a line of a PEM that looks like a path": {
    value: "/" + FIXED_KEY.split("\n")[3]!.slice(1),
    telling: FIXED_KEY.split("\n")[3]!.slice(10, 30),
  },
  "a line of a PEM of letters and digits": {
    value: FIXED_KEY.split("\n")[3]!.replace(/[+/]/g, "a"),
    telling: FIXED_KEY.split("\n")[3]!.replace(/[+/]/g, "a").slice(10, 30),
  },
  "a line of base64 as mail wraps it": {
    value: Buffer.from(FIXED_KEY).toString("base64").slice(76, 152),
    telling: Buffer.from(FIXED_KEY).toString("base64").slice(86, 106),
  },
};

const SIGN_IN = ["--client-id", "3MVG9", "--username", "a@b.example", "--key", keyFile];
/** Calls that end with the value. */
const CALLS: string[][] = [
  [],
  ["get", "/limits", "--org"],
  ["logout"],
  ["orgs", "--default"],
  ["keygen", "--key"],
  ["keygen", "--key", keyFile, "--jks", "--cert"],
  ["keygen", "--jks", "--storepass"],
  ["keygen", "--jks", "--alias"],
  ["app", "--email", "a@b.example", "--cert"],
  ["app", "--email", "a@b.example", "--name"],
  ["practice", "--cert"],
  ["login", "dev", "--key"],
  ["login", "dev", ...SIGN_IN, "--login-url"],
  ["login"],
  ["completions"],
  ["types", "--org", "practice"],
];

const hasPart = (output: string, part: string): boolean =>
  output.toLowerCase().includes(part.toLowerCase());

for (const [what, { value, telling }] of Object.entries(SECRETS)) {
  describe(`${what} in the wrong place`, () => {
    test("is not repeated, whichever argument it is", async () => {
      for (const call of CALLS) {
        const { code, stdout, stderr } = await runSelf([...call, value], { env: { HOME: home } });
        assert.notEqual(code, 0, call.join(" "));
        assert.ok(!hasPart(stdout + stderr, telling), `${call.join(" ")}: ${stderr}`);
      }
    });

    test("is not repeated, whichever setting it is", async () => {
      const settings = ["SF_PRIVATE_KEY_FILE", "SF_CLIENT_ID", "SF_LOGIN_URL", "SF_TARGET_ORG"];
      for (const name of settings) {
        const env = {
          HOME: home,
          SF_CLIENT_ID: "3MVG9",
          SF_USERNAME: "a@b.example",
          SF_PRIVATE_KEY_FILE: keyFile,
          SF_LOGIN_URL: "http://127.0.0.1:1",
          [name]: value,
        };
        for (const call of [["doctor", "--json"], ["token"]]) {
          const { code, stdout, stderr } = await runSelf(call, { env });
          assert.notEqual(code, 0, name);
          assert.ok(!hasPart(stdout + stderr, telling), `${name}: ${stdout}${stderr}`);
        }
      }
    });
  });
}

test("withoutSecrets() knows a line of a key however it begins", () => {
  const line = FIXED_KEY.split("\n")[3]!;
  for (const start of ["", "+", "/", "//", "A/b/", "+/+"]) {
    const value = start + line.slice(start.length);
    for (const text of [value, `"${value}"`, `Cannot read ${value}: there is no such file`]) {
      assert.ok(!hasPart(withoutSecrets(text), line.slice(10, 30)), text);
    }
  }
});

test("withoutSecrets() leaves what people need, and is quick on any text", () => {
  const kept = [
    "Created the private key /home/ada/.config/sfetch/keys/dev.key",
    "3MVG9PracticeOrg.Practice_App_Xy7Zk2QmXy7Zk2QmXy7Zk2QmXy7Zk2QmXy7Zk2QmXy7Zk2QmXy7Zk21",
    "https://acme.my.salesforce.com/services/oauth2/authorize?client_id=3MVG9&state=x",
    "-----BEGIN CERTIFICATE-----",
    "record 0015g00000Kx100AAB of org 00D5g000004abcDEAQ",
    '{"Name": "Acme", "Id": "001"}',
  ];
  for (const text of kept) assert.equal(withoutSecrets(text), text);
  const megabyte = 1_000_000;
  for (
    const part of ["eyJ", "-----BEGIN PRIVATE KEY-----", "force://", '{"d":"', "00D", "a://", "MII"]
  ) {
    withoutSecrets(part.repeat(megabyte / part.length)); // a slow pattern would take minutes
  }
});
