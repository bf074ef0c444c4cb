/** What a server says never reaches the terminal as control characters, whichever command shows it. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { missing } from "./helpers/missing.ts";
import { root, runSelf, selfCommand, temporaryFolder } from "./helpers/runtime.ts";
import { startSalesforce } from "./helpers/salesforce-server.ts";
import { openTerminal } from "./helpers/terminal.ts";

/** Sets the window's title, then a sign that some terminals take for the beginning of a sequence. */
const EVIL = "\x1b]0;pwned\x07\x9b31m";
const SHOWN = "\\u001b]0;pwned\\u0007\\u009b31m";

const salesforce = await startSalesforce();
const folder = temporaryFolder();
const keyFile = join(folder, "server.key");
await writeFile(keyFile, salesforce.options.privateKey, { mode: 0o600 });
after(async () => {
  await salesforce.close();
  await removeFolder(folder);
});

salesforce.rows = () => [{ Id: "00D000000000001", Name: EVIL, IsSandbox: true }];
const REFUSAL = { status: 400, body: { error: `invalid_${EVIL}`, error_description: EVIL } };

function loginFlags(name: string): string[] {
  const { clientId, username, loginUrl } = salesforce.options;
  const answers = ["--client-id", clientId!, "--username", username!, "--login-url", loginUrl!];
  return ["login", name, ...answers, "--key", keyFile];
}

/** What a command sends to its terminal, up to where `last` shows and a word of the server came by. */
async function sentToTerminal(
  args: string[],
  env: Record<string, string>,
  last: string | RegExp,
): Promise<string> {
  const command = [...selfCommand(), join(root, "cli.ts"), ...args];
  // It waits for the recorder.
  const terminal = await openTerminal({
    command: ["sh", "-c", 'read -r _; exec "$@"', "sh", ...command],
    env,
  });
  try {
    await terminal.record();
    await terminal.press("Enter");
    await terminal.waitFor(last);
    await terminal.waitForSent(/pwned/);
    return await terminal.sent();
  } finally {
    await terminal.close();
  }
}

function assertHarmless(text: string): void {
  assert.ok(text.includes(SHOWN), text);
  assert.ok(!text.includes("\x1b]0;pwned"), JSON.stringify(text));
  assert.ok(!/\x9b|\xc2\x9b/.test(text), JSON.stringify(text));
}

describe("without a terminal", () => {
  test("login tells the org's name", async () => {
    const { code, stderr } = await runSelf(loginFlags("named"));
    assert.equal(code, 0, stderr);
    assertHarmless(stderr);
  });

  test("a refused sign-in is told", async () => {
    salesforce.next("/services/oauth2/token", REFUSAL);
    const { code, stderr } = await runSelf(["get", "/limits"], { env: salesforce.env });
    assert.equal(code, 1);
    assertHarmless(stderr);
  });
});

describe("on a terminal", { skip: missing("tmux") }, () => {
  test("get --include shows headers and status", async () => {
    salesforce.always("/services/data/v67.0/limits", {
      // What HTTP lets through: no escape, but the characters above 127.
      headers: { "x-evil": "\x9b31m" },
      body: { evil: EVIL },
    });
    const sent = await sentToTerminal(["get", "/limits", "-i"], salesforce.env, /^}/m);
    assert.match(sent, /x-evil: \\u009b31m/);
    assertHarmless(sent);
  });

  test("login tells why it was refused", async () => {
    salesforce.next("/services/oauth2/token", REFUSAL);
    assertHarmless(await sentToTerminal(loginFlags("refused"), {}, "What now?"));
  });
});
