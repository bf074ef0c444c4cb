import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./helpers/runtime.ts";

const readme = await readFile(join(root, "README.md"), "utf8");
const ci = await readFile(join(root, ".ci", "run"), "utf8");

test("the README names the Debian packages that .ci/run installs", () => {
  const listed = readme.match(/apt-get install (?:-y )?([\w -]+)/)?.[1];
  const installed = ci.match(/^packages="(.*)"$/m)?.[1];
  assert.equal(listed, installed);
});

test(".ci/run runs the README's test command, once", () => {
  const commands = ci.split("\n").filter((line) => /^npm (cit|test)\b/.test(line));
  assert.equal(commands.length, 1);
  assert.ok(commands[0]!.startsWith("npm cit"));
  assert.match(readme, /^npm cit$/m);
});
