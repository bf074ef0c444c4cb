/**
 * Paths of the REST API, and the fields in the body of a record.
 */
import { completeFile } from "./complete-file.ts";
import { objectNames, picklistOf } from "./complete-query.ts";
import type { Completion } from "./offer.ts";
import type { SchemaCache } from "./schema-cache.ts";

const PATHS = [
  "/sobjects/",
  "/query?q=",
  "/queryAll?q=",
  "/search?q=",
  "/parameterizedSearch?q=",
  "/limits",
  "/recent",
  "/tabs",
  "/theme",
  "/composite",
  "/composite/batch",
  "/composite/graph",
  "/composite/sobjects",
  "/composite/tree/",
  "/graphql",
  "/jobs/ingest",
  "/jobs/query",
  "/tooling/query?q=",
  "/tooling/sobjects/",
  "/tooling/executeAnonymous?anonymousBody=",
  "/actions/standard",
  "/actions/custom",
  "/analytics/reports",
  "/ui-api/object-info",
  "/services/data",
  "/services/apexrest/",
  "/services/oauth2/userinfo",
];

const OF_OBJECT = [
  "describe",
  "describe/layouts",
  "deleted/",
  "updated/",
  "listviews",
  "quickActions",
];

/** What to offer in a request: its path, then the fields of its body. */
export async function completeRequest(
  before: string,
  schema: SchemaCache | undefined,
): Promise<Completion> {
  const [, path, rest] = /^(?:[a-z]+\s+)?(\/\S*)(\s[^]*)?$/i.exec(before) ?? [];
  if (path === undefined) return { hits: PATHS, word: "" };
  if (rest !== undefined) return await completeBody(path, rest, schema);
  const [, folder, object, part] = /^(.*\/sobjects\/)(\w*)(?:\/([^?]*))?$/.exec(path) ?? [];
  if (folder === undefined) return { hits: PATHS, word: path };
  const under = folder + object!;
  const hits = part === undefined
    ? (await objectNames(schema)).map((name) => folder + name)
    : OF_OBJECT.map((resource) => `${under}/${resource}`);
  return { hits, word: path };
}

async function completeBody(
  path: string,
  rest: string,
  schema: SchemaCache | undefined,
): Promise<Completion> {
  const file = /^\s+(@\S*)$/.exec(rest)?.[1];
  if (file) return await completeFile(file);
  const object = /\/sobjects\/(\w+)/.exec(path)?.[1];
  const describe = object && await schema?.describe(object);
  if (!describe) return { hits: [], word: "" };
  const [, name, value] = /"(\w+)"\s*:\s*("[^"]*)$/.exec(rest) ?? [];
  if (value !== undefined) {
    const field = describe.fields.find((one) => one.name === name);
    return {
      hits: field ? picklistOf(field).map((text) => JSON.stringify(text)) : [],
      word: value,
    };
  }
  const word = /[{,]\s*("?\w*)$/.exec(rest)?.[1];
  if (word === undefined) return { hits: [], word: "" };
  const fields = describe.fields.filter((field) => field.createable || field.updateable);
  return { hits: fields.map((field) => `"${field.name}": `), word };
}
