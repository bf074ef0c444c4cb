import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./helpers/runtime.ts";

const readme = await readFile(join(root, "README.md"), "utf8");
const ci = await readFile(join(root, ".ci", "run"), "utf8");

test(".ci/run looks for every program that a test would be skipped without", async () => {
  const everywhere = ["bash", "sh", "head", "unshare", "node", "sf"]; // Debian's base, the suite's own, CI's own
  const wanted = ci.match(/^programs="(.*)"$/m)?.[1]?.split(" ") ?? [];
  for (const file of (await readdir(join(root, "tests"))).filter((name) => name.endsWith(".ts"))) {
    const text = await readFile(join(root, "tests", file), "utf8");
    for (const [, names] of text.matchAll(/\bmissing\(("[\w", -]+")\)/g)) {
      for (const name of names!.split(",").map((each) => each.trim().replaceAll('"', ""))) {
        assert.ok([...wanted, ...everywhere].includes(name), `${name}, for ${file}`);
      }
    }
  }
});

test(".ci/run runs the README's test command, once", () => {
  const commands = ci.split("\n").filter((line) => /^npm (cit|test)\b/.test(line));
  assert.equal(commands.length, 1);
  assert.ok(commands[0]!.startsWith("npm cit"));
  assert.match(readme, /^npm cit$/m);
});

test("the workflow runs .ci/run, and pins every action to a commit", async () => {
  const workflow = await readFile(join(root, ".github", "workflows", "ci.yml"), "utf8");
  assert.match(workflow, /^ +- run: \.ci\/run$/m);
  const actions = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action!);
  assert.ok(actions.length > 0);
  for (const action of actions) assert.match(action, /@[0-9a-f]{40}$/);
});

test("SECURITY.md names tests that exist", async () => {
  const security = await readFile(join(root, ".github", "SECURITY.md"), "utf8");
  const named = [...security.matchAll(/(tests\/[\w-]+\.test\.ts): (.+?) +\|/g)];
  assert.ok(named.length >= 10);
  for (const [, file, title] of named) {
    const text = await withTables(join(root, file!));
    assert.ok(text.includes(title!), `${file} has no test "${title}"`);
  }
});

/** A test file with the tables that its tests are made from, which are its imports in folders of tests/. */
async function withTables(file: string): Promise<string> {
  const text = await readFile(file, "utf8");
  const tables = [...text.matchAll(/from "(\.\/(?:fuzz|matrix)\/.+?)"/g)];
  const texts = tables.map(([, path]) => readFile(join(file, "..", path!), "utf8"));
  return [text, ...await Promise.all(texts)].join("\n");
}
