import assert from "node:assert/strict";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { missing } from "./helpers/missing.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { root, run, temporaryFolder } from "./helpers/runtime.ts";
import { openTerminal } from "./helpers/terminal.ts";

const org = await practiceOrg();

describe("the npm package, installed by Bun in an empty project", () => {
  const project = temporaryFolder();
  const inProject = (...command: string[]) =>
    run(command, { cwd: project, env: org.env, timeout: 120_000 });

  before(async () => {
    await ok(run(["npm", "pack", "--silent", "--pack-destination", project], { cwd: root }));
    const tarball = (await readdir(project)).find((name) => name.endsWith(".tgz"))!;
    await writeFile(join(project, "package.json"), `{ "type": "module" }`);
    await ok(inProject("bun", "add", `./${tarball}`));
  });
  after(() => rm(project, { recursive: true, force: true }));

  test("takes less than 15 MB, dependencies included", async () => {
    const bytes = await sizeOf(join(project, "node_modules"));
    assert.ok(bytes < 15e6, `${(bytes / 1e6).toFixed(1)} MB`);
  });

  test('import … from "sfetch" works in Bun', async () => {
    await writeFile(
      join(project, "script.ts"),
      `import { sfQuery } from "sfetch";
       console.log((await sfQuery("SELECT Id FROM Account LIMIT 3")).length);`,
    );
    assert.equal((await ok(inProject("bun", "script.ts"))).stdout, "3\n");
  });

  test("bunx sfetch demo shows the whole flow", async () => {
    const { stdout } = await ok(inProject("bunx", "sfetch", "demo"));
    assert.equal(JSON.parse(stdout).length, 5);
  });

  test("bunx sfetch opens the REPL", { skip: missing("tmux") }, async () => {
    const terminal = await openTerminal({
      command: ["bunx", "sfetch"],
      cwd: project,
      env: org.env,
    });
    try {
      await terminal.waitFor(/>$/m);
      await terminal.send("SELECT COUNT(Id) howMany FROM Account;\n");
      await terminal.waitFor(/1 record.*\n.*>$/);
      await terminal.press("C-d");
      assert.equal(await terminal.exited(), 0);
    } finally {
      await terminal.close();
    }
  });

  test("types resolve under tsc --strict, without Node's types", async () => {
    await writeFile(
      join(project, "types.ts"),
      `import { createSession, sfQuery, soql, type SessionOptions, type Token } from "sfetch";
       const options: SessionOptions = { loginUrl: "sandbox" };
       const token: Token = await createSession(options).getToken();
       export const secret: string = token.accessToken;
       for await (const { Name } of sfQuery<{ Name: string }>(soql\`SELECT Name FROM Account\`)) {
         Name.toUpperCase();
       }
       // @ts-expect-error: the types are really there
       createSession({ loginUrl: 1 });`,
    );
    for (const module of ["--module nodenext", "--module esnext --moduleResolution bundler"]) {
      // deno-fmt-ignore
      await ok(inProject(
        "tsc", "--noEmit", "--strict", "--skipLibCheck", "false", "--target", "es2022",
        "--lib", "esnext,dom,dom.iterable,dom.asynciterable", ...module.split(" "), "types.ts",
      ));
    }
  });
});

async function ok(running: ReturnType<typeof run>): Promise<{ stdout: string }> {
  const { code, stdout, stderr } = await running;
  assert.equal(code, 0, stdout + stderr);
  return { stdout };
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
