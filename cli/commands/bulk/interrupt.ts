/**
 * Ctrl-C while a bulk job runs: it continues at Salesforce whether this process waits for it or not.
 */
import { Interrupted } from "../../arguments/command.ts";
import { canAsk, openDialogue } from "../../terminal/dialogue.ts";

/** The work that Ctrl-C may end. */
export interface Interruptible {
  /** Ids of the jobs so far. */
  jobs(): string[];
  /** What to tell the user if the jobs are left running. */
  remark?(): string;
  /** Shows how far the work is. */
  progress: { hide(): void; show(): void };
}

/**
 * Runs work that Ctrl-C may end. On a terminal it asks whether the jobs are to be aborted; elsewhere they are left
 * running. Then the process ends with code 130.
 */
export async function interruptible<T>(
  { jobs, remark, progress }: Interruptible,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let asked: Promise<void> | undefined;
  const leave = async (): Promise<never> => {
    await say(["Left running.", remark?.() ?? "", ...howToGoOn(jobs())]);
    process.exit(130); // the work would continue in this process
  };
  const decide = async (): Promise<void> => {
    progress.hide();
    if (jobs().length === 0) return controller.abort(new Interrupted());
    const answer = canAsk() ? await ask(jobs()) : "leave";
    if (answer === "leave") await leave();
    if (answer === "abort") controller.abort(new Interrupted());
    progress.show();
  };
  const onInterrupt = (): void => {
    asked ??= decide().finally(() => asked = undefined);
  };
  process.on("SIGINT", onInterrupt).on("SIGTERM", onInterrupt);
  try {
    const result = await work(controller.signal);
    await asked; // the work may end while the question is open
    return result;
  } catch (error) {
    if (controller.signal.aborted) {
      progress.hide();
      await say(jobs().length > 0 ? ["Aborted.", ...whatStays(jobs())] : ["Nothing was sent."]);
    }
    throw error;
  } finally {
    process.off("SIGINT", onInterrupt).off("SIGTERM", onInterrupt);
  }
}

/** Ctrl-C again leaves the job running, because it can still be aborted later. */
async function ask(jobs: string[]): Promise<"wait" | "abort" | "leave"> {
  const dialogue = await openDialogue();
  const one = jobs.length === 1;
  return await dialogue.choose(
    `${one ? `Job ${jobs[0]} is` : `${jobs.length} jobs are`} running.`,
    [
      { value: "leave", label: `Leave ${one ? "it" : "them"} running, and stop waiting` },
      { value: "abort", label: `Abort ${one ? "it" : "them"}`, hint: "what was written stays" },
      { value: "wait", label: "Keep waiting" },
    ],
  ).catch((error) => {
    if (error instanceof Interrupted) return "leave";
    throw error;
  });
}

function howToGoOn(jobs: string[]): string[] {
  return jobs.flatMap((
    job,
  ) => [
    `\`sfetch bulk status ${job}\` shows its progress, \`sfetch bulk results ${job}\` writes its rows.`,
  ]);
}

function whatStays(jobs: string[]): string[] {
  return jobs.map((job) => `\`sfetch bulk results ${job}\` writes its rows.`);
}

async function say(lines: string[]): Promise<void> {
  const { log } = await import("../../terminal/log.ts");
  log.info(lines.filter(Boolean).join("\n"));
}
