/**
 * SOQL's dates: literals such as LAST_N_DAYS:30 as spans of time, and functions such as
 * CALENDAR_YEAR. The org's time zone is GMT, its week starts on Sunday, its fiscal year in January.
 *
 * @module
 */
import type { Value } from "../schema.ts";

/** A span of time in ms since the epoch, its end not included. */
export type Span = [start: number, end: number];

type Unit = "DAY" | "WEEK" | "MONTH" | "QUARTER" | "YEAR";

const MONTHS: Record<string, number> = { MONTH: 1, QUARTER: 3, YEAR: 12 };
const DAY = 86_400_000;

/** The span that a date literal without a number stands for; undefined for an unknown word. */
export function literalSpan(literal: string, now: number): Span | undefined {
  const word = literal.toUpperCase().replace("FISCAL_", "");
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

/** The span that a date literal with a number stands for, e.g. `LAST_N_DAYS` and 30. */
export function countedSpan(literal: string, count: number, now: number): Span | undefined {
  const word = literal.toUpperCase().replace(/:.*$/, "").replace("FISCAL_", "");
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

/** The first moment of the unit around `now`, moved by `offset` units. */
function startOf(unit: Unit, now: number, offset: number): number {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (unit === "DAY") return Date.UTC(year, month, day + offset);
  if (unit === "WEEK") return Date.UTC(year, month, day - date.getUTCDay() + offset * 7);
  const months = MONTHS[unit]!;
  return Date.UTC(year, Math.floor(month / months) * months + offset * months, 1);
}

/** SOQL's date functions by lower-case name, on a date or datetime as the API writes it. */
export const DATE_FUNCTIONS: Record<string, (date: Date) => Value> = {
  calendar_year: (date) => date.getUTCFullYear(),
  calendar_quarter: (date) => Math.floor(date.getUTCMonth() / 3) + 1,
  calendar_month: (date) => date.getUTCMonth() + 1,
  fiscal_year: (date) => date.getUTCFullYear(),
  fiscal_quarter: (date) => Math.floor(date.getUTCMonth() / 3) + 1,
  fiscal_month: (date) => date.getUTCMonth() + 1,
  day_in_year: (date) => dayInYear(date),
  day_in_month: (date) => date.getUTCDate(),
  day_in_week: (date) => date.getUTCDay() + 1,
  week_in_year: (date) => Math.ceil(dayInYear(date) / 7),
  week_in_month: (date) => Math.ceil(date.getUTCDate() / 7),
  hour_in_day: (date) => date.getUTCHours(),
  day_only: (date) => date.toISOString().slice(0, 10),
};

function dayInYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY) + 1;
}
