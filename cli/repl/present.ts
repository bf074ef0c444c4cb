/**
 * A result, shown on the screen in portions, or written to a file or a command.
 */
import type { SObject } from "../../mod.ts";
import {
  type Column,
  type Format,
  formatJson,
  sanitize,
  type SObjectRecord,
  writeRecords,
} from "../output/output.ts";
import { number, type Shell } from "./shell.ts";
import { formatOfFile, openSink } from "./sink.ts";
import type { RecordCursor } from "./records.ts";
import type { Target } from "./target.ts";

/** Records, lines and characters that are shown at once; `.next` shows more. */
const PORTION = { records: 100, lines: 400, characters: 100_000 };

/** Records that are written out are not kept for `_` beyond this number: memory stays flat. */
const MOST_KEPT = 10_000;

/** What a statement gave. */
export type Result =
  | { kind: "records"; cursor: RecordCursor; columns?: Column[] }
  | { kind: "value"; value: unknown }
  | { kind: "text"; text: string }
  | { kind: "bytes"; bytes: Uint8Array; type: string };

/** Shows a result; gives what to say below it. */
export async function present(shell: Shell, result: Result, target?: Target): Promise<string[]> {
  await closeLast(shell);
  if (target) return await send(shell, result, target);
  switch (result.kind) {
    case "records":
      return await showRecords(shell, result.cursor, result.columns);
    case "value":
      return await showValue(shell, result.value);
    case "text":
      return await showText(shell, result.text, (text) => text);
    case "bytes":
      return await showBytes(shell, result.bytes, result.type);
  }
}

const open = new WeakMap<Shell, RecordCursor>();

/** A result that was not read to its end is not wanted any more. */
async function closeLast(shell: Shell): Promise<void> {
  shell.more = undefined;
  await open.get(shell)?.close();
  open.delete(shell);
}

/** The format that the user chose, or the one that suits. */
function formatFor(shell: Shell, target?: Target): Format {
  const { format } = shell.settings;
  if (target) return (target.kind === "file" && formatOfFile(target.path)) || (format ?? "json");
  return format ?? (shell.screen.terminal ? "table" : "json");
}

// ── on the screen

async function showRecords(
  shell: Shell,
  cursor: RecordCursor,
  columns?: Column[],
): Promise<string[]> {
  if (!shell.surroundings.interactive) return await showAll(shell, cursor, columns);
  if (!cursor.done) open.set(shell, cursor);
  const shown: SObject[] = [];
  shell.last = shown;
  const next = async (): Promise<string[]> => {
    const before = cursor.taken;
    const records = await cursor.take(PORTION.records);
    for (const record of records) shown.push(record);
    shell.more = cursor.done ? undefined : next;
    await writeTo(shell, records, columns);
    const subquery = findSubquery(records[0]);
    return [
      count(cursor, before),
      subquery ? `.open 1 ${subquery} shows a subquery's records` : "",
      shell.more ? ".next for more" : "",
    ];
  };
  return await next();
}

function count({ totalSize, taken, done }: RecordCursor, before: number): string {
  if (before === 0 && done) return `${number(taken)} record${taken === 1 ? "" : "s"}`;
  return `records ${number(before + 1)}–${number(taken)} of ${number(totalSize)}`;
}

function findSubquery(record: SObject | undefined): string | undefined {
  return Object.keys(record ?? {}).find((name) => Array.isArray(record![name]?.records));
}

async function showAll(shell: Shell, cursor: RecordCursor, columns?: Column[]): Promise<string[]> {
  const format = formatFor(shell);
  await writeRecords(keeping(shell, cursor), { ...onScreen(shell), format, columns });
  return [`${number(cursor.taken)} records`];
}

/** All records on their way; they become `_`, unless they are too many to be kept. */
async function* keeping(shell: Shell, cursor: RecordCursor): AsyncGenerator<SObjectRecord> {
  const kept: SObject[] | undefined = cursor.totalSize <= MOST_KEPT ? [] : undefined;
  shell.last = kept;
  for await (const record of cursor.rest()) {
    kept?.push(record);
    yield record;
  }
}

function onScreen(
  shell: Shell,
): { out: NodeJS.WriteStream; width?: number; colour: boolean; terminal: boolean } {
  const { out, colour, terminal } = shell.screen;
  return { out, width: shell.screen.size()?.columns, colour, terminal };
}

async function writeTo(shell: Shell, records: SObject[], columns?: Column[]): Promise<void> {
  const options = { ...onScreen(shell), format: formatFor(shell), columns };
  if (!shell.settings.pager || !shell.screen.terminal) {
    await writeRecords(records, options);
    return;
  }
  const { page } = await import("./pager.ts");
  await page(shell, (out) => writeRecords(records, { ...options, out }));
}

async function showValue(shell: Shell, value: unknown): Promise<string[]> {
  shell.last = value;
  const { colour, terminal } = shell.screen;
  const rows = shell.settings.format && shell.settings.format !== "json"
    ? rowsOf(value)
    : undefined;
  if (rows) {
    await writeTo(shell, rows);
    return [`${number(rows.length)} record${rows.length === 1 ? "" : "s"}`];
  }
  const { colourJson } = await import("../output/output.ts");
  const json = formatJson(value, { terminal });
  return await showText(
    shell,
    json,
    (text) => colour ? colourJson(text, shell.screen.paint) : text,
  );
}

/** Writes a text by portions; `dress` colours the part that is shown. */
async function showText(
  shell: Shell,
  text: string,
  dress: (text: string) => string,
): Promise<string[]> {
  const { screen, surroundings, settings } = shell;
  if (!surroundings.interactive || !screen.terminal) {
    await screen.write(dress(text) + "\n");
    return [];
  }
  if (settings.pager) {
    const { page } = await import("./pager.ts");
    await page(shell, (out) => Promise.resolve(out.write(dress(text) + "\n")));
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
    return [`${number(lines)} more line${lines === 1 ? "" : "s"}`, ".next for more, or | less"];
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

async function showBytes(shell: Shell, bytes: Uint8Array, type: string): Promise<string[]> {
  if (/^text\/|xml|html|csv|javascript/.test(type)) {
    const text = new TextDecoder().decode(bytes);
    shell.last = text;
    return await showText(shell, shell.screen.terminal ? sanitize(text) : text, (same) => same);
  }
  shell.last = bytes;
  if (!shell.screen.terminal) {
    await new Promise((resolve) => shell.screen.out.write(bytes, resolve));
    return [];
  }
  return [`${number(bytes.length)} bytes of ${type || "an unknown type"}`, "> file saves them"];
}

// ── to a file or a command

async function send(shell: Shell, result: Result, target: Target): Promise<string[]> {
  const format = formatFor(shell, target);
  return await openSink(shell, target, async (out) => {
    switch (result.kind) {
      case "records": {
        const { cursor, columns } = result;
        await writeRecords(keeping(shell, cursor), { format, out, columns });
        return `${number(cursor.taken)} record${cursor.taken === 1 ? "" : "s"}`;
      }
      case "value": {
        shell.last = result.value;
        const rows = format === "json" ? undefined : rowsOf(result.value);
        if (rows) {
          await writeRecords(rows, { format, out });
          return `${number(rows.length)} record${rows.length === 1 ? "" : "s"}`;
        }
        out.write(valueText(result.value) + "\n");
        return "";
      }
      case "text":
        out.write(result.text + "\n");
        return "";
      case "bytes":
        shell.last = result.bytes;
        out.write(result.bytes);
        return `${number(result.bytes.length)} bytes`;
    }
  });
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : formatJson(value);
}

/** The rows in an answer: a list of objects, or the one list of objects in it (`records`, `sobjects`, `fields` …). */
function rowsOf(value: unknown): SObjectRecord[] | undefined {
  if (isRows(value)) return value;
  if (typeof value !== "object" || value === null) return undefined;
  const lists = Object.values(value).filter(isRows);
  return "records" in value && isRows(value.records) ? value.records : lists[0];
}

function isRows(value: unknown): value is SObjectRecord[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((row) => typeof row === "object" && row !== null && !Array.isArray(row));
}
