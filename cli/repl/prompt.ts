/**
 * The prompt: which org, of which kind, and whether to be careful.
 */
import { paint, sanitize } from "../terminal/terminal.ts";

/** The prompt for an org; production stands out. */
export function promptFor(name: string, kind: string | undefined, colour: boolean): string {
  const p = paint(colour);
  const label = sanitize(kind && kind !== name ? `${name} (${kind})` : name);
  return `${kind === "production" ? p.bold(p.red(label)) : p.cyan(label)}> `;
}

/** The prompt for the further lines of a statement, as wide as the first. */
export function continuation(prompt: string): string {
  // deno-lint-ignore no-control-regex
  const width = prompt.replace(/\x1b\[\d+m/g, "").length;
  return "... ".padStart(width);
}
