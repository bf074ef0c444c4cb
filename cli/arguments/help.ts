/**
 * What `--help` shows: the list of commands, or how to call one of them.
 */
import type { CommandDef } from "citty";
import { stripVTControlCharacters } from "node:util";
import type { Command, Entry, Family, Program } from "./command.ts";
import { type Paint, paint } from "../terminal/terminal.ts";
import { wrap } from "../terminal/wrap.ts";

/** The help of the program: its commands by group, with colours. */
export async function programHelp(program: Program): Promise<string> {
  const p = paint(true);
  const width = Math.max(
    ...Object.values(program.tree).flatMap(Object.keys).map((name) => name.length),
  );
  const groups = Object.entries(program.tree).map(([heading, entries]) =>
    p.bold(heading.toUpperCase()) + "\n" + list(entries, width, p)
  );
  return [
    `${program.description} (${program.name} ${await program.version()})`,
    `${p.bold("USAGE")} ${p.cyan(`${program.name} [--org NAME] [COMMAND] [ARGUMENTS]`)}\n` +
    `      ${p.cyan(`${program.name} [--org NAME] "SELECT …"`)}`,
    ...groups,
    `\`${program.name} COMMAND --help\` shows the options and examples of a command.`,
  ].join("\n\n");
}

/** The help of commands below one word. */
export function familyHelp(program: Program, name: string, { summary, commands }: Family): string {
  const p = paint(true);
  const width = Math.max(...Object.keys(commands).map((each) => each.length));
  return [
    summary,
    `${p.bold("USAGE")} ${p.cyan(`${program.name} ${name} COMMAND [ARGUMENTS]`)}`,
    p.bold("COMMANDS") + "\n" + list(commands, width, p),
    `\`${program.name} ${name} COMMAND --help\` shows the options and examples of a command.`,
  ].join("\n\n");
}

function list(entries: Record<string, Entry | Family>, width: number, p: Paint): string {
  return Object.entries(entries)
    .map(([name, { summary }]) => `  ${p.cyan(name.padEnd(width))}  ${summary}`).join("\n");
}

/** The help of one command, with colours and examples, for a screen of this many columns. */
export async function commandHelp(
  program: Program,
  command: Command,
  width: number,
): Promise<string> {
  const { renderUsage } = await import("citty");
  const rendered = await renderUsage(command as CommandDef, { meta: { name: program.name } });
  const several = Object.entries(command.args).find(([, arg]) =>
    arg.type === "positional" && arg.multiple
  )?.[0].toUpperCase();
  const usage = rendered.replace(`<${several}>`, `<${several}>…`); // citty has no word for it
  const p = paint(true);
  const examples = command.examples.map(([line, what]) => `  ${p.grey("# " + what)}\n  ${line}\n`);
  return [layOut(stripVTControlCharacters(usage), width, p), p.bold("EXAMPLES"), "", ...examples]
    .join("\n").trimEnd();
}

/** The column where descriptions begin; a longer option has a line to itself. */
const COLUMN = 30;

/** citty aligns options to the right and does not wrap: here they are aligned to the left, and long lines are wrapped. */
function layOut(usage: string, width: number, p: Paint): string {
  const hasLetters = /^ +-\w, /m.test(usage);
  return usage.split("\n").flatMap((line) => {
    const [, flag, description] = /^ {2,}(\S.*?)(?: {4}(.*))?$/.exec(line.trimEnd()) ?? [];
    if (!flag) return wrap(line.replace(/^[A-Z]{2,}\b/, (heading) => p.bold(heading)), width);
    if (!description) return []; // citty lists --no-… again, which the line before explains
    const name = hasLetters && flag.startsWith("--") ? `    ${flag}` : flag;
    const text = wrap(inLowerCase(description), width - COLUMN).split("\n");
    const isLong = name.length + 4 > COLUMN;
    const head = p.cyan(isLong ? `  ${name}` : `  ${name}`.padEnd(COLUMN));
    const [first, ...rest] = text.map((part) => " ".repeat(COLUMN) + part);
    return isLong ? [head, first!, ...rest] : [head + first!.slice(COLUMN), ...rest];
  }).join("\n");
}

function inLowerCase(description: string): string {
  return description.replace(/ \(Default: true\)$/, "").replace(
    / \((?:Default|Required)/,
    (note) => note.toLowerCase(),
  );
}
