/**
 * Quotes and brackets in JSON, JavaScript and Apex: where a statement can end, without parsing the language.
 */

/** A character outside of quotes and comments, and how deep in brackets it is; a bracket counts itself. */
export interface Mark {
  index: number;
  text: string;
  depth: number;
}

/** A language, as far as its quotes and comments go. */
export type BracketLanguage = "json" | "javascript" | "words";

const QUOTES: Record<BracketLanguage, string> = {
  json: `"`,
  javascript: `'"\``,
  words: `'"`,
};

/** Follows a text piece by piece. */
export class BracketScanner {
  #depth = 0;
  #quotes: string;
  #hasComments: boolean;
  #quote: string | undefined;
  #comment: string | undefined;

  constructor(language: BracketLanguage) {
    this.#quotes = QUOTES[language];
    this.#hasComments = language === "javascript";
  }

  /** Whether a quote, bracket or block comment is still open, so that the statement cannot end here. */
  get open(): boolean {
    return this.#depth > 0 || this.#quote !== undefined || this.#comment === "*/";
  }

  /** The characters of the next piece that are outside of quotes and comments. */
  feed(text: string): Mark[] {
    const marks: Mark[] = [];
    for (let index = 0; index < text.length; index++) {
      const char = text[index]!;
      const two = char + (text[index + 1] ?? "");
      if (this.#comment) {
        if (this.#comment === "\n" ? char === "\n" : two === "*/") this.#comment = undefined;
      } else if (this.#quote) {
        if (char === "\\") index++;
        else if (char === this.#quote) this.#quote = undefined;
      } else if (this.#hasComments && (two === "//" || two === "/*")) {
        this.#comment = two === "//" ? "\n" : "*/";
        index++;
      } else if (this.#quotes.includes(char)) {
        this.#quote = char;
      } else {
        if ("([{".includes(char)) this.#depth++;
        marks.push({ index, text: char, depth: this.#depth });
        if (")]}".includes(char)) this.#depth--;
      }
    }
    return marks;
  }
}
