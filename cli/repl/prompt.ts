/**
 * The prompt: which org, of which kind, and whether to be careful.
 */
import { paint, sanitize } from "../terminal/terminal.ts";

/** Names longer than this are cut in the prompt, in characters. */
const LONGEST = 20;

/** The name as far as the prompt has room for it: of a long username, the part before the @. */
export function shortName(name: string): string {
  if (name.length <= LONGEST) return name;
  const user = name.slice(0, name.indexOf("@") + 1).slice(0, -1) || name;
  return user.length <= LONGEST ? user : user.slice(0, LONGEST - 1) + "…";
}

/** The prompt for an org; production stands out. */
export function promptFor(name: string, kind: string | undefined, colour: boolean): string {
  const p = paint(colour);
  const short = shortName(name);
  const label = sanitize(kind && kind !== name ? `${short} (${kind})` : short);
  return `${kind === "production" ? p.bold(p.red(label)) : p.cyan(label)}> `;
}
