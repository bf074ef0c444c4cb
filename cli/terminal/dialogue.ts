/**
 * Questions and remarks on stderr, asked with `@clack/prompts`.
 *
 * Use it only where {@linkcode canAsk} says so: without a terminal, clack's questions never settle. Its spinner is not
 * used, because it ends the process with code 0 on Ctrl-C.
 *
 * @module
 */
import process from "node:process";
import { Interrupted } from "../arguments/command.ts";
import { sanitize } from "./terminal.ts";
import { withoutSecrets } from "../../mod.ts";
import { wrap } from "./wrap.ts";

/** Remarks for the user. */
export interface Remarks {
  info(text: string): void;
  success(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/** Asks the user; Ctrl-C, Ctrl-D and Escape throw {@linkcode Interrupted}. */
export interface Dialogue extends Remarks {
  begin(title: string): void;
  end(text: string): void;
  /** A line of text, without the spaces around it. */
  text(question: string, options?: TextOptions): Promise<string>;
  /** A line that is not shown while it is typed. */
  secret(question: string): Promise<string>;
  choose<T extends string>(question: string, choices: Choice<T>[], initial?: T): Promise<T>;
  confirm(question: string, initial: boolean): Promise<boolean>;
}

/** Options of a question for a line of text. */
export interface TextOptions {
  /** Shown in an empty field. */
  placeholder?: string;
  /** The text that the field starts with. */
  initial?: string;
  /** Returns what is wrong with the answer, if anything. */
  check?(answer: string): string | undefined;
}

/** One of several answers to choose from. */
export interface Choice<T> {
  value: T;
  label: string;
  hint?: string;
}

/** Whether there is a terminal for questions and answers. */
export function canAsk(): boolean {
  return Boolean(process.stdin.isTTY && process.stderr.isTTY) && process.env.TERM !== "dumb";
}

/** A dialogue on this terminal. */
export async function openDialogue(): Promise<Dialogue> {
  const clack = await import("@clack/prompts");
  clack.updateSettings({ aliases: { "\x04": "cancel" } });
  const to = { output: process.stderr };
  const wrapped = (text: string): string =>
    wrap(sanitize(withoutSecrets(text)), (process.stderr.columns || 80) - 4);

  async function answer<T>(asked: Promise<T>): Promise<Exclude<T, symbol>> {
    const value = await asked;
    if (clack.isCancel(value)) throw new Interrupted();
    return value as Exclude<T, symbol>;
  }

  return {
    begin: (title) => clack.intro(title, to),
    end: (text) => clack.outro(text, to),
    info: (text) => clack.log.message(wrapped(text), to),
    success: (text) => clack.log.success(wrapped(text), to),
    warn: (text) => clack.log.warn(wrapped(text), to),
    error: (text) => clack.log.error(wrapped(text), to),
    async text(question, { placeholder, initial, check } = {}) {
      const validate = (value = ""): string | undefined =>
        value.trim() ? check?.(value.trim()) : "Type an answer.";
      const options = { message: question, placeholder, initialValue: initial, validate, ...to };
      return (await answer(clack.text(options))).trim();
    },
    secret: (question) => answer(clack.password({ message: question, ...to })),
    choose: (question, choices, initial) => {
      const options = choices as { value: string; label: string; hint?: string }[];
      const asked = clack.select({ message: question, options, initialValue: initial, ...to });
      return answer(asked) as Promise<never>;
    },
    confirm: (question, initial) =>
      answer(clack.confirm({ message: question, initialValue: initial, ...to })),
  };
}
