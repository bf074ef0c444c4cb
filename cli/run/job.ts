/**
 * Jobs of Bulk API 2.0 by their ids: the progress of one, its rows, its end.
 */
import { SalesforceError, type Session, SfetchError } from "../../mod.ts";
import { UsageError } from "../arguments/command.ts";

/** A job as Salesforce describes it, and which of the two kinds it is. */
export interface Job {
  kind: "ingest" | "query";
  info: Record<string, unknown> & { id: string; state: string; apiVersion: number };
}

/** The rows of a load, as the files of its results divide them. */
export const ROWS = ["failed", "successful", "unprocessed"] as const;

const FILES = {
  failed: "failedResults",
  successful: "successfulResults",
  unprocessed: "unprocessedrecords",
};

/** Finds a job: that of a load, or that of a query. */
export async function findJob(session: Session, id: string, signal?: AbortSignal): Promise<Job> {
  if (!/^\w{15}(\w{3})?$/.test(id)) {
    throw new UsageError(
      `"${id}" is not the id of a job.`,
      "It has 15 or 18 characters and begins with 750. `sfetch bulk load` and `sfetch bulk query` print it.",
    );
  }
  const read = (kind: Job["kind"]): Promise<Job> =>
    session.fetch(`/jobs/${kind}/${id}`, { signal }).json<Job["info"]>()
      .then((info) => ({ kind, info: info! }));
  const orNone = (error: unknown): undefined => {
    if (error instanceof SalesforceError && error.status === 404) return undefined;
    throw error;
  };
  const load = await read("ingest").catch(orNone);
  if (load && !String(load.info.operation).startsWith("query")) return load;
  const query = await read("query").catch(orNone);
  if (query) return query;
  throw new SfetchError(
    `The org has no job ${id}.`,
    "Check the id and the org. Salesforce deletes jobs after seven days.",
  );
}

/** Rows of a load that has ended, as CSV, with Salesforce's own columns before those of the input. */
export async function rowsOfLoad(
  session: Session,
  { info: { id, apiVersion } }: Job,
  rows: typeof ROWS[number],
): Promise<AsyncIterable<Uint8Array>> {
  const path = `/services/data/v${apiVersion.toFixed(1)}/jobs/ingest/${id}/${FILES[rows]}`;
  return (await session.fetch(path)).body ?? new Blob([]).stream();
}

/** Aborts a job. What it has written stays written. */
export async function abortJob(session: Session, { kind, info: { id } }: Job): Promise<Job> {
  const init = { method: "PATCH", json: { state: "Aborted" } };
  return { kind, info: (await session.fetch(`/jobs/${kind}/${id}`, init).json<Job["info"]>())! };
}
