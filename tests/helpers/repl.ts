/** The REPL in a real terminal, on the runtime that runs the test. */
import { join } from "node:path";
import type { TestContext } from "node:test";
import { removeFolder } from "./remove-folder.ts";
import { root, selfCommand, temporaryFolder } from "./runtime.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/** A session in a terminal, with folders of its own that outlive it. */
export interface ReplTerminal extends Terminal {
  /** The folder in which it runs, and its `HOME`. */
  folder: string;
  /** Types a line, presses Enter. */
  enter(line: string): Promise<void>;
}

/** The sessions of one test: closed, and their folders removed, by `close`. */
export class Repls {
  /** `HOME` and working directory of all of them. */
  readonly folder: string = temporaryFolder();
  #terminals: Terminal[] = [];

  /** Opens a session and waits for its prompt. */
  async open(
    env: Record<string, string>,
    { args = [], prompt = />$/m, width, height }: {
      args?: string[];
      prompt?: string | RegExp;
      width?: number;
      height?: number;
    } = {},
  ): Promise<ReplTerminal> {
    return await this.openCommand([...selfCommand(), join(root, "cli.ts"), ...args], env, prompt, {
      width,
      height,
    });
  }

  /** Opens another program in the same way, such as a shell to start a session from. */
  async openCommand(
    command: string[],
    env: Record<string, string>,
    prompt: string | RegExp,
    { width, height }: { width?: number; height?: number } = {},
  ): Promise<ReplTerminal> {
    const terminal = await openTerminal({
      command,
      env: { HOME: this.folder, ...env },
      cwd: this.folder,
      width,
      height,
    });
    this.#terminals.push(terminal);
    await terminal.waitFor(prompt);
    const enter = async (line: string): Promise<void> => {
      if (line) await terminal.send(line);
      await terminal.press("Enter");
    };
    return { ...terminal, folder: this.folder, enter };
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    await Promise.all(this.#terminals.map((terminal) => terminal.close().catch(() => {})));
    await removeFolder(this.folder);
  }
}

/** Runs a test with sessions that are closed at its end. */
export function withRepls(
  test: (repls: Repls) => Promise<void>,
): (context: TestContext) => Promise<void> {
  return async () => {
    const repls = new Repls();
    try {
      await test(repls);
    } finally {
      await repls.close();
    }
  };
}
