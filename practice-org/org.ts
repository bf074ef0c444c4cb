/** The state of a practice org that its parts share. */
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

/** What an admin, or fate, can set while the practice org runs. */
export interface PracticeSettings {
  /** Milliseconds that the org's clock is ahead of this machine's: in its `Date` header and for `exp`. @default {0} */
  clockOffset: number;
  /** Seconds without a call after which an opaque token is dead. @default {7200} */
  sessionTimeout: number;
  /** Audiences taken besides the org's own URL. @default {["https://login.salesforce.com"]} */
  audiences: string[];
  /** Whether the org's own URL is taken as the audience. @default {true} */
  ownAudience: boolean;
  /** Sign-ins of one user in an hour; the next is refused with "login rate exceeded". @default {3600} */
  loginsPerHour: number;
  /** `suspended`: no sign-in; `deleted`: also no other answer than "Data Not Available". @default {"active"} */
  orgStatus: "active" | "suspended" | "deleted";
  /** Whether all apps issue JWT-based access tokens. @default {false} */
  jwtTokens: boolean;
  /** Seconds that a JWT-based access token lives. @default {1800} */
  jwtTimeout: number;
  /** Origins on the org's CORS allow list, or `*`. @default {[]} */
  corsOrigins: string[];
  /** "Enable CORS for OAuth endpoints". @default {false} */
  corsForOAuth: boolean;
}

/** A request that came in, without its secrets. */
export interface LoggedRequest {
  /** The method, in upper case. */
  method: string;
  /** The path with its query; values that are secrets are replaced by `****`. */
  path: string;
  /** Whether an `Authorization` header came along. */
  bearer: boolean;
  /** The origin it was sent to. */
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
  /** Change events and those who follow them. */
  events: EventBus;
  sessions: Sessions;
  settings: PracticeSettings;
  faults: Faults;
  /** Aborted when the org ends: waits do not keep a process alive after that. */
  end: AbortController;
  /** Origin of the token endpoint. */
  loginUrl: string;
  /** Origin that new tokens are for; the login URL until the instance moves. */
  instanceUrl: string;
  /** How an origin answers that the instance has moved away from. */
  formerInstances: Map<string, MovedAnswer>;
  /** Consumer key and username of those who approved an app in the browser. */
  approvals: Set<string>;
  /** Requests of apps that wait for the user, by their id in the page. */
  authorizations: Map<string, AuthorizationRequest>;
  /** Codes that wait for their exchange. */
  codes: Map<string, AuthorizationCode>;
  /** `iss` and `jti` of the assertions that came in. */
  assertionIds: Set<string>;
  /** Sign-ins of each user since the hour began. */
  logins: Map<PracticeUser, { since: number; count: number }>;
  log: LoggedRequest[];
  /** Calls to the API since the start. */
  apiUsage: number;
  tokenRequests: number;
  /** Key of `signature` in token responses, as an app's secret is on the platform. */
  signatureKey: Uint8Array;
}

/** An authorization code that waits for its exchange. */
export interface AuthorizationCode {
  grant: Grant;
  redirectUri: string;
  /** The PKCE challenge (S256), if one was sent. */
  challenge: string | null;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** A request of an app that waits for the user. */
export interface AuthorizationRequest {
  app: PracticeApp;
  scopes: string[];
  redirectUri: string;
  responseType: "code" | "token";
  state: string | null;
  challenge: string | null;
  /** Whether the user is asked again, although the app is approved. */
  asksAgain: boolean;
  /** Who has logged in. */
  user?: PracticeUser;
}

/** The answer of a host that no longer serves the org. */
export type MovedAnswer = "INVALID_SESSION_ID" | "URL_NOT_RESET" | "420";

/** What a new org is made of. */
export interface OrgOptions {
  publicKey: CryptoKey;
  /** Accounts to seed. @default {50} */
  rows?: number;
  /** Seconds without a call after which a session is dead. @default {7200} */
  sessionTimeout?: number;
}

/** Makes the state of a new org; `dispatch` answers requests to its API. */
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

/** Milliseconds since the epoch on the org's clock. */
export function orgTime(org: Org): number {
  return Date.now() + org.settings.clockOffset;
}

export function findApp(org: Org, clientId: string | null): PracticeApp | undefined {
  return Object.values(org.apps).find((app) => app.clientId === clientId);
}

/** Usernames are the same in upper and lower case. */
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
