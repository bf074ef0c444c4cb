/**
 * Anonymous Apex, as far as a practice org needs it: what compiles compiles, what does not is told
 * with its line and column, `throw` throws, and `System.debug` of a literal is noted. Nothing else is executed.
 *
 * @module
 */

/** The body of `/tooling/executeAnonymous`. */
export interface ApexResult {
  line: number;
  column: number;
  compiled: boolean;
  success: boolean;
  compileProblem: string | null;
  exceptionStackTrace: string | null;
  exceptionMessage: string | null;
}

/** A literal that was written to the debug log. */
export interface Debugged {
  line: number;
  text: string;
}

/** What became of a piece of Apex, and what it wrote to the debug log. */
export interface ApexRun {
  result: ApexResult;
  debugged: Debugged[];
}

interface Token {
  text: string;
  line: number;
  column: number;
}

const TOKEN =
  /\s+|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|'(?:\\.|[^'\\\n])*'?|\[|\]|[\p{L}_$][\w$]*|\d[\w.]*|[+\-*/%=!<>&|?:]+|[^]/gu;
const STRING = /^'(?:\\.|[^'\\\n])*'$/;
const CLOSING: Record<string, string> = { "(": ")", "[": "]", "{": "}" };
const OPERATOR = /^[+\-*/%=!<>&|?:.,]+$/;

/** Compiles and, where it throws, runs a piece of Apex. */
export function executeAnonymous(source: string): ApexRun {
  const tokens = tokenize(source);
  const result = resultOf(tokens, source);
  const end = result.success
    ? tokens.length
    : tokens.findIndex(({ text }) => isWord(text, "throw"));
  return { result, debugged: result.compiled ? debuggedIn(tokens.slice(0, end)) : [] };
}

function resultOf(tokens: Token[], source: string): ApexResult {
  const problem = problemIn(tokens, source);
  if (problem) {
    const { text, line, column } = problem;
    return result({ line, column, compiled: false, success: false, compileProblem: text });
  }
  const thrown = tokens.findIndex(({ text }) => isWord(text, "throw"));
  if (thrown < 0 || tokens.some(({ text }) => isWord(text, "catch"))) return result({});
  const { line, column } = tokens[thrown]!;
  return result({
    line,
    column,
    success: false,
    exceptionMessage: exceptionOf(tokens.slice(thrown + 1)),
    exceptionStackTrace: `AnonymousBlock: line ${line}, column ${column}`,
  });
}

function isWord(text: string, word: string): boolean {
  return text.toLowerCase() === word;
}

/** The literals in `System.debug('…')`. */
function debuggedIn(tokens: Token[]): Debugged[] {
  return tokens.flatMap(({ text, line }, i) => {
    const [dot, debug, open, literal, close] = tokens.slice(i + 1, i + 6).map((each) => each.text);
    const isCall = isWord(text, "system") && dot === "." && isWord(debug ?? "", "debug") &&
      open === "(" && close === ")" && STRING.test(literal ?? "");
    return isCall ? [{ line, text: literal!.slice(1, -1).replace(/\\(.)/g, "$1") }] : [];
  });
}

function result(changes: Partial<ApexResult>): ApexResult {
  return {
    line: -1,
    column: -1,
    compiled: true,
    success: true,
    compileProblem: null,
    exceptionStackTrace: null,
    exceptionMessage: null,
    ...changes,
  };
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let [line, column] = [1, 1];
  for (const [text] of source.matchAll(TOKEN)) {
    const isLeftOut = /^(?:\s|\/\/)/.test(text) || (text.startsWith("/*") && text.endsWith("*/"));
    if (!isLeftOut) tokens.push({ text, line, column });
    const lines = text.split("\n");
    line += lines.length - 1;
    column = lines.length > 1 ? lines.at(-1)!.length + 1 : column + text.length;
  }
  return tokens;
}

/** The first thing that no compiler would take; its text is the message. */
function problemIn(tokens: Token[], source: string): Token | undefined {
  const open: { text: string; before: string }[] = [];
  for (const [i, token] of tokens.entries()) {
    const { text } = token;
    const previous = tokens[i - 1];
    if (text.startsWith("'") && !STRING.test(text)) {
      return {
        ...token,
        text: "Illegal string literal: Line breaks not allowed in string literals",
      };
    }
    if (text.startsWith("/*")) return { ...token, text: "Unexpected token '/'." };
    if (/^["#@`\\]$/.test(text) && text !== "@") {
      return { ...token, text: `Unrecognized symbol '${text}'` };
    }
    if (previous && startsStatement(previous, token)) {
      return { ...token, text: `Missing ';' at '${text}'` };
    }
    if (text in CLOSING) open.push({ text, before: previous?.text ?? "" });
    if (Object.values(CLOSING).includes(text)) {
      const opened = open.pop();
      if (!opened || CLOSING[opened.text] !== text) {
        return { ...token, text: `Unexpected token '${text}'.` };
      }
      if (
        text === "}" && previous && !/^[;{}]$/.test(previous.text) &&
        !isLiteralBlock(opened)
      ) {
        return { ...token, text: `Missing ';' at '}'` };
      }
    }
    if (
      text === ";" && previous && OPERATOR.test(previous.text) && !/^(\+\+|--)$/.test(previous.text)
    ) {
      return { ...token, text: "Unexpected token ';'." };
    }
  }
  const last = tokens.at(-1);
  const end = { line: source.split("\n").length, column: source.split("\n").at(-1)!.length + 1 };
  if (open.length) return { ...end, text: `Missing '${CLOSING[open.at(-1)!.text]}' at '<EOF>'` };
  if (last && !/^[;}]$/.test(last.text)) return { ...end, text: "Missing ';' at '<EOF>'" };
  return undefined;
}

/** Two words of which the second can only begin a statement: the first one lacks its semicolon. */
function startsStatement(previous: Token, { text, line }: Token): boolean {
  const endsExpression = /^(\)|'.*'|\d[\w.]*)$/.test(previous.text);
  return endsExpression && line > previous.line && /^[\p{L}_$]/u.test(text) &&
    !/^(and|or|instanceof|else|catch|finally|from|where|in|like|limit|order|set|when)$/i.test(text);
}

/** `new List<String>{ 'a', 'b' }` holds values, not statements. */
function isLiteralBlock({ before }: { before: string }): boolean {
  return /[>\]]$/.test(before);
}

/** What `throw new MyException('no')` throws, as Salesforce words it. */
function exceptionOf(tokens: Token[]): string {
  const words = tokens.map(({ text }) => text);
  const isNew = words[0]?.toLowerCase() === "new";
  const name = words.slice(isNew ? 1 : 0, words.indexOf(isNew ? "(" : ";")).join("");
  const message = words[words.indexOf("(") + 1] ?? "";
  const qualified = name.includes(".") || !isNew ? name : `System.${name}`;
  return message.startsWith("'")
    ? `${qualified}: ${message.slice(1, -1)}`
    : `${qualified}: Script-thrown exception`;
}
