/**
 * `sfetch types`: TypeScript interfaces of an org's objects, from what the org says about them.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { SalesforceError, type Session } from "../../mod.ts";
import { type Args, type Command, command, orgFlag, UsageError } from "../arguments/command.ts";
import { didYouMean, nearest } from "../arguments/nearest.ts";
import { openOrg } from "../orgs/open-org.ts";
import { counted } from "../terminal/number.ts";
import { writeStdout } from "../terminal/stdout.ts";
import { type Describe, MARK, typescript } from "./types/typescript.ts";

const args = {
  object: {
    type: "positional",
    multiple: true,
    description: "API names of objects, such as Account or Invoice__c",
  },
  ...orgFlag,
  out: {
    type: "string",
    valueHint: "file",
    description: "the file to write, replacing an earlier output (default: stdout)",
  },
} as const satisfies Args;

/** `sfetch types` */
const types: Command<typeof args> = command({
  meta: {
    name: "types",
    description: "Write TypeScript interfaces of objects, for sfQuery<Account> and your own code",
  },
  args,
  examples: [
    ["sfetch types Account Contact --out salesforce.ts", "two objects and how they are related"],
    ["sfetch types Invoice__c --org prod > salesforce.ts", "a custom object of a saved org"],
  ],
  async run({ args }) {
    if (args.out) await checkTarget(args.out);
    const { session, close } = await openOrg(args);
    try {
      const objects = await describeAll(session, args.object);
      const text = typescript(objects, await session.apiVersion());
      if (args.out) await writeOutput(args.out, text, objects.length);
      else await writeStdout(text);
    } finally {
      await close();
    }
  },
});
export default types;

/** Only an earlier output is replaced, never a file that somebody wrote. */
async function checkTarget(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new UsageError(`Cannot read ${file} (${error.code}).`);
  });
  if (text === undefined || text.startsWith(MARK)) return;
  throw new UsageError(
    `${file} already exists, and \`sfetch types\` did not write it.`,
    "Choose another file with --out, or remove this one.",
  );
}

async function writeOutput(file: string, text: string, count: number): Promise<void> {
  const [{ replaceFile }, { log }] = await Promise.all([
    import("../output/write-files.ts"),
    import("../terminal/log.ts"),
  ]);
  await replaceFile(file, text);
  log.success(`Wrote ${counted(count, "interface")} to ${file}.`);
}

/** A few objects at a time: a describe can take the org a second. */
async function describeAll(session: Session, names: string[]): Promise<Describe[]> {
  const objects: Describe[] = [];
  const waiting = [...names];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      objects.push(await describe(session, name));
    }
  };
  await Promise.all(Array.from({ length: 5 }, work));
  return [...new Map(objects.map((object) => [object.name, object])).values()];
}

async function describe(session: Session, name: string): Promise<Describe> {
  if (!/^\w+$/.test(name)) throw await unknownObject(session, name);
  try {
    return await session.fetch(`/sobjects/${name}/describe`).json();
  } catch (error) {
    if (error instanceof SalesforceError && error.status === 404) {
      throw await unknownObject(session, name);
    }
    throw error;
  }
}

async function unknownObject(session: Session, name: string): Promise<UsageError> {
  const { sobjects }: { sobjects: { name: string }[] } = await session.fetch("/sobjects").json();
  const meant = nearest(name, sobjects.map((object) => object.name));
  return new UsageError(
    `The org has no object "${name}", or this user may not see it.`,
    didYouMean(meant) || "`sfetch get /sobjects` lists its objects.",
  );
}
