/**
 * What fits in a SOQL or SOSL statement at the cursor. The object may come after the cursor: `SELECT Na| FROM Account`.
 */
import { clauseAt, type Scope, scopeAt, wordAt } from "../soql/cursor.ts";
import type { Completion } from "./offer.ts";
import type { Field, ObjectDescribe, SchemaCache } from "./schema-cache.ts";

const AFTER_OBJECT = [
  "WHERE ",
  "ORDER BY ",
  "GROUP BY ",
  "LIMIT ",
  "OFFSET ",
  "WITH SECURITY_ENFORCED",
  "WITH USER_MODE",
  "USING SCOPE ",
];
const AFTER_CONDITION = ["AND ", "OR ", "ORDER BY ", "GROUP BY ", "LIMIT "];
const OPERATORS = ["= ", "!= ", "< ", "<= ", "> ", ">= ", "LIKE '", "IN (", "NOT IN ("];
const AFTER_ORDER = ["ASC", "DESC", "NULLS FIRST", "NULLS LAST", "LIMIT ", "OFFSET "];
const AGGREGATES = [
  "COUNT()",
  "COUNT(",
  "COUNT_DISTINCT(",
  "SUM(",
  "AVG(",
  "MIN(",
  "MAX(",
  "FIELDS(ALL)",
  "FIELDS(STANDARD)",
  "FIELDS(CUSTOM)",
  "FORMAT(",
  "toLabel(",
  "convertCurrency(",
  "GROUPING(",
  "DISTANCE(",
];
const USUAL = ["Id", "Name", "CreatedDate", "LastModifiedDate", "OwnerId", "Owner.Name"];

/** Every date literal: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_dateformats.htm */
const DATES = [
  ...["YESTERDAY", "TODAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS"],
  ...["WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"].flatMap((unit) =>
    ["LAST", "THIS", "NEXT"].map((which) => `${which}_${unit}`)
  ),
  ...["DAYS", "WEEKS", "MONTHS", "QUARTERS", "YEARS", "FISCAL_QUARTERS", "FISCAL_YEARS"].flatMap(
    (unit) => [`LAST_N_${unit}:`, `NEXT_N_${unit}:`, `N_${unit}_AGO:`],
  ),
];

/** Functions of a date, for conditions and for GROUP BY. */
const DATE_FUNCTIONS = [
  "CALENDAR_MONTH(",
  "CALENDAR_QUARTER(",
  "CALENDAR_YEAR(",
  "DAY_IN_MONTH(",
  "DAY_IN_WEEK(",
  "DAY_IN_YEAR(",
  "DAY_ONLY(",
  "FISCAL_MONTH(",
  "FISCAL_QUARTER(",
  "FISCAL_YEAR(",
  "HOUR_IN_DAY(",
  "WEEK_IN_MONTH(",
  "WEEK_IN_YEAR(",
];

/** Returns the names of all objects. */
export async function objectNames(schema: SchemaCache | undefined): Promise<string[]> {
  return schema?.objectNames ?? await schema?.objects() ?? [];
}

/** The active values of a picklist. */
export function picklistOf(field: Field): string[] {
  return (field.picklistValues ?? []).filter(({ active }) => active !== false)
    .map(({ value }) => value);
}

/** What to offer in a SOQL statement. */
export async function completeQuery(
  before: string,
  after: string,
  schema: SchemaCache | undefined,
): Promise<Completion> {
  const scope = scopeAt(before, after);
  const word = wordAt(scope.before);
  const lead = scope.before.slice(0, scope.before.length - word.length);
  const offered = await offer(lead, word, scope, schema);
  const labels = clauseAt(lead).name === "FROM" ? schema?.labels : undefined;
  return { hits: offered, word, labels };
}

async function offer(
  lead: string,
  word: string,
  scope: Scope,
  schema: SchemaCache | undefined,
): Promise<string[]> {
  const { name, since } = clauseAt(lead);
  const fresh = /(^\s*|[,(]\s*)$/.test(since); // directly after the keyword, a comma or a bracket
  switch (name) {
    case undefined:
      return ["SELECT "];
    case "SELECT":
      return fresh
        ? [...await fieldPaths(scope, word, schema), ...AGGREGATES, ...DATE_FUNCTIONS]
        : ["FROM "];
    case "FROM":
      return /^\s*$/.test(since) ? await sources(scope, schema) : AFTER_OBJECT;
    case "WHERE":
    case "HAVING":
      return await inCondition(lead, since, word, scope, schema);
    case "ORDER BY":
      return fresh ? await fieldPaths(scope, word, schema) : AFTER_ORDER;
    case "GROUP BY":
      return fresh
        ? [...await fieldPaths(scope, word, schema), ...DATE_FUNCTIONS, "ROLLUP(", "CUBE("]
        : ["HAVING ", "ORDER BY ", "LIMIT "];
    case "LIMIT":
      return /\d\s+$/.test(since) ? ["OFFSET "] : [];
    case "USING SCOPE":
      return fresh ? ["mine", "everything", "delegated", "team", "my_territory"] : AFTER_OBJECT;
    default:
      return [];
  }
}

async function inCondition(
  lead: string,
  since: string,
  word: string,
  scope: Scope,
  schema: SchemaCache | undefined,
): Promise<string[]> {
  const compared =
    /([\w.]+)\s*(?:=|!=|<>|<=?|>=?|\b(?:LIKE|(?:NOT\s+)?IN|INCLUDES|EXCLUDES)\b\s*\(?(?:[^()]*,)?)\s*$/i
      .exec(since)?.[1];
  if (compared && !/^(AND|OR|NOT)$/i.test(compared)) {
    return await valuesOf(compared, scope, schema);
  }
  if (/(^\s*|\(\s*|\b(?:AND|OR|NOT)\s+)$/i.test(since)) {
    return [...await fieldPaths(scope, word, schema), ...DATE_FUNCTIONS];
  }
  if (/(^|\(|\b(?:AND|OR|NOT))\s*[\w.]+\s+$/i.test(since)) return OPERATORS;
  return lead.endsWith(" ") || lead.endsWith("\n") ? AFTER_CONDITION : [];
}

async function valuesOf(
  path: string,
  scope: Scope,
  schema: SchemaCache | undefined,
): Promise<string[]> {
  const at = path.lastIndexOf(".");
  const describes = await follow(scope, path.slice(0, Math.max(at, 0)), schema);
  const name = path.slice(at + 1).toLowerCase();
  const field = describes.flatMap(({ fields }) => fields)
    .find((one) => one.name.toLowerCase() === name);
  if (!field) return [];
  if (field.type === "boolean") return ["true", "false"];
  if (field.type === "date" || field.type === "datetime") return [...DATES, "null"];
  return [...picklistOf(field).map((value) => `'${value.replace(/[\\']/g, "\\$&")}'`), "null"];
}

/** Fields, and relationships followed by a dot, for a path such as `Account.Owner.Na`. */
async function fieldPaths(
  scope: Scope,
  word: string,
  schema: SchemaCache | undefined,
): Promise<string[]> {
  const at = word.lastIndexOf(".");
  const base = word.slice(0, at + 1);
  if (!scope.object) return base ? [] : USUAL;
  const describes = await follow(scope, base.slice(0, -1), schema);
  return describes.flatMap(({ fields }) =>
    fields.flatMap(({ name, relationshipName, referenceTo }) =>
      relationshipName && referenceTo?.length
        ? [base + name, `${base}${relationshipName}.`]
        : [base + name]
    )
  );
}

/** The objects at the end of a path of relationships; several where one of them is polymorphic. */
async function follow(
  scope: Scope,
  path: string,
  schema: SchemaCache | undefined,
): Promise<ObjectDescribe[]> {
  if (!schema) return [];
  let describes = present([await describeOf(scope, schema)]);
  const steps = path.split(".").filter((step) => step !== "");
  if (steps[0] && isAlias(steps[0], scope)) steps.shift();
  for (const step of steps) {
    const targets = describes.flatMap(({ fields }) =>
      fields.filter((field) => field.relationshipName?.toLowerCase() === step.toLowerCase())
        .flatMap((field) => field.referenceTo ?? [])
    );
    describes = present(
      await Promise.all(targets.slice(0, 3).map((name) => schema.describe(name))),
    );
  }
  return describes;
}

function present<T>(values: (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}

function isAlias(step: string, { object, alias }: Scope): boolean {
  return [object, alias].some((name) => name?.toLowerCase() === step.toLowerCase());
}

async function describeOf(
  { object, outer }: Scope,
  schema: SchemaCache,
): Promise<ObjectDescribe | undefined> {
  if (!object) return undefined;
  if (!outer) return await schema.describe(object);
  const parent = await describeOf(outer, schema);
  const child = parent?.childRelationships.find(({ relationshipName }) =>
    relationshipName?.toLowerCase() === object.toLowerCase()
  );
  return child && await schema.describe(child.childSObject);
}

/** What can follow FROM: objects, or in a subquery of the select list the children of the outer object. */
async function sources({ outer }: Scope, schema: SchemaCache | undefined): Promise<string[]> {
  if (!outer || !schema) return await objectNames(schema);
  const parent = await describeOf(outer, schema);
  return present(
    parent?.childRelationships.map((child) => child.relationshipName ?? undefined) ?? [],
  );
}

/** What to offer in a SOSL statement: objects after RETURNING, and their fields in parentheses. */
export async function completeSearch(
  before: string,
  schema: SchemaCache | undefined,
): Promise<Completion> {
  const word = /\w*$/.exec(before)![0];
  const lead = before.slice(0, before.length - word.length);
  const returning = /\bRETURNING\b([^]*)$/i.exec(lead)?.[1];
  if (returning === undefined) {
    return { hits: ["IN ALL FIELDS ", "IN NAME FIELDS ", "RETURNING "], word };
  }
  const object = /(\w+)\s*\([^()]*$/.exec(returning)?.[1];
  if (!object) return { hits: await objectNames(schema), word, labels: schema?.labels };
  const describe = await schema?.describe(object);
  return { hits: describe?.fields.map((field) => field.name) ?? [], word };
}
