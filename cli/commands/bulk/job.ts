/**
 * `sfetch bulk status`, `results` and `abort`: jobs by their ids.
 *
 * @module
 */
import {
  type BulkQuery,
  type Progress,
  type Session,
  SfetchError,
  type WriteResult,
} from "../../../mod.ts";
import { type Args, type Command, command, orgFlag } from "../../arguments/command.ts";
import { openOrg } from "../../orgs/open-org.ts";
import { FORMATS } from "../../output/formats.ts";
import { writeRecords } from "../../output/output.ts";
import { toStdout } from "../../output/stdout.ts";
import { abortJob, findJob, type Job, ROWS, rowsOfLoad } from "../../run/job.ts";
import { number } from "../../terminal/number.ts";
import { startProgress } from "../../terminal/progress.ts";
import { stdoutScreen, writeStdout } from "../../terminal/stdout.ts";
import { sanitize } from "../../terminal/terminal.ts";
import { interruptible } from "./interrupt.ts";
import { outArg, waitingLine, withOutput, writeBulkQuery, writeBytes } from "./rows.ts";

const jobArg = {
  job: { type: "positional", description: "the id of a job, which begins with 750" },
} as const satisfies Args;

const formatArg = {
  format: {
    type: "enum",
    alias: "f",
    options: FORMATS,
    description: "the output format (default: expanded on a terminal, json in a pipe)",
  },
} as const satisfies Args;

const statusArgs = { ...jobArg, ...orgFlag, ...formatArg } as const;
const abortArgs = { ...jobArg, ...orgFlag } as const;
const resultsArgs = {
  ...jobArg,
  ...orgFlag,
  ...outArg,
  rows: {
    type: "enum",
    options: ROWS,
    description: "which rows of a load to write (default: failed)",
  },
} as const satisfies Args;

/** `sfetch bulk status` */
export const status: Command<typeof statusArgs> = command({
  meta: { name: "bulk status", description: "Show the progress of a bulk job" },
  args: statusArgs,
  examples: [
    ["sfetch bulk status 7505g00000Kx10oAAB", "its state and row counts"],
    ["sfetch bulk status 7505g00000Kx10oAAB | jq -r .state", "for scripts"],
  ],
  async run({ args }) {
    const { session, close } = await openOrg(args);
    try {
      await show(await findJob(session, args.job), args.format);
    } finally {
      await close();
    }
  },
});

/** `sfetch bulk results` */
export const results: Command<typeof resultsArgs> = command({
  meta: {
    name: "bulk results",
    description: "Wait for a bulk job, and write its rows as CSV: a query's result, or what failed",
  },
  args: resultsArgs,
  examples: [
    ["sfetch bulk results 7505g00000Kx10oAAB > rows.csv", "a query's rows, or the failed ones"],
    [
      "sfetch bulk results 7505g00000Kx10oAAB --rows successful --out ids.csv",
      "the rows of a load that were written, with their ids",
    ],
  ],
  async run({ args }) {
    const { session, close } = await openOrg(args);
    try {
      const job = await findJob(session, args.job);
      if (job.kind === "query") {
        return await writeBulkQuery(
          async (options) => await session.resumeJob(args.job, options) as BulkQuery,
          { out: args.out },
        );
      }
      const result = await ended(session, job);
      await withOutput(args.out, async (out) => {
        const bytes = await rowsOfLoad(session, job, args.rows ?? "failed");
        const isShown = !args.out && (await stdoutScreen()).isTTY;
        await writeBytes(isShown ? harmless(bytes) : bytes, out);
      });
      await summarize(result);
    } finally {
      await close();
    }
  },
});

/** `sfetch bulk abort` */
export const abort: Command<typeof abortArgs> = command({
  meta: { name: "bulk abort", description: "Abort a bulk job; rows that it has written stay" },
  args: abortArgs,
  examples: [["sfetch bulk abort 7505g00000Kx10oAAB", "ends a query or a load"]],
  async run({ args }) {
    const { session, close } = await openOrg(args);
    try {
      const job = await abortJob(session, await findJob(session, args.job));
      const { log } = await import("../../terminal/log.ts");
      log.success(`Job ${job.info.id} is aborted.`);
      if (job.kind === "ingest") {
        log.info(
          `Rows that were already written stay. \`sfetch bulk results ${job.info.id} --rows unprocessed\` writes the others.`,
        );
      }
    } finally {
      await close();
    }
  },
});

async function show({ info }: Job, format?: typeof FORMATS[number]): Promise<void> {
  const options = await toStdout(format);
  if (!format && options.terminal) options.format = "expanded";
  if (options.format !== "json") return void await writeRecords([info], options);
  await writeStdout(JSON.stringify(info, null, 2) + "\n");
}

/** Waits for the end of a load. */
async function ended(session: Session, { info }: Job): Promise<WriteResult> {
  let now: Progress | undefined;
  let line = startProgress(() => waitingLine(now));
  const progress = {
    hide: () => line.clear(),
    show: () => void (line = startProgress(() => waitingLine(now))),
  };
  const onProgress = (progress: Progress): void => void (now = progress);
  try {
    return await interruptible(
      { jobs: () => [info.id], progress },
      (signal) => session.resumeJob(info.id, { signal, onProgress }),
    ) as WriteResult;
  } finally {
    line.clear();
  }
}

async function* harmless(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  for await (const chunk of bytes) {
    yield encoder.encode(sanitize(decoder.decode(chunk, { stream: true })));
  }
}

async function summarize({ successful, failed, unprocessed }: WriteResult): Promise<void> {
  const rest = unprocessed > 0 ? `, ${number(unprocessed)} unprocessed` : "";
  const text = `${number(successful)} successful, ${number(failed)} failed${rest}`;
  if (failed + unprocessed > 0) throw new SfetchError(`Rows: ${text}.`, "");
  const { log } = await import("../../terminal/log.ts");
  log.success(`Rows: ${text}.`);
}
