/**
 * Finds the resource that a path names.
 *
 * @module
 */
import { methodNotAllowed } from "./errors.ts";
import type { Call, Reply } from "./http.ts";
import type { Org } from "./org.ts";

/** Something that the org has under a path. */
export interface Resource<C extends Call = Call> {
  /** Where it is: `:name` stands for one segment, `**` at the end for what follows. */
  path: string;
  /** The methods that it answers, separated by commas. HEAD goes with GET. */
  methods: string;
  /** Answers; `parts` are the decoded segments that stand for `:name`, in their order. */
  handle(org: Org, call: C, ...parts: string[]): Reply | Promise<Reply>;
}

interface Node<C extends Call> {
  literal: Map<string, Node<C>>;
  any?: Node<C>;
  /** One for each set of methods. */
  resources: Resource<C>[];
  /** What answers for all paths below. */
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

  /** Answers a call by the resource that its path names; undefined if there is none. */
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

/** Empty segments do not count. */
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
