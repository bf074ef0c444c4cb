/**
 * Date literals such as LAST_N_DAYS:30, and date functions such as CALENDAR_YEAR. The org's time zone
 * is GMT, its week starts on Sunday, and its fiscal year in January.
 *
 * @module
 */
import type { Value } from "../schema.ts";

/** A span of time in milliseconds since the epoch; the end is not included. */
export type Span = [start: number, end: number];

type Unit = "DAY" | "WEEK" | "MONTH" | "QUARTER" | "YEAR";

const MONTHS: Record<string, number> = { MONTH: 1, QUARTER: 3, YEAR: 12 };
const DAY = 86_400_000;

/** Whether this is a date literal; `count` is the number after the colon, if there is one. */
export function isDateLiteral(word: string, count?: string): boolean {
  if (count === undefined) return literalSpan(word, 0) !== undefined;
  return /^[+-]?\d+$/.test(count) && countedSpan(word, Number(count), 0) !== undefined;
}

/** Returns the span of a date literal such as `TODAY` or `LAST_N_DAYS:30`. */
export function spanOfLiteral(literal: string, now: number): Span | undefined {
  const [word = "", count] = literal.split(":");
  return count === undefined ? literalSpan(word, now) : countedSpan(word, Number(count), now);
}

function literalSpan(literal: string, now: number): Span | undefined {
  const word = literal.toUpperCase().replace(/FISCAL_(?=QUARTER|YEAR)/, "");
  if (word === "YESTERDAY") return between("DAY", now, -1, 0);
  if (word === "TODAY") return between("DAY", now, 0, 1);
  if (word === "TOMORROW") return between("DAY", now, 1, 2);
  if (word === "LAST_90_DAYS") return between("DAY", now, -90, 1);
  if (word === "NEXT_90_DAYS") return between("DAY", now, 1, 91);
  const [, which, unit] = /^(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR)$/.exec(word) ?? [];
  if (!which) return undefined;
  const offset = { LAST: -1, THIS: 0, NEXT: 1 }[which]!;
  return between(unit as Unit, now, offset, offset + 1);
}

function countedSpan(literal: string, count: number, now: number): Span | undefined {
  const word = literal.toUpperCase().replace(/FISCAL_(?=QUARTER|YEAR)/, "");
  const [, ago] = /^N_(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO$/.exec(word) ?? [];
  if (ago) return between(ago as Unit, now, -count, -count + 1);
  const [, which, unit] = /^(LAST|NEXT)_N_(DAY|WEEK|MONTH|QUARTER|YEAR)S$/.exec(word) ?? [];
  if (!which) return undefined;
  if (which === "NEXT") return between(unit as Unit, now, 1, count + 1);
  return between(unit as Unit, now, -count, unit === "DAY" ? 1 : 0);
}

function between(unit: Unit, now: number, from: number, to: number): Span {
  return [startOf(unit, now, from), startOf(unit, now, to)];
}

/** Returns the start of the unit that contains `now`, moved by `offset` units. */
function startOf(unit: Unit, now: number, offset: number): number {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (unit === "DAY") return Date.UTC(year, month, day + offset);
  if (unit === "WEEK") return Date.UTC(year, month, day - date.getUTCDay() + offset * 7);
  const months = MONTHS[unit]!;
  return Date.UTC(year, Math.floor(month / months) * months + offset * months, 1);
}

/** The date functions of SOQL, by name in upper case. */
export const DATE_FUNCTIONS: Record<string, (date: Date) => Value> = {
  CALENDAR_YEAR: (date) => date.getUTCFullYear(),
  CALENDAR_QUARTER: (date) => Math.floor(date.getUTCMonth() / 3) + 1,
  CALENDAR_MONTH: (date) => date.getUTCMonth() + 1,
  FISCAL_YEAR: (date) => date.getUTCFullYear(),
  FISCAL_QUARTER: (date) => Math.floor(date.getUTCMonth() / 3) + 1,
  FISCAL_MONTH: (date) => date.getUTCMonth() + 1,
  DAY_IN_YEAR: (date) => dayInYear(date),
  DAY_IN_MONTH: (date) => date.getUTCDate(),
  DAY_IN_WEEK: (date) => date.getUTCDay() + 1,
  WEEK_IN_YEAR: (date) => Math.ceil(dayInYear(date) / 7),
  WEEK_IN_MONTH: (date) => Math.ceil(date.getUTCDate() / 7),
  HOUR_IN_DAY: (date) => date.getUTCHours(),
  DAY_ONLY: (date) => date.toISOString().slice(0, 10),
};

function dayInYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY) + 1;
}
