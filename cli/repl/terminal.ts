/**
 * The session on a terminal: one readline for the whole session, statements one after another, Ctrl-C at once.
 */
import process from "node:process";
import { clearLine, createInterface, cursorTo, type Interface } from "node:readline";
import { historyFile, loadHistory, remember } from "./history.ts";
import { type HistoryKey, LineInput, MARK_PASTES } from "./input.ts";
import { continuation } from "./continuation.ts";
import { HistorySearch, type SearchState } from "./history-search.ts";
import { type Line, LineHistory } from "./line-history.ts";
import { promptFor, shortName } from "./prompt.ts";
import type { OrgLabel } from "../orgs/open-org.ts";
import { openScreen, type Screen } from "./screen.ts";
import type { Shell, ShellOptions, Surroundings } from "./shell.ts";
import type { StatementReader } from "./reader.ts";
import { sanitize } from "../terminal/terminal.ts";

/** How long Tab waits for names that were not fetched yet, in milliseconds. */
const MOMENT = 250;

/** Entries of the history that the up arrow brings back. */
const ENTRIES = 1000;

/** Runs until the user leaves. */
export async function runTerminal(label: OrgLabel, options: ShellOptions): Promise<void> {
  const terminal = new TerminalSession(label, options);
  await terminal.left;
}

class TerminalSession {
  readonly left: Promise<void>;
  #leave!: () => void;
  #screen: Screen = openScreen();
  #input = new LineInput(process.stdin);
  #rl: Interface;
  #prompt: string;
  #history = historyFile();
  #options: ShellOptions;
  /** Loaded after the first prompt is drawn. */
  #engine: Promise<{ shell: Shell; reader: StatementReader }>;
  #shell: Shell | undefined;
  #reader: StatementReader | undefined;
  /** The lines of the statement that is being typed. */
  #typed: string[] = [];
  #lines: LineHistory;
  #isAsking = false;
  #running: AbortController | undefined;
  /** The last key was Ctrl-C. */
  #interrupted = false;
  #closed = false;

  constructor(label: OrgLabel, options: ShellOptions) {
    this.#options = options;
    this.left = new Promise((resolve) => this.#leave = resolve);
    this.#prompt = promptFor(label.name, label.kind, this.#screen.colour);
    this.#lines = new LineHistory(loadHistory(this.#history), ENTRIES);
    if (this.#lines.isEmpty) this.#greet();
    if (shortName(label.name) !== label.name) this.#introduce(label.name);
    this.#rl = createInterface({
      input: this.#input,
      output: this.#screen.terminal ? this.#screen.out : process.stderr,
      terminal: true,
      prompt: this.#prompt,
      historySize: 0, // see LineHistory
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        this.#complete(line).then((result) => done(null, result));
      },
    });
    this.#rl.on("line", (line) => void this.#take(line));
    this.#rl.on("SIGINT", () => this.#interrupt());
    // After Ctrl-Z and fg, readline stays paused until it is asked to continue.
    this.#rl.on("SIGCONT", () => this.#prompting(true));
    this.#rl.on("close", () => void this.#close());
    this.#input.onInterrupt = () => this.#abort();
    this.#input.onPaste = (text) => this.#paste(text);
    this.#input.onHistory = (key) => this.#goBack(key);
    // Work that an expression left running may fail later. That does not end the session.
    process.on("unhandledRejection", (error) => void this.#announce(error));
    process.on("uncaughtException", (error) => void this.#announce(error));
    this.#input.on("keypress", (key) => {
      if (key === " ") this.#foresee(this.#rl.line);
      if (key !== "\x03") this.#interrupted = false;
    });
    this.#prompting();
    this.#engine = new Promise((resolve) => setImmediate(resolve)).then(() => this.#start());
    this.#engine.catch(() => {}); // reported by the statement that needs it
  }

  async #start(): Promise<{ shell: Shell; reader: StatementReader }> {
    const [{ Shell }, { StatementReader }] = await Promise.all([
      import("./shell.ts"),
      import("./reader.ts"),
    ]);
    const shell = this.#shell = new Shell(this.#surroundings(), this.#options);
    void shell.signIn().catch((error) => this.#announce(error));
    return { shell, reader: this.#reader = new StatementReader() };
  }

  #surroundings(): Surroundings {
    return {
      screen: this.#screen,
      interactive: true,
      ask: (question) => this.#ask(question),
      lend: (work) => this.#lend(work),
      source: (path) => this.#source(path),
      orgChanged: () => this.#redraw(),
    };
  }

  // ── statements

  /** Takes what Enter sent: a line, or the lines of a paste or of an entry of the history. */
  async #take(sent: string): Promise<void> {
    const controller = this.#running = new AbortController();
    this.#input.checkInterrupt();
    this.#markPastes("off");
    const lines = sent.split(/\r\n?|\n/);
    try {
      const { shell, reader } = await this.#engine;
      for (const [at, line] of lines.entries()) {
        this.#typed.push(line);
        const sources = reader.push(line);
        const next = lines[at + 1] ?? this.#input.next;
        if (reader.undecided) sources.push(...reader.settle(next));
        if (lines.length > 1 && at === lines.length - 1) sources.push(...reader.finish(next));
        await this.#runAll(shell, sources.map(({ text }) => text), controller.signal);
        if (controller.signal.aborted || this.#closed) break;
      }
      if (!reader.hasBegun) this.#typed = [];
      await this.#hint(reader);
    } catch (error) {
      await this.#fail(error, sent);
    }
    this.#running = undefined;
    this.#lines.reset();
    await this.#next();
  }

  /** Runs the statements that a line finished, up to the first failure. */
  async #runAll(shell: Shell, texts: string[], signal: AbortSignal): Promise<void> {
    if (texts.length === 0) return;
    const { goOnWith } = await import("./go-on.ts");
    const statements = texts.map((text) => goOnWith(shell, text));
    await this.#remember(statements);
    for (const text of statements) {
      if (!await this.#run(shell, text, signal)) break;
    }
  }

  /** Says why nothing was sent yet, to people who do not expect it. */
  async #hint(reader: StatementReader): Promise<void> {
    if (!reader.hasBegun) return;
    const { wantsBody } = await import("./statement.ts");
    if (!wantsBody(reader.pending) || this.#typed.length > 1) return;
    this.#screen.remark("Now the body, as JSON. An empty line sends the request without one.");
  }

  /** A paste goes into the line as a whole; a line end after it is Enter. */
  #paste(pasted: string): void {
    // deno-lint-ignore no-control-regex
    const text = pasted.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "");
    // An empty line at the end ends a statement, where one line end is only Enter.
    const inserted = text.replace(/\n+$/, (ends) => ends.length > 1 ? "\n" : "");
    const { line, cursor } = this.#rl;
    this.#setLine({
      line: line.slice(0, cursor) + inserted + line.slice(cursor),
      cursor: cursor + inserted.length,
    });
    if (text !== inserted) this.#input.enter();
  }

  #goBack(key: HistoryKey): void {
    if (this.#isAsking) return;
    if (key === "search") return this.#search();
    const line = this.#lines[key](this.#rl);
    if (line) this.#setLine(line);
  }

  /** Ctrl-R; the keys go to the search until one ends it. */
  #search(): void {
    const search = new HistorySearch(this.#lines);
    const before: Line = { line: this.#rl.line, cursor: this.#rl.cursor };
    const prompt = this.#rl.getPrompt();
    const show = (state: SearchState): string => {
      const isOver = state.kind !== "searching";
      const line = state.kind === "cancelled" ? before.line : state.line;
      const cursor = state.kind === "cancelled" ? before.cursor : line.length;
      this.#rl.setPrompt(state.kind === "searching" ? state.prompt : prompt);
      this.#setLine({ line, cursor });
      if (isOver) this.#input.capture = undefined;
      return isOver ? state.rest : "";
    };
    this.#input.capture = (keys) => show(search.press(keys));
    show(search.state);
  }

  /** readline has no call for it that leaves line ends in the line. */
  #setLine(line: Line): void {
    Object.assign(this.#rl, line);
    this.#rl.prompt(true);
  }

  /** Runs one statement. Returns false if it failed; then what follows on its line does not run. */
  async #run(shell: Shell, text: string, signal: AbortSignal): Promise<boolean> {
    try {
      signal.throwIfAborted();
      shell.org?.attempts.forget();
      this.#screen.wait(() => shell.org?.attempts.retrying ?? "");
      const { runStatement } = await import("./run-statement.ts");
      await runStatement(shell, text, signal);
      return true;
    } catch (error) {
      const { Exit } = await import("./shell.ts");
      if (error instanceof Exit) {
        this.#rl.close();
      } else if (signal.aborted) {
        this.#screen.note(this.#screen.paint.yellow("Interrupted."));
      } else {
        await this.#fail(error, text);
      }
      return false;
    } finally {
      this.#screen.endWait();
    }
  }

  async #fail(error: unknown, text: string): Promise<void> {
    const [{ viewError }, { nameMeant }] = await Promise.all([
      import("./error-view.ts"),
      import("./name-meant.ts"),
    ]);
    const { paint } = this.#screen;
    this.#screen.note(viewError(error, text, paint));
    const meant = await atMost(nameMeant(error, this.#shell?.schema), MOMENT, undefined);
    if (meant) this.#screen.note(paint.yellow(`Did you mean ${sanitize(meant)}?`));
  }

  async #next(): Promise<void> {
    if (this.#closed) return;
    const { reader } = await this.#engine.catch(() => ({ reader: undefined }));
    this.#rl.setPrompt(reader?.hasBegun ? continuation(this.#prompt) : this.#prompt);
    this.#prompting();
    this.#input.want();
  }

  /** Draws the prompt; from now on the terminal marks pastes. */
  #prompting(preserveCursor = false): void {
    this.#markPastes("on");
    this.#rl.prompt(preserveCursor);
  }

  #markPastes(how: "on" | "off"): void {
    if (!this.#screen.dumb) this.#screen.out.write(MARK_PASTES[how]);
  }

  async #source(path: string): Promise<void> {
    const { runFile } = await import("./script-input.ts");
    const { shell } = await this.#engine;
    await runFile(shell, path, this.#running!.signal);
  }

  // ── history

  /** What was typed on one line is one entry; of several lines each statement is one. */
  async #remember(statements: string[]): Promise<void> {
    const { historyEntry } = await import("./history-entry.ts");
    const typed = this.#typed.splice(0);
    const isLine = typed.length === 1 && statements.length > 1;
    for (const entry of isLine ? typed : statements.map(historyEntry)) {
      await remember(this.#history, entry);
      this.#lines.add(entry);
    }
  }

  // ── Ctrl-C and the end

  #abort(): void {
    this.#input.forget();
    this.#running?.abort(new DOMException("Interrupted.", "AbortError"));
    this.#shell?.abandonSignIn();
  }

  /** Ends what runs, else clears the line; a second time on an empty line, it leaves. */
  #interrupt(): void {
    if (this.#running) return this.#abort();
    const hasLine = this.#rl.line !== "" || this.#typed.length > 0;
    if (!hasLine && this.#interrupted) return this.#rl.close();
    this.#interrupted = true;
    this.#screen.out.write("\n");
    if (!hasLine) this.#screen.remark("Press Ctrl-C again, or Ctrl-D, to leave.");
    this.#dropLine();
  }

  #dropLine(): void {
    this.#reader?.drop();
    this.#typed = [];
    // readline has no call for it that leaves on the screen what was typed.
    Object.assign(this.#rl, { line: "", cursor: 0 });
    this.#lines.reset();
    this.#rl.setPrompt(this.#prompt);
    this.#prompting();
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#abort();
    this.#markPastes("off");
    this.#screen.note("");
    this.#input.close();
    await this.#shell?.close();
    this.#leave();
  }

  // ── what statements ask for

  #ask(question: string): Promise<string> {
    // What Ctrl-C ended may ask what is to become of its work; the next Ctrl-C is for that question.
    if (this.#running!.signal.aborted) this.#running = new AbortController();
    const { signal } = this.#running!;
    // A pasted answer counts; a pasted statement is not an answer, so it waits.
    const isAnswered = /^\s*(y|yes|n|no)\s*$/i.test(this.#input.next ?? "");
    const restore = isAnswered ? () => {} : this.#input.setAside();
    this.#isAsking = true;
    this.#screen.endWait();
    return new Promise<string>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#rl.question(question, { signal }, resolve);
      this.#input.want();
    }).finally(() => {
      this.#isAsking = false;
      restore();
      this.#input.checkInterrupt();
    });
  }

  async #lend<T>(work: () => Promise<T>): Promise<T> {
    // Ctrl-C is for the other program now.
    const ignore = (): void => {};
    this.#screen.endWait();
    process.on("SIGINT", ignore);
    try {
      return await this.#input.lend(work);
    } finally {
      process.off("SIGINT", ignore);
    }
  }

  // ── the prompt

  /** Draws the prompt again: another org was opened, or its kind became known. */
  #redraw(): void {
    const org = this.#shell?.org;
    if (!org) return;
    const prompt = promptFor(org.name, org.kind, this.#screen.colour);
    if (prompt === this.#prompt) return;
    this.#prompt = prompt;
    if (this.#running || this.#typed.length > 0) return;
    this.#rl.setPrompt(prompt);
    if (!this.#screen.dumb) this.#rl.prompt(true);
  }

  /** Reports at once that signing in failed, not only when the first statement is sent. */
  async #announce(error: unknown): Promise<void> {
    if (this.#closed || this.#running || isAbort(error)) return;
    const { viewError } = await import("./error-view.ts");
    this.#clearLine();
    this.#screen.note(viewError(error, "", this.#screen.paint));
    this.#rl.prompt(true);
  }

  /** For people who have never typed anything here. */
  #greet(): void {
    this.#clearLine();
    this.#screen.remark(
      "Type SOQL, a path such as /limits, or = JavaScript. Tab completes, .help shows more, Ctrl-D leaves.",
    );
  }

  /** Says once what the prompt has no room for. */
  #introduce(name: string): void {
    this.#clearLine();
    this.#screen.remark(`Connecting as ${name}. \`.org\` shows more.`);
  }

  #clearLine(): void {
    const { out, dumb } = this.#screen;
    if (dumb) return void out.write("\n"); // the prompt stays above
    cursorTo(out, 0);
    clearLine(out, 0);
  }

  // ── completion

  async #complete(line: string): Promise<[string[], string]> {
    try {
      const { reader } = await this.#engine;
      const { complete } = await import("./completion.ts");
      const above = reader.hasBegun ? reader.pending + "\n" : "";
      const after = this.#rl.line.slice(line.length);
      const offered = complete(above + line, after, {
        schema: this.#shell?.schema,
        last: this.#shell?.lastKnown,
        orgs: orgNames,
      });
      const { hits, word } = await atMost(offered, MOMENT, { hits: [], word: line });
      return [hits, word];
    } catch {
      return [[], line]; // completion that fails offers nothing
    }
  }

  /** Requests the fields of an object as soon as it is named, before Tab needs them. */
  #foresee(line: string): void {
    for (const [, object] of line.matchAll(/(?:\bFROM\s+|\/sobjects\/)(\w+)\W/gi)) {
      void this.#shell?.schema?.describe(object!);
    }
  }
}

/** Aborted by Ctrl-C, which was reported already. */
function isAbort(error: unknown): boolean {
  return error instanceof Error &&
    (error.name === "AbortError" || error.cause !== undefined && isAbort(error.cause));
}

async function orgNames(): Promise<string[]> {
  const [{ listOrgs }, { PRACTICE }] = await Promise.all([
    import("../../mod.ts"),
    import("../orgs/open-org.ts"),
  ]);
  return [...(await listOrgs()).map(({ name }) => name), PRACTICE];
}

function atMost<T>(work: Promise<T>, ms: number, otherwise: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(otherwise), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
