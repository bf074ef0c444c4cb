/**
 * `.help`: what you can type, each with an example.
 */
import { wrap } from "../terminal/wrap.ts";
import { type CommandName, COMMANDS } from "./command-table.ts";
import type { Screen } from "./screen.ts";

const INPUT: [what: string, example: string][] = [
  [
    "SOQL; on several lines, it ends with ; or an empty line",
    "SELECT Id, Owner.Name FROM Account LIMIT 5",
  ],
  ["a clause right after a query runs it again with the clause", "WHERE Name LIKE 'A%'"],
  ["a search", "FIND {Acme} RETURNING Account(Name), Contact(Name)"],
  ["a path alone is a GET request", "/limits"],
  ["a request; its body may follow on the next lines", 'POST /sobjects/Account {"Name": "Acme"}'],
  ["a request with its body from a file", "PATCH /sobjects/Account/001… @account.json"],
  [
    "JavaScript: rows of the last query, _ the last value, sf the session",
    "= rows.map((row) => row.Name).sort()",
  ],
  [
    "variables keep their values; await is allowed",
    '= me = await sf.fetch("/services/oauth2/userinfo").json()',
  ],
  [
    "the result to a file: .csv, .tsv, .json, .ndjson, .md or .txt",
    'SELECT Id, Name FROM Account > "my accounts.csv"',
  ],
  ["… or to a command, as JSON", "/sobjects | jq -r '.sobjects[].name'"],
  ["a comment; in queries anywhere, also as /* … */", "-- anything"],
];

const KEYS: [key: string, what: string][] = [
  ["Tab", "completes commands, paths, objects, fields, relationships, picklist values, files"],
  ["Up, Down", "go through the history, earlier sessions included; secrets are not kept"],
  ["Ctrl-R", "searches the history; pressed again, goes further back"],
  ["Ctrl-C", "stops the request, or clears the line; pressed twice, leaves"],
  ["Ctrl-L", "clears the screen"],
  ["Ctrl-D", "leaves"],
];

/** The width of the column that names a command or a key, the indent included. */
const NAMES = 4 + Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));

/** The text of `.help`, or of `.help COMMAND`, for a screen. */
export function helpText(
  { paint, size }: Pick<Screen, "paint" | "size">,
  only?: CommandName,
): string {
  const columns = size()?.columns ?? Infinity;
  const beside = (text: string): string =>
    wrap(text, Math.max(20, columns - NAMES)).replaceAll("\n", "\n" + " ".repeat(NAMES));
  const entry = (name: string, what: string): string =>
    `  ${paint.cyan(name.padEnd(NAMES - 2))}${beside(what)}`;
  const command = (name: CommandName): string => {
    const { usage, summary, example } = COMMANDS[name];
    const shown = (example as string) === usage
      ? ""
      : `\n${" ".repeat(NAMES)}${paint.grey(beside(example))}`;
    return entry(usage, summary) + shown;
  };
  if (only) return command(only);
  return [
    paint.bold("What to type"),
    ...INPUT.map(([what, example]) => `  ${paint.cyan(example)}\n      ${what}`),
    "",
    paint.bold("Commands"),
    ...(Object.keys(COMMANDS) as CommandName[]).map(command),
    "",
    paint.bold("Keys"),
    ...KEYS.map(([key, what]) => entry(key, what)),
  ].join("\n");
}
