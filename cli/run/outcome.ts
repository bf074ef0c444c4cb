/**
 * The outcome of a call.
 */
import type { Result } from "../output/result.ts";

/** What a call returned. */
export interface Outcome {
  /** What to show; absent where the answer is empty. */
  result?: Result;
  /** What to say beside the result, such as `201 Created`. */
  notes: string[];
  /** Salesforce answered, and a part of what was asked for failed. To be thrown once the result is shown. */
  failure?: Error;
}
