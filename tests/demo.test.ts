import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import { test } from "node:test";
import { missing } from "./helpers/missing.ts";
import { root, runSelf, selfCommand, temporaryFolder } from "./helpers/runtime.ts";
import { openTerminal } from "./helpers/terminal.ts";

test("demo prints records on stdout and tells the story on stderr", async () => {
  const { code, stdout, stderr } = await runSelf(["demo"]);
  assert.equal(code, 0, stderr);
  const records = JSON.parse(stdout);
  assert.equal(records.length, 5);
  assert.ok(records.every((record: { Id: string; Name: string }) => record.Id && record.Name));
  const story = [
    /RSA, 2048 bits/,
    /iss +3MVG9/,
    /aud +http:\/\/127\.0\.0\.1:\d+ +\S/,
    /exp +\d+ +expires in (180|1[5-7]\d) seconds/,
    /POST +\/services\/oauth2\/token 200/,
    /00D…!\*\*\*\*/,
    /SELECT Id, Name FROM Account LIMIT 5/,
    /POST +\/services\/data\/v[\d.]+\/sobjects\/Account 201/,
    /DELETE +\/services\/data\/v[\d.]+\/sobjects\/Account\/001\w{15} 204/,
    /GET +\S+\/limits 401[\s\S]*token 200[\s\S]*GET +\S+\/limits 200/,
    /audience is invalid[\s\S]*option loginUrl/,
    /Next:/,
  ];
  let rest = stderr;
  for (const part of story) {
    const found = part.exec(rest);
    assert.ok(found, `${part} does not follow in:\n${stderr}`);
    rest = rest.slice(found.index);
  }
});

test("demo shows neither a token, an assertion nor a key", async () => {
  const { stdout, stderr } = await runSelf(["demo"]);
  assert.doesNotMatch(stdout + stderr, /00D\w{9,}!|eyJ[\w-]{10}|-----BEGIN/);
});

test("demo leaves nothing behind", async () => {
  const home = temporaryFolder();
  const temporary = temporaryFolder();
  try {
    const env = {
      HOME: home,
      TMPDIR: temporary,
      // What a runtime keeps for itself goes elsewhere.
      BUN_INSTALL: temporaryFolder(),
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
    };
    const { code, stderr } = await runSelf(["demo"], { env });
    await rm(env.BUN_INSTALL, { recursive: true });
    assert.equal(code, 0, stderr);
    assert.deepEqual(await readdir(home), []);
    assert.deepEqual(await readdir(temporary), []);
  } finally {
    await rm(home, { recursive: true });
    await rm(temporary, { recursive: true });
  }
});

test("demo shows the records as a table on a terminal", { skip: missing("tmux") }, async () => {
  const terminal = await openTerminal({
    command: [...selfCommand(), `${root}cli.ts`, "demo"],
    height: 80,
  });
  try {
    assert.equal(await terminal.exited(), 0);
    const screen = await terminal.waitFor("That was the whole flow");
    assert.match(screen, /Id +│? *Name|│ *Id *│ *Name/);
    assert.match(screen, /001\w{15}.*Acme/);
  } finally {
    await terminal.close();
  }
});
