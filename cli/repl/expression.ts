/**
 * `= expression`: JavaScript with `_`, the last value, `rows`, the records of the last query, `sf`, the session, and
 * `soql`. `await` is allowed, and what is assigned stays: `= x = rows.length`.
 */
import { inspect } from "node:util";
import type { Query, Session, SfRequestInit } from "../../mod.ts";
import { UsageError } from "../arguments/command.ts";
import type { SObjectRecord } from "../output/columns.ts";
import { RecordCursor } from "../output/cursor.ts";
import { isExact } from "../output/exact.ts";
import { countOf, type Result } from "../output/result.ts";
import { isWrite } from "../run/call.ts";
import { readAnswer } from "../run/request.ts";
import { number } from "../terminal/number.ts";
import { sanitize } from "../terminal/terminal.ts";
import { present } from "./present.ts";
import { Rows } from "./rows.ts";
import type { RunOptions, Shell } from "./shell.ts";

/** The names that an expression can use besides JavaScript's own. */
const NAMES = ["_", "rows", "sf", "soql", "__scope"];

/** Above this number, the remaining records are fetched only after a confirmation. */
const UNASKED = 10_000;

/** Returns its value in an array, because an async function would await a bare promise. */
type AsyncFunction = (...values: unknown[]) => Promise<[value?: unknown]>;
const AsyncFunction = (async () => {}).constructor as new (...source: string[]) => AsyncFunction;

/** Runs an expression, and returns the notes to show below its result. */
export async function runExpression(
  shell: Shell,
  code: string,
  { target, signal }: RunOptions,
): Promise<string[]> {
  if (!code) throw new UsageError("Nothing to evaluate after =.", "For example: = rows.length");
  const { run, source, statements } = compile(code);
  const session = await shell.session();
  const { soql } = await import("../../mod.ts");
  const last = mentions(code, "_") ? await complete(shell, shell.last) : undefined;
  const rows = mentions(code, "rows") ? await complete(shell, shell.rows) : undefined;
  const scope = new Scope(shell.variables);
  const [returned] = await untilAborted(
    run(last, rows, guarded(shell, session, signal), soql, scope.proxy),
    signal,
  );
  // A query is not awaited: it is shown page by page.
  const value = isQuery(returned)
    ? returned
    : await untilAborted(Promise.resolve(returned), signal);
  shell.record({ kind: "expression", code: source, statements, names: [...scope.assigned] });
  const result = await resultOf(value, shell);
  if (!result) return [];
  const more = shell.more;
  const notes = await present(shell, result, { target, isQuery: isQuery(value) });
  // If the value was shown whole, .next continues with the records of the query.
  if (!isQuery(value)) shell.more ??= more;
  if (!isQuery(value) && !(value instanceof Response)) shell.last = value;
  return notes;
}

function mentions(code: string, name: string): boolean {
  return new RegExp(`(?<![\\w$.])${name}(?![\\w$])`).test(code);
}

/** The records of a query, those that were not fetched yet among them; any other value as it is. */
async function complete(shell: Shell, value: unknown): Promise<unknown> {
  if (!(value instanceof Rows)) return value;
  if (!value.isKept) {
    throw new UsageError(
      `The ${
        number(value.totalSize)
      } records of the last query were written out and not kept in memory.`,
      "Run it again inside the expression: = (await sf.query(`SELECT …`)).length",
    );
  }
  const { left } = value;
  if (left > UNASKED && shell.surroundings.interactive) {
    const answer = await shell.surroundings.ask(
      `${number(left)} of ${
        number(value.totalSize)
      } records have not been fetched yet. Fetch them? [y/N] `,
    );
    if (!/^y(es)?$/i.test(answer.trim())) {
      throw new UsageError("Nothing was evaluated.", ".next shows more of the records.");
    }
  }
  const records = await value.all();
  if (left > 0 && shell.surroundings.interactive) {
    shell.screen.remark(`fetched the remaining ${countOf(left)}`);
  }
  return records;
}

/** An expression, or statements. What `const x` or `function x` declares stays, so it becomes an assignment. */
function compile(code: string): { run: AsyncFunction; source: string; statements: boolean } {
  const named = /^(?:async\s+)?function\s*\*?\s*([\w$]+)/.exec(code)?.[1];
  const declared = named
    ? `${named} = ${code}`
    : /^(?:const|let|var)\s+([^]+?);?\s*$/.exec(code)?.[1];
  const candidates = [
    ...(declared ? [{ source: `(${declared})`, statements: false }] : []),
    { source: code.replace(/;\s*$/, ""), statements: false },
    { source: code, statements: true },
  ];
  let failure: unknown;
  for (const { source, statements } of candidates) {
    try {
      const value = statements ? `await (async () => {\n${source}\n})()` : `(\n${source}\n)`;
      const run = new AsyncFunction(...NAMES, `with (__scope) {\nreturn [${value}]\n}`);
      return { run, source, statements };
    } catch (error) {
      failure = error;
    }
  }
  throw new UsageError(`This is not JavaScript: ${(failure as Error).message}`);
}

/** The variables of the session: later expressions find them by name, and they are not globals of the process. */
class Scope {
  /** The names that this expression assigned. */
  readonly assigned: Set<string> = new Set();
  readonly proxy: object;

  constructor(variables: Record<string, unknown>) {
    this.proxy = new Proxy(variables, {
      has: (_, name) =>
        typeof name === "string" && !NAMES.includes(name) &&
        (Object.hasOwn(variables, name) || !(name in globalThis)),
      get: (_, name) => {
        if (typeof name === "symbol") return undefined;
        if (Object.hasOwn(variables, name)) return variables[name];
        throw new ReferenceError(`${name} is not defined`);
      },
      set: (_, name, value) => {
        variables[name as string] = value;
        this.assigned.add(name as string);
        return true;
      },
    });
  }
}

/** Code that waits forever must not block the session. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

/** The session, with calls that Ctrl-C aborts and writes to production that are confirmed. */
function guarded(shell: Shell, session: Session, signal: AbortSignal): Session {
  const fetch = (input: string | URL | Request, init: SfRequestInit = {}) => {
    const request = input instanceof Request ? input : undefined;
    const method = (init.method ?? request?.method ?? "GET").toUpperCase();
    const path = request ? new URL(request.url).pathname : String(input);
    const send = () => session.fetch(input, { signal, ...init });
    const body = JSON.stringify(init.json ?? init.body ?? "");
    if (!isWrite({ kind: "request", method, path, body })) return send();
    const answer = shell.confirmWrite(`${method} ${path}`, signal).then(send);
    return Object.assign(answer, {
      json: <T>() => answer.then((response) => response.json() as Promise<T>),
      text: () => answer.then((response) => response.text()),
      arrayBuffer: () => answer.then((response) => response.arrayBuffer()),
    });
  };
  /** Asks once before all the records, and counts them where they are at hand. */
  const confirm = (operation: string, object: string, records: unknown): Promise<void> => {
    const count = Array.isArray(records) ? `${countOf(records.length)} of ` : "";
    return shell.confirmWrite(`${operation} ${count}${object}`, signal);
  };
  const own: Partial<Session> = {
    fetch: fetch as Session["fetch"],
    query: (soql, options) => session.query(soql, { signal, ...options }),
    bulkQuery: (soql, options) => session.bulkQuery(soql, { signal, ...options }),
    resumeJob: (id, options) => session.resumeJob(id, { signal, ...options }),
    insert: async (object, records, options) => {
      await confirm("insert", object, records);
      return await session.insert(object, records, { signal, ...options });
    },
    update: async (object, records, options) => {
      await confirm("update", object, records);
      return await session.update(object, records, { signal, ...options });
    },
    upsert: async (object, key, records, options) => {
      await confirm("upsert", object, records);
      return await session.upsert(object, key, records, { signal, ...options });
    },
    delete: async (object, records, options) => {
      await confirm("delete", object, records);
      return await session.delete(object, records, { signal, ...options });
    },
    graphql: async (query, variables) => {
      const body = JSON.stringify({ query, variables });
      const call = { kind: "request", method: "POST", path: "/graphql", body } as const;
      if (isWrite(call)) await shell.confirmWrite("POST /graphql", signal);
      return await session.graphql(query, variables);
    },
  };
  return new Proxy(session, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return own[name as keyof Session];
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

async function resultOf(value: unknown, shell: Shell): Promise<Result | undefined> {
  if (value === undefined) return undefined;
  if (value instanceof Response) {
    return (await readAnswer(value, { method: "GET", path: value.url })).result;
  }
  if (isQuery(value)) {
    return { kind: "records", source: await RecordCursor.open(value.pages()) };
  }
  if (isRecords(value)) {
    return { kind: "records", source: await RecordCursor.of(value) };
  }
  if (isData(value)) return { kind: "value", value };
  if (typeof value === "string") return { kind: "value", value };
  const text = inspect(value, { depth: 4 });
  return { kind: "text", text: shell.screen.terminal ? sanitize(text) : text };
}

function isQuery(value: unknown): value is Query {
  return Object.prototype.toString.call(value) === "[object Query]";
}

/** Plain objects, as records are. */
function isRecords(value: unknown): value is SObjectRecord[] {
  return Array.isArray(value) && value.length > 0 && value.every(isPlain);
}

function isPlain(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

/** What JSON shows as it is; a class, a function or a Map is shown as JavaScript shows it. */
function isData(value: unknown): boolean {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return true;
  if (isExact(value)) return true;
  if (Array.isArray(value)) return value.every((item) => typeof item === "string" || isData(item));
  return isPlain(value) &&
    Object.values(value as object).every((item) => typeof item === "string" || isData(item));
}
