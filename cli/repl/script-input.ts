/**
 * Statements from a file or a pipe: one after another, up to the first failure, which is named by its line.
 */
import { createReadStream } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { UsageError } from "../arguments/command.ts";
import { hasColours, paint } from "../terminal/terminal.ts";
import { noOrg, orgLabel } from "../orgs/open-org.ts";
import { expandHome, systemReason } from "../run/files.ts";
import { readStatements, type Source } from "./reader.ts";
import { runStatement } from "./run-statement.ts";
import { openScreen } from "./screen.ts";
import { Exit, Shell, type ShellOptions } from "./shell.ts";

/** A statement that failed, and its place. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
  readonly source: Source;

  constructor(source: Source, file: string | undefined, cause: unknown) {
    super(`${file ? `${file}, ` : ""}line ${source.line}:`, { cause });
    this.source = source;
  }
}

/** Runs stdin; sets the exit code: 0, or that of the first failure, after which nothing more runs. */
export async function runScript(options: ShellOptions): Promise<void> {
  const screen = openScreen();
  const controller = new AbortController();
  const shell: Shell = new Shell({
    screen,
    interactive: false,
    ask: () => Promise.reject(new UsageError("Nobody is there to answer.")),
    lend: (work) => work(),
    source: (path) => runFile(shell, path, controller.signal),
    orgChanged: () => {},
  }, options);
  try {
    await runLines(shell, linesOf(process.stdin), undefined, controller.signal);
    if (!shell.org && !await orgLabel(options)) throw noOrg();
  } catch (error) {
    if (!(error instanceof Exit)) process.exitCode = await report(error);
  } finally {
    await shell.close();
  }
}

/** Runs the statements of a file. Throws {@link ScriptError} for the first that fails. */
export async function runFile(shell: Shell, path: string, signal: AbortSignal): Promise<void> {
  const running = runningFiles.get(shell) ?? [];
  if (running.includes(path)) throw new UsageError(`${path} sources itself.`);
  runningFiles.set(shell, [...running, path]);
  const stream = createReadStream(expandHome(path), "utf8");
  const readable = new Promise<void>((resolve, reject) =>
    stream.once("readable", resolve).once("error", reject)
  );
  try {
    await readable.catch((error) => {
      throw new UsageError(`Cannot read ${path}: ${systemReason(error) ?? error.message}.`);
    });
    await runLines(shell, linesOf(stream), path, signal);
  } finally {
    runningFiles.set(shell, running);
    stream.destroy();
  }
}

const runningFiles = new WeakMap<Shell, string[]>();

async function runLines(
  shell: Shell,
  lines: AsyncIterable<string>,
  file: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  for await (const source of readStatements(lines)) {
    signal.throwIfAborted();
    try {
      await runStatement(shell, source.text, signal);
    } catch (error) {
      if (error instanceof Exit || signal.aborted) throw error;
      throw new ScriptError(source, file, error);
    }
  }
}

function linesOf(input: NodeJS.ReadableStream): AsyncIterable<string> {
  return createInterface({ input, crlfDelay: Infinity, terminal: false });
}

/** Says on stderr what failed, from the outer file to the inner; returns the exit code. */
async function report(error: unknown): Promise<number> {
  const [{ viewError }, { SettingsError }] = await Promise.all([
    import("./error-view.ts"),
    import("../../mod.ts"),
  ]);
  process.stderr.write(viewError(error, "", paint(hasColours(process.stderr))) + "\n");
  let cause = error;
  while (cause instanceof ScriptError) cause = cause.cause;
  return cause instanceof UsageError || cause instanceof SettingsError ? 2 : 1;
}
