/**
 * The prompt at once, before anything is loaded that works behind it: what is typed meanwhile waits in the terminal,
 * and readline draws the same prompt over this one.
 */
import { fstatSync, statSync, writeSync } from "node:fs";
import { hasColours } from "../terminal/terminal.ts";
import { promptFor } from "./prompt.ts";

/** Draws the prompt if these arguments open a session on a terminal, with an org that is set up. */
export async function drawFirstPrompt(argv: string[]): Promise<void> {
  const [, org] = /^(?:repl )?(?:(?:--org[ =]|-o )(\S+))?$/.exec(argv.join(" ")) ??
    [undefined, null];
  // A dumb terminal could not draw over it.
  if (org === null || process.env.TERM === "dumb" || !isTerminal(0) || !isTerminal(1)) return;
  const { orgLabel } = await import("../orgs/open-org.ts");
  const label = await orgLabel({ org }).catch(() => undefined); // reported when the org is opened
  if (label) writeSync(1, promptFor(label.name, label.kind, hasColours({ isTTY: true })));
}

/** `isTTY` would load the terminal's streams first. A character device that is not /dev/null will do here. */
function isTerminal(descriptor: number): boolean {
  try {
    const stream = fstatSync(descriptor);
    return stream.isCharacterDevice() && stream.rdev !== statSync("/dev/null").rdev;
  } catch {
    return false; // closed, or a system without /dev/null
  }
}
