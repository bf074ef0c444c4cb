/**
 * What `--help` shows: the commands that there are, and how one of them is called.
 */
import type { CommandDef } from "citty";
import { stripVTControlCharacters } from "node:util";
import type { Command, Program } from "./command.ts";
import { type Paint, paint } from "../terminal/terminal.ts";
import { wrap } from "../terminal/wrap.ts";

/** The commands by group, with colours. */
export async function programHelp(program: Program): Promise<string> {
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
    `${program.description} (${program.name} ${await program.version()})`,
    `${p.bold("USAGE")} ${p.cyan(`${program.name} [--org NAME] [COMMAND] [ARGUMENTS]`)}`,
    ...groups,
    `\`${program.name} COMMAND --help\` shows the flags and examples of a command.`,
  ].join("\n\n");
}

/** How a command is called, for a screen of this many columns, with colours and examples. */
export async function commandHelp(
  program: Program,
  command: Command,
  width: number,
): Promise<string> {
  const { renderUsage } = await import("citty");
  const usage = await renderUsage(command as CommandDef, { meta: { name: program.name } });
  const p = paint(true);
  const examples = command.examples.map(([line, what]) => `  ${p.grey("# " + what)}\n  ${line}\n`);
  return [layOut(stripVTControlCharacters(usage), width, p), p.bold("EXAMPLES"), "", ...examples]
    .join("\n").trimEnd();
}

/** Where descriptions begin; a longer flag has a line to itself. */
const COLUMN = 30;

/** citty sets flags flush right and lets long lines run: here they are flush left, and lines are broken to fit. */
function layOut(usage: string, width: number, p: Paint): string {
  const hasLetters = /^ +-\w, /m.test(usage);
  return usage.split("\n").flatMap((line) => {
    const [, flag, description] = /^ {2,}(\S.*?)(?: {4}(.*))?$/.exec(line.trimEnd()) ?? [];
    if (!flag) return wrap(line.replace(/^[A-Z]{2,}\b/, (heading) => p.bold(heading)), width);
    if (!description) return []; // --no-…, which the line before it explains
    const name = hasLetters && flag.startsWith("--") ? `    ${flag}` : flag;
    const text = wrap(inLowerCase(description), width - COLUMN).split("\n");
    const head = p.cyan(`  ${name}`.padEnd(COLUMN));
    const [first, ...rest] = text.map((part) => " ".repeat(COLUMN) + part);
    return name.length + 4 > COLUMN
      ? [head, first!, ...rest]
      : [head + first!.slice(COLUMN), ...rest];
  }).join("\n");
}

function inLowerCase(description: string): string {
  return description.replace(/ \(Default: true\)$/, "").replace(
    / \((?:Default|Required)/,
    (note) => note.toLowerCase(),
  );
}
