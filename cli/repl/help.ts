/**
 * `.help`: what can be typed, each with an example.
 */
import { paint } from "../terminal.ts";
import { COMMANDS } from "./command-table.ts";
import type { Screen } from "./screen.ts";

const INPUT: [what: string, example: string][] = [
  ["SOQL; over lines, end with ; or a blank line", "SELECT Id, Owner.Name FROM Account LIMIT 5"],
  ["a search", "FIND {Acme} RETURNING Account(Name), Contact(Name)"],
  ["a path is GET", "/limits"],
  ["a request", 'POST /sobjects/Account {"Name": "Acme"}'],
  ["a request with its body from a file", "PATCH /sobjects/Account/001… @account.json"],
  ["JavaScript: _ is the last result, sf the session", "= _.map((a) => a.Name).sort()"],
  [
    "what is assigned stays; await is allowed",
    '= me = await sf.fetch("/services/oauth2/userinfo").json()',
  ],
  ["the result to a file, by its ending", "SELECT Id, Name FROM Account > accounts.csv"],
  ["… or to a command, as JSON", "/sobjects | jq -r '.sobjects[].name'"],
  ["a remark", "-- anything"],
];

const KEYS: [key: string, what: string][] = [
  ["Tab", "completes commands, paths, objects, fields, relationships, picklist values, files"],
  ["Up, Down", "go through what was typed, in earlier sessions too; secrets are not kept"],
  ["Ctrl-C", "ends the request; then drops the line; then leaves"],
  ["Ctrl-D", "leaves"],
];

/** The text of `.help`, coloured for a screen. */
export function helpText(screen?: Screen): string {
  const p = screen?.paint ?? paint(false);
  const input = INPUT.map(([what, example]) => `  ${p.cyan(example)}\n      ${what}`);
  const commands = Object.values(COMMANDS).map(({ usage, summary, example }) =>
    `  ${p.cyan(usage.padEnd(26))}${summary}` +
    (example === usage ? "" : `\n${" ".repeat(28)}${p.grey(example)}`)
  );
  const keys = KEYS.map(([key, what]) => `  ${p.cyan(key.padEnd(10))}${what}`);
  return [
    p.bold("What to type"),
    ...input,
    "",
    p.bold("Commands"),
    ...commands,
    "",
    p.bold("Keys"),
    ...keys,
  ].join("\n");
}
