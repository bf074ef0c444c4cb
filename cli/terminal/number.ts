/**
 * Numbers for people.
 */

/** A number with its thousands separated, such as `12,000`. */
export function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** A count and what is counted, such as `1 record` or `2,000 records`. */
export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}
