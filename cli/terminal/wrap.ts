/**
 * Long lines for a screen, broken where a reader would break them.
 *
 * @module
 */

import { displayWidth } from "./width.ts";

/** Breaks lines between words that one space separates; the rest of a numbered line is indented like its beginning. */
export function wrap(text: string, width: number): string {
  return text.split("\n").flatMap((line) => {
    const indent = " ".repeat(/^\s*(?:\d+\. |[-→] )?/.exec(line)![0].length);
    const lines: string[] = [];
    let current = "";
    for (const word of line.trimEnd().split(/(?<=\S) (?=\S)/)) {
      const next = current ? `${current} ${word}` : word;
      if (current.trim() && displayWidth(next) > width) {
        lines.push(current);
        current = indent + word;
      } else current = next;
    }
    return [...lines, current];
  }).join("\n");
}
