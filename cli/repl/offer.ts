/**
 * What Tab offers at the cursor.
 */

/** The entries offered, and the word before the cursor that each of them replaces. */
export interface Completion {
  hits: string[];
  word: string;
  /** What entries are called, shown beside them in a list. */
  labels?: ReadonlyMap<string, string>;
}
