/**
 * What to type instead, for people who know SQL, psql or mongosh.
 */
import { outline, scan } from "../soql/scan.ts";

/** What a query contains that SOQL does not have, and what SOQL has instead. */
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
  [/\bILIKE\b/i, "SOQL has no ILIKE: LIKE ignores case already."],
  [
    /^SELECT TOP \d/i,
    "SOQL has no TOP. End the query with LIMIT: SELECT Name FROM Account LIMIT 3.",
  ],
  [/\bOFFSET \d+ LIMIT\b/i, "LIMIT comes before OFFSET: … LIMIT 10 OFFSET 20."],
  [
    /\bLIMIT \d+ , \d/i,
    "LIMIT accepts one number. Skip records with OFFSET: … LIMIT 10 OFFSET 20.",
  ],
  [
    /\b(?:NOW|CURDATE|GETDATE|SYSDATE|DATE|INTERVAL) \(|\b(?:CURRENT_DATE|CURRENT_TIMESTAMP|INTERVAL)\b/i,
    "SOQL has date literals, not functions of the current time: CreatedDate = TODAY, or CreatedDate > LAST_N_DAYS:7.",
  ],
  [/\bIS (?:NOT )?NULL\b/i, "SOQL compares with null: WHERE Industry = null, or Industry != null."],
  [/\bBETWEEN\b/i, "SOQL has no BETWEEN. Use two comparisons: Amount >= 10 AND Amount <= 20."],
  [
    /\bCASE WHEN\b/i,
    "SOQL has no CASE. Work with the rows after the query: = rows.map((row) => …).",
  ],
  [/\b(?:UNION|EXCEPT|INTERSECT)\b/i, "SOQL has no UNION. Run the queries one after another."],
];

/** What Salesforce says about a query, and what to change. */
const IN_ANSWERS: [pattern: RegExp, hint: string][] = [
  [
    /must be of type dateTime/i,
    "A date-time has no quotes, and must include the time: CreatedDate > 2026-01-31T00:00:00Z, or a date literal: CreatedDate = LAST_N_DAYS:30.",
  ],
  [
    /must be of type date\b/i,
    "A date has no quotes and no time: CloseDate > 2026-01-31, or a date literal: CloseDate = THIS_QUARTER.",
  ],
  [
    /must be grouped or aggregated/i,
    "Every field of the select list must be in GROUP BY, or inside an aggregate such as MAX(…).",
  ],
];

/** The hint for a query that Salesforce refused with this message; undefined where none is known. */
export function hintForQuery(query: string, message: string): string | undefined {
  const said = IN_ANSWERS.find(([pattern]) => pattern.test(message))?.[1];
  if (said) return said;
  if (/\bCOUNT\s*\(\s*\*\s*\)/i.test(query)) {
    return "SOQL has no COUNT(*). Use COUNT() alone, or COUNT(Id) with other fields.";
  }
  const shape = outline(scan(query.replace(/^\s*\.\w+\s+/, "")));
  return IN_QUERIES.find(([pattern]) => pattern.test(shape))?.[1];
}

/** Lines that other shells understand, and what to type here. */
const COMMANDS: [pattern: RegExp, here: string][] = [
  [
    /^(?:show\s+(?:tables|objects|collections)|\\d[tvm]?\+?|\.tables|tables|objects|ls)$/i,
    ".objects",
  ],
  [/^(?:\\l\+?|show\s+(?:databases|dbs)|databases|dbs)$/i, ".orgs"],
  [
    /^(?:desc|describe|\\d\+?|show\s+columns\s+from|show\s+fields\s+from)\s+(\S+)$/i,
    ".describe $1",
  ],
  [/^(?:desc|describe)$/i, ".describe Account"],
  [/^(?:\\conninfo|whoami|select\s+(?:current_user|version\(\))|status|db)$/i, ".org"],
  [/^\\du\+?$/i, "SELECT Username, Name, IsActive FROM User"],
  [/^\\dn\+?$/i, ".objects"],
  [/^\\df\+?$/i, "/actions/custom"],
  [/^version$/i, ".org"],
  [/^(?:use|\\c|connect|\\connect)\s+(\S+)$/i, ".org $1"],
  [/^(?:\?|\\\?|\\h|h|man)$/i, ".help"],
  [/^(?:\\q|:q|bye|leave)$/i, ".exit"],
  [/^\\x$/i, ".format expanded"],
  [/^\\timing$/i, ".time"],
  [/^(?:\\ir?|load|source)\s+(\S+)$/i, ".source $1"],
  [/^\\e(?:dit)?$/i, "the up arrow, which brings back the whole statement"],
  [/^\\g$/i, "the up arrow and Enter, which run the statement again"],
  [/^\\s$/i, "Ctrl-R, which searches what was typed"],
  [/^\\(?:o|copy|out|g)\b/i, "SELECT Id, Name FROM Account > accounts.csv"],
  [/^\\(?:pset|a|t|H)\b/i, ".format csv, or another format: see .help format"],
  [/^\\set\b/i, "= name = value"],
  [/^\\echo\b/i, "= 'text'"],
  [
    /^(?:\\!|!)\s*\S/,
    "another terminal. To pass a result to a command, use |: SELECT Id FROM Account | wc",
  ],
  [
    /^(?:begin|start\s+transaction|commit|rollback|savepoint)\b/i,
    "POST /composite with allOrNone: its requests succeed or fail together. Every other write is final at once.",
  ],
  [/^explain\s+(?:analyze\s+)?(select\s.+)$/i, "/query?explain=$1"],
  [/^db\.(\w+)\.(?:count|countDocuments)\b/, "SELECT COUNT() FROM $1"],
  [/^db\.(\w+)\.insert/, '= sf.insert("$1", [{ Name: "Acme" }])'],
  [/^db\.(\w+)\.(?:update|replace)/, '= sf.update("$1", [{ Id: "…", Name: "Acme" }])'],
  [/^db\.(\w+)\.(?:delete|remove)/, '= sf.delete("$1", ["001…"])'],
  [/^db\.(\w+)\b/, "SELECT Id, Name FROM $1"],
  [/^(?:create|alter|drop|truncate|grant|revoke)\s/i, "Setup in Salesforce, or the Metadata API"],
  [/^(?:it|more|next)$/i, ".next"],
  [/^(?:clear|cls)$/i, "Ctrl-L"],
  [/^insert\s+into\s+(\w+)/i, 'POST /sobjects/$1 {"Name": "Acme"}'],
  [
    /^update\s+(\w+)\s+set\b/i,
    'PATCH /sobjects/$1/ID {"Name": "Acme"}, or of the last query: = sf.update("$1", rows.map(({ Id }) => ({ Id, Name: "Acme" })))',
  ],
  [
    /^delete\s+from\s+(\w+)/i,
    'DELETE /sobjects/$1/ID, or all records of the last query: = sf.delete("$1", rows)',
  ],
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
    if (match) return here.replaceAll("$1", () => match[1] ?? "");
  }
}
