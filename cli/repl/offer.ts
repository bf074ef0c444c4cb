/**
 * What Tab offers at the cursor.
 */

/** What is offered, and the word before the cursor that each of it takes the place of. */
export interface Completion {
  hits: string[];
  word: string;
}
