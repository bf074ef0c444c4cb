/**
 * How it is said here, for people who know SQL, psql or mongosh.
 */
import { outline, scan } from "../soql/scan.ts";

/** What a query holds that SOQL does not have, and what it has instead. */
const IN_QUERIES: [pattern: RegExp, hint: string][] = [
  [
    /^SELECT (?:\w+ )?\*/i,
    "SOQL has no *. Name the fields, or use SELECT FIELDS(ALL) FROM … LIMIT 200. `.describe` lists the fields.",
  ],
  [
    /\bDISTINCT\b/i,
    "SOQL has no DISTINCT. Group instead: SELECT Industry FROM Account GROUP BY Industry. COUNT_DISTINCT(Industry) counts the values.",
  ],
  [
    /\bJOIN\b/i,
    "SOQL has no JOIN. Follow a relationship: SELECT Name, Account.Name FROM Contact, or SELECT Name, (SELECT Name FROM Contacts) FROM Account.",
  ],
  [
    /^SELECT .* AS \S+.* FROM\b/i,
    "SOQL has no AS in the select list. Only an aggregate has an alias, without AS: SELECT COUNT(Id) total FROM Account.",
  ],
  [/"/, "SOQL needs single quotes around text: WHERE Name = 'Acme'."],
  [/\b(?:UNION|EXCEPT|INTERSECT)\b/i, "SOQL has no UNION. Run the queries one after another."],
];

/** What Salesforce says of a query, and what to change. */
const IN_ANSWERS: [pattern: RegExp, hint: string][] = [
  [
    /must be of type dateTime/i,
    "A date-time has no quotes, and needs its time: CreatedDate > 2026-01-31T00:00:00Z, or a date literal: CreatedDate = LAST_N_DAYS:30.",
  ],
  [
    /must be of type date\b/i,
    "A date has no quotes and no time: CloseDate > 2026-01-31, or a date literal: CloseDate = THIS_QUARTER.",
  ],
  [
    /must be grouped or aggregated/i,
    "Every field of the select list has to stand in GROUP BY, or in an aggregate such as MAX(…).",
  ],
];

/** The hint for a query that Salesforce refused with this message; undefined where none is known. */
export function hintForQuery(query: string, message: string): string | undefined {
  const said = IN_ANSWERS.find(([pattern]) => pattern.test(message))?.[1];
  if (said) return said;
  if (/\bCOUNT\s*\(\s*\*\s*\)/i.test(query)) {
    return "COUNT(*) is COUNT() alone, or COUNT(Id) beside other fields.";
  }
  const shape = outline(scan(query.replace(/^\s*\.\w+\s+/, "")));
  return IN_QUERIES.find(([pattern]) => pattern.test(shape))?.[1];
}

/** Lines that other shells understand, and the same here. */
const COMMANDS: [pattern: RegExp, here: string][] = [
  [/^(?:show\s+(?:tables|objects|databases)|\\dt?\+?|\.tables|tables|objects|ls)$/i, ".objects"],
  [
    /^(?:desc|describe|\\d\+?|show\s+columns\s+from|show\s+fields\s+from)\s+(\S+)$/i,
    ".describe $1",
  ],
  [/^(?:desc|describe)$/i, ".describe Account"],
  [/^(?:use|\\c|connect|\\connect)\s+(\S+)$/i, ".org $1"],
  [/^(?:\?|\\\?|\\h|h|man)$/i, ".help"],
  [/^(?:\\q|:q|bye|leave)$/i, ".exit"],
  [/^\\x$/i, ".format expanded"],
  [/^\\timing$/i, ".time"],
  [/^\\i\s+(\S+)$/i, ".source $1"],
  [/^(?:it|more|next)$/i, ".next"],
  [/^(?:clear|cls)$/i, "Ctrl-L"],
  [/^insert\b/i, 'POST /sobjects/Account {"Name": "Acme"}'],
  [/^update\b/i, 'PATCH /sobjects/Account/001… {"Name": "Acme"}'],
  [/^upsert\b/i, 'PATCH /sobjects/Account/External_Id__c/A-1 {"Name": "Acme"}'],
  [/^delete\b/i, "DELETE /sobjects/Account/001…"],
];

/** What to type here for a line of another shell; undefined where it is not known. */
export function saidHere(line: string): string | undefined {
  const text = line.trim().replace(/;$/, "").trim();
  for (const [pattern, here] of COMMANDS) {
    const match = pattern.exec(text);
    if (match) return here.replace("$1", () => match[1] ?? "");
  }
}
