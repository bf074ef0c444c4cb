/**
 * Results with more pages, by locator.
 *
 * @module
 */
import { idOf } from "../ids.ts";
import type { QueryResult } from "../soql/run.ts";

const MAX_CURSORS = 1000;

/** A result that is returned in pages. */
export interface Cursor {
  result: QueryResult;
  userId: string;
  batchSize: number;
}

/** The cursors of an org. The oldest ones are removed when there are too many. */
export class Cursors {
  readonly #cursors = new Map<string, Cursor>();
  #made = 0;

  /** Keeps a cursor and returns its locator. */
  keep(cursor: Cursor): string {
    const locator = idOf("01g", this.#made++);
    this.#cursors.set(locator, cursor);
    if (this.#cursors.size > MAX_CURSORS) this.#cursors.delete(this.#cursors.keys().next().value!);
    return locator;
  }

  /** Returns the cursor of a locator. */
  find(locator: string): Cursor | undefined {
    return this.#cursors.get(locator);
  }
}
