/** A session of the REPL as a text, with prompts and answers, played in a real terminal. */
import type { Terminal } from "./terminal.ts";

/** Types what follows the prompts of a transcript, and returns the transcript that this gives. */
export async function playTranscript(terminal: Terminal, transcript: string): Promise<string> {
  const lines = transcript.trimEnd().split("\n");
  const typedLines = [...lines.entries()].flatMap(([at, line]) => {
    const text = /^(?:practice>| +\.\.\.) (.+)$/.exec(line)?.[1];
    return text ? [{ at, text }] : [];
  });
  const first = lines[0]!.replace(/\W/g, "\\$&");
  // The first prompt is drawn before the session reads; what is typed until then is shown as the terminal
  // echoes it. A second prompt is the session's own.
  await terminal.waitFor(/practice>$/);
  await terminal.press("Enter");
  await terminal.waitFor(/practice>\s*\npractice>$/);
  let screen = "";
  for (const [index, { text }] of typedLines.entries()) {
    await terminal.send(text + "\n");
    const shown = (typedLines[index + 1]?.at ?? lines.length) - 1;
    screen = await terminal.waitFor(
      new RegExp(`${first}\\n(?!${first})(?:[^\\n]*\\n){${shown},}(?:practice>| +[.]{3})$`),
    );
  }
  return screen.slice(screen.lastIndexOf(lines[0]!)).replace(/\n[^\n]*$/, "");
}

/** A transcript without what differs from run to run: times, counts of calls, ids, spaces at line ends. */
export function lasting(output: string): string {
  return output
    .replace(/\d+\.\d\d s\b/g, "0.00 s")
    .replace(/API \d+\//g, "API 0/")
    .replace(/\b[a-zA-Z0-9]{3}5g0\w{12}\b/g, "ID")
    .replace(/[ \t]+$/gm, "")
    .trimEnd();
}
