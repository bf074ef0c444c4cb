/**
 * Statements that Salesforce rejects although their syntax is correct.
 *
 * @module
 */
import { type ApiError, refusal } from "../errors.ts";
import type { Field } from "../schema.ts";
import type { Names } from "./names.ts";
import type { Comparison, Condition, Query } from "./parse.ts";
import { isAggregate, isCount } from "./parse.ts";

const MAX_SEMI_JOINS = 2;

/** Rejects clauses that cannot be used with COUNT(), or with an aggregate without GROUP BY. */
export function checkAggregates({ statement }: Names, query: Query): void {
  const { select, groupBy, orderBy, limit, offset } = query;
  const [first] = select;
  if (first?.type === "expression" && isCount(first.expression)) {
    if (groupBy) {
      const [item] = groupBy.items;
      const message = `Grouped query cannot use COUNT(), use COUNT(fieldname): ${item!.text}`;
      throw statement.errorAt(first.expression.at, "MALFORMED_QUERY", message);
    }
    if (orderBy) {
      const { text, at } = orderBy[0]!.expression;
      const message = `Ordered field must be grouped or aggregated: ${text}`;
      throw statement.errorAt(at, "MALFORMED_QUERY", message);
    }
    return;
  }
  const aggregates = select.some((each) =>
    each.type === "expression" && isAggregate(each.expression)
  );
  if (!aggregates || groupBy) return;
  const clause = limit !== undefined ? "LIMIT" : offset ? "OFFSET" : undefined;
  if (!clause) return;
  const message = "Non-grouped query that uses overall aggregate functions cannot also use " +
    clause;
  throw refusal(400, "MALFORMED_QUERY", message);
}

/** Rejects aggregates in a child subquery. */
export function checkChild({ statement }: Names, { select, groupBy }: Query): void {
  const aggregate = select.find((each) =>
    each.type === "expression" && isAggregate(each.expression)
  );
  if (!aggregate && !groupBy) return;
  const { at } = aggregate?.type === "expression" ? aggregate.expression : groupBy!.items[0]!;
  const message = "Only root queries support aggregate expressions";
  throw statement.errorAt(at, "MALFORMED_QUERY", message);
}

/** Rejects semi-joins where they are not allowed; `isInner` means within another semi-join. */
export function checkSemiJoins(
  { statement }: Names,
  where: Condition | undefined,
  isInner: boolean,
): void {
  const refuse = ({ left }: Comparison, message: string): ApiError =>
    statement.errorAt(left.at, "MALFORMED_QUERY", message);
  let count = 0;
  const visit = (condition: Condition, within: "top" | "or" | "nested"): void => {
    if (condition.type === "comparison") {
      if (!("select" in condition.right)) return;
      if (isInner) throw refuse(condition, "Nesting of semi join sub-selects is not supported");
      if (within === "or") {
        throw refuse(condition, "Semi join sub-selects are not allowed with the 'OR' operator");
      }
      if (within === "nested") {
        const message = "Semi join sub-selects are only allowed at the top level WHERE " +
          "expressions and not in nested WHERE expressions.";
        throw refuse(condition, message);
      }
      if (++count > MAX_SEMI_JOINS) {
        throw refuse(condition, `Maximum ${MAX_SEMI_JOINS} semi join sub-selects are allowed`);
      }
      return;
    }
    if (condition.type === "not") {
      visit(condition.term, "nested");
      return;
    }
    const inner = condition.type === "and" ? within : condition === where ? "or" : "nested";
    for (const term of condition.terms) visit(term, inner);
  };
  if (where) visit(where, "top");
}

/** One side of a semi-join: a field and the object that has it. */
export interface SemiJoinSide {
  text: string;
  at: number;
  object: string;
  field: Field;
}

/** Rejects a semi-join of fields that do not point to the same object. */
export function checkSemiJoinFields(
  { statement }: Names,
  outer: SemiJoinSide,
  inner: SemiJoinSide,
): void {
  const [left, right] = [objectsOf(outer), objectsOf(inner)];
  if (!left.some((object) => right.includes(object))) {
    const message = `The selected field '${inner.text}' in the subquery and the left operand ` +
      `field in the where expression in the outer query '${outer.text}' should point to the same ` +
      "object type";
    throw statement.syntaxError(outer.at, message);
  }
  if (outer.object === inner.object) {
    const message = "The inner and outer selects should not be on the same object type";
    throw statement.syntaxError(outer.at, message);
  }
}

function objectsOf({ object, field }: SemiJoinSide): string[] {
  return field.type === "id" ? [object] : field.referenceTo;
}

/** Objects that can only be queried with a filter on one of these fields. */
const FILTERED_BY: Record<string, { fields: string[]; message: string }> = {
  ContentDocumentLink: {
    fields: ["ContentDocumentId", "LinkedEntityId", "Id"],
    message:
      "Implementation restriction: ContentDocumentLink requires a filter by a single Id on " +
      "ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the " +
      "IN operator.",
  },
  FieldDefinition: {
    fields: ["EntityDefinitionId", "DurableId", "EntityDefinition.QualifiedApiName"],
    message: "FieldDefinition: a filter on a reified column is required " +
      "[EntityDefinitionId,DurableId]",
  },
};

/** Rejects a query without the filter that its object requires. */
export function checkFilter(names: Names, where: Condition | undefined): void {
  const filtered = FILTERED_BY[names.table.object.name];
  if (!filtered) return;
  const fields = filtered.fields.map((name) => name.toLowerCase());
  const isFiltered = (condition: Condition | undefined): boolean => {
    if (condition?.type === "and") return condition.terms.some(isFiltered);
    return condition?.type === "comparison" && condition.left.type === "path" &&
      ["=", "IN"].includes(condition.operator) && fields.includes(names.keyOf(condition.left));
  };
  if (!isFiltered(where)) throw refusal(400, "MALFORMED_QUERY", filtered.message);
}
