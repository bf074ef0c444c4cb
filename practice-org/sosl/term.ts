/**
 * Search terms: words and phrases with wildcards, joined by AND, OR and AND NOT.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import { compilePattern, fold } from "../soql/like.ts";
import { DEEPEST_NESTING } from "../soql/parse.ts";

/** A part of a search term. */
export type TermToken =
  | { type: "phrase"; text: string; pattern: Pattern }
  | { type: "word"; text: string; pattern: Pattern }
  | { type: "(" | ")" };

/** Characters; `undefined` matches any one character, `null` any number of characters. */
export type Pattern = (string | undefined | null)[];

/** Whether a search finds a record with these texts. */
export type TermMatcher = (texts: Texts) => boolean;

const LETTER = /[\p{L}\p{M}\p{N}]/u;
/** Stands between two texts of a record, so that no phrase reaches from one into the next. */
const BETWEEN = "\0";
/** Chinese and Japanese are written without spaces, so each character counts as a word. */
const WORD =
  /\0|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|\p{N}+|(?:(?![\p{sc=Han}\p{sc=Hira}\p{sc=Kana}])[\p{L}\p{M}])+/gu;

/** The texts of a record. They are split into words only when that is needed. */
export class Texts {
  /** All texts in lower case. */
  readonly lower: string;
  #words: string[] | undefined;
  #sentence: string | undefined;

  constructor(texts: string[]) {
    this.lower = fold(texts.join(BETWEEN));
  }

  get words(): string[] {
    return this.#words ??= this.lower.match(WORD) ?? [];
  }

  /** The words with a space before and after each. */
  get sentence(): string {
    return this.#sentence ??= ` ${this.words.join(" ")} `;
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

/**
 * Compiles a term. AND and AND NOT bind more strongly than OR.
 *
 * @throws {ApiError} MALFORMED_SEARCH if parentheses are nested too deeply.
 */
export function compileTerm(tokens: TermToken[]): TermMatcher {
  let next = 0;
  let depth = 0;
  const isWord = (word: string): boolean => {
    const token = tokens[next];
    return token?.type === "word" && token.text.toUpperCase() === word;
  };
  const accept = (word: string): boolean => isWord(word) && ++next > 0;

  const anyOf = (): TermMatcher => {
    const alternatives = [allOf()];
    while (accept("OR")) alternatives.push(allOf());
    return (texts) => alternatives.some((each) => each(texts));
  };
  const allOf = (): TermMatcher => {
    const parts: TermMatcher[] = [];
    while (next < tokens.length && tokens[next]!.type !== ")" && !isWord("OR")) {
      if (accept("AND")) continue;
      const isWanted = !accept("NOT");
      const part = single();
      if (part) parts.push((texts) => part(texts) === isWanted);
    }
    return (texts) => parts.length > 0 && parts.every((each) => each(texts));
  };
  const single = (): TermMatcher | undefined => {
    const token = tokens[next++];
    if (!token || token.type === ")") return undefined;
    if ("pattern" in token) return compilePhrase(token.pattern);
    if (++depth > DEEPEST_NESTING) {
      throw refusal(400, "MALFORMED_SEARCH", "The search term is too complicated.");
    }
    const inner = anyOf();
    depth--;
    next++;
    return inner;
  };
  return anyOf();
}

/** Compiles a phrase, which matches consecutive words. */
function compilePhrase(pattern: Pattern): TermMatcher | undefined {
  const words = wordsOf(pattern);
  if (!words.length) return undefined;
  // Looking for the letters between wildcards is faster than splitting every text into words.
  const literals = [
    ...new Set(
      words.flatMap((word) => word.map((unit) => unit ?? " ").join("").split(" ")).filter(Boolean),
    ),
  ];
  const mayMatch = ({ lower }: Texts) => literals.every((literal) => lower.includes(literal));
  const hasWildcards = words.some((word) => word.some((unit) => !unit));
  if (!hasWildcards) {
    const phrase = ` ${words.map((word) => word.join("")).join(" ")} `;
    return (texts) => mayMatch(texts) && texts.sentence.includes(phrase);
  }
  const matchers = words.map(compilePattern);
  const follows = ({ words }: Texts, start: number) =>
    matchers.every((matches, i) => start + i < words.length && matches(words[start + i]!));
  return (texts) => mayMatch(texts) && texts.words.some((_, start) => follows(texts, start));
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
