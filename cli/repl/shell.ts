/**
 * What a session holds: the org, the settings, the last result, and what was sent.
 */
import type { Session } from "../../mod.ts";
import { UsageError } from "../arguments/command.ts";
import type { Format } from "../output/output.ts";
import { number } from "../terminal/number.ts";
import { sanitize } from "../terminal/terminal.ts";
import { askOrganization, kindOf } from "../orgs/org-kind.ts";
import type { OrgArgs } from "../orgs/open-org.ts";
import { connect, type Connection } from "./connection.ts";
import { Rows } from "./rows.ts";
import { type LoggedCall, SessionLog } from "./script.ts";
import { SchemaCache } from "./schema-cache.ts";
import type { Screen } from "./screen.ts";
import type { Target } from "./target.ts";

/** What the surroundings, a terminal or a pipe, provide. */
export interface Surroundings {
  screen: Screen;
  /** Whether there is somebody to answer a question. */
  interactive: boolean;
  /** Asks for a line; rejects if there is nobody to answer. */
  ask(question: string): Promise<string>;
  /** Gives the terminal to another program while the work lasts. */
  lend<T>(work: () => Promise<T>): Promise<T>;
  /** Runs the statements of a file. */
  source(path: string): Promise<void>;
  /** Called when the prompt changes: another org was opened, or its kind became known. */
  orgChanged(): void;
}

/** The options from the command line. */
export interface ShellOptions extends OrgArgs {
  format?: Format;
}

/** The settings that dot commands change. */
export interface ShellSettings {
  /** Set by `.format`. The default is a table on a terminal, JSON elsewhere. */
  format?: Format;
  time: boolean;
  pager: boolean;
  /** Writes to production are sent without a question. */
  writes: boolean;
  /** Nothing that could change the org is sent. */
  readOnly: boolean;
  /** CSV files are written for Excel: with a byte order mark, and with formulas made plain text. */
  excel: boolean;
}

/** Thrown by `.exit`. */
export class Exit extends Error {}

/** A session of the REPL. */
export class Shell {
  readonly surroundings: Surroundings;
  readonly screen: Screen;
  readonly settings: ShellSettings = {
    time: true,
    pager: false,
    writes: false,
    readOnly: false,
    excel: false,
  };
  readonly log: SessionLog = new SessionLog();
  /** What expressions assigned. */
  readonly variables: Record<string, unknown> = {};
  /** The value of the last statement: what `_` is. The rows of a query are completed when an expression uses them. */
  last: unknown;
  /** The records of the last query: what `rows` is. */
  rows: Rows | undefined;
  /** The query that was typed last, where nothing was typed after it. */
  lastQuery: string | undefined;
  /** Shows the next part of the last result, and returns the notes to show below it. */
  more: (() => Promise<string[]>) | undefined;
  #org: OrgArgs;
  #connection: Promise<Connection> | undefined;
  #known: Connection | undefined;
  #schema: SchemaCache | undefined;

  constructor(surroundings: Surroundings, options: ShellOptions = {}) {
    this.surroundings = surroundings;
    this.screen = surroundings.screen;
    this.settings.format = options.format;
    this.#org = options;
  }

  /** The org, if it is open. */
  get org(): Connection | undefined {
    return this.#known;
  }

  /** The org in use, opened by the first call. After a failure, the next call tries again. */
  connection(): Promise<Connection> {
    this.#connection ??= connect(this.#org).then((connection) => {
      this.#known = connection;
      this.#schema = new SchemaCache(connection.session);
      this.surroundings.orgChanged();
      return connection;
    }).catch((error) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }

  /** The session with the org in use. */
  async session(): Promise<Session> {
    return (await this.connection()).session;
  }

  /** The org's objects and fields; undefined before the org is open. */
  get schema(): SchemaCache | undefined {
    return this.#schema;
  }

  /** The last value as far as it is here: of a query's records, those that were fetched. */
  get lastKnown(): unknown {
    return this.last instanceof Rows ? this.last.records : this.last;
  }

  /** Switches to another org; stays with this one if signing in to the other fails. */
  async use(org: string, signal: AbortSignal): Promise<Connection> {
    const next = await connect({ ...this.#org, org });
    try {
      await next.session.getToken({ signal });
    } catch (error) {
      await next.close();
      throw error;
    }
    await this.#connection?.catch(() => {}); // the first one may still be on its way
    await this.#known?.close();
    this.#org = { ...this.#org, org };
    this.#known = next;
    this.#connection = Promise.resolve(next);
    this.#schema = new SchemaCache(next.session);
    this.log.useOrg(org);
    this.surroundings.orgChanged();
    return next;
  }

  /** Signs in and asks for the org's kind, so that the first statement need not wait for them. */
  async signIn(): Promise<void> {
    const connection = await this.connection();
    await connection.session.getToken();
    await this.#learnKind(connection);
    this.#schema?.objects();
  }

  /** Ctrl-C while the session signs in. */
  abandonSignIn(): void {
    this.#known?.attempts.abandonSignIn();
  }

  /** Asks before a write to production. Throws {@link UsageError} if the answer is no, or if there is nobody to answer. */
  async confirmWrite(what: string, signal: AbortSignal): Promise<void> {
    if (this.settings.readOnly) {
      throw new UsageError(
        `${what} was refused: the session is read-only. Nothing was sent.`,
        "`.read-only off` allows writes again.",
      );
    }
    const connection = await this.connection();
    if (this.settings.writes) return;
    await this.#learnKind(connection, signal);
    signal.throwIfAborted();
    if (connection.kind && connection.kind !== "production") return;
    const where = connection.kind ?? "an org of unknown kind";
    if (!this.surroundings.interactive) {
      throw new UsageError(
        `${what} would write to ${where} (${connection.name}). Nothing was sent.`,
        "Put `.writes on` before it to allow writes.",
      );
    }
    const answer = await this.surroundings.ask(
      this.screen.paint.red(sanitize(`${what} on ${connection.name}, ${where}: sure? [y/N] `)),
    );
    if (!/^y(es)?$/i.test(answer.trim())) {
      throw new UsageError("Nothing was sent.", "`.writes on` allows writes for this session.");
    }
  }

  /** Records a call for `.curl` and `.script`. */
  record(call: LoggedCall): void {
    this.log.add(call);
  }

  /** `API 123/15,000`; empty before the first answer. */
  usage(): string {
    const usage = this.#known?.session.limits.apiUsage;
    return usage ? `API ${number(usage.used)}/${number(usage.max)}` : "";
  }

  /** Ends what was started. */
  async close(): Promise<void> {
    this.#schema?.close();
    await this.#known?.close();
  }

  async #learnKind(connection: Connection, signal?: AbortSignal): Promise<void> {
    if (connection.kind) return;
    connection.kind = await askOrganization(connection.session, signal).then(kindOf)
      .catch(() => undefined);
    if (connection.kind && connection === this.#known) this.surroundings.orgChanged();
  }
}

/** How a statement runs. */
export interface RunOptions {
  target?: Target;
  /** Ctrl-C. */
  signal: AbortSignal;
}
