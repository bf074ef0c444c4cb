/**
 * The dot commands: what each of them does.
 */
import { UsageError } from "../arguments/command.ts";
import { nearest } from "../arguments/nearest.ts";
import { FORMATS } from "../output/formats.ts";
import { paint, sanitize } from "../terminal/terminal.ts";
import type { Connection } from "./connection.ts";
import type { CommandName } from "./command-table.ts";
import { present } from "./present.ts";
import { Exit, type RunOptions, type Shell } from "./shell.ts";

type Run = (shell: Shell, argument: string, options: RunOptions) => Promise<string[]>;

const RUN: Record<CommandName, Run> = {
  help: showHelp,
  org: useOrg,
  orgs: showOrgs,
  describe: async (shell, argument, options) =>
    (await import("./describe-view.ts")).showDescribe(shell, argument, options),
  limits: async (shell, _argument, options) =>
    (await import("./limits-view.ts")).showLimits(shell, options),
  next: showMore,
  open: async (shell, argument, options) =>
    (await import("./open-subquery.ts")).openSubquery(shell, argument, options),
  tooling: (shell, argument, options) => query(shell, argument, { ...options, tooling: true }),
  queryall: (shell, argument, options) => query(shell, argument, { ...options, queryAll: true }),
  apex: async (shell, argument, options) => {
    const { readApex, runCall } = await import("./call-statement.ts");
    return await runCall(shell, await readApex(argument), options);
  },
  load: async (shell, argument, options) =>
    (await import("./load-file.ts")).loadFile(shell, argument, options),
  curl: showCurl,
  script: showScript,
  source: async (shell, argument) => {
    if (!argument) throw new UsageError("Which file?", ".source FILE");
    await shell.surroundings.source(argument);
    return [];
  },
  format: setFormat,
  time: (shell, argument) => change(shell, "time", argument, "Time and API usage below results"),
  pager: (shell, argument) =>
    change(shell, "pager", argument, "$PAGER for results longer than the screen"),
  excel: (shell, argument) =>
    change(
      shell,
      "excel",
      argument,
      "CSV files for Excel, with a byte order mark and formulas as plain text",
    ),
  writes: async (shell, argument) => {
    await change(shell, "writes", argument, "");
    return [`Confirmation before production writes: ${shell.settings.writes ? "off" : "on"}`];
  },
  "read-only": changeReadOnly,
  objects: async (shell, argument, options) =>
    (await import("./objects-view.ts")).showObjects(shell, argument, options),
  exit: () => Promise.reject(new Exit()),
};

/** Runs a dot command, and returns the notes to show below its result. */
export function runCommand(
  shell: Shell,
  { name, argument }: { name: string; argument: string },
  options: RunOptions,
): Promise<string[]> {
  const known = ["quit", "q"].includes(name) ? "exit" : name;
  if (!isCommand(known)) throw noCommand(name);
  return RUN[known](shell, argument, options);
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(RUN, name);
}

function noCommand(name: string): UsageError {
  const meant = nearest(name, Object.keys(RUN));
  return new UsageError(
    `There is no command .${name}.`,
    meant ? `Did you mean .${meant}?` : "`.help` lists the commands.",
  );
}

async function showHelp(
  shell: Shell,
  argument: string,
  { target }: RunOptions,
): Promise<string[]> {
  const name = argument.replace(/^\./, "").toLowerCase();
  if (name && !isCommand(name)) throw noCommand(name);
  const { helpText } = await import("./help.ts");
  const page = target ? { paint: paint(false), size: () => undefined } : shell.screen;
  const text = helpText(page, (name || undefined) as CommandName | undefined);
  return await present(shell, { kind: "text", text }, { target });
}

async function query(
  shell: Shell,
  soql: string,
  options: RunOptions & { tooling?: boolean; queryAll?: boolean },
): Promise<string[]> {
  if (!soql) throw new UsageError("Which query?", ".tooling SELECT Id, Name FROM ApexClass");
  const { tooling, queryAll } = options;
  const { runCall } = await import("./call-statement.ts");
  return await runCall(shell, { kind: "query", soql, tooling, queryAll }, options);
}

async function useOrg(
  shell: Shell,
  name: string,
  { target, signal }: RunOptions,
): Promise<string[]> {
  const connection = name ? await shell.use(name, signal) : await shell.connection();
  const text = await describeOrg(connection, signal);
  return await present(shell, { kind: "text", text }, { target });
}

async function describeOrg(
  { name, kind, session }: Connection,
  signal: AbortSignal,
): Promise<string> {
  const [{ instanceUrl }, { username }] = [
    await session.getToken({ signal }),
    await session.settings(),
  ];
  const version = await session.apiVersion();
  return [
    `${name}${kind && kind !== name ? ` (${kind})` : ""}`,
    username && `as ${username}`,
    `at ${instanceUrl}`,
    `API ${version}`,
  ].filter(Boolean).map((part) => sanitize(String(part))).join(", ");
}

async function showOrgs(
  shell: Shell,
  _argument: string,
  { target }: RunOptions,
): Promise<string[]> {
  const [{ listOrgs }, { PRACTICE }] = await Promise.all([
    import("../../mod.ts"),
    import("../orgs/open-org.ts"),
  ]);
  const known = await listOrgs((error) => shell.screen.remark(error.message));
  const rows = [
    ...known.map(({ name, kind, username, source }) => ({ name, kind, username, source })),
    { name: PRACTICE, kind: PRACTICE, username: null, source: "in this process" },
  ].map((row) => ({ current: row.name === shell.org?.name ? "*" : "", ...row }));
  const { RecordCursor } = await import("../output/cursor.ts");
  return await present(shell, { kind: "records", source: await RecordCursor.of(rows) }, { target });
}

async function showMore(shell: Shell): Promise<string[]> {
  if (!shell.more) {
    throw new UsageError("Nothing more to show: the last result was shown to its end.");
  }
  return await shell.more();
}

async function showCurl(
  shell: Shell,
  _argument: string,
  { target, signal }: RunOptions,
): Promise<string[]> {
  const call = shell.log.last;
  if (!call) throw noCall();
  const [{ requestOf }, { curlLine }] = await Promise.all([
    import("../run/call.ts"),
    import("../output/curl.ts"),
  ]);
  const session = await shell.session();
  const { method, path, body, headers } = requestOf(call);
  const text = curlLine({
    method,
    path,
    body: typeof body === "object" ? new TextDecoder().decode(body) : body,
    headers,
    instanceUrl: (await session.getToken({ signal })).instanceUrl,
    apiVersion: await session.apiVersion(),
  });
  return await present(shell, { kind: "text", text }, { target });
}

async function showScript(
  shell: Shell,
  argument: string,
  { target }: RunOptions,
): Promise<string[]> {
  if (!["", "all"].includes(argument)) throw new UsageError(".script or .script all");
  const text = await shell.log.script(argument === "all", await orgName(shell));
  if (!text) throw noCall();
  return await present(shell, { kind: "text", text }, { target });
}

/** The name that opens the same org again; undefined where the settings come from the environment. */
async function orgName(shell: Shell): Promise<string | undefined> {
  const { name, kind, session } = await shell.connection();
  return kind === "practice" ? name : (await session.settings()).org;
}

function noCall(): UsageError {
  return new UsageError("Nothing has been sent yet.", "Run a query or a request first.");
}

function setFormat(shell: Shell, argument: string): Promise<string[]> {
  const format = FORMATS.find((name) => name === argument.toLowerCase());
  if (!format && argument !== "auto") {
    throw new UsageError(
      argument
        ? `There is no format ${argument}.`
        : `The format is ${shell.settings.format ?? "auto"}.`,
      `.format ${FORMATS.join("|")}|auto`,
    );
  }
  shell.settings.format = format;
  return Promise.resolve([`format ${argument}`]);
}

/** Changes a setting; without an argument, only shows it. */
function change(
  shell: Shell,
  setting: "time" | "pager" | "excel" | "writes" | "readOnly",
  argument: string,
  what: string,
): Promise<string[]> {
  const value = argument.toLowerCase();
  if (!["", "on", "off"].includes(value)) {
    throw new UsageError(`"${argument}" is neither on nor off.`, "Use on or off.");
  }
  if (value !== "") shell.settings[setting] = value === "on";
  return Promise.resolve([`${what}: ${shell.settings[setting] ? "on" : "off"}`]);
}

async function changeReadOnly(shell: Shell, argument: string): Promise<string[]> {
  const { readOnly, sources } = await (await shell.session()).settings();
  if (!readOnly) return await change(shell, "readOnly", argument, "Read-only");
  if (argument.toLowerCase() === "off") {
    throw new UsageError(
      `The session is read-only, as set by ${sources.readOnly}.`,
      "To write, open the org without that setting.",
    );
  }
  return [`Read-only: on, set by ${sources.readOnly}`];
}
