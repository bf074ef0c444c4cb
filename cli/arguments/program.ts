/**
 * From the command line to the exit code: finds the command, runs it or shows its help, reports its errors.
 */
import { stripVTControlCharacters } from "node:util";
import { readArgs } from "./read.ts";
import {
  type Command,
  type Entry,
  type Family,
  Interrupted,
  type Program,
  UsageError,
} from "./command.ts";
import { didYouMean, nearest } from "./nearest.ts";
import { onStdoutFailure, stdoutScreen, writeStdout } from "../terminal/stdout.ts";
import { hasColours } from "../terminal/terminal.ts";

/** Runs the command that `argv` names. Sets `process.exitCode`: 0 done, 1 Salesforce returned an error, 2 wrong usage or settings, 130 interrupted. */
export async function run(program: Program, argv: string[]): Promise<void> {
  let reported: Promise<number> | undefined; // a failing stdout is seen by the stream and by its writer
  const reportOnce = (error: unknown): Promise<number> => reported ??= report(program, error);
  onStdoutFailure(async (error) => {
    // The reader of stdout has gone (`| head`): that is not an error, and there is nothing left to do.
    process.exit(error.code === "EPIPE" ? 0 : await reportOnce(error));
  });
  try {
    await dispatch(program, argv);
  } catch (error) {
    process.exitCode = await reportOnce(error);
  }
}

async function dispatch(program: Program, argv: string[]): Promise<void> {
  const { name, rest } = findName(program, argv);
  const wantsHelp = rest.slice(0, endOfFlags(rest)).some((arg) => arg === "--help" || arg === "-h");
  if (name === "help") return await help(program, rest.slice(0, 2));
  if (name === undefined && wantsHelp) return await help(program, []);
  if (name === undefined && rest.some((arg) => ["--version", "-v", "-V"].includes(arg))) {
    return await print(await program.version());
  }
  const entry = find(program, name ?? program.fallback);
  const at = "commands" in entry ? positionOfName(rest) : -1;
  const path = [name!, ...rest.slice(at, at + 1)].slice(0, at < 0 ? 1 : 2);
  if (wantsHelp) return await help(program, path);
  const command = await findCommand(program, entry, path).load() as Command;
  const args = at < 0 ? rest : rest.toSpliced(at, 1);
  await command.run({ args: readArgs(command, args), rawArgs: args });
}

/** The first argument that is not an option names the command, or implies it; `--org NAME` may come before it. */
function findName(program: Program, argv: string[]): { name?: string; rest: string[] } {
  const at = positionOfName(argv);
  if (argv[at] === "--") return { rest: argv };
  const first = argv[at];
  const implied = first === undefined ? undefined : program.implied(first);
  return implied ? { name: implied, rest: argv } : { name: first, rest: argv.toSpliced(at, 1) };
}

function positionOfName(argv: string[]): number {
  let at = 0;
  while (argv[at]?.startsWith("-") && argv[at] !== "--") {
    at += argv[at] === "--org" || argv[at] === "-o" ? 2 : 1;
  }
  return at;
}

function endOfFlags(args: string[]): number {
  const at = args.indexOf("--");
  return at < 0 ? args.length : at;
}

function find(program: Program, name: string): Entry | Family {
  const entries = Object.assign({}, ...Object.values(program.tree)) as Record<
    string,
    Entry | Family
  >;
  if (Object.hasOwn(entries, name)) return entries[name]!;
  const meant = name.startsWith("/") ? `get ${name}` : nearest(name, Object.keys(entries));
  throw new UsageError(
    `${program.name} has no command "${name}".`,
    didYouMean(meant) || `\`${program.name} --help\` lists the commands.`,
  );
}

/** The command of a path such as `bulk load`. */
function findCommand(program: Program, entry: Entry | Family, [family, name]: string[]): Entry {
  if (!("commands" in entry)) return entry;
  if (name !== undefined && Object.hasOwn(entry.commands, name)) return entry.commands[name]!;
  const names = Object.keys(entry.commands);
  const list = names.map((each) => `${program.name} ${family} ${each}`).join(", ");
  if (name === undefined) {
    throw new UsageError(`${program.name} ${family} needs a command.`, `There are: ${list}.`);
  }
  const meant = nearest(name, names);
  throw new UsageError(
    `${program.name} ${family} has no command "${name}".`,
    didYouMean(meant && `${family} ${meant}`) || `There are: ${list}.`,
  );
}

async function help(program: Program, path: string[]): Promise<void> {
  const { commandHelp, familyHelp, programHelp } = await import("./help.ts");
  const [name, below] = path;
  if (name === undefined) return await print(await programHelp(program));
  const entry = find(program, name);
  if ("commands" in entry && below === undefined) {
    return await print(familyHelp(program, name, entry));
  }
  const command = await findCommand(program, entry, path).load() as Command;
  const { columns } = await stdoutScreen();
  await print(await commandHelp(program, command, Math.min(columns || 80, 100)));
}

/** Writes a line to stdout, without colours where they do not belong. */
async function print(text: string): Promise<void> {
  const shown = hasColours(await stdoutScreen()) ? text : stripVTControlCharacters(text);
  await writeStdout(shown + "\n");
}

/** Reports an error on stderr, and returns the exit code. */
async function report(program: Program, error: unknown): Promise<number> {
  if (error instanceof Interrupted) return 130;
  const { log } = await import("../terminal/log.ts");
  if (error instanceof UsageError) {
    log.error([error.message, error.hint].filter(Boolean).join("\n"));
    return 2;
  }
  const { SfetchError, SettingsError } = await import("../../mod.ts");
  if (error instanceof SfetchError) {
    log.error(error.message);
    return error instanceof SettingsError ? 2 : 1;
  }
  const { name, syscall, message } = error as NodeJS.ErrnoException;
  if (name === "NotCapable") { // Deno lacks a permission; its message names the flag
    log.error(message);
    return 2;
  }
  // A failed write to stdout on Deno is the one system error that does not name its call.
  const isOfSystem = syscall !== undefined || /\(os error \d+\)/.test(message);
  log.error(isOfSystem ? message : await bugReport(program, error));
  return 1;
}

async function bugReport(program: Program, error: unknown): Promise<string> {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const where = error instanceof Error
    ? /\(?[^\s(]*\/((?:(?:cli|practice-org)\/[\w/-]+|cli|mod)\.[jt]s:\d+)/.exec(error.stack ?? "")
      ?.[1]
    : "";
  return `${what}${where ? ` (${where})` : ""}\nThis is a bug in ${program.name} ${await program
    .version()}, not in your command. ` +
    `Please report it, with the command you ran: ${program.issues}`;
}
