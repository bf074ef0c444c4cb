/**
 * What all commands share: strict arguments, `--help` with examples, errors as messages and exit codes.
 *
 * citty describes a command and renders its usage. The arguments are read here, because citty takes an unknown flag
 * silently, its value for a positional, and keeps only the last of a repeated flag.
 */
import type { CommandDef } from "citty";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { hasColours, paint, sanitize, writeStdout } from "./terminal.ts";

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
  version: string;
  description: string;
  tree: Tree;
  /** The command that runs when none is named. */
  fallback: string;
  /** Where bugs are reported. */
  issues: string;
}

/** Runs the command that `argv` names. Sets `process.exitCode`: 0 done, 1 Salesforce said no, 2 wrong call or settings, 130 interrupted. */
export async function run(program: Program, argv: string[]): Promise<void> {
  // Whoever reads stdout has gone (`| head`): that is no error, and no reason to go on working.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  try {
    await dispatch(program, argv);
  } catch (error) {
    process.exitCode = await report(program, error);
  }
}

async function dispatch(program: Program, argv: string[]): Promise<void> {
  const { name, rest } = findName(argv);
  const wantsHelp = rest.slice(0, endOfFlags(rest)).some((arg) => arg === "--help" || arg === "-h");
  if (name === "help") return await help(program, rest[0]);
  if (name === undefined && wantsHelp) return await help(program);
  if (name === undefined && rest.some((arg) => ["--version", "-v", "-V"].includes(arg))) {
    return await print(program.version);
  }
  if (wantsHelp) return await help(program, name);
  const command = await find(program, name ?? program.fallback).load() as Command;
  await command.run({ args: readArgs(command, rest), rawArgs: rest });
}

/** The first argument that is no flag names the command; `--org NAME` may stand before it. */
function findName(argv: string[]): { name?: string; rest: string[] } {
  let at = 0;
  while (argv[at]?.startsWith("-")) {
    if (argv[at] === "--") return { rest: argv };
    at += argv[at] === "--org" || argv[at] === "-o" ? 2 : 1;
  }
  return { name: argv[at], rest: argv.toSpliced(at, 1) };
}

function endOfFlags(args: string[]): number {
  const at = args.indexOf("--");
  return at < 0 ? args.length : at;
}

function find(program: Program, name: string): Entry {
  const entries = Object.assign({}, ...Object.values(program.tree)) as Record<string, Entry>;
  if (Object.hasOwn(entries, name)) return entries[name]!;
  throw new UsageError(
    `${program.name} has no command "${name}".`,
    didYouMean(nearest(name, Object.keys(entries))) ||
      `\`${program.name} --help\` lists the commands.`,
  );
}

function didYouMean(name: string | undefined): string {
  return name ? `Did you mean \`${name}\`?` : "";
}

/** The flags and positionals of a call, by the command's description. Throws {@link UsageError}. */
export function readArgs<T extends Args>(command: Command<T>, rawArgs: string[]): Values<T> {
  const flags = Object.entries(command.args).filter(([, arg]) => arg.type !== "positional");
  const { tokens } = parseArgs({
    args: rawArgs,
    options: Object.fromEntries(flags.map(([name, arg]) => [name, parserOption(arg)])),
    strict: false,
    tokens: true,
  });
  const values: Record<string, string | boolean | string[] | undefined> = {};
  for (const [name, arg] of flags) {
    values[name] = arg.multiple
      ? []
      : arg.type === "boolean"
      ? arg.default === true
      : arg.default as string;
  }
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind === "option") readFlag(command, token, values);
  }
  readPositionals(command, positionals, values);
  for (const [name, arg] of flags) {
    if (arg.required && values[name] === undefined) throw wrongCall(command, `it needs --${name}`);
  }
  return values as Values<T>;
}

function parserOption(arg: Arg): { type: "string" | "boolean"; short?: string } {
  return {
    type: arg.type === "boolean" ? "boolean" : "string",
    ...(arg.alias && { short: arg.alias }),
  };
}

function readFlag(
  command: Command<Args>,
  token: { name: string; rawName: string; value?: string; inlineValue?: boolean },
  values: Record<string, string | boolean | string[] | undefined>,
): void {
  const negated = token.name.startsWith("no-") ? command.args[token.name.slice(3)] : undefined;
  if (negated?.type === "boolean") return void (values[token.name.slice(3)] = false);

  const arg = Object.hasOwn(command.args, token.name) ? command.args[token.name]! : undefined;
  if (!arg || arg.type === "positional") throw unknownFlag(command, token.rawName);
  if (arg.type === "boolean") {
    if (token.inlineValue) throw wrongCall(command, `${token.rawName} takes no value`);
    values[token.name] = true;
    return;
  }
  const value = token.value;
  if (value === undefined || (!token.inlineValue && isFlag(command, value))) {
    throw wrongCall(command, `${token.rawName} needs a value`);
  }
  if (arg.type === "enum" && !arg.options?.includes(value)) {
    throw wrongCall(
      command,
      `${token.rawName} is one of ${arg.options?.join(", ")}, not "${value}"`,
    );
  }
  if (arg.multiple) (values[token.name] as string[]).push(value);
  else values[token.name] = value;
}

function isFlag(command: Command<Args>, text: string): boolean {
  return Object.entries(command.args).some(([name, arg]) =>
    text === `--${name}` || (arg.alias !== undefined && text === `-${arg.alias}`)
  );
}

function unknownFlag(command: Command<Args>, rawName: string): UsageError {
  const names = Object.entries(command.args).filter(([, arg]) => arg.type !== "positional")
    .map(([name]) => `--${name}`);
  const takesText = Object.values(command.args).some((arg) => arg.type === "positional");
  return wrongCall(
    command,
    `it has no flag ${rawName}`,
    didYouMean(nearest(rawName, [...names, "--help"])) ||
      (takesText ? "Put -- before an argument that starts with a dash." : ""),
  );
}

function readPositionals(
  command: Command<Args>,
  given: string[],
  values: Record<string, string | boolean | string[] | undefined>,
): void {
  const names = Object.keys(command.args).filter((name) =>
    command.args[name]!.type === "positional"
  );
  for (const [index, name] of names.entries()) {
    const arg = command.args[name]!;
    values[name] = given[index] ?? arg.default as string | undefined;
    if (values[name] === undefined && arg.required !== false) {
      throw wrongCall(command, `it needs ${name.toUpperCase()}`, forExample(command));
    }
  }
  const extra = given[names.length];
  if (extra !== undefined) {
    throw wrongCall(
      command,
      `the argument "${extra}" is one too many`,
      names.length > 0 ? "Put quotes around an argument with blanks." : "",
    );
  }
}

function forExample(command: Command<Args>): string {
  const line = command.examples[0]?.[0];
  return line ? `For example: ${line}` : "";
}

function wrongCall(command: Command<Args>, what: string, hint = ""): UsageError {
  const { name } = command.meta;
  return new UsageError(
    `sfetch ${name}: ${what}.`,
    hint || `\`sfetch ${name} --help\` shows how to call it.`,
  );
}

/** The candidate that the user may have meant: a few letters off, or begun alike. */
export function nearest(text: string, candidates: string[]): string | undefined {
  const ranked = candidates.map((name) => ({
    name,
    distance: distance(text.toLowerCase(), name.toLowerCase()),
  }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best && best.distance <= Math.max(1, Math.floor(text.replace(/^-+/, "").length / 3))) {
    return best.name;
  }
  const bare = text.replace(/^-+/, "");
  return bare.length > 1 ? candidates.find((name) => name.startsWith(text)) : undefined;
}

/** Levenshtein's distance, two neighbours swapped counting as one. */
function distance(a: string, b: string): number {
  const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const [row, above] = [rows[i]!, rows[i - 1]!];
      row[j] = Math.min(
        above[j]! + 1,
        row[j - 1]! + 1,
        above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
      }
    }
  }
  return rows[a.length]![b.length]!;
}

async function help(program: Program, name?: string): Promise<void> {
  if (name === undefined) return await print(rootHelp(program));
  const command = await find(program, name).load() as Command;
  const { renderUsage } = await import("citty");
  const usage = await renderUsage(command as CommandDef, { meta: { name: program.name } });
  const p = paint(true);
  const examples = command.examples.map(([line, what]) => `  ${p.grey("# " + what)}\n  ${line}\n`);
  await print(
    [usage.replace(/ +$/gm, ""), p.bold("EXAMPLES"), "", ...examples].join("\n").trimEnd(),
  );
}

function rootHelp(program: Program): string {
  const p = paint(true);
  const width = Math.max(
    ...Object.values(program.tree).flatMap(Object.keys).map((name) => name.length),
  );
  const groups = Object.entries(program.tree).map(([heading, entries]) =>
    p.bold(heading.toUpperCase()) + "\n" +
    Object.entries(entries).map(([name, { summary }]) =>
      `  ${p.cyan(name.padEnd(width))}  ${summary}`
    ).join("\n")
  );
  return [
    `${program.description} (${program.name} ${program.version})`,
    `${p.bold("USAGE")} ${p.cyan(`${program.name} [--org NAME] [COMMAND] [ARGUMENTS]`)}`,
    ...groups,
    `\`${program.name} COMMAND --help\` shows the flags and examples of a command.`,
  ].join("\n\n");
}

/** Writes a line to stdout, without colours where they do not belong. */
async function print(text: string): Promise<void> {
  const shown = hasColours(process.stdout) ? text : stripVTControlCharacters(text);
  await writeStdout(shown + "\n");
}

/** Says what went wrong, on stderr, and gives the exit code. */
async function report(program: Program, error: unknown): Promise<number> {
  if (error instanceof Interrupted) return 130;
  const { log } = await import("./log.ts");
  if (error instanceof UsageError) {
    log.error(sanitize([error.message, error.hint].filter(Boolean).join("\n")));
    return 2;
  }
  const { SfetchError, SettingsError } = await import("../mod.ts");
  if (error instanceof SfetchError) {
    log.error(sanitize(error.message));
    return error instanceof SettingsError ? 2 : 1;
  }
  const { name, syscall, message } = error as NodeJS.ErrnoException;
  if (name === "NotCapable") { // Deno was not allowed to, and says by which flag it would be
    log.error(sanitize(message));
    return 2;
  }
  log.error(sanitize(syscall ? message : bugReport(program, error)));
  return 1;
}

function bugReport(program: Program, error: unknown): string {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const where = error instanceof Error
    ? /\(?[^\s(]*\/((?:cli\/[\w/-]+|cli|mod)\.ts:\d+)/.exec(error.stack ?? "")?.[1]
    : "";
  return `${what}${
    where ? ` (${where})` : ""
  }\nThis is a bug in ${program.name} ${program.version}, not yours. ` +
    `Please report it, with the command you ran: ${program.issues}`;
}
