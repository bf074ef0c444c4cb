import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { copyCheckout } from "./helpers/checkout.ts";
import { missing } from "./helpers/missing.ts";
import { once } from "./helpers/once.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { root, run, type RunResult, runtimeName, temporaryFolder } from "./helpers/runtime.ts";
import { openTerminal } from "./helpers/terminal.ts";

/** How somebody with this runtime installs the package and runs it. */
interface User {
  name: string;
  /** The folders of the PATH. */
  path: string[];
  install: string[];
  script: string[];
  command: string[];
}

const org = await practiceOrg();
const folder = temporaryFolder();
const system = (process.env.PATH ?? "").split(delimiter)
  .filter((path) => !path.includes("node_modules"));
const bin = join(root, "node_modules", ".bin");
const node20 = system.find((path) => nodeVersion(path)?.startsWith("v20."));
/** What was fetched once is not fetched again, though each child has a HOME of its own. */
const caches = {
  npm_config_cache: process.env.npm_config_cache ?? join(homedir(), ".npm"),
  BUN_INSTALL_CACHE_DIR: process.env.BUN_INSTALL_CACHE_DIR ??
    join(process.env.BUN_INSTALL ?? join(homedir(), ".bun"), "install", "cache"),
};
const npmInstall = ["npm", "install", "--prefer-offline", "--no-audit", "--no-fund"];
const users = usersOf(runtimeName);

let tarball: string;

before(async () => {
  tarball = process.env.SFETCH_TARBALL ?? await once("pack", pack); // a release tries its own
  if (runtimeName === "bun") await bunAlone();
  for (const user of users) {
    await mkdir(projectOf(user));
    await writeFile(join(projectOf(user), "package.json"), `{ "type": "module" }`);
    await ok(as(user, ...user.install, tarball));
  }
});
after(() => removeFolder(folder));

describe("the npm package", () => {
  test("holds JavaScript, declarations and source maps, and no TypeScript", async () => {
    const files = await packedFiles();
    assert.ok(files.includes("dist/mod.js") && files.includes("dist/practice-org/mod.d.ts"));
    const others = files.filter((file) => !/^dist\/.*(\.js|\.js\.map|\.d\.ts)$/.test(file));
    assert.deepEqual(others.sort(), ["LICENSE", "README.md", "package.json"]);
  });

  test("has every statement on the line and column of its source", async () => {
    const installed = join(projectOf(users[0]!), "node_modules", "sfetch", "dist");
    for (const name of ["mod", "cli"]) {
      const built = (await readFile(join(installed, `${name}.js`), "utf8")).split("\n");
      const source = (await readFile(join(root, `${name}.ts`), "utf8")).split("\n");
      assert.equal(built.length, source.length + 1); // the last one names the source map
      for (const [index, line] of built.entries()) {
        const at = line.search(/\b(return|await|throw) /);
        if (at < 0) continue;
        assert.equal(source[index]!.slice(at, at + 6), line.slice(at, at + 6), `${name}:${index}`);
      }
    }
  });

  test("has no fault that publint or are-the-types-wrong knows", async () => {
    await once("lint-package", async () => {
      await ok(run(["publint", "--strict", tarball]));
      await ok(run(["attw", tarball, "--profile", "esm-only"]));
    });
  });

  test("takes less than 15 MB, dependencies included", async () => {
    const bytes = await sizeOf(join(projectOf(users[0]!), "node_modules"));
    assert.ok(bytes < 15e6, `${(bytes / 1e6).toFixed(1)} MB`);
  });
});

describe("the npm package in an empty project", () => {
  test("runs a script that imports it", async () => {
    for (const user of users) {
      await writeFile(
        join(projectOf(user), "script.js"),
        `import { sfQuery } from "sfetch";
         console.log((await sfQuery("SELECT Id FROM Account LIMIT 3")).length);`,
      );
      assert.equal((await ok(as(user, ...user.script, "script.js"))).stdout, "3\n", user.name);
    }
  });

  test("starts a practice org for somebody's own test", async () => {
    for (const user of users) {
      await writeFile(
        join(projectOf(user), "practice.js"),
        `import { createSession } from "sfetch";
         import { startPracticeOrg } from "sfetch/practice-org";
         const { url: loginUrl, clientId, username, privateKey, close } = await startPracticeOrg();
         const session = createSession({ loginUrl, clientId, username, privateKey });
         console.log((await session.query("SELECT Id FROM Account LIMIT 3")).length);
         await close();`,
      );
      assert.equal((await ok(as(user, ...user.script, "practice.js"))).stdout, "3\n", user.name);
    }
  });

  test("runs the command", async () => {
    for (const user of users) {
      const { stdout, stderr } = await ok(as(user, ...user.command, "demo"));
      assert.equal(JSON.parse(stdout).length, 5, user.name);
      assert.doesNotMatch(stderr, /Warning/);
      const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
      const shown = await ok(as(user, ...user.command, "--version"));
      assert.equal(shown.stdout, `${version}\n`);
    }
  });

  test("opens the REPL in a terminal", { skip: missing("tmux") }, async () => {
    for (const user of users) {
      const terminal = await openTerminal({
        command: ["env", `PATH=${user.path.join(delimiter)}`, ...user.command],
        cwd: projectOf(user),
        env: { ...org.env, ...caches },
      });
      try {
        await terminal.waitFor(/>$/m);
        await terminal.send("SELECT COUNT(Id) howMany FROM Account;\n");
        await terminal.waitFor(/1 record.*\n.*>$/);
        await terminal.press("C-d");
        assert.equal(await terminal.exited(), 0, user.name);
      } finally {
        await terminal.close();
      }
    }
  });

  test("runs on the oldest Node that engines promises", {
    skip: !node20 && "no Node 20 on the PATH",
  }, async () => {
    const { engines } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    assert.equal(engines.node, ">=20.10");
    assert.ok(runtimeName !== "node" || users.some(({ path }) => path.includes(node20!)));
  });
});

describe("the npm package's types", () => {
  let project: string;
  before(async () => {
    project = await once("package-types", install);
  });

  /** Makes a project of a user with two compilers. */
  async function install(project: string): Promise<string> {
    await writeFile(join(project, "package.json"), `{ "type": "module" }`);
    const compilers = ["typescript5@npm:typescript@~5.9", "typescript6@npm:typescript@~6.0"];
    await ok(run([...npmInstall, tarball, ...compilers], { cwd: project, env: caches }));
    await writeFile(
      join(project, "script.ts"),
      `import { createSession, sfQuery, soql, type SessionOptions, type Token } from "sfetch";
       import { startPracticeOrg, type PracticeOrg } from "sfetch/practice-org";
       import "sfetch/cli";
       const options: SessionOptions = { loginUrl: "sandbox" };
       const token: Token = await createSession(options).getToken();
       export const secret: string = token.accessToken;
       for await (const { Name } of sfQuery<{ Name: string }>(soql\`SELECT Name FROM Account\`)) {
         Name.toUpperCase();
       }
       export const org: PracticeOrg = await startPracticeOrg({ rows: 5 });
       // @ts-expect-error: the types are really there
       createSession({ loginUrl: 1 });`,
    );
    return project;
  }

  for (const compiler of ["typescript5", "typescript6"]) {
    test(`compile with ${compiler} as \`tsc --init\` sets it up, libraries checked`, async () => {
      const tsc = ["node", join(project, "node_modules", compiler, "bin", "tsc")];
      await once(`package-types-${compiler}`, async () => {
        await rm(join(project, "tsconfig.json"), { force: true });
        await ok(run([...tsc, "--init"], { cwd: project }));
        const check = [...tsc, "--noEmit", "--skipLibCheck", "false", "-p", "."];
        await ok(run(check, { cwd: project }));
      });
    });
  }
});

function usersOf(runtime: typeof runtimeName): User[] {
  switch (runtime) {
    case "bun": {
      const path = [join(folder, "bun-alone")];
      const command = ["bunx", "sfetch"];
      return [{ name: "Bun", path, install: ["bun", "add"], script: ["bun"], command }];
    }
    case "deno": {
      const script = ["deno", "run", "-A"];
      const command = [...script, "node_modules/sfetch/dist/cli.js"];
      const install = npmInstall;
      return [{ name: "Deno", path: [bin, ...system], install, script, command }];
    }
    case "node": {
      const npm = { install: npmInstall, script: ["node"], command: ["npx", "sfetch"] };
      return [
        { name: "Node 24", path: [bin, ...system], ...npm },
        ...(node20 ? [{ name: "Node 20", path: [node20, ...system], ...npm }] : []),
      ];
    }
  }
}

/** Packs a copy of the checkout, as other tests read the checkout at the same time. */
async function pack(folder: string): Promise<string> {
  const checkout = join(folder, "checkout");
  await copyCheckout(checkout);
  const { stdout } = await ok(run(["npm", "pack", "--silent"], { cwd: checkout }));
  assert.ok(!(await readdir(checkout)).includes("dist"), "what was built is left behind");
  return join(checkout, stdout.trim().split("\n").at(-1)!);
}

function projectOf({ name }: User): string {
  return join(folder, name);
}

/** Runs a command as this user would, in the project. */
function as(user: User, ...command: string[]): Promise<RunResult> {
  const path = `PATH=${user.path.join(delimiter)}`;
  const env = { ...org.env, ...caches };
  return run(["/usr/bin/env", path, ...command], { cwd: projectOf(user), env });
}

/** A PATH of one folder, with Bun as its only program. */
async function bunAlone(): Promise<void> {
  const alone = join(folder, "bun-alone");
  await mkdir(alone);
  for (const name of ["bun", "bunx"]) {
    await symlink(await realpath(join(bin, name)), join(alone, name));
  }
}

function nodeVersion(path: string): string | undefined {
  try {
    return execFileSync(join(path, "node"), ["--version"], { encoding: "utf8", stdio: "pipe" });
  } catch {
    return undefined; // no Node there
  }
}

/** The files of the package as it was packed, from its root. */
async function packedFiles(): Promise<string[]> {
  const { stdout } = await ok(run(["tar", "-tzf", tarball]));
  return stdout.trim().split("\n").map((file) => file.replace("package/", ""));
}

async function ok(running: Promise<RunResult>): Promise<RunResult> {
  const result = await running;
  assert.equal(result.code, 0, result.stdout + result.stderr);
  return result;
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
