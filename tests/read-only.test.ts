/** `--read-only`, `SF_READ_ONLY=1`, and an org saved as read-only: no command writes. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { runSelf, temporaryFolder } from "./helpers/runtime.ts";

const org = await practiceOrg({ rows: 3 });
const home = temporaryFolder();
after(() => removeFolder(home));

const keyFile = join(home, "server.key");
await writeFile(keyFile, org.options.privateKey, { mode: 0o600 });

/** The three ways to say so: what is added to a call, and to the environment. */
const WAYS: Record<string, { args: string[]; env: Record<string, string> }> = {
  "--read-only": { args: ["--read-only"], env: org.env },
  "SF_READ_ONLY=1": { args: [], env: { ...org.env, SF_READ_ONLY: "1" } },
  "login --read-only": { args: ["--org", "safe"], env: {} },
};

const sign = [
  ...["--client-id", org.clientId, "--username", org.username, "--login-url", org.url],
  ...["--key", keyFile],
];
const signedIn = await runSelf(["login", "safe", "--read-only", ...sign], { env: { HOME: home } });
assert.equal(signedIn.code, 0, signedIn.stderr);

/** The requests that could have written anything. */
const writes = () =>
  org.control.requests().filter(({ method, path }) =>
    (method !== "GET" && !path.startsWith("/services/oauth2/")) ||
    /executeAnonymous|apexrest|revoke/.test(path)
  );

const REFUSED: { args: string[]; input?: string }[] = [
  { args: ["post", "/sobjects/Account", '{"Name": "Acme"}'] },
  { args: ["post", "/composite", '{"compositeRequest": []}'] },
  { args: ["patch", "/sobjects/Account/001000000000001", '{"Name": "Acme"}'] },
  { args: ["put", "/sobjects/Account/Id/001000000000001", '{"Name": "Acme"}'] },
  { args: ["delete", "/sobjects/Account/001000000000001"] },
  { args: ["get", "/tooling/executeAnonymous/?anonymousBody=delete%20a%3B"] },
  { args: ["get", "/services/apexrest/accounts"] },
  { args: ["get", "/services/oauth2/revoke?token=x"] },
  { args: ["repl"], input: "/services/apexrest/accounts\n" },
  { args: ["repl"], input: 'POST /sobjects/Account {"Name": "Acme"}\n' },
  { args: ["repl"], input: "DELETE /sobjects/Account/001000000000001\n" },
  { args: ["repl"], input: ".writes on\n.apex delete new Account();\n" },
  {
    args: ["repl"],
    input: `= sf.fetch("/sobjects/Account", { method: "POST", json: { Name: "Acme" } })\n`,
  },
];

for (const [way, { args: more, env }] of Object.entries(WAYS)) {
  describe(`with ${way}`, () => {
    test("commands and statements that could write are refused, and nothing is sent", async () => {
      for (const { args, input } of REFUSED) {
        org.control.clearRequests();
        const { code, stdout, stderr } = await runSelf([...args, ...more], {
          env: { HOME: home, ...env },
          input,
        });
        const call = `${args.join(" ")} ${input ?? ""}`;
        assert.notEqual(code, 0, call);
        assert.match(stderr, /read-only/, call);
        assert.match(stderr, /Nothing was sent/, call);
        assert.doesNotMatch(stdout, /001\w{12}/, call);
        assert.deepEqual(writes(), [], call);
      }
    });

    test("reading goes on", async () => {
      for (const args of [["query", "SELECT Id FROM Account LIMIT 1"], ["get", "/limits"]]) {
        const { code, stderr } = await runSelf([...args, ...more], { env: { HOME: home, ...env } });
        assert.equal(code, 0, stderr);
      }
    });
  });
}

test("a refusal names where read-only comes from, and ends with exit code 2", async () => {
  const { code, stderr } = await runSelf(["delete", "/sobjects/Account/001", "--org", "safe"], {
    env: { HOME: home },
  });
  assert.equal(code, 2);
  assert.match(stderr, /org "safe" \(.*safe\.json\)/);
});

test("sfetch orgs shows which org is read-only", async () => {
  const { stdout } = await runSelf(["orgs"], { env: { HOME: home } });
  assert.equal(JSON.parse(stdout)[0].readOnly, true);
});
