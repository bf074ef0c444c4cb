/**
 * `sfetch logout`: forgets saved orgs.
 *
 * @module
 */
import { createSession, listOrgs } from "../../mod.ts";
import { type Args, type Command, command, Interrupted, UsageError } from "../arguments/command.ts";
import { unknownOrg } from "../orgs/open-org.ts";
import { readSavedOrg, removeOrg } from "../orgs/saved-orgs.ts";
import { tokenCache } from "../orgs/token-cache.ts";
import { canAsk, openDialogue } from "../terminal/dialogue.ts";

const args = {
  name: { type: "positional", required: false, completes: "orgs", description: "the saved org" },
  all: { type: "boolean", description: "all saved orgs" },
  yes: { type: "boolean", alias: "y", description: "do not ask" },
} as const satisfies Args;

/** `sfetch logout` */
const logout: Command<typeof args> = command({
  meta: {
    name: "logout",
    description:
      "Forget a saved org: its settings, its token (revoked), and the key that login made",
  },
  args,
  examples: [
    ["sfetch logout staging", "asks, then forgets the org"],
    ["sfetch logout --all --yes", "forgets all saved orgs without asking"],
  ],
  async run({ args }) {
    const names = await namesToForget(args.name, args.all);
    const { log } = await import("../terminal/log.ts");
    if (names.length === 0) return log.info("No org is saved.");
    if (!args.yes) await confirmLogout(names);
    for (const name of names) {
      await revokeToken(name);
      await removeOrg(name);
      log.success(`Forgot ${name}.`);
    }
  },
});
export default logout;

async function namesToForget(name: string | undefined, all: boolean): Promise<string[]> {
  const known = await listOrgs();
  const saved = known.filter(({ source }) => source === "sfetch").map((org) => org.name);
  if (all && name === undefined) return saved;
  if (name === undefined || all) {
    throw new UsageError(
      "sfetch logout: give either NAME or --all.",
      "For example: sfetch logout staging",
    );
  }
  if (saved.includes(name) || await readSavedOrg(name)) return [name]; // an error names a damaged file
  if (known.some((org) => org.name === name || org.username === name)) {
    throw new UsageError(
      `"${name}" belongs to the sf CLI, and only sf can sign it out.`,
      `Use: sf org logout --target-org ${name}`,
    );
  }
  throw unknownOrg(name, known);
}

async function confirmLogout(names: string[]): Promise<void> {
  if (!canAsk()) {
    throw new UsageError(
      "sfetch logout asks for confirmation, and there is no terminal to answer on.",
      "Add --yes.",
    );
  }
  const dialogue = await openDialogue();
  const question = `Forget ${names.join(", ")}, and the keys that login made?`;
  if (!await dialogue.confirm(question, false)) throw new Interrupted();
}

/** A token that cannot be revoked expires by itself, so the org is forgotten all the same. */
async function revokeToken(name: string): Promise<void> {
  try {
    await createSession({ org: name, cache: tokenCache() }).revoke();
  } catch (error) {
    const { log } = await import("../terminal/log.ts");
    log.warn(
      `The token of ${name} could not be revoked. It expires by itself. ${
        (error as Error).message
      }`,
    );
  }
}
