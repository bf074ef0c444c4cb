/**
 * Words for a POSIX shell.
 */

/** A text as one word. Only what needs quotes gets them, so that what people copy stays readable. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
