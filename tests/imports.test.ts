/** Which files of cli/ import which: no circles, types included, and the arrows run one way. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { root } from "./helpers/runtime.ts";

const files = readdirSync(join(root, "cli"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => join("cli", file));

/** The local files that each file imports, at load time, for their types, or later. */
const imports = new Map(files.map((file) => {
  const source = readFileSync(join(root, file), "utf8").replace(/\/\*\*[^]*?\*\//g, "");
  const specifiers = [...source.matchAll(/(?:\bfrom|\bimport\()\s*"(\.[^"]+)"/g)];
  return [
    file,
    specifiers.map(([, path]) => relative(root, join(root, dirname(file), path!))),
  ];
}));

test("no file imports itself by way of others", () => {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    assert.ok(!path.includes(file), [...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file)) return;
    for (const imported of imports.get(file) ?? []) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

/** Where the folders are is asked everywhere; the file imports nothing. */
const LEAF = join("cli", "orgs", "folders.ts");

/** What each folder may not import: what stands above it. */
const ABOVE: Record<string, string[]> = {
  terminal: ["output", "run", "orgs", "repl", "commands", "soql", "keys"],
  soql: ["terminal", "output", "run", "orgs", "repl", "commands", "arguments", "keys"],
  output: ["run", "orgs", "repl", "commands", "keys"],
  run: ["orgs", "repl", "commands", "keys"],
  orgs: ["repl", "commands", "run"],
};

for (const [folder, above] of Object.entries(ABOVE)) {
  test(`cli/${folder} imports nothing that is built on it`, () => {
    for (const [file, imported] of imports) {
      if (!file.startsWith(join("cli", folder) + "/")) continue;
      const wrong = imported.filter((path) =>
        path !== LEAF && above.some((name) => path.startsWith(`cli/${name}/`))
      );
      assert.deepEqual(wrong, [], file);
    }
  });
}

test("the session's prompt does not wait for mod.ts", () => {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = readFileSync(join(root, file), "utf8");
    const loaded = source.matchAll(/^import (?!type )(?:\{[^}]*\}|[^{;]*?) ?from "(\.[^"]+)";/gm);
    for (const [statement, path] of loaded) {
      const isForTypes = /\{(\s*type \w+,?\s*)+\}/.test(statement);
      if (!isForTypes) visit(relative(root, join(root, dirname(file), path!)));
    }
  };
  visit(join("cli", "repl", "terminal.ts"));
  assert.ok(seen.size > 10, "the files were followed");
  assert.ok(!seen.has("mod.ts"), [...seen].join(" "));
});
