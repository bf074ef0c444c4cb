/**
 * `sfetch` alone: an interactive session on a terminal, or statements from a pipe.
 */
import process from "node:process";
import { type Args, type Command, command, orgFlag } from "../arguments/command.ts";
import { formatArg } from "../output/formats.ts";
import { orgLabel } from "../orgs/open-org.ts";
import type { ShellOptions } from "../repl/shell.ts";

const args = { ...orgFlag, ...formatArg } as const satisfies Args;

/** `sfetch repl`, and `sfetch` alone. */
const repl: Command<typeof args> = command({
  meta: {
    name: "repl",
    description:
      "Open an interactive session for SOQL, REST and JavaScript, or run the statements from stdin",
  },
  args,
  examples: [
    ["sfetch", "a session with the default org; .help lists what you can type"],
    ["sfetch --org practice", "with the practice org, without any set-up"],
    [`echo "SELECT Id, Name FROM Account > accounts.csv" | sfetch`, "statements from a pipe"],
    ["sfetch < nightly.soql", "statements from a file, up to the first failure"],
  ],
  async run({ args }) {
    const options: ShellOptions = { ...args };
    const label = await orgLabel(args);
    if (!process.stdin.isTTY) {
      const { runScript } = await import("../repl/script-input.ts");
      return await runScript(options);
    }
    if (!label) {
      const { chooseOrg } = await import("../repl/first-org.ts");
      options.org = await chooseOrg();
    }
    const { runTerminal } = await import("../repl/terminal.ts");
    await runTerminal(label ?? { name: options.org ?? "org" }, options);
    // Work that an expression left running must not keep the process alive.
    process.exit();
  },
});

export default repl;
