/**
 * `> file` and `| command`: where a result goes instead of the screen.
 */
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { UsageError } from "../arguments/command.ts";
import type { Format } from "../output/output.ts";
import type { ResultOptions } from "../output/result.ts";
import { expandHome, systemReason } from "../run/files.ts";
import type { Shell } from "./shell.ts";
import type { Target } from "./target.ts";

const FORMAT_OF_ENDING: Record<string, Format> = {
  csv: "csv",
  tsv: "tsv",
  json: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
  md: "markdown",
  txt: "table",
};

/** Writes a result to a stream, and returns what was written in a few words. */
type Write = (options: ResultOptions) => Promise<string>;

/** Refuses a target that cannot be written to. To be called before anything is sent. */
export function checkTarget(target: Target | undefined): void {
  if (target?.kind === "file" && /^xlsx?$/.test(endingOf(target.path))) {
    throw new UsageError(
      `sfetch does not write Excel files, such as ${target.path}. Nothing was sent.`,
      "Write a .csv file. After `.excel on`, Excel opens it with the right characters and does not run formulas in it.",
    );
  }
  if (target?.kind === "command" && !target.command) {
    throw new UsageError("There is no command after the |.", "For example: | jq .");
  }
}

function endingOf(path: string): string {
  return path.split(".").at(-1)!.toLowerCase();
}

/** Opens the target, writes to it, waits until everything is written, and returns the notes to show below. */
export async function openSink(
  shell: Shell,
  target: Target,
  format: Format | undefined,
  write: Write,
): Promise<string[]> {
  if (target.kind === "file") {
    const { excel } = shell.settings;
    return await toFile(
      target,
      format,
      (options) => write({ ...options, bom: excel && !target.append, escapeFormulas: excel }),
    );
  }
  return await shell.surroundings.lend(() =>
    toCommand(target.command, (out) => write({ out, format: format ?? "json" }))
  );
}

async function toFile(
  { path, append }: { path: string; append: boolean },
  format: Format | undefined,
  write: Write,
): Promise<string[]> {
  const chosen = FORMAT_OF_ENDING[endingOf(path)] ?? format ?? "json";
  const out = createWriteStream(expandHome(path), { flags: append ? "a" : "w" });
  const finished = new Promise<void>((resolve, reject) =>
    out.on("close", resolve).on("error", reject)
  );
  finished.catch(() => {});
  try {
    const wrote = await write({ out, format: chosen });
    out.end();
    await finished;
    return [`${wrote ? wrote + " " : ""}${append ? "added to" : "written to"} ${path}`];
  } catch (error) {
    out.destroy();
    throw explain(error, path);
  }
}

function explain(error: unknown, path: string): unknown {
  const reason = systemReason(error);
  return reason ? new UsageError(`Cannot write ${path}: ${reason}.`) : error;
}

/** The exit code of a command that Ctrl-C ended. */
const INTERRUPTED = 130;

async function toCommand(
  command: string,
  write: (out: NodeJS.WritableStream) => Promise<unknown>,
): Promise<string[]> {
  const child = spawn(command, { shell: true, stdio: ["pipe", "inherit", "inherit"] });
  const ended = new Promise<number>((resolve, reject) =>
    child.on("close", (code) => resolve(code ?? INTERRUPTED)).on("error", reject)
  );
  ended.catch(() => {});
  child.stdin!.on("error", () => {}); // a command may end before it has read all, as head does
  await write(child.stdin!);
  child.stdin!.end();
  const code = await ended;
  if (code !== 0 && code !== INTERRUPTED) {
    throw new UsageError(`\`${command}\` ended with exit code ${code}.`);
  }
  return [];
}
