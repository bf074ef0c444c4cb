/**
 * Salesforce from one file: sign in with the OAuth 2.0 JWT bearer flow, call the REST API, read
 * query results of any size. Web standards only; the same on Deno, Bun, Node, in browsers and Workers.
 *
 * The free functions work on one session made from the environment (`SF_CLIENT_ID`, `SF_USERNAME`,
 * `SF_PRIVATE_KEY_FILE`, `SF_LOGIN_URL`, …); {@linkcode createSession} makes others.
 *
 * @example The shortest script
 * ```ts
 * import { sfFetch, sfQuery, soql } from "./mod.ts";
 *
 * const limits = await sfFetch("/limits").json();
 * console.log(limits.DailyApiRequests);
 *
 * for await (const account of sfQuery(soql`SELECT Id, Name FROM Account WHERE Name LIKE ${"A%"}`)) {
 *   console.log(account.Name);
 * }
 * ```
 *
 * @module
 */

import type * as JoseSign from "jose/jwt/sign";
// Erased when run; `deno cache` of this file by URL fetches jose for it.
// @ts-ignore: only Deno knows npm:
// deno-lint-ignore no-import-prefix
import type {} from "npm:jose@^6/jwt/sign";

// ── What scripts import ──────────────────────────────────────────────────────────────────────────

/**
 * The Salesforce API version that paths stand on unless told otherwise (Summer '26). A constant, so
 * that a script does not change under its owner.
 *
 * @example
 * ```ts
 * import { API_VERSION } from "./mod.ts";
 *
 * console.log(`/services/data/v${API_VERSION}/limits`);
 * ```
 */
export const API_VERSION = "67.0";

/**
 * How to sign in, and to which org. Each setting is looked for here, then in the environment, then
 * in an org saved by `sfetch login` or signed in by JWT with the official `sf` CLI.
 *
 * @example
 * ```ts
 * import { createSession, type SessionOptions } from "./mod.ts";
 *
 * const options: SessionOptions = { loginUrl: "sandbox", apiVersion: "latest" };
 * const session = createSession(options);
 * ```
 */
export interface SessionOptions {
  /** Consumer key of the External Client App or Connected App. Environment: `SF_CLIENT_ID`. */
  clientId?: string | undefined;
  /** Salesforce username, which is not the e-mail address. Environment: `SF_USERNAME`. */
  username?: string | undefined;
  /**
   * The RSA private key whose certificate the app holds, in any form {@linkcode importPrivateKey}
   * reads. Environment: `SF_PRIVATE_KEY`.
   */
  privateKey?: PrivateKeyInput | undefined;
  /** A file that holds the private key. Environment: `SF_PRIVATE_KEY_FILE`. */
  privateKeyFile?: string | undefined;
  /** Passphrase of an encrypted private key. Environment: `SF_PRIVATE_KEY_PASSPHRASE`. */
  passphrase?: string | undefined;
  /**
   * Where to sign in: the org's My Domain URL (best), any host of the org, `"production"` or
   * `"sandbox"`. Environment: `SF_LOGIN_URL`.
   *
   * @default {"https://login.salesforce.com"}
   */
  loginUrl?: string | undefined;
  /**
   * The assertion's `aud`. Environment: `SF_AUDIENCE_URL`.
   *
   * @default {the login URL, then login or test.salesforce.com where Salesforce refuses that}
   */
  audience?: string | undefined;
  /** An access token from elsewhere: no sign-in, no renewal. Environment: `SF_ACCESS_TOKEN`. */
  accessToken?: string | undefined;
  /** The org's instance URL; needed with `accessToken`. Environment: `SF_INSTANCE_URL`. */
  instanceUrl?: string | undefined;
  /**
   * `"67.0"`, or `"latest"` to ask the org once. Environment: `SF_API_VERSION`.
   *
   * @default {API_VERSION}
   */
  apiVersion?: string | undefined;
  /**
   * Name of a saved org, or an alias or username that the `sf` CLI signed in by JWT.
   * Environment: `SF_TARGET_ORG`.
   */
  org?: string | undefined;
  /** Lets processes share a token. */
  cache?: TokenCache | undefined;
  /** Used in place of the global `fetch`. */
  fetch?: typeof fetch | undefined;
  /**
   * Called with what the owner of the script should know, such as a wrong clock.
   *
   * @default {console.warn}
   */
  onWarning?: ((message: string) => void) | undefined;
  /** Alias of `clientId`, for users of older packages. */
  iss?: string | undefined;
  /** Alias of `username`. */
  sub?: string | undefined;
  /** Alias of `audience`. */
  aud?: string | undefined;
}

/**
 * An access token by the JWT bearer flow. Calls with the same options share it while it is good.
 *
 * @param options As for {@linkcode createSession}; `fresh: true` forces a new token.
 * @throws {SettingsError} If a setting is missing or cannot be used.
 * @throws {OAuthError} If Salesforce refuses the sign-in; its `hint` says what to do.
 * @throws {ConnectionError} If it cannot be reached.
 * @see {@link https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm}
 *
 * @example
 * ```ts
 * import { getToken } from "./mod.ts";
 *
 * const { accessToken, instanceUrl } = await getToken();
 * console.log(instanceUrl, accessToken.length);
 * ```
 */
export function getToken(options: SessionOptions & { fresh?: boolean } = {}): Promise<Token> {
  const { fresh, ...rest } = options;
  return sessionOf(rest).getToken({ fresh });
}

/**
 * `fetch` for the org: paths stand on the instance and API version, the bearer goes to the org's
 * own origin only, a dead session is renewed once, a busy server is asked again, nothing hangs.
 *
 * @param input A path (`/limits` → `/services/data/v67.0/limits`; `/services/…` as it is), or a URL of the org.
 * @param init As for `fetch`, and {@linkcode SfRequestInit}.
 * @returns A promise of a standard `Response` that also has `json()`, `text()` and `arrayBuffer()`.
 * @throws {SalesforceError} If the answer is an error.
 * @throws {ConnectionError} If there is no answer.
 * @throws {SfetchError} If the URL is not the org's; nothing is sent then.
 *
 * @example
 * ```ts
 * import { sfFetch } from "./mod.ts";
 *
 * const { id } = await sfFetch("/sobjects/Account", { method: "POST", json: { Name: "Acme" } }).json();
 * await sfFetch(`/sobjects/Account/${id}`, { method: "DELETE" });
 * ```
 */
export function sfFetch(input: string | URL | Request, init: SfRequestInit = {}): ResponsePromise {
  return sessionOf({}).fetch(input, init);
}

/** `fetch`'s own options, and a few that every Salesforce call wants. */
export interface SfRequestInit extends RequestInit {
  /** Sent as JSON, with its content type. */
  json?: unknown;
  /** Added to the URL. */
  searchParams?: Record<string, string | number | boolean> | URLSearchParams | undefined;
  /**
   * In ms, for each attempt: until the answer begins, and again for reading it with `json()`,
   * `text()`, `arrayBuffer()` or `blob()`. `response.body` is read at the caller's own pace.
   *
   * @default {120000}
   */
  timeout?: number | undefined;
  /**
   * Attempts after the first, for GET, HEAD, OPTIONS, PUT and DELETE, where the server is busy or
   * the connection breaks. POST and PATCH are sent once.
   *
   * @default {4}
   */
  retry?: number | undefined;
  /**
   * Throw a {@linkcode SalesforceError} for an answer that is not 2xx or 304.
   *
   * @default {true}
   */
  throwHttpErrors?: boolean | undefined;
}

/** A promise of a standard `Response`, with the usual next steps on the promise itself. */
export interface ResponsePromise extends Promise<Response> {
  /** The body as JSON; `undefined` for an answer without a body (204, 304). */
  // deno-lint-ignore no-explicit-any -- as Response.json()
  json(): Promise<any>;
  /** The body as JSON of a type that the caller vouches for. */
  json<T>(): Promise<T | undefined>;
  /** The body as text. */
  text(): Promise<string>;
  /** The body as bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * Runs a SOQL query on the default session; all records, no cap.
 *
 * @param soql The query; quote what varies with {@linkcode soql}.
 * @param options How to run it.
 * @returns An async iterable of records; awaiting it gives all of them as an array. It also has
 * `first()`, `pages()` and `totalSize()`.
 * @throws {SalesforceError} While reading, if Salesforce refuses the query.
 * @see {@link https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm}
 *
 * @example
 * ```ts
 * import { sfQuery, soql } from "./mod.ts";
 *
 * for await (const { Name } of sfQuery(soql`SELECT Name FROM Account WHERE CreatedDate > ${new Date(0)}`)) {
 *   console.log(Name);
 * }
 * ```
 */
export function sfQuery<T = SObject>(soql: string, options: QueryOptions = {}): Query<T> {
  return sessionOf({}).query<T>(soql, options);
}

/** How a query is run. */
export interface QueryOptions {
  /**
   * Deleted and archived records too.
   *
   * @default {false}
   */
  queryAll?: boolean | undefined;
  /**
   * On the Tooling API.
   *
   * @default {false}
   */
  tooling?: boolean | undefined;
  /** Records a page, 200 to 2000; Salesforce may give fewer. */
  batchSize?: number | undefined;
  /**
   * Keep each record's `attributes`.
   *
   * @default {true}
   */
  attributes?: boolean | undefined;
  /** Ends the query. */
  signal?: AbortSignal | undefined;
}

/** A record as the REST API gives it. */
export interface SObject {
  /** Type and URL, unless left off by {@linkcode QueryOptions.attributes}. */
  attributes?: { type: string; url?: string } | undefined;
  /** 18-character record id, where it was selected. */
  Id?: string | undefined;
  /** The fields and relationships that the query selects. */
  // deno-lint-ignore no-explicit-any -- whatever they are
  [field: string]: any;
}

/** One page of a query's result. */
export interface QueryPage<T = SObject> {
  /** Records in the whole result. */
  totalSize: number;
  /** Whether this is the last page. */
  done: boolean;
  /** This page's records. */
  records: T[];
  /** Where the next page is. */
  nextRecordsUrl?: string | undefined;
}

/**
 * SOQL with its values quoted: text, numbers, booleans, `Date` (as date-time), `null`, Temporal
 * dates, and lists of these for `IN`. What a value holds cannot change the query.
 *
 * @throws {TypeError} If a value has no SOQL form, such as `undefined`, `NaN` or an empty list.
 * @see {@link https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm}
 *
 * @example
 * ```ts
 * import { soql } from "./mod.ts";
 *
 * console.log(soql`SELECT Id FROM Contact WHERE LastName = ${"O'Hara"} AND Title IN ${["CEO", "CFO"]}`);
 * // SELECT Id FROM Contact WHERE LastName = 'O\'Hara' AND Title IN ('CEO','CFO')
 * ```
 */
export function soql(strings: TemplateStringsArray, ...values: unknown[]): string {
  return strings.reduce((text, next, i) => text + soqlValue(values[i - 1]) + next);
}

/**
 * Makes a session of its own: another org, another user, other settings.
 *
 * @param options What is not given here comes from the environment or a saved org.
 *
 * @example
 * ```ts
 * import { createSession } from "./mod.ts";
 *
 * const session = createSession({ apiVersion: "latest" });
 * console.log(await session.apiVersion(), await session.fetch("/sobjects").json());
 * ```
 */
export function createSession(options: SessionOptions = {}): Session {
  return new SalesforceSession(options);
}

const sessions = new Map<string, Session>();
const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** The one unused longest is let go: options made anew for each call would pile up. */
const MOST_SESSIONS = 1000;

/** One session for all calls with the same options, so that they share one token. */
function sessionOf(options: SessionOptions): Session {
  const name = JSON.stringify(Object.entries(options).sort(), (_, value) => {
    const isOpaque = typeof value === "function" ||
      (value && typeof value === "object" && !Array.isArray(value));
    if (!isOpaque) return value;
    if (!identities.has(value)) identities.set(value, ++lastIdentity);
    return { identity: identities.get(value) };
  });
  const known = sessions.get(name) ?? createSession(options);
  sessions.delete(name);
  sessions.set(name, known);
  if (sessions.size > MOST_SESSIONS) sessions.delete(sessions.keys().next().value!);
  return known;
}

// ── Session ──────────────────────────────────────────────────────────────────────────────────────

/**
 * A signed-in session with one org: gets its token when first needed, renews it when it dies, and
 * sends the bearer to the org's own origin and nowhere else. Made by {@linkcode createSession}.
 *
 * @example
 * ```ts
 * import { createSession } from "./mod.ts";
 *
 * const session = createSession();
 * const { id } = await session.fetch("/sobjects/Account", { method: "POST", json: { Name: "Acme" } }).json();
 * await session.fetch(`/sobjects/Account/${id}`, { method: "DELETE" });
 * console.log(session.limits.apiUsage);
 * ```
 */
export interface Session {
  /** The org's limits as of the last answer: `apiUsage`, and where sent `apiBursts`, `perAppApiUsage`. */
  readonly limits: Partial<Record<string, Usage>>;
  /** What was added to this machine's clock, in ms, to agree with Salesforce's; 0 unless it had to be. */
  readonly clockOffset: number;
  /** The assertion's audience that Salesforce took; `undefined` before the first sign-in. */
  readonly audience: string | undefined;
  /**
   * The settings in force, and where each was found.
   *
   * @throws {SettingsError} If one cannot be used.
   */
  settings(): Promise<Settings>;
  /** The API version that paths stand on, such as `"67.0"`; `"latest"` is looked up once. */
  apiVersion(): Promise<string>;
  /**
   * The access token: reused while it is good, however many callers wait for one exchange.
   *
   * @param options `fresh: true` forces a new one.
   * @throws {SettingsError} If a setting is missing or cannot be used.
   * @throws {OAuthError} If Salesforce refuses the sign-in.
   * @throws {ConnectionError} If it cannot be reached.
   */
  getToken(options?: { fresh?: boolean | undefined }): Promise<Token>;
  /** Ends the session on the server; the next call signs in again. Does nothing without a token. */
  revoke(): Promise<void>;
  /** {@linkcode sfFetch} on this session. */
  fetch(input: string | URL | Request, init?: SfRequestInit): ResponsePromise;
  /** {@linkcode sfQuery} on this session. */
  query<T = SObject>(soql: string, options?: QueryOptions): Query<T>;
}

/** What an org says of its use of one limit: `Sforce-Limit-Info`. */
export interface Usage {
  /** Used so far. */
  used: number;
  /** Allowed. */
  max: number;
}

class SalesforceSession implements Session {
  readonly #options: SessionOptions;
  #settings: Promise<Settings> | undefined;
  #key: Promise<CryptoKey> | undefined;
  #token: Token | undefined;
  #pending: Promise<Token> | undefined;
  #apiVersion: Promise<string> | undefined;
  #limits: Partial<Record<string, Usage>> = {};
  readonly #learnt: SignIn["learnt"] = { clockOffset: 0 };

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get limits(): Partial<Record<string, Usage>> {
    return this.#limits;
  }

  get clockOffset(): number {
    return this.#learnt.clockOffset;
  }

  get audience(): string | undefined {
    return this.#learnt.audience;
  }

  settings(): Promise<Settings> {
    return this.#settings ??= findSettings(this.#options).catch((error) => {
      this.#settings = undefined; // what is mended meanwhile is seen by the next call
      throw error;
    });
  }

  apiVersion(): Promise<string> {
    return this.#apiVersion ??= this.#findApiVersion().catch((error) => {
      this.#apiVersion = undefined;
      throw error;
    });
  }

  getToken(options: { fresh?: boolean | undefined } = {}): Promise<Token> {
    if (!options.fresh && this.#token && isLive(this.#token)) return Promise.resolve(this.#token);
    return this.#pending ??= this.#obtain(options).finally(() => {
      this.#pending = undefined;
    });
  }

  async revoke(): Promise<void> {
    const token = this.#token ?? await this.#cached();
    await this.#forget();
    if (!token) return;
    const url = `${token.instanceUrl}/services/oauth2/revoke`;
    const form = { token: token.accessToken };
    const { response, text } = await post(url, form, this.#send);
    // invalid_token: it was dead already, which is what was wanted.
    if (!response.ok && !text.includes("invalid_token")) {
      const said = redact(text, token.accessToken);
      throw salesforceError(response, said, "POST", "/services/oauth2/revoke");
    }
  }

  fetch(input: string | URL | Request, init: SfRequestInit = {}): ResponsePromise {
    return withReaders(this.#fetch(input, init));
  }

  query<T = SObject>(soql: string, options: QueryOptions = {}): Query<T> {
    return new SalesforceQuery<T>(this, soql, options);
  }

  async #findApiVersion(): Promise<string> {
    const { apiVersion } = await this.settings();
    if (apiVersion !== "latest") return apiVersion;
    const target = "/services/data/";
    const request = { method: "GET", target, headers: new Headers(), body: null, init: {} };
    const response = await this.#response(request, await this.getToken());
    const versions: { version: string }[] = await response.json();
    return versions.map(({ version }) => version).sort((a, b) => +a - +b).at(-1)!;
  }

  async #fetch(input: string | URL | Request, init: SfRequestInit): Promise<Response> {
    const signal = init.signal ?? (input instanceof Request ? input.signal : null);
    const token = await unlessAborted(() => this.getToken(), signal);
    const version = await unlessAborted(() => this.apiVersion(), signal);
    return await this.#response(await prepare(input, { ...init, signal }, token, version), token);
  }

  /** The answer to a request, after one renewal where the session is dead. */
  async #response(request: Prepared, token: Token): Promise<Response> {
    let answer = await this.#attempts(request, token);
    if (isDeadSession(answer) && !(await this.settings()).accessToken) {
      const renewed = await unlessAborted(() => this.#renew(token), request.init.signal);
      if (isStream(request.body)) throw usedUpStream(request);
      answer = await this.#attempts(request, renewed);
      if (isDeadSession(answer) && throws(request)) throw stillDead(answer, request);
    }
    return settleAnswer(answer, request);
  }

  /** The request and its repeats, where repeating is safe and promises something. */
  async #attempts(request: Prepared, token: Token): Promise<Answer> {
    const safe = SAFE_TO_REPEAT.has(request.method) && !isStream(request.body);
    const retries = safe ? request.init.retry ?? DEFAULT_RETRIES : 0;
    for (let attempt = 0;; attempt++) {
      let wait = Math.random() * Math.min(BACKOFF.longest, BACKOFF.first * 2 ** attempt);
      try {
        const answer = await this.#once(request, token);
        if (attempt >= retries || !isWorthRepeating(answer, attempt)) return answer;
        wait = retryAfter(answer.response) ?? wait;
        if (wait > LONGEST_RETRY_AFTER) return answer;
      } catch (error) {
        if (attempt >= retries || !(error instanceof ConnectionError) || error.timedOut) {
          throw error;
        }
      }
      await sleep(wait, request.init.signal);
    }
  }

  /** One request, redirects within the org followed by hand. */
  async #once(request: Prepared, token: Token): Promise<Answer> {
    const { method, headers, body, init } = request;
    const send = this.#send;
    headers.set("authorization", `Bearer ${token.accessToken}`);
    let url = request.target.startsWith("/") ? token.instanceUrl + request.target : request.target;
    const deadline = new Deadline(init.timeout ?? DEFAULT_TIMEOUT, method, url, init.signal);
    for (let hop = 0;; hop++) {
      const response = await deadline.within(() =>
        send(url, {
          ...init,
          method,
          headers,
          body,
          redirect: "manual",
          signal: deadline.signal,
          ...(isStream(body) && { duplex: "half" }),
        })
      );
      this.#noteLimits(response);
      const next = method === "GET" || method === "HEAD"
        ? sameOriginRedirect(response, url)
        : undefined;
      if (!next || hop === MOST_REDIRECTS) return await readAnswer(response, deadline, token);
      await response.body?.cancel();
      url = next;
    }
  }

  /** Called by itself, not on the session: browsers refuse their `fetch` another `this`. */
  get #send(): typeof fetch {
    return this.#options.fetch ?? fetch;
  }

  #noteLimits(response: Response): void {
    const info = response.headers.get("sforce-limit-info");
    if (!info) return;
    const limits: Record<string, Usage> = {};
    for (const [, name, used, max] of info.matchAll(/([\w-]+)=(\d+)\/(\d+)/g)) {
      limits[name!.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())] = {
        used: +used!,
        max: +max!,
      };
    }
    this.#limits = limits;
  }

  /** A new token in place of a dead one, unless another caller has had it already. */
  #renew(dead: Token): Promise<Token> {
    if (this.#token && this.#token !== dead) return Promise.resolve(this.#token);
    return this.#pending ??= this.#obtain({ dead: dead.accessToken }).finally(() => {
      this.#pending = undefined;
    });
  }

  /** From the settings, the cache, or Salesforce; `dead` is a bearer that must not come back. */
  async #obtain(
    { fresh = false, dead }: { fresh?: boolean | undefined; dead?: string },
  ): Promise<Token> {
    const settings = await this.settings();
    if (settings.accessToken) return this.#token = staticToken(settings);
    const isGood = (token?: Token) => token && isLive(token) && token.accessToken !== dead;
    let known = fresh ? undefined : await this.#cached();
    if (known && !isGood(known)) {
      await this.#forget();
      known = await this.#cached(); // another process may have renewed it meanwhile
    }
    if (known && isGood(known)) return this.#token = known;
    try {
      const key = await (this.#key ??= settingsKey(settings));
      const warn = this.#options.onWarning ?? console.warn;
      const token = await signIn({ settings, key, send: this.#send, warn, learnt: this.#learnt });
      await this.#options.cache?.set(cacheKey(settings), token.toJSON());
      return this.#token = token;
    } catch (error) {
      this.#key = undefined;
      this.#learnt.audience = undefined;
      await this.#forget();
      throw error;
    }
  }

  async #cached(): Promise<Token | undefined> {
    const { cache } = this.#options;
    const stored = await cache?.get(cacheKey(await this.settings()));
    return stored && new AccessToken(stored);
  }

  async #forget(): Promise<void> {
    this.#token = undefined;
    await this.#options.cache?.set(cacheKey(await this.settings()), undefined);
  }
}

// ── Token ────────────────────────────────────────────────────────────────────────────────────────

/**
 * No `expires_in` comes with a token, and the shortest session that an admin can set is 15 minutes:
 * after 10 a new one is had, which costs one request, or none where the session is still alive.
 */
const TOKEN_REUSE = 10 * 60_000;

/** Before a JWT-format token's own `exp`, in ms: time for a request to arrive. */
const EXPIRY_MARGIN = 30_000;

/** A token as plain data, for caches. Times are in ms since the epoch. */
export interface StoredToken {
  /** The bearer. */
  accessToken: string;
  /** The org's own URL: the only place that the bearer goes. */
  instanceUrl: string;
  /** Identity URL, `…/id/ORG/USER`. */
  id?: string | undefined;
  /** Scopes that were granted, by blanks. */
  scope?: string | undefined;
  /** `"Bearer"`. */
  tokenType: string;
  /** When it was had. */
  issuedAt: number;
  /** When it ends; known only for tokens in JWT format. */
  expiresAt?: number | undefined;
}

/**
 * Lets several processes share a token. Keys name client, user and host.
 *
 * @example A cache for one process, as the shape to follow
 * ```ts
 * import { createSession, type StoredToken, type TokenCache } from "./mod.ts";
 *
 * const tokens = new Map<string, StoredToken>();
 * const cache: TokenCache = {
 *   get: (key) => tokens.get(key),
 *   set: (key, token) => void (token ? tokens.set(key, token) : tokens.delete(key)),
 * };
 * await createSession({ cache }).getToken();
 * ```
 */
export interface TokenCache {
  /** The token under this key, if there is one. */
  get(key: string): StoredToken | undefined | Promise<StoredToken | undefined>;
  /** Keeps a token; `undefined` forgets it (it is dead, or none could be had). */
  set(key: string, token: StoredToken | undefined): void | Promise<void>;
}

/**
 * An access token. Printing it, in a console, a REPL or a notebook, shows no secret; reading
 * `.accessToken` and `JSON.stringify` give it.
 *
 * @example
 * ```ts
 * import { getToken } from "./mod.ts";
 *
 * const { accessToken, instanceUrl } = await getToken();
 * await fetch(`${instanceUrl}/services/data/v67.0/limits`, {
 *   headers: { authorization: `Bearer ${accessToken}` },
 * });
 * ```
 */
export interface Token extends Readonly<StoredToken> {
  /** The token as plain data, the bearer included. */
  toJSON(): StoredToken;
  /** The token's kind without its secret, such as `00D…!****`. */
  toString(): string;
}

class AccessToken implements Token {
  readonly #accessToken: string;
  declare readonly instanceUrl: string;
  declare readonly id?: string | undefined;
  declare readonly scope?: string | undefined;
  declare readonly tokenType: string;
  declare readonly issuedAt: number;
  declare readonly expiresAt?: number | undefined;

  constructor({ accessToken, ...rest }: StoredToken) {
    this.#accessToken = accessToken;
    Object.assign(this, rest);
  }

  get accessToken(): string {
    return this.#accessToken;
  }

  toJSON(): StoredToken {
    return { ...this, accessToken: this.#accessToken };
  }

  toString(): string {
    return mask(this.#accessToken);
  }

  /** How Node and Bun print it. */
  [Symbol.for("nodejs.util.inspect.custom")](): unknown {
    return { ...this, accessToken: this.toString() };
  }

  /** How Deno prints it. */
  [Symbol.for("Deno.customInspect")](inspect: (value: unknown) => string): string {
    return `Token ${inspect({ ...this, accessToken: this.toString() })}`;
  }

  /** How a notebook shows it. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    const text = `Token ${this} for ${this.instanceUrl}`;
    return { "text/plain": text, "text/html": `<code>${escapeHtml(text)}</code>` };
  }
}

function isLive({ issuedAt, expiresAt }: StoredToken): boolean {
  return Date.now() < (expiresAt ? expiresAt - EXPIRY_MARGIN : issuedAt + TOKEN_REUSE);
}

/** A JWT-format token's own `exp`, in ms. */
function expiryOf(accessToken: string): number | undefined {
  const payload = accessToken.startsWith("eyJ") && fromBase64(accessToken.split(".")[1] ?? "");
  try {
    return payload
      ? JSON.parse(new TextDecoder().decode(payload)).exp * 1000 || undefined
      : undefined;
  } catch {
    return undefined;
  }
}

const staticToken = ({ accessToken, instanceUrl }: Settings): Token =>
  new AccessToken({
    accessToken: accessToken!,
    instanceUrl: instanceUrl!,
    tokenType: "Bearer",
    issuedAt: Date.now(),
    expiresAt: expiryOf(accessToken!),
  });

/** Everything that tells one sign-in from another. */
const cacheKey = ({ loginUrl, clientId, username, audience }: Settings): string =>
  JSON.stringify([loginUrl, clientId, username, audience]);

/** What a sign-in works with; the session keeps it, with what was learnt. */
interface SignIn {
  settings: Settings;
  key: CryptoKey;
  send: typeof fetch;
  warn: (message: string) => void;
  learnt: {
    /** The audience that Salesforce accepted. */
    audience?: string | undefined;
    /** How far this machine's clock is behind, in ms. */
    clockOffset: number;
  };
}

/** One sign-in: the audiences in turn, the clock corrected where that is the trouble. */
async function signIn(context: SignIn): Promise<Token> {
  const { learnt, settings } = context;
  const failures: OAuthError[] = [];
  for (const audience of learnt.audience ? [learnt.audience] : audiencesOf(settings)) {
    try {
      const token = await exchangeTwice(context, audience);
      learnt.audience = audience;
      return token;
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      failures.push(error);
      if (!isAboutAudience(error)) break;
    }
  }
  throw failures.length > 1 ? withAllAttempts(failures) : failures[0]!;
}

const isAboutAudience = ({ error, description }: OAuthError): boolean =>
  error === "app_not_found" || /audience|hasn't approved this consumer/i.test(description);

/** My Domain knows itself as audience; some orgs and older apps know only login or test. */
function audiencesOf({ audience, loginUrl }: Settings): string[] {
  if (audience) return [audience];
  const { hostname } = new URL(loginUrl);
  const sandbox = /\.(sandbox|scratch)\.|--[\w-]+\.(cs\d+\.)?my\.|^cs\d+\.|^test\./.test(hostname);
  const generic = hostname.endsWith("sfcrmproducts.cn")
    ? `https://${sandbox ? "test" : "login"}.sfcrmproducts.cn`
    : sandbox
    ? SANDBOX_LOGIN
    : PRODUCTION_LOGIN;
  return [...new Set([loginUrl, generic])];
}

/**
 * Signs again, once: after a passing fault, or where Salesforce finds `exp` in its past and its
 * `Date` shows the clocks apart. Each assertion is sent once, since its `jti` may be.
 */
async function exchangeTwice(context: SignIn, audience: string): Promise<Token> {
  const { learnt, warn } = context;
  try {
    return await exchange(context, audience);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    if (error.error === "unknown_error" || error.status >= 500) {
      return await exchange(context, audience);
    }
    if (error.description !== "expired authorization code") throw error;
    const offset = error.serverTime === undefined ? 0 : error.serverTime - Date.now();
    if (Math.abs(offset - learnt.clockOffset) < 30_000) throw error;
    learnt.clockOffset = offset;
    const seconds = Math.round(Math.abs(offset) / 1000);
    const behind = offset > 0 ? "behind" : "ahead of";
    warn(
      `sfetch: this machine's clock is ${seconds} s ${behind} ${error.host}'s. ` +
        "Signed again with the corrected time; set the clock.",
    );
    return await exchange(context, audience);
  }
}

/** RFC 7523 section 2.1: the assertion for an access token. */
async function exchange(context: SignIn, audience: string): Promise<Token> {
  const { settings, key, send, learnt } = context;
  const assertion = await sign(settings, key, audience, learnt.clockOffset);
  const form = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
  const { response, text } = await post(`${settings.loginUrl}/services/oauth2/token`, form, send);
  const answer = parseJson(response.ok ? text : redact(text, assertion));
  if (response.ok && answer?.access_token && answer.instance_url) {
    return new AccessToken({
      accessToken: answer.access_token,
      instanceUrl: originOf(answer.instance_url, "the token answer"),
      id: answer.id,
      scope: answer.scope,
      tokenType: answer.token_type ?? "Bearer",
      issuedAt: Date.now(),
      expiresAt: expiryOf(answer.access_token),
    });
  }
  // What is left of an org that is gone says so in plain text, or on a page.
  const [gone] = /Data Not Available/i.exec(text) ?? [];
  const said = answer ?? (gone && { error: "unexpected_response", error_description: gone });
  throw oauthError(response, said, { host: settings.loginUrl, audience });
}

/** A form to an OAuth endpoint, and its answer read whole. */
async function post(
  url: string,
  form: Record<string, string>,
  send: typeof fetch,
): Promise<{ response: Response; text: string }> {
  const deadline = new Deadline(DEFAULT_TIMEOUT, "POST", url);
  const response = await deadline.within(() =>
    send(url, {
      method: "POST",
      redirect: "manual",
      headers: { accept: "application/json" },
      body: new URLSearchParams(form),
      signal: deadline.signal,
    })
  );
  return { response, text: await deadline.within(() => response.text()) };
}

/** How long an assertion is good for, in seconds: Salesforce's "within 3 minutes". */
const ASSERTION_LIFETIME = 180;

/**
 * The signed JWT that is traded for an access token: RS256, with `iss`, `sub`, `aud`, `exp` three
 * minutes ahead in seconds, and a `jti` that is never used twice.
 *
 * @param options As for {@linkcode createSession}.
 * @throws {SettingsError} If a setting is missing or the key cannot be used.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3}
 *
 * @example
 * ```ts
 * import { createAssertion } from "./mod.ts";
 *
 * const assertion = await createAssertion();
 * console.log(assertion.split(".").length); // 3
 * ```
 */
export async function createAssertion(options: SessionOptions = {}): Promise<string> {
  const settings = await findSettings(options);
  return await sign(
    settings,
    await settingsKey(settings),
    settings.audience ?? settings.loginUrl,
    0,
  );
}

/** The key that the settings name, read and imported. */
async function settingsKey(settings: Settings): Promise<CryptoKey> {
  requireSignIn(settings);
  const { privateKey, privateKeyFile, passphrase, sources } = settings;
  const input = privateKey ?? await readKeyFile(privateKeyFile!, sources.privateKeyFile!);
  return (await importPrivateKey(input, passphrase)).key;
}

/** `clockOffset` in ms is what this machine's clock is behind. */
async function sign(
  { clientId, username }: Settings,
  key: CryptoKey,
  audience: string,
  clockOffset: number,
): Promise<string> {
  const { SignJWT } = await jose();
  return await new SignJWT({
    iss: clientId!,
    sub: username!,
    aud: audience,
    exp: Math.floor((Date.now() + clockOffset) / 1000) + ASSERTION_LIFETIME,
    jti: crypto.randomUUID(),
  }).setProtectedHeader({ alg: "RS256" }).sign(key);
}

// Bun and Node know jose by its bare name; Deno, for a file that came by URL, only by npm:. The
// typed string keeps bundlers from resolving it.
const NPM_JOSE: string = "npm:jose@^6/jwt/sign";

const jose = (): Promise<typeof JoseSign> =>
  import("jose/jwt/sign").catch((cause) =>
    import(NPM_JOSE).catch(() => {
      throw cause;
    })
  );

// ── Request ──────────────────────────────────────────────────────────────────────────────────────

/** Per attempt, in ms. */
const DEFAULT_TIMEOUT = 120_000;

const DEFAULT_RETRIES = 4;

/** First wait between attempts, doubled each time up to the longest, in ms; the real wait is drawn from 0 to it. */
const BACKOFF = { first: 500, longest: 20_000 };

const MOST_REDIRECTS = 5;

/** A server that asks for more than this, in ms, is not waited for. */
const LONGEST_RETRY_AFTER = 120_000;

const SAFE_TO_REPEAT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const BUSY = new Set([420, 429, 500, 502, 503, 504]);

/** A request, made ready once, sent as often as needed. */
interface Prepared {
  method: string;
  /** Path and query on the instance, or the identity URL whole. */
  target: string;
  headers: Headers;
  body: BodyInit | null;
  init: SfRequestInit;
}

/** An answer with the body's text where it is an error. */
interface Answer {
  response: Response;
  errorText?: string | undefined;
}

/** The caller's input as one request that can be sent again: the body is read here, once. */
async function prepare(
  input: string | URL | Request,
  init: SfRequestInit,
  token: Token,
  apiVersion: string,
): Promise<Prepared> {
  const request = input instanceof Request ? input : undefined;
  const method = (init.method ?? request?.method ?? "GET").toUpperCase();
  const headers = new Headers(init.headers ?? request?.headers);
  const target = locate(
    request?.url ?? input as string | URL,
    token,
    apiVersion,
    init.searchParams,
  );
  let body = init.body ?? (request?.body ? await request.arrayBuffer() : null);
  if (init.json !== undefined) {
    body = JSON.stringify(init.json);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
  }
  if (body !== null && /^(GET|HEAD)$/.test(method)) {
    throw new SfetchError(
      `${method} ${pathOf(target)}: a ${method} request has no body.`,
      'Name the method beside it, such as method: "POST" or method: "PATCH".',
    );
  }
  return { method, target, headers, body, init };
}

/**
 * Where a request goes: `/services/…` and `/id/…` stand on the instance, other paths on the API
 * version, and an absolute URL must be the org's own.
 */
function locate(
  input: string | URL,
  { instanceUrl, id }: Token,
  apiVersion: string,
  searchParams?: SfRequestInit["searchParams"],
): string {
  const text = String(input);
  const isAbsolute = /^([a-z][a-z\d+.-]*:|[\\/]{2})/i.test(text);
  const path = text.startsWith("/") ? text : `/${text}`;
  const onInstance = /^\/(services|id)\//.test(path);
  const url = isAbsolute
    ? new URL(text, instanceUrl)
    : new URL(instanceUrl + (onInstance ? path : `/services/data/v${apiVersion}${path}`));
  for (const [name, value] of entriesOf(searchParams)) url.searchParams.append(name, value);
  const plain = /^https?:$/.test(url.protocol) && !url.username && !url.password;
  if (plain && url.origin === instanceUrl) return url.pathname + url.search;
  if (plain && id && url.origin === new URL(id).origin && url.pathname.startsWith("/id/")) {
    return url.href;
  }
  throw new SfetchError(
    `Refused to send the access token to ${url.protocol}//${url.host}: this session belongs to ${instanceUrl}.`,
    "Give a path, such as /sobjects, or use plain fetch for another server.",
  );
}

const entriesOf = (params: SfRequestInit["searchParams"]): [string, string][] =>
  params instanceof URLSearchParams
    ? [...params]
    : Object.entries(params ?? {}).map(([name, value]) => [name, String(value)]);

/** Also what Node's streams are: an async iterable. */
const isStream = (body: unknown): boolean =>
  body instanceof ReadableStream ||
  (typeof body === "object" && body !== null && Symbol.asyncIterator in body);

/** Bounds each step of one request in time; the caller's signal goes before. */
class Deadline {
  readonly #ms: number;
  readonly #method: string;
  readonly #url: string;
  readonly #caller: AbortSignal | null | undefined;
  readonly #controller = new AbortController();
  /** For fetch: the caller's, or this deadline's. */
  readonly signal: AbortSignal;

  constructor(ms: number, method: string, url: string, caller?: AbortSignal | null) {
    this.#ms = ms;
    this.#method = method;
    this.#url = url;
    this.#caller = caller;
    this.signal = caller
      ? AbortSignal.any([caller, this.#controller.signal])
      : this.#controller.signal;
  }

  /** Awaits a step of the request; what breaks it becomes a {@linkcode ConnectionError}. */
  async within<T>(step: () => Promise<T>): Promise<T> {
    const timer = Number.isFinite(this.#ms) &&
      setTimeout(() => this.#controller.abort(), Math.min(this.#ms, 2 ** 31 - 1));
    try {
      return await step();
    } catch (cause) {
      if (this.#caller?.aborted) throw this.#caller.reason;
      const timedOut = this.#controller.signal.aborted ? this.#ms : undefined;
      throw connectionError(this.#method, this.#url, cause, timedOut);
    } finally {
      if (timer) clearTimeout(timer);
    }
  }

  /** Bounds the reading of a body, and explains one that is not what was asked for. */
  guard(response: Response): void {
    for (const name of ["text", "arrayBuffer", "blob"] as const) {
      const read = response[name].bind(response) as () => Promise<unknown>;
      Object.defineProperty(response, name, { value: () => this.within(read) });
    }
    const json = async () => parseBody(response, await response.text(), this.#method, this.#url);
    Object.defineProperty(response, "json", { value: json });
  }
}

async function readAnswer(response: Response, deadline: Deadline, token: Token): Promise<Answer> {
  const failed = response.status >= 400 || response.status === 300;
  const text = failed ? await deadline.within(() => response.clone().text()) : undefined;
  deadline.guard(response);
  return { response, errorText: text && redact(text, token.accessToken) };
}

function withReaders(promise: Promise<Response>): ResponsePromise {
  return Object.assign(promise, {
    json: async () => {
      const response = await promise;
      return [204, 304].includes(response.status) ? undefined : await response.json();
    },
    text: async () => await (await promise).text(),
    arrayBuffer: async () => await (await promise).arrayBuffer(),
  });
}

const throws = ({ init }: Prepared): boolean => init.throwHttpErrors !== false;

function settleAnswer({ response, errorText }: Answer, request: Prepared): Response {
  const { method, target } = request;
  const { status, type } = response;
  if (response.ok || status === 304 || !throws(request)) return response;
  if (type === "opaqueredirect" || (status > 300 && status < 400)) {
    throw redirected(response, method, target);
  }
  throw salesforceError(response, errorText ?? "", method, target);
}

/** These 401s are about policies: a new token cures neither, and asking for one would never end. */
const INCURABLE_401 = /not valid for use with the REST API|not attached to Agent/i;

const isDeadSession = ({ response, errorText = "" }: Answer): boolean =>
  (response.status === 401 && !INCURABLE_401.test(errorText)) ||
  (response.status === 403 && errorText.trim() === "Bad_OAuth_Token");

function isWorthRepeating(
  { response: { status }, errorText = "" }: Answer,
  attempt: number,
): boolean {
  if (status === 420) return attempt < 2; // Edge knows no such host: soon or never
  if (status === 403) {
    return errorText.includes("REQUEST_LIMIT_EXCEEDED") && /concurrent/i.test(errorText);
  }
  return BUSY.has(status);
}

/** `Retry-After` in ms: seconds or a date. */
function retryAfter({ headers }: Response): number | undefined {
  const value = headers.get("retry-after");
  if (!value) return;
  const ms = /^\d+$/.test(value) ? +value * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function sameOriginRedirect({ status, headers }: Response, url: string): string | undefined {
  const location = headers.get("location");
  if (!location || ![301, 302, 303, 307, 308].includes(status) || !URL.canParse(location, url)) {
    return;
  }
  const next = new URL(location, url);
  return next.origin === new URL(url).origin ? next.href : undefined;
}

/** Awaits what is shared with other callers, and goes on without this one once it gives up. */
async function unlessAborted<T>(shared: () => Promise<T>, signal?: AbortSignal | null): Promise<T> {
  if (!signal) return await shared();
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([shared(), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function sleep(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
  });
}

// ── Query ────────────────────────────────────────────────────────────────────────────────────────

/** Above this many characters of URL a query goes in a request's body: Salesforce's limit is 16,384 with the headers. */
const LONGEST_QUERY_URL = 12_000;

/**
 * A query's result: an async iterable of all its records, however many. The next page is fetched
 * while the caller works on this one; leaving the loop ends it. Made by {@linkcode sfQuery}.
 *
 * @example
 * ```ts
 * import { sfQuery } from "./mod.ts";
 *
 * const accounts = sfQuery("SELECT Id, Name FROM Account");
 * console.log(await accounts.totalSize(), await accounts.first());
 * for await (const page of accounts.pages()) console.log(page.records.length);
 * ```
 */
export interface Query<T = SObject> extends AsyncIterable<T>, Promise<T[]> {
  /** The first record, or `undefined`; no page after the first is fetched. */
  first(): Promise<T | undefined>;
  /** The result page by page. */
  pages(): AsyncGenerator<QueryPage<T>, void, void>;
  /** How many records the whole result has: also the number that `SELECT COUNT()` gives. */
  totalSize(): Promise<number>;
}

class SalesforceQuery<T> implements Query<T> {
  readonly #session: Session;
  readonly #soql: string;
  readonly #options: QueryOptions;
  #first: Promise<QueryPage<T>> | undefined;
  #totalSize: number | undefined;

  constructor(session: Session, soql: string, options: QueryOptions) {
    this.#session = session;
    this.#soql = soql;
    this.#options = options;
  }

  get [Symbol.toStringTag](): string {
    return "Query";
  }

  then<A = T[], B = never>(
    onFulfilled?: ((records: T[]) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#all().then(onFulfilled, onRejected);
  }

  catch<B = never>(
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<T[] | B> {
    return this.#all().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T[]> {
    return this.#all().finally(onFinally);
  }

  async first(): Promise<T | undefined> {
    const first = this.#first ?? this.#start(this.#options.signal);
    return (await first).records[0];
  }

  async totalSize(): Promise<number> {
    if (this.#totalSize !== undefined) return this.#totalSize;
    this.#first ??= this.#start(this.#options.signal);
    return (await this.#first).totalSize;
  }

  async *pages(): AsyncGenerator<QueryPage<T>, void, void> {
    const left = new AbortController();
    const { signal } = this.#options;
    const either = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
    let next: Promise<QueryPage<T>> | undefined = this.#first ?? this.#start(either);
    this.#first = undefined;
    try {
      while (next) {
        const page: QueryPage<T> = await next;
        next = page.nextRecordsUrl ? this.#page(page.nextRecordsUrl, either) : undefined;
        next?.catch(() => {}); // its failure is thrown when its turn comes
        yield page;
      }
    } finally {
      left.abort();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for await (const page of this.pages()) for (const record of page.records) yield record;
  }

  async #all(): Promise<T[]> {
    const records: T[] = [];
    for await (const page of this.pages()) for (const record of page.records) records.push(record);
    return displayable(records, () => this.#session.getToken());
  }

  /** How a notebook shows it: the first page as a table, records linked to the org. */
  async [Symbol.for("Jupyter.display")](): Promise<Record<string, string>> {
    this.#first ??= this.#start(this.#options.signal);
    const { records, totalSize } = await this.#first;
    return recordsDisplay(
      records as SObject[],
      totalSize,
      (await this.#session.getToken()).instanceUrl,
    );
  }

  async #start(signal?: AbortSignal): Promise<QueryPage<T>> {
    const { tooling, queryAll } = this.#options;
    const resource = queryAll ? "queryAll" : "query";
    const path = `${tooling ? "/tooling" : ""}/${resource}?q=${encodeURIComponent(this.#soql)}`;
    if (path.length <= LONGEST_QUERY_URL) return await this.#page(path, signal);
    return await this.#startInBody(path, tooling ? "/tooling/composite" : "/composite", signal);
  }

  /** A query too long for a URL, as the only part of a composite request. */
  async #startInBody(path: string, resource: string, signal?: AbortSignal): Promise<QueryPage<T>> {
    const version = await this.#session.apiVersion();
    const part = {
      method: "GET",
      url: `/services/data/v${version}${path}`,
      referenceId: "query",
      httpHeaders: this.#headers(),
    };
    const json = { compositeRequest: [part] };
    const { compositeResponse: [answer] } = await this.#session
      .fetch(resource, { method: "POST", json, signal: signal ?? null }).json();
    if (answer.httpStatusCode < 300) return await this.#complete(answer.body, signal);
    const { httpStatusCode: status, httpHeaders, body } = answer;
    const headers = new Headers(httpHeaders);
    throw salesforceError({ status, headers }, JSON.stringify(body), "GET", part.url);
  }

  async #page(path: string, signal?: AbortSignal): Promise<QueryPage<T>> {
    const page = await this.#session.fetch(path, {
      headers: this.#headers(),
      signal: signal ?? null,
    }).json();
    return await this.#complete(page, signal);
  }

  #headers(): Record<string, string> {
    const { batchSize } = this.#options;
    return batchSize ? { "sforce-query-options": `batchSize=${batchSize}` } : {};
  }

  /** The page with its child records complete, and as the options want it. */
  async #complete(page: QueryPage<T>, signal?: AbortSignal): Promise<QueryPage<T>> {
    if (!Array.isArray(page?.records)) throw noQueryResult();
    this.#totalSize = page.totalSize;
    if (/\(\s*select\s/i.test(this.#soql)) {
      for (const record of page.records) await this.#completeChildren(record as SObject, signal);
    }
    if (this.#options.attributes === false) page.records.forEach(dropAttributes);
    return page;
  }

  async #completeChildren(record: SObject, signal?: AbortSignal): Promise<void> {
    for (const child of Object.values(record)) {
      if (!Array.isArray(child?.records)) continue;
      for (let next = child.nextRecordsUrl; next;) {
        const more: QueryPage = await this.#session.fetch(next, { signal: signal ?? null })
          .json();
        for (const one of more.records) child.records.push(one);
        next = more.nextRecordsUrl;
      }
      child.done = true;
      delete child.nextRecordsUrl;
      for (const one of child.records) await this.#completeChildren(one, signal);
    }
  }
}

function dropAttributes(record: unknown): void {
  if (!record || typeof record !== "object") return;
  delete (record as SObject).attributes;
  Object.values(record).forEach(dropAttributes);
}

const SOQL_ESCAPES: Record<string, string> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

function soqlValue(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "bigint") {
    return String(value);
  }
  if (typeof value === "number" && Number.isFinite(value)) return soqlNumber(value);
  if (typeof value === "string") {
    return `'${value.replace(/[\\'"\n\r\t\b\f]/g, (c) => SOQL_ESCAPES[c]!)}'`;
  }
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (Array.isArray(value) && value.length && !value.some(Array.isArray)) {
    return `(${value.map(soqlValue)})`;
  }
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (/^Temporal\.(PlainDate|Instant)$/.test(kind)) return String(value);
  if (kind === "Temporal.ZonedDateTime") {
    return String((value as { toInstant(): unknown }).toInstant());
  }
  const what = Array.isArray(value)
    ? "an empty or nested list"
    : Number.isNaN(value)
    ? "NaN"
    : kind;
  throw new TypeError(
    `Cannot put ${what} into SOQL: use text, a number, true, false, null, a Date, or a list of these`,
  );
}

/** Without the exponent that JavaScript gives very large and very small numbers. */
function soqlNumber(value: number): string {
  const text = String(value);
  if (!text.includes("e")) return text;
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(20).replace(/0+$/, "");
}

// ── Errors ───────────────────────────────────────────────────────────────────────────────────────

/**
 * Base of all errors of this module. The message says what happened and, on the lines after the
 * first, what to do; it never holds a token, an assertion, a key or a passphrase.
 *
 * @example
 * ```ts
 * import { sfFetch, SfetchError } from "./mod.ts";
 *
 * try {
 *   await sfFetch("/sobjects/Nonsense");
 * } catch (error) {
 *   if (error instanceof SfetchError) console.log(error.hint);
 * }
 * ```
 */
export class SfetchError extends Error {
  /** The likely cause and the next step. */
  declare readonly hint: string;

  /** Made by this module. */
  constructor(message: string, hint: string, details: object = {}) {
    super(hint ? `${message}\n${hint}` : message, details);
    Object.assign(this, details);
    // Not enumerable, so that a console does not print again what the message says.
    for (const [name, value] of Object.entries({ name: this.constructor.name, hint })) {
      Object.defineProperty(this, name, { value, writable: true, configurable: true });
    }
  }

  /** How a notebook shows it. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    const [first, ...rest] = this.message.split("\n");
    const html = `<b>${escapeHtml(`${this.name}: ${first}`)}</b>` +
      `<pre style="white-space:pre-wrap;margin:0">${escapeHtml(rest.join("\n"))}</pre>`;
    return { "text/plain": `${this.name}: ${this.message}`, "text/html": html };
  }
}

/**
 * A setting is missing or cannot be used; the message names it and every place that was looked at.
 *
 * @example
 * ```ts
 * import { importPrivateKey, SettingsError } from "./mod.ts";
 *
 * await importPrivateKey("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----").catch((error) => {
 *   console.log(error instanceof SettingsError, error.message);
 * });
 * ```
 */
export class SettingsError extends SfetchError {}

/**
 * No answer came: the host is unknown or refuses, the connection broke, or time ran out.
 *
 * @example
 * ```ts
 * import { ConnectionError, createSession } from "./mod.ts";
 *
 * const session = createSession({ accessToken: "token", instanceUrl: "http://127.0.0.1:9" });
 * await session.fetch("/limits", { retry: 0 }).catch((error) => {
 *   console.log(error instanceof ConnectionError, error.timedOut);
 * });
 * ```
 */
export class ConnectionError extends SfetchError {
  /** The request's method. */
  declare readonly method: string;
  /** The request's URL without its query. */
  declare readonly url: string;
  /** Whether time ran out. */
  declare readonly timedOut: boolean;

  /** Made by this module. */
  constructor(
    message: string,
    hint: string,
    details: Omit<ConnectionError, keyof SfetchError> & ErrorOptions,
  ) {
    super(message, hint, details);
  }
}

/**
 * Salesforce refused the sign-in.
 *
 * @see {@linkcode OAUTH_ERRORS}
 *
 * @example
 * ```ts
 * import { getToken, OAuthError } from "./mod.ts";
 *
 * await getToken({ clientId: "wrong" }).catch((error) => {
 *   if (error instanceof OAuthError) console.log(error.error, error.description, error.attempts);
 * });
 * ```
 */
export class OAuthError extends SfetchError {
  /** RFC 6749's `error`, such as `"invalid_grant"`; `"unexpected_response"` for what is no OAuth answer. */
  declare readonly error: string;
  /** `error_description`. */
  declare readonly description: string;
  /** HTTP status. */
  declare readonly status: number;
  /** Where the sign-in went. */
  declare readonly host: string;
  /** Each audience that was tried, and what Salesforce said to it. */
  declare readonly attempts: readonly { audience: string; error: string; description: string }[];
  /** The server's clock, in ms since the epoch, by its `Date` header. */
  declare readonly serverTime?: number | undefined;

  /** Made by this module. */
  constructor(
    message: string,
    hint: string,
    details: Omit<OAuthError, keyof SfetchError> & ErrorOptions,
  ) {
    super(message, hint, details);
  }
}

/**
 * The REST API answered with an error.
 *
 * @see {@link https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm}
 *
 * @example
 * ```ts
 * import { SalesforceError, sfFetch } from "./mod.ts";
 *
 * await sfFetch("/sobjects/Account", { method: "POST", json: {} }).catch((error) => {
 *   if (error instanceof SalesforceError) console.log(error.status, error.errorCode, error.fields);
 * });
 * ```
 */
export class SalesforceError extends SfetchError {
  /** HTTP status. */
  declare readonly status: number;
  /** Salesforce's code of the first error, such as `"INVALID_FIELD"`; `""` where there is none. */
  declare readonly errorCode: string;
  /** Fields that the first error is about. */
  declare readonly fields: string[];
  /** All errors of the answer. */
  declare readonly errors: { errorCode: string; message: string; fields?: string[] }[];
  /** The request's method. */
  declare readonly method: string;
  /** The request's path without its query. */
  declare readonly path: string;
  /** The answer's headers, with tokens masked. */
  declare readonly headers: Headers;

  /** Made by this module. */
  constructor(
    message: string,
    hint: string,
    { headers, ...details }: Pick<
      SalesforceError,
      "status" | "errors" | "method" | "path" | "headers"
    >,
  ) {
    const { errorCode = "", fields = [] } = details.errors[0] ?? {};
    super(message, hint, { ...details, errorCode, fields });
    const masked = new Headers();
    for (const [name, value] of headers) masked.append(name, redact(value));
    Object.defineProperty(this, "headers", { value: masked }); // not enumerable: long when printed
  }
}

// ══ Appendix ═════════════════════════════════════════════════════════════════════════════════════

// ── Where settings come from ─────────────────────────────────────────────────────────────────────

const PRODUCTION_LOGIN = "https://login.salesforce.com";
const SANDBOX_LOGIN = "https://test.salesforce.com";

/**
 * The settings in force, and where each was found: what {@linkcode Session.settings} gives. Printing
 * them shows no secret: private key, passphrase and access token have to be read by their names.
 */
export interface Settings {
  /** Consumer key. */
  clientId?: string | undefined;
  /** Salesforce username. */
  username?: string | undefined;
  /** The private key as it was given. */
  privateKey?: PrivateKeyInput | undefined;
  /** The file that holds the private key. */
  privateKeyFile?: string | undefined;
  /** Passphrase of the private key. */
  passphrase?: string | undefined;
  /** Origin (and path, for an Experience Cloud site) that signs in. */
  loginUrl: string;
  /** The `aud` asked for; absent where sfetch chooses. */
  audience?: string | undefined;
  /** Instance URL given beside an access token. */
  instanceUrl?: string | undefined;
  /** Access token given from elsewhere. */
  accessToken?: string | undefined;
  /** `"67.0"`, or `"latest"`. */
  apiVersion: string;
  /** Name of the org whose settings were taken. */
  org?: string | undefined;
  /** Setting → where it came from, such as `"SF_CLIENT_ID"` or `"default"`. */
  sources: Record<string, string>;
}

type SettingName = Exclude<keyof Settings, "sources">;

/** One place that settings are looked for in, in order. */
interface Place {
  /** What to say of a value found here. */
  source: (name: SettingName) => string;
  values: Partial<Record<SettingName, unknown>>;
}

const ENVIRONMENT: Partial<Record<SettingName, string[]>> = {
  clientId: ["SF_CLIENT_ID"],
  username: ["SF_USERNAME"],
  privateKey: ["SF_PRIVATE_KEY"],
  privateKeyFile: ["SF_PRIVATE_KEY_FILE"],
  passphrase: ["SF_PRIVATE_KEY_PASSPHRASE"],
  loginUrl: ["SF_LOGIN_URL"],
  audience: ["SF_AUDIENCE_URL"],
  accessToken: ["SF_ACCESS_TOKEN"],
  instanceUrl: ["SF_INSTANCE_URL", "SF_ORG_INSTANCE_URL"],
  apiVersion: ["SF_API_VERSION", "SF_ORG_API_VERSION"],
  org: ["SF_TARGET_ORG"],
};

const SIGN_IN: SettingName[] = ["clientId", "username", "privateKey", "privateKeyFile"];

async function findSettings(options: SessionOptions): Promise<Settings> {
  const given = placeOfOptions(options);
  const environment = placeOfEnvironment();
  // An org named in the call is taken whole: the environment may be about another one.
  if (given.values.org) keepOnly(environment, ["passphrase", "apiVersion"]);
  // Likewise a sign-in given in the call is not replaced by a token that lies about.
  else if (has(given, SIGN_IN)) drop(environment, ["accessToken", "instanceUrl", "org"]);
  const places = [given, environment];
  const org = await placeOfOrg(places);
  if (org) places.splice(given.values.org ? 1 : 2, 0, org);
  return settle(places);
}

function settle(places: Place[]): Settings {
  const found: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  const take = (names: SettingName[]) => {
    const place = places.find((place) => has(place, names));
    const name = names.find((name) => place?.values[name]);
    if (!place || !name) return;
    found[name] = place.values[name];
    sources[name] = place.source(name);
  };
  take(["privateKey", "privateKeyFile"]); // one setting in two forms: the nearer place wins
  for (const name of Object.keys(ENVIRONMENT) as SettingName[]) {
    if (!name.startsWith("privateKey")) take([name]);
  }
  if (!found.loginUrl && found.instanceUrl) {
    found.loginUrl = found.instanceUrl;
    sources.loginUrl = sources.instanceUrl!;
  }
  const settings = { ...found, sources } as Settings;
  sources.loginUrl ??= "default";
  sources.apiVersion ??= "default";
  settings.loginUrl = loginUrlOf(settings.loginUrl ?? PRODUCTION_LOGIN, sources.loginUrl);
  settings.apiVersion = apiVersionOf(settings.apiVersion ?? API_VERSION, sources.apiVersion);
  if (settings.audience) settings.audience = settings.audience.trim().replace(/\/+$/, "");
  if (settings.accessToken && !settings.instanceUrl) throw missing("instanceUrl");
  if (settings.accessToken) {
    settings.accessToken = accessTokenOf(settings.accessToken, sources.accessToken!);
    settings.instanceUrl = originOf(settings.instanceUrl!, sources.instanceUrl!);
  }
  for (const secret of ["privateKey", "passphrase", "accessToken"] as const) {
    const value = settings[secret]; // Bun prints what is not enumerable, but calls no getter
    if (value) Object.defineProperty(settings, secret, { get: () => value, enumerable: false });
  }
  return settings;
}

function placeOfOptions(options: SessionOptions): Place {
  const { iss, sub, aud, cache: _cache, fetch: _fetch, onWarning: _onWarning, ...rest } = options;
  const values = { clientId: iss, username: sub, audience: aud, ...withoutEmpty(rest) };
  return { source: (name) => `option ${name}`, values };
}

function placeOfEnvironment(): Place {
  const values: Place["values"] = {};
  const variable: Partial<Record<SettingName, string>> = {};
  for (const [name, variables] of Object.entries(ENVIRONMENT) as [SettingName, string[]][]) {
    const set = variables.find((variable) => env(variable)?.trim());
    if (set) [values[name], variable[name]] = [env(set)!.trim(), set];
  }
  return { source: (name) => variable[name]!, values };
}

/** Names become file names. */
const ORG_NAME = /^[\w@.+-]+$/;

/** The org that is named, or else the default one where no sign-in was given at all. */
async function placeOfOrg(places: Place[]): Promise<Place | undefined> {
  const named = places.find((place) => place.values.org)?.values.org as string | undefined;
  if (!named && places.some((place) => has(place, [...SIGN_IN, "accessToken"]))) return;
  if (named && !places[0]!.values.org && has(places[1]!, ["accessToken"])) return;
  const home = env("HOME") ?? env("USERPROFILE");
  const config = env("XDG_CONFIG_HOME") || (home && `${home}/.config`);
  const name = named ?? (await defaultOrg(config, home));
  if (!name) return;
  const org = await readSavedOrg(config, name) ?? await readSfOrg(home, name);
  if (org) {
    return { source: () => `org "${name}" (${org.file})`, values: { ...org.values, org: name } };
  }
  throw new SettingsError(
    `No org named "${name}" is known.`,
    `Looked in ${
      config ?? "$XDG_CONFIG_HOME"
    }/sfetch/orgs and, for orgs that the sf CLI signed in ` +
      `by JWT, in ${home ?? "~"}/.sfdx. List them with: sfetch orgs. Add one with: sfetch login${
        ORG_NAME.test(name) ? ` ${name}` : ""
      }. On Deno, --allow-read of both folders is needed.`,
  );
}

async function defaultOrg(config?: string, home?: string): Promise<string | undefined> {
  const ours = config && await readJson(`${config}/sfetch/config.json`);
  const theirs = home && await readJson(`${home}/.sf/config.json`);
  return (ours && ours.defaultOrg) || (theirs && theirs["target-org"]) || undefined;
}

interface KnownOrg {
  file: string;
  values: Place["values"];
}

async function readSavedOrg(
  config: string | undefined,
  name: string,
): Promise<KnownOrg | undefined> {
  if (!config || !ORG_NAME.test(name)) return;
  const file = `${config}/sfetch/orgs/${name}.json`;
  const saved = await readJson(file);
  if (!saved) return;
  const { clientId, username, privateKeyFile, loginUrl, audience, apiVersion } = saved;
  return orgOf(file, { clientId, username, privateKeyFile, loginUrl, audience, apiVersion });
}

/** What `sf org login jwt` leaves in `~/.sfdx`: client id, key path and login URL in clear. */
async function readSfOrg(home: string | undefined, name: string): Promise<KnownOrg | undefined> {
  if (!home) return;
  const aliases = await readJson(`${home}/.sfdx/alias.json`);
  const username: string = aliases?.orgs?.[name] ?? name;
  if (!ORG_NAME.test(username)) return;
  const file = `${home}/.sfdx/${username}.json`;
  const org = await readJson(file);
  if (!org) return;
  if (!org.privateKey) {
    throw new SettingsError(
      `The sf CLI signed "${name}" in without a JWT key (${file}), and keeps that token to itself.`,
      `Sign it in by JWT: sf org login jwt --username ${username} …, or: sfetch login ${name}`,
    );
  }
  const { clientId, privateKey: privateKeyFile, loginUrl } = org;
  return orgOf(file, { clientId, username, privateKeyFile, loginUrl });
}

function orgOf(file: string, values: KnownOrg["values"]): KnownOrg {
  const odd = Object.entries(values).find(([, value]) => value && typeof value !== "string");
  if (odd) throw damagedFile(file, `has a ${odd[0]} that is not text`);
  return { file, values };
}

const damagedFile = (file: string, what: string): SettingsError =>
  new SettingsError(`${file} ${what}.`, "Mend it, or move it away; it is left as it is.");

/** Host endings of pages that people copy from the address bar → the My Domain host that is the API. */
const NOT_API_HOSTS: [RegExp, string][] = [
  [/\.mcas\.ms$/, ""],
  [/\.lightning\.force\.com$/, ".my.salesforce.com"],
  [/\.lightning\.crmforce\.mil$/, ".my.salesforce.mil"],
  [/\.lightning\.sfcrmapps\.cn$/, ".my.sfcrmproducts.cn"],
  [/\.my\.salesforce-setup\.com$/, ".my.salesforce.com"],
  [/--\w+(\.\w+)?\.vf\.force\.com$/, "$1.my.salesforce.com"],
  [/--\w+\.\w+\.visual\.force\.com$/, ".my.salesforce.com"],
];

function loginUrlOf(value: string, source: string): string {
  const word = value.trim().toLowerCase();
  if (word === "production" || word === "login") return PRODUCTION_LOGIN;
  if (word === "sandbox" || word === "test") return SANDBOX_LOGIN;
  const bad = (why: string) =>
    new SettingsError(
      `The login URL from ${source} ${why}.`,
      'Use the org\'s My Domain URL, such as https://acme.my.salesforce.com, or "production" or "sandbox".',
    );
  let url: URL;
  try {
    url = new URL(/^\w+:\/\//.test(word) ? value.trim() : `https://${value.trim()}`);
  } catch {
    throw bad("is not a URL");
  }
  if (url.username || url.password) throw bad("holds a user name or password");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw bad("is not https");
  }
  const host = NOT_API_HOSTS.reduce((host, [end, mend]) => host.replace(end, mend), url.hostname);
  const site = /\.site\.com$|\.salesforce-sites\.com$|\.force\.com$/.test(host);
  const port = url.port && `:${url.port}`;
  return `${url.protocol}//${host}${port}${site ? url.pathname.replace(/\/+$/, "") : ""}`;
}

/** An instance is an origin; only what signs in may have a path (Experience Cloud). */
const originOf = (value: string, source: string): string =>
  new URL(loginUrlOf(value, source)).origin;

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

function apiVersionOf(value: string, source: string): string {
  const [, version] = /^v?(\d{2,3})(?:\.0)?$/i.exec(value.trim()) ?? [];
  if (version) return `${version}.0`;
  if (value.trim().toLowerCase() === "latest") return "latest";
  throw new SettingsError(
    `The API version from ${source} is not one.`,
    `Use a number such as "${API_VERSION}", or "latest".`,
  );
}

/** A header cannot hold anything else; a runtime's own error would show the token. */
function accessTokenOf(value: string, source: string): string {
  if (/^[!-~]+$/.test(value.trim())) return value.trim();
  throw new SettingsError(
    `The access token from ${source} is not one: it has blanks or other odd characters in it.`,
    'Copy it whole: tools show tokens masked ("…"), or wrap them over lines.',
  );
}

/** Names all that a sign-in lacks at once, before anything is read or sent. */
function requireSignIn({ clientId, username, privateKey, privateKeyFile }: Settings): void {
  const names: (keyof typeof NEEDED)[] = [];
  if (!clientId) names.push("clientId");
  if (!username) names.push("username");
  if (!privateKey && !privateKeyFile) names.push("privateKey");
  if (names.length) throw missing(...names);
}

/** What each setting that cannot be done without is. */
const NEEDED = {
  clientId:
    "the consumer key of your app (Setup > External Client App Manager > your app > Settings > " +
    "OAuth Settings > Consumer Key and Secret)",
  username: "the Salesforce username to work as, which is not the e-mail address",
  privateKey: "the private key whose certificate the app holds, as text or as a file",
  instanceUrl:
    "the org's own URL, such as https://acme.my.salesforce.com, which an access token needs",
};

function missing(...names: (keyof typeof NEEDED)[]): SettingsError {
  const lines = names.map((name) => {
    const options = {
      clientId: "clientId (iss)",
      username: "username (sub)",
      privateKey: "privateKey, privateKeyFile",
    };
    const variables = [
      ...ENVIRONMENT[name]!,
      ...(name === "privateKey" ? ENVIRONMENT.privateKeyFile! : []),
    ]
      .map((variable) => env(variable) === undefined ? variable : `${variable} (set, but empty)`);
    const places = `option ${options[name as keyof typeof options] ?? name}; environment ${
      variables.join(", ")
    }`;
    return `${name} is ${NEEDED[name]}.\n  Looked at: ${places}.`;
  });
  return new SettingsError(
    `Missing setting${names.length > 1 ? "s" : ""}: ${names.join(", ")}.`,
    `${
      lines.join("\n")
    }\nNor is there a default org, saved by "sfetch login" or signed in by JWT with ` +
      `the sf CLI. Set what is missing, or run: sfetch login`,
  );
}

const has = (place: Place, names: SettingName[]): boolean => names.some((n) => place.values[n]);

const drop = (place: Place, names: SettingName[]) =>
  names.forEach((name) => delete place.values[name]);

const keepOnly = (place: Place, names: SettingName[]) =>
  drop(place, (Object.keys(place.values) as SettingName[]).filter((name) => !names.includes(name)));

const withoutEmpty = <T extends object>(object: T): Partial<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value)) as Partial<T>;

/** An environment variable; `undefined` where there is no environment or no permission to read it. */
function env(name: string): string | undefined {
  try {
    const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
    return process?.env?.[name];
  } catch {
    return undefined;
  }
}

/** A JSON file's content; `undefined` where there is none. */
// deno-lint-ignore no-explicit-any -- files of other programs hold anything
async function readJson(file: string): Promise<any> {
  let text: string;
  try {
    // @ts-ignore: not every user has Node's types
    const { readFile } = await import("node:fs/promises");
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw new SettingsError(`Cannot read ${file}.`, fileHint(cause, file), { cause });
  }
  const json = parseJson(text);
  if (json && typeof json === "object") return json;
  throw damagedFile(file, json === undefined ? "is not valid JSON" : "is not a JSON object");
}

/** No such file, no file system, or no permission to look for what is only a possibility. */
function isAbsent(cause: unknown): boolean {
  const { code, name } = cause as { code?: string; name?: string };
  return code === "ENOENT" || code === "ENOTDIR" || name === "NotCapable" || name === "TypeError" ||
    code === "ERR_MODULE_NOT_FOUND";
}

function fileHint(cause: unknown, file: string): string {
  const { code, name } = cause as { code?: string; name?: string };
  if (name === "NotCapable") return `Deno was not allowed to read it: add --allow-read=${file}`;
  if (code === "ENOENT") {
    return "There is no such file. A relative path is taken from the folder you are in.";
  }
  if (code === "EACCES") return "This user may not read it: check its owner and mode (chmod 600).";
  if (code === "EISDIR") return "It is a folder: name the key file in it.";
  return `The system says: ${(cause as Error).message ?? cause}`;
}

// ── Key formats ──────────────────────────────────────────────────────────────────────────────────

/** A private key as people have it: PEM, base64 of PEM or DER, JWK (also as JSON text), DER bytes, CryptoKey. */
export type PrivateKeyInput = string | Uint8Array | ArrayBuffer | CryptoKey | JsonWebKey;

/** A private key that can sign assertions, and what it was made from. */
export interface PrivateKey {
  /** For RS256, usage `sign`. */
  key: CryptoKey;
  /** Such as `"PKCS#8"`, `"PKCS#1"`, `"encrypted PKCS#8"`, `"encrypted PKCS#1"`, `"JWK"`, `"CryptoKey"`. */
  format: string;
  /** Length of the modulus; Salesforce takes 2048 and more. */
  bits: number;
}

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

const CONVERT =
  "Salesforce signs in with an RSA key of 2048 bits or more. Make one with: sfetch keygen";

const COPY_AGAIN =
  "Copy it again from where it was made. Check it with: openssl rsa -check -in server.key";

/**
 * Reads an RSA private key in any form that OpenSSL, Salesforce or a hosting service leaves it in:
 * PKCS#8, PKCS#1, both encrypted (AES, 3DES), JWK, DER; as text, base64 of the text, a one-liner
 * with `\n`, with a BOM, blanks or "Bag Attributes" in front.
 *
 * @param key The key.
 * @param passphrase For an encrypted one.
 * @returns The key for Web Crypto, extractable, with the format it had.
 * @throws {SettingsError} If it is anything else, which is then named: a certificate, a public key,
 * an EC or OpenSSH key, PKCS#12, a truncated PEM, a key under 2048 bits, a wrong passphrase, …
 * @see {@link https://www.rfc-editor.org/rfc/rfc5958} PKCS#8, {@link https://www.rfc-editor.org/rfc/rfc8018} PBES2
 *
 * @example
 * ```ts
 * import { importPrivateKey } from "./mod.ts";
 *
 * const pair = await crypto.subtle.generateKey(
 *   { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
 *   true,
 *   ["sign", "verify"],
 * );
 * const { format, bits } = await importPrivateKey(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
 * console.log(format, bits); // PKCS#8 2048
 * ```
 */
export async function importPrivateKey(
  key: PrivateKeyInput,
  passphrase?: string,
): Promise<PrivateKey> {
  if (typeof CryptoKey !== "undefined" && key instanceof CryptoKey) return checkCryptoKey(key);
  if (typeof key === "string") return await importText(key, passphrase);
  if (key instanceof ArrayBuffer) return await importBytes(new Uint8Array(key), passphrase);
  if (ArrayBuffer.isView(key)) {
    return await importBytes(
      new Uint8Array(key.buffer, key.byteOffset, key.byteLength),
      passphrase,
    );
  }
  return await importJwk(key as JsonWebKey);
}

function checkCryptoKey(key: CryptoKey): PrivateKey {
  const { name, hash, modulusLength } = key.algorithm as RsaHashedKeyAlgorithm;
  const fits = key.type === "private" && name === RS256.name && hash?.name === RS256.hash;
  if (!fits || !key.usages.includes("sign")) {
    throw notAKey(
      `a CryptoKey of another kind (${key.type} ${name})`,
      "Import it for RSASSA-PKCS1-v1_5, SHA-256, usage sign.",
    );
  }
  return checkBits({ key, format: "CryptoKey", bits: modulusLength });
}

async function importJwk(jwk: JsonWebKey): Promise<PrivateKey> {
  if (jwk?.kty !== "RSA") {
    throw notAKey(jwk?.kty ? `a JWK of type ${jwk.kty}` : "no kind of key", CONVERT);
  }
  if (!jwk.d) throw notAKey("a public key (JWK)", "Give the JWK that has d, p and q.");
  const { alg: _alg, use: _use, key_ops: _ops, ext: _ext, ...rest } = jwk; // labels for other uses of the same key
  const key = await crypto.subtle.importKey("jwk", rest, RS256, true, ["sign"]).catch(() => {
    throw damaged("JWK");
  });
  return checkBits({ key, format: "JWK", bits: (key.algorithm as RsaKeyAlgorithm).modulusLength });
}

async function importBytes(bytes: Uint8Array, passphrase?: string): Promise<PrivateKey> {
  if (bytes[0] === 0x30) return await importDer(bytes, passphrase);
  if (bytes[0] === 0xfe && bytes[1] === 0xed) {
    throw notAKey(
      "a Java keystore (JKS)",
      "Take the key out: keytool -importkeystore to PKCS12, then openssl pkcs12 -nodes",
    );
  }
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe // what PowerShell's > writes
    ? "utf-16le"
    : bytes[0] === 0xfe && bytes[1] === 0xff && "utf-16be";
  return await importText(new TextDecoder(utf16 || "utf-8").decode(bytes), passphrase);
}

async function importText(text: string, passphrase?: string): Promise<PrivateKey> {
  const plain = text.replace(/^\uFEFF/, "").replace(/\\+r/g, "").replace(/\\+n/g, "\n").trim()
    .replace(/^(["'])([\s\S]*)\1$/, "$2").trim();
  if (!plain) throw notAKey("empty", "Give the PEM text, or its file by SF_PRIVATE_KEY_FILE.");
  if (plain.includes("-----BEGIN")) return await importPem(plain, passphrase);
  if (plain.startsWith("{")) return await importJwk(parseJwk(plain));
  const bytes = fromBase64(plain);
  if (bytes && bytes.length > 64) return await importBytes(bytes, passphrase);
  const path = /^[~./]|\.(key|pem|der|json)$/i.test(plain);
  throw notAKey(
    path ? "a file's name, not the key itself" : "neither PEM, DER, JWK nor base64 of one",
    path ? "Name files by SF_PRIVATE_KEY_FILE (option privateKeyFile)." : CONVERT,
  );
}

function parseJwk(text: string): JsonWebKey {
  try {
    return JSON.parse(text);
  } catch {
    throw notAKey("JSON that does not parse", "A JWK is one JSON object with kty, n, e, d, …");
  }
}

/** PEM labels of what is not a usable key → what it is, and what to do. */
const OTHER_PEM: [RegExp, string, string][] = [
  [/^EC |^DSA /, "an EC or DSA key", CONVERT],
  [/^OPENSSH /, "an OpenSSH key", `Rewrite it as PEM: ssh-keygen -p -m PEM -f FILE. ${CONVERT}`],
  [/PUBLIC KEY$/, "a public key", "Give the private key that belongs to it (server.key)."],
  [
    /^CERTIFICATE$|^(X509|TRUSTED) /,
    "a certificate",
    "Give the private key that belongs to it (server.key), not server.crt.",
  ],
  [
    /^(NEW )?CERTIFICATE REQUEST$/,
    "a certificate request",
    "Give the private key that belongs to it (server.key), not server.csr.",
  ],
];

async function importPem(text: string, passphrase?: string): Promise<PrivateKey> {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)];
  const block = blocks.find(([, label]) => /^(RSA |ENCRYPTED )?PRIVATE KEY$/.test(label!));
  if (block) {
    const [pem, , content] = block as unknown as [string, string, string];
    if (/Proc-Type:\s*4,\s*ENCRYPTED/.test(content)) return await importLegacyPem(pem, passphrase);
    const bytes = fromBase64(content);
    if (!bytes) throw notAKey("a PEM block with characters in it that are not base64", COPY_AGAIN);
    return await importDer(bytes, passphrase);
  }
  for (const [label, what, fix] of OTHER_PEM) {
    if (blocks.some(([, name]) => label.test(name!))) throw notAKey(what, fix);
  }
  throw blocks.length ? notAKey(`a PEM block "${blocks[0]![1]}"`, CONVERT) : truncated();
}

/** `Proc-Type: 4,ENCRYPTED`, what OpenSSL 1.x writes: its key derivation (MD5) is not in Web Crypto. */
async function importLegacyPem(pem: string, passphrase?: string): Promise<PrivateKey> {
  if (!passphrase) throw passphraseMissing();
  const [, cipher, iv, content] =
    /DEK-Info:\s*([\w-]+),\s*([0-9A-Fa-f]+)\s+([\s\S]*?)-----END/.exec(pem) ?? [];
  if (!content) throw truncated();
  const lines = content.replace(/\s/g, "").match(/.{1,64}/g) ?? [];
  const tidy = [
    "-----BEGIN RSA PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED",
    `DEK-Info: ${cipher},${iv}`,
    "",
    ...lines,
    "-----END RSA PRIVATE KEY-----",
    "",
  ].join("\n");
  const der = await openWithNode({ key: tidy, format: "pem", passphrase });
  return await importPkcs8(der, "encrypted PKCS#1");
}

async function importDer(bytes: Uint8Array, passphrase?: string): Promise<PrivateKey> {
  const parts = derParts(bytes);
  const [first, second, third] = parts.map((part) => part.tag);
  const version = parts[0]?.body[0];
  if (first === SEQUENCE && second === OCTET_STRING) {
    if (!passphrase) throw passphraseMissing();
    return await importPkcs8(await decryptPkcs8(bytes, parts, passphrase), "encrypted PKCS#8");
  }
  if (first === INTEGER && second === SEQUENCE && version !== 3) {
    return await importPkcs8(bytes, "PKCS#8");
  }
  if (first === INTEGER && second === INTEGER && parts.length >= 9) {
    return await importPkcs8(wrapPkcs1(bytes), "PKCS#1");
  }
  if (first === INTEGER && second === SEQUENCE) {
    throw notAKey(
      "a PKCS#12 file (.p12, .pfx)",
      "Take the key out: openssl pkcs12 -in FILE -nodes -nocerts -out server.key",
    );
  }
  if (first === INTEGER && second === OCTET_STRING) throw notAKey("an EC key", CONVERT);
  if (first === SEQUENCE && second === SEQUENCE && third === BIT_STRING) {
    throw notAKey(
      "a certificate",
      "Give the private key that belongs to it (server.key), not server.crt.",
    );
  }
  if (second === BIT_STRING || first === INTEGER) {
    throw notAKey("a public key", "Give the private key that belongs to it (server.key).");
  }
  throw notAKey("binary data of no known kind", CONVERT);
}

async function importPkcs8(bytes: Uint8Array, format: string): Promise<PrivateKey> {
  const [, algorithm] = derParts(bytes);
  const oid = hex(derParts(algorithm!, 1)[0]!.body);
  if (oid !== OID.rsaEncryption) {
    const kind = oid === OID.ecPublicKey
      ? "an EC key"
      : oid === OID.rsaPss
      ? "an RSA key for PSS only"
      : "an Ed25519 key, or another that is not RSA";
    throw notAKey(kind, CONVERT);
  }
  const key = await crypto.subtle.importKey("pkcs8", bytes as BufferSource, RS256, true, ["sign"])
    .catch(() => {
      throw damaged(format);
    });
  return checkBits({ key, format, bits: (key.algorithm as RsaKeyAlgorithm).modulusLength });
}

function checkBits(key: PrivateKey): PrivateKey {
  if (key.bits >= 2048) return key;
  throw notAKey(`too short (${key.bits} bits)`, CONVERT);
}

// DER, as far as telling keys apart needs it.

const INTEGER = 0x02, BIT_STRING = 0x03, OCTET_STRING = 0x04, SEQUENCE = 0x30;

const OID = {
  rsaEncryption: "2a864886f70d010101",
  rsaPss: "2a864886f70d01010a",
  ecPublicKey: "2a8648ce3d0201",
  pbes2: "2a864886f70d01050d",
  pbkdf2: "2a864886f70d01050c",
  des3: "2a864886f70d0307",
};

interface DerNode {
  tag: number;
  body: Uint8Array;
}

/** The elements inside a DER sequence, `least` of them or it is damaged. */
function derParts(sequence: Uint8Array | DerNode, least = 0): DerNode[] {
  const inside = sequence instanceof Uint8Array ? derNode(sequence, 0).body : sequence.body;
  const parts: DerNode[] = [];
  for (let at = 0; at < inside.length;) {
    const part = derNode(inside, at);
    parts.push(part);
    at = part.body.byteOffset - inside.byteOffset + part.body.length;
  }
  if (parts.length < least) throw damaged("DER");
  return parts;
}

function derNode(bytes: Uint8Array, at: number): DerNode {
  let length = bytes[at + 1] ?? 0;
  let start = at + 2;
  if (length & 0x80) {
    const size = length & 0x7f;
    length = bytes.subarray(start, start + size).reduce((sum, byte) => sum * 256 + byte, 0);
    start += size;
  }
  if (start + length > bytes.length) throw truncated();
  return { tag: bytes[at]!, body: bytes.subarray(start, start + length) };
}

const integer = ({ body }: DerNode): number => body.reduce((value, byte) => value * 256 + byte, 0);

function derEncode(tag: number, ...contents: Uint8Array[]): Uint8Array {
  const size = contents.reduce((sum, content) => sum + content.length, 0);
  const length = size < 0x80
    ? [size]
    : size < 0x100
    ? [0x81, size]
    : [0x82, size >> 8, size & 0xff];
  return concat(Uint8Array.of(tag, ...length), ...contents);
}

function wrapPkcs1(pkcs1: Uint8Array): Uint8Array {
  const rsa = derEncode(SEQUENCE, derEncode(0x06, fromHex(OID.rsaEncryption)), derEncode(0x05));
  return derEncode(
    SEQUENCE,
    derEncode(INTEGER, Uint8Array.of(0)),
    rsa,
    derEncode(OCTET_STRING, pkcs1),
  );
}

const PBKDF2_HASH: Record<string, string> = {
  "2a864886f70d0209": "SHA-256",
  "2a864886f70d020a": "SHA-384",
  "2a864886f70d020b": "SHA-512",
};

/** Ciphers of encrypted keys (AES in CBC mode, 3DES) → key length in bytes. */
const KEY_LENGTH: Record<string, number> = {
  "60864801650304012a": 32,
  "608648016503040116": 24,
  "608648016503040102": 16,
  [OID.des3]: 24,
};

/** RFC 8018's PBES2 with PBKDF2 by Web Crypto; what that lacks (scrypt, PBES1, …) by `node:crypto`. */
async function decryptPkcs8(
  bytes: Uint8Array,
  [scheme, encrypted]: DerNode[],
  passphrase: string,
): Promise<Uint8Array> {
  const pbes2 = pbes2Of(scheme!);
  if (!pbes2) return await openWithNode({ key: bytes, format: "der", type: "pkcs8", passphrase });
  let plain: Uint8Array | undefined;
  try {
    const key = await deriveKey(passphrase, pbes2);
    const decrypt = pbes2.cipher === OID.des3 ? decryptDes3 : decryptAes;
    plain = await decrypt(key, pbes2.iv, encrypted!.body);
  } catch (error) {
    if (error instanceof SettingsError) throw error;
  }
  // One wrong passphrase in 256 leaves a padding that looks right.
  if (!plain || !/^30(82....|81..|..)02010[01]30/.test(hex(plain.subarray(0, 8)))) {
    throw wrongPassphrase();
  }
  return plain;
}

interface Pbes2 {
  hash: string;
  salt: Uint8Array;
  iterations: number;
  cipher: string;
  /** In bytes. */
  keyLength: number;
  iv: Uint8Array;
}

/** What the scheme says, where it is PBES2 with algorithms known here. */
function pbes2Of(scheme: DerNode): Pbes2 | undefined {
  const [schemeOid, parameters] = derParts(scheme, 2) as [DerNode, DerNode];
  if (hex(schemeOid.body) !== OID.pbes2) return;
  const [kdf, encryption] = derParts(parameters, 2) as [DerNode, DerNode];
  const [kdfOid, kdfParts] = derParts(kdf, 2) as [DerNode, DerNode];
  if (hex(kdfOid.body) !== OID.pbkdf2) return;
  const [salt, iterations, ...rest] = derParts(kdfParts, 2) as [DerNode, DerNode, ...DerNode[]];
  const prf = rest.find((part) => part.tag === SEQUENCE);
  const hash = prf ? PBKDF2_HASH[hex(derParts(prf, 1)[0]!.body)] : "SHA-1";
  const [cipherOid, iv] = derParts(encryption, 2) as [DerNode, DerNode];
  const cipher = hex(cipherOid.body);
  const keyLength = KEY_LENGTH[cipher];
  if (!hash || !keyLength) return;
  return { hash, salt: salt.body, iterations: integer(iterations), cipher, keyLength, iv: iv.body };
}

async function deriveKey(
  passphrase: string,
  { hash, salt, iterations, keyLength }: Pbes2,
): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(passphrase);
  const secret = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
  const algorithm = { name: "PBKDF2", hash, salt: salt as BufferSource, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, secret, keyLength * 8));
}

async function decryptAes(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const algorithm = { name: "AES-CBC", iv: iv as BufferSource };
  const aes = await crypto.subtle.importKey("raw", key as BufferSource, algorithm, false, [
    "decrypt",
  ]);
  return new Uint8Array(await crypto.subtle.decrypt(algorithm, aes, data as BufferSource));
}

/** Web Crypto has no 3DES, and Deno's `createPrivateKey` does not open such a key. */
async function decryptDes3(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const { createDecipheriv } = await nodeCrypto();
  const cipher = createDecipheriv("des-ede3-cbc", key, iv);
  return concat(cipher.update(data), cipher.final());
}

async function openWithNode(
  input: { key: string | Uint8Array; format: "pem" | "der"; type?: "pkcs8"; passphrase: string },
): Promise<Uint8Array> {
  const { createPrivateKey } = await nodeCrypto();
  try {
    const key = createPrivateKey(input as Parameters<typeof createPrivateKey>[0]);
    return new Uint8Array(key.export({ format: "der", type: "pkcs8" }) as Uint8Array);
  } catch (cause) {
    throw /bad.?decrypt/i.test(String(cause)) ? wrongPassphrase() : unknownCipher(cause);
  }
}

const nodeCrypto = async () =>
  // @ts-ignore: not every user has Node's types
  await import("node:crypto").catch((cause) => {
    throw unknownCipher(cause);
  });

async function readKeyFile(file: string, source: string): Promise<Uint8Array> {
  try {
    // @ts-ignore: not every user has Node's types
    const { readFile } = await import("node:fs/promises");
    return await readFile(file);
  } catch (cause) {
    const message = `Cannot read the private key file ${file} (from ${source}).`;
    throw new SettingsError(message, fileHint(cause, file), { cause });
  }
}

const notAKey = (what: string, fix: string): SettingsError =>
  new SettingsError(`The private key cannot be used: it is ${what}.`, fix);

const truncated = (): SettingsError =>
  new SettingsError(
    "The private key is truncated: its end is missing.",
    "In a .env file, put the key on one line with \\n for each line break, in double quotes, or give " +
      "its file by SF_PRIVATE_KEY_FILE.",
  );

const passphraseMissing = (): SettingsError =>
  new SettingsError(
    "The private key is encrypted, and there is no passphrase.",
    "Give it by the option passphrase or the environment variable SF_PRIVATE_KEY_PASSPHRASE.",
  );

const wrongPassphrase = (): SettingsError =>
  new SettingsError(
    "The private key cannot be decrypted: the passphrase is wrong.",
    "Check the option passphrase or SF_PRIVATE_KEY_PASSPHRASE, also for blanks and quotes around it.",
  );

const unknownCipher = (cause: unknown): SettingsError =>
  new SettingsError(
    "The private key is encrypted in a way that this runtime cannot open.",
    "Encrypt it anew: openssl pkcs8 -topk8 -v2 aes256 -in server.key -out server.pk8 (a very old " +
      "cipher needs -provider legacy -provider default as well).",
    { cause },
  );

const damaged = (format: string): SettingsError => notAKey(`a damaged ${format} key`, COPY_AGAIN);

// ── What Salesforce's errors mean ────────────────────────────────────────────────────────────────

/** One row of {@linkcode OAUTH_ERRORS}. */
export interface OAuthErrorExplanation {
  /** RFC 6749's `error`; `*` for any. */
  error: string;
  /** What `error_description` matches. */
  description: RegExp;
  /** The description as Salesforce words it, for people. */
  says: string;
  /** The likely cause. */
  cause: string;
  /** The next step. */
  fix: string;
}

const POLICIES =
  "Setup > External Client App Manager (or App Manager > Manage for a Connected App) > your app > Policies > Edit";

const explain = (
  error: string,
  description: RegExp,
  says: string,
  cause: string,
  fix: string,
): OAuthErrorExplanation => ({ error, description, says, cause, fix });

/**
 * What the token endpoint says, what is behind it, and what to do: where every hint of
 * {@linkcode OAuthError} comes from. The first row that fits counts.
 *
 * @see {@link https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm}
 *
 * @example
 * ```ts
 * import { OAUTH_ERRORS } from "./mod.ts";
 *
 * for (const { error, says, fix } of OAUTH_ERRORS) console.log(`${error}: ${says} -> ${fix}`);
 * ```
 */
export const OAUTH_ERRORS: readonly OAuthErrorExplanation[] = [
  explain(
    "invalid_grant",
    /hasn't approved this consumer/i,
    "user hasn't approved this consumer",
    "The app lets users approve it themselves and this user has not, the user's profile or permission set is not on the app, or the sign-in went to another host than the org's own.",
    `${POLICIES} > OAuth Policies > Permitted Users: "Admin approved users are pre-authorized", then App Policies: select the user's profile or permission set. Sign in at the org's My Domain. Or approve once in the browser: sfetch login --approve. A new app needs up to 10 minutes.`,
  ),
  explain(
    "invalid_app_access",
    /./,
    "user is not admin approved to access this app",
    "The app takes only users that an admin approved, and this user's profile or permission set is not on it.",
    `${POLICIES} > App Policies: select the user's profile, or a permission set that the user has.`,
  ),
  explain(
    "app_not_found",
    /./,
    "External client app is not installed in this org",
    "The sign-in went to login or test.salesforce.com, which does not know an org's own External Client App, or the consumer key is another org's.",
    "Set SF_LOGIN_URL to the org's My Domain (https://NAME.my.salesforce.com; Setup > My Domain) and check that the app is in that org.",
  ),
  explain(
    "OAUTH_AUTHORIZATION_BLOCKED",
    /./,
    "Cross-org OAuth flows are not supported for this external client app",
    "The External Client App is local to one org, and the sign-in went to another or to login.salesforce.com.",
    "Set SF_LOGIN_URL to the My Domain of the org that has the app, or make the app in the org you sign in to.",
  ),
  explain(
    "OAUTH_APP_BLOCKED",
    /./,
    "app is blocked by admin",
    "An admin blocked the app, or API Access Control allows only listed apps.",
    "Ask an admin: Setup > Connected Apps OAuth Usage > Unblock, or add the app to API Access Control.",
  ),
  explain(
    "invalid_grant",
    /audience/i,
    "audience is invalid",
    "The assertion's aud does not fit the org: a sandbox signed in as production, or the reverse, or a custom URL that is not accepted.",
    'Set SF_LOGIN_URL to the org\'s My Domain, "sandbox" or "production", and leave SF_AUDIENCE_URL unset.',
  ),
  explain(
    "invalid_grant",
    /invalid assertion/i,
    "invalid assertion",
    "The private key does not belong to the certificate that the app holds: another key, another environment's key, or the certificate was cleared by a deployment.",
    "Compare them: openssl rsa -in server.key -noout -modulus and openssl x509 -in server.crt -noout -modulus must print the same. Upload server.crt to the app again.",
  ),
  explain(
    "invalid_grant",
    /expired authorization code/i,
    "expired authorization code",
    "The assertion's exp lies in the past for Salesforce: this machine's clock is wrong.",
    "Set the clock (timedatectl set-ntp true), in a container or virtual machine the host's too.",
  ),
  explain(
    "invalid_grant",
    /login rate exceeded/i,
    "login rate exceeded",
    "This user signed in more than 3,600 times within an hour.",
    "Wait up to an hour, and share tokens between calls and processes: one session, or the option cache.",
  ),
  explain(
    "rate_limit_exceeded",
    /./,
    "number of logins exceeded",
    "This user signed in more than 3,600 times within an hour.",
    "Wait up to an hour, and share tokens between calls and processes: one session, or the option cache.",
  ),
  explain(
    "invalid_grant",
    /ip restricted|login hours/i,
    "ip restricted or invalid login hours",
    "The user's profile allows other addresses or hours than these, or the app enforces IP restrictions.",
    `Setup > Profiles > the profile > Login IP Ranges, Login Hours; or ${POLICIES} > IP Relaxation: "Relax IP restrictions".`,
  ),
  explain(
    "invalid_grant",
    /user is locked/i,
    "user is locked",
    "The user is locked out after failed logins.",
    "Setup > Users > the user > Unlock, or wait until the lockout ends.",
  ),
  explain(
    "invalid_grant",
    /authentication failure|invalid user credentials/i,
    "authentication failure",
    "The user does not exist in this org, or is inactive or frozen. A sandbox's usernames end with the sandbox's name.",
    "Check SF_USERNAME against Setup > Users > Username (not the e-mail), and that the user is active and not frozen.",
  ),
  explain(
    "inactive_user",
    /./,
    "user is inactive",
    "The user is not active.",
    "Setup > Users > the user > Edit > Active.",
  ),
  explain(
    "inactive_org",
    /./,
    "organization is locked, closed, or suspended",
    "The org is locked, closed or suspended.",
    "Sign in by browser to see why, or ask Salesforce Support.",
  ),
  explain(
    "invalid_client_id",
    /./,
    "client identifier invalid",
    "The consumer key is wrong or another org's, or the app is new (up to 10 minutes), or the scratch org has expired.",
    "Copy SF_CLIENT_ID again: Setup > External Client App Manager > your app > Settings > OAuth Settings > Consumer Key and Secret.",
  ),
  explain(
    "invalid_client",
    /installed/i,
    "app must be installed into org",
    "Since September 2025 a Connected App of another org must be installed before it is used.",
    "Ask an admin: Setup > Connected Apps OAuth Usage > the app > Install.",
  ),
  explain(
    "invalid_client",
    /./,
    "invalid client credentials",
    "The app has no certificate, or the JWT bearer flow is off.",
    "Edit the app: Flow Enablement > Enable JWT Bearer Flow, upload server.crt (Connected App: Use digital signatures).",
  ),
  explain(
    "unsupported_grant_type",
    /./,
    "grant type not supported",
    "The request did not reach the token endpoint as it was sent: the host is a page for people (Lightning, setup), or a proxy changed the request.",
    "Set SF_LOGIN_URL to the org's My Domain, https://NAME.my.salesforce.com.",
  ),
  explain(
    "invalid_request",
    /refresh_token scope/i,
    "refresh_token scope is required and the connected app should be installed and preauthorized",
    "The app lacks the scope for refresh tokens, which Salesforce wants though this flow gives none.",
    'Edit the app: add the OAuth scope "Perform requests at any time (refresh_token, offline_access)".',
  ),
  explain(
    "invalid_scope",
    /./,
    "the requested scope is not allowed",
    "The app lacks a scope that the sign-in needs.",
    'Edit the app: OAuth scopes "Manage user data via APIs (api)" and "Perform requests at any time (refresh_token, offline_access)".',
  ),
  explain(
    "unknown_error",
    /./,
    "retry your request",
    "Salesforce had a passing fault, or a cross-org sign-in was refused before.",
    "Try again; if it stays, sign in at the org's My Domain.",
  ),
  explain(
    "*",
    /Data Not Available/i,
    "Data Not Available",
    "The org is gone: a scratch org or trial that expired, or a sandbox that was deleted.",
    "Make the org anew, and its app, key and settings with it.",
  ),
  explain(
    "temporarily_unavailable",
    /./,
    "HTTP 500, 502, 503 or 504",
    "Salesforce is busy or under maintenance.",
    "Try again in a minute; https://status.salesforce.com tells of more.",
  ),
  explain(
    "unexpected_response",
    /./,
    "an HTML page, a redirect or an empty answer",
    "The host is not one that signs in: a site, a Lightning or setup page, an expired org, or a proxy in between.",
    "Set SF_LOGIN_URL to the org's My Domain, https://NAME.my.salesforce.com (Setup > My Domain).",
  ),
];

const LOGIN_HISTORY =
  "The user's Login History (Setup > Users > the user) says what Salesforce saw.";

function oauthHint(error: string, description: string): string {
  const row = OAUTH_ERRORS.find((row) =>
    (row.error === error || row.error === "*") && row.description.test(description)
  );
  return row ? `${row.cause}\n${row.fix}\n${LOGIN_HISTORY}` : LOGIN_HISTORY;
}

function oauthError(
  response: Response,
  // deno-lint-ignore no-explicit-any -- whatever the host answered
  answer: any,
  { host, audience }: { host: string; audience: string },
): OAuthError {
  const location = response.headers.get("location");
  const type = response.headers.get("content-type")?.split(";")[0] || "nothing";
  const error = typeof answer?.error === "string"
    ? redact(answer.error)
    : response.status >= 500
    ? "temporarily_unavailable"
    : "unexpected_response";
  const description = redact(
    answer?.error
      ? String(answer.error_description || "no description")
      : `the answer is ${location ? `a redirect to ${hostOf(location)}` : type}, not a token`,
  );
  const date = Date.parse(response.headers.get("date") ?? "");
  return new OAuthError(
    `${host} refused the sign-in: ${error}: ${description} (HTTP ${response.status}, audience ${audience}).`,
    oauthHint(error, description),
    {
      error,
      description,
      status: response.status,
      host,
      attempts: [{ audience, error, description }],
      serverTime: Number.isNaN(date) ? undefined : date,
    },
  );
}

/** The failure that is not about the audience got furthest; else the first, about the better one, says most. */
function withAllAttempts(failures: OAuthError[]): OAuthError {
  const telling = failures.find((failure) => !isAboutAudience(failure)) ?? failures[0]!;
  const attempts = failures.flatMap((failure) => failure.attempts);
  const tried = attempts.map((one) => `${one.audience}: ${one.error}: ${one.description}`);
  const message = `${telling.host} refused the sign-in with each audience (${tried.join("; ")}).`;
  return new OAuthError(message, telling.hint, { ...telling, attempts });
}

/** REST error codes, statuses and texts → likely cause and next step. The first row that fits counts. */
const REST_HINTS: [RegExp, string][] = [
  [
    /not valid for use with the REST API/,
    "A policy forbids this session the API (session level, API Access Control, IP range); a new token will not help. Ask an admin about the app's policies.",
  ],
  [
    /not attached to Agent/,
    "The app is not connected to this agent; a new token will not help. Ask an admin to attach it.",
  ],
  [
    /Bad_OAuth_Token|INVALID_SESSION_ID/,
    "The session has ended, was revoked, or belongs to another host. Sign in again; call the API at the instance URL.",
  ],
  [
    /INVALID_AUTH_HEADER/,
    "The Authorization header was changed on its way: look at proxies in between.",
  ],
  [
    /REQUEST_LIMIT_EXCEEDED[\s\S]*concurrent/i,
    "Too many calls of over 20 seconds run at once (25; 5 in a Developer Edition). Run fewer side by side.",
  ],
  [
    /REQUEST_LIMIT_EXCEEDED/,
    "The org's API calls for 24 hours are used up: see /limits, DailyApiRequests. Wait, fetch more per call (composite, Bulk API), or buy more.",
  ],
  [
    /API_DISABLED_FOR_ORG|API_CURRENTLY_DISABLED/,
    'This edition or user has no API access: an admin can grant "API Enabled" in the profile or a permission set.',
  ],
  [
    /MALFORMED_QUERY/,
    "The query does not parse at the place shown. Values need single quotes; in code, the soql`…` tag puts them.",
  ],
  [
    /INVALID_FIELD/,
    "The field is misspelt (custom fields end in __c, relationships in __r), or field-level security hides it from this user. See /sobjects/OBJECT/describe.",
  ],
  [
    /INVALID_TYPE/,
    "The object is misspelt (custom objects end in __c), or this user may not see it. See /sobjects.",
  ],
  [/REQUIRED_FIELD_MISSING/, "Give the fields that are named."],
  [
    /DUPLICATES_DETECTED|DUPLICATE_VALUE/,
    "Such a record is there already: find it, or upsert by an external id.",
  ],
  [/UNABLE_TO_LOCK_ROW/, "Another transaction holds the record; nothing was changed. Try again."],
  [/ENTITY_IS_DELETED/, "The record is in the recycle bin; /queryAll finds it."],
  [/MALFORMED_ID/, "The id is not of that object, or was cut: ids have 15 or 18 characters."],
  [
    /INVALID_QUERY_LOCATOR/,
    "The query's cursor is gone (they live two days, and belong to one user and instance). Run the query again.",
  ],
  [/QUERY_TIMEOUT/, "The query took too long: filter on an indexed field, or select less."],
  [
    /JSON_PARSER_ERROR/,
    "The body is not the JSON that this resource takes. In code, the option json makes it well-formed.",
  ],
  [
    /INSUFFICIENT_ACCESS|CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY|FIELD_INTEGRITY_EXCEPTION|FIELD_CUSTOM_VALIDATION_EXCEPTION/,
    "The org's own rules refuse this: rights, sharing, triggers, validation rules. The message names the rule.",
  ],
  [
    /Destination URL not reset|URL_NOT_RESET/i,
    "The call went to the wrong host: use the token's instance URL, not the login host.",
  ],
  [
    /^300 /,
    "The external id fits more than one record; the answer lists them. Make it unique, or use the record id.",
  ],
  [
    /^404 [\s\S]*Could not find a match for URL|^404 [\s\S]*requested resource does not exist/,
    "No such resource, or this API version does not have it, or this user may not see it.",
  ],
  [/^404 /, "No such record or resource, or this user may not see it."],
  [/^405 /, "This resource does not take this method."],
  [
    /^410 /,
    `This API version is retired. Use a newer one, such as ${API_VERSION}: SF_API_VERSION, or the option apiVersion.`,
  ],
  [
    /^41[45] |^431 /,
    "The request is not of the form that this resource takes: too long a URL (16,384 bytes with the headers), or another content type.",
  ],
  [
    /^420 /,
    "Salesforce's edge has no route to this host: the org moved, or a scratch org expired.",
  ],
  [/^429 /, "Too many requests at once: send fewer side by side."],
  [
    /^50[0234] /,
    "Salesforce is busy or under maintenance: see https://status.salesforce.com, and try again.",
  ],
];

function salesforceError(
  { status, headers, statusText }: { status: number; headers: Headers; statusText?: string },
  text: string,
  method: string,
  target: string,
): SalesforceError {
  const path = pathOf(target);
  const errors = restErrors(text);
  const isPage = /^\s*<(!doctype|html)/i.test(text);
  const said = isPage
    ? "a web page, not the API"
    : errors.map(({ errorCode, message }) => [errorCode, message].filter(Boolean).join(": ")).join(
      "; ",
    ) ||
      statusText || "nothing more";
  const line = `${status} ${said}`;
  const hint = isPage && !BUSY.has(status)
    ? "This host is not the API, or the org is gone. Use the org's My Domain, https://NAME.my.salesforce.com."
    : REST_HINTS.find(([pattern]) => pattern.test(line))?.[1] ?? "";
  return new SalesforceError(`${method} ${path}: ${line}`, hint, {
    status,
    headers,
    errors,
    method,
    path,
  });
}

/** An error body in any of its shapes: array, object, collection item, OAuth, XML, plain text. */
function restErrors(body: string): SalesforceError["errors"] {
  const text = redact(body);
  const json = parseJson(text);
  // deno-lint-ignore no-explicit-any -- one of many shapes
  const list: any[] = Array.isArray(json) ? json : json ? [json] : [];
  if (list.every((one) => typeof one === "string") && list.length) {
    return [{ errorCode: "", message: list.join(", ") }]; // 300: the records that fit
  }
  if (list.length) {
    return list.flatMap((one) => one?.errors ?? [one]).filter(Boolean).map((one) => ({
      errorCode: String(one.errorCode ?? one.statusCode ?? one.error ?? ""),
      message: String(one.message ?? one.error_description ?? ""),
      ...(Array.isArray(one.fields) && { fields: one.fields }),
    }));
  }
  if (json !== undefined) return [];
  const [, code] = /<(?:\w+:)?(?:errorCode|exceptionCode)>([^<]*)</.exec(text) ?? [];
  const [, message = ""] = /<(?:\w+:)?(?:message|exceptionMessage)>([^<]*)</.exec(text) ?? [];
  if (code) return [{ errorCode: code, message }];
  const plain = text.trim();
  if (!plain || plain.startsWith("<")) return [];
  return /^[A-Z]\w+$/.test(plain)
    ? [{ errorCode: plain, message: "" }]
    : [{ errorCode: "", message: plain.slice(0, 500) }];
}

function parseBody(response: Response, text: string, method: string, url: string): unknown {
  const json = parseJson(text);
  if (json !== undefined) return json;
  if (/^\s*</.test(text)) throw salesforceError(response, text, method, url);
  const path = pathOf(url);
  const type = response.headers.get("content-type") ?? "no content type";
  throw new SalesforceError(
    `${method} ${path}: ${response.status}, but ${
      text ? "not with valid JSON" : "no body"
    } (${type}).`,
    text
      ? "Read it with text() or arrayBuffer(). JSON that ends early was cut on its way."
      : "A 204 has none: leave json() off.",
    { status: response.status, headers: response.headers, errors: [], method, path },
  );
}

const noQueryResult = (): SfetchError =>
  new SfetchError(
    "The answer to the query is not a query result: it has no records.",
    "Something between here and Salesforce answers in its place, or the query is not one.",
  );

function redirected(response: Response, method: string, target: string): SalesforceError {
  const location = response.headers.get("location");
  const path = pathOf(target);
  return new SalesforceError(
    `${method} ${path}: redirected to ${
      location ? hostOf(location) : "another place"
    } (HTTP ${response.status}), and not followed.`,
    "The token does not leave the org's own origin. If the org moved, sign in at its new My Domain.",
    { status: response.status, headers: response.headers, errors: [], method, path },
  );
}

/** A renewal that changed nothing: another one would not either. */
function stillDead(
  { response, errorText = "" }: Answer,
  { method, target }: Prepared,
): SalesforceError {
  const refusal = salesforceError(response, errorText, method, target);
  const { status, errors, path } = refusal;
  const said = errors.map((one) => one.message || one.errorCode).join("; ");
  return new SalesforceError(
    `${method} ${path}: ${status} again after one renewal of the token: ${said}`,
    "The org takes the sign-in, but not its tokens: look at the app's session policies (high assurance, IP relaxation) and API Access Control.",
    refusal,
  );
}

const usedUpStream = ({ method, target }: Prepared): SfetchError =>
  new SfetchError(
    `${method} ${
      pathOf(target)
    }: the session had ended, and the body was a stream, which cannot be sent twice.`,
    "The session is renewed: send the request again. A string, Blob or bytes would have been repeated unseen.",
  );

/** What runtimes say of a connection that failed → what it means. */
const CONNECTION_HINTS: [RegExp, string, string][] = [
  [
    /ENOTFOUND|EAI_AGAIN|dns error|failed to lookup|getaddrinfo/i,
    "the host name is not known",
    "Check it for typing errors: the My Domain is in Setup > My Domain. A new one needs some minutes; offline, nothing resolves.",
  ],
  [/ECONNREFUSED|connection ?refused/i, "nothing listens there", "Check the host and port."],
  [
    /CERT|certificate|SSL|TLS|UnknownIssuer/i,
    "its certificate is not trusted",
    "Behind a company proxy, trust its CA: NODE_EXTRA_CA_CERTS=FILE (Node, Bun), DENO_CERT=FILE or DENO_TLS_CA_STORE=system (Deno).",
  ],
  [
    /NotCapable|Requires net access/,
    "Deno was not allowed to connect",
    "Add --allow-net for that host.",
  ],
  [
    /FailedToOpenSocket|Unable to connect/i,
    "there is no way to it",
    "Check the host's name and the network; a proxy is taken from HTTPS_PROXY (on Node with NODE_USE_ENV_PROXY=1).",
  ],
];

function connectionError(
  method: string,
  url: string,
  cause: unknown,
  timedOut?: number,
): SfetchError {
  if (cause instanceof SfetchError) return cause;
  const place = `${method} ${new URL(url).origin}${pathOf(url)}`;
  const details = {
    method,
    url: new URL(url).origin + pathOf(url),
    cause,
    timedOut: timedOut !== undefined,
  };
  const doubt = /^(GET|HEAD|OPTIONS)$/.test(method) ? "" : "It may have been done all the same. ";
  if (timedOut !== undefined) {
    return new ConnectionError(
      `${place}: no answer within ${timedOut / 1000} s.`,
      doubt + "Give more time by the option timeout (ms), or ask for less.",
      details,
    );
  }
  const said = [cause, (cause as Error)?.cause].map((error) =>
    `${(error as Error)?.name ?? ""} ${(error as { code?: string })?.code ?? ""} ${
      (error as Error)?.message ?? ""
    }`
  ).join(" ");
  const [, what, hint] = CONNECTION_HINTS.find(([pattern]) => pattern.test(said)) ??
    [
      "",
      "the connection broke",
      doubt + "Check the network, then try again.",
    ];
  return new ConnectionError(`${place}: ${what}.`, hint!, details);
}

// ── Notebook display ─────────────────────────────────────────────────────────────────────────────

/** Notebooks put everything to the right, text too. */
const LEFT = "text-align:left";

const LONGEST_CELL = 100;
const MOST_ROWS = 200;

/** An array that a notebook shows as a table, and everything else as an array. */
function displayable<T>(records: T[], token: () => Promise<Token>): T[] {
  const display = async () =>
    recordsDisplay(records as SObject[], records.length, (await token()).instanceUrl);
  return Object.defineProperty(records, Symbol.for("Jupyter.display"), { value: display });
}

function recordsDisplay(
  records: SObject[],
  totalSize: number,
  instanceUrl: string,
): Record<string, string> {
  const rows = records.slice(0, MOST_ROWS).map((record) => flatten(record));
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const shown = rows.length < totalSize ? `${rows.length} of ${totalSize}` : `${totalSize}`;
  const count = `${shown} record${totalSize === 1 ? "" : "s"}`;
  const head = columns.map((column) => `<th style="${LEFT}">${escapeHtml(column)}</th>`).join("");
  const body = rows.map((row) => {
    const cells = columns.map((column) => cellHtml(column, row[column], instanceUrl));
    return `<tr>${cells.join("")}</tr>`;
  });
  return {
    "text/plain": `${count}\n${rows.map((row) => JSON.stringify(row)).join("\n")}`,
    "text/html": `<table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>` +
      `<small style="opacity:.7">${count}</small>`,
  };
}

/** Parents as `Account.Name`, children as their count. */
function flatten(record: SObject, prefix = ""): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    if (name === "attributes") continue;
    if (Array.isArray(value?.records)) flat[prefix + name] = `${value.totalSize} records`;
    else if (value && typeof value === "object") {
      Object.assign(flat, flatten(value, `${prefix}${name}.`));
    } else flat[prefix + name] = value;
  }
  return flat;
}

function cellHtml(column: string, value: unknown, instanceUrl: string): string {
  const cell = (style: string, html: string) => `<td style="${style}">${html}</td>`;
  if (value === null || value === undefined) return cell(`${LEFT};opacity:.5`, "null");
  if (typeof value === "number") return cell("text-align:right", String(value));
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  if (/(^|\.)Id$/.test(column) && /^\w{15,18}$/.test(text)) {
    const url = escapeHtml(`${instanceUrl}/${text}`);
    return cell(LEFT, `<a href="${url}" target="_blank">${text}</a>`);
  }
  if (text.length <= LONGEST_CELL) return cell(LEFT, escapeHtml(text));
  const start = escapeHtml(text.slice(0, LONGEST_CELL));
  return cell(LEFT, `<span title="${escapeHtml(text)}">${start}…</span>`);
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

// ── Small helpers ────────────────────────────────────────────────────────────────────────────────

const mask = (accessToken: string): string =>
  /^00D/.test(accessToken) ? "00D…!****" : /^eyJ/.test(accessToken) ? "eyJ…****" : "****";

/** Tokens and assertions, in case a server sends one back: the one in hand, and what looks like one. */
const redact = (text: string, inHand?: string): string =>
  (inHand ? text.replaceAll(inHand, mask(inHand)) : text)
    .replace(/00D\w{9,15}![\w.]+/g, "00D…!****")
    .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, "eyJ…****");

// deno-lint-ignore no-explicit-any -- JSON of others
function parseJson(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const pathOf = (target: string): string => redact(new URL(target, PRODUCTION_LOGIN).pathname);

function hostOf(location: string): string {
  try {
    return new URL(location, PRODUCTION_LOGIN).host;
  } catch {
    return "an unreadable address";
  }
}

// Bytes.

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));

function concat(...arrays: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    const plain = text.replace(/\s/g, "").replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(plain), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
