/**
 * Search terms: words and phrases with wildcards, joined by AND, OR and AND NOT.
 *
 * @module
 */
import { compilePattern, fold } from "../soql/like.ts";

/** A part of a search term. */
export type TermToken =
  | { type: "phrase"; text: string; pattern: Pattern }
  | { type: "word"; text: string; pattern: Pattern }
  | { type: "(" | ")" };

/** Characters; `undefined` matches any one character, `null` any number of characters. */
export type Pattern = (string | undefined | null)[];

/** Whether a search finds a record with these texts. */
export type TextMatcher = (texts: Text[]) => boolean;

const LETTER = /[\p{L}\p{M}\p{N}]/u;
/** Chinese and Japanese are written without spaces, so each character counts as a word. */
const WORD =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|\p{N}+|(?:(?![\p{sc=Han}\p{sc=Hira}\p{sc=Kana}])[\p{L}\p{M}])+/gu;

/** A text of a record. It is split into words only when they are needed. */
export class Text {
  readonly lower: string;
  #words: string[] | undefined;

  constructor(text: string) {
    this.lower = fold(text);
  }

  get words(): string[] {
    return this.#words ??= this.lower.match(WORD) ?? [];
  }
}

/** Returns the number of letters and digits in a term. */
export function lengthOf(tokens: TermToken[]): number {
  return tokens.reduce(
    (total, token) =>
      "pattern" in token
        ? total + token.pattern.filter((unit) => unit && LETTER.test(unit)).length
        : total,
    0,
  );
}

/** Compiles a term. AND and AND NOT bind more strongly than OR. */
export function compileTerm(tokens: TermToken[]): TextMatcher {
  let next = 0;
  const isWord = (word: string): boolean => {
    const token = tokens[next];
    return token?.type === "word" && token.text.toUpperCase() === word;
  };
  const accept = (word: string): boolean => isWord(word) && ++next > 0;

  const anyOf = (): TextMatcher => {
    const alternatives = [allOf()];
    while (accept("OR")) alternatives.push(allOf());
    return (texts) => alternatives.some((each) => each(texts));
  };
  const allOf = (): TextMatcher => {
    const parts: TextMatcher[] = [];
    while (next < tokens.length && tokens[next]!.type !== ")" && !isWord("OR")) {
      if (accept("AND")) continue;
      const isWanted = !accept("NOT");
      const part = single();
      if (part) parts.push((texts) => part(texts) === isWanted);
    }
    return (texts) => parts.length > 0 && parts.every((each) => each(texts));
  };
  const single = (): TextMatcher | undefined => {
    const token = tokens[next++];
    if (!token || token.type === ")") return undefined;
    if ("pattern" in token) return compilePhrase(token.pattern);
    const inner = anyOf();
    next++;
    return inner;
  };
  return anyOf();
}

/** Compiles a phrase, which matches consecutive words. */
function compilePhrase(pattern: Pattern): TextMatcher | undefined {
  const words = wordsOf(pattern);
  if (!words.length) return undefined;
  const matchers = words.map(compilePattern);
  // Looking for the letters between wildcards is faster than splitting every text into words.
  const literals = words.flatMap((word) => word.map((unit) => unit ?? " ").join("").split(" "))
    .filter(Boolean);
  const follows = (text: Text, start: number) =>
    matchers.every((matches, i) => {
      const word = text.words[start + i];
      return word !== undefined && matches(word);
    });
  return (texts) =>
    texts.some((text) =>
      literals.every((literal) => text.lower.includes(literal)) &&
      text.words.some((_, start) => follows(text, start))
    );
}

/** Splits a pattern into words: sequences of letters or of digits, with their wildcards. */
function wordsOf(pattern: Pattern): Pattern[] {
  const words: Pattern[] = [];
  let word: Pattern = [];
  const end = () => {
    if (word.some((unit) => unit)) words.push(word);
    word = [];
  };
  let kind = "";
  for (const unit of pattern) {
    if (!unit) {
      word.push(unit);
      continue;
    }
    const kindHere = kindOf(unit);
    if (kindHere === "other" || kindHere === "alone" || (kind && kindHere !== kind)) end();
    if (kindHere !== "other") word.push(...fold(unit));
    kind = kindHere === "letter" || kindHere === "digit" ? kindHere : "";
    if (kindHere === "alone") end();
  }
  end();
  return words;
}

function kindOf(character: string): "letter" | "digit" | "alone" | "other" {
  if (/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]/u.test(character)) return "alone";
  if (/\p{N}/u.test(character)) return "digit";
  return /[\p{L}\p{M}]/u.test(character) ? "letter" : "other";
}
