/**
 * Where the user looks: data on stdout; notes beside it on the same terminal, or on stderr.
 */
import process from "node:process";
import { hasColours, type Paint, paint } from "../terminal.ts";

/** What the REPL writes to. */
export interface Screen {
  /** Takes the data. */
  out: NodeJS.WriteStream;
  /** Whether `out` is a terminal, so that what is written must be harmless for it. */
  terminal: boolean;
  colour: boolean;
  paint: Paint;
  /** Characters a line and lines; undefined where it is no terminal. */
  size(): { columns: number; rows: number } | undefined;
  /** Writes a line that is no data. */
  note(text: string): void;
  /** Writes data; resolves when it has been taken. */
  write(text: string): Promise<void>;
}

/** The process's own streams. */
export function openScreen(): Screen {
  const out = process.stdout;
  const terminal = Boolean(out.isTTY);
  const beside = terminal ? out : process.stderr;
  return {
    out,
    terminal,
    colour: hasColours(out),
    paint: paint(hasColours(beside)),
    size: () => terminal ? { columns: out.columns || 80, rows: out.rows || 24 } : undefined,
    note: (text) => void beside.write(text + "\n"),
    write: (text) => new Promise((resolve) => out.write(text, () => resolve())),
  };
}
