/**
 * `sfetch bulk load`: any number of rows of a CSV file into an object.
 *
 * @module
 */
import { type Args, type Command, command, Interrupted, orgFlag } from "../../arguments/command.ts";
import { type OpenOrg, openOrg } from "../../orgs/open-org.ts";
import { LoadProgress } from "../../run/load-progress.ts";
import { type Load, type LoadOutcome, OPERATIONS, prepareLoad, runLoad } from "../../run/load.ts";
import { counted, number } from "../../terminal/number.ts";
import { startProgress } from "../../terminal/progress.ts";
import { interruptible } from "./interrupt.ts";

const args = {
  object: { type: "positional", description: "the object, such as Contact" },
  file: {
    type: "positional",
    completes: "files",
    description: "a CSV file with a header of field names; - reads stdin",
  },
  ...orgFlag,
  operation: {
    type: "enum",
    options: OPERATIONS,
    description: "what to do with the rows (default: insert, or upsert with --external-id)",
  },
  "external-id": {
    type: "string",
    valueHint: "field",
    description: "the field by which an upsert finds existing records",
  },
  failed: {
    type: "string",
    valueHint: "file",
    description: "where to write the rows that fail (default: FILE.failed.csv)",
  },
  yes: { type: "boolean", alias: "y", description: "do not ask before writing to production" },
} as const satisfies Args;

/** `sfetch bulk load` */
const load: Command<typeof args> = command({
  meta: { name: "bulk load", description: "Load a CSV file into an object, by Bulk API 2.0" },
  args,
  examples: [
    ["sfetch bulk load Contact contacts.csv", "insert any number of rows"],
    [
      "sfetch bulk load Account accounts.csv --external-id External_Id__c",
      "update the accounts with these external ids, and create the others",
    ],
    [
      "sfetch bulk load Contact contacts.failed.csv",
      "load the failed rows again, once they are fixed; the sf__Error column is ignored",
    ],
    [
      "cut -d, -f1 old.csv | sfetch bulk load Task - --operation delete",
      "delete by Id, from stdin",
    ],
  ],
  async run({ args }) {
    const { object, file, operation, failed: failedFile, "external-id": externalIdField } = args;
    const load = await prepareLoad({ object, file, operation, externalIdField, failedFile });
    const org = await openOrg(args);
    try {
      if (!args.yes) await confirm(org, load);
      const outcome = await runWithProgress(org, load);
      await show(load, outcome);
      if (outcome.failure) throw outcome.failure;
    } finally {
      await org.close();
    }
  },
});
export default load;

async function runWithProgress({ session }: OpenOrg, load: Load): Promise<LoadOutcome> {
  const state = new LoadProgress(load);
  const start = () => startProgress(() => state.line());
  let line = start();
  const { log } = await import("../../terminal/log.ts");
  const progress = { hide: () => line.clear(), show: () => void (line = start()) };
  const remark = (): string => {
    const sent = number(state.sent);
    return state.allSent
      ? ""
      : `Rows of ${load.source} after the first ${sent}, if there are any, were not sent.`;
  };
  try {
    return await interruptible(
      { jobs: () => state.jobs, remark, progress },
      (signal) =>
        runLoad(session, load, {
          signal,
          onProgress(now) {
            const created = now.jobs.slice(state.jobs.length);
            state.update(now);
            if (!process.stderr.isTTY) { for (const job of created) log.info(`Job ${job}`); }
          },
        }),
    );
  } finally {
    line.clear();
  }
}

/** As in the REPL, where somebody can answer; a script has decided already, as with `sfetch post`. */
async function confirm(org: OpenOrg, { operation, object, source }: Load): Promise<void> {
  const { canAsk, openDialogue } = await import("../../terminal/dialogue.ts");
  if (!canAsk()) return;
  const { askOrganization, kindOf } = await import("../../orgs/org-kind.ts");
  const kind = org.kind ?? await askOrganization(org.session).then(kindOf);
  if (kind !== "production") return;
  const question = `${operation} the rows of ${source} (${object}) on ${org.name}, production?`;
  if (!await (await openDialogue()).confirm(question, false)) throw new Interrupted();
}

/** The numbers for people on stderr; for programs, on stdout, in a pipe. */
async function show(load: Load, { result, failedFile }: LoadOutcome): Promise<void> {
  const { log } = await import("../../terminal/log.ts");
  const { successful, failed, unprocessed, jobs } = result;
  const { object, operation } = load;
  const { stdoutScreen, writeStdout } = await import("../../terminal/stdout.ts");
  if (!(await stdoutScreen()).isTTY) {
    const counts = { object, operation, successful, failed, unprocessed, failedFile, jobs };
    await writeStdout(JSON.stringify(counts, null, 2) + "\n");
  }
  if (jobs.length === 0) return log.info(`${load.source} has no rows: nothing was sent.`);
  if (successful > 0 || !failedFile) {
    const rows = counted(successful, "row");
    log.success(`${object}: ${DONE[operation]} ${rows} (${jobsOf(jobs)})`);
  }
}

const DONE = {
  insert: "inserted",
  update: "updated",
  upsert: "updated or created",
  delete: "deleted",
} as const;

function jobsOf(jobs: readonly string[]): string {
  return jobs.length === 1 ? `job ${jobs[0]}` : `${jobs.length} jobs`;
}
