/**
 * `/composite/graph`: several composite requests in one call, each of which succeeds or fails as a whole.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import { type ApiCall, json, type Reply } from "../http.ts";
import type { Org } from "../org.ts";
import { readJson } from "./body.ts";
import { listOf, runComposite, type Subrequest, type SubResponse } from "./composite.ts";

const MAX_GRAPHS = 75;
const MAX_NODES = 500;

interface Graph {
  graphId?: string;
  compositeRequest?: Subrequest[];
}

/** Answers `POST /composite/graph`. */
export async function compositeGraph(org: Org, call: ApiCall): Promise<Reply> {
  const graphs = listOf(readJson<{ graphs?: Graph[] }>(call).graphs);
  check(graphs);
  const results: unknown[] = [];
  for (const { graphId, compositeRequest } of graphs) {
    const responses = await runComposite(org, call, listOf(compositeRequest), true);
    results.push({
      graphId,
      graphResponse: { compositeResponse: responses },
      isSuccessful: responses.every(isSuccess),
    });
  }
  return json(200, { graphs: results });
}

function isSuccess({ httpStatusCode }: SubResponse): boolean {
  return httpStatusCode < 400;
}

function check(graphs: Graph[]): void {
  if (graphs.length > MAX_GRAPHS) {
    const message = `The number of graphs (${graphs.length}) exceeds the limit of ${MAX_GRAPHS}`;
    throw refusal(400, "LIMIT_EXCEEDED", message);
  }
  const ids = graphs.map(({ graphId }) => graphId);
  if (ids.some((id) => typeof id !== "string" || !id)) {
    throw refusal(400, "INVALID_INPUT", "Include a graphId for each graph in the request");
  }
  const duplicate = ids.find((id, i) => ids.indexOf(id) !== i);
  if (duplicate !== undefined) {
    throw refusal(400, "INVALID_INPUT", `Duplicate graphId: ${duplicate}`);
  }
  const nodes = graphs.reduce((sum, graph) => sum + listOf(graph.compositeRequest).length, 0);
  if (nodes > MAX_NODES) {
    const message = `The number of nodes (${nodes}) exceeds the limit of ${MAX_NODES}`;
    throw refusal(400, "LIMIT_EXCEEDED", message);
  }
}
