/**
 * The records of the last query: shown in portions, fetched to the end when an expression uses them.
 */
import type { SObject } from "../../mod.ts";
import type { RecordCursor, RecordSource } from "../output/cursor.ts";

/** Records that are written to a file or a pipe are kept up to this number: memory stays flat. */
const MOST_KEPT = 10_000;

/** A query's records, kept as they are fetched. */
export class Rows implements RecordSource {
  /** The records that were fetched. */
  readonly records: SObject[] = [];
  /** How many of them were shown. */
  shown = 0;
  #cursor: RecordCursor;
  #isKept = true;

  constructor(cursor: RecordCursor) {
    this.#cursor = cursor;
  }

  /** The number of records in the whole result. */
  get totalSize(): number {
    return this.#cursor.totalSize;
  }

  /** How many records have not been fetched yet. */
  get left(): number {
    return this.#cursor.done ? 0 : Math.max(1, this.totalSize - this.#cursor.taken);
  }

  /** Whether all of them were shown. */
  get isShown(): boolean {
    return this.left === 0 && this.shown >= this.records.length;
  }

  /** Whether the records are still here; those of a large result that was written out are not. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** The next records to show, up to `count` of them. */
  async take(count: number): Promise<SObject[]> {
    const missing = this.shown + count - this.records.length;
    if (missing > 0) await this.#fetch(missing);
    const portion = this.records.slice(this.shown, this.shown + count);
    this.shown += portion.length;
    return portion;
  }

  /** Fetches what is missing, and returns all records. */
  async all(): Promise<SObject[]> {
    while (this.left > 0) await this.#fetch(2000);
    return this.records;
  }

  /** The records on their way to a file or a pipe. */
  async *rest(): AsyncGenerator<SObject> {
    this.#isKept = this.totalSize <= MOST_KEPT;
    for await (const record of this.#cursor.rest()) {
      if (this.#isKept) this.records.push(record);
      yield record;
    }
    this.shown = this.records.length;
  }

  /** Stops: nothing more is fetched. */
  async close(): Promise<void> {
    await this.#cursor.close();
  }

  async #fetch(count: number): Promise<void> {
    for (const record of await this.#cursor.take(count)) this.records.push(record);
  }
}
