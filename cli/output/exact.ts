/**
 * JSON whose numbers keep their digits: JavaScript rounds integers beyond 2⁵³, and Salesforce sends them.
 */

/** A number that JavaScript cannot hold, as the text it had in JSON. `JSON.stringify` writes that text. */
export interface ExactNumber {
  readonly rawJSON: string;
}

/** JSON with source text access, which TypeScript's library does not know yet, and Node 20 does not have. */
const json = JSON as unknown as {
  rawJSON?(text: string): ExactNumber;
  isRawJSON?(value: unknown): boolean;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
};

/**
 * A number of 16 digits or more, or with a large exponent; the id 0015e000… is none. Looking for one first is many
 * times faster than a reviver.
 */
const MAY_BE_ROUNDED = /(?:^|[:[,\s])-?(?:(?:\d\.?){16}|\d[\d.]*[eE][+-]?\d{3})/;

/** Parses JSON. A number that JavaScript would round becomes an {@link ExactNumber}. */
export function parseExact(text: string): unknown {
  if (!json.rawJSON || !MAY_BE_ROUNDED.test(text)) return JSON.parse(text);
  return json.parse(
    text,
    (_key, value, { source }) =>
      typeof value === "number" && source && isRounded(value, source)
        ? json.rawJSON!(source)
        : value,
  );
}

function isRounded(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return true;
  const digits = source.replace(/[eE].*$/, "").replace(/^-?[0.]*|\./g, "");
  if (digits.length <= 15) return false;
  return String(value) !== source.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

/** Whether a value is an {@link ExactNumber}. */
export function isExact(value: unknown): value is ExactNumber {
  return typeof value === "object" && value !== null && json.isRawJSON?.(value) === true;
}

/** A value as one text: a number with all its digits, an object or a list as JSON. */
export function textOf(value: unknown): string {
  if (isExact(value)) return value.rawJSON;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
