/**
 * The records of a query, taken in portions: a screenful now, the next one later, or all to the end.
 */
import type { QueryPage, SObject } from "../../mod.ts";

/** Records that can be taken a few at a time, or all to the end. */
export interface RecordSource {
  /** The number of records in the whole result. */
  readonly totalSize: number;
  take(count: number): Promise<SObject[]>;
  rest(): AsyncIterable<SObject>;
}

/** A query's result, and how much of it was taken. */
export class RecordCursor implements RecordSource {
  /** Records in the whole result. */
  readonly totalSize: number;
  /** Records taken so far. */
  taken = 0;
  #pages: AsyncIterator<QueryPage>;
  #ready: SObject[];
  #ended: boolean;

  private constructor(pages: AsyncIterator<QueryPage>, first: QueryPage | undefined) {
    this.#pages = pages;
    this.#ready = [...first?.records ?? []];
    this.#ended = !first || first.done;
    this.totalSize = first?.totalSize ?? 0;
  }

  /** Requests the first page. */
  static async open(pages: AsyncIterable<QueryPage>): Promise<RecordCursor> {
    const iterator = pages[Symbol.asyncIterator]();
    const { value, done } = await iterator.next();
    return new RecordCursor(iterator, done ? undefined : value);
  }

  /** Records that are in memory already. */
  static of(records: SObject[]): Promise<RecordCursor> {
    return RecordCursor.open((async function* () {
      yield { totalSize: records.length, done: true, records };
    })());
  }

  /** Whether there are no more. */
  get done(): boolean {
    return this.#ended && this.#ready.length === 0;
  }

  /** The next records, up to `count` of them. */
  async take(count: number): Promise<SObject[]> {
    const taken: SObject[] = [];
    while (taken.length < count && !this.done) {
      if (this.#ready.length === 0) await this.#fetch();
      taken.push(...this.#ready.splice(0, count - taken.length));
    }
    this.taken += taken.length;
    return taken;
  }

  /** All that have not been taken yet. */
  async *rest(): AsyncGenerator<SObject> {
    while (!this.done) {
      if (this.#ready.length === 0) await this.#fetch();
      const page = this.#ready;
      this.#ready = [];
      for (const record of page) {
        this.taken++;
        yield record;
      }
    }
  }

  /** Stops: nothing more is fetched. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#ready = [];
    await this.#pages.return?.();
  }

  async #fetch(): Promise<void> {
    const { value, done } = await this.#pages.next();
    this.#ended = done === true || value.done;
    this.#ready = done ? [] : [...value.records];
  }
}
