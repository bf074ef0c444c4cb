/**
 * `.load OBJECT FILE [insert|update|upsert FIELD|delete]`: the rows of a CSV file into an object, as `sfetch bulk load`.
 */
import { UsageError } from "../arguments/command.ts";
import { LoadProgress } from "../run/load-progress.ts";
import {
  type LoadOutcome,
  type LoadRequest,
  type Operation,
  OPERATIONS,
  prepareLoad,
  runLoad,
} from "../run/load.ts";
import { counted } from "../terminal/number.ts";
import { startProgress } from "../terminal/progress.ts";
import type { RunOptions, Shell } from "./shell.ts";

const EXAMPLE = ".load Account accounts.csv upsert External_Id__c";

/** Loads a file, and returns the notes to show. */
export async function loadFile(
  shell: Shell,
  argument: string,
  { signal }: RunOptions,
): Promise<string[]> {
  const load = await prepareLoad(readArguments(argument));
  await shell.confirmWrite(
    `Loading ${load.source} into ${load.object} (${load.operation})`,
    signal,
  );
  const session = await shell.session();
  const state = new LoadProgress(load);
  const controller = new AbortController();
  shell.screen.endWait();
  const progress = startProgress(() => shell.surroundings.interactive ? state.line() : "");
  const work = runLoad(session, load, {
    signal: controller.signal,
    onProgress: (now) => state.update(now),
  });
  const left = new Promise<"left">((resolve, reject) => {
    signal.addEventListener("abort", () => {
      progress.clear();
      isToAbort(shell, state).then((isToAbort) => {
        if (isToAbort) controller.abort(signal.reason);
        else resolve("left");
      }).catch(reject);
    }, { once: true });
  });
  try {
    const outcome = await Promise.race([work, left]);
    if (outcome !== "left") return notesOf(outcome);
  } finally {
    progress.clear();
  }
  // Its outcome is announced if the session is still open.
  void work.then(notesOf);
  return ["left running", ...state.jobs.map((job) => `sfetch bulk status ${job}`)];
}

/** A job that has been submitted continues by itself, so Ctrl-C asks what to do with it. */
async function isToAbort(shell: Shell, { jobs }: LoadProgress): Promise<boolean> {
  if (jobs.length === 0 || !shell.surroundings.interactive) return true;
  const answer = await shell.surroundings.ask(
    `Abort the job ${jobs.join(", ")} at Salesforce? Otherwise it continues. [y/N] `,
  ).catch(() => "");
  return /^y(es)?$/i.test(answer.trim());
}

function notesOf({ result, failure }: LoadOutcome): string[] {
  if (failure) throw failure;
  const { successful, jobs } = result;
  const rows = `${counted(successful, "row")} loaded`;
  return [rows, jobs.length > 0 ? `job ${jobs.join(", ")}` : ""];
}

function readArguments(argument: string): LoadRequest {
  const words = [...argument.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, bare]) => double ?? single ?? bare!);
  const [object, file, operation, externalIdField, ...rest] = words;
  if (!object || !file) throw new UsageError("Which object, and which file?", EXAMPLE);
  if (operation !== undefined && !isOperation(operation)) {
    throw new UsageError(
      `"${operation}" is not an operation.`,
      `Choose one of ${OPERATIONS.join(", ")}. For example: ${EXAMPLE}`,
    );
  }
  if (rest.length > 0) throw new UsageError(`Unexpected argument "${rest[0]}".`, EXAMPLE);
  if (operation === "upsert" && !externalIdField) {
    throw new UsageError("An upsert needs an external id field.", EXAMPLE);
  }
  return { object, file, operation, externalIdField };
}

function isOperation(word: string): word is Operation {
  return (OPERATIONS as readonly string[]).includes(word);
}
