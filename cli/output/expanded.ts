/**
 * Records one below the other, each field on a line of its own.
 */
import type { Column } from "../soql/columns.ts";
import { paint, sanitize } from "../terminal/terminal.ts";
import { displayWidth, pad } from "../terminal/width.ts";
import { cellText } from "./cell.ts";
import { heading, valueOf } from "./columns.ts";
import { type Records, type Rows, rowsOf } from "./rows.ts";

/** How records are written for the eye. */
export interface ScreenOptions {
  columns?: Column[];
  /** The width of the screen. @default {no limit} */
  width?: number;
  /** Whether to write ANSI colours. @default {false} */
  colour?: boolean;
}

/** The records, numbered from 1. */
export async function* writeExpanded(
  records: Records,
  options: ScreenOptions,
): AsyncIterable<string> {
  let number = 0;
  for await (const rows of rowsOf(records, options.columns)) {
    yield expanded(rows, number, options);
    number += rows.records.length;
  }
}

/** A portion of records, `before` of which were written already. */
export function expanded(
  { columns, records }: Rows,
  before: number,
  options: ScreenOptions,
): string {
  const p = paint(options.colour ?? false);
  const labels = columns.map((column) => sanitize(heading(column)));
  const indent = Math.max(0, ...labels.map(displayWidth)) + 2;
  return records.map((record, index) => {
    const title = `─[ ${before + index + 1} ]`;
    const lines = columns.map((column, at) => {
      const text = cellText(valueOf(record, column), p).replaceAll("\n", "\n" + " ".repeat(indent));
      return p.cyan(pad(labels[at]!, indent)) + text + "\n";
    });
    return p.grey(title.padEnd(Math.min(options.width ?? 40, 40), "─")) + "\n" + lines.join("");
  }).join("");
}
