/**
 * Looking through a text with quotes and brackets in it, without parsing the language it is in.
 */

/** A character outside of quotes, and how deep in brackets it stands; an opening bracket is inside of itself. */
export interface Mark {
  index: number;
  char: string;
  depth: number;
}

/** Follows quotes, brackets and, where asked, the comments of JavaScript and Apex; a text may come in pieces. */
export class Scanner {
  /** Brackets open by now. */
  depth = 0;
  /** The quote open by now. */
  quote: string | undefined;
  #quotes: string;
  #comments: boolean;
  #comment: string | undefined;

  constructor(quotes: string = `'"`, comments: boolean = false) {
    this.#quotes = quotes;
    this.#comments = comments;
  }

  /** Whether a statement may end here. */
  get balanced(): boolean {
    return this.depth <= 0 && !this.quote;
  }

  /** Goes over the next piece and tells of every character outside of quotes and comments. */
  feed(text: string, found: (mark: Mark) => void = () => {}): this {
    for (let index = 0; index < text.length; index++) {
      const char = text[index]!;
      const two = char + (text[index + 1] ?? "");
      if (this.#comment) {
        if (this.#comment === "\n" ? char === "\n" : two === "*/") this.#comment = undefined;
      } else if (this.quote) {
        if (char === "\\") index++;
        else if (char === this.quote) this.quote = undefined;
      } else if (this.#comments && (two === "//" || two === "/*")) {
        this.#comment = two === "//" ? "\n" : "*/";
        index++;
      } else if (this.#quotes.includes(char)) {
        this.quote = char;
      } else {
        if ("([{".includes(char)) this.depth++;
        found({ index, char, depth: this.depth });
        if (")]}".includes(char)) this.depth--;
      }
    }
    return this;
  }
}

/** All characters outside of quotes and comments. */
export function scan(text: string, quotes?: string, comments?: boolean): Mark[] {
  const marks: Mark[] = [];
  new Scanner(quotes, comments).feed(text, (mark) => marks.push(mark));
  return marks;
}
