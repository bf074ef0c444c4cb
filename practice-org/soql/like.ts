/**
 * LIKE patterns. A pattern is matched piece by piece from left to right and never backtracks, so a
 * pattern full of wildcards takes no longer than any other.
 *
 * @module
 */

/** One character of a pattern; undefined matches any character. */
type Unit = string | undefined;

/** The part of a pattern between two `%`. */
interface Piece {
  units: Unit[];
  /** The piece as text, if it has no `_`. */
  text: string | undefined;
}

/**
 * Compiles a pattern to a test of folded text. A string matches itself, `undefined` matches any one character, and
 * `null` any number of characters. Upper and lower case are the same.
 */
export function compilePattern(pattern: readonly (Unit | null)[]): (folded: string) => boolean {
  const pieces: Piece[] = [];
  let units: Unit[] = [];
  for (const unit of [...pattern, null]) {
    if (unit !== null) {
      units.push(...unit === undefined ? [undefined] : fold(unit).split(""));
      continue;
    }
    const text = units.includes(undefined) ? undefined : units.join("");
    pieces.push({ units, text });
    units = [];
  }
  const [head, ...rest] = pieces as [Piece, ...Piece[]];
  const tail = rest.pop();
  const middle = rest.filter((piece) => piece.units.length);
  return (folded) => {
    if (!fits(head, folded, 0)) return false;
    let at = head.units.length;
    if (!tail) return at === folded.length;
    for (const piece of middle) {
      const found = find(piece, folded, at);
      if (found < 0) return false;
      at = found + piece.units.length;
    }
    const last = folded.length - tail.units.length;
    return last >= at && fits(tail, folded, last);
  };
}

/** Returns text in one case. Σ has two lower-case forms, depending on its position in a word. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  return lower.includes("ς") ? lower.replaceAll("ς", "σ") : lower;
}

function find(piece: Piece, text: string, from: number): number {
  if (piece.text !== undefined) return text.indexOf(piece.text, from);
  for (let at = from; at + piece.units.length <= text.length; at++) {
    if (fits(piece, text, at)) return at;
  }
  return -1;
}

function fits({ units, text: plain }: Piece, text: string, at: number): boolean {
  if (plain !== undefined) return text.startsWith(plain, at);
  if (at + units.length > text.length) return false;
  return units.every((unit, i) => unit === undefined || unit === text[at + i]);
}
