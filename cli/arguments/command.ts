/**
 * How a command of `sfetch` is described, and the errors that do not come from Salesforce.
 */

/** An option or positional as citty describes it. With `multiple`, a string option may be repeated, or the last positional
 * accepts all the arguments that follow, and the value is a list. */
export interface Arg {
  type: "boolean" | "string" | "enum" | "positional";
  description?: string;
  /** One letter, for `-o`. */
  alias?: string;
  /** The placeholder for the value in the help. */
  valueHint?: string;
  default?: string | boolean;
  required?: boolean;
  /** The words that an `enum` accepts. */
  options?: readonly string[];
  multiple?: boolean;
  /** What a shell completes the value with, where `options` and `valueHint` do not say. */
  completes?: "orgs" | "files";
}

/** Options by name in kebab-case, positionals in their order on the command line. */
export type Args = Record<string, Arg>;

type Given<A extends Arg> = A["multiple"] extends true ? string[]
  : A["type"] extends "boolean" ? boolean
  : A["required"] extends true ? string
  : A["default"] extends string ? string
  : A["type"] extends "positional" ? A["required"] extends false ? string | undefined : string
  : A["options"] extends readonly (infer Option)[] ? Option | undefined
  : string | undefined;

/** The arguments of one call: every option of the command has its key, and a boolean that was not passed is false. */
export type Values<T extends Args> = { [Name in keyof T]: Given<T[Name]> };

/** One command of `sfetch`; a citty `CommandDef` with examples. Made with {@link command}. */
export interface Command<T extends Args = Args> {
  meta: { name: string; description: string };
  args: T;
  /** Command lines to copy, each with what it does. */
  examples: [line: string, what: string][];
  run(context: { args: Values<T>; rawArgs: string[] }): void | Promise<void>;
}

/**
 * Describes a command. Positionals are required unless `required: false`.
 *
 * ```ts
 * export default command({
 *   meta: { name: "token", description: "Print an access token" },
 *   args: { ...orgFlag, json: { type: "boolean", description: "print the whole answer" } },
 *   examples: [["sfetch token --org prod", "the token of a saved org"]],
 *   async run({ args }) { … args.org, args.json … },
 * });
 * ```
 */
export function command<const T extends Args>(definition: Command<T>): Command<T> {
  return definition;
}

/** The options of every command that talks to an org; `openOrg` accepts them. */
export const orgFlag = {
  org: {
    type: "string",
    alias: "o",
    valueHint: "name",
    completes: "orgs",
    description:
      "a saved org, an org that sf signed in by JWT, or practice (default: SF_TARGET_ORG)",
  },
  "read-only": {
    type: "boolean",
    description: "refuse whatever could write to the org (also SF_READ_ONLY=1)",
  },
  "allow-host": {
    type: "string",
    multiple: true,
    valueHint: "host",
    description: "trust a host outside Salesforce's domains with the sign-in",
  },
} as const satisfies Args;

/** Wrong usage: exit code 2. The hint says what to type instead. */
export class UsageError extends Error {
  /** The next step, in a line or two. */
  readonly hint: string;

  constructor(message: string, hint = "") {
    super(message);
    this.name = "UsageError";
    this.hint = hint;
  }
}

/** The user cancelled, by Ctrl-C or by the answer to a question: exit code 130, without a message. */
export class Interrupted extends Error {}

/** A command with any arguments. */
export type AnyCommand = Omit<Command, "run"> & { run(context: never): void | Promise<void> };

/** A command of the tree, loaded when it runs. */
export interface Entry {
  summary: string;
  load(): Promise<AnyCommand>;
}

/** Commands below one word, such as `bulk query` and `bulk load`. */
export interface Family {
  summary: string;
  commands: Record<string, Entry>;
}

/** The command tree: groups of commands by heading, as `--help` shows them. */
export type Tree = Record<string, Record<string, Entry | Family>>;

/** The program, for its help and `--version`. */
export interface Program {
  name: string;
  version(): Promise<string>;
  description: string;
  tree: Tree;
  /** The command that runs when none is named. */
  fallback: string;
  /** The command that a first argument implies, such as `query` for `SELECT …`. */
  implied(argument: string): string | undefined;
  /** Where bugs are reported. */
  issues: string;
}
