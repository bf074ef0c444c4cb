/**
 * Command `query`: SOQL in, records out.
 */
import type { Query } from "../../mod.ts";
import { command, orgFlag, UsageError } from "../arguments/command.ts";
import { columnsOf, FORMATS, type SObjectRecord, writeRecords } from "../output/output.ts";
import { openOrg } from "../orgs/open-org.ts";
import { toStdout } from "../output/stdout.ts";
import { startProgress } from "../terminal/terminal.ts";

export default command({
  meta: { name: "query", description: "Run a SOQL query and print its records, all of them" },
  args: {
    soql: { type: "positional", description: "the query; @file reads a file, - stdin" },
    ...orgFlag,
    format: {
      type: "enum",
      alias: "f",
      options: FORMATS,
      description: "table on a terminal, json in a pipe, unless given",
    },
    all: { type: "boolean", description: "deleted and archived records too" },
    tooling: { type: "boolean", description: "ask the Tooling API" },
    bulk: { type: "boolean", description: "reserved: the Bulk API is not there yet" },
  },
  examples: [
    [`sfetch query "SELECT Id, Name FROM Account LIMIT 10"`, "a table on a terminal"],
    [
      `sfetch query "SELECT Id, Owner.Name FROM Account" --format csv > accounts.csv`,
      "of any size, in flat memory",
    ],
    [`sfetch query @report.soql --org prod | jq length`, "the query from a file, JSON to jq"],
    [`echo "SELECT Name FROM ApexClass" | sfetch query - --tooling`, "the query from stdin"],
  ],
  async run({ args }) {
    if (args.bulk) {
      throw new UsageError(
        "--bulk is not available yet.",
        "Without it the query gives every record too, only slower.",
      );
    }
    const soql = await readSoql(args.soql);
    const { session, close } = await openOrg(args);
    try {
      const query = session.query<SObjectRecord>(soql, {
        queryAll: args.all,
        tooling: args.tooling,
        attributes: false,
      });
      const options = { ...toStdout(args.format), columns: columnsOf(soql) };
      // On a terminal the records themselves show how far it is.
      const counted = options.terminal ? records(query) : withProgress(records(query), query);
      const count = await writeRecords(counted, options);
      if (options.terminal) await sayCount(count);
    } finally {
      await close();
    }
  },
});

async function readSoql(argument: string): Promise<string> {
  const { readText } = await import("../arguments/input.ts");
  const soql = (await readText(argument)).trim().replace(/;$/, "");
  if (soql === "") {
    throw new UsageError(
      "The query is empty.",
      `For example: sfetch query "SELECT Id FROM Account"`,
    );
  }
  return soql;
}

/** The records; `SELECT COUNT()` has none, its answer is made one. */
async function* records(query: Query<SObjectRecord>): AsyncGenerator<SObjectRecord> {
  let any = false;
  for await (const record of query) {
    any = true;
    yield record;
  }
  const total = await query.totalSize();
  if (!any && total > 0) yield { count: total };
}

async function* withProgress(
  records: AsyncIterable<SObjectRecord>,
  query: Query<SObjectRecord>,
): AsyncGenerator<SObjectRecord> {
  const progress = startProgress();
  let count = 0;
  let total = 0;
  try {
    for await (const record of records) {
      total ||= await query.totalSize();
      count++;
      if (count % 100 === 0) progress.update(`${number(count)} of ${number(total)} records`);
      yield record;
    }
  } finally {
    progress.clear();
  }
}

async function sayCount(count: number): Promise<void> {
  const { log } = await import("../terminal/log.ts");
  log.info(`${number(count)} record${count === 1 ? "" : "s"}`);
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
