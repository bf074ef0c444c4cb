import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { copyCheckout } from "./helpers/checkout.ts";
import { once } from "./helpers/once.ts";
import { run, type RunResult } from "./helpers/runtime.ts";

// The gates of the copy are its own: `true`, or a `false` that a test commits. npm runs them on Node in any case.
describe("npm run release", () => {
  let clone: string;
  let start: string;

  /** A test in the clone as it was at the start. */
  const releaseTest = (title: string, use: () => Promise<void>): void => {
    test(title, () =>
      once(`release-${title}`, async () => {
        await git("reset", "--quiet", "--hard", start);
        await git("clean", "--quiet", "--force");
        await use();
      }));
  };

  const git = async (...args: string[]): Promise<string> => {
    const identity = ["-c", "user.name=Test", "-c", "user.email=test@acme.example"];
    return (await ok(run(["git", ...identity, ...args], { cwd: clone }))).stdout.trim();
  };
  const release = (version: string): Promise<RunResult> =>
    run(["npm", "run", "release", "--", version], {
      cwd: clone,
      env: {
        GIT_AUTHOR_NAME: "Test",
        GIT_AUTHOR_EMAIL: "test@acme.example",
        GIT_COMMITTER_NAME: "Test",
        GIT_COMMITTER_EMAIL: "test@acme.example",
      },
    });
  const read = (file: string): Promise<string> => readFile(join(clone, file), "utf8");
  const commit = async (file: string, text: string, message: string) => {
    await writeFile(join(clone, file), text);
    await git("add", "--all");
    await git("commit", "--quiet", "--message", message);
  };
  const withGates = async (gate: string): Promise<string> => {
    const manifest = JSON.parse(await read("package.json"));
    Object.assign(manifest.scripts, { check: "true", test: gate });
    return JSON.stringify(manifest, null, 2) + "\n";
  };

  before(async () => {
    [clone, start] = await once("release-clone", async (folder) => {
      clone = join(folder, "clone");
      await copyCheckout(clone);
      await ok(run(["git", "init", "--quiet"], { cwd: clone }));
      await writeFile(join(clone, ".git", "info", "exclude"), "node_modules\n");
      await commit("package.json", await withGates("true"), "feat(cli): the first feature");
      await git("tag", "v0.0.9");
      await commit("a.txt", "a", "fix(query)!: count() is a method");
      await commit("b.txt", "b", "feat: the second feature");
      await commit("c.txt", "c", "test: nothing for users");
      return [clone, await git("rev-parse", "HEAD")];
    });
  });

  /** A refusal says why, and leaves everything as it was. */
  async function refuses(version: string, why: RegExp): Promise<void> {
    const before = [await git("status", "--porcelain"), await git("rev-parse", "HEAD")];
    const { code, stderr } = await release(version);
    assert.equal(code, 1);
    assert.match(stderr, why);
    assert.deepEqual([await git("status", "--porcelain"), await git("rev-parse", "HEAD")], before);
    assert.equal(await git("tag", "--list", "v9*"), "");
  }

  releaseTest("sets the version, writes the changelog, packs, commits and tags", async () => {
    const { stdout } = await ok(release("9.0.0"));
    for (const file of ["package.json", "package-lock.json", "deno.json"]) {
      assert.equal(JSON.parse(await read(file)).version, "9.0.0", file);
    }
    const [, newest = ""] = (await read("CHANGELOG.md")).split(/^(?=## )/m);
    assert.match(newest, /^## 9\.0\.0 \(\d{4}-\d\d-\d\d\)\n/);
    assert.match(newest, /### Breaking changes\n\n- \*\*query\*\*: count\(\) is a method\n/);
    assert.match(newest, /### New\n\n- the second feature\n/);
    assert.doesNotMatch(newest, /first feature|nothing for users/);
    assert.equal(await git("cat-file", "-t", "v9.0.0"), "tag");
    assert.equal(await git("rev-parse", "v9.0.0^{commit}"), await git("rev-parse", "HEAD"));
    assert.equal(await git("status", "--porcelain"), "");
    for (const file of ["package.json", "deno.json"]) {
      const numbers = await git("show", "--format=", "--numstat", "HEAD", "--", file);
      assert.match(numbers, /^1\t1\t/, `more than a line of ${file} has changed`);
    }
    assert.ok(existsSync(join(clone, "sfetch-9.0.0.tgz")));
    const ending =
      /Nothing is published yet.*\n\n +npm publish sfetch-9\.0\.0\.tgz\n +npx deno publish\n/;
    assert.match(stdout, ending);
    await git("tag", "--delete", "v9.0.0");
  });

  releaseTest("refuses when there are uncommitted changes", async () => {
    await writeFile(join(clone, "a.txt"), "changed");
    await refuses("9.0.0", /uncommitted changes.*\n M a\.txt/);
  });

  releaseTest("refuses a tag that exists", async () => {
    await refuses("0.0.9", /tag v0\.0\.9 already exists/);
  });

  releaseTest("refuses what is not a version, or an older one", async () => {
    await refuses("next", /"next" is not a version.*npm run release -- 0\.2\.0/);
    await refuses("", /not a version/);
    await refuses("0.0.1", /older than/);
  });

  releaseTest("refuses when a gate fails, and restores the files", async () => {
    await commit("package.json", await withGates("false"), "test: a gate that fails");
    await refuses("9.0.0", /`npm test` failed/);
    assert.ok(!existsSync(join(clone, "sfetch-9.0.0.tgz")));
  });
});

async function ok(running: Promise<RunResult>): Promise<RunResult> {
  const result = await running;
  assert.equal(result.code, 0, result.stdout + result.stderr);
  return result;
}
