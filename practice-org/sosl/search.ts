/**
 * `/search` and `/parameterizedSearch`, which look at the text fields of all records.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import { type ApiCall, json, type Reply } from "../http.ts";
import type { Org } from "../org.ts";
import type { Store, Table } from "../records.ts";
import { readJson } from "../rest/body.ts";
import type { Field } from "../schema.ts";
import { tableOf } from "../soql/names.ts";
import { parseQuery, type Query } from "../soql/parse.ts";
import { runParsed } from "../soql/run.ts";
import { StatementText } from "../soql/text.ts";
import { parseSosl, parseTerm, plainTerm, SEARCH_GROUPS, type SearchGroup } from "./parse.ts";
import { compileTerm, lengthOf, type TermMatcher, Texts } from "./term.ts";

const OVERALL_LIMIT = 2000;
/** The longest term, in characters, that Salesforce looks for. For a longer one it returns no records. */
const LONGEST_TERM = 10_000;
const DEFAULT_OBJECTS = ["Account", "Contact", "Lead", "Opportunity", "Case", "Invoice__c"];
const SEARCHED_TYPES = ["string", "textarea", "email", "phone", "url", "picklist"];

/** The query for one object, and the text that its errors point into. */
interface Returning {
  query: Query;
  statement: StatementText;
}

/** Answers `GET /search?q=FIND {…} …` */
export function search(org: Org, call: ApiCall): Reply {
  const statement = new StatementText(call.query.get("q") ?? "", "MALFORMED_SEARCH");
  const { term, group, returning, limit = OVERALL_LIMIT } = parseSosl(statement);
  const found = returning?.map((query) => ({ query, statement })) ??
    DEFAULT_OBJECTS.map((name) => returningOf(`SELECT Id FROM ${name}`));
  return find(org.store, call, { term, text: term, group, returning: found, limit });
}

/** Answers `GET` and `POST /parameterizedSearch`. */
export function parameterizedSearch(org: Org, call: ApiCall): Reply {
  const parameters = call.method === "POST" ? bodyOf(call) : parametersOf(call.query);
  const { q: text, fields = ["Id"], defaultLimit, overallLimit } = parameters;
  if (!text) throw malformed("No search term found.");
  const objects = parameters.sobjects ?? DEFAULT_OBJECTS.map((name): SearchedObject => ({ name }));
  const group = (parameters.in ?? "ALL").replace(/[ +]FIELDS$/i, "").toUpperCase() as SearchGroup;
  if (!SEARCH_GROUPS.includes(group)) throw malformed(`Malformed search token: ${parameters.in}`);
  return find(org.store, call, {
    term: plainTerm(text),
    text,
    group,
    returning: objects.map((each) =>
      returningOf(
        [
          `SELECT ${each.fields ?? fields} FROM ${each.name}`,
          each.where && `WHERE ${each.where}`,
          each.orderBy && `ORDER BY ${each.orderBy}`,
          (each.limit ?? defaultLimit) && `LIMIT ${each.limit ?? defaultLimit}`,
        ].filter(Boolean).join(" "),
      )
    ),
    limit: Number(overallLimit ?? OVERALL_LIMIT),
  });
}

function returningOf(soql: string): Returning {
  const statement = new StatementText(soql);
  return { query: parseQuery(statement), statement };
}

function find(
  store: Store,
  { userId, version }: ApiCall,
  { term, text, group, returning, limit }: {
    term: string;
    /** The term as errors show it. */
    text: string;
    group: SearchGroup;
    returning: Returning[];
    limit: number;
  },
): Reply {
  if (term.length > LONGEST_TERM) return json(200, { searchRecords: [] });
  const tokens = parseTerm(term);
  if (lengthOf(tokens) < 2) {
    const message = `search term must be longer than one character: ${text}`;
    throw refusal(400, "INVALID_SEARCH", message);
  }
  const matches = compileTerm(tokens);
  const searchRecords: unknown[] = [];
  for (const { query, statement } of returning) {
    const context = { store, userId, version };
    const among = rowMatcher(tableOf(context, statement, query.from), group, matches);
    const result = runParsed(query, statement, { ...context, among });
    searchRecords.push(...result.records(0, limit - searchRecords.length, () => null));
  }
  return json(200, { searchRecords });
}

function rowMatcher(
  table: Table,
  group: SearchGroup,
  matches: TermMatcher,
): (row: number) => boolean {
  const columns = table.object.fields
    .filter((field) => isSearched(field, group))
    .map(({ name }) => table.column(name));
  return (row) => {
    const values = columns.map((read) => read(row)).filter((value) => value !== null);
    return matches(new Texts(values.map(String)));
  };
}

function isSearched({ type, nameField }: Field, group: SearchGroup): boolean {
  switch (group) {
    case "NAME":
      return nameField;
    case "EMAIL":
    case "PHONE":
      return type === group.toLowerCase();
    default:
      return SEARCHED_TYPES.includes(type);
  }
}

// Parameters

interface SearchedObject {
  name: string;
  fields?: string[];
  where?: string;
  orderBy?: string;
  limit?: number | string;
}

interface ParameterizedSearch {
  q?: string;
  in?: string;
  fields?: string[];
  sobjects?: SearchedObject[];
  defaultLimit?: number | string;
  overallLimit?: number | string;
}

function parametersOf(query: URLSearchParams): ParameterizedSearch {
  const get = (name: string) => query.get(name) ?? undefined;
  const list = (name: string) => get(name)?.split(",").map((each) => each.trim());
  return checked({
    q: get("q"),
    in: get("in"),
    fields: list("fields"),
    defaultLimit: get("defaultLimit"),
    overallLimit: get("overallLimit"),
    sobjects: list("sobject")?.map((name) => ({
      name,
      fields: list(`${name}.fields`),
      where: get(`${name}.where`),
      orderBy: get(`${name}.orderBy`),
      limit: get(`${name}.limit`),
    })),
  });
}

function bodyOf(call: ApiCall): ParameterizedSearch {
  return checked(readJson<Record<string, unknown>>(call));
}

/** Rejects parameters of the wrong type. */
function checked(parameters: object): ParameterizedSearch {
  const isText = (value: unknown) => typeof value === "string";
  const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
  const isCount = (value: unknown) => /^\d{1,9}$/.test(String(value));
  const types: Record<string, (value: unknown) => boolean> = {
    q: isText,
    in: isText,
    name: isText,
    where: isText,
    orderBy: isText,
    fields: isTexts,
    limit: isCount,
    defaultLimit: isCount,
    overallLimit: isCount,
    sobjects: Array.isArray,
  };
  for (const [name, value] of Object.entries(parameters)) {
    const isRight = types[name];
    if (value === undefined || value === null || !isRight || isRight(value)) continue;
    throw refusal(400, "JSON_PARSER_ERROR", `Invalid value of the parameter ${name}`);
  }
  const { sobjects } = parameters as ParameterizedSearch;
  for (const each of sobjects ?? []) {
    if (typeof each !== "object" || each === null || typeof each.name !== "string") {
      throw refusal(400, "JSON_PARSER_ERROR", "Each item of sobjects must have a name");
    }
    checked(each);
  }
  return parameters as ParameterizedSearch;
}

function malformed(message: string): Error {
  return refusal(400, "MALFORMED_SEARCH", message);
}
