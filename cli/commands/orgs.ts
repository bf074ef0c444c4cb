/**
 * `sfetch orgs`: lists the orgs, chooses the default.
 *
 * @module
 */
import { type Args, type Command, command } from "../arguments/command.ts";
import { listOrgs } from "../../mod.ts";
import { unknownOrg } from "../orgs/open-org.ts";
import { setDefaultOrg } from "../orgs/saved-orgs.ts";
import type { Format } from "../output/output.ts";
import { stdoutScreen } from "../terminal/stdout.ts";

const args = {
  default: {
    type: "string",
    valueHint: "name",
    completes: "orgs",
    description: "make this org the default",
  },
  format: {
    type: "enum",
    options: ["table", "json", "ndjson", "csv"],
    description: "the output format (default: table on a terminal, json in a pipe)",
  },
} as const satisfies Args;

/** `sfetch orgs` */
const orgs: Command<typeof args> = command({
  meta: {
    name: "orgs",
    description: "List the orgs that --org accepts: saved ones, and those that sf signed in by JWT",
  },
  args,
  examples: [
    ["sfetch orgs", "names, users and where they sign in"],
    ["sfetch orgs --default prod", "commands without --org use prod"],
  ],
  async run({ args }) {
    const { log } = await import("../terminal/log.ts");
    const known = await listOrgs((error) => log.warn(`${error.message}\n${error.hint}`));
    if (args.default !== undefined) return await chooseDefault(args.default, known);
    if (known.length === 0 && (await stdoutScreen()).isTTY) {
      return log.info(
        "No org is set up yet. `sfetch login` sets one up; `--org practice` needs no set-up.",
      );
    }
    await printOrgs(known, args.format);
  },
});
export default orgs;

async function chooseDefault(name: string, known: ListedOrg[]): Promise<void> {
  const { log } = await import("../terminal/log.ts");
  if (!known.some((org) => org.name === name || org.username === name)) {
    throw unknownOrg(name, known);
  }
  await setDefaultOrg(name);
  log.success(`Commands without --org now use ${name}.`);
}

type ListedOrg = Awaited<ReturnType<typeof listOrgs>>[number];

async function printOrgs(known: ListedOrg[], format?: Format): Promise<void> {
  const [{ writeRecords }, { toStdout }] = await Promise.all([
    import("../output/output.ts"),
    import("../output/stdout.ts"),
  ]);
  const options = await toStdout(format);
  const isTable = options.format === "table";
  const records = known.map(({ name, username, kind, loginUrl, readOnly, source, ...org }) => ({
    name,
    username,
    kind: kind ?? (isTable ? "" : null),
    loginUrl,
    readOnly: isTable ? (readOnly ? "yes" : "") : Boolean(readOnly),
    source,
    default: isTable ? (org.default ? "*" : "") : org.default,
  }));
  await writeRecords(records, options);
}
