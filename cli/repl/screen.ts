/**
 * The output of the REPL: data on stdout; notes on the same terminal, or on stderr.
 */
import process from "node:process";
import { hasColours, type Paint, paint, sanitize } from "../terminal/terminal.ts";
import { stdoutStream } from "../terminal/stdout.ts";
import { type Progress, startProgress } from "../terminal/progress.ts";
import { wrap } from "../terminal/wrap.ts";

/** What the REPL writes to. */
export interface Screen {
  /** Takes the data. */
  out: NodeJS.WriteStream;
  /** Whether `out` is a terminal, so that what is written must be harmless for it. */
  terminal: boolean;
  /** Whether it cannot write over what it already shows. */
  dumb: boolean;
  colour: boolean;
  paint: Paint;
  /** Its size in characters; undefined if it is not a terminal. */
  size(): { columns: number; rows: number } | undefined;
  /** Writes a message, broken between words; it can be coloured. */
  note(text: string): void;
  /** Writes a message about a result, in grey. It can contain text from the org, so it is made harmless. */
  remark(text: string): void;
  /** Writes data; resolves when it was written. */
  write(text: string): Promise<void>;
  /** Ends the line that {@link leaveLineOpen} spoke of, before more data is written. */
  startLine(): Promise<void>;
  /** Shows on a terminal how long the user has been waiting, and what `about` says, until something is written. */
  wait(about?: () => string): void;
  /** The wait is over, or something else is about to be written. */
  endWait(): void;
  /** Notes that the data written last does not end its line. */
  leaveLineOpen(): void;
}

/** The process's own streams. */
export function openScreen(): Screen {
  const out = stdoutStream();
  const terminal = Boolean(out.isTTY);
  const beside = terminal ? out : process.stderr;
  const painted = paint(hasColours(beside));
  let waiting: Progress | undefined;
  const endWait = (): void => {
    waiting?.clear();
    waiting = undefined;
  };
  const note = (text: string): void => {
    endWait();
    beside.write((beside.isTTY ? wrap(text, beside.columns || 80) : text) + "\n");
  };
  const write = (text: string): Promise<void> =>
    new Promise((resolve) => {
      endWait();
      out.write(text, () => resolve());
    });
  let isLineOpen = false;
  return {
    out,
    terminal,
    dumb: process.env.TERM === "dumb",
    colour: hasColours(out),
    paint: painted,
    size: () => terminal ? { columns: out.columns || 80, rows: out.rows || 24 } : undefined,
    note,
    remark: (text) => note(painted.grey(sanitize(text))),
    write,
    async startLine() {
      if (isLineOpen) await write("\n");
      isLineOpen = false;
    },
    wait(about = () => "") {
      if (!terminal) return;
      const started = performance.now();
      const since = (): string => `${Math.floor((performance.now() - started) / 1000)} s`;
      const parts = () => [`waiting for ${since()}`, about(), "Ctrl-C stops"].filter(Boolean);
      waiting = startProgress(() => parts().join(" · "), () => out);
    },
    endWait,
    leaveLineOpen: () => void (isLineOpen = true),
  };
}
