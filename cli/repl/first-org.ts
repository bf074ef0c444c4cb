/**
 * What the session offers if no org is set up: the set-up, or the practice org.
 */
import { readArgs } from "../arguments/read.ts";
import { Interrupted } from "../arguments/command.ts";
import { listOrgs } from "../../mod.ts";
import { PRACTICE } from "../orgs/open-org.ts";
import { defaultOrg } from "../orgs/saved-orgs.ts";
import { openDialogue } from "../terminal/dialogue.ts";

/** Lets the user choose, and returns the name of the org to open. Throws {@link Interrupted} if none was chosen. */
export async function chooseOrg(): Promise<string> {
  const [known, dialogue] = await Promise.all([listOrgs(), openDialogue()]);
  const choice = await dialogue.choose(
    known.length > 0 ? "Which org?" : "No org is set up yet.",
    [
      ...known.map(({ name, username }) => ({ value: name, label: name, hint: username ?? "" })),
      { value: PRACTICE, label: "The practice org", hint: "on this machine, nothing to set up" },
      { value: "", label: "Set up an org", hint: "sfetch login" },
    ],
  );
  return choice || await setUp();
}

async function setUp(): Promise<string> {
  const { default: login } = await import("../commands/login.ts");
  await login.run({ args: readArgs(login, []), rawArgs: [] });
  const name = await defaultOrg();
  if (!name) throw new Interrupted();
  return name;
}
