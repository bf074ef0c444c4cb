/**
 * A value as text for the eye.
 */
import { type Paint, sanitize } from "../terminal/terminal.ts";
import { textOf } from "./exact.ts";

/** A value as text that is harmless for a terminal; its lines stay lines. */
export function cellText(value: unknown, p: Paint): string {
  if (value === null || value === undefined) return p.grey("null");
  return sanitize(textOf(value).replaceAll("\r\n", "\n"));
}
