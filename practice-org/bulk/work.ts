/**
 * Runs the Bulk API 2.0 jobs of an org, with settings for tests.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Store } from "../records.ts";
import type { RecordWriter } from "../writes.ts";
import type { IngestJob } from "./ingest.ts";
import { type Job, Jobs, type JobState } from "./jobs.ts";
import type { QueryJob } from "./query.ts";

/** The time of work after which other requests are served, in milliseconds. */
const SLICE = 10;

/** Settings of Bulk API 2.0 jobs. */
export interface BulkSettings {
  /** The state in which jobs stay, until it is set to `null`. @default {null} */
  hold: "UploadComplete" | "InProgress" | null;
  /** The number of processed records of a job held in `InProgress`. @default {0} */
  holdAfter: number;
  /** The message with which jobs fail when they start. @default {null} */
  fail: string | null;
  /** The maximum number of records in a page of a query result. @default {50000} */
  pageSize: number;
}

/** The jobs of an org and the work on them. */
export class BulkWork {
  readonly jobs: Jobs;
  readonly settings: BulkSettings = { hold: null, holdAfter: 0, fail: null, pageSize: 50_000 };
  readonly #store: Store;
  readonly #writer: RecordWriter;
  #waiting: (() => void)[] = [];

  /** `now` is the org's clock in milliseconds since the epoch. */
  constructor(store: Store, writer: RecordWriter, now: () => number) {
    this.#store = store;
    this.#writer = writer;
    this.jobs = new Jobs(now);
  }

  /** Changes settings and returns all of them. */
  set(changes: Partial<BulkSettings>): BulkSettings {
    Object.assign(this.settings, changes);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
    return this.settings;
  }

  /** Writes the records of an ingest job whose upload is complete. */
  async ingest(job: IngestJob): Promise<void> {
    if (!await this.#begin(job)) return;
    let start = performance.now();
    await job.run(this.#store, this.#writer, async () => {
      if (job.processed >= this.settings.holdAfter) await this.#released(job, "InProgress");
      if (performance.now() - start < SLICE) return;
      // A timer, because Deno runs immediates before it reads from sockets.
      await delay(0);
      start = performance.now();
    });
  }

  /** Makes the result of a query job available. */
  async query(job: QueryJob): Promise<void> {
    if (!await this.#begin(job)) return;
    await this.#released(job, "InProgress");
    if (job.state === "InProgress") job.complete();
  }

  /** Starts a job. Returns false if the job was aborted or fails. */
  async #begin(job: Job): Promise<boolean> {
    await delay(0);
    await this.#released(job, "UploadComplete");
    if (job.state !== "UploadComplete") return false;
    job.become("InProgress");
    const { fail } = this.settings;
    if (fail !== null) job.become("Failed", fail);
    return fail === null;
  }

  async #released(job: Job, state: JobState): Promise<void> {
    while (this.settings.hold === state && job.state === state) {
      await new Promise<void>((go) => this.#waiting.push(go));
    }
  }
}
