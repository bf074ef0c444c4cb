import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");

test("deno.lock holds the run-time dependencies alone, so that a first run fetches nothing else", () => {
  const { devDependencies } = JSON.parse(read("package.json"));
  const locked = Object.keys(JSON.parse(read("deno.lock")).npm)
    .map((version) => version.replace(/(?<=.)@.*/, ""));
  assert.ok(locked.includes("jose"));
  assert.deepEqual(locked.filter((name) => name in devDependencies), []);
});

test("package.json and deno.json ask for the same run-time dependencies", () => {
  const { dependencies } = JSON.parse(read("package.json"));
  const imports: Record<string, string> = JSON.parse(read("deno.json")).imports;
  const asked = Object.entries(imports)
    .filter(([name]) => !name.endsWith("/"))
    .map(([name, specifier]) => [name, specifier.replace(`npm:${name}@`, "")]);
  assert.deepEqual(Object.fromEntries(asked), dependencies);
});

test("lock files name no registry", () => {
  for (const name of ["deno.lock", "package-lock.json"]) {
    assert.doesNotMatch(read(name), /"resolved": "https?:|registry/);
  }
});

test("package.json, its lock file and deno.json name the same version", () => {
  const names = ["package.json", "package-lock.json", "deno.json"];
  const versions = new Set(names.map((name) => JSON.parse(read(name)).version));
  assert.equal(versions.size, 1, [...versions].join());
});
