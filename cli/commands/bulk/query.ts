/**
 * `sfetch bulk query`: any number of rows as CSV.
 *
 * @module
 */
import { type Args, type Command, command, orgFlag } from "../../arguments/command.ts";
import { openOrg } from "../../orgs/open-org.ts";
import { readQuery } from "../../run/query-text.ts";
import { FORMATS } from "../../output/formats.ts";
import { outArg, startBulkQuery, writeBulkQuery } from "./rows.ts";

const args = {
  soql: {
    type: "positional",
    description: "the query; @file reads a file, - reads stdin; comments are not sent",
  },
  ...orgFlag,
  ...outArg,
  format: {
    type: "enum",
    alias: "f",
    options: FORMATS,
    description: "the output format (default: csv, as Salesforce writes it)",
  },
  all: { type: "boolean", description: "include deleted and archived records" },
} as const satisfies Args;

/** `sfetch bulk query` */
const query: Command<typeof args> = command({
  meta: {
    name: "bulk query",
    description: "Run a SOQL query by Bulk API 2.0, for millions of rows",
  },
  args,
  examples: [
    [`sfetch bulk query "SELECT Id, Name FROM Account" --out accounts.csv`, "CSV into a new file"],
    ["sfetch bulk query @export.soql | gzip > export.csv.gz", "the query from a file, CSV to gzip"],
    [`sfetch bulk query "SELECT Id FROM Case" --format ndjson`, "typed values, a record a line"],
  ],
  async run({ args }) {
    const soql = await readQuery(args.soql);
    const { session, close } = await openOrg(args);
    try {
      await writeBulkQuery(
        (options) =>
          Promise.resolve(startBulkQuery(session, soql, { ...options, queryAll: args.all })),
        { ...args, soql },
      );
    } finally {
      await close();
    }
  },
});
export default query;
