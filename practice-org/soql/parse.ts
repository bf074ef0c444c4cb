/**
 * The grammar of SOQL. Turns text into a {@linkcode Query} in which every part has its position.
 * Syntax errors are reported here; names are resolved elsewhere.
 *
 * @module
 */
import { type ApiError, refusal } from "../errors.ts";
import { DATE_FUNCTIONS, isDateLiteral } from "./dates.ts";
import type { StatementText } from "./text.ts";
import { type Token, tokenize } from "./tokens.ts";

/** A name, or several names joined by dots: `Account.Owner.Name`. */
export interface Path {
  type: "path";
  text: string;
  at: number;
}

/** A function call: `FORMAT(convertCurrency(Amount))`. */
export interface Call {
  type: "call";
  /** The name of the function, in upper case. */
  name: string;
  args: (Expression | Literal)[];
  /** The call as the statement spells it. */
  text: string;
  at: number;
}

export type Expression = Path | Call;

/** A value in a statement. */
export interface Literal {
  type: "string" | "number" | "boolean" | "null" | "date" | "datetime" | "dateLiteral";
  text: string;
  at: number;
}

/** A single word, such as an alias. */
export interface Word {
  text: string;
  at: number;
}

/** An item of a SELECT list. */
export type Selected =
  | { type: "expression"; expression: Expression; alias?: Word }
  | { type: "children"; query: Query }
  | TypeOf;

/** `TYPEOF What WHEN Account THEN Phone ELSE Name END` */
export interface TypeOf {
  type: "typeof";
  relationship: Path;
  whens: { object: Word; fields: Path[] }[];
  otherwise: Path[];
}

/** A condition of WHERE or HAVING. */
export type Condition =
  | { type: "and" | "or"; terms: Condition[] }
  | { type: "not"; term: Condition }
  | Comparison;

/** A single comparison. */
export interface Comparison {
  type: "comparison";
  left: Expression;
  operator: "=" | "!=" | "<" | "<=" | ">" | ">=" | "LIKE" | SetOperator;
  /** A literal, a list of literals in parentheses, or a subquery. */
  right: Literal | Literal[] | Query;
}

export type SetOperator = "IN" | "NOT IN" | "INCLUDES" | "EXCLUDES";

/** An item of ORDER BY. */
export interface Ordering {
  expression: Expression;
  descending: boolean;
  nullsLast: boolean;
}

/** The clauses that follow the object in a statement. */
export interface Clauses {
  scope?: Word;
  where?: Condition;
  dataCategory?: boolean;
  groupBy?: { items: Expression[]; subtotals?: "ROLLUP" | "CUBE" };
  having?: Condition;
  orderBy?: Ordering[];
  limit?: number;
  offset?: { count: number; at: number };
}

/** A SELECT statement or a subquery. */
export interface Query extends Clauses {
  type: "query";
  select: Selected[];
  from: Path;
  /** Aliases of the object and of its parents, such as `c` and `a` in `FROM Contact c, c.Account a`. */
  aliases: { alias: Word; path: string }[];
}

const AGGREGATES = ["AVG", "COUNT", "COUNT_DISTINCT", "MAX", "MIN", "SUM"];
const FUNCTIONS = new Set([
  ...AGGREGATES,
  ...Object.keys(DATE_FUNCTIONS),
  "CONVERTCURRENCY",
  "CONVERTTIMEZONE",
  "DISTANCE",
  "FIELDS",
  "FORMAT",
  "GROUPING",
  "TOLABEL",
]);
/** Functions allowed in a condition. Salesforce does not filter by formatted or converted values. */
const FILTER_FUNCTIONS = new Set([
  ...AGGREGATES,
  ...Object.keys(DATE_FUNCTIONS),
  "DISTANCE",
  "GROUPING",
  "TOLABEL",
]);
/** Words that cannot be names or aliases. */
const RESERVED = new Set(
  "AND ASC DESC EXCLUDES FIRST FROM HAVING IN INCLUDES LAST LIKE LIMIT NOT NULL NULLS OR SELECT USING WHERE WITH"
    .split(" "),
);
const COMPARISONS = ["=", "!=", "<>", "<", "<=", ">", ">="];
/** The longest SOQL or SOSL statement that Salesforce accepts, in characters. */
export const LONGEST_STATEMENT = 100_000;
/** Each level of parentheses uses stack space. */
export const DEEPEST_NESTING = 100;

/**
 * Parses a SOQL statement.
 *
 * @throws {ApiError} MALFORMED_QUERY if the syntax is wrong.
 */
export function parseQuery(statement: StatementText): Query {
  if (statement.text.length > LONGEST_STATEMENT) {
    const message = `SOQL statements cannot be longer than ${LONGEST_STATEMENT} characters.`;
    throw refusal(400, "MALFORMED_QUERY", message);
  }
  const parser = new Parser(statement);
  const query = parser.query();
  parser.end();
  return query;
}

/** Parses a statement from left to right. */
export class Parser {
  readonly #statement: StatementText;
  readonly #tokens: Token[];
  #next = 0;
  #depth = 0;

  constructor(statement: StatementText, start = 0) {
    this.#statement = statement;
    this.#tokens = tokenize(statement, start);
  }

  /** Parses `SELECT … FROM …` with all its clauses. */
  query(): Query {
    this.expect("SELECT");
    return this.#nested(() => {
      const select = this.selectList();
      this.expect("FROM");
      const from = this.path();
      const aliases = this.#aliases(from);
      return { type: "query", select, from, aliases, ...this.clauses() };
    });
  }

  /** Checks that the statement ends here. */
  end(): void {
    if (this.peek().kind === "end") return;
    if (this.#at("ALL", "ROWS")) {
      throw this.#statement.syntaxError(this.peek().at, "ALL ROWS not allowed in this context");
    }
    throw this.unexpected();
  }

  // SELECT and FROM

  /** Parses fields, functions and subqueries separated by commas, or COUNT() alone. */
  selectList(): Selected[] {
    if (!this.#at("COUNT", "(", ")")) {
      return [this.#selected(), ...this.#more(() => this.#selected())];
    }
    const { at } = this.peek();
    const text = this.#statement.text.slice(at, this.peek(2).at + 1);
    this.#next += 3;
    this.#optionalAlias();
    return [{
      type: "expression",
      expression: { type: "call", name: "COUNT", args: [], text, at },
    }];
  }

  #selected(): Selected {
    if (this.#at("TYPEOF") && this.peek(1).kind === "word") return this.#typeOf();
    if (this.peek().text === "(") {
      this.expect("(");
      const query = this.query();
      this.expect(")");
      return { type: "children", query };
    }
    const expression = this.expression();
    const alias = this.#optionalAlias();
    return { type: "expression", expression, ...(alias && { alias }) };
  }

  #typeOf(): TypeOf {
    this.expect("TYPEOF");
    const relationship = this.path();
    const whens: TypeOf["whens"] = [];
    do {
      this.expect("WHEN");
      const object = this.#name();
      this.expect("THEN");
      whens.push({ object, fields: this.#paths() });
    } while (this.#at("WHEN"));
    const otherwise = this.accept("ELSE") ? this.#paths() : [];
    this.expect("END");
    return { type: "typeof", relationship, whens, otherwise };
  }

  #paths(): Path[] {
    return [this.path(), ...this.#more(() => this.path())];
  }

  #aliases(from: Path): Query["aliases"] {
    const aliases: Query["aliases"] = [];
    const alias = this.#optionalAlias();
    if (alias) aliases.push({ alias, path: "" });
    while (this.accept(",")) {
      const { text } = this.path();
      const name = this.#name();
      aliases.push({ alias: name, path: this.#parentPath(text, from, aliases) });
    }
    return aliases;
  }

  /** Returns the path from the object to a parent in FROM: `c.Account` is `Account` if `c` is the object. */
  #parentPath(text: string, from: Path, aliases: Query["aliases"]): string {
    const [first = "", ...rest] = text.split(".");
    const known = aliases.find(({ alias }) => alias.text.toLowerCase() === first.toLowerCase());
    if (known) return [known.path, ...rest].filter(Boolean).join(".");
    return first.toLowerCase() === from.text.toLowerCase() ? rest.join(".") : text;
  }

  #optionalAlias(): Word | undefined {
    const token = this.peek();
    if (token.kind !== "word" || this.#beginsClause()) return undefined;
    return this.#name();
  }

  /** Whether the next word starts a clause. OFFSET, GROUP and ORDER can also be names. */
  #beginsClause(): boolean {
    const word = this.peek().text.toUpperCase();
    if (RESERVED.has(word)) return true;
    if (word === "GROUP" || word === "ORDER") return this.#at(word, "BY");
    if (word === "OFFSET") return this.peek(1).kind === "number";
    if (word === "ALL") return this.#at("ALL", "ROWS");
    return ["FOR", "UPDATE", "WHEN", "THEN", "ELSE", "END"].includes(word);
  }

  // Clauses

  /** Parses everything that can follow the object. */
  clauses(): Clauses {
    const clauses: Clauses = {};
    if (this.accept("USING")) {
      this.expect("SCOPE");
      clauses.scope = this.#name();
    }
    if (this.accept("WHERE")) clauses.where = this.condition();
    while (this.#at("WITH")) this.#with(clauses);
    if (this.#at("GROUP", "BY")) {
      clauses.groupBy = this.#groupBy();
      if (this.accept("HAVING")) clauses.having = this.condition();
    }
    Object.assign(clauses, this.orderAndLimit());
    if (this.accept("FOR")) this.#oneOf(["VIEW", "REFERENCE", "UPDATE"]);
    if (this.accept("UPDATE")) this.#oneOf(["TRACKING", "VIEWSTAT"]);
    return clauses;
  }

  /** Parses ORDER BY, LIMIT and OFFSET. */
  orderAndLimit(): Pick<Clauses, "orderBy" | "limit" | "offset"> {
    const clauses: Pick<Clauses, "orderBy" | "limit" | "offset"> = {};
    if (this.#at("ORDER", "BY")) {
      this.#next += 2;
      clauses.orderBy = [this.#ordering(), ...this.#more(() => this.#ordering())];
    }
    if (this.accept("LIMIT")) clauses.limit = this.count();
    const { at } = this.peek();
    if (this.accept("OFFSET")) clauses.offset = { count: this.count(), at };
    return clauses;
  }

  #with(clauses: Clauses): void {
    this.expect("WITH");
    if (this.accept("DATA")) {
      this.expect("CATEGORY");
      clauses.dataCategory = true;
      do this.#dataCategory(); while (this.accept("AND"));
    } else this.#oneOf(["SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"], false);
  }

  #dataCategory(): void {
    this.#name();
    this.#oneOf(["AT", "ABOVE", "BELOW", "ABOVE_OR_BELOW"], false);
    if (!this.accept("(")) {
      this.#name();
      return;
    }
    this.#name();
    this.#more(() => this.#name());
    this.expect(")");
  }

  #oneOf(words: string[], several = true): void {
    if (!words.some((word) => this.accept(word))) throw this.unexpected();
    if (several && this.accept(",")) this.#oneOf(words);
  }

  #groupBy(): NonNullable<Clauses["groupBy"]> {
    this.#next += 2;
    for (const subtotals of ["ROLLUP", "CUBE"] as const) {
      if (!this.#at(subtotals, "(")) continue;
      this.#next += 2;
      const items = [this.expression(), ...this.#more(() => this.expression())];
      this.expect(")");
      return { items, subtotals };
    }
    return { items: [this.expression(), ...this.#more(() => this.expression())] };
  }

  #ordering(): Ordering {
    const expression = this.expression();
    const descending = !this.accept("ASC") && this.accept("DESC");
    let nullsLast = false;
    if (this.accept("NULLS")) {
      nullsLast = this.accept("LAST");
      if (!nullsLast) this.expect("FIRST");
    }
    return { expression, descending, nullsLast };
  }

  /** Parses a number of records. */
  count(): number {
    if (this.peek().kind !== "number" || !/^\d+$/.test(this.peek().text)) throw this.unexpected();
    return Number(this.#advance().text);
  }

  // Conditions

  /**
   * Parses comparisons joined by AND, comparisons joined by OR, or NOT and one term. SOQL has no
   * operator precedence: a mixture needs parentheses.
   */
  condition(): Condition {
    if (this.accept("NOT")) return { type: "not", term: this.#term() };
    const terms = [this.#term()];
    const operator = this.peek().text.toUpperCase();
    if (operator !== "AND" && operator !== "OR") return terms[0]!;
    while (this.accept(operator)) terms.push(this.#term());
    if (this.#at("AND") || this.#at("OR")) throw this.unexpected();
    return { type: operator === "AND" ? "and" : "or", terms };
  }

  #term(): Condition {
    if (this.peek().text !== "(") return this.#comparison();
    return this.#nested(() => {
      this.expect("(");
      const condition = this.condition();
      this.expect(")");
      return condition;
    });
  }

  #comparison(): Comparison {
    const left = this.expression(FILTER_FUNCTIONS);
    const setOperator = this.#setOperator();
    if (setOperator) {
      return { type: "comparison", left, operator: setOperator, right: this.#set(setOperator) };
    }
    const operator = this.peek().text;
    if (this.accept("LIKE")) {
      return { type: "comparison", left, operator: "LIKE", right: this.literal() };
    }
    if (!COMPARISONS.includes(operator)) throw this.unexpected();
    this.#advance();
    const comparison = (operator === "<>" ? "!=" : operator) as Comparison["operator"];
    return { type: "comparison", left, operator: comparison, right: this.literal() };
  }

  #setOperator(): SetOperator | undefined {
    if (this.#at("NOT", "IN")) {
      this.#next += 2;
      return "NOT IN";
    }
    return (["IN", "INCLUDES", "EXCLUDES"] as const).find((word) => this.accept(word));
  }

  #set(operator: SetOperator): Literal[] | Query {
    this.#refuseBindVariable();
    this.expect("(");
    const right = this.#at("SELECT") && operator.endsWith("IN")
      ? this.query()
      : [this.literal(), ...this.#more(() => this.literal())];
    this.expect(")");
    return right;
  }

  /** Parses a value. */
  literal(): Literal {
    this.#refuseBindVariable();
    const { kind, text, at } = this.peek();
    if (kind === "string" || kind === "number" || kind === "date" || kind === "datetime") {
      this.#advance();
      return { type: kind, text, at };
    }
    if (kind !== "word") throw this.unexpected();
    if (/^null$/i.test(text)) return this.#word("null");
    if (/^(true|false)$/i.test(text)) return this.#word("boolean");
    if (/^[a-z]{3}\d*$/i.test(text)) return this.#currency();
    const count = this.peek(1).text === ":" ? this.peek(2) : undefined;
    if (!isDateLiteral(text, count?.text)) throw this.unexpected();
    this.#next += count ? 3 : 1;
    return { type: "dateLiteral", text: count ? `${text}:${count.text}` : text, at };
  }

  #word(type: Literal["type"]): Literal {
    const { text, at } = this.#advance();
    return { type, text, at };
  }

  /** Parses `USD5000`, `EUR12.50`, `GBP-3`. The org has one currency, so only the number matters. */
  #currency(): Literal {
    const { text, at } = this.peek();
    const rest = this.peek(1);
    const goesOn = rest.kind === "number" && rest.at === at + text.length;
    const number = text.slice(3) + (goesOn ? rest.text : "");
    if (!/^-?\d+(\.\d+)?$/.test(number)) throw this.unexpected();
    this.#next += goesOn ? 2 : 1;
    return { type: "number", text: number, at };
  }

  #refuseBindVariable(): void {
    if (this.peek().text !== ":") return;
    throw this.#statement.syntaxError(this.peek().at, "Bind variables only allowed in Apex code");
  }

  // Names and functions

  /** Parses a path or a function call. */
  expression(functions = FUNCTIONS): Expression {
    const token = this.peek();
    const name = token.text.toUpperCase();
    if (this.peek(1).text !== "(" || RESERVED.has(name)) return this.path();
    if (token.kind !== "word" || !functions.has(name)) throw this.unexpected(1);
    return this.#nested(() => {
      this.#next += 2;
      const args = this.#arguments(name);
      const close = this.expect(")");
      const text = this.#statement.text.slice(token.at, close.at + 1);
      return { type: "call", name, args, text, at: token.at };
    });
  }

  #arguments(name: string): Call["args"] {
    if (name === "DISTANCE") return this.#distance();
    const args = [this.expression()];
    if (name === "COUNT") args.push(...this.#more(() => this.expression()));
    return args;
  }

  /** Parses the arguments of `DISTANCE(BillingAddress, GEOLOCATION(37.8, -122.4), 'mi')`. */
  #distance(): Call["args"] {
    const from = this.path();
    this.expect(",");
    const to = this.#at("GEOLOCATION", "(") ? this.#geolocation() : this.path();
    this.expect(",");
    if (!/^'(mi|km)'$/i.test(this.peek().text)) throw this.unexpected();
    return [from, to, this.literal()];
  }

  #geolocation(): Call {
    const { at } = this.peek();
    this.#next += 2;
    const latitude = this.#number();
    this.expect(",");
    const longitude = this.#number();
    const close = this.expect(")");
    const text = this.#statement.text.slice(at, close.at + 1);
    return { type: "call", name: "GEOLOCATION", args: [latitude, longitude], text, at };
  }

  #number(): Literal {
    if (this.peek().kind !== "number") throw this.unexpected();
    return this.literal();
  }

  /** Parses a name, or several names joined by dots. */
  path(): Path {
    const { text, at } = this.#name();
    const names = [text];
    while (this.accept(".")) names.push(this.#name().text);
    return { type: "path", text: names.join("."), at };
  }

  #name(): Word {
    const { kind, text, at } = this.peek();
    const isKeyword = RESERVED.has(text.toUpperCase()) || this.#at("GROUP", "BY") ||
      this.#at("ORDER", "BY");
    if (kind !== "word" || isKeyword) throw this.unexpected();
    this.#advance();
    return { text, at };
  }

  // Tokens

  /** Returns the next token, or the one that many after it. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  /** Consumes the next token if it is this word or symbol. */
  accept(word: string): boolean {
    if (!this.#at(word)) return false;
    this.#advance();
    return true;
  }

  /** Consumes the next token, which must be this word or symbol. */
  expect(word: string): Token {
    if (!this.#at(word)) throw this.unexpected();
    return this.#advance();
  }

  /** Returns a syntax error at the next token, or at the one that many after it. */
  unexpected(ahead = 0): ApiError {
    const { text, at } = this.peek(ahead);
    return this.#statement.syntaxError(at, `unexpected token: '${text}'`);
  }

  #advance(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }

  #at(...words: string[]): boolean {
    return words.every((word, ahead) => this.peek(ahead).text.toUpperCase() === word);
  }

  #more<Item>(read: () => Item): Item[] {
    const items: Item[] = [];
    while (this.accept(",")) items.push(read());
    return items;
  }

  /** Limits how deeply a statement can nest. */
  #nested<Part>(read: () => Part): Part {
    if (++this.#depth > DEEPEST_NESTING) {
      const message = "Query is either selecting too many fields or the filter conditions are " +
        "too complicated.";
      throw refusal(400, "QUERY_TOO_COMPLICATED", message);
    }
    const part = read();
    this.#depth--;
    return part;
  }
}

/** Whether an expression is COUNT() without a field. */
export function isCount(expression: Expression): boolean {
  return expression.type === "call" && expression.name === "COUNT" && !expression.args.length;
}

/** Whether an expression is, or contains, an aggregate function. */
export function isAggregate(expression: Expression): boolean {
  if (expression.type === "path") return false;
  if (AGGREGATES.includes(expression.name)) return true;
  return expression.args.some((arg) => arg.type === "call" && isAggregate(arg));
}
