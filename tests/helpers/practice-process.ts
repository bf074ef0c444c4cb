/** The practice org as users run it: `sfetch practice` in a process of its own. */
import { createInterface } from "node:readline";
import { startSelf } from "./runtime.ts";

/** A practice org in another process; what it is like is what `sfetch practice --json` prints. */
export interface PracticeProcess {
  url: string;
  clientId: string;
  username: string;
  /** Where the org made a key of its own. */
  privateKeyFile: string;
  /** Usernames by the part they play. */
  users: Record<string, string>;
  /** Consumer keys by the part they play. */
  apps: Record<string, string>;
  /** Steers it: `POST /_practice/NAME`. */
  control(name: string, body?: object): Promise<Record<string, unknown>>;
  /** Ends it; safe to call twice. */
  close(): Promise<void>;
}

/** Starts `sfetch practice` and waits until it is ready. */
export async function startPracticeProcess(...args: string[]): Promise<PracticeProcess> {
  const child = startSelf(["practice", "--json", ...args]);
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  let stderr = "";
  child.stderr!.on("data", (chunk) => stderr += chunk);
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once("line", resolve);
    ended.then(() => reject(new Error(`The practice org did not start: ${stderr}`)));
  });
  const ready = JSON.parse(line);
  return {
    ...ready,
    async control(name, body = {}) {
      const response = await fetch(`${ready.url}/_practice/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const answer = await response.json();
      if (!response.ok) throw new Error(`${name}: ${JSON.stringify(answer)}`);
      return answer;
    },
    async close() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
