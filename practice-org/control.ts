/**
 * Controls the practice org: in this process by {@linkcode PracticeControl}, and from other processes on this machine
 * by `POST /_practice/NAME` with a JSON body.
 *
 * | `NAME` | body | answer |
 * |---|---|---|
 * | `expire-sessions` | `{}` | `{ expired }` |
 * | `fault` | a {@linkcode Fault}, e.g. `{ "kind": "status", "status": 503, "times": 2, "path": "/services/data" }` | `{}` |
 * | `clear-faults` | `{}` | `{}` |
 * | `set` | some {@linkcode PracticeSettings}, e.g. `{ "clockOffset": 7200000 }` | all settings |
 * | `user` | `{ username, … }` with the changes | the user |
 * | `app` | `{ clientId, … }` with the changes | the app, without its secret |
 * | `approve` | `{ username, clientId }` | `{}` |
 * | `move-instance` | `{ answer? }` | `{ instanceUrl }` |
 * | `bulk` | some {@linkcode BulkSettings}, e.g. `{ "hold": "InProgress" }` | all of them |
 * | `expire-jobs` | `{}` | `{}` |
 * | `lock-rows` | `{ count }` | `{}` |
 * | `requests` | `{}` | `{ requests, tokenRequests }` |
 * | `clear-requests` | `{}` | `{}` |
 */
import type { BulkSettings } from "./bulk/work.ts";
import type { Fault } from "./faults.ts";
import { type Call, isForThisMachine, isType, json, type Reply, textOf } from "./http.ts";
import {
  approve,
  findApp,
  findUser,
  type LoggedRequest,
  type MovedAnswer,
  type Org,
  type PracticeSettings,
} from "./org.ts";
import type { PracticeApp, PracticeUser } from "./personas.ts";
import { parseJson } from "./rest/body.ts";

/**
 * Controls a practice org: faults, settings, users, apps and the log of requests.
 *
 * Other processes use `POST /_practice/NAME` with a JSON body, where `NAME` is the name of a method in kebab case: `curl -d '{"kind":"hang"}' -H 'Content-Type: application/json' http://127.0.0.1:4321/_practice/fault`.
 *
 * @example A fault, and the requests that the server received
 * ```ts
 * import { createSession } from "./mod.ts";
 * import { startPracticeOrg } from "./practice-org/mod.ts";
 *
 * const { control, clientId, username, privateKey, url: loginUrl, close } = await startPracticeOrg();
 * const session = createSession({ clientId, username, privateKey, loginUrl });
 *
 * await session.fetch("/limits");
 * control.expireSessions();
 * control.clearRequests();
 * await session.fetch("/limits"); // 401, a new token, and the same again
 * console.log(control.requests().map(({ path }) => path).length); // 3
 *
 * control.fault({ kind: "cut", path: "/services/data/v67.0/sobjects", times: "always" });
 * await session.fetch("/sobjects", { retry: 0 }).catch((error) => console.log(error.name)); // ConnectionError
 * await close();
 * ```
 */
export interface PracticeControl {
  /** Ends every session and returns their number. Refresh tokens stay valid. */
  expireSessions(): number;
  /** Applies a fault to coming requests; `times` is their number, one by default. */
  fault(fault: Fault): void;
  /** Removes the faults that have not been used up. */
  clearFaults(): void;
  /** Changes settings and returns all of them. */
  set(settings: Partial<PracticeSettings>): PracticeSettings;
  /** Changes a user. Throws if there is no user with this name. */
  user(username: string, changes: Partial<PracticeUser>): PracticeUser;
  /** Changes an app. Throws if there is no app with this consumer key. */
  app(clientId: string, changes: Partial<PracticeApp>): PracticeApp;
  /** Approves an app for a user, as the user does in the browser. */
  approve(username: string, clientId: string): void;
  /**
   * Moves the org to a second port, for which new tokens are; returns its URL. The sessions end, and the API's old
   * URL answers as told, by default with a dead session. The token endpoint stays.
   */
  moveInstance(answer?: MovedAnswer): Promise<string>;
  /** Changes the settings of Bulk API 2.0 jobs and returns all of them. */
  bulk(settings: Partial<BulkSettings>): BulkSettings;
  /** Removes all Bulk API 2.0 jobs, as Salesforce does after seven days. */
  expireJobs(): void;
  /** Makes the next writes of this many records fail with `UNABLE_TO_LOCK_ROW`. */
  lockRows(count: number): void;
  /** Returns the last 10,000 requests, the oldest first. */
  requests(): LoggedRequest[];
  /** Returns the number of requests to the token endpoint since the start or the last `clearRequests()`. */
  tokenRequests(): number;
  /** Clears the log of requests. */
  clearRequests(): void;
}

/** Creates the control of an org; `listen` opens another port and returns its URL. */
export function createControl(org: Org, listen: () => Promise<string>): PracticeControl {
  return {
    expireSessions: () => org.sessions.expireAll(),
    fault: (fault) => org.faults.add(fault),
    clearFaults: () => org.faults.clear(),
    set: (settings) => {
      const unknown = Object.keys(settings).find((name) => !Object.hasOwn(org.settings, name));
      if (unknown) throw new TypeError(`The practice org has no setting "${unknown}"`);
      return Object.assign(org.settings, settings);
    },
    user: (username, changes) => {
      const user = findUser(org, username);
      if (!user) throw new Error(`The practice org has no user "${username}"`);
      return Object.assign(user, changes);
    },
    app: (clientId, changes) => {
      const app = findApp(org, clientId);
      if (!app) throw new Error(`The practice org has no app with the consumer key "${clientId}"`);
      return Object.assign(app, changes);
    },
    approve: (username, clientId) => {
      const user = findUser(org, username);
      const app = findApp(org, clientId);
      if (!user || !app) throw new Error("The practice org has no such user or app");
      approve(org, user, app);
    },
    moveInstance: async (answer = "INVALID_SESSION_ID") => {
      const instanceUrl = await listen();
      org.formerInstances.set(org.instanceUrl, answer);
      org.instanceUrl = instanceUrl;
      org.sessions.expireAll();
      return instanceUrl;
    },
    bulk: (settings) => org.bulk.set(settings),
    expireJobs: () => org.bulk.jobs.expire(),
    lockRows: (count) => org.writer.lockedRows = count,
    requests: () => [...org.log],
    tokenRequests: () => org.tokenRequests,
    clearRequests: () => {
      org.log.length = 0;
      org.tokenRequests = 0;
    },
  };
}

/** Answers `/_practice/NAME`. */
export async function controlEndpoint(control: PracticeControl, call: Call): Promise<Reply> {
  // A web page cannot send JSON to another origin without a preflight request, which is not granted here.
  if (call.method !== "POST" || !isType(call, "application/json") || !isForThisMachine(call)) {
    return json(403, {
      error: "Send a POST request with content type application/json from this machine",
    });
  }
  try {
    const body = parseJson(textOf(call) || "{}");
    return json(200, await command(control, call.path.slice("/_practice/".length), body) ?? {});
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

// deno-lint-ignore no-explicit-any
async function command(control: PracticeControl, name: string, body: any): Promise<unknown> {
  switch (name) {
    case "expire-sessions":
      return { expired: control.expireSessions() };
    case "fault":
      return control.fault(body);
    case "clear-faults":
      return control.clearFaults();
    case "set":
      return control.set(body);
    case "user": {
      const { username, ...changes } = body;
      return control.user(username, changes);
    }
    case "app": {
      const { clientId, ...changes } = body;
      const { clientSecret: _, ...app } = control.app(clientId, changes);
      return app;
    }
    case "approve":
      return control.approve(body.username, body.clientId);
    case "move-instance":
      return { instanceUrl: await control.moveInstance(body.answer) };
    case "bulk":
      return control.bulk(body);
    case "expire-jobs":
      return control.expireJobs();
    case "lock-rows":
      return control.lockRows(body.count);
    case "requests":
      return { requests: control.requests(), tokenRequests: control.tokenRequests() };
    case "clear-requests":
      return control.clearRequests();
    default:
      throw new Error(`The practice org has no control "${name}"`);
  }
}
