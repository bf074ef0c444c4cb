/** A real terminal for a test: tmux on a socket of its own. */
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { removeFolder } from "./remove-folder.ts";
import { childEnv, type RunOptions, temporaryFolder } from "./runtime.ts";
import { openShell } from "./shell.ts";
import { PATIENCE, until } from "./until.ts";

/** What runs in the terminal, and its size in characters. Without `HOME` it gets an empty one, and runs in it. */
export interface TerminalOptions extends Pick<RunOptions, "env" | "cwd"> {
  /** The program and its arguments. */
  command: string[];
  /** @default {100} */
  width?: number;
  /** @default {40} */
  height?: number;
}

/** A program in a terminal, driven by keys and read from the screen. */
export interface Terminal {
  /** Types the text as it is; a line end in it is the Enter key. */
  send(text: string): Promise<void>;
  /** Pastes the text at once, however long; `marked` as terminals do that mark pastes where they are asked to. */
  paste(text: string, options?: { marked?: boolean }): Promise<void>;
  /** Keeps what the program sends from now on. */
  record(): Promise<void>;
  /** The bytes that the program has sent since `record()`, as latin1. */
  sent(): Promise<string>;
  /**
   * Waits until the program has sent the text since `record()`, also where it has taken it away again before anybody
   * could see it.
   */
  waitForSent(text: RegExp): Promise<void>;
  /** Presses keys by tmux's names: `Enter`, `Tab`, `Up`, `Escape`, `C-c`, `C-d` … */
  press(...keys: string[]): Promise<void>;
  /**
   * Waits until the text shows, scrolled off lines included, and gives what was seen.
   * Rejects with the screen if it has not shown within `timeout` milliseconds.
   *
   * @default timeout {PATIENCE}
   */
  waitFor(text: string | RegExp, timeout?: number): Promise<string>;
  /** What is on the screen now, without blanks at the ends of lines. */
  screen(): Promise<string>;
  /** What has been shown so far, with its colours as escape sequences. */
  coloured(): Promise<string>;
  /** Waits until the program ends and gives its exit code. */
  exited(timeout?: number): Promise<number>;
  /** Ends the program and the terminal. */
  close(): Promise<void>;
}

/** Opens a terminal with a program running in it. */
export async function openTerminal(options: TerminalOptions): Promise<Terminal> {
  const { command, env, width = 100, height = 40 } = options;
  const socket = `sfetch-${randomUUID()}`;
  const folder = temporaryFolder();
  const home = join(folder, "home");
  const cwd = options.cwd ?? home;
  const exitCodeFile = join(folder, "exit-code");
  const recording = join(folder, "sent");
  await mkdir(home);
  const variables = childEnv({ HOME: home, LANG: "C.UTF-8", NO_COLOR: undefined, ...env });

  const shell = openShell(variables, cwd);
  const tmux = (...args: string[]): Promise<string> =>
    shell.run("tmux", "-u", "-L", socket, "-f", "/dev/null", ...args);

  // tmux 3.3 now and then loses the exit code of its program, so a shell notes it. The shell takes
  // no notice of Ctrl-C, which is for the program alone.
  const noteExitCode = `trap : INT QUIT; "$@"; echo $? > "$0"`;
  // deno-fmt-ignore
  await tmux(
    "start-server", ";", "set-option", "-g", "remain-on-exit", "on", ";",
    "set-option", "-g", "history-limit", "20000", ";",
    "set-option", "-g", "status", "off", ";", "set-option", "-g", "escape-time", "0", ";",
    "new-session", "-d", "-x", String(width), "-y", String(height), "-c", cwd,
    "sh", "-c", noteExitCode, exitCodeFile, ...command.map(escapeSemicolon),
  );

  const capture = async (...flags: string[]) =>
    (await tmux("capture-pane", "-p", "-J", ...flags)).replace(/[ \t]+$/gm, "").trimEnd();

  async function exitCode(): Promise<number | undefined> {
    const code = (await readFile(exitCodeFile, "utf8").catch(() => "")).trim();
    return code === "" ? undefined : Number(code);
  }

  async function poll<T>(
    look: () => Promise<T | undefined>,
    what: string,
    timeout = PATIENCE,
  ): Promise<T> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > deadline) {
        throw new Error(`${what} within ${timeout} ms. The screen:\n${await capture("-S", "-")}`);
      }
      await delay(30);
    }
  }

  const sent = () => readFile(recording, "latin1");

  return {
    async send(text) {
      for (const [index, line] of text.split("\n").entries()) {
        if (index > 0) await tmux("send-keys", "Enter");
        if (line) await tmux("send-keys", "-l", "--", escapeSemicolon(line));
      }
    },
    async paste(text, { marked = false } = {}) {
      const file = join(folder, "paste");
      await writeFile(file, text);
      await tmux("load-buffer", file);
      await tmux("paste-buffer", ...(marked ? ["-p"] : []));
    },
    async record() {
      await tmux("pipe-pane", `cat > '${recording}'`);
      await until(() => existsSync(recording));
    },
    sent,
    async waitForSent(text) {
      const utf8 = async () => Buffer.from(await sent(), "latin1").toString();
      await until(async () => text.test(stripVTControlCharacters(await utf8())), utf8);
    },
    async press(...keys) {
      await tmux("send-keys", ...keys);
    },
    waitFor(text, timeout) {
      const shows = typeof text === "string"
        ? (screen: string) => screen.includes(text)
        : (screen: string) => screen.search(text) >= 0;
      return poll(
        async () => {
          const ended = await exitCode() !== undefined;
          const screen = await capture("-S", "-");
          if (shows(screen)) return screen;
          if (ended) throw new Error(`The program ended and ${text} did not show:\n${screen}`);
        },
        `${text} did not show`,
        timeout,
      );
    },
    screen: () => capture(),
    coloured: () => capture("-e", "-S", "-"),
    exited: (timeout) => poll(exitCode, "The program did not end", timeout),
    async close() {
      await tmux("kill-server");
      shell.close();
      await removeFolder(folder);
    },
  };
}

/** tmux takes a `;` at the end of an argument for the end of its command. */
function escapeSemicolon(text: string): string {
  return text.endsWith(";") ? text.slice(0, -1) + "\\;" : text;
}
