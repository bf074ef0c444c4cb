import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { once } from "./helpers/once.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { type RawHost, rawHost } from "./helpers/raw-host.ts";
import { run, temporaryFolder } from "./helpers/runtime.ts";

const org = await practiceOrg();

// No config, no import map, nothing cached: a machine that has never seen sfetch. It is Deno in any case.
describe("by URL, on a fresh machine", () => {
  const folder = temporaryFolder();
  const script = join(folder, "script.ts");
  let host: RawHost;

  before(async () => {
    host = await rawHost();
    await writeFile(
      script,
      `import { sfQuery } from "${host.url}/mod.ts";
       const accounts = await sfQuery("SELECT Name FROM Account ORDER BY Name LIMIT 2");
       console.log(accounts.map(({ Name }) => typeof Name).join());`,
    );
  });
  after(async () => {
    await host.close();
    await removeFolder(folder);
  });

  const denoTest = (title: string, use: () => Promise<void>): void => {
    test(title, () => once(`by-url-${title}`, use));
  };

  async function deno(cache: string, ...args: string[]) {
    await mkdir(join(folder, cache), { recursive: true });
    const env = { ...org.env, DENO_DIR: join(folder, cache) };
    return await run(["deno", ...args], { cwd: folder, env });
  }

  denoTest("a script imports mod.ts and queries", async () => {
    const { code, stdout, stderr } = await deno("script", "run", "-A", script);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "string,string\n");
    assert.deepEqual(
      host.paths.filter((path) => path !== "/mod.ts"),
      [],
      "mod.ts is the one file that is fetched",
    );
  });

  denoTest("deno check finds no fault with it", async () => {
    const { code, stderr } = await deno("check", "check", "--allow-import", script);
    assert.equal(code, 0, stderr);
  });

  denoTest("after deno cache it runs with --cached-only, jose included", async () => {
    const cached = await deno("cached", "cache", "--allow-import", script);
    assert.equal(cached.code, 0, cached.stderr);
    const before = host.paths.length;
    const { code, stdout, stderr } = await deno("cached", "run", "-A", "--cached-only", script);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "string,string\n");
    assert.equal(host.paths.length, before, "nothing is fetched again");
  });

  denoTest("cli.ts runs with --import-map, the one flag it needs", async () => {
    const { code, stdout, stderr } = await deno(
      "cli",
      "run",
      "-A",
      `--import-map=${host.url}/deno.json`,
      `${host.url}/cli.ts`,
      "query",
      "SELECT Name FROM Account ORDER BY Name LIMIT 2",
      "--format=json",
    );
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).length, 2);
  });
});
