/**
 * The progress of a load, in a line: the upload by the bytes of its file, then the work of Salesforce by its rows.
 */
import type { Progress } from "../../mod.ts";
import { bar, Rate } from "../terminal/bar.ts";
import { number } from "../terminal/number.ts";
import type { Load } from "./load.ts";

/** Follows a load. */
export class LoadProgress {
  readonly #load: Load;
  readonly #rate = new Rate();
  #now: Progress = { jobs: [], state: undefined, sent: 0, processed: 0, failed: 0 };
  #allSent = false;

  constructor(load: Load) {
    this.#load = load;
  }

  /** Jobs that have been submitted. */
  get jobs(): string[] {
    return this.#now.jobs;
  }

  /** Rows in these jobs. */
  get sent(): number {
    return this.#now.sent;
  }

  /** Whether all rows of the file are in them. */
  get allSent(): boolean {
    return this.#allSent;
  }

  /** Receives what the session reports. */
  update(progress: Progress): void {
    const { read, size } = this.#load;
    const looksAtJobs = progress.jobs.length === this.#now.jobs.length && progress.jobs.length > 0;
    this.#allSent ||= looksAtJobs && (size === undefined || read() >= size);
    this.#now = progress;
  }

  /** Such as `Uploading ███░░░ 45% · 12,000 rows · 3,000 rows/s`. */
  line(): string {
    const { sent, processed, failed } = this.#now;
    const { size, read } = this.#load;
    if (!this.#allSent) {
      return line("Uploading", size ? read() / size : undefined, [
        `${number(sent)} rows`,
        this.#rate.of("upload", sent),
      ]);
    }
    return line("Processing", sent ? processed / sent : 0, [
      `${number(processed)} of ${number(sent)} rows`,
      failed > 0 ? `${number(failed)} failed` : "",
      this.#rate.of("process", processed),
    ]);
  }
}

function line(what: string, share: number | undefined, parts: string[]): string {
  const percent = share === undefined
    ? ""
    : ` ${bar(share)} ${Math.floor(Math.min(1, share) * 100)}%`;
  return [what + percent, ...parts.filter(Boolean)].join(" · ");
}
