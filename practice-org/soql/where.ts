/**
 * Conditions of WHERE and HAVING, compiled to predicates.
 *
 * @module
 */
import type { Condition, HavingClause, WhereClause } from "@jetstreamapp/soql-parser-js";
import { refusal } from "../errors.ts";
import { isId } from "../ids.ts";
import { datetimeOf, isText } from "../records.ts";
import type { Field, Value } from "../schema.ts";
import { countedSpan, literalSpan, type Span } from "./dates.ts";
import type { QueryText } from "./text.ts";

/** Says whether a row, or a group of rows, is wanted. */
export type Predicate<Item> = (item: Item) => boolean;

/** The left side of a condition: what it reads and as which type. */
export interface Operand<Item> {
  read: (item: Item) => Value;
  type: Field["type"];
  /** As the query spells it. */
  name: string;
}

/** Any condition the parser gives, its optional parts flattened. */
export interface AnyCondition {
  field?: string;
  fn?: { functionName?: string; parameters?: unknown[]; rawValue?: string };
  operator: string;
  value?: string | string[];
  valueQuery?: unknown;
  literalType?: string | string[];
  dateLiteralVariable?: number | number[];
  openParen?: number;
  closeParen?: number;
}

type Token = "(" | ")" | "AND" | "OR" | "NOT" | { condition: AnyCondition };

/** Compiles a clause; `leaf` compiles its single conditions. */
export function compileClause<Item>(
  clause: WhereClause | HavingClause,
  text: QueryText,
  leaf: (condition: AnyCondition) => Predicate<Item>,
): Predicate<Item> {
  const tokens = tokensOf(clause);
  let next = 0;

  const expression = (): Predicate<Item> => {
    const terms = [term()];
    const operator = tokens[next];
    while (tokens[next] === "AND" || tokens[next] === "OR") {
      // SOQL has no precedence between the two: it wants parentheses.
      if (tokens[next] !== operator) {
        const word = String(tokens[next]);
        throw text.errorAt(word, "MALFORMED_QUERY", `unexpected token: '${word}'`);
      }
      next++;
      terms.push(term());
    }
    if (terms.length === 1) return terms[0]!;
    return operator === "AND"
      ? (item) => terms.every((each) => each(item))
      : (item) => terms.some((each) => each(item));
  };
  const term = (): Predicate<Item> => {
    const token = tokens[next++];
    if (token === "NOT") {
      const negated = term();
      return (item) => !negated(item);
    }
    if (token === "(") {
      const inner = expression();
      next++;
      return inner;
    }
    return leaf((token as { condition: AnyCondition }).condition);
  };
  return expression();
}

/** The parser's chain of conditions with counted parentheses, as a flat list. */
function tokensOf(clause: WhereClause | HavingClause): Token[] {
  const tokens: Token[] = [];
  let link: { left: unknown; operator?: string; right?: unknown } | undefined = clause;
  while (link) {
    const left = link.left as (Condition & AnyCondition) | null;
    for (let i = left?.openParen ?? 0; i > 0; i--) tokens.push("(");
    if (left && "operator" in left) tokens.push({ condition: left });
    for (let i = left?.closeParen ?? 0; i > 0; i--) tokens.push(")");
    if (link.operator) tokens.push(link.operator.toUpperCase() as Token);
    link = link.right as typeof link;
  }
  return tokens;
}

/** Compiles one comparison with literals. */
export function compileComparison<Item>(
  operand: Operand<Item>,
  condition: AnyCondition,
  text: QueryText,
  now: number,
): Predicate<Item> {
  const operator = condition.operator.toUpperCase().replace("<>", "!=");
  const literals = literalsOf(condition);
  const negated = { "!=": "=", "NOT IN": "IN", "EXCLUDES": "INCLUDES" }[operator];
  if (negated) {
    const positive = compileComparison(operand, { ...condition, operator: negated }, text, now);
    return (item) => !positive(item);
  }
  if (operator === "IN") {
    const tests = literals.map((literal) => compileTest(operand, "=", literal, text, now));
    const exact = exactTexts(operand, literals);
    if (exact) return (item) => exact.has(textKey(operand.read(item)));
    return (item) => tests.some((test) => test(operand.read(item)));
  }
  if (operator === "INCLUDES") return compileIncludes(operand, literals, text);
  if (Array.isArray(condition.value)) {
    throw text.errorAt("(", "MALFORMED_QUERY", "unexpected token: '('", condition.operator);
  }
  const test = compileTest(operand, operator, literals[0]!, text, now);
  return (item) => test(operand.read(item));
}

interface Literal {
  type: string;
  raw: string;
  count: number;
}

function literalsOf(condition: AnyCondition): Literal[] {
  return [condition.value ?? "NULL"].flat().map((raw, i) => ({
    raw,
    type: [condition.literalType ?? "NULL"].flat()[i] ?? [condition.literalType].flat()[0]!,
    count: [condition.dateLiteralVariable ?? 0].flat()[i] ?? 0,
  }));
}

/** A long list of texts is looked up rather than walked. */
function exactTexts<Item>(operand: Operand<Item>, literals: Literal[]): Set<string> | undefined {
  const plain = isText(operand) && !isIdType(operand.type);
  if (!plain || literals.some(({ type }) => type !== "STRING")) return undefined;
  return new Set(literals.map(({ raw }) => unquote(raw).toLowerCase()));
}

function textKey(value: Value): string {
  return value === null ? "" : String(value).toLowerCase();
}

function compileTest<Item>(
  operand: Operand<Item>,
  operator: string,
  literal: Literal,
  text: QueryText,
  now: number,
): Predicate<Value> {
  if (literal.type === "NULL") {
    return operator === "=" ? (value) => value === null || value === "" : () => false;
  }
  const { type } = operand;
  if (isText(operand)) return textTest(operand, operator, literal, text);
  if (operator === "LIKE") {
    throw text.errorAt(operand.name, "INVALID_FIELD", "invalid operator", "WHERE");
  }
  if (type === "boolean") {
    if (literal.type !== "BOOLEAN") throw wrongType(operand, text);
    const wanted = literal.raw.toUpperCase() === "TRUE";
    return (value) => value === wanted;
  }
  if (type === "date" || type === "datetime") {
    return spanTest(operator, spanOf(operand, literal, text, now), type);
  }
  if (!/^(INTEGER|DECIMAL)/.test(literal.type)) throw wrongType(operand, text);
  return ordered(
    operator,
    Number(literal.raw.replace(/^[A-Z]{3}/i, "")),
    (value) => value as number,
  );
}

function ordered<Key extends string | number>(
  operator: string,
  wanted: Key,
  keyOf: (value: Value) => Key,
): Predicate<Value> {
  const compare = {
    "=": (key: Key) => key === wanted,
    "<": (key: Key) => key < wanted,
    "<=": (key: Key) => key <= wanted,
    ">": (key: Key) => key > wanted,
    ">=": (key: Key) => key >= wanted,
  }[operator]!;
  return (value) => value !== null && compare(keyOf(value));
}

function isIdType(type: Field["type"]): boolean {
  return type === "id" || type === "reference";
}

function textTest<Item>(
  operand: Operand<Item>,
  operator: string,
  literal: Literal,
  text: QueryText,
): Predicate<Value> {
  if (literal.type !== "STRING") throw wrongType(operand, text);
  if (operator === "LIKE") {
    if (isIdType(operand.type)) {
      throw text.errorAt(operand.name, "INVALID_FIELD", "invalid operator on id field", "WHERE");
    }
    const pattern = likePattern(literal.raw.slice(1, -1));
    return (value) => value !== null && pattern.test(String(value));
  }
  const wanted = unquote(literal.raw);
  if (isIdType(operand.type)) {
    if (wanted === "") return (value) => operator === "=" && value === null;
    if (!isId(wanted)) {
      const problem = `invalid ID field: ${wanted}`;
      throw text.errorAt(operand.name, "INVALID_QUERY_FILTER_OPERATOR", problem, "WHERE");
    }
    return ordered(operator, wanted.slice(0, 15), (value) => String(value).slice(0, 15));
  }
  if (wanted === "" && operator === "=") return (value) => value === null || value === "";
  return ordered(operator, wanted.toLowerCase(), textKey);
}

function likePattern(quoted: string): RegExp {
  const source = quoted.replace(/\\(.)|[%_]|[^]/g, (token, escaped?: string) => {
    if (token === "%") return "[^]*";
    if (token === "_") return "[^]";
    const literal = escaped === undefined || /[%_]/.test(escaped)
      ? escaped ?? token
      : unescape(token);
    return literal.replace(/[.*+?^${}()|[\]\\/-]/, "\\$&");
  });
  return new RegExp(`^${source}$`, "i");
}

function compileIncludes<Item>(
  operand: Operand<Item>,
  literals: Literal[],
  text: QueryText,
): Predicate<Item> {
  if (operand.type !== "multipicklist") {
    const problem = "includes or excludes operator only valid on multipicklist field";
    throw text.errorAt(operand.name, "INVALID_FIELD", problem, "WHERE");
  }
  // 'A;B' asks for both, a list of literals for any of them.
  const wanted = literals.map(({ raw }) => unquote(raw).toLowerCase().split(";"));
  return (item) => {
    const chosen = textKey(operand.read(item)).split(";");
    return wanted.some((all) => all.every((each) => chosen.includes(each)));
  };
}

function spanOf<Item>(
  operand: Operand<Item>,
  literal: Literal,
  text: QueryText,
  now: number,
): Span {
  const { type, raw, count } = literal;
  const span = type === "DATE_LITERAL"
    ? literalSpan(raw, now)
    : type === "DATE_N_LITERAL"
    ? countedSpan(raw, count, now)
    : type === "DATE" && operand.type === "date"
    ? daySpan(raw)
    : type === "DATETIME" && operand.type === "datetime"
    ? momentSpan(raw)
    : undefined;
  if (!span || Number.isNaN(span[0])) throw wrongType(operand, text);
  return span;
}

function daySpan(day: string): Span {
  const start = Date.parse(day);
  return [start, start + 86_400_000];
}

function momentSpan(datetime: string): Span {
  const start = Date.parse(datetime);
  return [start, start + 1];
}

function spanTest(operator: string, span: Span, type: "date" | "datetime"): Predicate<Value> {
  const write = (ms: number) => type === "date" ? datetimeOf(ms).slice(0, 10) : datetimeOf(ms);
  const [start, end] = [write(span[0]), write(span[1])];
  if (operator === "=") return (value) => value !== null && value >= start && value < end;
  const bound = operator === "<" || operator === ">=" ? start : end;
  const toBound: Record<string, string> = { "<": "<", "<=": "<", ">": ">=", ">=": ">=" };
  return ordered(toBound[operator]!, bound, (value) => String(value));
}

function wrongType<Item>({ name, type }: Operand<Item>, text: QueryText): Error {
  const soapTypes: Partial<Record<Field["type"], string>> = {
    currency: "double",
    percent: "double",
    datetime: "dateTime",
  };
  const [wanted, quotes] = isText({ type })
    ? ["string", "should be"]
    : [soapTypes[type] ?? type, "should not be"];
  const message = `value of filter criterion for field '${name}' must be of type ${wanted} and ` +
    `${quotes} enclosed in quotes`;
  return text.errorAt(name, "INVALID_FIELD", message, "WHERE");
}

/** The text that a literal in quotes stands for. */
export function unquote(raw: string): string {
  return raw.slice(1, -1).replace(/\\(?:u[0-9a-f]{4}|.)/gi, unescape);
}

function unescape(sequence: string): string {
  if (/^\\u/i.test(sequence)) return String.fromCharCode(parseInt(sequence.slice(2), 16));
  const letter = sequence[1]!;
  if (!/[nrtbf"'\\_%]/i.test(letter)) {
    const message = `Invalid string literal. Illegal character sequence '${sequence}' in string ` +
      "literal";
    throw refusal(400, "MALFORMED_QUERY", message);
  }
  return { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" }[letter.toLowerCase()] ?? letter;
}
