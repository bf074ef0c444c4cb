/**
 * What a stream can show: colours, width, and text that cannot harm a terminal.
 */

/** What is used here of a stream that may be a terminal, such as `process.stderr`. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
}

/** Whether colours belong on this stream: a terminal that is not dumb, `NO_COLOR` unset, or `FORCE_COLOR`. */
export function hasColours(stream: Screen, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return Boolean(stream.isTTY) && env.TERM !== "dumb";
}

/** Colours texts, or leaves them as they are where colours do not belong. */
export interface Paint {
  bold(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  magenta(text: string): string;
  cyan(text: string): string;
  grey(text: string): string;
}

/** A {@link Paint} that paints, or one that does nothing. */
export function paint(colour: boolean): Paint {
  const style = (open: number, close: number) => (text: string): string =>
    colour ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    bold: style(1, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    blue: style(34, 39),
    magenta: style(35, 39),
    cyan: style(36, 39),
    grey: style(90, 39),
  };
}

// C0 but for newline and tab, DEL, C1, the marks that turn the direction of text, and invisible ones that could
// hide part of it. The zero-width joiner stays: emoji are made with it.
const HARMFUL =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Makes text from elsewhere harmless for a terminal: control and direction characters become `\u001b` and the like. */
export function sanitize(text: string): string {
  return text.replace(
    HARMFUL,
    (char) => char === "\r" ? "\\r" : "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}
