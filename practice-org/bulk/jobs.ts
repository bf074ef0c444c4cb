/**
 * What all Bulk API 2.0 jobs have in common, and the rules of their states.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import { idOf, isId, to18 } from "../ids.ts";
import { datetimeOf } from "../records.ts";
import { DELIMITERS, type Dialect, LINE_ENDINGS } from "./csv.ts";

/** The state of a job. */
export type JobState =
  | "Open"
  | "UploadComplete"
  | "InProgress"
  | "JobComplete"
  | "Failed"
  | "Aborted";

/** The resource that a job belongs to. */
export type JobKind = "ingest" | "query";

const LIFETIME = 7 * 86_400_000; // ms
const JOBS_A_PAGE = 1000;
const ENDED: JobState[] = ["JobComplete", "Failed", "Aborted"];

/** The values of a request for a new job that both kinds have. */
export interface NewJob {
  operation: string;
  object: string;
  /** API version of the request, e.g. `"67.0"`. */
  version: string;
  userId: string;
  dialect: Dialect;
}

/** A job. */
export abstract class Job {
  abstract readonly kind: JobKind;
  readonly id: string;
  readonly operation: string;
  readonly object: string;
  readonly version: string;
  readonly userId: string;
  readonly dialect: Dialect;
  /** Milliseconds since the epoch, on the org's clock. */
  readonly createdAt: number;
  state: JobState;
  errorMessage: string | undefined;
  processed = 0;
  failed = 0;
  /** The time of work, in milliseconds. */
  processingTime = 0;
  #changedAt: number;
  readonly #now: () => number;

  constructor(id: string, make: NewJob, state: JobState, now: () => number) {
    this.id = id;
    this.operation = make.operation;
    this.object = make.object;
    this.version = make.version;
    this.userId = make.userId;
    this.dialect = make.dialect;
    this.state = state;
    this.createdAt = this.#changedAt = now();
    this.#now = now;
  }

  /** Whether the job has ended. */
  get hasEnded(): boolean {
    return ENDED.includes(this.state);
  }

  become(state: JobState, errorMessage?: string): void {
    this.state = state;
    this.errorMessage = errorMessage;
    this.#changedAt = this.#now();
  }

  /** Aborts the job. */
  abort(): void {
    if (this.state === "Failed" || this.state === "JobComplete") {
      throw wrongState("Aborting already Completed Job not allowed");
    }
    if (this.state === "Aborted") throw wrongState("Aborting already Aborted Job not allowed");
    this.become("Aborted");
  }

  /** Returns the answer to creating or changing the job. */
  info(): Record<string, unknown> {
    return {
      id: this.id,
      operation: this.operation,
      object: this.object,
      createdById: this.userId,
      createdDate: datetimeOf(this.createdAt),
      systemModstamp: datetimeOf(this.#changedAt),
      state: this.state,
      concurrencyMode: "Parallel",
      contentType: "CSV",
      apiVersion: Number(this.version),
      ...this.dialect,
    };
  }

  /** Returns the answer to reading the job. */
  progress(): Record<string, unknown> {
    return {
      ...this.info(),
      jobType: this.kind === "ingest" ? "V2Ingest" : "V2Query",
      retries: 0,
      totalProcessingTime: this.processingTime,
      numberRecordsProcessed: this.processed,
      ...(this.errorMessage && { errorMessage: this.errorMessage }),
    };
  }
}

/** The jobs of an org. They are kept for seven days. */
export class Jobs {
  readonly #jobs = new Map<string, Job>();
  readonly #now: () => number;
  #made = 0;

  /** `now` is the org's clock in milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Adds a job; `make` receives its id and the org's clock. */
  add<Kind extends Job>(make: (id: string, now: () => number) => Kind): Kind {
    const job = make(idOf("750", this.#made++), this.#now);
    this.#jobs.set(job.id, job);
    return job;
  }

  find(kind: JobKind, id: string): Job {
    const job = isId(id) ? this.#jobs.get(to18(id.slice(0, 15))) : undefined;
    if (job?.kind !== kind || this.#hasExpired(job)) throw noSuchJob();
    return job;
  }

  delete(job: Job): void {
    if (job.state === "Open" || job.state === "InProgress") {
      throw wrongState(`Job in state ${job.state} cannot be deleted. Abort it first`);
    }
    this.#forget(job);
  }

  /** Returns a page of jobs, the oldest first, in the form of the list resources. */
  list(kind: JobKind, base: string, query: URLSearchParams): unknown {
    const start = Number(query.get("queryLocator") ?? 0);
    const jobs = [...this.#jobs.values()]
      .filter((job) => job.kind === kind && !this.#hasExpired(job));
    const page = jobs.slice(start, start + JOBS_A_PAGE);
    const next = start + page.length;
    const done = next >= jobs.length;
    return {
      done,
      nextRecordsUrl: done ? null : `${base}?queryLocator=${next}`,
      records: page.map((job) => job.progress()),
    };
  }

  /** Removes every job, as happens after seven days. */
  expire(): void {
    for (const job of this.#jobs.values()) this.#forget(job);
  }

  #hasExpired(job: Job): boolean {
    const isOld = this.#now() - job.createdAt > LIFETIME;
    if (isOld) this.#forget(job);
    return isOld;
  }

  #forget(job: Job): void {
    if (!job.hasEnded) job.become("Aborted");
    this.#jobs.delete(job.id);
  }
}

/** Returns the CSV format in the request for a job. */
export function dialectOf(body: Record<string, unknown>): Dialect {
  const { columnDelimiter = "COMMA", lineEnding = "LF", contentType = "CSV" } = body;
  const one = (name: string, value: unknown, allowed: object) => {
    if (typeof value === "string" && Object.hasOwn(allowed, value)) return value as never;
    throw refusal(
      400,
      "JSON_PARSER_ERROR",
      `${String(value)} is not a valid value for the enum ${name}`,
    );
  };
  one("ContentType", contentType ?? "CSV", { CSV: true });
  return {
    lineEnding: one("LineEndingEnum", lineEnding ?? "LF", LINE_ENDINGS),
    columnDelimiter: one("ColumnDelimiterEnum", columnDelimiter ?? "COMMA", DELIMITERS),
  };
}

/** Returns the refusal of something that the state of a job does not allow. */
export function wrongState(message: string): Error {
  return refusal(400, "INVALIDJOBSTATE", message);
}

function noSuchJob(): Error {
  return refusal(404, "NOT_FOUND", "The requested resource does not exist");
}
