/**
 * A shell that runs one command after another. A test that runs hundreds of small commands would spend most of its time
 * on starting them from its own, large process.
 */
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";

/** A shell that waits for commands. */
export interface Shell {
  /** Runs a command, and returns what it wrote to stdout. Rejects with all that it wrote if it fails. */
  run(...command: string[]): Promise<string>;
  /** Ends the shell. */
  close(): void;
}

/** Starts a shell with this environment, in this folder. */
export function openShell(env: Record<string, string>, cwd: string): Shell {
  const child = spawn("sh", { env, cwd, stdio: ["pipe", "pipe", "ignore"] });
  let written = Buffer.alloc(0);
  let wake = () => {};
  child.stdout.on("data", (chunk: Uint8Array) => {
    written = Buffer.concat([written, chunk]);
    wake();
  });

  /** What is written up to the next NUL. */
  async function next(): Promise<string> {
    let end: number;
    while ((end = written.indexOf(0)) < 0) await new Promise<void>((resolve) => wake = resolve);
    const text = written.subarray(0, end).toString();
    written = written.subarray(end + 1);
    return text;
  }

  async function run(command: string[]): Promise<string> {
    child.stdin.write(`${command.map(quoted).join(" ")} 2>&1; printf '\\0%s\\0' $?\n`);
    const output = await next();
    if (await next() !== "0") throw new Error(`${command.join(" ")}: ${output}`);
    return output;
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (...command) => {
      const result = last.then(() => run(command));
      last = result.catch(() => {});
      return result;
    },
    close: () => child.stdin.end(),
  };
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
