/**
 * Records as a table in GitHub's Markdown.
 */
import { paint } from "../terminal/terminal.ts";
import { cellText } from "./cell.ts";
import { heading, valueOf } from "./columns.ts";
import { isExact } from "./exact.ts";
import { type Records, rowsOf } from "./rows.ts";
import type { Column } from "../soql/columns.ts";

/** A header, a rule, and a line for each record. */
export async function* writeMarkdown(
  records: Records,
  { columns: wanted }: { columns?: Column[] },
): AsyncIterable<string> {
  let isFirst = true;
  for await (const { columns, records: portion } of rowsOf(records, wanted)) {
    if (columns.length === 0) return;
    const values = portion.map((record) => columns.map((column) => valueOf(record, column)));
    if (isFirst) {
      const rules = columns.map((_, at) => values.some((row) => isNumber(row[at])) ? "--:" : "---");
      yield line(columns.map((column) => escape(heading(column)))) + line(rules);
    }
    isFirst = false;
    yield values.map((row) => line(row.map(cell))).join("");
  }
}

function line(cells: string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return escape(cellText(value, paint(false)));
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || isExact(value);
}

/** Escapes the characters that have a meaning in a Markdown table. */
function escape(text: string): string {
  return text.replace(/[\\|`*_<[\]~]/g, "\\$&").replaceAll("\n", "<br>");
}
