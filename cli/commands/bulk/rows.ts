/**
 * The rows of a bulk query, on their way to stdout or a file.
 */
import { createWriteStream, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { BulkQuery, BulkQueryOptions, Progress, Session } from "../../../mod.ts";
import { type Args, UsageError } from "../../arguments/command.ts";
import type { Format } from "../../output/formats.ts";
import { writeRecords } from "../../output/output.ts";
import { toStdout } from "../../output/stdout.ts";
import { type Out, writerFor } from "../../output/stream.ts";
import { expandHome, systemReason } from "../../run/files.ts";
import { columnsOf } from "../../soql/columns.ts";
import { statementOf } from "../../soql/scan.ts";
import { Rate } from "../../terminal/bar.ts";
import { number } from "../../terminal/number.ts";
import { type Progress as Line, startProgress } from "../../terminal/progress.ts";
import { stdoutStream } from "../../terminal/stdout.ts";
import { interruptible } from "./interrupt.ts";

/** The option of commands that write rows. */
export const outArg = {
  out: {
    type: "string",
    valueHint: "file",
    description: "write into this new file (default: stdout)",
  },
} as const satisfies Args;

/** How the rows of a bulk query are written. */
export interface RowsOptions {
  /** @default {csv} */
  format?: Format;
  out?: string;
  bom?: boolean;
  escapeFormulas?: boolean;
  /** Whether CSV is written as `sfetch query` writes it, not as it is received. @default {false} */
  typed?: boolean;
  /** The query, for the order of the columns. */
  soql?: string;
}

/** Starts a query; its comments are not sent. */
export function startBulkQuery(
  session: Session,
  soql: string,
  options: BulkQueryOptions,
): BulkQuery {
  return session.bulkQuery(statementOf(soql), options);
}

/** Waits for a bulk query, and writes its rows. */
export async function writeBulkQuery(
  open: (options: BulkQueryOptions) => Promise<BulkQuery>,
  options: RowsOptions,
): Promise<void> {
  const { format = "csv" } = options;
  const isRaw = format === "csv" && !options.typed &&
    (options.out !== undefined || !stdoutStream().isTTY);
  let now: Progress | undefined;
  let rows = 0;
  const rate = new Rate();
  const describe = (): string =>
    rows > 0 ? `Reading · ${number(rows)} rows · ${rate.of("read", rows)}` : waitingLine(now);
  const start = (): Line =>
    startProgress(() => options.out || !stdoutStream().isTTY ? describe() : "");
  let line = start();
  const { log } = await import("../../terminal/log.ts");
  const progress = { hide: () => line.clear(), show: () => void (line = start()) };
  try {
    await interruptible(
      { jobs: () => now?.jobs ?? [], progress },
      (signal) =>
        withOutput(options.out, async (out) => {
          const query = await open({
            typed: !isRaw,
            signal,
            onProgress(progress) {
              if (!now && !process.stderr.isTTY) log.info(`Job ${progress.jobs[0]}`);
              now = progress;
            },
          });
          if (isRaw) {
            return await writeBytes(query.csv(), out, (count) => rows += count);
          }
          const counted = async function* () {
            for await (const record of query) {
              rows++;
              yield record;
            }
          };
          const { soql } = options;
          const columns = soql ? columnsOf(soql) : undefined;
          const target = options.out ? { out } : await toStdout();
          await writeRecords(counted(), {
            ...target,
            format,
            columns,
            bom: options.bom,
            escapeFormulas: options.escapeFormulas,
          });
        }),
    );
  } finally {
    line.clear();
  }
}

/** What is shown while a job has no rows to give yet. */
export function waitingLine(now: Progress | undefined): string {
  const rows = number(now?.processed ?? 0);
  return `Waiting for Salesforce · ${now?.state ?? "Open"} · ${rows} rows`;
}

/** Writes bytes as they come, and counts their lines. */
export async function writeBytes(
  bytes: AsyncIterable<Uint8Array>,
  out: Out,
  onLines: (count: number) => void = () => {},
): Promise<void> {
  const writer = writerFor(out);
  try {
    for await (const chunk of bytes) {
      let lines = 0;
      for (const byte of chunk) if (byte === 0x0a) lines++;
      onLines(lines);
      if (!await writer.write(chunk)) break;
    }
  } finally {
    writer.release();
  }
}

/** Opens a new file, or stdout. A file that could not be completed is removed. */
export async function withOutput(
  path: string | undefined,
  work: (out: Out) => Promise<void>,
): Promise<void> {
  if (path === undefined) return await work((await toStdout()).out);
  const file = expandHome(path);
  if (await stat(file).then(() => true, () => false)) {
    throw new UsageError(
      `${path} already exists. Nothing was written.`,
      "Choose another file, or move the existing one.",
    );
  }
  const out = createWriteStream(file, { flags: "wx" });
  const closed = new Promise<void>((resolve, reject) =>
    out.on("close", resolve).on("error", reject)
  );
  closed.catch(() => {});
  // Ctrl-C may end the process from within.
  const discard = (): void => rmSync(file, { force: true });
  out.once("open", () => process.once("exit", discard));
  try {
    await work(out);
    out.end();
    await closed;
  } catch (error) {
    out.destroy();
    const reason = systemReason(error);
    if (reason) throw new UsageError(`Cannot write ${path}: ${reason}.`);
    discard();
    throw error;
  } finally {
    process.off("exit", discard);
  }
}
