/**
 * The progress of long work, as a bar with numbers and a rate.
 */
import { number } from "./number.ts";

const WIDTH = 24;

/** A bar that is filled to this share, between 0 and 1. */
export function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
  return "█".repeat(filled) + "░".repeat(WIDTH - filled);
}

/** Rows per second since it was made, over a stage of the work; a new stage begins with the next name. */
export class Rate {
  #stage = "";
  #started = 0;
  #from = 0;

  /** Such as `1,200 rows/s`; empty while there is nothing to show. */
  of(stage: string, rows: number): string {
    const now = performance.now();
    if (stage !== this.#stage) {
      this.#stage = stage;
      this.#started = now;
      this.#from = rows;
    }
    const rate = Math.round((rows - this.#from) / (now - this.#started) * 1000);
    return rate > 0 && Number.isFinite(rate) ? `${number(rate)} rows/s` : "";
  }
}
