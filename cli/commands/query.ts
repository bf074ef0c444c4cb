/**
 * Command `query`: SOQL or SOSL in, records out.
 */
import { command, orgFlag, UsageError } from "../arguments/command.ts";
import { openOrg } from "../orgs/open-org.ts";
import { RecordCursor } from "../output/cursor.ts";
import { type Format, formatArg } from "../output/formats.ts";
import { type Result, writeResult } from "../output/result.ts";
import { toStdout } from "../output/stdout.ts";
import { readQuery } from "../run/query-text.ts";
import { number } from "../terminal/number.ts";
import { startProgress } from "../terminal/progress.ts";

export default command({
  meta: { name: "query", description: "Run a SOQL query and print all its records" },
  args: {
    soql: {
      type: "positional",
      description: "the query; @file reads a file, - reads stdin; comments are not sent",
    },
    ...orgFlag,
    ...formatArg,
    bom: {
      type: "boolean",
      description: "begin csv and tsv with a byte order mark, so that Excel reads it as UTF-8",
    },
    "escape-formulas": {
      type: "boolean",
      description: "in csv and tsv, put ' in front of values that a spreadsheet would run",
    },
    all: { type: "boolean", description: "include deleted and archived records" },
    tooling: { type: "boolean", description: "query the Tooling API" },
    bulk: {
      type: "boolean",
      description: "run it by Bulk API 2.0, for millions of rows: no aggregates or subqueries",
    },
  },
  examples: [
    [`sfetch query "SELECT Id, Name FROM Account LIMIT 10"`, "a table on a terminal"],
    [
      `sfetch query "SELECT Id, Owner.Name FROM Account" --format csv > accounts.csv`,
      "any number of records, in flat memory",
    ],
    [`sfetch query @report.soql --org prod | jq length`, "the query from a file, JSON to jq"],
    [`echo "SELECT Name FROM ApexClass" | sfetch query - --tooling`, "the query from stdin"],
  ],
  async run({ args }) {
    const text = await readQuery(args.soql);
    const [{ run }, { isSearch }] = await Promise.all([
      import("../run/run.ts"),
      import("../soql/scan.ts"),
    ]);
    if (args.bulk) return await runBulk(args, text, isSearch(text));
    const { session, close } = await openOrg(args);
    try {
      const { result } = await run(
        session,
        isSearch(text)
          ? { kind: "search", sosl: text }
          : { kind: "query", soql: text, queryAll: args.all, tooling: args.tooling },
      );
      const options = {
        ...await toStdout(args.format),
        bom: args.bom,
        escapeFormulas: args["escape-formulas"],
      };
      // On a terminal the records themselves show how far it is.
      const progress = startProgress(() => options.terminal ? "" : progressOf(result!));
      const written = await writeResult(result!, options).finally(() => progress.clear());
      if (options.terminal && written) await say(written);
    } finally {
      await close();
    }
  },
});

type BulkArgs = Parameters<typeof openOrg>[0] & {
  format?: Format;
  bom: boolean;
  "escape-formulas": boolean;
  all: boolean;
  tooling: boolean;
};

async function runBulk(args: BulkArgs, soql: string, isSearch: boolean): Promise<void> {
  if (args.tooling || isSearch) {
    throw new UsageError(
      `--bulk is not for ${isSearch ? "a search" : "the Tooling API"}.`,
      "Omit --bulk: the result has every record without it, too.",
    );
  }
  const { startBulkQuery, writeBulkQuery } = await import("./bulk/rows.ts");
  const { session, close } = await openOrg(args);
  try {
    await writeBulkQuery(
      (options) =>
        Promise.resolve(startBulkQuery(session, soql, { ...options, queryAll: args.all })),
      {
        soql,
        format: (await toStdout(args.format)).format,
        bom: args.bom,
        escapeFormulas: args["escape-formulas"],
        typed: true,
      },
    );
  } finally {
    await close();
  }
}

function progressOf(result: Result): string {
  if (result.kind !== "records" || !(result.source instanceof RecordCursor)) return "";
  const { taken, totalSize } = result.source;
  return `${number(taken)} of ${number(totalSize)} records`;
}

async function say(text: string): Promise<void> {
  const { log } = await import("../terminal/log.ts");
  log.info(text);
}
