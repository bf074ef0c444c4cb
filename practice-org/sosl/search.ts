/**
 * SOSL: `/search` and `/parameterizedSearch` over the text fields of every record.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import { type ApiCall, json, type Reply } from "../http.ts";
import type { Org } from "../org.ts";
import type { Store, Table } from "../records.ts";
import { readJson } from "../rest/body.ts";
import type { Field } from "../schema.ts";
import { runQuery } from "../soql/run.ts";

const OVERALL_LIMIT = 2000;
const DEFAULT_OBJECTS = ["Account", "Contact", "Lead", "Opportunity", "Case", "Invoice__c"];

interface Search {
  term: string;
  /** `ALL`, `NAME`, `EMAIL`, `PHONE`. */
  group: string;
  /** What to return, each as the rest of a SELECT. */
  returning: { object: string; fields: string; clauses: string }[];
  limit: number;
}

interface ParameterizedSearch {
  q?: string;
  in?: string;
  fields?: string[];
  sobjects?: { name: string; fields?: string[]; where?: string; limit?: number }[];
  overallLimit?: number;
}

/** `GET /search?q=FIND {…} …` */
export async function search({ store }: Org, call: ApiCall): Promise<Reply> {
  return await run(parseSosl(call.query.get("q") ?? ""), call, store);
}

/** `GET` or `POST /parameterizedSearch`. */
export async function parameterizedSearch({ store }: Org, call: ApiCall): Promise<Reply> {
  const wanted = call.method === "POST"
    ? readJson<ParameterizedSearch>(call)
    : parametersOf(call.query);
  if (!wanted.q) throw malformed("No search term found.");
  const objects: NonNullable<ParameterizedSearch["sobjects"]> = wanted.sobjects ??
    DEFAULT_OBJECTS.map((name) => ({ name }));
  return await run(
    {
      term: wanted.q,
      group: (wanted.in ?? "ALL").replace(/ FIELDS$/i, "").toUpperCase(),
      returning: objects.map(({ name, fields, where, limit }) => ({
        object: name,
        fields: (fields ?? wanted.fields ?? ["Id"]).join(", "),
        clauses: `${where ? `WHERE ${where}` : ""} ${limit ? `LIMIT ${limit}` : ""}`,
      })),
      limit: wanted.overallLimit ?? OVERALL_LIMIT,
    },
    call,
    store,
  );
}

function parametersOf(query: URLSearchParams): ParameterizedSearch {
  const list = (name: string) => query.get(name)?.split(",").map((each) => each.trim());
  const names = list("sobject");
  return {
    ...(query.has("q") && { q: query.get("q")! }),
    ...(query.has("in") && { in: query.get("in")! }),
    ...(query.has("fields") && { fields: list("fields")! }),
    ...(query.has("overallLimit") && { overallLimit: Number(query.get("overallLimit")) }),
    ...(names && {
      sobjects: names.map((name) => ({
        name,
        ...(query.has(`${name}.fields`) && { fields: list(`${name}.fields`)! }),
        ...(query.has(`${name}.where`) && { where: query.get(`${name}.where`)! }),
        ...(query.has(`${name}.limit`) && { limit: Number(query.get(`${name}.limit`)) }),
      })),
    }),
  };
}

/** `FIND {term} [IN group FIELDS] [RETURNING Object(fields clauses), …] [LIMIT n]` */
function parseSosl(sosl: string): Search {
  const [, find, term] = /^\s*(find)\s*\{((?:\\.|[^}\\])*)\}/i.exec(sosl) ?? [];
  if (!find) {
    throw malformed("No search term found. The search term must be enclosed in braces.");
  }
  const rest = sosl.slice(sosl.indexOf("}") + 1);
  const [, group = "ALL"] = /^\s*in\s+(\w+)\s+fields/i.exec(rest) ?? [];
  const [, limit] = /\blimit\s+(\d+)\s*$/i.exec(rest) ?? [];
  const [, returning] = /\breturning\s+([^]*?)(?:\s+limit\s+\d+)?\s*$/i.exec(rest) ?? [];
  return {
    term: term!.replace(/\\(.)/g, "$1"),
    group: group.toUpperCase(),
    returning: returning
      ? splitReturning(returning)
      : DEFAULT_OBJECTS.map((object) => ({ object, fields: "Id", clauses: "" })),
    limit: limit ? Number(limit) : OVERALL_LIMIT,
  };
}

function splitReturning(text: string): Search["returning"] {
  return [...text.matchAll(/(\w+)\s*(?:\(((?:'(?:\\.|[^'\\])*'|\([^)]*\)|[^()])*)\))?\s*(?:,|$)/g)]
    .map(([, object, inner = "Id"]) => {
      const clausesAt = inner.search(/\b(?:where|order\s+by|limit|offset)\b/i);
      const fields = clausesAt < 0 ? inner : inner.slice(0, clausesAt);
      return {
        object: object!,
        fields: fields.trim() || "Id",
        clauses: clausesAt < 0 ? "" : inner.slice(clausesAt),
      };
    });
}

async function run(
  { term, group, returning, limit }: Search,
  { userId, version }: ApiCall,
  store: Store,
): Promise<Reply> {
  if (term.replace(/[*?"\s]/g, "").length < 2) {
    throw malformed(`search term must be longer than one character: ${term}`);
  }
  const matches = compileTerm(term);
  const records: unknown[] = [];
  for (const { object, fields, clauses } of returning) {
    const table = store.table(object);
    const among = table && matcher(table, group, matches);
    const context = { store, userId, version, ...(among && { among }) };
    const result = await runQuery(`SELECT ${fields} FROM ${object} ${clauses}`, context);
    records.push(...result.records(0, limit - records.length, () => null));
  }
  return json(200, { searchRecords: records });
}

function matcher(
  table: Table,
  group: string,
  matches: (text: string) => boolean,
): (row: number) => boolean {
  const columns = table.object.fields
    .filter((field) => isSearched(field, group))
    .map(({ name }) => table.column(name));
  return (row) => matches(columns.map((read) => read(row) ?? "").join("\n"));
}

function isSearched({ type, nameField }: Field, group: string): boolean {
  if (group === "NAME") return nameField;
  if (group === "EMAIL") return type === "email";
  if (group === "PHONE") return type === "phone";
  return ["string", "textarea", "email", "phone", "url", "picklist"].includes(type);
}

/** Words match from their start, `*` and `?` are wildcards, quotes make a phrase; AND, OR, AND NOT. */
function compileTerm(term: string): (text: string) => boolean {
  const alternatives = term.split(/\s+OR\s+/).map((alternative) =>
    [...alternative.matchAll(/(AND\s+NOT\s+|NOT\s+)?("[^"]*"|[^\s"]+)/g)]
      .filter(([, , word]) => word !== "AND")
      .map(([, not, word = ""]) => {
        const bare = word.replaceAll('"', "").replace(/[.+^${}()|[\]\\/-]/g, "\\$&");
        const source = bare.replaceAll("*", "[^]*").replaceAll("?", "[^]");
        // \b knows ASCII only: a word starts where no letter or digit stands before it.
        const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${source}`, "iu");
        return (text: string) => pattern.test(text) !== Boolean(not);
      })
  );
  return (text) => alternatives.some((all) => all.every((test) => test(text)));
}

function malformed(message: string): Error {
  return refusal(400, "MALFORMED_SEARCH", message);
}
