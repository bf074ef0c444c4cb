/** `sfetch practice` in a process of its own. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { importPKCS8 } from "jose";
import { generateKeyPair } from "../cli/keys/keys.ts";
import { JWT_BEARER, rawOrg } from "./helpers/raw-org.ts";
import { missing } from "./helpers/missing.ts";
import {
  childEnv,
  root,
  runSelf,
  selfCommand,
  startSelf,
  temporaryFolder,
} from "./helpers/runtime.ts";
import { openTerminal } from "./helpers/terminal.ts";

const { org, sign } = await rawOrg();

describe("sfetch practice", () => {
  /** Starts the command and waits for its ready line. */
  async function startCommand(args: string[]) {
    const home = temporaryFolder();
    const child = startSelf(["practice", ...args], { env: childEnv({ HOME: home, TMPDIR: home }) });
    const exited = once(child, "close") as Promise<[number | null]>;
    let stderr = "";
    child.stderr!.on("data", (chunk) => stderr += chunk);
    const [line] = await once(createInterface(child.stdout!), "line") as [string];
    return {
      ready: JSON.parse(line),
      stderr: () => stderr,
      home,
      async end(signal: NodeJS.Signals): Promise<number | null> {
        // Not child.kill(): on Deno the exit then counts as caused by the signal, whatever the child did.
        process.kill(child.pid!, signal);
        const [code] = await exited;
        return code;
      },
    };
  }

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`is ready with a key of its own, and ${signal} leaves nothing behind`, async () => {
      const { ready, stderr, home, end } = await startCommand(["--rows", "1"]);
      const { privateKeyFile, url, clientId, username } = ready;
      assert.equal(statSync(privateKeyFile).mode & 0o777, 0o600);
      assert.equal(statSync(dirname(privateKeyFile)).mode & 0o777, 0o700);
      const own = await importPKCS8(await readFile(privateKeyFile, "utf8"), "RS256");
      const response = await fetch(url + "/services/oauth2/token", {
        method: "POST",
        body: new URLSearchParams({
          grant_type: JWT_BEARER,
          assertion: await sign({ iss: clientId, sub: username, aud: url }, own),
        }),
      });
      assert.equal(response.status, 200);
      // A request without an answer must not keep the command from ending.
      await fetch(url + "/_practice/fault", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: '{"kind":"hang"}',
      });
      const hanging = fetch(url + "/services/data").then(() => "answered", () => "cut");
      assert.equal(await end(signal), 0);
      assert.equal(await hanging, "cut");
      assert.match(stderr(), new RegExp(`export SF_LOGIN_URL=${url}`));
      assert.match(stderr(), new RegExp(`export SF_PRIVATE_KEY_FILE=${privateKeyFile}`));
      assert.ok(!existsSync(dirname(privateKeyFile)));
      await rm(home, { recursive: true });
    });
  }

  test(
    "in a terminal prints the lines to paste, and no JSON",
    { skip: missing("tmux") },
    async () => {
      const terminal = await openTerminal({
        command: [...selfCommand(), join(root, "cli.ts"), "practice", "--rows", "1"],
        width: 200,
      });
      try {
        await terminal.waitFor(/^export SF_LOGIN_URL=http:\S+\n[\s\S]*_practice\/fault/m);
        const screen = await terminal.screen();
        assert.equal(screen.match(/^export SF_\w+=\S+$/gm)?.length, 4, screen);
        assert.doesNotMatch(screen, /^\{/m);
        await terminal.press("C-c");
        assert.equal(await terminal.exited(), 0);
      } finally {
        await terminal.close();
      }
    },
  );

  test("--cert and --key take a pair that is there, PEM or DER", async () => {
    const folder = temporaryFolder();
    const pair = await generateKeyPair();
    await writeFile(join(folder, "server.key"), pair.privateKeyPem);
    await writeFile(join(folder, "server.crt"), pair.certificateDer);
    const flags = ["--cert", join(folder, "server.crt"), "--key", join(folder, "server.key")];
    const { ready, stderr, home, end } = await startCommand([...flags, "--json"]);
    assert.equal(ready.privateKeyFile, join(folder, "server.key"));
    const own = await importPKCS8(pair.privateKeyPem, "RS256");
    const { url: aud, clientId: iss } = ready;
    const response = await fetch(aud + "/services/oauth2/token", {
      method: "POST",
      body: new URLSearchParams({
        grant_type: JWT_BEARER,
        assertion: await sign({ iss, aud }, own),
      }),
    });
    assert.equal(response.status, 200);
    assert.equal(await end("SIGTERM"), 0);
    assert.equal(stderr(), "");
    assert.ok(existsSync(join(folder, "server.key")));
    await rm(folder, { recursive: true });
    await rm(home, { recursive: true });
  });

  const wrong: [string, string[], RegExp][] = [
    ["a port that is taken", ["--port", new URL(org.url).port], /Port \d+ is already in use/],
    ["a port that is no number", ["--port", "http"], /--port must be a whole number/],
    [
      "a certificate that is not there",
      ["--cert", "/nowhere.crt"],
      /Cannot read \/nowhere\.crt: there is no such file/,
    ],
    ["a key without its certificate", ["--key", "server.key"], /--key needs --cert/],
  ];
  for (const [what, args, message] of wrong) {
    test(`${what} ends with exit code 2`, async () => {
      const { code, stderr, stdout } = await runSelf(["practice", ...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, "");
    });
  }

  test("a certificate that Salesforce would not take ends with exit code 2", async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, "server.crt"), org.privateKey!);
    const { code, stderr } = await runSelf(["practice", "--cert", join(folder, "server.crt")]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /server\.crt cannot be used: it holds a "PRIVATE KEY"/);
    await rm(folder, { recursive: true });
  });
});
