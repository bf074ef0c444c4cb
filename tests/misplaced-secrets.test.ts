/** A key, a token or an auth URL in the wrong place: no command repeats it. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createPrivateKey } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { inspect } from "node:util";
import { removeFolder } from "./helpers/remove-folder.ts";
import { checkDeveloperName } from "../cli/commands/app/developer-name.ts";
import { createSession, SettingsError, withoutSecrets } from "../mod.ts";
import { FIXED_KEY } from "./helpers/fixed-key.ts";
import { runSelf, temporaryFolder } from "./helpers/runtime.ts";

const home = temporaryFolder();
after(() => removeFolder(home));

const keyFile = join(home, "server.key");
await writeFile(keyFile, FIXED_KEY, { mode: 0o600 });

const token = "00D5g000004abcD!AQ8AQDxyz.4fSecretSecretSecret_0123456789";
const SECRETS: Record<string, { value: string; telling: string }> = {
  "a PEM": { value: FIXED_KEY, telling: FIXED_KEY.split("\n")[3]!.slice(10, 30) },
  "an SFDX auth URL": {
    value: "force://PlatformCLI::5Aep861refresh.token@acme.my.salesforce.com",
    telling: "5Aep861",
  },
  "an access token": { value: token, telling: "SecretSecret" },
  "a line of a PEM that looks like a path": {
    value: "/" + FIXED_KEY.split("\n")[3]!.slice(1),
    telling: FIXED_KEY.split("\n")[3]!.slice(10, 30),
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

const lines = FIXED_KEY.trim().split("\n").slice(1, -1);
const part = lines[4]!.slice(10, 30);
const jwk = createPrivateKey(FIXED_KEY).export({ format: "jwk" }) as { d: string };
const jwkText = JSON.stringify(jwk);
const jwkBase64 = Buffer.from(jwkText).toString("base64");
const forms: Record<string, [value: string, telling: string]> = {
  "a PEM on one line": [FIXED_KEY.replaceAll("\n", "\\n"), part],
  "a PEM as base64": [
    Buffer.from(FIXED_KEY).toString("base64"),
    Buffer.from(FIXED_KEY).toString("base64").slice(60, 80),
  ],
  "a PEM with CR LF": [FIXED_KEY.replaceAll("\n", "\r\n"), part],
  "a PEM encoded for a URL": [encodeURIComponent(FIXED_KEY), lines[4]!.slice(10, 14)],
  "a PEM with %0A": [FIXED_KEY.replaceAll("\n", "%0A"), part],
  "a PEM with spaces in place of line breaks": [FIXED_KEY.replaceAll("\n", " "), part],
  "half a PEM": [FIXED_KEY.slice(0, 600), part],
  "the other half": [lines.slice(3).join("\n"), part],
  "the text within a PEM": [lines.join(""), part],
  "the same without its start": [lines.slice(1).join(""), part],
  "a line of letters and digits": [lines[4]!.replace(/[+/]/g, "a"), part.replace(/[+/]/g, "a")],
  "a line as mail wraps it": [lines.join("").slice(76, 152), lines.join("").slice(86, 106)],
  "a few lines in one": [lines.slice(2, 6).join(""), part],
  "a few lines with breaks": [lines.slice(2, 6).join("\n"), part],
  "the bytes in hexadecimal": [
    Buffer.from(lines.join(""), "base64").toString("hex"),
    Buffer.from(lines.join(""), "base64").toString("hex").slice(400, 430),
  ],
  "a JWK": [jwkText, jwk.d.slice(10, 30)],
  "a JWK in base64": [jwkBase64, jwkBase64.slice(800, 820)],
  "a JWK with other quotes": [jwkText.replaceAll('"', "'"), jwk.d.slice(10, 30)],
  "a JWK without quotes": [jwkText.replaceAll('"', ""), jwk.d.slice(10, 30)],
  ...Object.fromEntries(
    ["!", "\\!", "%21", "%2521", "\\u0021", "&#33;", "&excl;"].map((mark) => [
      `a token with ${mark}`,
      [token.replace("!", mark), "SecretSecret"],
    ]),
  ),
  "a header": [`Authorization: Bearer ${token}`, "SecretSecret"],
  "a page's address": [
    `https://acme.my.salesforce.com/secur/frontdoor.jsp?sid=${token}`,
    "SecretSecret",
  ],
  "a token's answer": [JSON.stringify({ access_token: token }), "SecretSecret"],
  "an assertion": ["eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIzTVZHOSJ9.c2lnbmF0dXJl", "c2lnbmF0"],
  "a refresh token": ["5Aep861TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrVdJPx", "TSESvWeug"],
  "an auth URL without its scheme": [
    "PlatformCLI::5Aep861TSESvWeug@acme.my.salesforce.com",
    "TSES",
  ],
  "a password in a URL": ["https://ada:hunter2@acme.my.salesforce.com", "hunter2"],
};

describe("withoutSecrets() and the settings know", () => {
  for (const [what, [value, telling]] of Object.entries(forms)) {
    test(what, async () => {
      for (
        const text of [value, `"${value}"`, `Cannot read ${value}: no such file`, `--org=${value}`]
      ) {
        assert.ok(!hasPart(withoutSecrets(text), telling), withoutSecrets(text));
      }
      for (const name of ["loginUrl", "audience", "username", "privateKeyFile", "org"] as const) {
        const error = await createSession({ [name]: value }).getToken().catch((error) => error);
        assert.ok(error instanceof SettingsError, name);
        assert.ok(!hasPart(inspect(error), telling), `${name}: ${error.message}`);
      }
    });
  }

  test("a line that could be the name of a certificate", () => {
    const line = lines[4]!.replace(/[^A-Za-z]/g, "a");
    assert.throws(() => checkDeveloperName("--alias", line.slice(0, -1) + "7"), (error: Error) => {
      return !hasPart(withoutSecrets(inspect(error)), line.slice(10, 30));
    });
  });

  test("a line of a key, however it begins", () => {
    for (const start of ["", "+", "/", "//", "A/b/", "+/+"]) {
      const line = start + lines[2]!.slice(start.length);
      for (const text of [line, `"${line}"`, `Cannot read ${line}: there is no such file`]) {
        assert.ok(!hasPart(withoutSecrets(text), line.slice(10, 30)), text);
      }
    }
  });
});

test("an access token's place takes every token that Salesforce makes", async () => {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".repeat(6);
  const tokens = [`00D5g000004abcD!AQEAQ.MI${letters.slice(0, 62)}_x`];
  for (const start of ["MI", "LS0tLS1CRUdJTi", "eyJ"]) {
    tokens.push(`eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTl9.${start}${letters.slice(0, 340)}`);
  }
  for (const accessToken of tokens) {
    const session = createSession({ accessToken, instanceUrl: "http://127.0.0.1:1" });
    assert.equal((await session.getToken()).accessToken, accessToken);
  }
});

test("an access token's place takes no key, and nothing that a token is only a part of", async () => {
  const instanceUrl = "http://127.0.0.1:1";
  const values = [JSON.stringify({ access_token: token }), `https://x/?sid=${token}`];
  values.push(token.replace("!", "\\!"), token.replace("!", "%21"), "force://a:b:c@x.example");
  values.push(FIXED_KEY.split("\n").slice(1, -2).join(""), '{"kty":"RSA","d":"x"}');
  for (const accessToken of values) {
    const session = createSession({ accessToken, instanceUrl });
    await assert.rejects(session.getToken(), SettingsError, accessToken.slice(0, 20));
  }
});

test("withoutSecrets() leaves what people need, and is quick on any text", () => {
  const kept = [
    "File begins with -----BEGIN MESSAGE-----, and -----BEGIN PUBLIC KEY----- is none",
    "HarveyJones.ops.prod@acme.com",
    "/keys/SurveyJob.prod.key.pem",
    "C:\\keys\\00D5g000004abcDEAU\\server.key",
    "https://acme.my.salesforce.com/?orgId=00D5g000004abcDEAU&retURL=/x",
    "https://login.salesforce.com?un=ada@acme.com",
    "SELECT Id FROM Organization WHERE Id = %2700D5g000004abcDEAU%27",
    '[{"message":"Go to https://help.acme.com","errorCode":"X"},{"message":"ada@acme.com"}]',
    '{"errorCode":"APEX","message":"bad","q":"search"}',
    "workforce://abc",
    "http://USER:PASSWORD@HOST:PORT",
    Array.from({ length: 8 }, (_, i) => `0015g00000AbCd${i}AAV`).join("%2C"),
    "/sobjects/Account/0015g00000AbCdEAAV/Contacts/0035g00000XyZaBAAV",
    "/services/data/v67.0/sobjects/Account/0015g00000AbCdEAAV/Contacts/0035g00000XyZaBAAV/describe",
    "/home/ada/Documents/Projects2024/SalesforceIntegrationService/node_modules/keys",
    "/private/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/Test2024-iGQyuA/server",
    "GET /query?q=SELECT%20Id%2C%20Name%20FROM%20Account%20WHERE%20Name%20LIKE%20%27A%25%27%20LIMIT%201",
    "https://x.example/authorize?client_id=3MVG9lKcPoNINVBIPJjdw1J9LLM82HnFVVX19KY1uA5mu0QqEWhqKpoW3svG3XHrXDiCQjK1mdgAvhCscA9GE&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstwcM0",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "SfetchErrorSettingsErrorConnectionErrorOAuthErrorSalesforceErrorUsageError",
    "=".repeat(400),
    "Created the private key /home/ada/.config/sfetch/keys/dev.key",
    "3MVG9PracticeOrg.Practice_App_Xy7Zk2QmXy7Zk2QmXy7Zk2QmXy7Zk2QmXy7Zk2QmXy7Zk2QmXy7Zk21",
    "https://acme.my.salesforce.com/services/oauth2/authorize?client_id=3MVG9&state=x",
    "-----BEGIN CERTIFICATE-----",
    "record 0015g00000Kx100AAB of org 00D5g000004abcDEAQ",
    '{"Name": "Acme", "Id": "001"}',
  ];
  for (const text of kept) assert.equal(withoutSecrets(text), text);
  for (const [value] of Object.values(forms)) {
    const once = withoutSecrets(`${value} and more`);
    assert.equal(withoutSecrets(once), once, "what is replaced once stays");
  }
  const megabyte = 1_000_000;
  for (
    const part of ["eyJ", "-----BEGIN PRIVATE KEY-----", "force://", '{"d":"', "00D", "a://", "MII"]
  ) {
    withoutSecrets(part.repeat(megabyte / part.length)); // a slow pattern would take minutes
  }
});
