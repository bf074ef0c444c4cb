/**
 * A line on the terminal that shows the progress of the work.
 */
import type { Screen } from "./terminal.ts";
import { truncate } from "./width.ts";

/** One line of progress on stderr, shown once the work has taken a second, and only if stderr is a terminal. */
export interface Progress {
  /** Removes the line. */
  clear(): void;
}

/** Shows the text that `describe` returns, for example "12,000 of 100,000 records", until it is cleared. */
export function startProgress(
  describe: () => string,
  open: () => Screen & { write(text: string): unknown } = () => process.stderr,
): Progress {
  if (process.env.TERM === "dumb") return { clear: () => {} };
  let shown = "";
  const draw = (): void => {
    const stream = open();
    const text = describe();
    if (text === shown) return;
    stream.write(`\r${truncate(text, (stream.columns || 80) - 1)}\x1b[K`);
    shown = text;
  };
  let ticker: ReturnType<typeof setInterval> | undefined;
  // Only now, because making `process.stderr` takes Bun longer than a short command.
  const starter = setTimeout(() => {
    if (!open().isTTY) return;
    draw();
    ticker = setInterval(draw, 100);
    ticker.unref();
  }, 1000);
  starter.unref();
  return {
    clear: () => {
      clearTimeout(starter);
      clearInterval(ticker);
      if (shown) open().write("\r\x1b[K");
      shown = "";
    },
  };
}
