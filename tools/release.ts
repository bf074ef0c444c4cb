/**
 * Makes a release, up to the two commands that publish it:
 *
 *     npm run release -- 0.2.0
 *
 * Sets the version, writes the changelog, runs every gate, packs, tries the packed package as its users would, commits
 * and tags. If anything fails, nothing is committed and the files are as they were.
 *
 * @module
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { writeChangelog } from "./changelog.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const CHANGED = ["package.json", "package-lock.json", "deno.json", "CHANGELOG.md"];

/** Why there is no release. */
class Refusal extends Error {}

function release(version: string): void {
  requireNewVersion(version);
  requireCleanTree();
  const tarball = `sfetch-${version}.tgz`;
  try {
    setVersion(version);
    writeChangelog(`${version} (${new Date().toISOString().slice(0, 10)})`);
    gate("npm", ["run", "check"]);
    gate("npm", ["test"]);
    gate("npm", ["pack", "--silent"]);
    gate("npm", ["test", "--", "packed"], { SFETCH_TARBALL: join(root, tarball) });
    requireOnlyOwnChanges();
  } catch (error) {
    git("checkout", "--quiet", "--", ...CHANGED);
    rmSync(join(root, tarball), { force: true });
    throw error;
  }
  git("commit", "--quiet", "--all", "--message", `chore(release): ${version}`);
  git("tag", "--annotate", "--message", `sfetch ${version}`, `v${version}`);
  console.log(`
Version ${version} is committed, tagged v${version} and packed. Nothing is published yet. To publish it:

    npm publish ${tarball}
    npx deno publish

Then share the commit and the tag: git push --follow-tags`);
}

function requireNewVersion(version: string): void {
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Refusal(`"${version}" is not a version. Usage: npm run release -- 0.2.0`);
  }
  if (git("tag", "--list", `v${version}`) !== "") {
    throw new Refusal(`The tag v${version} already exists. Choose a newer version.`);
  }
  const current: string = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
  if (version.localeCompare(current, "en", { numeric: true }) < 0) {
    throw new Refusal(`Version ${version} is older than ${current}, the version in package.json.`);
  }
}

function requireCleanTree(): void {
  const changes = git("status", "--porcelain");
  if (changes !== "") {
    throw new Refusal(`There are uncommitted changes. Commit or stash them first:\n${changes}`);
  }
}

/** A gate must not repair what it checks. */
function requireOnlyOwnChanges(): void {
  const changes = git("status", "--porcelain").split("\n")
    .filter((line) => line !== "" && !CHANGED.includes(line.slice(3)));
  if (changes.length > 0) {
    throw new Refusal(`The gates changed other files:\n${changes.join("\n")}`);
  }
}

/** package.json is where the version is decided; deno.json and the lock file follow it. */
function setVersion(version: string): void {
  for (const name of ["package.json", "deno.json"]) {
    const text = readFileSync(join(root, name), "utf8");
    writeFileSync(join(root, name), text.replace(/("version": ")[^"]+/, `$1${version}`));
  }
  const file = join(root, "package-lock.json");
  const lock = JSON.parse(readFileSync(file, "utf8"));
  lock.version = lock.packages[""].version = version;
  writeFileSync(file, JSON.stringify(lock, null, 2) + "\n");
}

function gate(command: string, args: string[], env: Record<string, string> = {}): void {
  const line = [command, ...args].join(" ");
  console.log(`\n$ ${line}`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (status !== 0) {
    throw new Refusal(`\`${line}\` failed. Fix what it reports, commit, and try again.`);
  }
}

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trimEnd();
}

process.on("SIGINT", () => {}); // Ctrl-C ends the running gate, and that undoes the rest

try {
  release(process.argv[2] ?? "");
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`\nNo release: ${error.message}`);
  process.exitCode = 1;
}
