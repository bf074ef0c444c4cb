/**
 * The prompt for the next lines of a statement. It is not needed for the first prompt, and measuring it takes a library.
 */
import { displayWidth } from "../terminal/width.ts";

/** The prompt for the next lines of a statement, as wide as the first. */
export function continuation(prompt: string): string {
  return "... ".padStart(displayWidth(prompt));
}
