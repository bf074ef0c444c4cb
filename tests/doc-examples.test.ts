import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { runCode } from "./helpers/code.ts";
import { once } from "./helpers/once.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { root, run } from "./helpers/runtime.ts";

const org = await practiceOrg();
const FILES = [
  "mod.ts",
  "practice-org/mod.ts",
  "practice-org/control.ts",
  "practice-org/faults.ts",
];
const source = readFileSync(join(root, "mod.ts"), "utf8");
const sources = FILES.map((file) => readFileSync(join(root, file), "utf8")).join("\n");

interface Example {
  /** The declaration that it is about. */
  of: string;
  code: string;
  /** What its comments say that it prints. */
  prints: string[];
}

const examples: Example[] = [...sources.matchAll(/^\/\*\*\n[\s\S]*?\*\/\n+(.*)/gm)].flatMap(
  ([comment, declaration]) =>
    [...comment!.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => {
      const code = block!.replace(/^ \* ?/gm, "");
      const prints = [...code.matchAll(/console\.log\(.*\);\s+\/\/ (.*)/g)].map(([, text]) =>
        text!
      );
      const of = /(?:class|function|interface|type|const) (\w+)/.exec(declaration!)?.[1];
      return { of: of ?? "the module", code, prints };
    }),
);

describe("the example in the documentation of", () => {
  for (const { of, code, prints } of examples) {
    test(`${of} runs`, async () => {
      const { code: exit, stdout, stderr } = await runCode(code, { env: org.env });
      assert.equal(exit, 0, stderr);
      assert.equal(stderr, "");
      for (const text of prints) assert.ok(stdout.includes(text), `${text}\n${stdout}`);
    });
  }
});

test("all examples in the documentation hold types", async () => {
  const check = ["deno", "check", "--no-lock", "--doc", "mod.ts"];
  const { code, stderr } = await once("check-examples", () => run(check, { cwd: root }));
  assert.equal(code, 0, stderr);
});

test("every function and class in the documentation has an example", () => {
  const exported = [...source.matchAll(/^export (?:async )?(?:class|function) (\w+)/gm)];
  assert.ok(exported.length > 10);
  const lacking = exported.map(([, name]) => name!)
    .filter((name) => !examples.some(({ of }) => of === name));
  assert.deepEqual(lacking, []);
});
