/**
 * What Tab offers, by the text around the cursor and by what is known about the org.
 */
import { argumentOf, COMMANDS } from "./command-table.ts";
import { FORMATS } from "../output/formats.ts";
import { sanitize } from "../terminal/terminal.ts";
import { completeFile } from "./complete-file.ts";
import { completeRequest } from "./complete-request.ts";
import { completeQuery, completeSearch, objectNames } from "./complete-query.ts";
import type { Completion } from "./offer.ts";
import type { SchemaCache } from "./schema-cache.ts";
import { kindOf } from "./statement.ts";

/** What completion may look at. */
export interface CompletionSources {
  schema: SchemaCache | undefined;
  /** `_` */
  last: unknown;
  /** Names of the orgs there are. */
  orgs(): Promise<string[]>;
}

/** The most entries that are listed. */
const MOST = 100;

const BEGINNINGS = [
  "SELECT ",
  "FIND {",
  "GET /",
  "POST /",
  "PATCH /",
  "PUT /",
  "DELETE /",
  "HEAD /",
  "/",
  "= ",
  ".help",
];
const SESSION = [
  ...["fetch(", "query(", "search(", "graphql(", "bulkQuery(", "resumeJob("],
  ...["insert(", "update(", "upsert(", "delete("],
  ...["getToken()", "revoke()", "settings()", "apiVersion()", "limits"],
];
const LIST = ["length", "map(", "filter(", "find(", "at(", "slice(", "reduce(", "some(", "every("];

/** What to offer between `before` and `after`; both may hold several lines of a statement. */
export async function complete(
  before: string,
  after: string,
  sources: CompletionSources,
): Promise<Completion> {
  const { hits, word, labels } = await offer(before, after, sources);
  const fitting = shorten(hits.filter((hit) => startsLike(hit, word) && isHarmless(hit)), word);
  return { hits: fitting.length > 1 ? fitting.map((hit) => labelled(hit, labels)) : fitting, word };
}

async function offer(
  before: string,
  after: string,
  sources: CompletionSources,
): Promise<Completion> {
  const file = fileAfterArrow(before);
  if (file !== undefined) return await completeFile(file);
  switch (kindOf(before)) {
    case "command":
      return await completeCommand(before.trimStart(), after, sources);
    case "request":
      return await completeRequest(before.trimStart(), sources.schema);
    case "soql":
      return await completeQuery(before, after, sources.schema);
    case "sosl":
      return await completeSearch(before, sources.schema);
    case "expression":
      return completeExpression(before, sources.last);
    default:
      return { hits: BEGINNINGS, word: before.trimStart() };
  }
}

/** The beginning of a file name after `>`, unless the `>` compares. */
function fileAfterArrow(before: string): string | undefined {
  const [all, file] = /(?:^|\s)>{1,2}\s*("?[^\s|>'"]*)$/.exec(before) ?? [];
  if (all === undefined) return undefined;
  const statement = before.slice(0, before.length - all.length);
  const compares = /\b(WHERE|AND|OR|NOT|HAVING)\s+\(*\s*[\w.()]+$/i.test(statement);
  return compares || statement.trim() === "" ? undefined : file;
}

async function completeCommand(
  before: string,
  after: string,
  sources: CompletionSources,
): Promise<Completion> {
  const [, name, argument] = /^\.([\w-]*)(?:\s+([^]*))?$/.exec(before) ?? [];
  if (argument === undefined) {
    return { hits: Object.keys(COMMANDS).map((command) => `.${command}`), word: before };
  }
  const word = /\S*$/.exec(argument)![0];
  switch (argumentOf(name!)) {
    case "org":
      return { hits: await sources.orgs(), word };
    case "object":
      return await completeDescribe(argument, word, sources.schema);
    case "file":
      return await completeFile(word);
    case "format":
      return { hits: [...FORMATS, "auto"], word };
    case "switch":
      return { hits: ["on", "off"], word };
    case "command":
      return { hits: Object.keys(COMMANDS), word };
    case "all":
      return { hits: ["all"], word };
    case "query":
      return await completeQuery(argument, after, sources.schema);
    case "load":
      return await completeLoad(argument, word, sources.schema);
    case "subquery":
      return { hits: subqueriesOf(sources.last), word };
    default:
      return { hits: [], word };
  }
}

async function completeDescribe(
  argument: string,
  word: string,
  schema: SchemaCache | undefined,
): Promise<Completion> {
  const object = /^(\S+)\s/.exec(argument)?.[1];
  if (!object) return { hits: await objectNames(schema), word, labels: schema?.labels };
  const describe = await schema?.describe(object);
  return { hits: describe?.fields.map((field) => field.name) ?? [], word };
}

async function completeLoad(
  argument: string,
  word: string,
  schema: SchemaCache | undefined,
): Promise<Completion> {
  const [object, file, operation] = argument.slice(0, argument.length - word.length).split(/\s+/)
    .filter(Boolean);
  if (!object) return { hits: await objectNames(schema), word };
  if (!file) return await completeFile(word);
  if (!operation) return { hits: [...OPERATIONS], word };
  const fields = (await schema?.describe(object))?.fields ?? [];
  return { hits: fields.map(({ name }) => name), word };
}

/** As `sfetch bulk load` has them; loading it takes longer than Tab may. */
const OPERATIONS = ["insert", "update", "upsert", "delete"];

function subqueriesOf(last: unknown): string[] {
  const record = Array.isArray(last) ? last[0] : undefined;
  return Object.keys(record ?? {}).filter((name) => Array.isArray(record[name]?.records));
}

function completeExpression(before: string, last: unknown): Completion {
  const [, base = "", word = ""] = /([\w$.[\]]*)\.([\w$]*)$/.exec(before) ?? [];
  if (base === "sf") return { hits: SESSION, word };
  if (!/^(_|rows)(\.[\w$]+|\[\d+\])*$/.test(base)) return { hits: [], word };
  let value: unknown = last;
  for (const [, name, index] of base.matchAll(/\.([\w$]+)|\[(\d+)\]/g)) {
    value = (value as Record<string, unknown> | undefined | null)?.[name ?? index!];
  }
  if (typeof value !== "object" || value === null) return { hits: [], word };
  return { hits: Array.isArray(value) ? LIST : Object.keys(value), word };
}

/** An entry of a list with what it is called, unless its name says the same. A single entry is typed, so it has none. */
function labelled(hit: string, labels?: ReadonlyMap<string, string>): string {
  const label = sanitize(labels?.get(hit) ?? "");
  return bare(label) === "" || bare(label) === bare(hit) ? hit : `${hit} (${label})`;
}

function bare(name: string): string {
  return name.replace(/__\w+$|[\s_]/g, "").toLowerCase();
}

function startsLike(hit: string, word: string): boolean {
  return hit.toLowerCase().startsWith(word.toLowerCase());
}

/** readline writes the entries to the terminal as they are. */
function isHarmless(hit: string): boolean {
  return sanitize(hit) === hit;
}

/** A long list helps nobody, but the beginning that its entries share does. */
function shorten(hits: string[], word: string): string[] {
  const unique = [...new Set(hits)].sort((a, b) => a.localeCompare(b));
  if (unique.length <= MOST) return unique;
  const common = commonStart(unique);
  if (common.length > word.length) return [common];
  return [...unique.slice(0, MOST), `… ${unique.length - MOST} more`];
}

function commonStart(words: string[]): string {
  const first = words[0]!;
  let length = 0;
  while (length < first.length && words.every((word) => word[length] === first[length])) length++;
  return first.slice(0, length);
}
