/** Whole processes, measured in turns, A B A B …, so that a busy machine is busy for all of them. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A process to measure. */
export interface Run {
  command: string[];
  env: Record<string, string>;
  /** The folder it runs in. */
  cwd?: string;
}

/** What was measured. */
export interface Figure {
  /** Median, in milliseconds. */
  ms: number;
  /** Peak of memory in megabytes, where it was asked for. */
  peak?: number;
}

/** Runs all in turns, so many rounds; the first, which fills caches, does not count. */
export function inTurns(runs: Run[], rounds: number): Figure[] {
  const times = runs.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { command: [program, ...args], env, cwd }] of runs.entries()) {
      const start = performance.now();
      const { status, stderr } = spawnSync(program!, args, { env, cwd, encoding: "utf8" });
      const ms = performance.now() - start;
      if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${stderr}`);
      if (round > 0) times[index]!.push(ms);
    }
  }
  return times.map((each) => ({ ms: median(each) }));
}

/** Runs a process that writes much, with its peak of memory. */
export async function withMemory(run: Run, rounds: number): Promise<Figure> {
  const times: number[] = [];
  const peaks: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { ms, peak } = await once(run);
    times.push(ms);
    peaks.push(peak);
  }
  return { ms: median(times), peak: median(peaks) };
}

function once({ command: [program, ...args], env, cwd }: Run): Promise<Required<Figure>> {
  const start = performance.now();
  const sink = openSync("/dev/null", "w");
  const child = spawn(program!, args, { env, cwd, stdio: ["ignore", sink, "inherit"] });
  let peak = 0;
  const look = setInterval(() => peak = peakOf(child) ?? peak, 20);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(look);
      closeSync(sink);
      if (code === 0) resolve({ ms: performance.now() - start, peak });
      else reject(new Error(`${program} ${args.join(" ")} failed`));
    });
  });
}

/** The high-water mark that Linux keeps for a process, in megabytes. */
function peakOf({ pid }: ChildProcess): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kilobytes = /VmHWM:\s*(\d+)/.exec(status)?.[1];
    return kilobytes ? Math.round(Number(kilobytes) / 1024) : undefined;
  } catch {
    return undefined; // it has ended
  }
}

/** Runs all in turns in a terminal, until their prompt shows. */
export async function untilPrompt(runs: (Run & { prompt: string })[], rounds: number) {
  const times = runs.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, run] of runs.entries()) {
      const ms = await promptOf(run);
      if (round > 0) times[index]!.push(ms);
    }
  }
  return times.map((each): Figure => ({ ms: median(each) }));
}

function promptOf({ command, env, cwd, prompt }: Run & { prompt: string }): Promise<number> {
  const start = performance.now();
  const line = command.map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qfc", `exec ${line}`, "/dev/null"], { env, cwd }); // gives it a terminal
  return new Promise((resolve, reject) => {
    let seen = "";
    let elapsed: number | undefined;
    child.stdout.on("data", (chunk) => {
      seen += chunk;
      if (elapsed !== undefined || !seen.includes(prompt)) return;
      elapsed = performance.now() - start;
      child.kill("SIGKILL"); // its terminal goes with it, and that ends the program
    });
    child.on("error", reject);
    child.on("close", () => {
      if (elapsed === undefined) reject(new Error(`No prompt from ${line}:\n${seen}`));
      else resolve(elapsed);
    });
  });
}

/** The first line that a process prints: it is ready. */
export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => createInterface(child.stdout!).once("line", resolve));
}

/** The middle of some values. */
export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
