/**
 * Finds the resource of a path.
 *
 * @module
 */
import { methodNotAllowed } from "./errors.ts";
import type { Call, Reply } from "./http.ts";
import type { Org } from "./org.ts";

/** A resource of the org. */
export interface Resource<C extends Call = Call> {
  /** The path: `:name` matches one segment, `**` at the end matches the rest. */
  path: string;
  /** The allowed methods, separated by commas. GET includes HEAD. */
  methods: string;
  /** Answers a request; `parts` are the decoded segments that match `:name`, in order. */
  handle(org: Org, call: C, ...parts: string[]): Reply | Promise<Reply>;
}

interface Node<C extends Call> {
  literal: Map<string, Node<C>>;
  any?: Node<C>;
  /** One resource for each set of methods. */
  resources: Resource<C>[];
  /** The resource for all paths below. */
  below?: Resource<C>;
}

/** A table of resources, by path. */
export class Router<C extends Call> {
  readonly #root: Node<C> = newNode();

  constructor(resources: readonly Resource<C>[]) {
    for (const resource of resources) this.#add(resource);
  }

  #add(resource: Resource<C>): void {
    let node = this.#root;
    for (const segment of segmentsOf(resource.path)) {
      if (segment === "**") return void (node.below = resource);
      if (segment.startsWith(":")) node = node.any ??= newNode();
      else {
        const next = node.literal.get(segment) ?? newNode();
        node.literal.set(segment, next);
        node = next;
      }
    }
    node.resources.push(resource);
  }

  /** Returns the answer of the resource at the path; undefined if there is none. */
  route(org: Org, call: C): Reply | Promise<Reply> | undefined {
    const found = find(this.#root, segmentsOf(call.path), 0, []);
    if (!found) return undefined;
    const method = call.method === "HEAD" ? "GET" : call.method;
    const resource = found.resources.find(({ methods }) => methods.split(",").includes(method));
    if (!resource) throw methodNotAllowed(call.method, allowedMethods(found.resources));
    return resource.handle(org, call, ...found.parts);
  }
}

function newNode<C extends Call>(): Node<C> {
  return { literal: new Map(), resources: [] };
}

/** Returns the segments of a path, without empty ones. */
function segmentsOf(path: string): string[] {
  return path.split("/").filter(Boolean);
}

interface Found<C extends Call> {
  resources: Resource<C>[];
  parts: string[];
}

function find<C extends Call>(
  node: Node<C>,
  segments: string[],
  at: number,
  parts: string[],
): Found<C> | undefined {
  if (at === segments.length && node.resources.length) return { resources: node.resources, parts };
  const segment = segments[at];
  if (segment !== undefined) {
    const literal = node.literal.get(segment);
    const found = literal && find(literal, segments, at + 1, parts) ||
      node.any && find(node.any, segments, at + 1, [...parts, decode(segment)]);
    if (found) return found;
  }
  return node.below && { resources: [node.below], parts };
}

function decode(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function allowedMethods(resources: Resource<never>[]): string {
  const methods = resources.flatMap(({ methods }) => methods.split(","));
  return [...(methods.includes("GET") ? ["HEAD"] : []), ...methods].join(",");
}
