/** Child processes on the runtime that runs the test, in an environment of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { Buffer } from "node:buffer";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { removeFolder } from "./remove-folder.ts";
import { PATIENCE } from "./until.ts";

/** The folder of the checkout. */
export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** The runtime that runs this test. */
export const runtimeName: "deno" | "bun" | "node" = "Deno" in globalThis
  ? "deno"
  : "Bun" in globalThis
  ? "bun"
  : "node";

/** The command that runs a TypeScript file on this runtime: put the file and its arguments behind it. */
export function selfCommand(): string[] {
  return runtimeName === "deno" ? [process.execPath, "run", "-A"] : [process.execPath];
}

/** How a child process is run. */
export interface RunOptions {
  /** Added to the environment; `undefined` takes a variable out. Without `HOME` the child gets an empty one. */
  env?: Record<string, string | undefined>;
  /** Written to stdin, which then ends. Without it stdin is empty. */
  input?: string | Uint8Array;
  /** The folder to run in. @default {the empty HOME} */
  cwd?: string;
}

/** What a child process left behind. */
export interface RunResult {
  /** The exit code; -1 if a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `cli.ts` with these arguments on this runtime. */
export function runSelf(args: string[], options?: RunOptions): Promise<RunResult> {
  return runScript(join(root, "cli.ts"), args, options);
}

/** Runs a TypeScript file on this runtime. */
export function runScript(
  file: string,
  args: string[] = [],
  options?: RunOptions,
): Promise<RunResult> {
  return run([...selfCommand(), file, ...args], options);
}

/** Runs any command to its end. */
export async function run(command: string[], options: RunOptions = {}): Promise<RunResult> {
  const home = temporaryFolder();
  try {
    const child = start(command, { cwd: home, ...options, env: { HOME: home, ...options.env } });
    child.stdin!.on("error", () => {}); // a child may end without reading its input
    child.stdin!.end(options.input ?? "");
    return await finished(child, command);
  } finally {
    await removeFolder(home);
  }
}

/** Starts `cli.ts` with these arguments on this runtime and leaves it running: the test ends it. */
export function startSelf(args: string[], options: RunOptions = {}): ChildProcess {
  return start([...selfCommand(), join(root, "cli.ts"), ...args], options);
}

/** Starts any command and leaves it running: the test ends it. */
export function start(command: string[], options: RunOptions = {}): ChildProcess {
  const [file, ...args] = command;
  return spawn(file!, args, { cwd: options.cwd ?? root, env: childEnv(options.env) });
}

/**
 * The environment of a child process: this one's, without what would make a test depend on the
 * machine it runs on (settings of Salesforce tools, CI, colours) or on npm having started it, plus
 * `env`.
 */
export function childEnv(env: Record<string, string | undefined> = {}): Record<string, string> {
  const merged = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !PRIVATE.test(name))),
    PATH: join(root, "node_modules", ".bin") + delimiter + process.env.PATH,
    DENO_DIR: denoDir(),
    NO_COLOR: "1",
    // The runner's cache, or none: in a HOME of its own it would be written each time, and never read.
    ...(!process.env.NODE_COMPILE_CACHE && { NODE_DISABLE_COMPILE_CACHE: "1" }),
    ...env,
  };
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

const PRIVATE =
  /^(SF_|SFDX_|XDG_|TMUX|CI$|GITHUB_|FORCE_COLOR$|DEBUG$|NODE_TEST_CONTEXT$|npm_|NODE$|INIT_CWD$)/;

/** Deno's cache of packages: named, as a child with another HOME would fetch them all again. */
function denoDir(): string {
  if (process.env.DENO_DIR) return process.env.DENO_DIR;
  const caches = process.platform === "darwin"
    ? join(homedir(), "Library", "Caches")
    : process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  return join(caches, "deno");
}

/** A new empty folder. The caller removes it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "sfetch-test-"));
}

/** Waits for the end of a child; one that hangs is killed. */
function finished(child: ChildProcess, command: string[]): Promise<RunResult> {
  const stdout = collect(child.stdout!);
  const stderr = collect(child.stderr!);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(
        new Error(
          `${command.join(" ")} did not end within ${PATIENCE} ms\n` +
            `--- stdout\n${stdout()}\n--- stderr\n${stderr()}`,
        ),
      );
    }, PATIENCE);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, stdout: stdout(), stderr: stderr() });
    });
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Uint8Array[] = [];
  stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  return () => new TextDecoder().decode(Buffer.concat(chunks));
}
