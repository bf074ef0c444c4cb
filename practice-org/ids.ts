/**
 * Record ids: a 3-character key prefix, a sequence, and a checksum that survives case folding.
 *
 * @module
 */

/** In ASCII order, so that ids sort in order of creation. */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
const INSTANCE = "5g0";
const SEQUENCE_LENGTH = 9;
const FIRST_SEQUENCE = decode("0000Kx100");

/** Converts a 15-character id to 18 characters, as the API returns ids. */
export function to18(id15: string): string {
  let suffix = "";
  for (let start = 0; start < 15; start += 5) {
    let bits = 0;
    for (let i = 0; i < 5; i++) {
      const code = id15.charCodeAt(start + i);
      if (code >= 65 && code <= 90) bits |= 1 << i;
    }
    suffix += CHECKSUM[bits];
  }
  return id15 + suffix;
}

/** Returns the id of a row of the object with a key prefix. */
export function idOf(prefix: string, row: number): string {
  return to18(prefix + INSTANCE + encode(FIRST_SEQUENCE + row));
}

/** Returns the row of an id from {@linkcode idOf}; -1 for any other id. */
export function rowOf(id: string): number {
  if (id.slice(3, 6) !== INSTANCE) return -1;
  return decode(id.slice(6, 15)) - FIRST_SEQUENCE;
}

/** Whether a value looks like an id, with 15 or 18 characters. */
export function isId(text: unknown): text is string {
  return typeof text === "string" && /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/.test(text);
}

function encode(number: number): string {
  let text = "";
  while (text.length < SEQUENCE_LENGTH) {
    text = DIGITS[number % 62] + text;
    number = Math.floor(number / 62);
  }
  return text;
}

function decode(text: string): number {
  let number = 0;
  for (const digit of text) number = number * 62 + DIGITS.indexOf(digit);
  return number;
}
