/**
 * From the text of a GraphQL document to what it selects, with variables, fragments and directives filled in.
 *
 * @module
 */

/** A field that is asked for. */
export interface Selection {
  name: string;
  /** The name in the answer. */
  alias: string;
  args: Record<string, unknown>;
  /** The type that the field is asked of, if only of that one. */
  on?: string;
  fields: Selection[];
}

/** The body of a GraphQL request. */
export interface GraphQLRequest {
  query?: unknown;
  variables?: Record<string, unknown> | null;
  operationName?: string | null;
}

/** The part of the parser's tree that is read here: the parser's own types need the package `graphql`. */
interface Node {
  kind: string;
  operation?: string;
  name?: Name;
  alias?: Name;
  typeCondition?: { name: Name };
  arguments?: { name: Name; value: unknown }[];
  directives?: Node[];
  selectionSet?: { selections: Node[] };
  variableDefinitions?: {
    variable: { name: Name };
    type: { kind: string };
    defaultValue?: unknown;
  }[];
}

interface Name {
  value: string;
}

/** What is wrong with a document, in Salesforce's words. */
export class GraphQLProblem extends Error {
  readonly type: string;
  /** Names from the root to the field. */
  readonly path: string[];
  /** Where the text cannot be understood. */
  readonly at: { line: number; column: number } | undefined;

  constructor(
    type: string,
    message: string,
    path: string[] = [],
    at?: { line: number; column: number },
  ) {
    super(message);
    this.type = type;
    this.path = path;
    this.at = at;
  }
}

/** A problem of a field that its type does not have. */
export function fieldUndefined(name: string, type: string, path: string[]): GraphQLProblem {
  const place = [...path, name];
  return new GraphQLProblem(
    "ValidationError",
    `Validation error of type FieldUndefined: Field '${name}' in type '${type}' is undefined ` +
      `@ '${place.join("/")}'`,
    place,
  );
}

/** Reads the operation that a request asks for. */
export async function readOperation(request: GraphQLRequest): Promise<Selection[]> {
  const { query, operationName } = request;
  if (typeof query !== "string" || !query.trim()) {
    throw new GraphQLProblem("InvalidSyntax", "Invalid Syntax : The query is missing");
  }
  const { parse, valueFromASTUntyped } = await import("@0no-co/graphql.web");
  const valueOf = valueFromASTUntyped as ValueReader;
  const definitions = definitionsIn(query, parse as unknown as Parser);
  const operations = definitions.filter(({ kind }) => kind === "OperationDefinition");
  const operation = operationName
    ? operations.find(({ name }) => name?.value === operationName)
    : operations[0];
  if (!operation || (!operationName && operations.length > 1)) {
    const message = operationName
      ? `Unknown operation named '${operationName}'.`
      : "Must provide operation name if query contains multiple operations.";
    throw new GraphQLProblem("UnknownOperationException", message);
  }
  if (operation.operation !== "query") {
    const message = `The practice org does not have GraphQL ${operation.operation}s`;
    throw new GraphQLProblem("OperationNotSupported", message);
  }
  const variables = variablesOf(operation, request.variables ?? {}, valueOf);
  return new Reader(definitions, (node) => valueOf(node, variables)).read(operation, []);
}

type Parser = (text: string) => { definitions: Node[] };
type ValueReader = (node: unknown, variables?: Record<string, unknown>) => unknown;

function definitionsIn(query: string, parse: Parser): Node[] {
  try {
    return parse(query).definitions;
  } catch (error) {
    const index = Number(/ at (\d+)/.exec((error as Error).message)?.[1] ?? 1) - 1;
    const before = query.slice(0, index).split("\n");
    const [line, column] = [before.length, before.at(-1)!.length + 1];
    const token = /\w+|\S|$/.exec(query.slice(index))![0] || "<EOF>";
    const message = `Invalid Syntax : offending token '${token}' at line ${line} column ${column}`;
    throw new GraphQLProblem("InvalidSyntax", message, [], { line, column });
  }
}

function variablesOf(
  { variableDefinitions = [] }: Node,
  given: Record<string, unknown>,
  valueOf: ValueReader,
): Record<string, unknown> {
  return Object.fromEntries(variableDefinitions.map(({ variable, type, defaultValue }) => {
    const name = variable.name.value;
    const value = given[name] ?? (defaultValue ? valueOf(defaultValue) : null);
    if (value === null && type.kind === "NonNullType") {
      const message = `Variable '${name}' has coerced Null value for NonNull type`;
      throw new GraphQLProblem("ValidationError", message);
    }
    return [name, value];
  }));
}

const MAX_DEPTH = 50;
const MAX_SELECTIONS = 10_000;

/** Turns the nodes of a document into selections. */
class Reader {
  readonly #definitions: Node[];
  readonly #value: (node: unknown) => unknown;
  #selections = 0;

  constructor(definitions: Node[], value: (node: unknown) => unknown) {
    this.#definitions = definitions;
    this.#value = value;
  }

  /** What a node selects; `inside` are the fragments that lead here, none of which may come again. */
  read({ selectionSet }: Node, inside: string[], on?: string, depth = 0): Selection[] {
    if (depth > MAX_DEPTH) {
      const message = `The query is nested more than ${MAX_DEPTH} deep`;
      throw new GraphQLProblem("ValidationError", message);
    }
    return (selectionSet?.selections ?? []).flatMap((node): Selection[] => {
      // Fragments within fragments double with each level.
      if (++this.#selections > MAX_SELECTIONS) {
        const message = `The query selects more than ${MAX_SELECTIONS} fields`;
        throw new GraphQLProblem("ValidationError", message);
      }
      const name = node.name?.value ?? "";
      if (!this.#isIncluded(node)) return [];
      if (node.kind === "Field") return [this.#field(node, name, inside, on, depth)];
      const isSpread = node.kind === "FragmentSpread";
      const fragment = isSpread ? this.#fragment(name, inside) : node;
      const type = fragment.typeCondition?.name.value ?? on;
      return this.read(fragment, isSpread ? [...inside, name] : inside, type, depth + 1);
    });
  }

  #field(
    node: Node,
    name: string,
    inside: string[],
    on: string | undefined,
    depth: number,
  ): Selection {
    const args = (node.arguments ?? []).map((each) => [each.name.value, this.#value(each.value)]);
    return {
      name,
      alias: node.alias?.value ?? name,
      args: Object.fromEntries(args),
      ...(on && { on }),
      fields: this.read(node, inside, undefined, depth + 1),
    };
  }

  #fragment(name: string, inside: string[]): Node {
    const fragment = this.#definitions.find((each) =>
      each.kind === "FragmentDefinition" && each.name?.value === name
    );
    if (fragment && !inside.includes(name)) return fragment;
    const problem = fragment
      ? "FragmentCycle: Fragment cycles not allowed"
      : `UndefinedFragment: Undefined fragment ${name}`;
    throw new GraphQLProblem("ValidationError", `Validation error of type ${problem}`);
  }

  #isIncluded({ directives = [] }: Node): boolean {
    return directives.every(({ name, arguments: args = [] }) => {
      const condition = args[0] && this.#value(args[0].value) === true;
      if (name?.value === "skip") return !condition;
      return name?.value !== "include" || condition;
    });
  }
}
