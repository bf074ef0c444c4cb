/**
 * What to say about a line that is not a statement.
 */
import { UsageError } from "../arguments/command.ts";
import { nearest } from "../arguments/nearest.ts";
import { continuesQuery } from "../soql/finished.ts";
import { saidHere } from "./habits.ts";

const BEGINNINGS = ["SELECT", "FIND", "GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"];
const WORDS = ["limits", "org", "orgs", "source", "curl", "script", "apex", "format"];
const JAVASCRIPT =
  /^(_|rows|sf|soql|await|const|let|var|function|console|print|\(?-?\d+\s*[-+*/%)])/;

/** The error for a line that is not a statement, with what may have been meant. */
export function notUnderstood(text: string): UsageError {
  const word = /^\S*/.exec(text.trim())![0];
  return new UsageError(`Not a statement: ${text.trim().slice(0, 60)}`, hint(text, word));
}

function hint(text: string, word: string): string {
  const here = saidHere(text);
  if (here) return `In sfetch, use: ${here}`;
  if (WORDS.includes(word.toLowerCase())) {
    return `Commands begin with a dot: .${word.toLowerCase()}`;
  }
  if (BEGINNINGS.includes(word.toUpperCase())) {
    return `A request is a method and a path: ${word.toUpperCase()} /sobjects/…`;
  }
  if (JAVASCRIPT.test(text.trim())) return "JavaScript begins with =, as in: = rows.length";
  if (continuesQuery(text)) {
    return "A clause continues the query that ran directly before it. A query of several lines ends with ; or an empty line.";
  }
  const meant = nearest(word.toUpperCase(), BEGINNINGS);
  return meant
    ? `Did you mean ${meant}?`
    : "Type SOQL, a path such as /limits, = JavaScript, or a command: see .help";
}
