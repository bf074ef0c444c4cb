/**
 * A result, shown on the screen in portions, or written to a file or a command.
 */
import { RecordCursor } from "../output/cursor.ts";
import { colourJson } from "../output/json.ts";
import { writeRecords } from "../output/output.ts";
import {
  countOf,
  formatOfRecords,
  type Result,
  type ResultOptions,
  textOfResult,
  writeResult,
} from "../output/result.ts";
import type { Column } from "../soql/columns.ts";
import { counted, number } from "../terminal/number.ts";
import { Rows } from "./rows.ts";
import type { Shell } from "./shell.ts";
import type { Target } from "./target.ts";

/** Records, lines and characters that are shown at once; `.next` shows more. */
const PORTION = { records: 100, lines: 400, characters: 100_000 };

/** Where a result goes, and what it is of. */
export interface PresentOptions {
  target?: Target;
  /** Whether the records are those of a query, which `rows` holds from now on. */
  isQuery?: boolean;
}

/** Shows a result, and returns the notes to show below it. */
export async function present(
  shell: Shell,
  result: Result,
  { target, isQuery }: PresentOptions = {},
): Promise<string[]> {
  shell.screen.endWait();
  const kept = result.kind === "records" ? keep(result) : result;
  if (kept.kind === "records" && isQuery) await replaceRows(shell, kept.source);
  if (kept.kind !== "text") shell.last = valueOf(kept); // .help and the like leave `_` as it is
  if (target) return await send(shell, kept, target);
  if (!shell.surroundings.interactive) return await writeAll(shell, kept);
  shell.more = undefined;
  if (kept.kind === "records" && !kept.isSearch) {
    return await showRecords(shell, kept.source, kept.columns);
  }
  return await showWhole(shell, kept);
}

type Kept = Exclude<Result, { kind: "records" }> | Result & { kind: "records"; source: Rows };

/** Records are kept for `_` as they are taken. */
function keep(result: Result & { kind: "records" }): Kept {
  const { source } = result;
  return { ...result, source: source instanceof RecordCursor ? new Rows(source) : source as Rows };
}

/** A query that was not read to its end is not wanted any more. */
async function replaceRows(shell: Shell, rows: Rows): Promise<void> {
  await shell.rows?.close();
  shell.rows = rows;
}

function valueOf(result: Exclude<Kept, { kind: "text" }>): unknown {
  switch (result.kind) {
    case "records":
      return result.source;
    case "value":
      return result.value;
    case "bytes":
      return /^text\/|xml|html|csv|javascript/.test(result.type)
        ? new TextDecoder().decode(result.bytes)
        : result.bytes;
  }
}

function onScreen(shell: Shell): ResultOptions {
  const { out, colour, terminal } = shell.screen;
  const { format } = shell.settings;
  return { out, width: shell.screen.size()?.columns, colour, terminal, format };
}

// ── on the screen

async function showRecords(shell: Shell, rows: Rows, columns?: Column[]): Promise<string[]> {
  const next = async (): Promise<string[]> => {
    const before = rows.shown;
    const records = await rows.take(PORTION.records);
    shell.more = rows.isShown ? undefined : next;
    const options = onScreen(shell);
    const format = formatOfRecords(options);
    await page(shell, (out) => writeRecords(records, { ...options, columns, format, out }));
    const subquery = Object.keys(records[0] ?? {})
      .find((name) => Array.isArray(records[0]![name]?.records));
    return [
      before === 0 && rows.isShown
        ? countOf(rows.shown)
        : `records ${number(before + 1)}–${number(rows.shown)} of ${number(rows.totalSize)}`,
      subquery ? `.open 1 ${subquery} shows a subquery's records` : "",
      shell.more ? ".next for more" : "",
    ];
  };
  return await next();
}

/** What is not shown in portions of records: a text in portions of lines, a search, bytes. */
async function showWhole(shell: Shell, result: Kept): Promise<string[]> {
  const options = onScreen(shell);
  const isText = result.kind !== "records" &&
    !(result.kind === "value" && options.format && options.format !== "json");
  const { text, isJson } = isText ? textOfResult(result, options.terminal) : {};
  if (text !== undefined) return await showText(shell, text, isJson ?? false);
  if (result.kind === "bytes" && options.terminal) {
    const { bytes, type } = result;
    return [`${number(bytes.length)} bytes of ${type || "an unknown type"}`, "> file saves them"];
  }
  let written = "";
  await page(shell, async (out) => void (written = await writeResult(result, { ...options, out })));
  return [result.kind === "records" ? `${number(result.source.totalSize)} found` : written];
}

/** Writes a text in portions; only the part that is shown is coloured. */
async function showText(shell: Shell, whole: string, isJson: boolean): Promise<string[]> {
  const { screen, settings } = shell;
  const text = whole.replace(/\n$/, "");
  const dress = (part: string): string =>
    isJson && screen.colour ? colourJson(part, screen.paint) : part;
  if (!screen.terminal || settings.pager) {
    await page(shell, (out) => write(out, dress(text) + "\n"));
    return [];
  }
  let at = 0;
  const next = async (): Promise<string[]> => {
    const end = portionEnd(text, at);
    await screen.write(dress(text.slice(at, end)) + "\n");
    at = end < text.length && text[end] === "\n" ? end + 1 : end;
    shell.more = at < text.length ? next : undefined;
    if (!shell.more) return [];
    const lines = text.slice(at).split("\n").length;
    return [counted(lines, "more line"), ".next for more, or | less"];
  };
  return await next();
}

function portionEnd(text: string, from: number): number {
  let end = from;
  for (let lines = 0; lines < PORTION.lines && end < text.length; lines++) {
    const next = text.indexOf("\n", end + 1);
    end = next < 0 ? text.length : next;
  }
  return Math.min(end, from + PORTION.characters);
}

/** Writes to the screen, or where `.pager on` asks for it to the pager. */
async function page(
  shell: Shell,
  work: (out: NodeJS.WritableStream) => Promise<unknown>,
): Promise<void> {
  if (!shell.settings.pager || !shell.screen.terminal) return void await work(shell.screen.out);
  const { page } = await import("./pager.ts");
  await page(shell, work);
}

function write(out: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve) => out.write(text, () => resolve()));
}

// ── to a pipe, a file or a command

/** In a script, results follow each other: each begins on a line of its own. */
async function writeAll(shell: Shell, result: Kept): Promise<string[]> {
  await shell.screen.startLine();
  const written = await writeResult(result, onScreen(shell));
  if (!endsLine(result, shell)) shell.screen.leaveLineOpen();
  return [written];
}

/** What came from the org is written as it is, with a line end or without. */
function endsLine(result: Kept, shell: Shell): boolean {
  if (result.kind === "bytes") return result.bytes.at(-1) === "\n".charCodeAt(0);
  if (result.kind !== "value" || result.json === undefined) return true;
  return shell.screen.terminal || result.json.endsWith("\n");
}

async function send(shell: Shell, result: Kept, target: Target): Promise<string[]> {
  const { format } = shell.settings;
  const { openSink } = await import("./sink.ts");
  return await openSink(shell, target, format, (options) => writeResult(result, options));
}
