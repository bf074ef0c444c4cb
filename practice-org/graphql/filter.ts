/**
 * GraphQL's `where` and `orderBy` as SOQL.
 *
 * @module
 */
import { type Field, OBJECTS, type ObjectType, parentField } from "../schema.ts";
import { fieldUndefined, GraphQLProblem } from "./document.ts";

const OPERATORS: Record<string, string> = {
  eq: "=",
  ne: "!=",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  like: "LIKE",
  in: "IN",
  nin: "NOT IN",
  includes: "INCLUDES",
  excludes: "EXCLUDES",
};
const BARE_TYPES = ["boolean", "int", "double", "currency", "percent", "date", "datetime"];

type Input = Record<string, unknown>;

/** Returns the condition that a `where` stands for, in SOQL; empty if there is none. */
export function conditionOf(object: ObjectType, where: unknown, path: string[]): string {
  return joined(conditions(object, inputOf(where, path), "", path), "AND");
}

function conditions(object: ObjectType, where: Input, prefix: string, path: string[]): string[] {
  return Object.entries(where).flatMap(([name, value]): string[] => {
    const inner = (each: unknown): string =>
      joined(conditions(object, inputOf(each, path), prefix, path), "AND");
    if (name === "and" || name === "or") {
      const list = [value].flat().map(inner).filter(Boolean);
      return list.length ? [joined(list, name.toUpperCase())] : [];
    }
    if (name === "not") return [`(NOT ${inner(value)})`];
    const field = object.field(name);
    if (field) return comparisons(field, prefix, inputOf(value, path), path);
    return conditions(
      parentOf(object, name, path),
      inputOf(value, path),
      `${prefix}${name}.`,
      path,
    );
  });
}

function comparisons(field: Field, prefix: string, operators: Input, path: string[]): string[] {
  return Object.entries(operators).map(([name, value]) => {
    const operator = OPERATORS[name];
    if (!operator) {
      throw badInput(`'${name}' is not an operator of the field '${field.name}'`, path);
    }
    const literal = Array.isArray(value)
      ? `(${value.map((each) => literalOf(field, each, path)).join(", ")})`
      : literalOf(field, value, path);
    return `${prefix}${field.name} ${operator} ${literal}`;
  });
}

/** A value as SOQL writes it; dates come as `{ value }`, `{ literal: TODAY }` or `{ range: { last_n_days: 7 } }`. */
function literalOf(field: Field, value: unknown, path: string[]): string {
  if (value === null) return "null";
  if (typeof value === "object") {
    const { value: plain, literal, range } = value as Input;
    if (plain !== undefined) return literalOf(field, plain, path);
    if (typeof literal === "string" && /^\w+$/.test(literal)) return literal;
    const [[name, count] = []] = Object.entries(inputOf(range, path));
    if (name && /^\w+$/.test(name) && Number.isInteger(count)) {
      return `${name.toUpperCase()}:${count}`;
    }
    throw badInput(`The value of the field '${field.name}' is not valid`, path);
  }
  const text = String(value);
  if (BARE_TYPES.includes(field.type) && /^[\w.:+-]+$/.test(text)) return text;
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

function joined(list: string[], word: string): string {
  return list.length > 1 ? `(${list.join(` ${word} `)})` : list[0] ?? "";
}

/** Returns what an `orderBy` stands for in SOQL, such as `Owner.Name DESC NULLS LAST`; empty if there is none. */
export function orderOf(object: ObjectType, orderBy: unknown, path: string[]): string {
  return [orderBy ?? []].flat()
    .flatMap((each) => orders(object, inputOf(each, path), "", path))
    .join(", ");
}

function orders(object: ObjectType, orderBy: Input, prefix: string, path: string[]): string[] {
  return Object.entries(orderBy).flatMap(([name, value]): string[] => {
    const input = inputOf(value, path);
    const field = object.field(name);
    if (!field) return orders(parentOf(object, name, path), input, `${prefix}${name}.`, path);
    const { order = "ASC", nulls } = input;
    if (!/^(ASC|DESC)$/.test(String(order)) || !/^(FIRST|LAST|undefined)$/.test(String(nulls))) {
      throw badInput(`The order of the field '${field.name}' is not valid`, path);
    }
    return [`${prefix}${field.name} ${order}${nulls ? ` NULLS ${nulls}` : ""}`];
  });
}

function parentOf(object: ObjectType, name: string, path: string[]): ObjectType {
  const target = parentField(object, name)?.referenceTo[0];
  const parent = OBJECTS.find((each) => each.name === target);
  if (!parent) throw fieldUndefined(name, `${object.name}_Filter`, path);
  return parent;
}

function inputOf(value: unknown, path: string[]): Input {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Input;
  throw badInput(`'${value}' is not an object`, path);
}

function badInput(problem: string, path: string[]): GraphQLProblem {
  const message = `Validation error of type WrongType: ${problem} @ '${path.join("/")}'`;
  return new GraphQLProblem("ValidationError", message, path);
}
