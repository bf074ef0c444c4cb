/**
 * Messages to the user, on stderr: stdout is for data only.
 *
 * Import it where something is logged, not at the top of a command, so that a quiet command does not load it:
 * `const { log } = await import("./log.ts")`.
 */
import { type ConsolaInstance, createConsola, type LogType } from "consola/core";
import { withoutSecrets } from "../../mod.ts";
import { hasColours, type Paint, paint, sanitize } from "./terminal.ts";

type Mark = (paint: Paint) => string;

const MARKS: Partial<Record<LogType, Mark>> = {
  fatal: (p) => p.bold(p.red("error:")) + " ",
  error: (p) => p.bold(p.red("error:")) + " ",
  warn: (p) => p.bold(p.yellow("warning:")) + " ",
  success: (p) => p.green("✔") + " ",
  fail: (p) => p.red("✖") + " ",
  start: (p) => p.grey("…") + " ",
  debug: (p) => p.grey("debug:") + " ",
};

/**
 * consola with its own reporter: the ones it ships take colours from stdout, also when only stderr is a
 * terminal, write escapes in CI, and print stack traces. Secrets and control characters in messages do not pass here.
 */
export const log: ConsolaInstance = createConsola({
  level: 3,
  throttle: 0,
  reporters: [{
    log({ type, args }) {
      const mark = MARKS[type]?.(paint(hasColours(process.stderr))) ?? "";
      const text = sanitize(withoutSecrets(args.map(String).join(" ")));
      process.stderr.write(`${mark}${text}\n`);
    },
  }],
});
