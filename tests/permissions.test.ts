import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { root, run, temporaryFolder } from "./helpers/runtime.ts";

const org = await practiceOrg();

// What the README tells users of Deno to allow, no more and no less.
describe("least privilege on Deno", () => {
  const folder = temporaryFolder();
  const home = join(folder, "home");
  const key = join(folder, "server.key");
  const script = join(folder, "script.ts");
  const { host } = new URL(org.url);
  const { SF_PRIVATE_KEY: _, ...login } = org.env;
  const env = { ...login, HOME: home, SF_PRIVATE_KEY_FILE: key };

  before(async () => {
    await mkdir(home);
    await writeFile(key, org.privateKey!, { mode: 0o600 });
    await copyFile(join(root, "mod.ts"), join(folder, "mod.ts"));
    await writeFile(
      script,
      `import { sfQuery } from "./mod.ts";
       console.log((await sfQuery("SELECT Id FROM Account LIMIT 3")).length);`,
    );
  });
  after(() => removeFolder(folder));

  function deno(flags: string[], ...program: string[]) {
    return run(["deno", "run", "--no-prompt", ...flags, ...program], { cwd: folder, env });
  }

  /** The names of the flags that the documentation gives to a program. */
  async function documented(program: string): Promise<string[]> {
    const page = await readFile(join(root, "docs", "runtimes.md"), "utf8");
    const line = page.match(new RegExp(`^deno run (.*) ${program}`, "m"));
    return line![1]!.split(" ").map((flag) => flag.replace(/=.*/, "")).sort();
  }

  const names = (flags: Record<string, RegExp>) =>
    Object.keys(flags).map((flag) => flag.replace(/=.*/, "")).sort();

  /** Runs with all flags, and must not without any one of them, saying what is wrong. */
  async function areExactlyEnough(flags: Record<string, RegExp>, ...program: string[]) {
    const all = Object.keys(flags);
    const { code, stderr } = await deno(all, ...program);
    assert.equal(code, 0, stderr);
    for (const [flag, complaint] of Object.entries(flags)) {
      const { code, stderr } = await deno(all.filter((other) => other !== flag), ...program);
      assert.notEqual(code, 0, `it runs without ${flag}`);
      assert.match(stderr, complaint, `without ${flag}`);
    }
  }

  test("a script needs its variables, its host and its key", async () => {
    const flags = {
      "--allow-env=SF_*": /SF_CLIENT_ID/,
      [`--allow-net=${host}`]: /--allow-net/,
      [`--allow-read=${key}`]: /--allow-read/,
    };
    assert.deepEqual(names(flags), await documented("examples/"));
    await areExactlyEnough(flags, script);
  });

  const cliFlags = {
    "--ignore-env": /env/,
    "--allow-env=SF_*": /SF_CLIENT_ID/,
    [`--allow-net=${host}`]: /--allow-net/,
    [`--allow-read=${key}`]: /--allow-read/,
  };
  const query = [join(root, "cli.ts"), "query", "SELECT Id FROM Account LIMIT 3"];

  test("the CLI needs the same, with the rest of the environment ignored", async () => {
    assert.deepEqual(names(cliFlags), await documented("cli.ts"));
    await areExactlyEnough(cliFlags, ...query);
  });

  test("the CLI keeps its token where it may read and write its cache", async () => {
    const given = Object.keys(cliFlags).map((flag) => flag.replace("SF_*", "SF_*,HOME"));
    const exchanges = async (...flags: string[]) => {
      org.control.clearRequests();
      await deno([...given, ...flags], ...query);
      await deno([...given, ...flags], ...query);
      return org.control.tokenRequests();
    };
    const cache = join(home, ".cache", "sfetch");
    assert.equal(await exchanges(), 2);
    assert.equal(await exchanges(`--allow-write=${cache}`), 2);
    assert.equal(await exchanges(`--allow-read=${key},${cache}`, `--allow-write=${cache}`), 1);
  });
});
