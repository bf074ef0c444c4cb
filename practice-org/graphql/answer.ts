/**
 * `/graphql`: queries over the org's objects.
 *
 * @module
 */
import { ApiError } from "../errors.ts";
import { type ApiCall, json, type Reply } from "../http.ts";
import type { Org } from "../org.ts";
import { readJson } from "../rest/body.ts";
import {
  fieldUndefined,
  GraphQLProblem,
  type GraphQLRequest,
  readOperation,
  type Selection,
} from "./document.ts";
import { connection, type Context } from "./records.ts";

/** Answers `POST /graphql`; what is wrong comes in `errors`, with the status 200. */
export async function graphql(org: Org, call: ApiCall): Promise<Reply> {
  const request = readJson<GraphQLRequest>(call);
  try {
    const data = await root({ org, call, recordCount: 0 }, await readOperation(request));
    return json(200, { data, errors: [] });
  } catch (error) {
    return json(200, { data: null, errors: [describe(error)] });
  }
}

function describe(error: unknown): unknown {
  if (error instanceof GraphQLProblem) {
    const { message, type, path, at } = error;
    return { message, locations: at ? [at] : [], paths: path, extensions: { ErrorType: type } };
  }
  if (!(error instanceof ApiError)) throw error;
  return {
    message: error.message,
    locations: [],
    paths: [],
    extensions: { ErrorType: "DataFetchingException" },
  };
}

async function root(context: Context, fields: Selection[]): Promise<Record<string, unknown>> {
  const data: Record<string, unknown> = {};
  for (const { name, alias, fields: inner } of fields) {
    if (name === "__typename") data[alias] = "Query";
    else if (name === "uiapi") data[alias] = await uiapi(context, inner, [alias]);
    else throw fieldUndefined(name, "Query", []);
  }
  return data;
}

async function uiapi(
  context: Context,
  fields: Selection[],
  path: string[],
): Promise<Record<string, unknown>> {
  const data: Record<string, unknown> = {};
  for (const { name, alias, fields: inner } of fields) {
    if (name === "__typename") data[alias] = "UIAPI";
    else if (name === "query") data[alias] = await records(context, inner, [...path, alias]);
    else if (name === "aggregate" || name === "objectInfos" || name === "relatedListByName") {
      const message = `The practice org does not have GraphQL's uiapi.${name}`;
      throw new GraphQLProblem("OperationNotSupported", message, [...path, alias]);
    } else throw fieldUndefined(name, "UIAPI", path);
  }
  return data;
}

async function records(
  context: Context,
  selections: Selection[],
  path: string[],
): Promise<Record<string, unknown>> {
  const readers = selections.map((selection) => {
    const { name, alias } = selection;
    if (name === "__typename") {
      return [alias, () => Promise.resolve("RecordQuery")] as const;
    }
    const object = context.org.store.table(name)?.object;
    if (object?.name !== name || object.api === "tooling" || object.api === "event") {
      throw fieldUndefined(name, "RecordQuery", path);
    }
    return [alias, connection(context, object, selection, [...path, alias])] as const;
  });
  const data: Record<string, unknown> = {};
  for (const [alias, read] of readers) data[alias] = await read();
  return data;
}
