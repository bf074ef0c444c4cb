/**
 * An error as the REPL shows it: code, message and hint, and for a query a caret under the place.
 */
import { type Paint, sanitize } from "../terminal/terminal.ts";
import { displayWidth } from "../terminal/width.ts";
import { hintForQuery } from "./habits.ts";
import { isQuery } from "./statement.ts";

/** The parts of an error that are shown. Errors of mod.ts are recognized by their shape, so that it need not be loaded. */
interface Explained {
  message: string;
  hint?: string;
  errorCode?: string;
  errors?: { errorCode: string; message: string }[];
}

/** The text to show for an error. `source` is what the user typed. Never a stack trace. */
export function viewError(error: unknown, source: string, paint: Paint): string {
  const inner = error instanceof Error && error.name === "ScriptError" ? error.cause : undefined;
  if (inner) {
    const { message, source: place } = error as Error & { source: { text: string } };
    return `${paint.red(sanitize(message))}\n${viewError(inner, place.text, paint)}`;
  }
  const { message, hint = "", errors }: Explained = error instanceof Error
    ? error
    : { message: String(error) };
  const said = hint && message.endsWith(hint) ? message.slice(0, -hint.length).trim() : message;
  const first = errors?.[0];
  const habit = first && isQuery(source) ? hintForQuery(source, first.message) : undefined;
  const place = first && findPlace(first.message, source);
  const lines = place
    ? [
      ...pointAt(place, source, paint),
      `${paint.red(sanitize(first.errorCode))}: ${place.problem}`,
    ]
    : [paint.red(sanitize(name(error) + said.trim()))];
  const shown = habit ?? hint;
  return [...lines, shown && paint.yellow(sanitize(shown))].filter(Boolean).join("\n");
}

/** An error in an expression is shown with its kind: `TypeError: …`. */
function name(error: unknown): string {
  return error instanceof Error && !("hint" in error) && error.name !== "Error"
    ? `${error.name}: `
    : "";
}

interface Place {
  index: number;
  problem: string;
}

/** Salesforce names the row and the column. The column can be off by one, so the word that it names decides. */
function findPlace(message: string, source: string): Place | undefined {
  const [around, row, column] = /ERROR at Row:(\d+):Column:(\d+)\s*/.exec(message) ?? [];
  const [, atColumn] = /^line 1:(\d+) /m.exec(message) ?? [];
  if (around === undefined && atColumn === undefined) return undefined;
  const problem = sanitize(
    around === undefined ? message.trim() : message.slice(message.indexOf(around) + around.length),
  );
  const start = queryStart(source);
  const line = source.slice(start).split("\n").slice(0, Number(row ?? 1) - 1);
  const from = start + line.reduce((length, text) => length + text.length + 1, 0);
  const index = from + Math.max(0, Number(column ?? atColumn) - 1);
  const word = /(?:token|column|entity|field|relationship|type|character)[^']*'([^']+)'/i
    .exec(problem)?.[1];
  if (word === "<EOF>") return { index: source.trimEnd().length, problem };
  return { index: nearestOf(word, source, index) ?? index, problem };
}

/** A dot command such as `.tooling` comes before its query. */
function queryStart(source: string): number {
  return Math.max(0, source.search(/\b(SELECT|FIND)\b/i));
}

function nearestOf(word: string | undefined, source: string, index: number): number | undefined {
  if (!word) return undefined;
  const found: number[] = [];
  for (let at = source.indexOf(word); at >= 0; at = source.indexOf(word, at + 1)) found.push(at);
  return found.sort((a, b) => Math.abs(a - index) - Math.abs(b - index))[0];
}

/** The number of characters shown on either side of the place, so that they fit on one line of a small terminal. */
const CONTEXT = 38;

function pointAt({ index }: Place, source: string, paint: Paint): string[] {
  const start = source.lastIndexOf("\n", index - 1) + 1;
  const line = source.slice(start).split("\n")[0]!;
  const at = Math.min(index - start, line.length);
  const from = line.length <= 2 * CONTEXT ? 0 : Math.max(0, at - CONTEXT);
  const shown = sanitize(line.slice(from, Math.max(at, CONTEXT) + CONTEXT));
  const before = sanitize(line.slice(from, at)).replace(/\t/g, " ");
  return [
    "  " + shown.replace(/\t/g, " "),
    "  " + " ".repeat(displayWidth(before)) + paint.red("^"),
  ];
}
