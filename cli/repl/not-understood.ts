/**
 * What to say to a line that is no statement.
 */
import { UsageError } from "../arguments/command.ts";
import { nearest } from "../arguments/nearest.ts";
import { continuesQuery } from "../soql/finished.ts";

const BEGINNINGS = ["SELECT", "FIND", "GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"];
const WORDS = ["limits", "describe", "org", "orgs", "source", "next"];

/** What other languages call it, and how it is said here. */
const ELSEWHERE: Record<string, string> = {
  INSERT: 'POST /sobjects/Account {"Name": "Acme"}',
  UPDATE: 'PATCH /sobjects/Account/001… {"Name": "Acme"}',
  UPSERT: 'PATCH /sobjects/Account/External_Id__c/A-1 {"Name": "Acme"}',
};
const JAVASCRIPT = /^(_|sf|await|const|let|var|console)\b/;

/** The error for a line that is no statement, with what may have been meant. */
export function notUnderstood(text: string): UsageError {
  const word = /^\S*/.exec(text.trim())![0];
  return new UsageError(`This is not understood: ${text.trim().slice(0, 60)}`, hint(text, word));
}

function hint(text: string, word: string): string {
  if (WORDS.includes(word.toLowerCase())) {
    return `Commands begin with a dot: .${word.toLowerCase()}`;
  }
  if (BEGINNINGS.includes(word.toUpperCase())) {
    return `A request is a verb and a path: ${word.toUpperCase()} /sobjects/…`;
  }
  const here = ELSEWHERE[word.toUpperCase()];
  if (here) return `A request does that: ${here}`;
  if (JAVASCRIPT.test(word)) return "JavaScript begins with =, as in: = _.length";
  if (continuesQuery(text)) {
    return "A query of several lines: leave its first line unfinished (SELECT Id, Name), and end with ; or a blank line.";
  }
  const meant = nearest(word.toUpperCase(), BEGINNINGS);
  return meant
    ? `Did you mean ${meant}?`
    : "SOQL, a path such as /limits, = JavaScript, or a .command: see .help";
}
