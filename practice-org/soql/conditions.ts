/**
 * Conditions of WHERE and HAVING, compiled to predicates.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import { isId } from "../ids.ts";
import { datetimeOf, isText } from "../records.ts";
import type { Field, Value } from "../schema.ts";
import { type Span, spanOfLiteral } from "./dates.ts";
import { compilePattern, fold } from "./like.ts";
import type { Comparison, Condition, Literal } from "./parse.ts";
import type { StatementText } from "./text.ts";

/** Whether a row, or a group of rows, meets a condition. */
export type Predicate<Item> = (item: Item) => boolean;

/** An expression compiled to a reader of rows, or of groups of rows. */
export interface Operand<Item> {
  read: (item: Item) => Value;
  type: Field["type"];
  /** The expression as the statement spells it. */
  name: string;
  at: number;
}

/** Compiles a condition; `compare` compiles each comparison in it. */
export function compileCondition<Item>(
  condition: Condition,
  compare: (comparison: Comparison) => Predicate<Item>,
): Predicate<Item> {
  if (condition.type === "comparison") return compare(condition);
  if (condition.type === "not") {
    const negated = compileCondition(condition.term, compare);
    return (item) => !negated(item);
  }
  const terms = condition.terms.map((term) => compileCondition(term, compare));
  return condition.type === "and"
    ? (item) => terms.every((each) => each(item))
    : (item) => terms.some((each) => each(item));
}

/** Compiles comparisons with literals. */
export class Comparer {
  readonly #statement: StatementText;
  readonly #now: number;

  constructor(statement: StatementText, now: number) {
    this.#statement = statement;
    this.#now = now;
  }

  compile<Item>(
    operand: Operand<Item>,
    operator: Comparison["operator"],
    right: Literal | Literal[],
  ): Predicate<Item> {
    const negated = { "!=": "=", "NOT IN": "IN", "EXCLUDES": "INCLUDES" } as const;
    if (operator in negated) {
      const positive = this.compile(operand, negated[operator as keyof typeof negated], right);
      return (item) => !positive(item);
    }
    const literals = [right].flat();
    if (operator === "INCLUDES") return this.#includes(operand, literals);
    if (operator === "IN") return this.#in(operand, literals);
    const test = this.#test(operand, operator, literals[0]!);
    return (item) => test(operand.read(item));
  }

  #in<Item>(operand: Operand<Item>, literals: Literal[]): Predicate<Item> {
    const tests = literals.map((literal) => this.#test(operand, "=", literal));
    const wanted = this.#texts(operand, literals);
    if (wanted) return (item) => wanted.has(textKey(operand.type, operand.read(item)));
    return (item) => {
      const value = operand.read(item);
      return tests.some((test) => test(value));
    };
  }

  /** Returns the texts as a set, which is faster than testing one after the other. */
  #texts<Item>(operand: Operand<Item>, literals: Literal[]): Set<string> | undefined {
    if (!isText(operand) || literals.some(({ type }) => type !== "string")) return undefined;
    return new Set(literals.map((literal) => textKey(operand.type, this.unquote(literal))));
  }

  #test<Item>(operand: Operand<Item>, operator: string, literal: Literal): Predicate<Value> {
    if (literal.type === "null") {
      return operator === "=" ? (value) => value === null || value === "" : () => false;
    }
    const { type } = operand;
    if (isText(operand)) return this.#textTest(operand, operator, literal);
    if (operator === "LIKE") throw this.#error(operand, "INVALID_FIELD", "invalid operator");
    if (type === "boolean") {
      if (literal.type !== "boolean") throw this.#wrongType(operand);
      const wanted = literal.text.toUpperCase() === "TRUE";
      return (value) => value === wanted;
    }
    if (type === "date" || type === "datetime") {
      return spanTest(operator, this.#spanOf(operand, literal), type);
    }
    if (literal.type !== "number") throw this.#wrongType(operand);
    return ordered(operator, Number(literal.text), (value) => value as number);
  }

  #textTest<Item>(operand: Operand<Item>, operator: string, literal: Literal): Predicate<Value> {
    if (literal.type !== "string") throw this.#wrongType(operand);
    if (operator === "LIKE") {
      if (isIdType(operand.type)) {
        throw this.#error(operand, "INVALID_FIELD", "invalid operator on id field");
      }
      const matches = compilePattern(this.#likePattern(literal));
      return (value) => value !== null && matches(fold(String(value)));
    }
    const wanted = this.unquote(literal);
    if (wanted === "" && operator === "=") return (value) => value === null || value === "";
    if (isIdType(operand.type) && !isId(wanted)) {
      throw this.#error(operand, "INVALID_QUERY_FILTER_OPERATOR", `invalid ID field: ${wanted}`);
    }
    const key = (value: Value) => textKey(operand.type, value);
    return ordered(operator, key(wanted), key);
  }

  #likePattern(literal: Literal): (string | undefined | null)[] {
    const tokens = literal.text.slice(1, -1).match(/\\u[0-9a-f]{4}|\\?[^]/gi) ?? [];
    return tokens.map((token) => {
      if (token === "%") return null;
      if (token === "_") return undefined;
      return token.length > 1 ? this.#unescape(literal, token) : token;
    });
  }

  #includes<Item>(operand: Operand<Item>, literals: Literal[]): Predicate<Item> {
    if (operand.type !== "multipicklist") {
      const problem = "includes or excludes operator only valid on multipicklist field";
      throw this.#error(operand, "INVALID_FIELD", problem);
    }
    // 'A;B' means both values, a list of literals means any of them.
    const wanted = literals.map((literal) => {
      if (literal.type === "string") return this.unquote(literal).toLowerCase().split(";");
      throw this.#wrongType(operand);
    });
    return (item) => {
      const chosen = textKey(operand.type, operand.read(item)).split(";");
      return wanted.some((all) => all.every((each) => chosen.includes(each)));
    };
  }

  #spanOf<Item>(operand: Operand<Item>, { type, text }: Literal): Span {
    const span = type === "dateLiteral"
      ? spanOfLiteral(text, this.#now)
      : type === "date" && operand.type === "date"
      ? daySpan(text)
      : type === "datetime" && operand.type === "datetime"
      ? momentSpan(text)
      : undefined;
    if (!span || span.some((time) => Number.isNaN(new Date(time).getTime()))) {
      throw this.#wrongType(operand);
    }
    return span;
  }

  /** Returns the text of a literal in quotes. */
  unquote(literal: Literal): string {
    return literal.text.slice(1, -1).replace(
      /\\(?:u[0-9a-f]{4}|[^])/gi,
      (sequence) => this.#unescape(literal, sequence),
    );
  }

  #unescape({ text }: Literal, sequence: string): string {
    if (/^\\u.{4}$/i.test(sequence)) return String.fromCharCode(parseInt(sequence.slice(2), 16));
    const letter = sequence[1]!;
    if (!/[nrtbf"'\\_%]/i.test(letter)) {
      const message = `Invalid string literal ${text}. Illegal character sequence '${sequence}' ` +
        "in string literal.";
      throw refusal(400, "MALFORMED_QUERY", message);
    }
    return { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" }[letter.toLowerCase()] ?? letter;
  }

  #wrongType<Item>(operand: Operand<Item>): Error {
    const { name, type } = operand;
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
    return this.#error(operand, "INVALID_FIELD", message);
  }

  #error<Item>({ at }: Operand<Item>, errorCode: string, message: string): Error {
    return this.#statement.errorAt(at, errorCode, message);
  }
}

/** Returns what text is compared by: text ignores case, ids are their first 15 characters. */
function textKey(type: Field["type"], value: Value): string {
  if (value === null) return "";
  return isIdType(type) ? String(value).slice(0, 15) : String(value).toLowerCase();
}

function isIdType(type: Field["type"]): boolean {
  return type === "id" || type === "reference";
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

function daySpan(day: string): Span {
  const start = Date.parse(day);
  return [start, start + 86_400_000];
}

function momentSpan(datetime: string): Span {
  // Not every runtime reads an offset without a colon.
  const start = Date.parse(datetime.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
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
