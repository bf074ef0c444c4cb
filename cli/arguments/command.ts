/**
 * How a command of `sfetch` is described, and the errors that are not Salesforce's.
 */

/** A flag or positional as citty describes it; a string flag with `multiple` may be repeated and gives a list. */
export interface Arg {
  type: "boolean" | "string" | "enum" | "positional";
  description?: string;
  /** One letter, for `-o`. */
  alias?: string;
  /** What stands for the value in the usage. */
  valueHint?: string;
  default?: string | boolean;
  required?: boolean;
  /** The words that an `enum` takes. */
  options?: readonly string[];
  multiple?: boolean;
}

/** Flags in kebab-case by name, positionals in the order in which they stand. */
export type Args = Record<string, Arg>;

type Given<A extends Arg> = A["multiple"] extends true ? string[]
  : A["type"] extends "boolean" ? boolean
  : A["required"] extends true ? string
  : A["default"] extends string ? string
  : A["type"] extends "positional" ? A["required"] extends false ? string | undefined : string
  : A["options"] extends readonly (infer Option)[] ? Option | undefined
  : string | undefined;

/** The arguments of one call: every flag of the command has its key, a boolean that is not given is false. */
export type Values<T extends Args> = { [Name in keyof T]: Given<T[Name]> };

/** One command of `sfetch`; a citty `CommandDef` with examples. Made with {@link command}. */
export interface Command<T extends Args = Args> {
  meta: { name: string; description: string };
  args: T;
  /** Lines to copy, each with what it does. */
  examples: [line: string, what: string][];
  run(context: { args: Values<T>; rawArgs: string[] }): void | Promise<void>;
}

/**
 * Describes a command. Positionals are required unless `required: false`.
 *
 * ```ts
 * export default command({
 *   meta: { name: "token", description: "Print an access token" },
 *   args: { ...orgFlag, json: { type: "boolean", description: "the whole answer" } },
 *   examples: [["sfetch token --org prod", "the token of a saved org"]],
 *   async run({ args }) { … args.org, args.json … },
 * });
 * ```
 */
export function command<const T extends Args>(definition: Command<T>): Command<T> {
  return definition;
}

/** `--org NAME`, for every command that talks to an org; give its value to `openSession`. */
export const orgFlag = {
  org: {
    type: "string",
    alias: "o",
    valueHint: "name",
    description: "a saved org, one that sf signed in by JWT, or practice (default: SF_TARGET_ORG)",
  },
} as const satisfies Args;

/** The call was wrong: exit code 2. The hint says what to type instead. */
export class UsageError extends Error {
  /** The next step, in a line or two. */
  readonly hint: string;

  constructor(message: string, hint = "") {
    super(message);
    this.name = "UsageError";
    this.hint = hint;
  }
}

/** The user called it off, by Ctrl-C or by the answer to a question: exit code 130, and no message of its own. */
export class Interrupted extends Error {}

/** A command whatever its arguments. */
export type AnyCommand = Omit<Command, "run"> & { run(context: never): void | Promise<void> };

/** A command of the tree, loaded when it runs. */
export interface Entry {
  summary: string;
  load(): Promise<AnyCommand>;
}

/** The command tree: groups of commands by heading, as `--help` shows them. */
export type Tree = Record<string, Record<string, Entry>>;

/** What `sfetch` is, for its help and `--version`. */
export interface Program {
  name: string;
  version(): Promise<string>;
  description: string;
  tree: Tree;
  /** The command that runs when none is named. */
  fallback: string;
  /** Where bugs are reported. */
  issues: string;
}
