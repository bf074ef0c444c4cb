/**
 * The dot commands, each with an example. Completion needs this list at once, so it imports nothing.
 */

/** The kind of argument of a command: what Tab offers for it. */
export type ArgumentKind =
  | "org"
  | "object"
  | "file"
  | "format"
  | "switch"
  | "query"
  | "subquery"
  | "all"
  | "command"
  | "load";

interface Entry {
  usage: string;
  summary: string;
  example: string;
  argument?: ArgumentKind;
}

/** The dot commands in the order in which `.help` shows them. */
export const COMMANDS = {
  objects: {
    usage: ".objects [PATTERN]",
    summary: "the org's objects, or those whose name or label contains the pattern",
    example: ".objects account",
  },
  describe: {
    usage: ".describe OBJECT [FIELD]",
    summary: "the fields of an object, or one field with its picklist values",
    example: ".describe Account Industry",
    argument: "object",
  },
  open: {
    usage: ".open ROW SUBQUERY",
    summary: "the records of a subquery in a row of the last query",
    example: ".open 1 Contacts",
    argument: "subquery",
  },
  next: { usage: ".next", summary: "the next part of the last result", example: ".next" },
  limits: { usage: ".limits", summary: "the org's limits as bars", example: ".limits" },
  tooling: {
    usage: ".tooling SELECT …",
    summary: "a query on the Tooling API",
    example: ".tooling SELECT Id, Name FROM ApexClass",
    argument: "query",
  },
  queryall: {
    usage: ".queryall SELECT …",
    summary: "a query that includes deleted and archived records",
    example: ".queryall SELECT Id FROM Task WHERE IsDeleted = true",
    argument: "query",
  },
  apex: {
    usage: ".apex CODE | @file",
    summary: "run anonymous Apex; without code, the lines up to .end",
    example: ".apex System.debug(UserInfo.getName());",
    argument: "file",
  },
  load: {
    usage: ".load OBJECT FILE [OPERATION]",
    summary: "load a CSV file: insert, update, upsert FIELD or delete",
    example: ".load Account accounts.csv upsert External_Id__c",
    argument: "load",
  },
  org: {
    usage: ".org [NAME]",
    summary: "show which org this is, or switch to another",
    example: ".org practice",
    argument: "org",
  },
  orgs: { usage: ".orgs", summary: "list the orgs you can open", example: ".orgs" },
  curl: {
    usage: ".curl",
    summary: "the last request as curl, without the token",
    example: ".curl > request.sh",
  },
  script: {
    usage: ".script [all]",
    summary: "the last request, or the whole session, as a script that runs",
    example: ".script all > report.ts",
    argument: "all",
  },
  source: {
    usage: ".source FILE",
    summary: "run the statements of a file, up to the first failure",
    example: ".source nightly.soql",
    argument: "file",
  },
  format: {
    usage: ".format FORMAT",
    summary: "table, expanded, json, ndjson, csv, tsv or markdown; auto is the default",
    example: ".format expanded",
    argument: "format",
  },
  excel: {
    usage: ".excel [on|off]",
    summary: "write CSV files for Excel: recognized as UTF-8, with formulas as plain text",
    example: ".excel on",
    argument: "switch",
  },
  time: {
    usage: ".time [on|off]",
    summary: "show the time and the API usage below results",
    example: ".time off",
    argument: "switch",
  },
  pager: {
    usage: ".pager [on|off]",
    summary: "show in $PAGER what is longer than the screen",
    example: ".pager on",
    argument: "switch",
  },
  writes: {
    usage: ".writes [on|off]",
    summary: "write to production without confirmation",
    example: ".writes on",
    argument: "switch",
  },
  "read-only": {
    usage: ".read-only [on|off]",
    summary: "refuse whatever could change the org",
    example: ".read-only on",
    argument: "switch",
  },
  help: {
    usage: ".help [COMMAND]",
    summary: "this list, or what one command does",
    example: ".help describe",
    argument: "command",
  },
  exit: { usage: ".exit", summary: "leave, as Ctrl-D does", example: ".exit" },
} as const satisfies Record<string, Entry>;

/** The name of a dot command. */
export type CommandName = keyof typeof COMMANDS;

/** The kind of argument of a command, for completion. */
export function argumentOf(name: string): ArgumentKind | undefined {
  return (COMMANDS as Record<string, Entry>)[name.toLowerCase()]?.argument;
}
