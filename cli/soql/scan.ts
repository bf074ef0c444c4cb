/**
 * The one reader of SOQL and SOSL text: words, literals, brackets and comments, without parsing the grammar. Columns,
 * completeness, completion and `> file` are all decided from its tokens.
 */

/** A piece of a statement. White space is left out. */
export interface Token {
  /**
   * - `word`: a name, keyword, number, date or date literal
   * - `text`: a literal in quotes
   * - `search`: what SOSL looks for, in braces
   * - `mark`: an operator, bracket, comma or semicolon
   * - `comment`: `-- …`, `// …`, `# …` on a line of its own, or a block
   * - `command`: what follows `|`, for the shell
   */
  kind: "word" | "text" | "search" | "mark" | "comment" | "command";
  text: string;
  /** Where it begins, in characters from the start of the statement. */
  index: number;
  /** The number of brackets around it; a bracket counts itself. */
  depth: number;
}

type Open = "text" | "search" | "block" | "command";

/** What ends a construct that may run over several lines. */
const REST: Record<Exclude<Open, "command">, RegExp> = {
  text: /(?:\\[^]|[^'\\])*(?:'|(\\?$))/y,
  search: /(?:\\[^]|[^}\\])*(?:\}|(\\?$))/y,
  block: /[^]*?(?:\*\/|($))/y,
};

const SPACE = /\s+/y;
const LINE_COMMENT = /(?:--|\/\/)[^\n]*/y;
const LINE_START_COMMENT = /#[^\n]*/y;
const NUMBER_OR_DATE =
  /[-+]?\d(?:\d{3}-\d\d-\d\d(?:T[\d:.]+(?:Z|[-+]\d\d:?\d\d)?)?|[\w.]*)(?![\w.])/iy;
const WORD = /[\p{L}\p{N}_.$%](?:[\p{L}\p{N}_.$%]|-(?!-)(?=[\w]))*(?::\w+)?/uy;
const MARK = /[<>!]=|<>|>>|[^]/y;

/** Reads a statement piece by piece, such as line by line; a piece ends where a line ends. */
export class Scanner {
  /** Brackets open by now. */
  depth = 0;
  #open: Open | undefined;
  #offset = 0;
  #command = "";
  #isSearch: boolean | undefined;

  /** Whether a literal, comment or bracket is still open, so that the statement cannot end here. */
  get open(): boolean {
    if (this.#open === "command") return hasOpenQuote(this.#command);
    return this.#open !== undefined || this.depth > 0;
  }

  /** The tokens of the next piece. */
  feed(piece: string): Token[] {
    const tokens: Token[] = [];
    let at = 0;
    const take = (kind: Token["kind"], length: number): void => {
      const index = this.#offset + at;
      tokens.push({ kind, text: piece.slice(at, at + length), index, depth: this.depth });
      at += length;
    };
    const takeRest = (kind: Token["kind"], open: Exclude<Open, "command">, skip: number): void => {
      const match = matchAt(REST[open], piece, at + skip)!;
      this.#open = match[1] === undefined ? undefined : open;
      take(kind, skip + match[0].length);
    };
    while (at < piece.length) {
      if (this.#open === "command") {
        this.#command += piece.slice(at);
        take("command", piece.length - at);
      } else if (this.#open) {
        takeRest(this.#open === "block" ? "comment" : this.#open, this.#open, 0);
      } else {
        const space = matchAt(SPACE, piece, at);
        if (space) at += space[0].length;
        if (at < piece.length) this.#next(piece, at, take, takeRest);
      }
    }
    this.#offset += piece.length;
    return tokens;
  }

  #next(
    piece: string,
    at: number,
    take: (kind: Token["kind"], length: number) => void,
    takeRest: (kind: Token["kind"], open: Exclude<Open, "command">, skip: number) => void,
  ): void {
    const char = piece[at]!;
    const before = piece[at - 1] ?? "\n";
    // `out--1.csv` and `a//b.csv` are names of files.
    const comment = /[\s,;()']/.test(before) && matchAt(LINE_COMMENT, piece, at) ||
      before === "\n" && matchAt(LINE_START_COMMENT, piece, at);
    if (comment) return take("comment", comment[0].length);
    if (piece.startsWith("/*", at)) return takeRest("comment", "block", 2);
    if (char === "'") return takeRest("text", "text", 1);
    if (char === "{" && this.#isSearch) return takeRest("search", "search", 1);
    if (char === "|") {
      this.#open = "command";
      this.#command = "";
      return;
    }
    const word = matchAt(NUMBER_OR_DATE, piece, at) ?? matchAt(WORD, piece, at);
    if (word) {
      this.#isSearch ??= /^FIND$/i.test(word[0]);
      return take("word", word[0].length);
    }
    if (char === "(" || char === "[" || char === "{") this.depth++;
    take("mark", matchAt(MARK, piece, at)![0].length);
    if (char === ")" || char === "]" || char === "}") this.depth--;
  }
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | undefined {
  pattern.lastIndex = index;
  return pattern.exec(text) ?? undefined;
}

function hasOpenQuote(command: string): boolean {
  return /^(?:'[^']*'|"(?:\\[^]|[^"\\])*"|\\[^]|[^'"\\])*['"]/.test(command);
}

/** The tokens of a text. */
export function scan(text: string): Token[] {
  return new Scanner().feed(text);
}

/** Whether a literal, comment or bracket is still open at the end of a text. */
export function isOpen(text: string): boolean {
  const scanner = new Scanner();
  scanner.feed(text);
  return scanner.open;
}

/** The text without comments, and every other character where it was. */
export function withoutComments(text: string): string {
  let result = "";
  let at = 0;
  for (const { kind, text: comment, index } of scan(text)) {
    if (kind !== "comment") continue;
    result += text.slice(at, index);
    at = index + comment.length;
    const endsLine = at === text.length || text[at] === "\n";
    if (endsLine && !comment.includes("\n")) result = result.replace(/[ \t]+$/, "");
    else result += blank(comment);
  }
  return result + text.slice(at);
}

/** The statement of a text, as it is sent: no comments, no semicolon at its end. */
export function statementOf(text: string): string {
  return withoutComments(text).trim().replace(/;$/, "").trimEnd();
}

/** Whether a text is a SOSL search. */
export function isSearch(text: string): boolean {
  return /^\s*FIND\b/i.test(withoutComments(text));
}

/** The text with its literals and comments blanked out, of the same length; a literal that is still open stays. */
export function withoutLiterals(text: string): string {
  let result = text;
  for (const { kind, text: literal, index } of scan(text)) {
    const isClosed = kind === "comment" || kind === "text" && /^'(\\[^]|[^'\\])*'$/.test(literal);
    if (!isClosed) continue;
    const filler = kind === "comment" ? blank(literal) : "x".repeat(literal.length);
    result = result.slice(0, index) + filler + result.slice(index + literal.length);
  }
  return result;
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/**
 * The outline of a statement, for patterns that ask what follows what: comments left out, literals as `''`, brackets
 * with what they hold as `()`, one space between all of them.
 */
export function outline(tokens: Token[]): string {
  const words: string[] = [];
  for (const { kind, text, depth } of tokens) {
    if (kind === "comment" || depth > 1) continue;
    if (depth === 1) {
      if (text === "(") words.push("()");
    } else words.push(kind === "text" ? "''" : kind === "search" ? "{}" : text);
  }
  return words.join(" ");
}
