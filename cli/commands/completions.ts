/**
 * `sfetch completions`: a script that lets a shell complete commands, options and org names.
 *
 * @module
 */
import {
  type Arg,
  type Args,
  type Command,
  command,
  type Tree,
  UsageError,
} from "../arguments/command.ts";
import { writeStdout } from "../terminal/stdout.ts";
import type { CompletedCommand, CompletedValue } from "./completions/shells.ts";

const args = {
  shell: { type: "positional", description: "bash, zsh or fish" },
} as const satisfies Args;

/** `sfetch completions`, for these commands. */
export const completions = (tree: Tree): Command<typeof args> =>
  command({
    meta: {
      name: "completions",
      description: "Print a script that completes commands, options and org names in your shell",
    },
    args,
    examples: [
      [`echo 'source <(sfetch completions bash)' >> ~/.bashrc`, "for every new bash"],
      [`echo 'source <(sfetch completions zsh)' >> ~/.zshrc`, "for every new zsh, after compinit"],
      ["sfetch completions fish > ~/.config/fish/completions/sfetch.fish", "for every new fish"],
    ],
    async run({ args }) {
      const shells = await import("./completions/shells.ts");
      if (!Object.hasOwn(shells.SCRIPTS, args.shell)) {
        throw new UsageError(
          `sfetch completions: there is no script for "${args.shell}".`,
          `Choose one of ${Object.keys(shells.SCRIPTS).join(", ")}.`,
        );
      }
      const script = shells.SCRIPTS[args.shell as keyof typeof shells.SCRIPTS];
      await writeStdout(script(await describe(tree)));
    },
  });

async function describe(tree: Tree): Promise<CompletedCommand[]> {
  const entries = Object.values(tree).flatMap((group) => Object.entries(group));
  return await Promise.all(entries.map(async ([name, entry]) => {
    const { summary } = entry;
    const isFamily = "commands" in entry;
    const commands = isFamily ? Object.values(entry.commands) : [entry];
    const loaded = await Promise.all(commands.map(({ load }) => load() as Promise<Command>));
    // Below one word, the options of all its commands are offered.
    const list = Object.entries(
      Object.assign({}, ...loaded.map(({ args }) => args)) as Args,
    );
    return {
      name,
      summary,
      options: [
        ...list.filter(([, arg]) => arg.type !== "positional").map(([option, arg]) => ({
          name: option,
          letter: arg.alias,
          description: arg.description ?? "",
          value: arg.type === "boolean" ? undefined : valueOf(arg),
          repeats: Boolean(arg.multiple),
        })),
        { name: "help", description: "show the help", repeats: false },
      ],
      argument: name === "completions"
        ? { words: ["bash", "zsh", "fish"] }
        : isFamily
        ? { words: Object.keys(entry.commands), orFiles: true }
        : valueOf(list.find(([, arg]) => arg.type === "positional")?.[1]),
    };
  }));
}

/** What can stand for an argument, as its description says. */
function valueOf(arg: Arg | undefined): CompletedValue {
  if (arg?.options) return { words: arg.options };
  if (arg?.completes) return arg.completes;
  return arg?.valueHint === "file" || arg?.valueHint === "folder" ? "files" : "nothing";
}
