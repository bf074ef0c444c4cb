/**
 * Reads the arguments of a call strictly, by the command's description.
 *
 * citty's own parser accepts unknown options silently, takes their values for positionals, and keeps only the last
 * value of a repeated option.
 */
import { parseArgs } from "node:util";
import { type Arg, type Args, type Command, UsageError, type Values } from "./command.ts";
import { didYouMean, nearest } from "./nearest.ts";

/** The options and positionals of a call, by the command's description. Throws {@link UsageError}. */
export function readArgs<T extends Args>(command: Command<T>, rawArgs: string[]): Values<T> {
  const options = Object.entries(command.args).filter(([, arg]) => arg.type !== "positional");
  const { tokens } = parseArgs({
    args: rawArgs,
    options: Object.fromEntries(options.map(([name, arg]) => [name, parserOption(arg)])),
    strict: false,
    tokens: true,
  });
  const values: Record<string, string | boolean | string[] | undefined> = {};
  for (const [name, arg] of options) {
    values[name] = arg.multiple
      ? []
      : arg.type === "boolean"
      ? arg.default === true
      : arg.default as string;
  }
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind === "option") readOption(command, token, values);
  }
  readPositionals(command, positionals, values);
  for (const [name, arg] of options) {
    if (arg.required && values[name] === undefined) {
      throw usageError(command, `missing option --${name}`);
    }
  }
  return values as Values<T>;
}

function parserOption(arg: Arg): { type: "string" | "boolean"; short?: string } {
  return {
    type: arg.type === "boolean" ? "boolean" : "string",
    ...(arg.alias && { short: arg.alias }),
  };
}

function readOption(
  command: Command<Args>,
  token: { name: string; rawName: string; value?: string; inlineValue?: boolean },
  values: Record<string, string | boolean | string[] | undefined>,
): void {
  const negated = token.name.startsWith("no-") ? command.args[token.name.slice(3)] : undefined;
  if (negated?.type === "boolean") return void (values[token.name.slice(3)] = false);

  const arg = Object.hasOwn(command.args, token.name) ? command.args[token.name]! : undefined;
  if (!arg || arg.type === "positional") throw unknownOption(command, token.rawName);
  if (arg.type === "boolean") {
    if (token.inlineValue) throw usageError(command, `${token.rawName} does not take a value`);
    values[token.name] = true;
    return;
  }
  const value = token.value;
  // An empty value is mostly a shell variable that is not set: the default must not silently take its place.
  if (!value || (!token.inlineValue && isOption(command, value))) {
    throw usageError(command, `${token.rawName} needs a value`);
  }
  if (arg.type === "enum" && !arg.options?.includes(value)) {
    throw usageError(
      command,
      `${token.rawName} must be one of ${arg.options?.join(", ")}, not "${value}"`,
    );
  }
  if (arg.multiple) (values[token.name] as string[]).push(value);
  else values[token.name] = value;
}

function isOption(command: Command<Args>, text: string): boolean {
  return Object.entries(command.args).some(([name, arg]) =>
    text === `--${name}` || (arg.alias !== undefined && text === `-${arg.alias}`)
  );
}

function unknownOption(command: Command<Args>, rawName: string): UsageError {
  const names = Object.entries(command.args).filter(([, arg]) => arg.type !== "positional")
    .map(([name]) => `--${name}`);
  const takesText = Object.values(command.args).some((arg) => arg.type === "positional");
  return usageError(
    command,
    `unknown option ${rawName}`,
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
    if (arg.multiple) {
      values[name] = given.slice(index);
      if (given.length > index) return;
      throw usageError(command, `missing argument ${name.toUpperCase()}`, forExample(command));
    }
    values[name] = given[index] ?? arg.default as string | undefined;
    if (values[name] === undefined && arg.required !== false) {
      throw usageError(command, `missing argument ${name.toUpperCase()}`, forExample(command));
    }
  }
  const extra = given[names.length];
  if (extra !== undefined) {
    throw usageError(
      command,
      `unexpected argument "${extra}"`,
      names.length > 0 ? "Put quotes around an argument that contains spaces." : "",
    );
  }
}

function forExample(command: Command<Args>): string {
  const line = command.examples[0]?.[0];
  return line ? `For example: ${line}` : "";
}

function usageError(command: Command<Args>, what: string, hint = ""): UsageError {
  const { name } = command.meta;
  return new UsageError(
    `sfetch ${name}: ${what}.`,
    hint || `\`sfetch ${name} --help\` shows its options and examples.`,
  );
}
