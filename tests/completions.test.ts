/** The completion scripts, in the real shells. */
import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { missing } from "./helpers/missing.ts";
import { root, runSelf, selfCommand, temporaryFolder } from "./helpers/runtime.ts";
import { openTerminal, type Terminal } from "./helpers/terminal.ts";

const home = temporaryFolder();
after(() => removeFolder(home));

before(async () => {
  const orgs = join(home, ".config/sfetch/orgs");
  await mkdir(orgs, { recursive: true });
  for (const name of ["staging", "ada@acme.example"]) {
    const org = { clientId: "3MVG9", username: "ada@acme.example", privateKeyFile: "/server.key" };
    const saved = { ...org, loginUrl: "https://acme.my.salesforce.com" };
    await writeFile(join(orgs, `${name}.json`), JSON.stringify(saved));
  }
  await mkdir(join(home, "bin"));
  await writeFile(join(home, "certificate.crt"), "");
  const command = [...selfCommand(), join(root, "cli.ts")].map((word) => `'${word}'`).join(" ");
  await writeFile(join(home, "bin/sfetch"), `#!/bin/sh\nexec ${command} "$@"\n`);
  await chmod(join(home, "bin/sfetch"), 0o755);
});

const SHELLS: Record<string, { command: string[]; load: string }> = {
  bash: { command: ["bash", "--norc", "--noprofile"], load: "source <(sfetch completions bash)" },
  zsh: {
    command: ["zsh", "-f"],
    load: "autoload -U compinit; compinit -D; source <(sfetch completions zsh)",
  },
  fish: { command: ["fish", "--no-config"], load: "sfetch completions fish | source" },
};

/** What is typed before Tab, and what the line then is. */
const COMPLETED: [typed: string, line: string][] = [
  ["sfetch practi", "sfetch practice"],
  ["sfetch --org stag", "sfetch --org staging"],
  ["sfetch query --form", "sfetch query --format"],
  ["sfetch query --format nd", "sfetch query --format ndjson"],
  ["sfetch query --format=nd", "sfetch query --format=ndjson"],
  ["sfetch --org practice get --incl", "sfetch --org practice get --include"],
  ["sfetch get --org sta", "sfetch get --org staging"],
  ["sfetch get -o prac", "sfetch get -o practice"],
  ["sfetch get --org=sta", "sfetch get --org=staging"],
  ["sfetch get --org ada@ac", "sfetch get --org ada@acme.example"],
  ["sfetch logout stag", "sfetch logout staging"],
  ["sfetch doctor --cert cert", "sfetch doctor --cert certificate.crt"],
  ["sfetch completions fi", "sfetch completions fish"],
  ["sfetch bulk lo", "sfetch bulk load"],
  ["sfetch bulk load --exter", "sfetch bulk load --external-id"],
  ["sfetch bulk load Contact cert", "sfetch bulk load Contact certificate.crt"],
];

for (const [shell, { command, load }] of Object.entries(SHELLS)) {
  describe(`completions in ${shell}`, { skip: missing("tmux", shell) }, () => {
    test("offer commands, options, their values, org names and files", async () => {
      const terminal = await openTerminal({
        command,
        env: { HOME: home, PATH: [join(home, "bin"), process.env.PATH].join(delimiter), PS1: "> " },
        cwd: home,
      });
      try {
        await terminal.send(`${load}; echo load''ed\n`);
        await terminal.waitFor("loaded");
        for (const [typed, line] of COMPLETED) await complete(terminal, typed, line);
      } finally {
        await terminal.close();
      }
    });
  });
}

async function complete(terminal: Terminal, typed: string, line: string): Promise<void> {
  await terminal.send(typed);
  await terminal.waitFor(typed);
  await terminal.press("Tab");
  // fish shows suggestions in grey; only what is really in the line stands before the next letter.
  await terminal.waitFor(new RegExp(`${line.replace(/[.]/g, "\\.")}`));
  await terminal.send("#");
  await terminal.waitFor(new RegExp(`${line.replace(/[.]/g, "\\.")}=? ?#`));
  await terminal.press("C-u");
  await terminal.press("C-l");
}

test("completions for another shell are refused by name", async () => {
  const { code, stdout, stderr } = await runSelf(["completions", "tcsh"]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /no script for "tcsh"\.\nChoose one of bash, zsh, fish\./);
});
