/**
 * How many columns of a terminal a text takes: wide characters take two, combining ones none, an emoji two however
 * many characters it is made of.
 */
import measure from "fast-string-truncated-width";

const ASCII = /^[\x20-\x7e]*$/;

/** The columns that a text takes. Colours take none. */
export function displayWidth(text: string): number {
  return ASCII.test(text) ? text.length : measure(text, {}, WIDTHS).width;
}

/** The text, cut to this many columns with … at its end if it is wider. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const { index } = measure(text, { limit: width, ellipsis: "…", ellipsisWidth: 1 }, WIDTHS);
  return text.slice(0, index) + "…";
}

/** The text with spaces after it, or before it, up to this many columns. */
export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const spaces = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "left" ? text + spaces : spaces + text;
}

const WIDTHS = { controlWidth: 0, tabWidth: 1 };
