/** The state that the parts of a practice org share. */
import { randomBytes } from "node:crypto";
import { BulkWork } from "./bulk/work.ts";
import { Faults } from "./faults.ts";
import type { ApiCall, Reply } from "./http.ts";
import { idOf } from "./ids.ts";
import {
  createApps,
  createUsers,
  type PracticeApp,
  type PracticeApps,
  type PracticeUser,
  type PracticeUsers,
} from "./personas.ts";
import type { Store } from "./records.ts";
import { Cursors } from "./rest/cursors.ts";
import { createStore } from "./seed.ts";
import { type Grant, Sessions } from "./sessions.ts";
import { EventBus } from "./streaming/change-events.ts";
import { RecordWriter } from "./writes.ts";

/** Settings that can change while the practice org runs. */
export interface PracticeSettings {
  /** How far the org's clock is ahead of this machine's, in milliseconds. Affects the `Date` header and `exp`. @default {0} */
  clockOffset: number;
  /** The number of seconds without a call after which an opaque token expires. @default {7200} */
  sessionTimeout: number;
  /** Audiences accepted besides the org's own URL. @default {["https://login.salesforce.com"]} */
  audiences: string[];
  /** Whether the org's own URL is accepted as the audience. @default {true} */
  ownAudience: boolean;
  /** The number of sign-ins allowed per user and hour; the next one is refused with "login rate exceeded". @default {3600} */
  loginsPerHour: number;
  /** `suspended` refuses every sign-in; `deleted` also answers every other request with "Data Not Available". @default {"active"} */
  orgStatus: "active" | "suspended" | "deleted";
  /** Whether all apps issue JWT-based access tokens. @default {false} */
  jwtTokens: boolean;
  /** The lifetime of a JWT-based access token, in seconds. @default {1800} */
  jwtTimeout: number;
  /** Origins on the org's CORS allow list, or `*`. @default {[]} */
  corsOrigins: string[];
  /** The setting "Enable CORS for OAuth endpoints". @default {false} */
  corsForOAuth: boolean;
}

/** A request that the org received, without its secrets. */
export interface LoggedRequest {
  /** The method, in upper case. */
  method: string;
  /** The path with its query; values that are secrets are replaced by `****`. */
  path: string;
  /** Whether the request had an `Authorization` header. */
  bearer: boolean;
  /** The origin that the request was sent to. */
  origin: string;
}

/** The org. */
export interface Org {
  id: string;
  users: PracticeUsers;
  apps: PracticeApps;
  /** The key in the certificate of the apps that have one. */
  publicKey: CryptoKey;
  /** The records. */
  store: Store;
  /** Creates, changes and deletes records. */
  writer: RecordWriter;
  /** Bulk API 2.0 jobs. */
  bulk: BulkWork;
  /** The text of debug logs, by the ids of their ApexLog records. */
  logs: Map<string, string>;
  /** Query results that have more pages. */
  cursors: Cursors;
  /** When the org started, which is when its metadata was last modified. */
  startedAt: Date;
  /** Answers a request to the API; how composite requests have their parts answered. */
  dispatch(call: ApiCall): Promise<Reply>;
  /** Change events and their subscribers. */
  events: EventBus;
  sessions: Sessions;
  settings: PracticeSettings;
  faults: Faults;
  /** Aborted when the org closes, so that pending waits do not keep the process alive. */
  end: AbortController;
  /** The origin of the token endpoint. */
  loginUrl: string;
  /** The origin that new tokens are issued for: the login URL, until the instance moves. */
  instanceUrl: string;
  /** How the former origins of the instance answer. */
  formerInstances: Map<string, MovedAnswer>;
  /** Approvals given in the browser: consumer key and username. */
  approvals: Set<string>;
  /** Authorization requests that wait for the user, by their id in the page. */
  authorizations: Map<string, AuthorizationRequest>;
  /** Authorization codes that have not been exchanged. */
  codes: Map<string, AuthorizationCode>;
  /** The `iss` and `jti` of the assertions received. */
  assertionIds: Set<string>;
  /** The sign-ins of each user in the current hour. */
  logins: Map<PracticeUser, { since: number; count: number }>;
  log: LoggedRequest[];
  /** The number of API calls since the start. */
  apiUsage: number;
  tokenRequests: number;
  /** The key for `signature` in token responses. Salesforce uses the app's secret. */
  signatureKey: Uint8Array;
}

/** An authorization code that has not been exchanged. */
export interface AuthorizationCode {
  grant: Grant;
  redirectUri: string;
  /** The PKCE challenge (S256), if one was sent. */
  challenge: string | null;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** An authorization request that waits for the user. */
export interface AuthorizationRequest {
  app: PracticeApp;
  scopes: string[];
  redirectUri: string;
  responseType: "code" | "token";
  state: string | null;
  challenge: string | null;
  /** Whether the user is asked even if the app is approved already. */
  asksAgain: boolean;
  /** The user who has logged in. */
  user?: PracticeUser;
}

/** The answer of a host that no longer serves the org. */
export type MovedAnswer = "INVALID_SESSION_ID" | "URL_NOT_RESET" | "420";

/** Options for a new org. */
export interface OrgOptions {
  publicKey: CryptoKey;
  /** The number of accounts. @default {50} */
  rows?: number;
  /** The number of seconds without a call after which a session expires. @default {7200} */
  sessionTimeout?: number;
}

/** Creates the state of a new org; `dispatch` answers requests to its API. */
export function createOrg(
  { publicKey, rows = 50, sessionTimeout = 7200 }: OrgOptions,
  dispatch: (org: Org, call: ApiCall) => Promise<Reply>,
): Org {
  const settings: PracticeSettings = {
    clockOffset: 0,
    sessionTimeout,
    audiences: ["https://login.salesforce.com"],
    ownAudience: true,
    loginsPerHour: 3600,
    orgStatus: "active",
    jwtTokens: false,
    jwtTimeout: 1800,
    corsOrigins: [],
    corsForOAuth: false,
  };
  const id = idOf("00D", 0);
  const users = createUsers();
  const store = createStore({
    rows,
    orgId: id,
    userId: users.admin.id,
    users: Object.values(users),
  });
  const events = new EventBus();
  store.onChange = (change) => events.publish(change);
  const writer = new RecordWriter(store);
  const org: Org = {
    id,
    users,
    apps: createApps(),
    publicKey,
    store,
    writer,
    bulk: new BulkWork(store, writer, () => orgTime(org)),
    logs: new Map(),
    cursors: new Cursors(),
    startedAt: new Date(),
    dispatch: (call) => dispatch(org, call),
    events,
    sessions: new Sessions(() => settings.sessionTimeout * 1000),
    settings,
    faults: new Faults(),
    end: new AbortController(),
    loginUrl: "",
    instanceUrl: "",
    formerInstances: new Map(),
    approvals: new Set(),
    authorizations: new Map(),
    codes: new Map(),
    assertionIds: new Set(),
    logins: new Map(),
    log: [],
    apiUsage: 0,
    tokenRequests: 0,
    signatureKey: randomBytes(32),
  };
  return org;
}

/** Returns the time on the org's clock, in milliseconds since the epoch. */
export function orgTime(org: Org): number {
  return Date.now() + org.settings.clockOffset;
}

export function findApp(org: Org, clientId: string | null): PracticeApp | undefined {
  return Object.values(org.apps).find((app) => app.clientId === clientId);
}

/** Returns the user with a username, whatever its case. */
export function findUser(org: Org, username: string | null): PracticeUser | undefined {
  const wanted = username?.toLowerCase();
  return Object.values(org.users).find((user) => user.username.toLowerCase() === wanted);
}

export function hasApproved(org: Org, user: PracticeUser, app: PracticeApp): boolean {
  return org.approvals.has(`${app.clientId} ${user.username}`);
}

export function approve(org: Org, user: PracticeUser, app: PracticeApp): void {
  org.approvals.add(`${app.clientId} ${user.username}`);
}
