/**
 * Records as a table that fits the screen.
 */
import type { Column } from "../soql/columns.ts";
import { type Paint, paint, sanitize } from "../terminal/terminal.ts";
import { displayWidth, pad, truncate } from "../terminal/width.ts";
import { cellText } from "./cell.ts";
import { heading, type SObjectRecord, valueOf } from "./columns.ts";
import { isExact } from "./exact.ts";
import { expanded, type ScreenOptions } from "./expanded.ts";
import { type Records, type Rows, rowsOf } from "./rows.ts";

/** A column this narrow is never cut, so that ids stay whole. */
const LEAST_WIDTH = 18;

/** The records below a header. Where the screen is too narrow for the columns, they are written expanded. */
export async function* writeTable(
  records: Records,
  options: ScreenOptions,
): AsyncIterable<string> {
  const p = paint(options.colour ?? false);
  let layout: Layout | undefined;
  let before = 0;
  for await (const rows of rowsOf(records, options.columns)) {
    if (rows.columns.length === 0) return;
    const cells = rows.records.map((record) => cellsOf(record, rows.columns, p));
    const isFirst = before === 0;
    const next: Layout | undefined = isFirst || layout ? layOut(rows, cells, layout) : undefined;
    layout = next && fit(next, options.width);
    if (!layout) yield expanded(rows, before, options);
    else yield (isFirst ? header(rows.columns, layout, p) : "") + body(cells, layout);
    before += rows.records.length;
  }
}

/** The widths of the columns, and which of them hold numbers. */
interface Layout {
  widths: number[];
  aligns: ("left" | "right")[];
}

/** Room for this portion, and no less than the portions before it had. */
function layOut({ columns, records }: Rows, cells: string[][], before?: Layout): Layout {
  const widths = columns.map((column, at) =>
    cells.reduce(
      (widest, row) => Math.max(widest, displayWidth(row[at]!)),
      Math.max(displayWidth(sanitize(heading(column))), before?.widths[at] ?? 0),
    )
  );
  const aligns = before?.aligns ?? columns.map((column) => {
    const values = records.map((record) => valueOf(record, column))
      .filter((value) => value !== null && value !== undefined);
    return values.length > 0 && values.every(isNumber) ? "right" : "left";
  });
  return { widths, aligns };
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || isExact(value);
}

function cellsOf(record: SObjectRecord, columns: Column[], p: Paint): string[] {
  return columns.map((column) =>
    cellText(valueOf(record, column), p).replaceAll("\n", "↵").replaceAll("\t", " ")
  );
}

function header(columns: Column[], { widths, aligns }: Layout, p: Paint): string {
  const names = columns.map((column) => p.bold(sanitize(heading(column))));
  const rule = widths.map((width) => "─".repeat(width + 2)).join("┼");
  return `${line(names, { widths, aligns })}\n${p.grey(rule)}\n`;
}

function body(cells: string[][], layout: Layout): string {
  return cells.map((row) => line(row, layout) + "\n").join("");
}

function line(cells: string[], { widths, aligns }: Layout): string {
  return cells.map((cell, at) => ` ${pad(truncate(cell, widths[at]!), widths[at]!, aligns[at])} `)
    .join("│").trimEnd();
}

/** The widths cut down to the screen, the widest first; undefined where that would leave too little of them. */
function fit({ widths, aligns }: Layout, screen = Infinity): Layout | undefined {
  const fitted = [...widths];
  const least = widths.map((width) => Math.min(width, LEAST_WIDTH));
  let excess = fitted.reduce((sum, width) => sum + width + 3, -1) - screen;
  while (excess > 0) {
    const widest = fitted.reduce(
      (at, width, index) => width - least[index]! > fitted[at]! - least[at]! ? index : at,
      0,
    );
    if (fitted[widest]! <= least[widest]!) return undefined;
    fitted[widest]!--;
    excess--;
  }
  return { widths: fitted, aligns };
}
