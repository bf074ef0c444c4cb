/**
 * Salesforce from one file: sign in with the OAuth 2.0 JWT bearer flow, call the REST API, read and
 * write any number of records. It uses web standards, and works the same on Deno, Bun and Node, in browsers and Workers.
 *
 * The free functions share one session made from the environment (`SF_CLIENT_ID`, `SF_USERNAME`,
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
// Erased at run time. It makes `deno cache` of this file by URL fetch jose.
// @ts-ignore: only Deno knows npm: specifiers
// deno-lint-ignore no-import-prefix
import type {} from "npm:jose@^6/jwt/sign";
// @ts-ignore: the same for Papa Parse
// deno-lint-ignore no-import-prefix
import type {} from "npm:papaparse@^5";

// ── What scripts import ──────────────────────────────────────────────────────────────────────────

/**
 * The Salesforce API version of paths that name none (Summer '26). It is a constant, so that a script
 * does not change its behaviour by itself.
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
 * How to sign in, and to which org. Options and environment variables complete each other. An org
 * saved by `sfetch login`, or signed in by JWT with the official `sf` CLI, is taken as a whole: one
 * that `org` or `SF_TARGET_ORG` names, or the default org where nothing says how to sign in.
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
  /** Salesforce username, which is not the email address. Environment: `SF_USERNAME`. */
  username?: string | undefined;
  /**
   * The RSA private key whose certificate the app has, in any form that {@linkcode importPrivateKey}
   * reads. Environment: `SF_PRIVATE_KEY`.
   */
  privateKey?: PrivateKeyInput | undefined;
  /** A file that contains the private key. Environment: `SF_PRIVATE_KEY_FILE`. */
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
  /**
   * Hosts outside Salesforce's own domains that may receive the assertion and the token, such as a
   * company's own domain for a site. Only code and a saved org can allow one, not the environment.
   */
  allowHost?: string | string[] | undefined;
  /**
   * Whether to refuse every request that could write, before anything is sent. If one place says so,
   * no other place can undo it. Environment: `SF_READ_ONLY`.
   *
   * @default {false}
   */
  readOnly?: boolean | undefined;
  /** Lets several processes share a token. */
  cache?: TokenCache | undefined;
  /** Used in place of the global `fetch`. */
  fetch?: typeof fetch | undefined;
  /**
   * Called with each warning, such as one about a wrong clock.
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
 * Returns an access token, obtained by the JWT bearer flow. Calls with the same options share it while
 * it is valid.
 *
 * @param options As for {@linkcode createSession}, and {@linkcode TokenOptions}.
 * @throws {SettingsError} If a setting is missing or cannot be used.
 * @throws {OAuthError} If Salesforce refuses the sign-in; its `hint` says what to do.
 * @throws {ConnectionError} If Salesforce cannot be reached.
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
export async function getToken(options: SessionOptions & TokenOptions = {}): Promise<Token> {
  const { fresh, timeout, signal, ...rest } = options;
  const given = Object.values(rest).some((value) => value !== undefined);
  const session = given ? await sharedSession(rest) : ownSession();
  return await session.getToken({ fresh, timeout, signal });
}

/** How a token is obtained. */
export interface TokenOptions {
  /**
   * Whether to sign in again, even if there is a token that is still valid.
   *
   * @default {false}
   */
  fresh?: boolean | undefined;
  /**
   * The longest wait, in milliseconds, including all attempts to sign in (that of a request is for each attempt).
   *
   * @default {120000}
   */
  timeout?: number | undefined;
  /** Ends the wait. */
  signal?: AbortSignal | null | undefined;
}

/**
 * Fetches a resource of the org, as `fetch` does: paths start at the instance and the API version, the
 * bearer token goes only to the org's own origin, an expired session is renewed once, a busy server is
 * asked again, and every wait is bounded.
 *
 * @param input A path (`/limits` → `/services/data/v67.0/limits`; `/services/…` stays as it is), or a URL of the org.
 * @param init As for `fetch`, and {@linkcode SfRequestInit}.
 * @returns A promise of a standard `Response` that also has `json()`, `text()` and `arrayBuffer()`.
 * @throws {SalesforceError} If the answer is an error.
 * @throws {ConnectionError} If there is no answer.
 * @throws {SfetchError} If the URL is not the org's own. Nothing is sent then.
 * @throws {SettingsError | OAuthError} If the sign-in fails, as for {@linkcode getToken}.
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
  return ownSession().fetch(input, init);
}

/** The options of `fetch`, and a few that Salesforce calls need. */
export interface SfRequestInit extends RequestInit {
  /** A value that is sent as JSON, with the content type of JSON. */
  json?: unknown;
  /** Parameters that are added to the URL. */
  searchParams?: Record<string, string | number | boolean> | URLSearchParams | undefined;
  /**
   * The longest wait in milliseconds, for each attempt: first until the answer begins, then until
   * `json()` or `text()` has all of it. A file may take longer: with `arrayBuffer()`, `bytes()`,
   * `blob()`, `formData()` and `body`, it is the longest wait for the next part.
   *
   * @default {120000}
   */
  timeout?: number | undefined;
  /**
   * How often GET, HEAD, OPTIONS, PUT and DELETE are repeated if the server is busy or the connection
   * breaks, also while the body is being read. POST, PATCH, anonymous Apex and bodies that are streams
   * are sent once.
   *
   * @default {4}
   */
  retry?: number | undefined;
  /**
   * Whether to throw a {@linkcode SalesforceError} for an answer that is not 2xx or 304.
   *
   * @default {true}
   */
  throwHttpErrors?: boolean | undefined;
}

/** A promise of a standard `Response` that also has the methods to read its body. */
export interface ResponsePromise extends Promise<Response> {
  /** Returns the parsed JSON of the body; `undefined` for an answer without a body (204, 304). */
  // deno-lint-ignore no-explicit-any -- as Response.json()
  json(): Promise<any>;
  /** Returns the same, as a type that the caller vouches for. */
  json<T>(): Promise<T | undefined>;
  /** Returns the body as text. */
  text(): Promise<string>;
  /** Returns the body as bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * Runs a SOQL query on the default session. All records are read, however many there are.
 *
 * @param soql The query; use {@linkcode soql} to quote values.
 * @param options How to run it.
 * @returns An async iterable of records; awaiting it returns all of them as an array. It also has
 * `first()`, `pages()` and `totalSize()`.
 * @throws {SalesforceError} While reading, if Salesforce refuses the query; others as for {@linkcode sfFetch}.
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
  return ownSession().query<T>(soql, options);
}

/** How a query is run. */
export interface QueryOptions {
  /**
   * Whether to include deleted and archived records.
   *
   * @default {false}
   */
  queryAll?: boolean | undefined;
  /**
   * Whether to query the Tooling API.
   *
   * @default {false}
   */
  tooling?: boolean | undefined;
  /** The number of records per page, 200 to 2000; Salesforce may return fewer. */
  batchSize?: number | undefined;
  /**
   * Whether to keep each record's `attributes`.
   *
   * @default {true}
   */
  attributes?: boolean | undefined;
  /**
   * The longest wait in milliseconds for each page, as for {@linkcode SfRequestInit}.
   *
   * @default {120000}
   */
  timeout?: number | undefined;
  /**
   * Parses the JSON of each page in place of `JSON.parse`, to keep numbers that JavaScript would round.
   *
   * @default {JSON.parse}
   */
  parseJson?: ((text: string) => unknown) | undefined;
  /** Ends the query. */
  signal?: AbortSignal | undefined;
}

/** A record as the REST API returns it. */
export interface SObject {
  /** Type and URL, unless {@linkcode QueryOptions.attributes} is `false`. */
  attributes?: { type: string; url?: string } | undefined;
  /** 18-character record id, where it was selected. */
  Id?: string | undefined;
  /** The fields and relationships that the query selects. */
  // deno-lint-ignore no-explicit-any -- they may be anything
  [field: string]: any;
}

/** One page of a query's result. */
export interface QueryPage<T = SObject> {
  /** How many records the whole result has. */
  totalSize: number;
  /** Whether this is the last page. */
  done: boolean;
  /** This page's records. */
  records: T[];
  /** The path of the next page. */
  nextRecordsUrl?: string | undefined;
}

/**
 * Returns SOQL in which each value is quoted: text, numbers, booleans, `Date` (as date-time), `null`,
 * Temporal dates, and lists of these for `IN`. A value cannot change what the query does.
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
 * Creates a session of its own: for another org, another user, or other settings.
 *
 * @param options Settings; the environment or a saved org supplies what is missing.
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
  return newSession(options);
}

let defaultSession: Session | undefined;

/** The session of the free functions, created from the environment at first use. */
const ownSession = (): Session => defaultSession ??= createSession();

const sharedStates = new Map<string, SignInState>();
const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** The state that was not used for the longest time is dropped: options may differ in each call. */
const MOST_STATES = 1000;

/** Returns a session that shares its token with others of equal options. No key is kept for it. */
async function sharedSession(options: SessionOptions): Promise<Session> {
  const text = JSON.stringify(Object.entries(options).sort(), (_, value) => {
    if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
    const isPlain = !(value instanceof Object) || ArrayBuffer.isView(value) ||
      [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value));
    if (isPlain) return value;
    if (!identities.has(value)) identities.set(value, ++lastIdentity);
    return { identity: identities.get(value) };
  });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const name = hex(new Uint8Array(digest));
  const state = sharedStates.get(name) ?? { clockOffset: 0 };
  sharedStates.delete(name);
  sharedStates.set(name, state);
  if (sharedStates.size > MOST_STATES) sharedStates.delete(sharedStates.keys().next().value!);
  return newSession(options, state);
}

// ── Session ──────────────────────────────────────────────────────────────────────────────────────

/**
 * A session with one org. It signs in when a token is first needed, renews the token when the session
 * has expired, and sends it only to the org's own origin. Created by {@linkcode createSession}.
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
  /** The org's limits as of the last answer: `apiUsage`, and if sent `apiBursts`, `perAppApiUsage`. */
  readonly limits: Partial<Record<string, Usage>>;
  /** The correction of this machine's clock in milliseconds, to agree with Salesforce's; 0 unless it is needed. */
  readonly clockOffset: number;
  /** The assertion's audience that Salesforce accepted; `undefined` before the first sign-in. */
  readonly audience: string | undefined;
  /**
   * Returns the settings in force, and where each was found.
   *
   * @throws {SettingsError} If one cannot be used.
   */
  settings(): Promise<Settings>;
  /** Returns the API version of paths that name none, such as `"67.0"`; `"latest"` is looked up once. */
  apiVersion(): Promise<string>;
  /**
   * Returns the access token. It is reused while it is valid, and callers that need one at the same time
   * share one sign-in.
   *
   * @param options Whether the token must be new, and how long to wait for it.
   * @throws {SettingsError} If a setting is missing or cannot be used.
   * @throws {OAuthError} If Salesforce refuses the sign-in.
   * @throws {ConnectionError} If Salesforce cannot be reached.
   */
  getToken(options?: TokenOptions): Promise<Token>;
  /** Ends the session on the server; the next call signs in again. Does nothing without a token. */
  revoke(): Promise<void>;
  /** Works like {@linkcode sfFetch}, on this session. */
  fetch(input: string | URL | Request, init?: SfRequestInit): ResponsePromise;
  /** Works like {@linkcode sfQuery}, on this session. */
  query<T = SObject>(soql: string, options?: QueryOptions): Query<T>;
  /**
   * Creates records, any number: up to 2,000 in calls of 200, more by a Bulk API 2.0 job. A record
   * that is refused is a part of the result, not an error.
   *
   * @throws {SalesforceError} If none is written, such as for an object that there is not.
   */
  insert<T extends object = SObject>(
    object: string,
    records: Records<T>,
    options?: WriteOptions,
  ): Promise<WriteResult<T>>;
  /** Changes records by their `Id`; otherwise as {@linkcode Session.insert}. */
  update<T extends object = SObject>(
    object: string,
    records: Records<T>,
    options?: WriteOptions,
  ): Promise<WriteResult<T>>;
  /** Changes the records that have the external id, creates the others; otherwise as {@linkcode Session.insert}. */
  upsert<T extends object = SObject>(
    object: string,
    externalIdField: string,
    records: Records<T>,
    options?: WriteOptions,
  ): Promise<WriteResult<T>>;
  /** Deletes records, by id or with an `Id`; otherwise as {@linkcode Session.insert}. */
  delete(
    object: string,
    recordsOrIds: Records<object> | Iterable<string> | AsyncIterable<string>,
    options?: WriteOptions,
  ): Promise<WriteResult>;
  /**
   * Runs a SOQL query by a Bulk API 2.0 job, for any number of rows. Salesforce allows no
   * aggregates, child queries, OFFSET or TYPEOF there.
   */
  bulkQuery<T = SObject>(soql: string, options?: BulkQueryOptions): BulkQuery<T>;
  /**
   * Goes on with a job by its id: waits for the end of one that writes, tries its records with locked
   * rows again, and tells what became of all; reads the result of a query.
   *
   * @throws {SfetchError} If the job's upload was not completed: nothing of it is written.
   */
  resumeJob(id: string, options?: ResumeOptions): Promise<WriteResult | BulkQuery>;
  /**
   * Runs a GraphQL query and returns its `data`.
   *
   * @throws {SalesforceError} If the answer has errors, which it has even where its status is 200.
   */
  // deno-lint-ignore no-explicit-any -- whatever is asked for
  graphql<T = any>(query: string, variables?: Record<string, unknown>): Promise<T>;
  /** Runs a SOSL search, such as `FIND {Acme} RETURNING Account(Id, Name)`, and returns the records. */
  search<T = SObject>(sosl: string): Promise<T[]>;
}

/** How much of one limit the org has used, by the header `Sforce-Limit-Info`. */
export interface Usage {
  /** The amount used so far. */
  used: number;
  /** The amount allowed. */
  max: number;
}

/** Makes a session. With a state that another one has, both have one token. */
function newSession(options: SessionOptions, state?: SignInState): Session {
  const access = newAccess(options, state);
  let version: string | undefined;
  /** Where read-only comes from; `""` where this session may write. */
  let readOnly: string | undefined;
  let findingVersion: SharedWork<string> | undefined;
  let limitInfo = "";

  async function respond(input: Input, init: RequestOptions, call: Pending): Promise<Response> {
    const signal = init.signal ?? (isRequest(input) ? input.signal : null);
    signal?.throwIfAborted();
    readOnly ??= (await access.settings()).sources.readOnly ?? "";
    if (readOnly && couldWrite(input, init)) throw refusedWrite(input, init, readOnly);
    const patience = { timeout: timeoutOf(init.timeout), signal };
    const token = access.liveToken() ?? await access.token(patience);
    const apiVersion = version ?? await findVersion(patience);
    const request = prepare(input, init, patience, token, apiVersion);
    if (request.method !== "GET") await settleBody(request, input, token);
    const answer = call.answer = await settled(request, token);
    return call.isRead ? answer.response : answer.bounded;
  }

  /** The answer to a request, after one renewal where the session is dead. */
  async function settled(request: Prepared, token: Token, attempt = 0): Promise<Answer> {
    const send = () => sendOnce(request, token);
    let answer = await repeatedly(request, send, attempt);
    if (isDeadSession(answer) && !(await access.settings()).accessToken) {
      token = await access.renewed(token, request);
      if (isStream(request.init.body)) throw usedUpStream(request);
      answer = await repeatedly(request, send, answer.attempt);
      if (isDeadSession(answer) && request.throwHttpErrors) throw stillDead(answer, request);
    }
    checkAnswer(answer, request);
    const { attempt: last } = answer;
    if (last < request.retries) {
      answer.again = async () => {
        await sleep(backoff(last), request.signal);
        return await settled(request, token, last + 1);
      };
    }
    return answer;
  }

  /** Sends the request once, and follows redirects within the org. */
  async function sendOnce(request: Prepared, token: Token): Promise<Answer> {
    const { method, target, headers, init } = request;
    let url = target.startsWith("/") ? token.instanceUrl + target : target;
    const deadline = new Deadline(request, method, url);
    headers.authorization = `Bearer ${token.accessToken}`;
    init.signal = deadline.signal;
    const { send } = access;
    deadline.start();
    try {
      let response = await send(url, init);
      for (let hop = 0; hop < MOST_REDIRECTS; hop++) {
        const next = redirectOf(response, method, url);
        if (!next) break;
        response.body?.cancel().catch(() => {});
        deadline.start();
        response = await send(url = next, init);
      }
      limitInfo = response.headers.get("sforce-limit-info") ?? limitInfo;
      if (isFineFor(request, response)) return new Answer(response, deadline);
      deadline.start();
      // The body stays readable where the caller gets it.
      const text = await textOf(request.throwHttpErrors ? response : response.clone());
      const errorText = withoutBearer(text, token.accessToken);
      if (request.mayBeDone && isGone(request, response, errorText)) {
        return new Answer(new Response(null, { status: 204 }), deadline);
      }
      return new Answer(response, deadline, errorText);
    } catch (cause) {
      throw deadline.failure(cause);
    } finally {
      deadline.stop();
    }
  }

  async function findVersion(patience: Patience): Promise<string> {
    const { apiVersion, loginUrl } = await access.settings();
    if (apiVersion !== "latest") return version = apiVersion;
    findingVersion ??= new SharedWork(
      async (signal) => version = await newestVersion(signal),
      () => findingVersion = undefined,
    );
    const url = `${loginUrl}/services/data/`;
    return await findingVersion.wait(new Deadline(patience, "GET", url));
  }

  async function newestVersion(signal: AbortSignal): Promise<string> {
    const patience = { timeout: DEFAULT_TIMEOUT, signal };
    const token = await access.token(patience);
    const request = prepare("/services/data/", {}, patience, token, "");
    const versions = await (await settled(request, token)).json();
    const numbers = Array.isArray(versions) ? versions.map((one) => one?.version) : [];
    const newest = numbers.filter((one) => /^\d+\.\d$/.test(one)).sort((a, b) => a - b).at(-1);
    if (newest) return newest;
    throw new SfetchError(
      `The answer of ${token.instanceUrl}/services/data/ lists no API versions.`,
      `Name a version, such as ${API_VERSION}: SF_API_VERSION, or the option apiVersion.`,
    );
  }

  const session: Session = {
    get limits() {
      return limitsOf(limitInfo);
    },
    get clockOffset() {
      return access.state.clockOffset;
    },
    get audience() {
      return access.state.audience;
    },
    settings: () => access.settings(),
    apiVersion: async () => version ?? await findVersion({ timeout: Infinity, signal: null }),
    getToken: async ({ fresh, timeout, signal = null } = {}) =>
      await access.token({ timeout: timeoutOf(timeout), signal }, { fresh }),
    revoke: () => access.revoke(),
    fetch: (input, init = {}) => promiseOf((call) => respond(input, init, call)),
    query: (soql, options = {}) => newQuery(session, soql, options),
    insert: (object, records, options = {}) =>
      write({ session, operation: "insert", object, options }, records),
    update: (object, records, options = {}) =>
      write({ session, operation: "update", object, options }, records),
    upsert: (object, key, records, options = {}) =>
      write({ session, operation: "upsert", object, key, options }, records),
    delete: (object, records, options = {}) =>
      write({ session, operation: "delete", object, options }, records),
    bulkQuery(soql, options = {}) {
      const { queryAll, signal = null } = options;
      const json = { operation: queryAll ? "queryAll" : "query", query: soql };
      const init: RequestOptions = { method: "POST", json, signal, [READS]: true };
      const start = async () => (await session.fetch("/jobs/query", init).json<JobInfo>())!;
      return bulkQuery(session, options, start);
    },
    resumeJob: (id, options = {}) => resumeJob(session, id, options),
    async graphql(query, variables) {
      const response = await session.fetch("/graphql", {
        method: "POST",
        json: { query, variables },
      });
      const { data, errors } = await response.json() ?? {};
      if (!errors?.length) return data;
      // A SalesforceError's errors have codes; GraphQL's have them in extensions, if at all.
      // deno-lint-ignore no-explicit-any -- whatever the host answers
      const coded = errors.map(({ message, extensions }: any) => ({
        message,
        errorCode: extensions?.ErrorType ?? "GRAPHQL_ERROR",
      }));
      throw salesforceError(response, JSON.stringify(coded), "POST", "/graphql");
    },
    async search(sosl) {
      const answer = await session.fetch("/search", { searchParams: { q: sosl } }).json();
      return answer?.searchRecords ?? [];
    },
  };
  return session;
}

/** Such as `api-usage=18/5000; per-app-api-usage=17/250(appName=sample-app)`. */
function limitsOf(info: string): Partial<Record<string, Usage>> {
  const limits = info.slice(0, 2_000).split(/[;,]/).flatMap((part) => {
    const [, name, used, max] = /^\s*([\w-]+)=(\d+)\/(\d+)/.exec(part) ?? [];
    if (!name) return [];
    const key = name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    return [[key, { used: Number(used), max: Number(max) }]];
  });
  return Object.fromEntries(limits);
}

// ── Token ────────────────────────────────────────────────────────────────────────────────────────

/**
 * Salesforce does not say when a token expires, and the shortest session that an admin can set is 15
 * minutes. After 10 minutes a new token is requested, which costs one request.
 */
const TOKEN_REUSE = 10 * 60_000;

/** How long before its own `exp` a token in JWT format is replaced, in ms: a request needs time to arrive. */
const EXPIRY_MARGIN = 30_000;

/** A token as plain data, for caches. Times are in milliseconds since the epoch. */
export interface StoredToken {
  /** The token itself. */
  accessToken: string;
  /** The org's own URL, the only place that the token is sent to. */
  instanceUrl: string;
  /** Identity URL, `…/id/ORG/USER`. */
  id?: string | undefined;
  /** Granted scopes, separated by spaces. */
  scope?: string | undefined;
  /** `"Bearer"`. */
  tokenType: string;
  /** The time at which the token was issued, by this machine's clock. */
  issuedAt: number;
  /** The time at which the token expires, by this machine's clock; known only for tokens in JWT format. */
  expiresAt?: number | undefined;
}

/**
 * A store that lets several processes share a token. Its keys name client, user and host.
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
  /** Returns the token stored under this key, if there is one. */
  get(key: string): StoredToken | undefined | Promise<StoredToken | undefined>;
  /** Stores a token. `undefined` removes it: it has expired, or the sign-in failed. */
  set(key: string, token: StoredToken | undefined): void | Promise<void>;
}

/**
 * An access token. Printing it in a console, a REPL or a notebook shows no secret; `.accessToken` and
 * `JSON.stringify` do.
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
  /** Returns the token as plain data, including the secret. */
  toJSON(): StoredToken;
  /** Returns the kind of the token without its secret, such as `00D…!****`. */
  toString(): string;
}

function newToken({ accessToken, ...rest }: StoredToken): Token {
  const shown = { ...rest, accessToken: mask(accessToken) };
  const text = `Token ${shown.accessToken} for ${rest.instanceUrl}`;
  const hidden = {
    get accessToken() {
      return accessToken;
    },
    toJSON: () => ({ ...rest, accessToken }),
    toString: () => shown.accessToken,
    /** How Node and Bun print it. */
    [Symbol.for("nodejs.util.inspect.custom")]: () => shown,
    /** How Deno prints it. */
    [Symbol.for("Deno.customInspect")]: (inspect: (value: unknown) => string) =>
      `Token ${inspect(shown)}`,
    /** How a notebook shows it. */
    [Symbol.for("Jupyter.display")]: () => ({
      "text/plain": text,
      "text/html": `<code>${escapeHtml(text)}</code>`,
    }),
  };
  return Object.assign(Object.create(hidden), rest);
}

/** Checks a token from outside: it must fit a header, and its host must be one that may receive it. */
function tokenOf(token: StoredToken, { loginUrl, allowHost }: Settings): Token {
  const source = "the token answer";
  const { issuedAt, expiresAt = issuedAt } = token;
  if (typeof issuedAt !== "number" || typeof expiresAt !== "number") {
    throw new SettingsError(`The time from ${source} is not a number.`, ""); // of a damaged cache
  }
  const instanceUrl = originOf(String(token.instanceUrl ?? ""), source, allowHost);
  if (isLoopback(new URL(instanceUrl).hostname) && !isLoopback(new URL(loginUrl).hostname)) {
    throw new SettingsError(
      `The instance URL from ${source} is on this machine, but the sign-in went to ${loginUrl}.`,
      "Something between here and Salesforce answers in its place, or a token cache was changed.",
    );
  }
  return newToken({
    ...token,
    accessToken: accessTokenOf(isText(token.accessToken) ? token.accessToken : "", source),
    instanceUrl,
    id: identityUrlOf(token.id, allowHost),
  });
}

/** The identity URL, left out if the token must not be sent to it. */
function identityUrlOf(id: unknown, allowHost?: string[]): string | undefined {
  try {
    if (isText(id) && originOf(id, "", allowHost) === new URL(id).origin) return id;
  } catch { /* not a URL that may have the token */ }
}

function isLive({ issuedAt, expiresAt }: StoredToken): boolean {
  if (expiresAt) return Date.now() < expiresAt - EXPIRY_MARGIN;
  return Math.abs(Date.now() - issuedAt) < TOKEN_REUSE; // in the future: the clock was wrong then
}

/** A JWT-format token's own `exp`, in ms. */
function expiryOf(accessToken: string): number | undefined {
  const payload = accessToken.startsWith("eyJ") && fromBase64(accessToken.split(".")[1] ?? "");
  try {
    if (payload) return JSON.parse(new TextDecoder().decode(payload)).exp * 1000 || undefined;
  } catch { /* of a form that is not known here */ }
}

const staticToken = ({ accessToken, instanceUrl }: Settings): Token =>
  newToken({
    accessToken: accessToken!,
    instanceUrl: instanceUrl!,
    tokenType: "Bearer",
    issuedAt: Date.now(),
    expiresAt: expiryOf(accessToken!),
  });

/** Everything that distinguishes one sign-in from another. */
const cacheKey = ({ loginUrl, clientId, username, audience }: Settings): string =>
  JSON.stringify([loginUrl, clientId, username, audience]);

/** What is learnt by signing in. Sessions with equal options may share it, because it has no key. */
interface SignInState {
  token?: Token | undefined;
  signingIn?: { work: SharedWork<Token>; isFresh: boolean } | undefined;
  /** The bearer that Salesforce did not replace, and what it said. */
  refused?: { bearer: string; error: OAuthError } | undefined;
  /** The audience that Salesforce accepted. */
  audience?: string | undefined;
  /** How far this machine's clock is behind, in ms. */
  clockOffset: number;
}

/** What a sign-in is for: any live token, a fresh one, or one in place of a bearer that is dead. */
type Wanted = { fresh?: boolean | undefined; dead?: string };

/** What an exchange needs. */
type SignIn = { settings: Settings; key: CryptoKey; signal: AbortSignal };

/** A session's way into its org: the settings, and one sign-in for all who wait for a token. */
function newAccess(options: SessionOptions, state: SignInState = { clockOffset: 0 }) {
  const { fetch: own, cache } = options;
  /** A function, not a method: browsers and Workers refuse their fetch another `this`. */
  const send: typeof fetch = own
    ? async (...args) => await own(...args) // one that throws at once, too
    : (...args) => fetch(...args);
  const warn = (message: string) => (options.onWarning ?? console.warn)(message);
  const getSettings = once(() => findSettings(options)); // after a failure, once more
  let importing: Promise<CryptoKey> | undefined;

  function liveToken(): Token | undefined {
    return state.token && isLive(state.token) ? state.token : undefined;
  }

  /** Waits for a sign-in where it is needed: the one that is on its way, if it will do. */
  async function getToken(patience: Patience, wanted: Wanted = {}): Promise<Token> {
    const { fresh: isFresh = false, dead } = wanted;
    const live = isFresh || dead ? undefined : liveToken();
    if (live) return live;
    patience.signal?.throwIfAborted();
    const { loginUrl } = await getSettings();
    let current = state.signingIn;
    if (!current || (isFresh && !current.isFresh)) {
      const earlier = current?.work.result;
      const work = new SharedWork<Token>(async (signal) => {
        await earlier?.catch(() => {});
        return await obtain(wanted, signal);
      }, () => {
        if (state.signingIn === current) state.signingIn = undefined;
      });
      state.signingIn = current = { work, isFresh };
    }
    return await current.work.wait(new Deadline(patience, "POST", tokenUrl(loginUrl)));
  }

  /** A new token in place of a dead one, unless another caller has got or been refused it already. */
  async function renewed(dead: Token, patience: Patience): Promise<Token> {
    const { token, refused } = state;
    const bearer = dead.accessToken;
    if (token && token.accessToken !== bearer) return token;
    if (refused?.bearer === bearer) throw refused.error;
    return await getToken(patience, { dead: bearer });
  }

  async function revoke(): Promise<void> {
    const settings = await getSettings();
    const token = settings.accessToken ? staticToken(settings) : state.token ?? await cached();
    await forget();
    if (!token) return;
    const url = `${token.instanceUrl}/services/oauth2/revoke`;
    const form = { token: token.accessToken };
    const { response, text } = await postForm(url, () => form, send);
    // invalid_token means that it had ended already, which is what was wanted.
    if (!response.ok && !text.includes("invalid_token")) {
      const said = withoutBearer(text, token.accessToken);
      throw salesforceError(response, said, "POST", "/services/oauth2/revoke");
    }
  }

  async function obtain({ fresh, dead }: Wanted, signal: AbortSignal): Promise<Token> {
    const settings = await getSettings();
    if (settings.accessToken) return state.token = staticToken(settings);
    const isGood = (token?: Token) => token && isLive(token) && token.accessToken !== dead;
    let known = fresh ? undefined : await cached(signal);
    if (known && !isGood(known)) {
      await forget();
      known = await cached(signal); // another process may have renewed it meanwhile
    }
    if (known && isGood(known)) return state.token = known;
    try {
      jose().catch(() => {}); // loads while the key is read; signing tells of a failure
      const key = await (importing ??= settingsKey(settings));
      const token = await signIn({ settings, key, signal });
      await askCache((cache, key) => cache.set(key, token.toJSON()));
      return state.token = token;
    } catch (error) {
      importing = state.audience = undefined;
      if (dead && error instanceof OAuthError) state.refused = { bearer: dead, error };
      await forget();
      throw error;
    }
  }

  async function cached(signal: AbortSignal | null = null): Promise<Token | undefined> {
    const stored = await askCache((cache, key) => cache.get(key), signal);
    try {
      return stored && tokenOf(stored, await getSettings());
    } catch {
      return undefined; // damaged or changed: as if there were none
    }
  }

  async function forget(): Promise<void> {
    state.token = undefined;
    await askCache((cache, key) => cache.set(key, undefined));
  }

  /** Asks the cache. If it fails or hangs, the session works without it. */
  async function askCache<T>(
    ask: (cache: TokenCache, key: string) => T | Promise<T>,
    signal: AbortSignal | null = null,
  ): Promise<T | undefined> {
    const settings = await getSettings();
    if (!cache || settings.accessToken) return;
    const deadline = new Deadline({ timeout: CACHE_TIMEOUT, signal }, "GET", settings.loginUrl);
    try {
      return await deadline.join(Promise.resolve(ask(cache, cacheKey(settings))));
    } catch (error) {
      signal?.throwIfAborted();
      const hangs = error instanceof ConnectionError;
      const why = hangs ? "It hangs." : error instanceof Error ? withoutSecrets(`${error}`) : "";
      warn(`sfetch: the token cache does not work, so its token is not shared. ${why}`);
    }
  }

  /** Tries each audience. */
  async function signIn(given: SignIn): Promise<Token> {
    const { audience: known } = state;
    const failures: OAuthError[] = [];
    for (const audience of known ? [known] : audiencesOf(given.settings)) {
      try {
        const token = await exchangeTwice(given, audience);
        state.audience = audience;
        return token;
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error;
        failures.push(error);
        if (!isAboutAudience(error)) break;
      }
    }
    throw failures.length > 1 ? withAllAttempts(failures) : failures[0]!;
  }

  /**
   * Signs again, once: after Salesforce's own "retry your request", or where it finds `exp` in its
   * past and its `Date` shows the clocks apart.
   */
  async function exchangeTwice(given: SignIn, audience: string): Promise<Token> {
    try {
      return await exchange(given, audience);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      const isClock = error.description === "expired authorization code" &&
        correctClock(error.host, error.serverTime);
      if (!isClock && error.error !== "unknown_error") throw error;
      return await exchange(given, audience);
    }
  }

  /** Exchanges an assertion for an access token (RFC 7523 section 2.1). Each assertion is sent only once. */
  async function exchange({ settings, key, signal }: SignIn, audience: string): Promise<Token> {
    let assertion = "";
    const makeForm = async () => {
      assertion = await sign(settings, key, audience, state.clockOffset);
      return { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
    };
    const url = tokenUrl(settings.loginUrl);
    const { response, text } = await postForm(url, makeForm, send, signal);
    const answer = parseJson(response.ok ? text : withoutBearer(text, assertion));
    if (response.ok && isTokenAnswer(answer)) {
      const expiresAt = expiryOf(answer.access_token);
      if (expiresAt) correctClock(settings.loginUrl, serverTimeOf(response));
      return tokenOf({
        accessToken: answer.access_token,
        instanceUrl: answer.instance_url,
        id: wordsOf(answer.id) || undefined,
        scope: wordsOf(answer.scope) || undefined,
        tokenType: wordsOf(answer.token_type) || "Bearer",
        issuedAt: Date.now(),
        expiresAt: expiresAt && expiresAt - state.clockOffset,
      }, settings);
    }
    // The host of an org that no longer exists says so in plain text or on a page.
    const [gone] = /Data Not Available/i.exec(text) ?? [];
    const said = answer ?? (gone && { error: "unexpected_response", error_description: gone });
    throw oauthError(response, said, settings, audience);
  }

  /** Follows the server's clock from now on if the two differ; returns whether they do. */
  function correctClock(host: string, serverTime = Date.now()): boolean {
    const offset = serverTime - Date.now();
    if (Math.abs(offset - state.clockOffset) < CLOCK_TOLERANCE) return false;
    state.clockOffset = offset;
    const seconds = Math.round(Math.abs(offset) / 1000);
    warn(
      `sfetch: this machine's clock is ${seconds} s ${
        offset > 0 ? "behind" : "ahead of"
      } ${host}'s. ` +
        "The corrected time is used; set the clock.",
    );
    return true;
  }
  return { state, send, settings: getSettings, liveToken, token: getToken, renewed, revoke };
}

const tokenUrl = (loginUrl: string): string => `${loginUrl}/services/oauth2/token`;

/** In ms; another process that signs in, and lets this one wait for its token, needs less even on a busy machine. */
const CACHE_TIMEOUT = 10_000;

/** In ms; a `Date` header has whole seconds, and was written a while ago. */
const CLOCK_TOLERANCE = 30_000;

const isAboutAudience = ({ error, description }: OAuthError): boolean =>
  error === "app_not_found" || /audience|hasn't approved this consumer/i.test(description);

/** A My Domain accepts itself as audience; some orgs and older apps accept only login or test. */
function audiencesOf({ audience, loginUrl }: Settings): string[] {
  if (audience) return [audience];
  const { hostname } = new URL(loginUrl);
  // Another server could use an assertion for login.salesforce.com to sign in there.
  if (!SALESFORCE_HOST.test(hostname)) return [loginUrl];
  const sandbox = /\.(sandbox|scratch)\.|--[\w-]+\.(cs\d+\.)?my\.|^cs\d+\.|^test\./.test(hostname);
  const domain = hostname.endsWith("sfcrmproducts.cn") ? "sfcrmproducts.cn" : "salesforce.com";
  return [...new Set([loginUrl, `https://${sandbox ? "test" : "login"}.${domain}`])];
}

interface TokenAnswer extends Record<string, unknown> {
  access_token: string;
  instance_url: string;
}

const isTokenAnswer = (answer?: TokenAnswer | null): answer is TokenAnswer =>
  [answer?.access_token, answer?.instance_url].every((one) => typeof one === "string" && one);

/** The server's clock by its `Date` header, in ms since the epoch. */
function serverTimeOf({ headers }: Response): number | undefined {
  const time = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** How long an assertion is valid, in seconds: Salesforce says "within 3 minutes". */
const ASSERTION_LIFETIME = 180;

/**
 * Returns a signed JWT that can be exchanged for an access token: RS256, with `iss`, `sub`, `aud`, an
 * `exp` three minutes from now, and a `jti` that is never used twice.
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
  const key = await settingsKey(settings);
  return await sign(settings, key, settings.audience ?? settings.loginUrl, 0);
}

/** Reads and imports the key that the settings name. */
async function settingsKey(settings: Settings): Promise<CryptoKey> {
  requireSignIn(settings);
  const { privateKey, privateKeyFile, passphrase, sources } = settings;
  const input = privateKey ?? await readKeyFile(privateKeyFile!, sources.privateKeyFile!);
  try {
    return (await importPrivateKey(input, passphrase)).key;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const [said] = error.message.split("\n", 1);
    const place = sources.privateKey ?? `${sources.privateKeyFile}, ${privateKeyFile}`;
    const message = said!.replace("The private key", `The private key (from ${place})`);
    throw new SettingsError(message, error.hint, error.cause ? { cause: error.cause } : {});
  }
}

/** Signs an assertion. `clockOffset` is how far this machine's clock is behind, in ms. */
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
      throw new SfetchError(
        "Cannot load jose, the library that signs the assertion.",
        "Install it: npm install jose. Deno downloads it at the first use, which needs the network.",
        { cause: plainCause(cause) },
      );
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

/** Of an error or a token that is read here, in bytes; Salesforce's own are far smaller. */
const LARGEST_ANSWER = 2 ** 20;

/** The methods that Salesforce knows; Bun sends any other as GET. */
const METHODS = new Set(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]);
const SAFE_TO_REPEAT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
/** A GET that changes whatever its code changes: like a POST, it is sent once. */
const EXECUTES_APEX = /\/executeAnonymous\b/i;
const BUSY = new Set([420, 429, 500, 502, 503, 504]);

type Input = string | URL | Request;

/** Marks a request that only reads, whatever its method. */
const READS = Symbol("reads");

/** Marks a request that comes to the same when it is sent twice, whatever its method. */
const REPEATABLE = Symbol("repeatable");

interface RequestOptions extends SfRequestInit {
  [READS]?: boolean;
  [REPEATABLE]?: boolean;
}

/** How long a caller waits, and what ends the wait earlier. */
interface Patience {
  timeout: number;
  signal: AbortSignal | null;
}

/** A request, made ready once, sent as often as needed. */
interface Prepared extends Patience {
  method: string;
  /** Path and query on the instance, or the identity URL whole. */
  target: string;
  /** By name in lower case. */
  headers: Record<string, string>;
  retries: number;
  throwHttpErrors: boolean;
  /** Whether an attempt may have reached the server, although its answer was lost. */
  mayBeDone?: boolean;
  /** What fetch gets: the caller's own options for it, and what differs between attempts. */
  init: RequestOptions & { body: BodyInit | null; duplex?: "half" };
}

/** The caller's input as one request that can be sent again. */
function prepare(
  input: Input,
  init: RequestOptions,
  patience: Patience,
  token: Token,
  apiVersion: string,
): Prepared {
  const request = isRequest(input) ? input : undefined;
  const { json, searchParams, timeout: _, retry, throwHttpErrors = true, ...others } = init;
  const method = methodOf(input, init);
  if (!METHODS.has(method)) {
    const named = /^[A-Z ]{1,10}$/.test(method) ? `the method ${method}` : "that method";
    throw unusable(named, `Use ${[...METHODS].join(", ")}.`);
  }
  const target = locate(request?.url ?? input as string | URL, token, apiVersion, searchParams);
  const headers = headersOf(init.headers ?? request?.headers);
  let body = init.body ?? null;
  if (json !== undefined) {
    body = jsonText(json);
    headers["content-type"] ??= "application/json";
  }
  if ((method === "GET" || method === "HEAD") && (body ?? request?.body)) {
    throw new SfetchError(
      `${method} ${pathOf(target)}: a ${method} request has no body.`,
      'Name the method beside it, such as method: "POST" or method: "PATCH".',
    );
  }
  const executesApex = EXECUTES_APEX.test(target);
  const isSafe = init[READS] || init[REPEATABLE] || (SAFE_TO_REPEAT.has(method) && !executesApex);
  const isRepeatable = isSafe && !isStream(body);
  if (IS_BUN && (executesApex || method === "DELETE" || method === "PUT")) others.keepalive = false;
  return {
    method,
    target,
    headers,
    retries: isRepeatable ? countOf("retry", retry ?? DEFAULT_RETRIES) : 0,
    throwHttpErrors,
    ...patience,
    init: Object.assign(others, { method, headers, body, redirect: "manual" as const }),
  };
}

/** Reads the body of a Request, once, and gives every body the form in which it is sent once. */
async function settleBody(
  { method, headers, init }: Prepared,
  input: Input,
  { instanceUrl }: Token,
): Promise<void> {
  if (init.body === null && isRequest(input) && input.body) {
    init.body = await input.arrayBuffer().catch(() => {
      const hint = "It was read before. Make a Request for each call.";
      throw unusable("the body of that Request", hint);
    });
  }
  if (isStream(init.body)) init.duplex = "half";
  else if (IS_DENO && method !== "HEAD" && mayConnect(instanceUrl)) {
    init.body = await sentOnce(init.body, headers);
  }
}

const isRequest = (input: unknown): input is Request =>
  typeof input === "object" && input instanceof Request;

/** Also what Node's streams are: an async iterable. */
const isStream = (body: unknown): boolean =>
  typeof body === "object" && body !== null &&
  (body instanceof ReadableStream || Symbol.asyncIterator in body);

function headersOf(given: HeadersInit | undefined): Record<string, string> {
  if (!given) return {};
  try {
    return Object.fromEntries(new Headers(given));
  } catch { // the runtime's error repeats the value
    const hint = "A name or value in it has a character that no header may have.";
    throw unusable("the option headers", hint);
  }
}

function jsonText(value: unknown): string {
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch (cause) {
    throw unusable("the option json", `It cannot be written as JSON: ${(cause as Error).message}`);
  }
  throw unusable("the option json", "A function or a symbol cannot be written as JSON.");
}

function timeoutOf(value: number = DEFAULT_TIMEOUT): number {
  if (typeof value === "number" && value > 0) return value;
  const hint = "Give milliseconds: a number above 0, or Infinity.";
  throw unusable(`the option timeout, ${value}`, hint);
}

function countOf(name: string, value: number, least = 0): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw unusable(`the option ${name}, ${value}`, `Give a whole number from ${least} up.`);
}

const unusable = (what: string, hint: string): SettingsError =>
  new SettingsError(`Cannot send the request with ${what}.`, hint);

const IS_DENO = "Deno" in globalThis;

/** Bun's fetch repeats GET, PUT and DELETE by itself where a connection that is used again breaks. */
const IS_BUN = "Bun" in globalThis;

/**
 * The body in a form that Deno's fetch does not send a second time by itself when the connection
 * closes before the answer, as a stream is not either.
 */
async function sentOnce(body: BodyInit | null, headers: Record<string, string>): Promise<Blob> {
  const isWhole = typeof body === "string" || body instanceof Uint8Array;
  if (isWhole && headers["content-type"]) return new Blob([body as BlobPart]);
  const whole = new Response(body);
  const type = whole.headers.get("content-type");
  if (type) headers["content-type"] ??= type;
  return new Blob([await whole.arrayBuffer()]);
}

/**
 * Returns the URL that {@linkcode sfFetch} would request for a path. Nothing is sent.
 *
 * @param path A path, or a URL of the org.
 * @param org The org's instance URL, and the API version of paths that name none.
 * @throws {SfetchError} If the URL is not the org's own.
 *
 * @example
 * ```ts
 * import { requestUrl } from "./mod.ts";
 *
 * const org = { instanceUrl: "https://acme.my.salesforce.com", apiVersion: "67.0" };
 * console.log(requestUrl("/limits", org)); // https://acme.my.salesforce.com/services/data/v67.0/limits
 * ```
 */
export function requestUrl(path: string, org: { instanceUrl: string; apiVersion: string }): string {
  const target = locate(path, { instanceUrl: org.instanceUrl }, org.apiVersion);
  return target.startsWith("/") ? org.instanceUrl + target : target;
}

/**
 * Where a request goes: `/services/…` and `/id/…` start at the instance, other paths at the API
 * version, and an absolute URL must be the org's own.
 */
function locate(
  input: string | URL,
  token: Pick<Token, "instanceUrl" | "id">,
  apiVersion: string,
  searchParams?: SfRequestInit["searchParams"],
): string {
  const text = String(input);
  const search = searchParams
    ? new URLSearchParams(searchParams as Record<string, string>).toString()
    : "";
  const isAbsolute = /^([a-z][a-z\d+.-]*:|[\\/]{2})/i.test(text);
  const origin = isAbsolute ? ownOrigin(text, token) : token.instanceUrl;
  let path = asWritten(isAbsolute ? text.replace(/^[^/]*\/\/[^/?#]*/, "") : text);
  if (!isAbsolute && !/^\/(services|id)\//.test(path)) {
    path = `/services/data/v${apiVersion}${path}`;
  }
  if (search) path += (path.includes("?") ? "&" : "?") + search;
  return origin === token.instanceUrl ? path : origin + path;
}

/** The origin of an absolute URL, if the bearer may go there. */
function ownOrigin(text: string, { instanceUrl, id }: Pick<Token, "instanceUrl" | "id">): string {
  const url = urlOf(text, instanceUrl);
  if (!url) {
    throw unusable("a URL that is invalid", "Give a path, such as /sobjects, or a URL of the org.");
  }
  const isPlain = /^(https?:)?\/\//i.test(text) && !url.username && !url.password;
  if (isPlain && url.origin === instanceUrl) return instanceUrl;
  const isIdentity = id && url.pathname.startsWith("/id/") && url.origin === new URL(id).origin;
  if (isPlain && isIdentity) return url.origin;
  throw new SfetchError(
    `Refused to send the access token to ${url.protocol}//${url.host}: this session belongs to ${instanceUrl}.`,
    "Give a path, such as /sobjects, or use plain fetch for another server.",
  );
}

/**
 * A path and its query, so that the server gets what was written: what a URL parser would cut off
 * or resolve is encoded, or refused where it has no encoding.
 */
function asWritten(text: string): string {
  if (/^\/[\w/]*$/.test(text)) return text; // as most are: nothing to encode or to refuse
  const [path] = text.split("?", 1) as [string];
  if (path.includes("\\")) {
    throw unusable("a backslash in the path", "Encode it as %5C, or use / between the parts.");
  }
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path)) {
    throw unusable(
      '"." or ".." in the path',
      "Name the resource from its root; encode values of yours with encodeURIComponent().",
    );
  }
  if (/\p{Surrogate}/u.test(text)) throw unusable("half a character in the path", LONE_SURROGATE);
  return (text.startsWith("/") ? text : `/${text}`)
    .replace(/[\0-\x20\x7f#]|%(?![\da-f]{2})/gi, encodeURIComponent);
}

const LONE_SURROGATE = "The text was cut within an emoji or another character that has two parts.";

/** POSTs that only read: searches, bulk queries (also their end), and GraphQL without a mutation. */
const READS_BY_POST =
  /^(\/services\/data\/v[\d.]+)?\/?(parameterizedSearch|jobs\/query(\/\w+)?|graphql)$/;

/** What can write by GET: Apex, also a class that the org offers as Apex REST; a method in the URL; the end of a session. */
const WRITES_BY_GET = /\bservices\/+(apexrest|oauth2\/+revoke)\b/i;

/** For read-only sessions: whether a request could change anything, as far as it can be known. */
function couldWrite(input: Input, init: RequestOptions): boolean {
  if (init[READS]) return false;
  const method = methodOf(input, init);
  const url = String(isRequest(input) ? input.url : input);
  const path = (/^https?:/i.test(url) ? new URL(url).pathname : url).split("?")[0]!;
  const params = new URLSearchParams(init.searchParams as Record<string, string> | undefined);
  const written = `${url}?${params}`.replace(/%[\da-f]{2}/gi, unescapeByte);
  if (WRITES_BY_GET.test(written.split("?")[0]!) || /executeAnonymous|_HttpMethod/i.test(written)) {
    return true;
  }
  const headers = headersOf(init.headers ?? (isRequest(input) ? input.headers : undefined));
  if (Object.keys(headers).some((name) => /^x-.*method/.test(name))) return true; // a method override
  if (["GET", "HEAD", "OPTIONS"].includes(method)) return false;
  const [, , resource] = READS_BY_POST.exec(path) ?? [];
  if (!resource || (method !== "POST" && !resource.startsWith("jobs/query/"))) return true;
  if (resource !== "graphql") return false;
  const text = init.json === undefined ? init.body : JSON.stringify(init.json);
  if (typeof text !== "string") return true;
  const meant = parseJson(text); // in which no letter is escaped any more
  return meant === undefined || /mutation/i.test(text + JSON.stringify(meant));
}

function refusedWrite(input: Input, init: SfRequestInit, source: string): SettingsError {
  const url = isRequest(input) ? input.url : String(input);
  return new SettingsError(
    `${methodOf(input, init)} ${pathOf(url)}: refused, because this session is read-only.`,
    `Nothing was sent. Read-only comes from ${source}.`,
  );
}

const methodOf = (input: Input, init: SfRequestInit): string =>
  (init.method ?? (isRequest(input) ? input.method : "GET")).toUpperCase();

// Time.

/** Bounds each step of one request in time; the caller's signal goes before. */
class Deadline {
  /** When the step that runs has to be over, by `performance.now()`. */
  due = Infinity;
  readonly method: string;
  readonly url: string;
  /** For fetch: the caller's, or this deadline's. */
  readonly signal: AbortSignal;
  readonly #patience: Patience;
  readonly #controller = new AbortController();

  constructor(patience: Patience, method: string, url: string) {
    this.#patience = patience;
    this.method = method;
    this.url = url;
    const { signal } = this.#controller;
    this.signal = patience.signal ? AbortSignal.any([patience.signal, signal]) : signal;
  }

  /** Begins a step, which `stop()` ends. */
  start(): void {
    this.due = performance.now() + Math.min(this.#patience.timeout, LONGEST_DELAY);
    if (IS_DENO && running.size === 0) alarm?.addEventListener("abort", ring);
    running.add(this);
    if (!alarm || alarm.aborted || this.due < alarmAt) setAlarm(this.due);
  }

  stop(): void {
    running.delete(this);
    if (IS_DENO && running.size === 0) alarm?.removeEventListener("abort", ring);
  }

  /** Ends what waits for it. */
  expire(): void {
    this.#controller.abort();
  }

  /** What to throw where a step broke: the caller's reason, or a {@linkcode ConnectionError}. */
  failure(cause: unknown): unknown {
    const { signal, timeout } = this.#patience;
    if (signal?.aborted) return signal.reason;
    const { aborted: isOver } = this.#controller.signal;
    return connectionError(this.method, this.url, cause, isOver ? timeout : undefined);
  }

  /** Awaits a step of the request, or what goes on without this caller as well. */
  async within<T>(step: Promise<T>, isShared = false): Promise<T> {
    this.start();
    try {
      return await step;
    } catch (cause) {
      throw isShared && !this.signal.aborted ? cause : this.failure(cause);
    } finally {
      this.stop();
    }
  }

  join<T>(work: Promise<T>): Promise<T> {
    const gone = new Promise<never>((_, reject) => {
      this.signal.addEventListener("abort", () => reject(this.signal.reason), { once: true });
    });
    return this.within(Promise.race([work, gone]), true);
  }
}

/**
 * The deadlines that run. One alarm serves them all, the next to ring: a timer for each request
 * costs Deno more than the rest of this file does, and its first one 5 ms of the start. On Deno an
 * alarm keeps the process alive while it is listened to, so nobody listens when nothing runs.
 */
const running = new Set<Deadline>();
let alarm: AbortSignal | undefined;
let alarmAt = Infinity;

/** Node and Deno fire at once where the delay is larger. */
const LONGEST_DELAY = 2 ** 31 - 1;

function setAlarm(due: number): void {
  alarm?.removeEventListener("abort", ring);
  alarmAt = due;
  alarm = AbortSignal.timeout(Math.max(0, Math.ceil(due - performance.now())));
  alarm.addEventListener("abort", ring);
}

function ring(): void {
  alarm = undefined;
  const now = performance.now();
  let next = Infinity;
  for (const deadline of running) {
    if (deadline.due <= now) deadline.expire();
    else next = Math.min(next, deadline.due);
  }
  if (next < Infinity) setAlarm(next);
}

/** Work that several callers wait for, each as long as it likes; when the last one leaves, it is given up. */
class SharedWork<T> {
  readonly result: Promise<T>;
  readonly #controller = new AbortController();
  readonly #onOver: () => void;
  #waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<T>, onOver: () => void) {
    this.#onOver = onOver;
    this.result = work(this.#controller.signal).finally(onOver);
    this.result.catch(() => {}); // nobody may be waiting any more
  }

  async wait(deadline: Deadline): Promise<T> {
    this.#waiting++;
    const asked = new Error(); // the work itself has none of its callers in its stack
    try {
      return await deadline.join(this.result);
    } catch (error) {
      throw calledFrom(asked, error);
    } finally {
      if (--this.#waiting === 0) {
        this.#onOver();
        this.#controller.abort();
      }
    }
  }
}

async function sleep(ms: number, signal: AbortSignal | null): Promise<void> {
  signal?.throwIfAborted();
  const over = new AbortController();
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const wake = () => resolve(clearTimeout(timer));
    signal?.addEventListener("abort", wake, { signal: over.signal });
  });
  over.abort();
  signal?.throwIfAborted();
}

// Repeats.

/** Sends until there is an answer that counts: not a busy server's, nor none from a broken connection. */
async function repeatedly(
  request: Pick<Prepared, "retries" | "signal" | "mayBeDone">,
  send: () => Promise<Answer>,
  attempt = 0,
): Promise<Answer> {
  const { retries, signal } = request;
  for (;; attempt++) {
    let wait: number | undefined;
    try {
      const answer = await send();
      answer.attempt = attempt;
      if (attempt >= retries || !isWorthRepeating(answer)) return answer;
      wait = retryAfter(answer.response);
      if (wait && wait > LONGEST_RETRY_AFTER) return answer;
      request.mayBeDone ||= answer.response.status >= 500;
      answer.response.body?.cancel().catch(() => {});
    } catch (error) {
      request.mayBeDone ||= mayHaveArrived(error);
      if (attempt >= Math.min(retries, repeatsFor(error))) throw error;
    }
    await sleep(wait ?? backoff(attempt), signal);
  }
}

/** A DELETE whose answer was lost has deleted the record that its repeat does not find. */
const isGone = ({ method }: Prepared, { status }: Response, errorText: string): boolean =>
  method === "DELETE" && status === 404 && /ENTITY_IS_DELETED|NOT_FOUND/.test(errorText);

const backoff = (attempt: number): number =>
  Math.random() * Math.min(BACKOFF.longest, BACKOFF.first * 2 ** attempt);

function isWorthRepeating({ response: { status }, errorText = "", attempt }: Answer): boolean {
  if (status === 420) return attempt < 2; // Edge knows no such host: soon or never
  if (status === 403) {
    return errorText.includes("REQUEST_LIMIT_EXCEEDED") && /concurrent/i.test(errorText);
  }
  return BUSY.has(status);
}

/** `Retry-After` in ms: seconds, or a date by the server's clock. A time that has passed names none. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("retry-after") ?? "";
  if (/^\d+(\.\d+)?$/.test(value)) return +value * 1000;
  const date = /[a-z]{3}/i.test(value) ? Date.parse(value) : NaN; // "-5" would be a date, too
  const ms = date - (serverTimeOf(response) ?? Date.now());
  return ms > 0 ? ms : undefined;
}

const isRedirect = ({ status, type }: Response): boolean =>
  (status > 300 && status < 400 && status !== 304) || type === "opaqueredirect";

/** Where a redirect leads, if it stays within the org and only reads. */
function redirectOf(response: Response, method: string, url: string): string | undefined {
  if (isRedirect(response) && followsRedirects(method)) return ownRedirect(response, url)?.href;
}

const followsRedirects = (method: string): boolean => method === "GET" || method === "HEAD";

/** Where a redirect leads, if that is on the same origin. */
function ownRedirect({ headers }: Response, url: string): URL | undefined {
  const location = headers.get("location");
  const next = location ? urlOf(location, url) : undefined;
  if (next?.username || next?.password) return; // Node's fetch refuses it with an error that shows both
  return next?.origin === new URL(url).origin ? next : undefined;
}

/** A form to an OAuth endpoint, made for each attempt, and its answer read whole. */
async function postForm(
  url: string,
  makeForm: () => Promise<Record<string, string>> | Record<string, string>,
  send: typeof fetch,
  signal: AbortSignal | null = null,
): Promise<{ response: Response; text: string }> {
  const { response, errorText } = await repeatedly(
    { retries: DEFAULT_RETRIES, signal },
    async () => {
      const form = new URLSearchParams(await makeForm()).toString();
      const deadline = new Deadline({ timeout: DEFAULT_TIMEOUT, signal }, "POST", url);
      const response = await deadline.within(send(url, {
        method: "POST",
        redirect: "manual",
        headers: { accept: "application/json", "content-type": FORM },
        body: IS_DENO && mayConnect(url) ? new Blob([form]) : form,
        signal: deadline.signal,
      }));
      return new Answer(response, deadline, await deadline.within(textOf(response)));
    },
  );
  return { response, text: errorText! };
}

const FORM = "application/x-www-form-urlencoded;charset=UTF-8";

// Answers.

/** The text of an answer's body, cut where it is larger than any that is meant to be read here. */
async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of chunksOf(response.body)) {
    text += decoder.decode(chunk.subarray(0, LARGEST_ANSWER - size), { stream: true });
    size += chunk.length;
    if (size >= LARGEST_ANSWER) return text;
  }
  return text + decoder.decode();
}

/** A page that answers a write came from a proxy or a log-in: nothing was written. */
function isFineFor({ method, target }: Prepared, response: Response): boolean {
  if (response.status >= 300) return isRedirect(response) || response.status === 304;
  return method === "GET" || !target.startsWith("/services/data/") ||
    !response.headers.get("content-type")?.startsWith("text/html");
}

function checkAnswer({ response, errorText, deadline }: Answer, request: Prepared): void {
  const { method, target, throwHttpErrors } = request;
  if (!throwHttpErrors) return;
  if (isRedirect(response)) throw redirected(response, request, deadline.url);
  if (errorText !== undefined) throw salesforceError(response, errorText, method, target);
}

/** These 401s are about policies: a new token cures neither, and asking for one would never end. */
const INCURABLE_401 = /not valid for use with the REST API|not attached to Agent/i;

const isDeadSession = ({ response, errorText = "" }: Answer): boolean =>
  (response.status === 401 && !INCURABLE_401.test(errorText)) ||
  (response.status === 403 && errorText.trim() === "Bad_OAuth_Token");

/** An answer, and every way to read its body, bounded in time. */
class Answer {
  readonly response: Response;
  readonly deadline: Deadline;
  /** The body's text where it was read here: an error's, or a sign-in's. */
  readonly errorText: string | undefined;
  /** The number of the attempt that it is the answer to, from 0. */
  attempt = 0;
  /** Gets the answer once more, where that is safe and there are attempts left. */
  again: (() => Promise<Answer>) | undefined;
  /** What the response can by itself, behind its bounded readers. */
  readonly #own: Response;
  #body: ReadableStream<Uint8Array> | undefined;

  constructor(response: Response, deadline: Deadline, errorText?: string) {
    this.response = response;
    this.deadline = deadline;
    this.errorText = errorText;
    this.#own = Object.getPrototypeOf(response);
  }

  /** The response as the caller gets it: a standard one, whose readers are these. */
  get bounded(): Response {
    if (answers.has(this.response)) return this.response;
    answers.set(this.response, this);
    const prototype = boundedPrototypes.get(this.#own) ?? Object.create(this.#own, READERS);
    boundedPrototypes.set(this.#own, prototype);
    return Object.setPrototypeOf(this.response, prototype);
  }

  // deno-lint-ignore no-explicit-any -- as Response.json()
  async json(): Promise<any> {
    return parseBody(this.response, await this.text(), this.deadline);
  }

  text(): Promise<string> {
    return this.#read((answer) => answer.#own.text.call(answer.response));
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read((answer) => new Response(answer.body).arrayBuffer());
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.arrayBuffer());
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.arrayBuffer()], { type: this.#type });
  }

  async formData(): Promise<FormData> {
    const headers = { "content-type": this.#type };
    const whole = new Response(await this.arrayBuffer(), { headers });
    return await whole.formData().catch(() => {
      throw unreadable(this.response, "not with a form", this.deadline);
    });
  }

  clone(): Response {
    this.#body = undefined; // from here on the body is another stream
    const clone = new Answer(this.#own.clone.call(this.response), this.deadline);
    clone.again = this.again;
    return clone.bounded;
  }

  /** The body at the reader's pace: only the wait for its next part is bounded. */
  get body(): ReadableStream<Uint8Array> | null {
    const own = () => Reflect.get(this.#own, "body", this.response) as Response["body"];
    if (!own()) return null;
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    const start = () => reader ??= own()!.getReader();
    return this.#body ??= new ReadableStream({
      type: "bytes",
      pull: async (controller) => {
        const { done, value } = await this.deadline.within(start().read());
        if (!done) return controller.enqueue(value as Uint8Array<ArrayBuffer>);
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel: (reason) => start().cancel(reason),
    }, { highWaterMark: 0 });
  }

  get #type(): string {
    return this.response.headers.get("content-type") ?? "";
  }

  /** Reads the body, and gets it once more where the connection broke meanwhile and that is safe. */
  async #read<T>(how: (answer: Answer) => Promise<T>): Promise<T> {
    if (this.response.bodyUsed || this.#body?.locked) {
      throw new TypeError("The body of the answer was read before.");
    }
    let error: unknown;
    this.deadline.start();
    try {
      return await how(this);
    } catch (cause) {
      error = this.deadline.failure(cause);
    } finally {
      this.deadline.stop();
    }
    if (!this.again || !repeatsFor(error)) throw error;
    const another = await this.again();
    if (another.response.status !== this.response.status) throw error;
    return await another.#read(how);
  }
}

const answers = new WeakMap<Response, Answer>();

/** A Response's own prototype → the same with its readers bounded, made once. */
const boundedPrototypes = new WeakMap<object, object>();

const reader = (read: (answer: Answer) => unknown): PropertyDescriptor => ({
  writable: true,
  configurable: true,
  value(this: Response) {
    return read(answers.get(this)!);
  },
});

const READERS: PropertyDescriptorMap = {
  json: reader((answer) => answer.json()),
  text: reader((answer) => answer.text()),
  arrayBuffer: reader((answer) => answer.arrayBuffer()),
  bytes: reader((answer) => answer.bytes()),
  blob: reader((answer) => answer.blob()),
  formData: reader((answer) => answer.formData()),
  clone: reader((answer) => answer.clone()),
  body: { get: reader((answer) => answer.body).value, configurable: true },
};

/** A call whose answer is on its way. */
interface Pending {
  answer?: Answer;
  /** Whether the promise itself reads the body, so that the response needs no bounded readers. */
  isRead?: boolean;
}

/** The promise of a response, with the next steps that usually follow. */
function promiseOf(get: (call: Pending) => Promise<Response>): AnswerPromise {
  const call: Pending = {};
  const response = get(call);
  const toRead = () => {
    call.isRead = true;
    return response;
  };
  return Object.assign(response, {
    async json(parse?: (text: string) => unknown) {
      const response = await toRead();
      if (response.status === 204 || response.status === 304) return undefined;
      const answer = call.answer!;
      return parseBody(response, await answer.text(), answer.deadline, parse);
    },
    async text() {
      await toRead();
      return await call.answer!.text();
    },
    async arrayBuffer() {
      await toRead();
      return await call.answer!.arrayBuffer();
    },
  });
}

interface AnswerPromise extends ResponsePromise {
  // deno-lint-ignore no-explicit-any -- as Response.json()
  json(parse?: (text: string) => unknown): Promise<any>;
  json<T>(): Promise<T | undefined>;
}

// ── Query ────────────────────────────────────────────────────────────────────────────────────────

/** A query whose URL has more characters is sent in a body: Salesforce's limit is 16,384 bytes with the headers. */
const LONGEST_QUERY_URL = 12_000;

/**
 * The result of a query: an async iterable of all its records, however many; awaiting it returns them
 * as an array. The next page is fetched while the caller works on this one, and leaving the loop ends
 * the query. Each use runs the query again, save one after `totalSize()`, whose page it begins with.
 * Created by {@linkcode sfQuery}.
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
  /** Returns the first record, or `undefined`. Only the first page is fetched. */
  first(): Promise<T | undefined>;
  /** Returns the result page by page. */
  pages(): AsyncGenerator<QueryPage<T>, void, void>;
  /** Returns how many records the whole result has, which is also the number that `SELECT COUNT()` returns. */
  totalSize(): Promise<number>;
}

function newQuery<T>(session: Session, soql: string, options: QueryOptions): Query<T> {
  const { queryAll, tooling, batchSize, attributes, timeout, parseJson } = options;
  /** Where the caller made the query: what awaits it later need not be in the stack of an error. */
  const made = new Error();
  let first: Promise<QueryPage<T>> | undefined;
  let total: number | undefined;

  async function* pages(): AsyncGenerator<QueryPage<T>, void, void> {
    const left = new AbortController();
    const { signal } = options;
    const either = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
    const follow = followPages();
    let next: Promise<QueryPage<T>> | undefined = first ?? getPage(either);
    first = undefined;
    try {
      while (next) {
        const page: QueryPage<T> = await next;
        next = isLast(page) ? undefined : getPage(either, () => follow(page));
        next?.catch(() => {}); // its failure is thrown when its turn comes
        yield page;
      }
    } finally {
      left.abort();
    }
  }

  async function all(): Promise<T[]> {
    const whole: T[] = [];
    for await (const { records } of pages()) for (const record of records) whole.push(record);
    return displayable(whole, () => session.getToken());
  }

  /** Gets the first page, or the one that `next` names; an error shows where the query was made. */
  async function getPage(signal = options.signal, next?: () => string): Promise<QueryPage<T>> {
    try {
      const page = next ? await ask(next(), signal, paging()) : await firstPage(signal);
      return await complete(page, signal);
    } catch (error) {
      throw calledFrom(made, error);
    }
  }

  async function firstPage(signal?: AbortSignal): Promise<QueryPage<T>> {
    const resource = queryAll ? "queryAll" : "query";
    if (/\p{Surrogate}/u.test(soql)) {
      throw new SfetchError(
        "Cannot send the query: it has half a character in it.",
        LONE_SURROGATE,
      );
    }
    const path = `${tooling ? "/tooling" : ""}/${resource}?q=${encodeURIComponent(soql)}`;
    if (path.length <= LONGEST_QUERY_URL) return await ask(path, signal, paging());
    return await startInBody(path, tooling ? "/tooling/composite" : "/composite", signal);
  }

  /** A query too long for a URL, as the only part of a composite request. */
  async function startInBody(
    path: string,
    resource: string,
    signal?: AbortSignal,
  ): Promise<QueryPage<T>> {
    const version = await session.apiVersion();
    const part = {
      method: "GET",
      url: `/services/data/v${version}${path}`,
      referenceId: "query",
      httpHeaders: paging().headers,
    };
    const json = { compositeRequest: [part] };
    const init: RequestOptions = { method: "POST", json, [READS]: true };
    const { compositeResponse } = await ask(resource, signal, init);
    const answer = Array.isArray(compositeResponse) ? compositeResponse[0] : undefined;
    if (answer?.httpStatusCode < 300) return answer.body;
    if (!Number.isInteger(answer?.httpStatusCode)) throw noQueryResult();
    const { httpStatusCode: status, httpHeaders, body } = answer;
    const headers = new Headers();
    for (const [name, value] of Object.entries(httpHeaders ?? {})) {
      if (/^[\w-]+$/.test(name) && isText(value) && /^[ -~]*$/.test(value)) {
        headers.set(name, value);
      }
    }
    throw salesforceError({ status, headers }, JSON.stringify(body) ?? "", "GET", part.url);
  }

  async function ask(
    path: string,
    signal: AbortSignal | null = null,
    init: RequestOptions = {},
    // deno-lint-ignore no-explicit-any -- whatever the host answers
  ): Promise<any> {
    const answer = session.fetch(path, { ...init, timeout, signal });
    return await (answer as AnswerPromise).json(parseJson) ?? {};
  }

  function paging(): RequestOptions {
    if (batchSize === undefined) return {};
    const size = countOf("batchSize", batchSize, 1);
    return { headers: { "sforce-query-options": `batchSize=${size}` } };
  }

  /** The page with its child records complete, and as the options want it. */
  async function complete(page: QueryPage<T>, signal?: AbortSignal): Promise<QueryPage<T>> {
    checkPage(page);
    total = page.totalSize;
    if (/\(\s*select\s/i.test(soql)) {
      for (const record of page.records) {
        for (const child of incompleteChildren(record)) await completeChild(child, signal);
      }
    }
    if (attributes === false) page.records = page.records.map(withoutAttributes);
    return page;
  }

  /** All pages of one record's child records, in place of the first. */
  async function completeChild(child: QueryPage, signal?: AbortSignal): Promise<void> {
    const follow = followPages();
    for (let page = child; !isLast(page);) {
      page = await ask(follow(page), signal);
      checkPage(page);
      for (const record of page.records) {
        for (const one of incompleteChildren(record)) await completeChild(one, signal);
        child.records.push(record);
      }
    }
    child.done = true;
    delete child.nextRecordsUrl;
  }

  const query: Query<T> = {
    then: (onFulfilled, onRejected) => all().then(onFulfilled, onRejected),
    catch: (onRejected) => all().catch(onRejected),
    finally: (onFinally) => all().finally(onFinally),
    [Symbol.toStringTag]: "Query",
    [Symbol.asyncIterator]: () => recordsOf(pages()),
    pages,
    first: async () => (await (first ?? getPage())).records[0],
    totalSize: async () => total ?? (await (first ??= getPage())).totalSize,
  };
  /** How a notebook shows it: the first page as a table, records linked to the org. */
  const display = async () => {
    const { records, totalSize } = await (first ??= getPage());
    const { instanceUrl } = await session.getToken();
    return recordsDisplay(records as SObject[], totalSize, instanceUrl);
  };
  return Object.assign(query, { [Symbol.for("Jupyter.display")]: display });
}

/** The records of pages, one by one. A generator would cost more than all else that is done for a record. */
function recordsOf<T>(pages: AsyncGenerator<QueryPage<T>, void, void>): AsyncIterableIterator<T> {
  let records: T[] = [];
  let at = 0;
  let turning: Promise<boolean> | undefined;
  let isOver = false;

  /** Returns whether there was another page. */
  async function turn(): Promise<boolean> {
    try {
      const { done, value } = await pages.next();
      isOver ||= done === true;
      [records, at] = [isOver || !value ? [] : value.records, 0];
      return !isOver;
    } catch (error) {
      isOver = true;
      throw error;
    } finally {
      turning = undefined;
    }
  }

  async function nextPage(): Promise<IteratorResult<T>> {
    const isThere = !isOver && await (turning ??= turn());
    return isThere ? await iterator.next() : { done: true, value: undefined };
  }

  async function leave(): Promise<void> {
    isOver = true;
    records = [];
    await pages.return();
  }

  const iterator: AsyncIterableIterator<T> = {
    next: () =>
      at < records.length ? Promise.resolve({ done: false, value: records[at++]! }) : nextPage(),
    async return(value) {
      await leave();
      return { done: true, value: await value };
    },
    async throw(error) {
      await leave();
      throw error;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

const isLast = ({ done, nextRecordsUrl }: QueryPage<unknown>): boolean =>
  !nextRecordsUrl && done === true;

/** Gives the URL after each page, in turn; a result that ends early or goes in a circle is an error. */
function followPages(): (page: QueryPage<unknown>) => string {
  const seen = new Set<string>();
  return ({ nextRecordsUrl: next }) => {
    if (!next || seen.has(next)) throw incompleteResult(next);
    seen.add(next);
    return next;
  };
}

/** The lists of child records in a record, at any depth, that have not come whole. */
function* incompleteChildren(record: unknown): Generator<QueryPage> {
  if (!record || typeof record !== "object") return;
  for (const child of Object.values(record as SObject)) {
    if (!Array.isArray(child?.records)) continue;
    checkPage(child);
    for (const one of child.records) yield* incompleteChildren(one);
    if (!isLast(child)) yield child;
  }
}

function checkPage(page: QueryPage<unknown>): void {
  if (!Array.isArray(page?.records)) throw noQueryResult();
  if (page.records.some((one) => typeof one !== "object" || !one)) {
    throw noQueryResult("one of its records is not an object");
  }
  if (!Number.isInteger(page.totalSize)) throw noQueryResult("its totalSize is not a number");
}

/** The record, and those within it, without `attributes`. What JSON makes is copied: V8 reads it slowly after `delete`. */
function withoutAttributes<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  let plain = value as SObject;
  if (Object.hasOwn(plain, "attributes")) {
    if (Object.getPrototypeOf(plain) === Object.prototype) {
      const { attributes: _, ...others } = plain;
      plain = others;
    } else delete plain.attributes;
  }
  for (const name in plain) {
    if (typeof plain[name] === "object") plain[name] = withoutAttributes(plain[name]);
  }
  return plain as T;
}

/** SOQL has JSON's escapes, and one for its own quotation mark. */
const soqlEscape = (character: string): string =>
  character === "'" ? "\\'" : JSON.stringify(character).slice(1, -1);

function soqlValue(value: unknown): string {
  if (value === null || /^(boolean|bigint)$/.test(typeof value)) return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return soqlNumber(value);
  if (typeof value === "string") return `'${value.replace(/[\\'"\n\r\t\b\f]/g, soqlEscape)}'`;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (Array.isArray(value) && value.length && !value.some(Array.isArray)) {
    return `(${value.map(soqlValue)})`;
  }
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (/^Temporal\.(PlainDate|Instant)$/.test(kind)) return String(value);
  if (kind === "Temporal.ZonedDateTime") {
    return String((value as { toInstant(): unknown }).toInstant());
  }
  const plain = Number.isNaN(value) ? "NaN" : kind;
  const what = Array.isArray(value) ? "an empty or nested list" : plain;
  throw new TypeError(
    `Cannot put ${what} into SOQL: use text, a number, true, false, null, a Date, or a list of these`,
  );
}

/** Without the exponent that JavaScript gives very large and very small numbers. */
function soqlNumber(value: number): string {
  const text = String(value);
  if (!text.includes("e")) return text;
  return Number.isInteger(value)
    ? BigInt(value).toString()
    : value.toFixed(20).replace(/\.?0+$/, "");
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────

/**
 * Records to write: an array, any other iterable, or CSV as bytes. Fields of a parent name it by an
 * external id, as `{ Account: { External_Id__c: "A-1" } }` or `{ "Account.External_Id__c": "A-1" }`.
 */
export type Records<T extends object = SObject> =
  | Iterable<T>
  | AsyncIterable<T>
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>
  | Blob;

/** How records are written. */
export interface WriteOptions {
  /**
   * `true`: by a Bulk API 2.0 job. `false`: by sObject Collections, whatever the number. CSV always
   * goes by a job.
   *
   * @default {a job for more than 2,000 records, unless `allOrNone` is set}
   */
  bulk?: boolean | undefined;
  /**
   * Where one record fails, the others of its call (up to 200) are not written either. Not for jobs.
   *
   * @default {false}
   */
  allOrNone?: boolean | undefined;
  /**
   * What separates the columns of CSV: `,` `;` `|` `^` `` ` `` or a tab.
   *
   * @default {","}
   */
  delimiter?: string | undefined;
  /**
   * Bytes of one upload, up to 100 million. Each upload is a job of its own, and is kept in memory
   * until it has arrived, so that it can be sent again where the connection breaks.
   *
   * @default {4000000}
   */
  uploadSize?: number | undefined;
  /** Called as the work goes on. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends the work, and the jobs on the server. */
  signal?: AbortSignal | undefined;
}

/** How far the work is. */
export interface Progress {
  /** Ids of the jobs so far, for {@linkcode Session.resumeJob}. Empty without a job. */
  jobs: string[];
  /** State of the job that is waited for, such as `"InProgress"`; `undefined` without a job. */
  state: string | undefined;
  /** Records sent so far: those of uploads that are complete. 0 for a query. */
  sent: number;
  /** Records that Salesforce has processed, whether well or not. */
  processed: number;
  /** Of these, the ones that failed. */
  failed: number;
}

/** Why a record was not written. */
export interface RecordError {
  /** Salesforce's code, such as `"REQUIRED_FIELD_MISSING"`. */
  code: string;
  /** What it said. */
  message: string;
  /** The fields that it is about. */
  fields: string[];
}

/** What became of one record. */
export interface RecordResult<T extends object = SObject> {
  /** The record as it was given; from a job, its fields as text. Of an id, `{ Id }`. */
  record: T;
  /** `"failed"`: it was refused, or its call failed. `"unprocessed"`: Salesforce did not come to it, or it was not sent. */
  status: "successful" | "failed" | "unprocessed";
  /** The record's id, where it has one. */
  id: string | undefined;
  /** Whether it is new. */
  created: boolean;
  /**
   * Why it failed; code `"UNKNOWN_OUTCOME"` where the answer was lost on the way or cannot be read,
   * `"NOT_SENT"` where the call did not reach Salesforce.
   */
  errors: RecordError[];
}

/**
 * What became of the records of one call: counts, and the results one by one, which a job's are read
 * from Salesforce as they are asked for. In the order of the records, save from a job.
 *
 * @example Repair what failed, and write it again
 * ```ts
 * import { createSession } from "./mod.ts";
 *
 * const session = createSession();
 * const result = await session.insert("Account", [{ Name: "Acme" }, { Phone: "555" }]);
 * console.log(result.successful, result.failed); // 1 1
 * for await (const { record, errors } of result) {
 *   for (const { code } of errors) console.log(record.Phone, code); // 555 REQUIRED_FIELD_MISSING
 * }
 * const repaired = result.failures((record) => ({ ...record, Name: "Unknown" }));
 * console.log((await session.insert("Account", repaired)).successful); // 1
 * ```
 */
export interface WriteResult<T extends object = SObject> extends AsyncIterable<RecordResult<T>> {
  /** Records that were written. */
  readonly successful: number;
  /** Records that were refused, or whose call failed. */
  readonly failed: number;
  /** Records that Salesforce did not come to, or that were not sent. */
  readonly unprocessed: number;
  /** Ids of the jobs that did the work; empty without one. */
  readonly jobs: readonly string[];
  /**
   * The records that were not written, ready to be written again; after an insert without those
   * whose answer was lost, since they may be there.
   *
   * @param repair Makes of each what is to be written in its place; `undefined` leaves it out.
   */
  failures<R extends object = T>(repair?: Repair<T, R>): AsyncGenerator<R, void, void>;
  /** Deletes the jobs on the server, with their results. Salesforce does so after seven days. */
  deleteJobs(): Promise<void>;
}

/** What repairs a record by its errors. */
export type Repair<T extends object, R extends object = T> = (
  record: T,
  errors: RecordError[],
) => R | undefined | Promise<R | undefined>;

/** Above this number of records a job does the work. */
const MOST_BY_COLLECTIONS = 2_000;

/** Records of one sObject Collections call, and calls in flight. */
const COLLECTION = 200;
const COLLECTIONS_IN_FLIGHT = 5;

/** How often a record whose row is locked is tried again. */
const LOCK_RETRIES = 4;

/** Bytes of an upload: where the caller does not say, and Salesforce's own limit before it encodes them. */
const DEFAULT_UPLOAD = 4_000_000;
const LARGEST_UPLOAD = 100_000_000;

/** In ms, until the answer to an upload begins: a slow line needs it. */
const UPLOAD_TIMEOUT = 1_800_000;

const UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME";
const LOCKED = "UNABLE_TO_LOCK_ROW";

/** On whose behalf requests are sent, and what ends them. */
interface Caller {
  session: Session;
  signal: AbortSignal | null;
}

const fetchFor = ({ session, signal }: Caller, path: string, init: RequestOptions = {}) =>
  session.fetch(path, { ...init, signal });

/** A call that writes. */
interface Write extends Caller {
  operation: "insert" | "update" | "upsert" | "delete";
  object: string;
  /** The external id field of an upsert. */
  key?: string | undefined;
  options: WriteOptions;
}

async function write<T extends object>(
  given: Omit<Write, "signal">,
  source: AnyIterable<unknown> | Blob,
): Promise<WriteResult<T>> {
  const { object, key = "Id", options: { bulk, allOrNone = false, signal = null } } = given;
  const write = { ...given, signal };
  for (const name of [object, key]) {
    if (!/^\w+$/.test(name)) {
      throw new SettingsError(
        `Cannot write to "${name}": it is not the name of an object or a field.`,
        "Give API names, such as Account and External_Id__c.",
      );
    }
  }
  signal?.throwIfAborted();
  const items = iteratorOf(source);
  const taken = await take(items, 1);
  const isCsv = taken[0] instanceof Uint8Array;
  if (allOrNone && (isCsv || bulk)) {
    throw new SettingsError(
      "Cannot write all or none by a job: Bulk API 2.0 writes each record for itself.",
      "Leave allOrNone off, or give records, without bulk.",
    );
  }
  if (!isCsv && !allOrNone && bulk === undefined) {
    taken.push(...await take(items, MOST_BY_COLLECTIONS));
  }
  const records = chained(taken, items);
  const isMany = bulk ?? taken.length > MOST_BY_COLLECTIONS;
  const result = isCsv
    ? load(write, csvInPieces(records as AsyncIterable<Uint8Array>))
    : isMany
    ? load(write, csvOf(records, write))
    : writeCollections(write, records);
  return await result as WriteResult<object> as WriteResult<T>;
}

type AnyIterable<T> = Iterable<T> | AsyncIterable<T>;
type AnyIterator<T> = Iterator<T> | AsyncIterator<T>;

function iteratorOf(source: unknown): AnyIterator<unknown> {
  if (source instanceof Blob) source = source.stream();
  if (source instanceof ReadableStream) source = chunksOf(source);
  if (source instanceof Uint8Array) source = [source];
  // deno-lint-ignore no-explicit-any -- what the caller gave, iterable or not
  const given = source as any;
  const open = given?.[Symbol.asyncIterator] ?? given?.[Symbol.iterator];
  if (typeof source !== "string" && typeof open === "function") return open.call(source);
  throw new SettingsError(
    `Cannot write ${typeof source === "string" ? "text" : "what was given"} as records.`,
    "Give an array, for a single record too, another iterable of records, or CSV as a Blob or a stream of bytes.",
  );
}

/** The next items, up to so many; only a promise is awaited, since that costs most of the work. */
async function take<T>(items: AnyIterator<T>, most: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < most) {
    const step = items.next();
    const { done, value } = "then" in step ? await step : step;
    if (done) break;
    taken.push(value);
  }
  return taken;
}

/** What was taken from an iterator, then the rest of it. */
function chained<T>(taken: T[], rest: AnyIterator<T>): AsyncIterable<T> {
  let at = 0;
  const chain = {
    next: () => at < taken.length ? { done: false, value: taken[at++]! } : rest.next(),
    return: () => rest.return?.() ?? { done: true, value: undefined },
  };
  return { [Symbol.asyncIterator]: () => chain as AsyncIterator<T> };
}

/** The items so many at a time. */
async function* inLots<T>(source: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  const items = source[Symbol.asyncIterator]();
  try {
    for (let lot: T[]; (lot = await take(items, size)).length;) yield lot;
  } finally {
    await items.return?.();
  }
}

type Status = RecordResult["status"];
type Counts = Record<Status, number>;

/** What became of a call's records, which are read as they are asked for. */
function writeResult(
  { session, operation }: Write,
  counts: Counts,
  jobs: string[],
  read: (onlyFailures: boolean) => AsyncGenerator<RecordResult>,
): WriteResult {
  return {
    ...counts,
    jobs,
    [Symbol.asyncIterator]: () => read(false),
    async *failures<R extends object>(repair?: Repair<SObject, R>): AsyncGenerator<R, void, void> {
      for await (const { status, record, errors } of read(true)) {
        const mayBeThere = operation === "insert" && errors[0]?.code === UNKNOWN_OUTCOME;
        if (status === "successful" || mayBeThere) continue;
        const repaired = repair ? await repair(record, errors) : record as unknown as R;
        if (repaired !== undefined) yield repaired;
      }
    },
    async deleteJobs() {
      for (const id of jobs) await deleteJob(session, { kind: "ingest", id });
    },
  };
}

// sObject Collections: up to 200 records a call, some calls at a time.

async function writeCollections(
  write: Write,
  records: AsyncIterable<unknown>,
): Promise<WriteResult> {
  const results: RecordResult[] = [];
  const calls = new Set<Promise<void>>();
  let sent = 0;
  let broken: { cause: unknown } | undefined;
  for await (const lot of inLots(records, COLLECTION)) {
    const entries = lot.map((given): RecordResult => {
      const record = typeof given === "string" ? { Id: given } : given as SObject;
      return { record, status: "unprocessed", id: undefined, created: false, errors: [] };
    });
    results.push(...entries);
    if (broken) continue;
    const call: Promise<void> = writeCollection(write, entries)
      .catch((cause) => void (broken ??= { cause }))
      .finally(() => {
        calls.delete(call);
        const { successful, failed } = countsOf(results);
        const processed = successful + failed;
        sent += entries.length;
        write.options.onProgress?.({ jobs: [], state: undefined, sent, processed, failed });
      });
    calls.add(call);
    if (calls.size === COLLECTIONS_IN_FLIGHT) await Promise.race(calls);
  }
  await Promise.all(calls);
  write.signal?.throwIfAborted();
  const counts = countsOf(results);
  const isKnown = results.every(({ errors: [error] }) => error?.code !== UNKNOWN_OUTCOME);
  if (broken && !counts.successful && isKnown) throw broken.cause;
  return writeResult(write, counts, [], async function* () {
    yield* results;
  });
}

function countsOf(results: RecordResult[]): Counts {
  const counts = { successful: 0, failed: 0, unprocessed: 0 };
  for (const { status } of results) counts[status]++;
  return counts;
}

/** One call, and more for records whose rows are locked. */
async function writeCollection(write: Write, entries: RecordResult[]): Promise<void> {
  for (let attempt = 0;; attempt++) {
    let answer: Response | undefined;
    try {
      answer = await callCollections(write, entries.map(({ record }) => record));
      const outcomes = outcomesOf(await answer.json(), write, entries.length);
      entries.forEach((entry, i) => Object.assign(entry, outcomes[i]));
    } catch (cause) {
      const errors = [errorOf(cause, answer !== undefined)];
      for (const entry of entries) Object.assign(entry, { status: "failed", errors });
      throw cause;
    }
    const locked = entries.filter(({ errors }) => errors.some(({ code }) => code === LOCKED));
    if (!locked.length || attempt === LOCK_RETRIES) return;
    if (!write.options.allOrNone) entries = locked;
    await sleep(backoff(attempt), write.signal);
  }
}

/** Whether a call may have been performed although it failed. */
const isDoubtful = (cause: unknown): boolean =>
  mayHaveArrived(cause) || (cause instanceof SalesforceError && cause.status >= 500);

function errorOf(cause: unknown, isAnswered: boolean): RecordError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const said = cause instanceof SalesforceError ? cause : undefined;
  const isUnknown = isAnswered || isDoubtful(cause); // an answer that cannot be read says nothing
  const code = isUnknown ? UNKNOWN_OUTCOME : said?.errorCode || "NOT_SENT";
  return { code, message, fields: said?.fields ?? [] };
}

/** What sObject Collections answers for one record. */
interface CollectionAnswer {
  id?: string;
  success: boolean;
  created?: boolean;
  errors: { statusCode: string; message: string; fields?: string[] }[];
}

type Outcome = Omit<RecordResult, "record">;

function callCollections(write: Write, records: SObject[]): Promise<Response> {
  const { operation, object, key, options: { allOrNone = false } } = write;
  const path = `/composite/sobjects${key ? `/${object}/${key}` : ""}`;
  const init = operation === "delete"
    ? {
      method: "DELETE",
      searchParams: { ids: records.map(idOf).join(), allOrNone },
      retry: 0, // a repeat would report what the first one deleted as failed
    }
    : {
      method: operation === "insert" ? "POST" : "PATCH",
      json: { allOrNone, records: records.map((record) => nested(record, object)) },
    };
  return fetchFor(write, path, init);
}

function outcomesOf(
  answers: CollectionAnswer[] | undefined,
  { operation }: Write,
  count: number,
): Outcome[] {
  if (!Array.isArray(answers) || answers.length !== count) {
    throw new SfetchError(
      `The answer to ${count} records is not ${count} results.`,
      "Something between here and Salesforce answers in its place. Look in the org which of them are there.",
    );
  }
  return answers.map(({ id, success, created = operation === "insert", errors = [] }) => ({
    status: success ? "successful" : "failed",
    id,
    created: success && created,
    errors: errors.map(({ statusCode: code, message, fields = [] }) => ({ code, message, fields })),
  }));
}

/** A record's id; ids go for records where they are deleted. */
const idOf = (record: unknown): string =>
  typeof record === "string" ? record : String((record as SObject).Id ?? (record as SObject).id);

/** A record as JSON has it: `Account.External_Id__c` in an object of its own. */
function nested({ attributes: _, ...fields }: SObject, type: string): SObject {
  const record = { attributes: { type } };
  for (const [name, value] of Object.entries(fields)) put(record, name, value);
  return record;
}

// ── Bulk ─────────────────────────────────────────────────────────────────────────────────────────

/** How a bulk query is run. */
export interface BulkQueryOptions {
  /**
   * Deleted and archived records too.
   *
   * @default {false}
   */
  queryAll?: boolean | undefined;
  /**
   * Values as describe says: numbers, booleans, `null` for what is empty. Else everything is text.
   *
   * @default {false}
   */
  typed?: boolean | undefined;
  /** Called as the work goes on. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends the query, and its job on the server. */
  signal?: AbortSignal | undefined;
}

/**
 * The result of a query by Bulk API 2.0: an async iterable of rows, or CSV. The job starts with the
 * first of these; a result can be read again. Made by {@linkcode Session.bulkQuery}.
 *
 * @example Back up an object
 * ```ts
 * import { createSession } from "./mod.ts";
 *
 * const accounts = createSession().bulkQuery("SELECT Id, Name FROM Account");
 * const csv = await new Response(accounts.csv()).text();
 * console.log(csv.split("\n")[0]); // "Id","Name"
 * await accounts.deleteJob();
 * ```
 */
export interface BulkQuery<T = SObject> extends AsyncIterable<T> {
  /** The job's id, for {@linkcode Session.resumeJob}; starts the job. */
  jobId(): Promise<string>;
  /** The result as CSV in UTF-8, with a header. */
  csv(): ReadableStream<Uint8Array>;
  /** Deletes the job on the server, with its result. Salesforce does so after seven days. */
  deleteJob(): Promise<void>;
}

/** How {@linkcode Session.resumeJob} goes on with a job. */
export type ResumeOptions = Pick<BulkQueryOptions, "typed" | "onProgress" | "signal">;

/** A job, and what was last seen of it. */
interface Job {
  kind: "ingest" | "query";
  id: string;
  info?: JobInfo;
}

/** A job as Salesforce describes it. */
interface JobInfo {
  id: string;
  state: "Open" | "UploadComplete" | "InProgress" | "JobComplete" | "Failed" | "Aborted";
  operation: string;
  object: string;
  apiVersion: number;
  externalIdFieldName?: string;
  columnDelimiter?: keyof typeof DELIMITERS;
  errorMessage?: string;
  numberRecordsProcessed?: number;
  numberRecordsFailed?: number;
}

const DELIMITERS = { COMMA: ",", SEMICOLON: ";", TAB: "\t", PIPE: "|", CARET: "^", BACKQUOTE: "`" };

/** Waits between two looks at a job, in ms: each 1.5 times the one before. */
const POLLING = { first: 100, longest: 10_000 };

/** Jobs that are looked at together. Each look is a call, and an org has so many a day. */
const JOBS_WATCHED = 5;

/** The first API version that names the pages of a result beforehand. */
const RESULT_PAGES_SINCE = 58;

/** Pages of a result that are asked for before they are read. */
const PAGES_AHEAD = 3;

/** Rows that are written as CSV at a time, and bytes of CSV that are read at a time. */
const CSV_LOT = 20;
const CSV_PIECE = 2 ** 13;

const jobPath = ({ kind, id }: Job): string => `/jobs/${kind}/${id}`;

/** Where a job's results are: Salesforce gives them by the API version of the job only. */
const resultPath = (job: Job): string =>
  `/services/data/v${Number(job.info!.apiVersion).toFixed(1)}${jobPath(job)}`;

async function lookAt(caller: Caller, job: Job): Promise<JobInfo> {
  const info = await fetchFor(caller, jobPath(job)).json<JobInfo>();
  if (info?.state) return job.info = info;
  throw new SfetchError(
    `The answer about the job ${job.id} does not say what state it is in.`,
    "Something between here and Salesforce answers in its place.",
  );
}

const hasEnded = ({ info }: Job) => /^(JobComplete|Failed|Aborted)$/.test(info?.state ?? "");

/** Looks at jobs until all have ended. */
async function untilEnded(
  caller: Caller,
  jobs: Job[],
  onLook: (info: JobInfo) => void,
): Promise<void> {
  for (let wait = POLLING.first;;) {
    const open = jobs.filter((job) => !hasEnded(job)).slice(0, JOBS_WATCHED);
    if (!open.length) return;
    await Promise.all(open.map(async (job) => onLook(await lookAt(caller, job))));
    if (open.some(hasEnded)) wait = POLLING.first;
    else {
      await sleep(wait, caller.signal);
      wait = Math.min(wait * 1.5, POLLING.longest);
    }
  }
}

/** Aborts a job as well as it can be done: whoever aborts waits for nothing else. */
async function abortJob({ session }: Caller, job: Job): Promise<void> {
  const init = { method: "PATCH", json: { state: "Aborted" }, timeout: 10_000 };
  await session.fetch(jobPath(job), init).catch(() => {});
}

async function deleteJob(session: Session, job: Job): Promise<void> {
  await session.fetch(jobPath(job), { method: "DELETE" }).catch((error) => {
    if (!(error instanceof SalesforceError && error.status === 404)) throw error;
  });
}

const mayPass = (error: unknown): boolean =>
  repeatsFor(error) > 0 || (error instanceof SalesforceError && BUSY.has(error.status));

// Loading: uploads, each a job of its own.

/** A job that has been submitted. */
interface LoadJob extends Job {
  records: number;
  /** Records with locked rows that another job has taken over. */
  takenOver: number;
  /** What has become of the others, once the job has ended. */
  counts?: Counts;
}

/** Uploads records, waits for the jobs, and has locked rows tried again. */
async function load(
  write: Write,
  csv: AnyIterable<CsvPiece>,
  jobs: LoadJob[] = [],
): Promise<WriteResult> {
  try {
    await upload(write, csv, jobs);
    for (let attempt = 0;; attempt++) {
      await untilEnded(write, jobs, ({ state }) => reportLoad(write, jobs, state));
      if (attempt === LOCK_RETRIES || !await takeOverLocked(write, jobs, attempt)) break;
    }
    return await loadResult(write, jobs);
  } catch (error) {
    const running = write.signal?.aborted ? jobs.filter((job) => !hasEnded(job)) : [];
    await Promise.all(running.map((job) => abortJob(write, job)));
    throw error;
  }
}

async function upload(write: Write, csv: AnyIterable<CsvPiece>, jobs: LoadJob[]): Promise<void> {
  try {
    for await (const upload of packed(csv, write.options)) await submit(write, upload, jobs);
  } catch (cause) {
    if (!jobs.length || !(cause instanceof SfetchError)) throw cause;
    const ids = jobs.map(({ id }) => id).join(", ");
    const sent = jobs.reduce((sum, { records }) => sum + records, 0);
    throw new SfetchError(
      `The load broke off after ${sent} records: ${cause.message.split("\n")[0]}`,
      `These are in the jobs ${ids}, which go on: resumeJob() waits for one and gives its results. ` +
        "Load the records after them again.",
      { cause },
    );
  }
}

/** Creates a job, uploads its records, and says that this was all. */
async function submit(write: Write, { csv, records }: Upload, jobs: LoadJob[]): Promise<void> {
  const { object, operation, key, options: { delimiter } } = write;
  const columnDelimiter = nameOfDelimiter(delimiter);
  const lineEnding = csv[csv.indexOf(LF) - 1] === CR ? "CRLF" : "LF";
  const what = { object, operation, externalIdFieldName: key };
  const json = { ...what, contentType: "CSV", columnDelimiter, lineEnding };
  // Created twice, one of the jobs stays open and empty, which writes nothing.
  const create: RequestOptions = { method: "POST", json, [REPEATABLE]: true };
  const { id } = (await fetchFor(write, "/jobs/ingest", create).json<JobInfo>())!;
  const job: LoadJob = { kind: "ingest", id, records, takenOver: 0 };
  try {
    await fetchFor(write, `${jobPath(job)}/batches`, {
      method: "PUT",
      headers: { "content-type": "text/csv; charset=utf-8" },
      body: new Blob([csv as BlobPart]), // whole, not a stream, which browsers and some proxies refuse
      timeout: UPLOAD_TIMEOUT,
    }).catch((error) => {
      // The answer to the first attempt was lost: the upload is there.
      const isThere = error instanceof SalesforceError && /multiple contents/i.test(error.message);
      if (!isThere) throw error;
    });
    const complete = { method: "PATCH", json: { state: "UploadComplete" }, [REPEATABLE]: true };
    await fetchFor(write, jobPath(job), complete).catch(async (error) => {
      // The answer to the first attempt may be all that was lost.
      const seen = await lookAt(write, job).catch(() => undefined);
      if (!/^(UploadComplete|InProgress|JobComplete)$/.test(seen?.state ?? "")) throw error;
    });
  } catch (error) {
    await abortJob(write, job);
    throw error;
  }
  jobs.push(job);
  reportLoad(write, jobs, "UploadComplete");
}

function reportLoad({ options }: Write, jobs: LoadJob[], state: string): void {
  let sent = 0, processed = 0, failed = 0;
  for (const { records, info, takenOver } of jobs) {
    const { numberRecordsProcessed: seen = 0 } = info ?? {};
    sent += Math.max(records, seen) - takenOver; // of a job that is resumed, as many as were seen
    processed += seen - takenOver;
    failed += (info?.numberRecordsFailed ?? 0) - takenOver;
  }
  options.onProgress?.({ jobs: jobs.map(({ id }) => id), state, sent, processed, failed });
}

/** Submits the records with locked rows once more; false if there are none. */
async function takeOverLocked(write: Write, jobs: LoadJob[], attempt: number): Promise<boolean> {
  const before = jobs.length;
  for (const job of jobs.slice()) {
    if (!job.info?.numberRecordsFailed || job.takenOver) continue;
    for await (const upload of packed(lockedRows(write, job), write.options)) {
      if (!job.takenOver) await sleep(backoff(attempt), write.signal);
      await submit(write, upload, jobs);
      job.takenOver += upload.records;
    }
  }
  return jobs.length > before;
}

/** The rows that failed because something else had locked them. */
async function* lockedRows(write: Write, job: LoadJob): AsyncGenerator<CsvPiece> {
  const toCsv = await csvWriter(write.options);
  let header: Uint8Array | undefined;
  for await (const rows of resultRows(write, job, "failed")) {
    header ??= toCsv([rows.shift()!.slice(2)]);
    const locked = rows.filter(([, error]) => error!.startsWith(LOCKED));
    const csv = toCsv(locked.map((row) => row.slice(2)));
    if (locked.length) yield { header, csv, records: locked.length };
  }
}

async function loadResult(write: Write, jobs: LoadJob[]): Promise<WriteResult> {
  const counts = { successful: 0, failed: 0, unprocessed: 0 };
  for (const job of jobs) {
    const { numberRecordsProcessed: all = 0, numberRecordsFailed: failed = 0, state } = job.info!;
    job.counts = {
      successful: all - failed,
      failed: failed - job.takenOver,
      unprocessed: state === "JobComplete" ? 0 : await countUnprocessed(write, job),
    };
    for (const status of STATUSES) counts[status] += job.counts[status];
  }
  const bad = jobs.find(({ info }) => info!.state === "Failed");
  if (bad && !counts.successful && !counts.failed) throw failedJob(bad.info!);
  const read = (onlyFailures: boolean) => readResults(write, jobs, onlyFailures);
  return writeResult(write, counts, jobs.map(({ id }) => id), read);
}

async function countUnprocessed(write: Write, job: LoadJob): Promise<number> {
  let count = -1; // the header
  for await (const rows of resultRows(write, job, "unprocessed")) count += rows.length;
  return Math.max(0, count);
}

const failedJob = ({ id, object, errorMessage = "Salesforce does not say why." }: JobInfo) =>
  new SfetchError(
    `The job ${id} on ${object} failed: ${withoutSecrets(errorMessage)}`,
    Object.entries(JOB_HINTS).find(([said]) => new RegExp(said, "i").test(errorMessage))?.[1] ?? "",
  );

const JOB_HINTS = {
  "Field name not found":
    "A column is not a field that this user can see. Check its spelling and the field's permissions.",
  "LineEnding is invalid":
    "The lines of the CSV do not all end alike: all with LF, or all with CR LF.",
  "unescaped quote": "A value with a quote in it stands in quotes, with the quote doubled.",
};

/** The files of results. */
const RESULTS: Record<Status, string> = {
  successful: "successfulResults",
  failed: "failedResults",
  unprocessed: "unprocessedrecords",
};
const STATUSES = Object.keys(RESULTS) as Status[];

async function* readResults(
  write: Write,
  jobs: LoadJob[],
  onlyFailures: boolean,
): AsyncGenerator<RecordResult> {
  for (const job of jobs) {
    for (const status of STATUSES) {
      if (!job.counts![status] || (onlyFailures && status === "successful")) continue;
      const own = status === "unprocessed" ? 0 : 2; // sf__Id, and sf__Created or sf__Error
      let columns: Column[] | undefined;
      for await (const rows of resultRows(write, job, status)) {
        columns ??= rows.shift()!.map((name) => ({ name, read: valueWritten }));
        for (const row of rows) {
          const [id, said = ""] = row;
          if (status === "failed" && job.takenOver && said.startsWith(LOCKED)) continue;
          yield {
            record: recordOf(columns, row, own),
            status,
            id: (own && id) || undefined,
            created: status === "successful" && said === "true",
            errors: status === "failed" ? [jobError(said)] : [],
          };
        }
      }
    }
  }
}

/** The rows of a file of results, the header first. */
function resultRows(caller: Caller, job: Job, status: Status): AsyncGenerator<string[][]> {
  const url = `${resultPath(job)}/${RESULTS[status]}`;
  const delimiter = DELIMITERS[job.info!.columnDelimiter ?? "COMMA"];
  return unbroken(caller, { url }, (response) => csvRows(response, delimiter));
}

/** A value of an upload as it was given. What is empty was not. */
const valueWritten = (text: string): unknown => text === "#N/A" ? null : text || undefined;

/** Such as `REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --`. */
function jobError(text: string): RecordError {
  const end = text.lastIndexOf(":");
  const [code = ""] = /^\w+(?=:)/.exec(text) ?? [];
  const fields = end > code.length ? text.slice(end + 1).replace(/--\s*$/, "").trim() : "";
  return {
    code,
    message: withoutSecrets(end > code.length ? text.slice(code.length + 1, end) : text),
    fields: fields ? fields.split(/[\s,]+/) : [],
  };
}

interface Column {
  name: string;
  /** Makes a value of its text; `undefined` leaves it out. */
  read: (text: string) => unknown;
}

/** The record of a row, whose own columns begin at one of them. */
function recordOf(columns: Column[], row: string[], from = 0): SObject {
  const record = {};
  for (let i = from; i < columns.length; i++) {
    const { name, read } = columns[i]!;
    const value = read(row[i] ?? "");
    if (value !== undefined) put(record, name, value);
  }
  return record;
}

/** Puts a value where its name says: `Owner.Name` in an object of its own. */
function put(record: SObject, name: string, value: unknown): void {
  const dot = name.indexOf(".");
  if (dot < 0) record[name] = value;
  else put(record[name.slice(0, dot)] ??= {}, name.slice(dot + 1), value);
}

// CSV: cut by its quotes and line ends, read and written by a library.

/** CSV of whole records, and the header that they belong to. */
interface CsvPiece {
  header: Uint8Array;
  csv: Uint8Array;
  records: number;
}

type Upload = Omit<CsvPiece, "header">;

/**
 * Packs records into uploads; another header begins another upload. Each is in the same memory: it must
 * be sent before the next is asked for.
 */
async function* packed(
  pieces: AnyIterable<CsvPiece>,
  { uploadSize = DEFAULT_UPLOAD }: WriteOptions,
): AsyncGenerator<Upload> {
  const most = Math.min(LARGEST_UPLOAD, countOf("uploadSize", uploadSize, 1));
  let bytes = new Uint8Array(most);
  let size = 0, records = 0;
  let last: Uint8Array | undefined;
  for await (const { header, csv, records: more } of pieces) {
    if (records && (header !== last || size + csv.length > most)) {
      yield { csv: bytes.subarray(0, size), records };
      size = records = 0;
    }
    for (const part of records ? [csv] : [header, csv]) {
      if (size + part.length > bytes.length) bytes = concat(bytes, part); // for a huge record
      bytes.set(part, size);
      size += part.length;
    }
    records += more;
    last = header;
  }
  if (records) yield { csv: bytes.subarray(0, size), records };
}

/** Records as CSV. A field that comes up later makes the header wider. */
async function* csvOf(records: AsyncIterable<unknown>, write: Write): AsyncGenerator<CsvPiece> {
  const isDelete = write.operation === "delete";
  const toCsv = await csvWriter(write.options);
  const columns = new Map<string, number>();
  let header = toCsv([]);
  for await (const lot of inLots(records, CSV_LOT)) {
    const known = columns.size;
    const rows = lot.map((record) => {
      const row = new Array<string>(columns.size);
      fillRow(row, columns, isDelete ? { Id: idOf(record) } : record as object);
      if (row.findIndex((value) => value !== undefined) >= 0) return row;
      throw new SettingsError(
        "Cannot write a record without any field by a job: CSV has no form for it.",
        "Leave it out, or give it a field; null empties one.",
      );
    });
    for (const row of rows) row.length = columns.size;
    if (columns.size > known) header = toCsv([[...columns.keys()]]);
    yield { header, csv: toCsv(rows), records: rows.length };
  }
}

/** Puts a record's values where their columns are: what empties a field by REST does so here. */
function fillRow(row: string[], columns: Map<string, number>, record: object, parent = ""): void {
  for (const name of Object.keys(record)) {
    const value: unknown = (record as SObject)[name];
    if (name === "attributes" || value === undefined) continue;
    const column = parent + name;
    if (typeof value === "object" && value !== null && !(value instanceof Date)) {
      if (parent || Array.isArray(value)) {
        throw new SettingsError(
          `Cannot write the field ${column}: a list or an object has no form in CSV.`,
          "A parent is named by one external id, a multi-select picklist by text such as A;B.",
        );
      }
      // A parent that can be of several objects: `Account:What.External_Id__c`.
      const type = (value as SObject).attributes?.type;
      fillRow(row, columns, value, type ? `${type}:${name}.` : `${name}.`);
      continue;
    }
    const at = columns.get(column) ?? columns.size;
    columns.set(column, at);
    if (value === null || value === "") row[at] = "#N/A";
    else row[at] = value instanceof Date ? value.toISOString() : String(value);
  }
}

const QUOTE = 0x22, LF = 0x0a, CR = 0x0d;

/** CSV as it comes, cut where records end. */
async function* csvInPieces(chunks: AnyIterable<Uint8Array>): AsyncGenerator<CsvPiece> {
  let header: Uint8Array | undefined;
  let rest: Uint8Array[] = [];
  let quoted = false;
  for await (const piece of inPieces(chunks)) {
    let start = 0, end = 0, records = 0;
    for (let i = 0; i < piece.length; i++) {
      if (piece[i] === QUOTE) quoted = !quoted;
      if (piece[i] !== LF || quoted) continue;
      end = i + 1;
      if (header) records++;
      else {
        header = withoutByteOrderMark(concat(...rest, piece.subarray(0, end)));
        rest = [];
        start = end;
      }
    }
    if (records) {
      yield { header: header!, csv: concat(...rest, piece.subarray(start, end)), records };
      rest = [];
    }
    rest.push(piece.slice(end));
  }
  const csv = concat(...rest);
  if (header && csv.length) yield { header, csv, records: 1 };
  if (header || csv.indexOf(CR) < 0) return; // without a line end it is a header, or nothing
  throw new SettingsError(
    "The lines of the CSV end with CR alone, which Salesforce does not take.",
    "Save it with LF or CR LF at the end of each line.",
  );
}

const withoutByteOrderMark = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

/** Bytes a little at a time, so that what is made of them stays small. */
async function* inPieces(chunks: AnyIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += CSV_PIECE) yield chunk.subarray(at, at + CSV_PIECE);
  }
}

/** A stream of what a generator gives, which is asked for no more than is read. */
function readable(bytes: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await bytes.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void await bytes.return(undefined),
  }, { highWaterMark: 0 });
}

/** The rows of CSV in an answer. */
async function* csvRows(response: Response, delimiter: string): AsyncGenerator<string[][]> {
  const { Parser } = await papa();
  const decoder = new TextDecoder();
  let parser: CsvParser | undefined;
  let rest = "";
  for await (const piece of inPieces(chunksOf(response.body))) {
    rest += decoder.decode(piece, { stream: true });
    const end = rest.indexOf("\n");
    if (end < 0) continue;
    parser ??= new Parser({ delimiter, newline: rest[end - 1] === "\r" ? "\r\n" : "\n" });
    const { data, meta } = parser.parse(rest, 0, true);
    rest = rest.slice(meta.cursor);
    if (data.length) yield data;
  }
  parser ??= new Parser({ delimiter, newline: "\n" });
  if (rest) yield parser.parse(rest, 0, false).data;
}

/** Writes rows as CSV. */
type CsvWriter = (rows: string[][]) => Uint8Array;

async function csvWriter({ delimiter = "," }: WriteOptions): Promise<CsvWriter> {
  const { unparse } = await papa();
  const encoder = new TextEncoder();
  const format = { delimiter, newline: "\n", header: false };
  return (rows) => encoder.encode(unparse(rows, format) + "\n");
}

function nameOfDelimiter(delimiter = ","): string {
  const [name] = Object.entries(DELIMITERS).find(([, text]) => text === delimiter) ?? [];
  if (name) return name;
  throw new SettingsError(
    `Cannot read CSV with the delimiter ${JSON.stringify(delimiter)}.`,
    "Salesforce knows , ; | ^ ` and the tab.",
  );
}

/** Of Papa Parse, what is used here: its parse() makes ten times the garbage of the parser behind it. */
interface Papa {
  Parser: new (format: { delimiter: string; newline: string }) => CsvParser;
  unparse(rows: string[][], format: object): string;
}

interface CsvParser {
  /** Where the text is open, its last record may not be whole: it is left, and begins at `cursor`. */
  parse(text: string, from: number, open: boolean): { data: string[][]; meta: { cursor: number } };
}

const NPM_PAPA: string = "npm:papaparse@^5";

/** Loaded here only, and found as {@linkcode jose} is. */
const papa = async (): Promise<Papa> => {
  // @ts-ignore: its types are another package
  const module = await import("papaparse").catch((cause) =>
    import(NPM_PAPA).catch(() => {
      throw cause;
    })
  );
  return module.default ?? module;
};

/** What a URL answers; it may have been asked for already. */
interface Asked {
  url: string;
  answer?: Promise<Response> | undefined;
}

/** Reads an answer in parts. Where the connection breaks it is asked for again, and read on. */
async function* unbroken<P extends { length: number; slice(start: number): P }>(
  caller: Caller,
  { url, answer }: Asked,
  partsOf: (response: Response) => AnyIterable<P>,
): AsyncGenerator<P> {
  let given = 0;
  for (let attempt = 0;; attempt++) {
    let seen = 0;
    try {
      const response = await (answer ?? fetchFor(caller, url));
      for await (const part of partsOf(response)) {
        const skip = Math.min(part.length, Math.max(0, given - seen));
        seen += part.length;
        if (skip === part.length) continue;
        given = seen;
        attempt = 0;
        yield skip ? part.slice(skip) : part;
      }
      return;
    } catch (error) {
      if (attempt >= DEFAULT_RETRIES || !mayPass(error)) throw error;
      answer = undefined;
      await sleep(backoff(attempt), caller.signal);
    }
  }
}

// Queries.

/** A query by a job: `start` creates the job, or finds the one to go on with. */
function bulkQuery<T>(
  session: Session,
  options: BulkQueryOptions,
  start: () => Promise<JobInfo>,
): BulkQuery<T> {
  const caller = { session, signal: options.signal ?? null };
  const started = once(async (): Promise<Job> => {
    const info = await start();
    return { kind: "query", id: info.id, info };
  });
  const ended = once(async () => await resultOf(caller, await started(), options));

  async function* rows(): AsyncGenerator<T, void, void> {
    let columns: Column[] | undefined;
    for await (const page of resultPages(caller, await ended())) {
      let header: string[] | undefined;
      for await (const part of unbroken(caller, page, wholePage)) {
        header ??= part.shift()!;
        columns ??= options.typed
          ? await typedColumns(caller, (await ended()).info!.object, header)
          : header.map((name) => ({ name, read: (text) => text }));
        for (const row of part) yield recordOf(columns, row) as T;
      }
    }
  }

  async function* bytes(): AsyncGenerator<Uint8Array> {
    let inHeader = false; // of a page after the first
    for await (const page of resultPages(caller, await ended())) {
      for await (let part of unbroken(caller, page, ({ body }) => chunksOf(body))) {
        if (inHeader) {
          const end = part.indexOf(LF); // no name of a column has one in it
          if (end < 0) continue;
          part = part.subarray(end + 1);
          inHeader = false;
        }
        if (part.length) yield part;
      }
      inHeader = true;
    }
  }

  return {
    jobId: async () => (await started()).id,
    csv: () => readable(bytes()),
    deleteJob: async () => await deleteJob(session, await started()),
    [Symbol.asyncIterator]: rows,
  };
}

/** The job of a query, once its result is there. */
async function resultOf(caller: Caller, job: Job, { onProgress }: BulkQueryOptions): Promise<Job> {
  try {
    await untilEnded(caller, [job], ({ state, numberRecordsProcessed: processed = 0 }) => {
      onProgress?.({ jobs: [job.id], state, sent: 0, processed, failed: 0 });
    });
  } catch (error) {
    if (caller.signal?.aborted) await abortJob(caller, job);
    throw error;
  }
  if (job.info!.state === "JobComplete") return job;
  if (job.info!.state === "Failed") throw failedJob(job.info!);
  throw new SfetchError(`The job ${job.id} was aborted.`, "Run the query again.");
}

/** The pages of a result in order, some of them asked for before they are read. */
async function* resultPages({ session, signal }: Caller, job: Job): AsyncGenerator<Asked> {
  const left = new AbortController();
  const either = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  const ahead: Asked[] = [];
  try {
    for await (const page of askedPages({ session, signal: either }, job)) {
      ahead.push(page);
      if (ahead.length > PAGES_AHEAD) yield ahead.shift()!;
    }
    yield* ahead;
  } finally {
    left.abort();
  }
}

/** Asks for the pages: Salesforce names them beforehand, or each names the one after it. */
async function* askedPages(caller: Caller, job: Job): AsyncGenerator<Asked> {
  const ask = (url: string) => {
    const answer = fetchFor(caller, url);
    answer.catch(() => {}); // its failure is thrown when its turn comes
    return { url, answer };
  };
  const base = resultPath(job);
  if (job.info!.apiVersion >= RESULT_PAGES_SINCE) {
    for (let next: string | undefined = `${base}/resultPages`; next;) {
      const pages: ResultPages = await fetchFor(caller, next).json() ?? {};
      for (const { resultUrl } of pages.resultPages ?? []) yield ask(resultUrl);
      if (!pages.done && !pages.nextRecordsUrl) throw incompleteResult(undefined);
      next = pages.done ? undefined : pages.nextRecordsUrl;
    }
    return;
  }
  for (let locator: string | null = ""; locator !== "null";) {
    const page = ask(`${base}/results${locator && `?locator=${encodeURIComponent(locator)}`}`);
    yield page;
    locator = (await page.answer).headers.get("sforce-locator");
    if (!locator) throw incompleteResult(undefined);
  }
}

/** The rows of a page, the header first. Salesforce says how many they are. */
async function* wholePage(response: Response): AsyncGenerator<string[][]> {
  let rows = -1; // the header
  for await (const part of csvRows(response, ",")) {
    rows += part.length;
    yield part;
  }
  const expected = response.headers.get("sforce-numberofrecords");
  if (expected === null || rows === Number(expected)) return;
  throw new SfetchError(
    `A page of the result has ${rows} rows, and should have ${expected}.`,
    "Something between here and Salesforce cuts answers. Run the query again.",
  );
}

/** The columns with how describe wants their values read. */
async function typedColumns(caller: Caller, object: string, header: string[]): Promise<Column[]> {
  const describe = once((name: string) =>
    fetchFor(caller, `/sobjects/${name}/describe`).json<Describe>()
  );
  return await Promise.all(header.map(async (name) => {
    const path = name.split(".");
    let fields = (await describe(object))!.fields;
    for (const step of path.slice(0, -1)) {
      const parent = fields.find(({ relationshipName }) => relationshipName === step);
      const [type] = parent?.referenceTo ?? [];
      fields = type ? (await describe(type))!.fields : [];
    }
    const type = fields.find((field) => field.name === path.at(-1))?.type ?? "string";
    return { name, read: valueReader(type) };
  }));
}

/** Of a `/resultPages` answer, what is used here. */
interface ResultPages {
  resultPages?: { resultUrl: string }[];
  nextRecordsUrl?: string;
  done?: boolean;
}

/** Of a describe, what is used here. */
interface Describe {
  fields: { name: string; type: string; relationshipName: string | null; referenceTo: string[] }[];
}

function valueReader(type: string): (text: string) => unknown {
  const isNumber = /^(int|long|double|currency|percent)$/.test(type);
  if (isNumber) return (text) => text === "" ? null : Number(text);
  if (type === "boolean") return (text) => text === "" ? null : text === "true";
  return (text) => text === "" ? null : text;
}

async function resumeJob(
  session: Session,
  id: string,
  options: ResumeOptions,
): Promise<WriteResult | BulkQuery> {
  if (!/^\w{15}(\w{3})?$/.test(id)) {
    throw new SettingsError(`"${id}" is not the id of a job.`, "It begins with 750.");
  }
  const caller = { session, signal: options.signal ?? null };
  const job: LoadJob = { kind: "ingest", id, records: 0, takenOver: 0 };
  const info = await lookAt(caller, job).catch((error) => {
    if (error instanceof SalesforceError && error.status === 404) return undefined;
    throw error;
  });
  if (!info || info.operation.startsWith("query")) {
    const query = await lookAt(caller, { kind: "query", id });
    return bulkQuery(session, options, () => Promise.resolve(query));
  }
  if (info.state === "Open") {
    throw new SfetchError(
      `The job ${id} is open: its upload was not completed, and nothing of it is written.`,
      "Load its records again. The open job does no harm; Salesforce deletes it after seven days.",
    );
  }
  const { operation, object, externalIdFieldName: key } = info;
  const write = { ...caller, operation, object, key, options } as Write;
  job.records = info.numberRecordsProcessed ?? 0;
  return await load(write, [], [job]);
}

// ── Errors ───────────────────────────────────────────────────────────────────────────────────────

/**
 * The base class of all errors of this module. The first line of the message says what happened, the
 * others what to do. It never contains a token, an assertion, a key or a passphrase.
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
    [message, hint] = [harmless(message), harmless(hint)]; // values of callers and servers are in both
    super(hint ? `${message}\n${hint}` : message, details);
    Object.assign(this, details);
    setHidden(this, "name", this.constructor.name);
    setHidden(this, "hint", hint);
    setHidden(this, "stack", withoutOwnFrames(this.stack)); // begins with the name
  }

  /** How a notebook shows it. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    const [first, ...rest] = this.message.split("\n");
    const html = `<b>${escapeHtml(`${this.name}: ${first}`)}</b>` +
      `<pre style="white-space:pre-wrap;margin:0">${escapeHtml(rest.join("\n"))}</pre>`;
    return { "text/plain": `${this.name}: ${this.message}`, "text/html": html };
  }
}

/** Sets a property that a console does not print: the message has it already. */
const setHidden = (target: object, name: string, value: unknown): unknown =>
  Object.defineProperty(target, name, { value, writable: true, configurable: true });

/**
 * An error of work that was not awaited where it was asked for, with the frames of that place, which `asked` holds.
 * Its stack is read only here: for the first one that is read, Deno takes 4 ms.
 */
function calledFrom(asked: Error, error: unknown): unknown {
  if (error instanceof SfetchError) {
    const [, ...frames] = withoutOwnFrames(asked.stack)?.split("\n") ?? [];
    error.stack = [`${error}`, ...frames].join("\n");
  }
  return error;
}

/** What is left of a stack is the caller's code: where in this file an error was made helps nobody find its cause. */
function withoutOwnFrames(stack: string | undefined): string | undefined {
  const { url } = import.meta;
  if (!/\/mod\.[jt]s$/.test(url)) return stack; // in a bundle, the caller's code is in the same file
  const own = url.replace("file://", "") + ":"; // Bun writes paths, the others URLs
  return stack?.split("\n").filter((line) => !line.includes(own)).join("\n");
}

/**
 * A setting is missing or cannot be used. The message names it and where it came from, or every place
 * that was searched.
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
 * There was no answer: the host is unknown or refused the connection, the connection broke, or the time
 * ran out.
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
  /** Whether the time ran out. */
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
  /** The `error` of RFC 6749, such as `"invalid_grant"`; `"unexpected_response"` if it was not an OAuth answer. */
  declare readonly error: string;
  /** The `error_description` of RFC 6749. */
  declare readonly description: string;
  /** HTTP status. */
  declare readonly status: number;
  /** The login URL. */
  declare readonly host: string;
  /** Each audience that was tried, and what Salesforce said to it. */
  declare readonly attempts: readonly { audience: string; error: string; description: string }[];
  /** The server's time by its `Date` header, in milliseconds since the epoch. */
  declare readonly serverTime?: number | undefined;

  /** Made by this module. */
  constructor(message: string, hint: string, details: Omit<OAuthError, keyof SfetchError>) {
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
  /** The fields that the first error names. */
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
    { headers, ...details }: Omit<SalesforceError, keyof SfetchError | "errorCode" | "fields">,
  ) {
    const { errorCode = "", fields = [] } = details.errors[0] ?? {};
    super(message, hint, { ...details, errorCode, fields });
    const masked = new Headers();
    for (const [name, value] of headers) masked.append(name, withoutSecrets(value));
    setHidden(this, "headers", masked);
  }
}

// ══ Appendix ═════════════════════════════════════════════════════════════════════════════════════

// ── Where settings come from ─────────────────────────────────────────────────────────────────────

const PRODUCTION_LOGIN = "https://login.salesforce.com";
const SANDBOX_LOGIN = "https://test.salesforce.com";

/**
 * The settings in force, and where each was found, as {@linkcode Session.settings} returns them.
 * Printing them shows no secret: read the private key, passphrase and access token by their names.
 */
export interface Settings
  extends Omit<SessionOptions, "cache" | "fetch" | "onWarning" | "iss" | "sub" | "aud"> {
  /** Origin (and path, for an Experience Cloud site) of the token endpoint. */
  loginUrl: string;
  /** `"67.0"`, or `"latest"`. */
  apiVersion: string;
  /** Hosts outside Salesforce's domains that may receive an assertion or a token. */
  allowHost?: string[] | undefined;
  /** Setting → where it came from, such as `"SF_CLIENT_ID"` or `"default"`. */
  sources: Record<string, string>;
}

type SettingName = Exclude<keyof Settings, "sources">;

/** What messages call each setting, and the variables that give it. The first one is the one to use. */
const SETTINGS: Record<SettingName, [title: string, ...variables: string[]]> = {
  clientId: ["clientId", "SF_CLIENT_ID"],
  username: ["username", "SF_USERNAME"],
  privateKey: ["privateKey", "SF_PRIVATE_KEY"],
  privateKeyFile: ["privateKeyFile", "SF_PRIVATE_KEY_FILE"],
  passphrase: ["passphrase", "SF_PRIVATE_KEY_PASSPHRASE"],
  loginUrl: ["login URL", "SF_LOGIN_URL"],
  audience: ["audience", "SF_AUDIENCE_URL"],
  accessToken: ["access token", "SF_ACCESS_TOKEN"],
  instanceUrl: ["instance URL", "SF_INSTANCE_URL", "SF_ORG_INSTANCE_URL"],
  apiVersion: ["API version", "SF_API_VERSION", "SF_ORG_API_VERSION"],
  org: ["org", "SF_TARGET_ORG"],
  readOnly: ["readOnly", "SF_READ_ONLY"],
  allowHost: ["allowHost"], // no variable: a `.env` file of a cloned project must not add trusted hosts
};

const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];
const SIGN_IN = ["clientId", "username", "privateKey", "privateKeyFile", "accessToken"] as const;

/** The settings that one place gives; `source` is what messages call the place. */
type Place = { [name in SettingName]?: { value: unknown; source: string } | undefined };

/**
 * Options and the environment complete each other: both belong to whoever runs the script. An org
 * is taken whole: of the environment, only what says nothing about where to sign in and as whom.
 */
async function findSettings(options: SessionOptions): Promise<Settings> {
  const given = placeOfOptions(options);
  const environment = placeOfEnvironment();
  const isGiven = givesSignIn(given);
  const named = given.org ?? (isGiven || environment.accessToken ? undefined : environment.org);
  if (named) {
    const org = await readOrg(named.value as string);
    if (!org) throw unknownOrg(named.value as string);
    const { passphrase, apiVersion, readOnly } = environment;
    return settle([given, { passphrase, apiVersion, readOnly }, placeOfOrg(org)]);
  }
  if (isGiven && !given.accessToken) {
    // A token that happens to be set does not replace the sign-in that a call gives.
    environment.accessToken = environment.instanceUrl = undefined;
  }
  if (isGiven || givesSignIn(environment)) return settle([given, environment]);
  const org = await readOrg();
  if (!org) return settle([given, environment]);
  refuseOverride(environment, org);
  return settle([given, environment, placeOfOrg(org)]);
}

const givesSignIn = (place: Place): boolean => SIGN_IN.some((name) => place[name]);

function placeOfOptions({ iss, sub, aud, ...options }: SessionOptions): Place {
  const values = { clientId: iss, username: sub, audience: aud, ...options };
  return placeWith(values, (name) => `option ${name}`);
}

function placeOfEnvironment(): Place {
  const place: Place = {};
  for (const [name, [, ...variables]] of Object.entries(SETTINGS)) {
    const variable = variables.find((variable) => env(variable)?.trim());
    if (variable) Object.assign(place, placeWith({ [name]: env(variable) }, () => variable));
  }
  return place;
}

function placeOfOrg({ name, file, instanceUrl: _instanceUrl, ...org }: KnownOrg): Place {
  return placeWith({ ...org, org: name }, () => `org "${name}" (${file})`);
}

function placeWith(
  values: Partial<Record<SettingName, unknown>>,
  sourceOf: (name: SettingName) => string,
): Place {
  const place: Place = {};
  for (const name of SETTING_NAMES) {
    const [value, source] = [values[name] ?? "", sourceOf(name)];
    const cleaned = value !== "" && cleanValue(name, value, source);
    if (cleaned) place[name] = { value: cleaned, source };
  }
  return place;
}

/** The settings in force: each from the nearest place that gives it. */
function settle(places: Place[]): Settings {
  const found: Place = {};
  for (const name of SETTING_NAMES) found[name] = places.find((place) => place[name])?.[name];
  // The key is one setting in two forms.
  const { privateKey, privateKeyFile } =
    places.find((one) => one.privateKey || one.privateKeyFile) ?? {};
  Object.assign(found, { privateKey, privateKeyFile: privateKey ? undefined : privateKeyFile });
  found.loginUrl ??= found.instanceUrl ?? { value: PRODUCTION_LOGIN, source: "default" };
  found.apiVersion ??= { value: API_VERSION, source: "default" };
  const sources: Settings["sources"] = {};
  const values: Record<string, unknown> = { sources };
  for (const [name, one] of Object.entries(found)) {
    if (one) [values[name], sources[name]] = [one.value, one.source];
  }
  const settings = values as unknown as Settings;
  const { allowHost } = settings;
  settings.loginUrl = loginUrlOf(settings.loginUrl, sources.loginUrl!, allowHost);
  settings.apiVersion = apiVersionOf(settings.apiVersion, sources.apiVersion!);
  if (settings.audience) settings.audience = settings.audience.replace(/\/+$/, "");
  if (settings.accessToken) {
    if (!settings.instanceUrl) throw missing(settings, "instanceUrl");
    settings.accessToken = accessTokenOf(settings.accessToken, sources.accessToken!);
    settings.instanceUrl = originOf(settings.instanceUrl, sources.instanceUrl!, allowHost);
  }
  for (const secret of ["privateKey", "passphrase", "accessToken"] as const) {
    const value = settings[secret]; // Bun prints what is not enumerable, but calls no getter
    if (value) Object.defineProperty(settings, secret, { get: () => value, enumerable: false });
  }
  return settings;
}

/** Bun reads a `.env` file of the current folder by itself, which may be somebody else's project. */
function refuseOverride(environment: Place, org: KnownOrg): void {
  const allowHost = [org.allowHost ?? []].flat();
  const own = loginUrlOf(org.loginUrl ?? PRODUCTION_LOGIN, org.file, allowHost);
  for (const name of ["loginUrl", "instanceUrl", "audience"] as const) {
    const { value, source } = environment[name] ?? {};
    if (!source) continue;
    if (name !== "audience" && loginUrlOf(`${value}`, source, allowHost) === own) continue;
    throw new SettingsError(
      `${source} is set, but the sign-in would be that of the default org "${org.name}" (${org.file}), which has its own address.`,
      `Unset ${source} to use that org as it is saved, or name it: SF_TARGET_ORG=${org.name}. A .env file in this folder may set the variable. To sign in somewhere else, also set SF_CLIENT_ID, SF_USERNAME and SF_PRIVATE_KEY_FILE.`,
    );
  }
}

// Cleaning, the same for every place.

/** A reference to a variable that a tool did not replace: `$(NAME)`, `${NAME}`, `${{ … }}`, `{{NAME}}`, `%NAME%`. */
const UNRESOLVED = /^(\$\([\w.-]+\)|\$\{\{?[^{}]*\}\}?|\{\{[^{}]*\}\}|%\w+%|\$[A-Z_]+)$/;

const USE_MY_DOMAIN =
  'Use the org\'s My Domain URL, such as https://acme.my.salesforce.com, or "production" or "sandbox".';

/** Where a secret belongs that was put into the wrong setting. */
const SECRET_FIXES = {
  "a key":
    "Put the text of a key into SF_PRIVATE_KEY (option privateKey), and the name of its file into SF_PRIVATE_KEY_FILE (option privateKeyFile).",
  "a part of a key":
    "Give the name of the key's file by SF_PRIVATE_KEY_FILE (option privateKeyFile), or its whole text by SF_PRIVATE_KEY (option privateKey).",
  "an access token": "Put a token into SF_ACCESS_TOKEN (option accessToken).",
  "a refresh token": "sfetch signs in with a key of its own: sfetch login",
  "an auth URL of the sf CLI":
    "Give the org's My Domain URL, and sign in with a key of its own: sfetch login",
  "a URL with a user name or password": USE_MY_DOMAIN,
};

/** An error about a value that cannot be used, without the value. */
const badSetting = (name: SettingName, source: string, why: string, fix: string): SettingsError =>
  new SettingsError(`The ${SETTINGS[name][0]} from ${source} ${why}.`, fix);

function cleanValue(name: SettingName, value: unknown, source: string): unknown {
  if (name === "allowHost") return [value].flat().map((host) => hostNameOf(host, source));
  if (name === "readOnly") return booleanOf(value, source);
  if (typeof value === "number" || value instanceof URL) value = String(value);
  if (name === "privateKey" && typeof value !== "string") return value;
  if (typeof value !== "string") {
    throw badSetting(name, source, "is not text", "Give it as a string.");
  }
  const text = name === "passphrase"
    ? value.replace(/[\r\n]+$/, "") // spaces and quotes may belong to it
    : value.replace(/[\u200B-\u200D\u2060\uFEFF]/g, "").trim()
      .replace(/^(["'`“‘„])([^]*)["'`”’“]$/, "$2").trim();
  if (UNRESOLVED.test(text)) {
    const why = `is ${text}: the tool that sets it did not replace the variable`;
    const fix = "Check the variable's name and whether it is available in this step or shell.";
    throw badSetting(name, source, why, fix);
  }
  if (!["privateKey", "passphrase", "accessToken"].includes(name)) {
    const what = secretIn(text) ?? (/^\{\s*"/.test(text) ? "a key" : undefined); // a JWK
    const isConsumerKey = name === "clientId" && what === "a part of a key"; // of a kind not seen before
    if (what && !isConsumerKey) {
      throw badSetting(name, source, `is ${what}. It is not shown here`, SECRET_FIXES[what]);
    }
  }
  if (name === "privateKeyFile") return fileNameOf(text, source);
  if (/^(clientId|username|audience)$/.test(name) && /[\s\p{Cc}]/u.test(text)) {
    const why = "is invalid: it contains spaces or control characters";
    throw badSetting(name, source, why, "Copy it again, whole and on one line.");
  }
  return text;
}

/** A file's name may be a `file:` URL or begin with `~/`. Key text in its place is not a name, and not shown. */
function fileNameOf(text: string, source: string): string {
  if (/[\r\n\0]/.test(text) || text.length > 1000) {
    const why = "is not a file name. It is not shown here";
    throw badSetting("privateKeyFile", source, why, SECRET_FIXES["a key"]);
  }
  if (text.startsWith("~/")) return `${homeFolder() ?? "~"}${text.slice(1)}`;
  if (!/^file:/i.test(text)) return text;
  try {
    const path = decodeURIComponent(new URL(text).pathname);
    return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path; // Windows: /C:/keys/server.key
  } catch {
    const fix =
      "Give a path, such as /home/me/server.key, or a URL such as file:///home/me/server.key.";
    throw badSetting("privateKeyFile", source, "is an invalid file: URL", fix);
  }
}

function booleanOf(value: unknown, source: string): boolean {
  const word = String(value).trim().toLowerCase();
  if (["1", "true", "yes", "on"].includes(word)) return true;
  if (["0", "false", "no", "off", ""].includes(word)) return false;
  throw badSetting("readOnly", source, "is not true or false", "Use 1 or 0.");
}

function apiVersionOf(value: string, source: string): string {
  const [, version] = /^v?(\d{2,3})(?:\.0)?$/i.exec(value) ?? [];
  if (version) return `${version}.0`;
  if (value.toLowerCase() === "latest") return "latest";
  const fix = `Use a number such as "${API_VERSION}", or "latest".`;
  throw badSetting("apiVersion", source, "is invalid", fix);
}

/** Refuses what does not fit a header, because the runtime's own error would show the token. */
function accessTokenOf(value: string, source: string): string {
  if (/^(00D\w{9,15}![\w.]+|eyJ[\w-]*\.[\w-]+\.[\w-]*)$/.test(value)) return value; // a session's id, or a JWT
  let fix =
    "Copy it again, whole and on one line. Tools often show tokens masked or wrapped over several lines.";
  let why: string;
  const what = secretIn(value);
  if (!/^[!-~]+$/.test(value)) why = "it contains spaces or characters that a header cannot hold";
  else if (/\*{3}|REDACTED/i.test(value)) why = "it is masked";
  else if (/^3MVG/.test(value)) {
    why = "it is a consumer key";
    fix = "A consumer key belongs in SF_CLIENT_ID (option clientId).";
  } else if (what && what !== "an access token" && what !== "a part of a key") {
    why = `it is ${what}`;
    fix = SECRET_FIXES[what];
  } else if (/["\\{}<>%]|:\/\//.test(value)) why = "it is within a URL or JSON, or escaped";
  else return value;
  throw badSetting("accessToken", source, `is not an access token: ${why}`, fix);
}

// Hosts.

/** Host endings of pages that people copy from the address bar → the My Domain host of the API. */
const NOT_API_HOSTS: [RegExp, string][] = [
  [/\.mcas\.ms$/, ""],
  [/\.lightning\.force\.com$/, ".my.salesforce.com"],
  [/\.lightning\.crmforce\.mil$/, ".my.salesforce.mil"],
  [/\.lightning\.sfcrmapps\.cn$/, ".my.sfcrmproducts.cn"],
  [/\.my\.salesforce-setup\.com$/, ".my.salesforce.com"],
  [/--\w+(\.\w+)?\.vf\.force\.com$/, "$1.my.salesforce.com"],
  [/--\w+\.\w+\.visual\.force\.com$/, ".my.salesforce.com"],
];

/** Salesforce's own domains, matched with the dot in front: `evilforce.com` is not one of them. */
const SALESFORCE_HOST =
  /(^|\.)(salesforce|force|cloudforce|database|site|salesforce-sites|salesforce-setup|visualforce)\.com$|(^|\.)(salesforce|cloudforce|crmforce|force|visualforce)\.mil$|(^|\.)(sfcrmproducts|sfcrmapps)\.cn$/;

/** Hosts whose login pages have a path: Experience Cloud sites. */
const SITE_HOST = /\.site\.com$|\.salesforce-sites\.com$|\.force\.com$/;

/** Pages of a site that people copy as its address. */
const SITE_PAGE = /\/(s|login|services|secur|apex|_ui)(\/.*)?$/;

const withScheme = (address: string): string =>
  /^\w+:\/\//.test(address) ? address : `https://${address}`;

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

/** Returns the URL that signs in. It must be https or loopback, and its host one that may receive an assertion. */
function loginUrlOf(
  value: string,
  source: string,
  allowHost: string[] = [],
  name: SettingName = "loginUrl",
): string {
  const word = value.toLowerCase();
  if (word === "production" || word === "login") return PRODUCTION_LOGIN;
  if (word === "sandbox" || word === "test") return SANDBOX_LOGIN;
  const bad = (why: string, fix = USE_MY_DOMAIN) => badSetting(name, source, why, fix);
  const url = urlOf(withScheme(value));
  if (!url) throw bad("is not a URL");
  if (url.username || url.password) throw bad("contains a user name or password");
  const local = isLoopback(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && local)) throw bad("is not https");
  const host = NOT_API_HOSTS.reduce((host, [end, fixed]) => host.replace(end, fixed), url.hostname);
  const allowed = allowHost.includes(host);
  if (!local && !allowed && !SALESFORCE_HOST.test(host)) {
    if (host === word && !host.includes(".")) throw bad("is not a URL");
    throw bad(
      `is not one of Salesforce's own domains: ${host}`,
      `Use the org's My Domain, https://NAME.my.salesforce.com. If you trust ${host} with the sign-in, allow it: in code by the option allowHost: "${host}", for a command by --allow-host ${host}. The environment cannot allow it.`,
    );
  }
  const path = SITE_HOST.test(host) || allowed
    ? url.pathname.replace(SITE_PAGE, "").replace(/\/+$/, "")
    : "";
  return `${url.protocol}//${host}${url.port && `:${url.port}`}${path}`;
}

/** The origin of an instance URL; only a login URL may have a path (Experience Cloud). */
const originOf = (value: string, source: string, allowHost?: string[]): string =>
  new URL(loginUrlOf(value, source, allowHost, "instanceUrl")).origin;

function hostNameOf(value: unknown, source: string): string {
  const url = urlOf(withScheme(String(value).trim()));
  if (url?.hostname && !secretIn(String(value))) return url.hostname;
  throw badSetting("allowHost", source, "is not a host name", 'For example: "login.acme.com".');
}

// What is missing.

/** What each required setting is. */
const NEEDED = {
  clientId:
    "the consumer key of your app (Setup > External Client App Manager > your app > Settings > OAuth Settings > Consumer Key and Secret)",
  username: "the Salesforce username to work as, which is not the email address",
  privateKey: "the private key whose certificate the app holds, as text or as a file",
  instanceUrl:
    "the org's own URL, such as https://acme.my.salesforce.com, which an access token needs",
};

/** Names everything that a sign-in lacks at once, before anything is read or sent. */
function requireSignIn(settings: Settings): void {
  const { clientId, username, privateKey = settings.privateKeyFile } = settings;
  const needed = { clientId, username, privateKey };
  const names = (Object.keys(needed) as (keyof typeof needed)[]).filter((name) => !needed[name]);
  if (names.length) throw missing(settings, ...names);
}

function missing({ org, sources }: Settings, ...names: (keyof typeof NEEDED)[]): SettingsError {
  const message = `Missing setting${names.length > 1 ? "s" : ""}: ${names.join(", ")}.`;
  if (org) {
    const fix = `The ${sources.org} is incomplete. Save it again: sfetch login ${org}`;
    return new SettingsError(message, fix);
  }
  const aliases: Partial<Record<SettingName, string>> = { clientId: " (iss)", username: " (sub)" };
  const lines = names.map((name) => {
    const forms: SettingName[] = name === "privateKey" ? [name, "privateKeyFile"] : [name];
    const options = `option ${forms.join(", ")}${aliases[name] ?? ""}`;
    const variables = forms.flatMap((form) => SETTINGS[form].slice(1))
      .map((variable) => env(variable) === undefined ? variable : `${variable} (set, but empty)`);
    const places = `${options}; environment ${variables.join(", ")}`;
    return `${name} is ${NEEDED[name]}.\n  Looked at: ${places}.`;
  });
  const orgs = 'saved by "sfetch login" or signed in by JWT with the sf CLI';
  const rest = SIGN_IN.some((name) => sources[name])
    ? `The default org, ${orgs}, is used only where no part of a sign-in is given. ` +
      "Set what is missing, or name an org (option org, --org), or run: sfetch login"
    : `There is no default org either, ${orgs}. Set what is missing, or run: sfetch login`;
  return new SettingsError(message, [...lines, rest].join("\n"));
}

// ── Saved orgs ───────────────────────────────────────────────────────────────────────────────────

/**
 * An org that the option `org` can name: saved by `sfetch login`, or signed in by JWT with the official
 * `sf` CLI. It contains no secret, only the name of the key file.
 */
export interface KnownOrg extends
  Pick<
    SessionOptions,
    | "clientId"
    | "username"
    | "privateKeyFile"
    | "loginUrl"
    | "audience"
    | "apiVersion"
    | "instanceUrl"
    | "allowHost"
    | "readOnly"
  > {
  /** The name it was saved under; for an org of the `sf` CLI its alias, or else its username. */
  name: string;
  /** The program that saved it. */
  source: "sfetch" | "sf";
  /** The file it was read from. */
  file: string;
  /** Kind of org, such as `"sandbox"`, as `sfetch login` found it. */
  kind?: string | undefined;
  /** The org's 18-character id, as `sfetch login` found it. */
  orgId?: string | undefined;
}

/**
 * Reads the org of this name, or the default org.
 *
 * The default is what `sfetch orgs --default` chose; otherwise the default org of the `sf` CLI: that of
 * the project (`.sf/config.json` in the nearest folder above the current one), then the user's.
 *
 * @param name Name under which the org was saved, or an alias or username of the `sf` CLI.
 * @returns The org, or `undefined` if there is none.
 * @throws {SettingsError} If its file cannot be read or is damaged, or if the `sf` CLI signed it in without a key.
 *
 * @example
 * ```ts
 * import { readOrg } from "./mod.ts";
 *
 * const org = await readOrg();
 * console.log(org?.name, org?.loginUrl);
 * ```
 */
export async function readOrg(name?: string): Promise<KnownOrg | undefined> {
  const wanted = name ?? await defaultOrgName();
  return wanted ? await readSavedOrg(wanted) ?? await readSfOrg(wanted) : undefined;
}

/**
 * Lists the orgs that the option `org` can name: saved ones first, then those of the `sf` CLI.
 *
 * @param onDamaged Called with the error of each file that cannot be read; that org is left out.
 *
 * @example
 * ```ts
 * import { listOrgs } from "./mod.ts";
 *
 * for (const { name, username } of await listOrgs()) console.log(name, username);
 * ```
 */
export async function listOrgs(
  onDamaged: (error: SettingsError) => void = () => {},
): Promise<(KnownOrg & { default: boolean })[]> {
  const orgs: KnownOrg[] = [];
  const add = async (read: Promise<KnownOrg | undefined>) => {
    try {
      const org = await read;
      if (org && !orgs.some(({ name }) => name === org.name)) orgs.push(org);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      onDamaged(error);
    }
  };
  for (const name of await jsonFilesIn(`${configFolder()}/orgs`)) await add(readSavedOrg(name));
  const aliases = await sfAliases();
  for (const username of await jsonFilesIn(sfFolder())) {
    const org = await readJson(sfFile(username)).catch(() => undefined);
    if (!org?.privateKey || org.username !== username) continue; // another file, or no sign-in by JWT
    const alias = Object.keys(aliases).find((alias) => aliases[alias] === username);
    await add(readSfOrg(alias ?? username));
  }
  const chosen = await defaultOrgName();
  return orgs.map((org) => ({ ...org, default: [org.name, org.username].includes(chosen) }));
}

/** The name of the org that is used where none is named. */
async function defaultOrgName(): Promise<string | undefined> {
  const read = (file: string) => readJson(file, { ask: false });
  const chosen = (await read(`${configFolder()}/config.json`))?.defaultOrg;
  if (chosen) return chosen;
  for (const folder of [...foldersAbove(), homeFolder() ?? ""]) {
    const config = await read(`${folder}/.sf/config.json`);
    const older = await read(`${folder}/.sfdx/sfdx-config.json`) ??
      await read(`${folder}/.sfdx/config.json`);
    const name = config?.["target-org"] ?? older?.defaultusername;
    if (isText(name)) return name;
  }
}

async function readSavedOrg(name: string): Promise<KnownOrg | undefined> {
  const file = `${configFolder()}/orgs/${name}.json`;
  const org = isFileName(name) && await readJson(file);
  return org ? checkOrg({ ...org, name, file, source: "sfetch" }) : undefined;
}

/** What `sf org login jwt` leaves in `~/.sfdx`: client id, key path and login URL in clear. */
async function readSfOrg(name: string): Promise<KnownOrg | undefined> {
  const username = (await sfAliases())[name] ?? name;
  const file = sfFile(username);
  const org = isFileName(username) && await readJson(file);
  if (!org) return;
  if (!org.privateKey) {
    throw new SettingsError(
      `The sf CLI signed "${name}" in without a JWT key (${file}), and keeps that token to itself.`,
      `Sign it in by JWT: sf org login jwt --username ${username} …, or: sfetch login ${name}`,
    );
  }
  const { clientId, privateKey: privateKeyFile, loginUrl } = org;
  return checkOrg({ name, file, source: "sf", clientId, username, privateKeyFile, loginUrl });
}

const sfFile = (username: string): string => `${sfFolder()}/${username}.json`;

/** Alias → username, for the orgs of the `sf` CLI. */
const sfAliases = async (): Promise<Record<string, string>> =>
  (await readJson(sfFile("alias")))?.orgs ?? {};

const isFileName = (name: unknown): name is string =>
  typeof name === "string" && /^(?!\.)[^/\\:\0]+$/.test(name);

/** Files are edited by hand, too. */
function checkOrg(org: KnownOrg): KnownOrg {
  const { clientId, username, privateKeyFile, loginUrl, audience, apiVersion } = org;
  const texts = { clientId, username, privateKeyFile, loginUrl, audience, apiVersion };
  const [wrong] = Object.entries<unknown>(texts).find(([, text]) => text && !isText(text)) ?? [];
  if (wrong) throw damagedFile(org.file, `has a ${wrong} that is not text`);
  return org;
}

function unknownOrg(name: string): SettingsError {
  const login = /^\w[\w@.+-]*$/.test(name) ? ` ${name}` : "";
  return new SettingsError(
    `No org named "${name}" is known.`,
    `Looked in ${configFolder()}/orgs and, for orgs that the sf CLI signed in by JWT, in ${sfFolder()}. List them with: sfetch orgs. Add one with: sfetch login${login}. On Deno, --allow-read of both folders is needed.`,
  );
}

const damagedFile = (file: string, what: string): SettingsError =>
  new SettingsError(`${file} ${what}.`, "Fix the file or remove it. sfetch did not change it.");

// ── Environment and files ────────────────────────────────────────────────────────────────────────

/** What each runtime has for environment and files; the cheapest to load is used. */
interface Runtime {
  Deno?: {
    env: { get(name: string): string | undefined };
    cwd(): string;
    readFile(path: string): Promise<Uint8Array>;
    readDir(path: string): AsyncIterable<{ name: string }>;
    permissions: { querySync(what: Record<string, string>): { state: string } };
  };
  Bun?: { file(path: string): { bytes(): Promise<Uint8Array> } };
  process?: {
    env: Record<string, string | undefined>;
    cwd(): string;
    execArgv?: string[];
    // deno-lint-ignore no-explicit-any -- not every user has Node's types
    getBuiltinModule?(name: string): any;
  };
}

/** Deno makes its `process` when that is first read, which costs it 12 ms: so it is asked last. */
const runtime = globalThis as unknown as Runtime;

/** An environment variable; `undefined` where there is no environment or no permission to read it. */
function env(name: string): string | undefined {
  try {
    return runtime.Deno ? runtime.Deno.env.get(name) : runtime.process?.env?.[name];
  } catch {
    return undefined;
  }
}

/**
 * Returns the user's home folder; `undefined` where there is none, as in a container without HOME and
 * without an entry for its user.
 *
 * @example
 * ```ts
 * import { homeFolder } from "./mod.ts";
 *
 * console.log(homeFolder());
 * ```
 */
export function homeFolder(): string | undefined {
  try {
    return env("HOME") || env("USERPROFILE") ||
      runtime.process?.getBuiltinModule?.("node:os")?.homedir();
  } catch {
    return undefined;
  }
}

/** Where `sfetch login` saves orgs, by the XDG base directory specification. */
const configFolder = (): string =>
  `${env("XDG_CONFIG_HOME") || `${homeFolder() ?? ""}/.config`}/sfetch`;

/** Where the `sf` CLI keeps its orgs. */
const sfFolder = (): string => `${homeFolder() ?? ""}/.sfdx`;

/** The current folder and those above it, the nearest first. */
function foldersAbove(): string[] {
  if (!mayRead(".")) return [];
  const folders: string[] = [];
  let folder = (runtime.Deno ?? runtime.process)?.cwd() ?? "";
  for (; folder; folder = folder.replace(/[\\/]?[^\\/]*$/, "")) folders.push(folder);
  return folders;
}

/** What Deno says of a permission; `undefined` on other runtimes. */
const permission = (what: Record<string, string>): string | undefined =>
  runtime.Deno?.permissions.querySync(what).state;

/** Whether a file may be read without Deno asking the user, who did not ask for that file. */
const mayRead = (path: string): boolean => permission({ name: "read", path }) !== "prompt";

/** The same for a variable. */
const mayReadVariable = (variable: string): boolean =>
  permission({ name: "env", variable }) !== "prompt";

/** Whether Deno lets this process connect to the URL's host. A Blob for any other host keeps the process alive. */
function mayConnect(url: string): boolean {
  const { hostname, port, protocol } = new URL(url);
  const host = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  return permission({ name: "net", host }) === "granted";
}

async function readFile(path: string): Promise<Uint8Array> {
  if (runtime.Deno) return await runtime.Deno.readFile(path);
  if (runtime.Bun) return await runtime.Bun.file(path).bytes();
  const files = await nodeFiles();
  if (files) return await files.readFile(path);
  throw Object.assign(new Error("this runtime has no files"), { code: "ENOENT" });
}

/** Node before 20.16 gives its modules only by import, which takes longer. */
async function nodeFiles() {
  if (!runtime.process) return undefined;
  const files = runtime.process.getBuiltinModule?.("node:fs") ??
    // @ts-ignore: not every user has Node's types
    await import("node:fs").catch(() => undefined);
  return files?.promises;
}

/** Names of the JSON files in a folder, sorted, without `.json`. */
async function jsonFilesIn(folder: string): Promise<string[]> {
  let names: string[] = [];
  try {
    if (runtime.Deno) {
      for await (const { name } of runtime.Deno.readDir(folder)) names.push(name);
    } else names = await (await nodeFiles()).readdir(folder);
  } catch {
    return []; // no such folder
  }
  return names.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -5)).sort();
}

/** A JSON file's content; `undefined` where there is none. With `ask: false`, Deno's user is not asked for it. */
// deno-lint-ignore no-explicit-any -- files of other programs hold anything
async function readJson(file: string, { ask = true } = {}): Promise<any> {
  if (!ask && !mayRead(file)) return;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const { code, name } = cause as { code?: string; name?: string };
    if (code === "ENOENT" || code === "ENOTDIR" || name === "NotCapable") return;
    throw cannotRead(file, file, cause);
  }
  const json = parseJson(new TextDecoder().decode(bytes)); // without a byte order mark
  if (json && typeof json === "object") return json;
  throw damagedFile(file, json === undefined ? "is not valid JSON" : "is not a JSON object");
}

function cannotRead(what: string, file: string, cause: unknown): SettingsError {
  const { code = "", name = "", message } = cause as Partial<Error> & { code?: string };
  const hints: Record<string, string> = {
    NotCapable: `Deno was not allowed to read it: add --allow-read=${file}`,
    ENOENT: "There is no such file. A relative path starts at the current folder.",
    EACCES: `Permission denied. Run \`chmod 600 ${file}\`, or run as its owner.`,
    EISDIR: "It is a folder: give the name of the key file in it.",
  };
  const hint = hints[name] ?? hints[code] ?? `The system says: ${message ?? cause}`;
  return new SettingsError(`Cannot read ${what}.`, hint, { cause: plainCause(cause) });
}

// ── Key formats ──────────────────────────────────────────────────────────────────────────────────

/** A private key in any common form: PEM, base64 of PEM or DER, JWK (also as JSON text), DER bytes, CryptoKey. */
export type PrivateKeyInput = string | Uint8Array | ArrayBuffer | CryptoKey | JsonWebKey;

/** A private key that can sign assertions, and what it was made from. */
export interface PrivateKey {
  /** For RS256, usage `sign`. */
  key: CryptoKey;
  /** Such as `"PKCS#8"`, `"PKCS#1"`, `"encrypted PKCS#8"`, `"encrypted PKCS#1"`, `"JWK"`, `"CryptoKey"`. */
  format: string;
  /** Length of the modulus in bits; Salesforce accepts 2048 and more. */
  bits: number;
}

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** In characters or bytes: more than any key with its certificates. It bounds the work on hostile input. */
const LONGEST_KEY = 100_000;

/**
 * Reads an RSA private key in any form that OpenSSL, Salesforce or a hosting service produces: PKCS#8,
 * PKCS#1, both also encrypted (AES, 3DES), JWK, DER; as text, base64 of the text, one line with `\n`, or
 * with a byte order mark, spaces or "Bag Attributes" in front.
 *
 * @param key The key.
 * @param passphrase Passphrase of an encrypted key.
 * @returns The key for Web Crypto, extractable, and the format it was in.
 * @throws {SettingsError} If it is anything else. The message says what it is: a certificate, a public
 * key, an EC or OpenSSH key, PKCS#12, a truncated PEM, a key under 2048 bits, a wrong passphrase, …
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
  if (key instanceof ArrayBuffer) key = new Uint8Array(key);
  if (ArrayBuffer.isView(key)) key = new Uint8Array(key.buffer, key.byteOffset, key.byteLength);
  if (typeof key !== "string" && !(key instanceof Uint8Array)) {
    return await importJwk(key as JsonWebKey);
  }
  if (key.length > LONGEST_KEY) throw notAKey("too long for one", COPY_AGAIN);
  if (typeof key === "string") return await importText(key, passphrase);
  return await importBytes(key, passphrase);
}

function checkCryptoKey(key: CryptoKey): PrivateKey {
  const { name, hash } = key.algorithm as RsaHashedKeyAlgorithm;
  const fits = key.type === "private" && name === RS256.name && hash?.name === RS256.hash;
  if (fits && key.usages.includes("sign")) return checkBits(key, "CryptoKey");
  const fix = "Import it for RSASSA-PKCS1-v1_5, SHA-256, usage sign.";
  throw notAKey(`a CryptoKey of another kind (${key.type} ${name})`, fix);
}

function checkBits(key: CryptoKey, format: string): PrivateKey {
  const bits = (key.algorithm as RsaKeyAlgorithm).modulusLength;
  if (bits >= 2048) return { key, format, bits };
  throw notAKey(`too short (${bits} bits)`, CONVERT);
}

async function importJwk(jwk: JsonWebKey): Promise<PrivateKey> {
  if (jwk?.kty !== "RSA") {
    const known = typeof jwk?.kty === "string" && jwk.kty.length < 20;
    throw notAKey(known ? `a JWK of type ${jwk.kty}` : "not a key of a known kind", CONVERT);
  }
  if (!jwk.d) throw notAKey("a public key (JWK)", "Give the JWK that has d, p and q.");
  const { alg: _alg, use: _use, key_ops: _ops, ext: _ext, ...rest } = jwk; // labels for other uses of the same key
  return await checkImport(crypto.subtle.importKey("jwk", rest, RS256, true, ["sign"]), "JWK");
}

async function checkImport(imported: Promise<CryptoKey>, format: string): Promise<PrivateKey> {
  const key = await imported.catch(() => {
    throw notAKey(`a damaged ${format} key`, COPY_AGAIN);
  });
  return checkBits(key, format);
}

async function importBytes(bytes: Uint8Array, passphrase?: string): Promise<PrivateKey> {
  const start = hex(bytes.subarray(0, 8));
  if (start.startsWith("30")) return await importDer(bytes, passphrase);
  const other = otherKind(`bytes ${start}`);
  if (other) throw other;
  const utf16 = { fffe: "utf-16le", feff: "utf-16be" }[start.slice(0, 4)]; // PowerShell's > writes it
  return await importText(new TextDecoder(utf16 ?? "utf-8").decode(bytes), passphrase);
}

async function importText(text: string, passphrase?: string): Promise<PrivateKey> {
  const plain = withLineBreaks(text);
  if (!plain) throw notAKey("empty", "Give the PEM text, or its file by SF_PRIVATE_KEY_FILE.");
  if (plain.includes("-----BEGIN")) return await importPem(plain, passphrase);
  if (plain.startsWith("{")) {
    const jwk = parseJson(plain);
    if (jwk) return await importJwk(jwk);
    throw notAKey("JSON that does not parse", "A JWK is one JSON object with kty, n, e, d, …");
  }
  const bytes = fromBase64(plain);
  if (bytes && isFirstLine(plain, bytes)) {
    throw notAKey(
      "only the first line of base64 text",
      "Encode the file without line breaks: base64 -w0 server.key (macOS: base64 -i server.key).",
    );
  }
  if (bytes && bytes.length > 64) return await importBytes(bytes, passphrase);
  if (/^[~./]|\.(key|pem|der|json)$/i.test(plain)) {
    const fix = "Give the file's name by SF_PRIVATE_KEY_FILE (option privateKeyFile).";
    throw notAKey("a file's name, not the key itself", fix);
  }
  throw notAKey("neither PEM, DER, JWK nor base64 of one of them", COPY_AGAIN);
}

/** Undoes what shells, hosting services and word processors do to the lines of a PEM. */
function withLineBreaks(text: string): string {
  let plain = text.replace(/^\uFEFF/, "")
    .replace(/\\+([rn]?)/g, (run, letter) => letter === "n" ? "\n" : letter ? "" : run);
  if (/%0[ad]|%2[bf]|%3d/i.test(plain)) plain = plain.replace(/%[\da-f]{2}/gi, unescapeByte);
  return plain.trim().replace(/^(["'])([^]*)\1$/, "$2").trim()
    .replace(/[\u2010-\u2015\u2212-]{2,10} ?(BEGIN|END)\b/g, "-----$1")
    .replace(/(KEY|CERTIFICATE)[\u2010-\u2015\u2212-]{2,10}/g, "$1-----")
    .replace(/-----(?:BEGIN|END)[A-Z+ ]{1,40}-----/g, (line) => line.replaceAll("+", " "));
}

const unescapeByte = (escape: string): string => String.fromCharCode(parseInt(escape.slice(1), 16));

/** Tools wrap base64 after 64 or 76 characters, and an environment variable may keep one line of it. */
const isFirstLine = (text: string, bytes: Uint8Array): boolean =>
  (text.length === 64 || text.length === 76) &&
  (bytes[0] === 0x30 || new TextDecoder().decode(bytes).startsWith("-----BEGIN"));

async function importPem(text: string, passphrase?: string): Promise<PrivateKey> {
  const blocks = pemBlocks(text);
  const key = blocks.find(({ label }) => /^(RSA |ENCRYPTED )?PRIVATE KEY$/.test(label));
  if (key && /Proc-Type:\s*4,\s*ENCRYPTED/.test(key.content)) {
    return await importLegacyPem(key.content, passphrase);
  }
  // certutil -encode calls everything a certificate.
  const block = key ?? blocks.find(({ label }) => label === "CERTIFICATE");
  const bytes = block && fromBase64(block.content);
  if (bytes) return await (key ? importDer(bytes, passphrase) : importBytes(bytes, passphrase));
  if (key) throw notAKey("a PEM block with characters in it that are not base64", COPY_AGAIN);
  if (!blocks.length) throw keyFault("is truncated: its end is missing");
  throw otherKind(...blocks.map(({ label }) => label)) ??
    notAKey(`a PEM block "${blocks[0]!.label}"`, CONVERT);
}

/** The blocks of a PEM, found by plain searches: a regular expression for the whole can take very long. */
function pemBlocks(text: string): { label: string; content: string }[] {
  return text.split("-----BEGIN ").slice(1).flatMap((part) => {
    const [label = ""] = part.split("-----", 1);
    const end = part.indexOf(`-----END ${label}-----`);
    return end < 0 ? [] : [{ label, content: part.slice(label.length + 5, end) }];
  });
}

/** `Proc-Type: 4,ENCRYPTED`, what OpenSSL 1.x writes: its key derivation (MD5) is not in Web Crypto. */
async function importLegacyPem(content: string, passphrase?: string): Promise<PrivateKey> {
  if (!passphrase) throw keyFault("is encrypted, and there is no passphrase");
  const [info, cipher, iv] = /DEK-Info:\s*([\w-]{1,40}),\s*([0-9A-Fa-f]{1,64})/.exec(content) ?? [];
  if (!info) throw keyFault("is truncated: its end is missing");
  const body = content.slice(content.indexOf(info) + info.length).replace(/\s/g, "");
  const lines = body.match(/.{1,64}/g)?.join("\n") ?? "";
  const tidy = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n" +
    `DEK-Info: ${cipher},${iv}\n\n${lines}\n-----END RSA PRIVATE KEY-----\n`;
  const der = await openWithNode({ key: tidy, format: "pem", passphrase }, cipher);
  return await importPkcs8(der, "encrypted PKCS#1");
}

async function importDer(bytes: Uint8Array, passphrase?: string): Promise<PrivateKey> {
  const parts = derParts(derNode(bytes).body);
  const shape = `DER ${parts.map(({ tag }) => tag).join(" ")} `;
  if (shape.startsWith("DER sequence bytes ")) {
    if (!passphrase) throw keyFault("is encrypted, and there is no passphrase");
    return await importPkcs8(await decryptPkcs8(bytes, parts, passphrase), "encrypted PKCS#8");
  }
  if (shape.startsWith("DER integer sequence ") && parts[0]!.body[0] !== 3) { // 3 is PKCS#12
    return await importPkcs8(bytes, "PKCS#8");
  }
  if (/^DER (integer ){9}/.test(shape)) return await importPkcs8(wrapPkcs1(bytes), "PKCS#1");
  throw otherKind(shape);
}

async function importPkcs8(bytes: Uint8Array, format: string): Promise<PrivateKey> {
  const [, algorithm] = derParts(derNode(bytes).body);
  const [oid] = derParts(algorithm!.body).map(({ body }) => hex(body));
  if (oid !== RSA) throw otherKind(`algorithm ${oid}`);
  const imported = crypto.subtle.importKey("pkcs8", bytes as BufferSource, RS256, true, ["sign"]);
  return await checkImport(imported, format);
}

const CONVERT =
  "Salesforce signs in with an RSA key of 2048 bits or more. Make one with: sfetch keygen";
const COPY_AGAIN =
  "Copy it again from where it was made. Check it with: openssl rsa -check -in server.key";
const ENCRYPT_AGAIN =
  "Encrypt it again: openssl pkcs8 -topk8 -v2 aes256 -in server.key -out server.pk8";
const GIVE_PRIVATE_KEY = "Give the private key that belongs to it (server.key)";

/**
 * What people give in place of a usable key → what it is, and what to do. It is known by its PEM label, by what its
 * DER is made of, by the OID of its algorithm, or by its first bytes.
 */
const OTHER_KINDS: [sign: RegExp, what: string, fix: string][] = [
  [/^EC |^DSA /, "an EC or DSA key", CONVERT],
  [/^DER integer bytes |^algorithm 2a8648ce3d0201$/, "an EC key", CONVERT],
  [/^algorithm 2a864886f70d01010a$/, "an RSA key for PSS only", CONVERT],
  [/^algorithm undefined/, "a damaged DER key", COPY_AGAIN],
  [/^algorithm /, "an Ed25519 key, or another that is not RSA", CONVERT],
  [/^OPENSSH /, "an OpenSSH key", `Rewrite it as PEM: ssh-keygen -p -m PEM -f FILE. ${CONVERT}`],
  [
    /^DER integer sequence /,
    "a PKCS#12 file (.p12, .pfx)",
    "Take the key out: openssl pkcs12 -in FILE -nodes -nocerts -out server.key",
  ],
  [/PUBLIC KEY$|^DER integer |^DER \w+ bits /, "a public key", `${GIVE_PRIVATE_KEY}.`],
  [
    /^CERTIFICATE$|^(X509|TRUSTED) |^DER sequence sequence bits /,
    "a certificate",
    `${GIVE_PRIVATE_KEY}, not server.crt.`,
  ],
  [/^(NEW )?CERTIFICATE REQUEST$/, "a certificate request", `${GIVE_PRIVATE_KEY}, not server.csr.`],
  [/^DER /, "binary data of no known kind", COPY_AGAIN],
  [
    /^bytes 53616c7465645f5f/, // Salted__
    "encrypted by openssl enc",
    "Decrypt it first: openssl enc -d with the options it was encrypted with.",
  ],
  [
    /^bytes feed/,
    "a Java keystore (JKS)",
    "Take the key out: keytool -importkeystore to PKCS12, then openssl pkcs12 -nodes",
  ],
];

/** The error about what has one of these signs. */
function otherKind(...signs: string[]): SettingsError | undefined {
  const row = OTHER_KINDS.find(([known]) => signs.some((sign) => known.test(sign)));
  return row && notAKey(row[1], row[2]);
}

// DER, as far as telling keys apart needs it.

const TAGS = new Map([[2, "integer"], [3, "bits"], [4, "bytes"], [6, "oid"], [48, "sequence"]]);

/** Object identifiers, in hex. */
const RSA = "2a864886f70d010101", PBES2 = "2a864886f70d01050d", PBKDF2 = "2a864886f70d01050c";
const DES3 = "2a864886f70d0307";

interface DerNode {
  tag: string;
  body: Uint8Array;
}

function derNode(bytes: Uint8Array): DerNode {
  let [tag = 0, length = 0] = bytes;
  let start = 2;
  if (length & 0x80) {
    start += length & 0x7f;
    length = integer(bytes.subarray(2, start));
  }
  if (start + length > bytes.length) throw keyFault("is truncated: its end is missing");
  return { tag: TAGS.get(tag) ?? "other", body: bytes.subarray(start, start + length) };
}

/** The elements in the body of a DER sequence. */
function derParts(body: Uint8Array): DerNode[] {
  const parts: DerNode[] = [];
  for (let rest = body; rest.length;) {
    const part = derNode(rest);
    parts.push(part);
    rest = rest.subarray(part.body.byteOffset - rest.byteOffset + part.body.length);
  }
  return parts;
}

/** The elements of an element that are not sequences themselves, in their order. */
const derLeaves = (node: DerNode, depth = 0): DerNode[] =>
  node.tag === "sequence" && depth < 6
    ? derParts(node.body).flatMap((part) => derLeaves(part, depth + 1))
    : [node];

const integer = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0);

/** PKCS#8 is PKCS#1 behind a version and the algorithm. Lengths take two bytes in all keys of 2048 bits and more. */
function wrapPkcs1(pkcs1: Uint8Array): Uint8Array {
  const start = (tag: number, length: number) =>
    Uint8Array.of(tag, 0x82, length >> 8, length & 0xff);
  const front = concat(fromHex(`020100300d0609${RSA}0500`), start(0x04, pkcs1.length));
  return concat(start(0x30, front.length + pkcs1.length), front, pkcs1);
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
  [DES3]: 24,
};

/** Ten million rounds take some seconds; OpenSSL uses 2,048. */
const MOST_ROUNDS = 10_000_000;

/** RFC 8018's PBES2 with PBKDF2 by Web Crypto; what that lacks (scrypt, PBES1, …) by `node:crypto`. */
async function decryptPkcs8(
  bytes: Uint8Array,
  [scheme, encrypted]: DerNode[],
  passphrase: string,
): Promise<Uint8Array> {
  const parameters = derLeaves(scheme!);
  // Each scheme has its rounds in another place.
  if (parameters.some(({ tag, body }) => tag === "integer" && integer(body) > MOST_ROUNDS)) {
    const what = "encrypted with more rounds of key derivation than any tool uses";
    throw notAKey(what, ENCRYPT_AGAIN);
  }
  const pbes2 = pbes2Of(parameters);
  if (!pbes2) return await openWithNode({ key: bytes, format: "der", type: "pkcs8", passphrase });
  const plain = await decryptPbes2(pbes2, passphrase, encrypted!.body).catch((error) => {
    if (error instanceof SettingsError) throw error;
  });
  // One wrong passphrase in 256 leaves a padding that looks right.
  if (plain && /^30(82....|81..|..)02010[01]30/.test(hex(plain.subarray(0, 8)))) return plain;
  throw keyFault("cannot be decrypted: the passphrase is wrong");
}

type Pbes2 = NonNullable<ReturnType<typeof pbes2Of>>;

/** What the parameters say, where they are PBES2 with algorithms known here. */
function pbes2Of(parameters: DerNode[]) {
  const [scheme, kdf, salt, rounds, ...rest] = parameters;
  if (scheme && hex(scheme.body) !== PBES2) return;
  if (rest.length < 2) throw notAKey("a damaged DER key", COPY_AGAIN);
  if (hex(kdf!.body) !== PBKDF2) return;
  const [cipher, iv] = rest.splice(-2).map(({ body }) => body);
  const prf = rest.find(({ tag }) => tag === "oid");
  const hash = prf ? PBKDF2_HASH[hex(prf.body)] : "SHA-1";
  const keyLength = KEY_LENGTH[hex(cipher!)];
  if (!hash || !keyLength) return;
  const kdfSettings = { hash, salt: salt!.body as BufferSource, iterations: integer(rounds!.body) };
  return { kdf: { name: "PBKDF2", ...kdfSettings }, keyLength, cipher: hex(cipher!), iv: iv! };
}

async function decryptPbes2(
  { kdf, cipher, keyLength, iv }: Pbes2,
  passphrase: string,
  data: Uint8Array,
): Promise<Uint8Array> {
  const { subtle } = crypto;
  const bytes = new TextEncoder().encode(passphrase);
  const secret = await subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
  const key = new Uint8Array(await subtle.deriveBits(kdf, secret, keyLength * 8));
  if (cipher === DES3) { // Web Crypto has no 3DES, and Deno's createPrivateKey does not open such a key
    const { createDecipheriv } = await nodeCrypto();
    const decipher = createDecipheriv("des-ede3-cbc", key, iv);
    return concat(decipher.update(data), decipher.final());
  }
  const algorithm = { name: "AES-CBC", iv: iv as BufferSource };
  const aes = await subtle.importKey("raw", key, algorithm, false, ["decrypt"]);
  return new Uint8Array(await subtle.decrypt(algorithm, aes, data as BufferSource));
}

/** The ciphers of legacy PEM that every runtime knows. */
const COMMON_CIPHER = /^(AES-(128|192|256)|DES-EDE3)-CBC$/;

async function openWithNode(
  input: { key: string | Uint8Array; format: "pem" | "der"; type?: "pkcs8"; passphrase: string },
  cipher = "",
): Promise<Uint8Array> {
  const { createPrivateKey } = await nodeCrypto();
  try {
    const key = createPrivateKey(input as Parameters<typeof createPrivateKey>[0]);
    return new Uint8Array(key.export({ format: "der", type: "pkcs8" }) as Uint8Array);
  } catch (cause) {
    // One wrong passphrase in 256 leaves a padding that looks right; OpenSSL then calls the content unsupported.
    if (/bad.?decrypt/i.test(`${cause}`) || COMMON_CIPHER.test(cipher)) {
      throw keyFault("cannot be decrypted: the passphrase is wrong");
    }
    throw keyFault("is encrypted in a way that this runtime cannot open", cause);
  }
}

const nodeCrypto = async () =>
  // @ts-ignore: not every user has Node's types
  await import("node:crypto").catch((cause) => {
    throw keyFault("is encrypted in a way that this runtime cannot open", cause);
  });

const readKeyFile = (file: string, source: string): Promise<Uint8Array> =>
  readFile(file).catch((cause) => {
    throw cannotRead(`the private key file ${file} (from ${source})`, file, cause);
  });

const notAKey = (what: string, fix: string): SettingsError =>
  new SettingsError(`The private key cannot be used: it is ${what}.`, fix);

const keyFault = (fault: keyof typeof KEY_FAULTS, cause?: unknown): SettingsError =>
  new SettingsError(`The private key ${fault}.`, KEY_FAULTS[fault], cause ? { cause } : {});

/** What is wrong with a key of the right kind → what to do. */
const KEY_FAULTS = {
  "is truncated: its end is missing":
    "In a .env file, put the key on one line with \\n for each line break, in double quotes, or give its file by SF_PRIVATE_KEY_FILE.",
  "is encrypted, and there is no passphrase":
    "Give it by the option passphrase or the environment variable SF_PRIVATE_KEY_PASSPHRASE.",
  "cannot be decrypted: the passphrase is wrong":
    "Check the option passphrase or SF_PRIVATE_KEY_PASSPHRASE, also for spaces and quotes around it.",
  "is encrypted in a way that this runtime cannot open":
    `${ENCRYPT_AGAIN} (a very old cipher needs -provider legacy -provider default as well).`,
};

// ── Secrets ──────────────────────────────────────────────────────────────────────────────────────

/**
 * Returns the text without keys, tokens, assertions, auth URLs of the `sf` CLI and passwords in URLs: what stands in
 * their place says what was there. Every error of this module and every line of the commands goes through it.
 *
 * @param only With `"tokens"`, nothing but tokens and assertions is replaced, so that a command can still be run.
 * @example
 * ```ts
 * import { withoutSecrets } from "./mod.ts";
 *
 * console.log(withoutSecrets("sid=00D5g000004abcD!AQ8AQDxyz.4f")); // sid=00D…!****
 * ```
 */
export function withoutSecrets(text: string, only?: "tokens"): string {
  const kinds = only ? SECRETS.filter(([kind]) => kind === "an access token") : SECRETS;
  return kinds.reduce(replaceSecret, text);
}

/** The kind of secret that a text is, or has within it. */
const secretIn = (text: string): SecretKind | undefined =>
  SECRETS.find((secret) => replaceSecret(text, secret) !== text)?.[0];

const replaceSecret = (text: string, [, looks, shown]: Secret): string =>
  text.replace(looks, shown as string);

type SecretKind = keyof typeof SECRET_FIXES;
type Secret = [kind: SecretKind, looks: RegExp, shown: string | ((found: string) => string)];

const PEM_OF_KEY =
  /-----BEGIN[A-Z %\d+]{1,30}PRIVATE(?: |%20|\+)KEY[A-Z %\d+]{0,10}-----(?:[^-]|-(?!----END))*(?:-----END[A-Z %\d+]{1,40}-----)?/g;
/** A JWK in base64 has no dots, as a token has. */
const KEY_IN_BASE64 =
  /(?<![\w+/.!-])(?:LS0tLS1CRUdJTi|MI[A-Za-z\d+/]{60}|eyJ[\w+/=-]{300,}(?![\w+/=.-]))[\w+/=]*/g;
const SECRET_OF_JWK = /("(?:d|p|q|dp|dq|qi|k)"\s*:\s*")[\w-]{20,}/g;
/** Lines of a PEM or of wrapped base64, one or several. A consumer key begins with 3MVG. */
const KEY_LINES = /(?:(?<![\w+/%.-])|(?<=\/v\d\d\.0\/))(?!3MVG)[\w+/%-]{64,}/g;
/** Also with its "!" escaped for a URL, JSON, HTML or a shell. */
const TOKEN = /00D\w{9,15}(?:\\*!|%(?:25)*21|\\+u0021|\\x21|&#0*33;|&#x0*21;|&excl;)[\w.]+/gi;
const AUTH_URL = /(?<!\w)force:\/\/(?!\(not)[^\s"'<>]+/gi;
const USER_IN_URL = /(\w:\\?\/\\?\/)(?!USER:PASSWORD@)[^\s/?#@"'<>]+@/g; // a hint tells to fill this one in

/** What secrets look like, also encoded or within other text. Every pattern is linear on any input. */
const SECRETS: Secret[] = [
  ["a key", PEM_OF_KEY, "(private key, not shown)"],
  ["a key", KEY_IN_BASE64, "(encoded key, not shown)"],
  ["a key", SECRET_OF_JWK, "$1****"],
  ["an auth URL of the sf CLI", AUTH_URL, "force://(not shown)"],
  ["an access token", TOKEN, "00D…!****"],
  ["an access token", /[\w.-]+/g, withoutJwt], // a whole run, or each eyJ would begin one
  ["a refresh token", /5Aep[\w.]{8,}/g, "5Aep…****"],
  ["a key", /(?<!\w)[\da-f]{300,}/gi, "(hexadecimal key, not shown)"],
  ["a part of a key", KEY_LINES, (run) => isRandom(run) ? "(part of a key, not shown)" : run],
  ["a URL with a user name or password", USER_IN_URL, "$1****@"],
];

/** Header and payload of a JWT are JSON objects, so that both begin with eyJ. */
function withoutJwt(run: string): string {
  const parts = run.split(".");
  const at = parts.findIndex((part, i) => part.includes("eyJ") && parts[i + 1]?.startsWith("eyJ"));
  if (at < 0 || parts.length < at + 3) return run;
  const before = [...parts.slice(0, at), parts[at]!.slice(0, parts[at]!.indexOf("eyJ"))];
  return `${before.join(".")}eyJ…****`;
}

/** Whether upper case, lower case and digits alternate as they do by chance, which names, paths and queries do not. */
function isRandom(run: string): boolean {
  const text = run.replace(/%(?:2B|2F|3D|0A|0D)/gi, "")
    .replace(/(?:^|[/-]|%2C)[\da]\w{14}(?:\w{3})?(?=$|[/-]|%2C)/gi, ""); // record ids
  const isWholeLine = run.length === 64 || run.length === 76;
  if (!isWholeLine && (text.match(/[/+%_-]/g)?.length ?? 0) > run.length / 12) return false;
  const sorts = text.replace(/[A-Z]/g, "A").replace(/[a-z]/g, "a").replace(/\d/g, "0")
    .replace(/[^Aa0]/g, "");
  if (sorts.length < 40 || !sorts.includes("A") || !/[g-z]/.test(text)) return false; // a fingerprint has no such letters
  const changes = sorts.match(/Aa|aA|a0|0a|A0|0A/g)?.length ?? 0;
  return changes > sorts.length * 0.22; // in words 0.1 to 0.2, by chance 0.39
}

// ── What Salesforce's errors mean ────────────────────────────────────────────────────────────────

// The sign-in.

/** One row of {@linkcode OAUTH_ERRORS}. */
export interface OAuthErrorExplanation {
  /** RFC 6749's `error`; `*` for any. */
  error: string;
  /** The pattern that `error_description` matches. */
  description: RegExp;
  /** The description in Salesforce's words. */
  says: string;
  /** The likely cause. */
  cause: string;
  /** The next step. */
  fix: string;
}

const POLICIES =
  "Setup > External Client App Manager (or App Manager > Manage for a Connected App) > your app > Policies > Edit";
const MY_DOMAIN =
  "Set SF_LOGIN_URL to the org's My Domain, https://NAME.my.salesforce.com (Setup > My Domain)";

/** What the token endpoint says → likely cause, next step, and the words that tell it from others of its code. */
const OAUTH_HINTS: Record<string, [cause: string, fix: string, words?: RegExp]> = {
  "invalid_grant: user hasn't approved this consumer": [
    "The app lets users approve it themselves and this user has not done so, the user's profile or permission set is not assigned to the app, or the sign-in went to a host other than the org's own.",
    `${POLICIES} > OAuth Policies > Permitted Users: "Admin approved users are pre-authorized", then App Policies: select the user's profile or permission set. Sign in at the org's My Domain. Or approve the app once in the browser: sfetch login --approve. A new app needs up to 10 minutes.`,
    /hasn't approved this consumer/i,
  ],
  "invalid_app_access: user is not admin approved to access this app": [
    "The app accepts only users whom an admin approved, and this user's profile or permission set is not assigned to it.",
    `${POLICIES} > App Policies: select the user's profile, or a permission set that the user has.`,
  ],
  "app_not_found: External client app is not installed in this org": [
    "The sign-in went to login or test.salesforce.com, which does not know an org's own External Client App, or the consumer key belongs to another org.",
    `${MY_DOMAIN}, and check that the app is in that org.`,
  ],
  "OAUTH_AUTHORIZATION_BLOCKED: Cross-org OAuth flows are not supported for this external client app":
    [
      "The External Client App is local to one org, and the sign-in went to another org or to login.salesforce.com.",
      "Set SF_LOGIN_URL to the My Domain of the org that has the app, or create the app in the org that you sign in to.",
    ],
  "OAUTH_APP_BLOCKED: app is blocked by admin": [
    "An admin blocked the app, or API Access Control allows only listed apps.",
    "Ask an admin: Setup > Connected Apps OAuth Usage > Unblock, or add the app to API Access Control.",
  ],
  "invalid_grant: audience is invalid": [
    "The assertion's aud does not fit the org: a sandbox signed in as production or the reverse, or a custom URL that is not accepted.",
    'Set SF_LOGIN_URL to the org\'s My Domain, "sandbox" or "production", and leave SF_AUDIENCE_URL unset.',
    /audience/i,
  ],
  "invalid_grant: invalid assertion": [
    "The private key does not belong to the certificate that the app has: it is another key or another environment's key, or a deployment cleared the certificate.",
    "Compare them: openssl rsa -in server.key -noout -modulus and openssl x509 -in server.crt -noout -modulus must print the same. Upload server.crt to the app again.",
    /invalid assertion/i,
  ],
  "invalid_grant: expired authorization code": [
    "For Salesforce, the assertion's exp lies in the past: this machine's clock is wrong.",
    "Set the clock (timedatectl set-ntp true); in a container or virtual machine, set the host's too.",
    /expired authorization code/i,
  ],
  "*: login rate exceeded, number of logins exceeded, or HTTP 429": [
    "This user signed in more than 3,600 times within an hour, or too many requests came at once.",
    "Wait, up to an hour, and share tokens between calls and processes: one session, or the option cache.",
    /login rate exceeded|number of logins exceeded|^HTTP 429/i,
  ],
  "invalid_grant: ip restricted or invalid login hours": [
    "The user's profile allows only other addresses or hours, or the app enforces IP restrictions.",
    `Setup > Profiles > the profile > Login IP Ranges, Login Hours; or ${POLICIES} > IP Relaxation: "Relax IP restrictions".`,
    /ip restricted|login hours/i,
  ],
  "invalid_grant: user is locked": [
    "The user is locked out after failed logins.",
    "Setup > Users > the user > Unlock, or wait until the lockout ends.",
    /user is locked/i,
  ],
  "*: user is inactive": [
    "The user is not active.",
    "Setup > Users > the user > Edit > Active.",
    /user is inactive|inactive user/i,
  ],
  "invalid_grant: authentication failure": [
    "The user does not exist in this org, or is inactive or frozen. In a sandbox, usernames end with the sandbox's name.",
    "Compare SF_USERNAME with Setup > Users > Username (not the email address), and check that the user is active and not frozen.",
    /authentication failure|invalid user credentials/i,
  ],
  "inactive_org: organization is locked, closed, or suspended": [
    "The org is locked, closed or suspended.",
    "Sign in with a browser to see why, or ask Salesforce Support.",
  ],
  "invalid_client_id: client identifier invalid": [
    "The consumer key is wrong or belongs to another org, the app is new (up to 10 minutes), or the scratch org has expired.",
    "Copy the consumer key into SF_CLIENT_ID again: Setup > External Client App Manager > your app > Settings > OAuth Settings > Consumer Key and Secret.",
  ],
  "invalid_client: app must be installed into org": [
    "Since September 2025, a Connected App of another org must be installed before it is used.",
    "Ask an admin: Setup > Connected Apps OAuth Usage > the app > Install.",
    /installed/i,
  ],
  "invalid_client: invalid client credentials": [
    "The app has no certificate, or the JWT bearer flow is off.",
    "Edit the app: Flow Enablement > Enable JWT Bearer Flow, and upload server.crt (Connected App: Use digital signatures).",
  ],
  "*: grant type not supported": [
    "The request did not reach a token endpoint as it was sent: the host shows pages for people (Lightning, setup), or a proxy changed the request.",
    `${MY_DOMAIN}.`,
    /grant type not supported|request not supported on this domain/i,
  ],
  "invalid_request: refresh_token scope is required and the connected app should be installed and preauthorized":
    [
      "The app lacks the scope for refresh tokens, which Salesforce requires although this flow issues none.",
      'Edit the app: add the OAuth scope "Perform requests at any time (refresh_token, offline_access)".',
      /refresh_token scope/i,
    ],
  "invalid_scope: the requested scope is not allowed": [
    "The app lacks a scope that the sign-in needs.",
    'Edit the app: OAuth scopes "Manage user data via APIs (api)" and "Perform requests at any time (refresh_token, offline_access)".',
  ],
  "unknown_error: retry your request": [
    "Salesforce had a temporary fault, or refused a cross-org sign-in just before.",
    "Try again. If it happens again, sign in at the org's My Domain.",
  ],
  "*: Data Not Available": [
    "The org no longer exists: a scratch org or trial that expired, or a sandbox that was deleted.",
    "Recreate the org, and with it the app, the key and the settings.",
    /Data Not Available/i,
  ],
  "temporarily_unavailable: HTTP 500, 502, 503 or 504": [
    "Salesforce is busy or under maintenance, or a proxy in between could not reach it.",
    "Try again in a minute. https://status.salesforce.com has the details.",
  ],
  "unexpected_response: an HTML page, a redirect or an empty answer": [
    "No token endpoint answered: the host is a site, a Lightning or setup page or an expired org, or a proxy answered in its place.",
    `${MY_DOMAIN}.`,
  ],
};

/**
 * What the token endpoint says, the likely cause, and what to do: the source of the hints of
 * {@linkcode OAuthError}. The first row that matches is used.
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
export const OAUTH_ERRORS: readonly OAuthErrorExplanation[] = Object.entries(OAUTH_HINTS).map(
  ([said, [cause, fix, description = /./]]) => {
    const [error, says] = said.split(": ", 2) as [string, string];
    return { error, description, says, cause, fix };
  },
);

const LOGIN_HISTORY =
  "The user's Login History (Setup > Users > the user) says what Salesforce saw.";

/** The explanation, in which each setting is called by the place that its value came from. */
function oauthHint(error: string, description: string, settings: Settings): string {
  const row = OAUTH_ERRORS.find((row) =>
    (row.error === error || row.error === "*") && row.description.test(description)
  );
  if (!row) return LOGIN_HISTORY;
  const fix = row.fix.replace(/\bSF_(LOGIN_URL|CLIENT_ID|USERNAME|AUDIENCE_URL)\b/g, (variable) => {
    const name = SETTING_NAMES.find((name) => SETTINGS[name][1] === variable)!;
    const source = settings.sources[name] ?? "default";
    if (source === "default") return variable;
    return source.replace(/^org /, `${name} of org `).replace(/^option /, "the option ");
  });
  return `${row.cause}\n${fix}\n${LOGIN_HISTORY}`;
}

function oauthError(
  response: Response,
  // deno-lint-ignore no-explicit-any -- whatever the host answered
  answer: any,
  settings: Settings,
  audience: string,
): OAuthError {
  const { status, headers } = response;
  const host = settings.loginUrl;
  const isRefusal = isText(answer?.error);
  const location = headers.get("location");
  const sent = location
    ? `a redirect to ${hostOf(location, host)}`
    : headers.get("content-type")?.split(";")[0] || "nothing";
  const code = BUSY.has(status) ? "temporarily_unavailable" : "unexpected_response";
  const said = isRefusal
    ? [answer.error, wordsOf(answer.error_description) || "no description"]
    : [code, `the answer is ${sent}, not a token`];
  const [error, description] = said.map((text) => withoutSecrets(shortened(text))) as [
    string,
    string,
  ];
  const attempts = [{ audience, error, description }];
  return new OAuthError(
    `${host} refused the sign-in: ${error}: ${description} (HTTP ${status}, audience ${audience}).`,
    oauthHint(error, isRefusal ? description : `HTTP ${status}`, settings),
    { error, description, status, host, attempts, serverTime: serverTimeOf(response) },
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

// The REST API.

/** Patterns of a REST error's status, codes and texts → likely cause and next step. The first that matches is used. */
const REST_HINTS: Record<string, string> = {
  "not valid for use with the REST API":
    "A policy forbids this session the API (session level, API Access Control, IP range); a new token will not help. Ask an admin about the app's policies.",
  "not attached to Agent":
    "The app is not connected to this agent; a new token will not help. Ask an admin to attach it.",
  "Bad_OAuth_Token|INVALID_SESSION_ID":
    "The session has ended, was revoked, or belongs to another host. Sign in again; call the API at the instance URL.",
  "INVALID_AUTH_HEADER":
    "Salesforce cannot read the token: it was masked or cut when it was copied, or proxies changed the Authorization header.",
  "REQUEST_LIMIT_EXCEEDED[^]*[Cc]oncurrent":
    "Too many calls of over 20 seconds run at once (25; 5 in a Developer Edition). Run fewer in parallel.",
  "REQUEST_LIMIT_EXCEEDED":
    "The org's API calls for 24 hours are used up: see /limits, DailyApiRequests. Wait, fetch more per call (composite, Bulk API), or buy more.",
  "API_DISABLED_FOR_ORG|API_CURRENTLY_DISABLED":
    'This edition or user has no API access: an admin can grant "API Enabled" in the profile or a permission set.',
  "should not be enclosed in quotes":
    "In SOQL, dates, numbers and booleans have no quotes: CreatedDate > 2026-01-31T00:00:00Z. In code, the soql`…` tag writes each value as it must be.",
  "should be enclosed in quotes":
    "In SOQL, text needs single quotes: Name = 'Acme'. In code, the soql`…` tag adds them.",
  "must be grouped or aggregated":
    "Beside an aggregate or GROUP BY, each field must be in GROUP BY or in an aggregate such as COUNT() or MAX().",
  "FIELDS function must have a LIMIT":
    "Add LIMIT 200, or use FIELDS(STANDARD), or name the fields.",
  "MALFORMED_QUERY[^]*(unexpected token|expecting )":
    "The query cannot be parsed at the place shown. Text values need single quotes; in code, the soql`…` tag adds them.",
  "No such column":
    "The field is misspelt (custom fields end in __c, relationships in __r), or field-level security hides it from this user. See /sobjects/OBJECT/describe.",
  "Didn't understand relationship":
    "The relationship is misspelt: custom ones end in __r, and child relationships have a plural name. See /sobjects/OBJECT/describe.",
  "INVALID_FIELD_FOR_INSERT_UPDATE[^]*: *((Created|LastModified)(Date|ById)|SystemModstamp|IsDeleted|Last(Viewed|Referenced|Activity)Date)\\b":
    "Salesforce sets this field by itself: leave it out.",
  "INVALID_FIELD_FOR_INSERT_UPDATE":
    "This user may not write the field (field-level security), or it is a formula or read-only. See updateable and createable in /sobjects/OBJECT/describe.",
  "Id field should not be specified|specify Id in an insert":
    "The id belongs in the path of an update, and a new record has none: leave it out of the body.",
  "sObject type '[^']*' is not supported":
    "The object is misspelt (custom objects end in __c), or this user may not see it. See /sobjects.",
  "does not match an External ID":
    "To upsert, the object needs this field, marked External ID (Setup > Object Manager > the object > Fields & Relationships), and this user must see it. Otherwise insert, or update by Id.",
  "REQUIRED_FIELD_MISSING": "Give the fields that are named.",
  "DUPLICATES_DETECTED|DUPLICATE_VALUE":
    "Such a record already exists: find it, or upsert by an external id.",
  "UNABLE_TO_LOCK_ROW": "Another transaction holds the record; nothing was changed. Try again.",
  "ENTITY_IS_DELETED": "The record is in the recycle bin; /queryAll finds it.",
  "MALFORMED_ID": "The id belongs to another object, or was cut: ids have 15 or 18 characters.",
  "QUERY_LOCATOR|LOCATOR_LOCATION":
    "The query's cursor is gone (cursors live two days, and belong to one user and instance). Run the query again.",
  "QUERY_TIMEOUT": "The query took too long: filter on an indexed field, or select less.",
  "JSON_PARSER_ERROR":
    "The body is not the JSON that this resource accepts. In code, the option json makes it well-formed.",
  "FIELD_CUSTOM_VALIDATION_EXCEPTION":
    "One of the org's validation rules refuses these values; the message is the rule's own.",
  "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY|CANNOT_EXECUTE_FLOW_TRIGGER":
    "A trigger or flow of the org refuses this; the message is its own.",
  "INSUFFICIENT_ACCESS":
    "This user's rights do not allow it: the profile, permission sets, or the sharing of the record.",
  "Destination URL not reset|URL_NOT_RESET":
    "The call went to the wrong host: use the token's instance URL, not the login host.",
  "APEX_ERROR":
    "The org's own Apex code failed; the message names its class and line. Ask whoever maintains it.",
  "ErrorId|UNKNOWN_EXCEPTION":
    "Salesforce itself failed on this request. Try again; if it happens again, ask Salesforce Support and give the ErrorId.",
  "^(?!41[345]|420|429|431|50[0234])\\d+ a web page":
    "This host is not the API, or the org no longer exists. Use the org's My Domain, https://NAME.my.salesforce.com.",
  "^300 ":
    "The external id matches more than one record; the answer lists them. Make it unique, or use the record id.",
  "^404 [^]*(Could not find a match for URL|requested resource does not exist)":
    "The resource does not exist, this API version does not have it, or this user may not see it.",
  "^404 ": "There is no such record or resource, or this user may not see it.",
  "^405 ": "This resource does not accept this method.",
  "^410 ":
    `This API version is retired. Use a newer one, such as ${API_VERSION}: SF_API_VERSION, or the option apiVersion.`,
  "^41[34] |^431 ":
    "The request is too long: URL and headers may have 16,384 bytes. sfQuery sends a long query in the body; a composite request does so for others.",
  "^415 ": "This resource accepts another content type: look at the Content-Type header.",
  "^420 ": "Salesforce's edge has no route to this host: the org moved, or a scratch org expired.",
  "^429 ": "Too many requests at once: send fewer in parallel.",
  "SERVER_UNAVAILABLE|^50[234] |^500 (?![A-Z_]+:)":
    "Salesforce is busy or under maintenance. Try again; https://status.salesforce.com has the details.",
};

/** What of an answer an error keeps. */
type AnswerHead = Pick<Response, "status" | "headers"> & { statusText?: string };

/** The error of an answer: the message begins with the request. */
function answerError(
  { status, headers }: AnswerHead,
  method: string,
  target: string,
  said: string,
  hint: string,
  errors: SalesforceError["errors"] = [],
): SalesforceError {
  const path = pathOf(target);
  const message = `${method} ${path}: ${said}`;
  return new SalesforceError(message, hint, { status, headers, errors, method, path });
}

function salesforceError(
  response: AnswerHead,
  text: string,
  method: string,
  target: string,
): SalesforceError {
  const { status, headers, statusText } = response;
  const errors = restErrors(text);
  const told = errors.map((one) => [one.errorCode, one.message].filter(Boolean).join(": "));
  const isPage = /^\s*<(!doctype|html)/i.test(text);
  const said = isPage ? "a web page, not the API" : shortened(told.join("; ")) || statusText;
  const line = `${status} ${said || "nothing more"}`;
  const via = isPage && headers.get("via")?.slice(0, 100);
  const hint = via
    ? `The page comes from a proxy between this machine and Salesforce (Via: ${via}).`
    : firstMatch(REST_HINTS, line) ?? "";
  return answerError(response, method, target, line, hint, errors);
}

/** An error body in any of its shapes: array, object, collection item, OAuth, XML, plain text. */
function restErrors(body: string): SalesforceError["errors"] {
  const json = parseJson(body); // first: what looks like a secret could reach over its strings
  // deno-lint-ignore no-explicit-any -- one of many shapes
  const list: any[] = Array.isArray(json) ? json : json ? [json] : [];
  if (list.length && list.every((one) => typeof one === "string")) {
    return [{ errorCode: "", message: withoutSecrets(list.join(", ")) }]; // 300: the records that fit
  }
  if (json !== undefined) {
    return list.flatMap((one) => one?.errors ?? [one]).map((one) => ({
      errorCode: withoutSecrets(wordsOf(one?.errorCode ?? one?.statusCode ?? one?.error)),
      message: withoutSecrets(wordsOf(one?.message ?? one?.error_description)), // JSON may have escaped it
      ...(Array.isArray(one?.fields) &&
        { fields: one.fields.filter(isText).map((field: string) => withoutSecrets(field)) }),
    })).filter(({ errorCode, message }) => errorCode || message);
  }
  const text = withoutSecrets(body);
  const [, code] = /<(?:\w+:)?(?:errorCode|exceptionCode)>([^<]*)</.exec(text) ?? [];
  const [, message = ""] = /<(?:\w+:)?(?:message|exceptionMessage)>([^<]*)</.exec(text) ?? [];
  if (code) return [{ errorCode: code, message }];
  const plain = text.trim();
  if (!plain || plain.startsWith("<")) return [];
  if (/^[A-Z]\w+$/.test(plain)) return [{ errorCode: plain, message: "" }];
  return [{ errorCode: "", message: plain.slice(0, 500) }];
}

type Call = { method: string; url: string };

function parseBody(response: Response, text: string, call: Call, parse?: typeof JSON.parse) {
  const json = parseJson(text, parse);
  if (json !== undefined) return json;
  if (/^\s*</.test(text)) throw salesforceError(response, text, call.method, call.url);
  throw unreadable(response, text ? "not with valid JSON" : "no body", call);
}

/** A body that is not what it was read as. */
function unreadable(response: Response, what: string, { method, url }: Call): SalesforceError {
  const type = response.headers.get("content-type") ?? "no content type";
  const hint = what === "no body"
    ? "A 204 answer has no body: do not call json()."
    : "Read it with text() or arrayBuffer(). JSON that ends early was cut on its way.";
  return answerError(response, method, url, `${response.status}, but ${what} (${type}).`, hint);
}

const noQueryResult = (why = "it has no records"): SfetchError =>
  new SfetchError(
    `The answer to the query is not a query result: ${why}.`,
    "Something between this machine and Salesforce answered in its place, or the text is not a query.",
  );

const incompleteResult = (next: string | undefined): SfetchError =>
  new SfetchError(
    next
      ? "The query's pages go in a circle: one of them names an earlier one as the next."
      : "The query's result is not whole: there are more records, and no page to get them from.",
    "Run the query again. If it happens again, look at what is between here and Salesforce.",
  );

function redirected(
  response: Response,
  { method, target }: Prepared,
  url: string,
): SalesforceError {
  const location = response.headers.get("location");
  const place = location ? hostOf(location, url) : "another place";
  const said = `redirected to ${place} (HTTP ${response.status}), and not followed.`;
  const next = ownRedirect(response, url);
  const hint = !next
    ? "The token does not leave the org's own origin. If the org moved, sign in at its new My Domain."
    : followsRedirects(method)
    ? `The org redirects again and again: ${MOST_REDIRECTS} times were followed.`
    : `Only GET and HEAD follow a redirect. Send the ${method} to ${pathOf(next.href)}`;
  return answerError(response, method, target, said, hint);
}

/** A renewal that changed nothing: another one would not either. */
function stillDead({ response, errorText = "" }: Answer, request: Prepared): SalesforceError {
  const { method, target } = request;
  const errors = restErrors(errorText);
  const told = errors.map((one) => one.message || one.errorCode).join("; ");
  const said = `${response.status} again after one renewal of the token: ${told}`;
  const hint = /\/query(All)?\/[^/?]+$/.test(pathOf(target))
    ? "The query's cursor belonged to the session that has ended. Run the query again."
    : "The org accepts the sign-in but not its tokens: check the app's session policies (high assurance, IP relaxation) and API Access Control.";
  return answerError(response, method, target, said, hint, errors);
}

function usedUpStream({ method, target }: Prepared): SfetchError {
  const said = "the session had ended, and the body was a stream, which cannot be sent twice.";
  const hint =
    "The session is renewed: send the request again. A string, a Blob or bytes would have been sent again automatically.";
  return new SfetchError(`${method} ${pathOf(target)}: ${said}`, hint);
}

// The connection.

/** What runtimes say, in lower case, of a request that did not arrive → what it means, and how often to try again. */
const CONNECTION_FAULTS: Record<string, [what: string, hint: string, repeats?: number]> = {
  "proxy authentication|proxy.*\\b407\\b": [
    "the proxy wants a user name and a password",
    "Put them into the proxy's URL: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT.",
  ],
  "unsuccessful tunnel|open a tunnel|http tunneling": [
    "the proxy does not let the connection through",
    "Ask whoever runs the proxy that HTTPS_PROXY names to allow this host, or add the host to NO_PROXY.",
    2,
  ],
  "enotfound|eai_again|dns error|failed to lookup|getaddrinfo": [
    "the host name is not known",
    "Check the network connection, and the name for typing errors: the My Domain is in Setup > My Domain. A new one needs some minutes.",
  ],
  "ports? \\d* ?(is|are) blocked|bad port": [
    "fetch refuses to connect to this port",
    "It is one of those that browsers block. Check the port.",
  ],
  "econnrefused|connection ?refused": ["nothing listens there", "Check the host and port.", 2],
  "cert|ssl|tls|unknownissuer": [
    "its certificate is not trusted",
    "Behind a company proxy, trust its CA: NODE_EXTRA_CA_CERTS=FILE (Node, Bun), DENO_CERT=FILE or DENO_TLS_CA_STORE=system (Deno).",
  ],
  "notcapable|requires net access": [
    "Deno was not allowed to connect",
    "Add --allow-net for that host.",
  ],
  "failedtoopensocket|unable to connect": [
    "it cannot be reached",
    "Check the host's name and the network; a proxy is taken from HTTPS_PROXY (on Node with NODE_USE_ENV_PROXY=1).",
    2,
  ],
};

const connectionFault = (cause: unknown) => {
  let said = "";
  let error = cause as { name?: string; code?: string; message?: string; cause?: unknown };
  for (let depth = 0; error && depth < 4; depth++) { // Node wraps a proxy's refusal twice
    said += `${error.name ?? ""} ${error.code ?? ""} ${error.message ?? ""} `;
    error = error.cause as typeof error;
  }
  return firstMatch(CONNECTION_FAULTS, said.toLowerCase());
};

/** How often a request that failed so is worth repeating. */
function repeatsFor(error: unknown): number {
  if (!(error instanceof ConnectionError) || error.timedOut) return 0;
  const [, , repeats = 0] = connectionFault(error.cause) ?? ["", "", Infinity];
  return repeats;
}

const mayHaveArrived = (error: unknown): boolean =>
  error instanceof ConnectionError && !connectionFault(error.cause);

function connectionError(method: string, url: string, cause: unknown, limit?: number): SfetchError {
  if (cause instanceof SfetchError) return cause;
  const timedOut = limit !== undefined;
  const onlyReads = /^(GET|HEAD|OPTIONS)$/.test(method) && !EXECUTES_APEX.test(url);
  const doubt = onlyReads ? "" : "It may have been done all the same. ";
  const fault = connectionFault(cause);
  let what = "the connection broke";
  let hint = `${doubt}Check the network, then try again.`;
  if (timedOut) {
    what = `no answer within ${limit / 1000} s`;
    hint = `${doubt}Allow more time with the option timeout (in ms), or request less.`;
  } else if (fault) [what, hint] = fault;
  const proxy = /not known|nothing listens|be reached/.test(what) ? proxyFor(url) : undefined;
  if (proxy?.isUsed) {
    what = `the proxy ${proxy.host} does not answer`;
    hint = `${proxy.variable} names it. Check its host and port, or add this host to NO_PROXY.`;
  } else if (proxy) {
    hint += ` ${proxy.variable} is set, but Node uses it only with NODE_USE_ENV_PROXY=1.`;
  }
  const address = new URL(url).origin + pathOf(url);
  const details = { method, url: address, timedOut, cause: plainCause(cause) };
  return new ConnectionError(`${method} ${address}: ${what}.`, hint, details);
}

/** What the runtime said. It repeats paths, and Bun and Deno whole URLs, which may hold secrets. */
function plainCause(cause: unknown, depth = 0): unknown {
  if (!(cause instanceof Error) || depth > 4) return undefined;
  const { name, code } = cause as Error & { code?: unknown };
  const withoutQueries = /(https?:\/\/[^\s?#]*)[?#]\S*?(\)?:?)(?=\s|$)/g;
  const message = withoutSecrets(cause.message.replace(withoutQueries, "$1$2"));
  const inner = cause.cause === undefined ? {} : { cause: plainCause(cause.cause, depth + 1) };
  const plain = Object.assign(new Error(message, inner), code === undefined ? {} : { code });
  setHidden(plain, "name", name);
  setHidden(plain, "stack", `${name}: ${message}`);
  return plain;
}

/** The proxy that the environment names for a URL, and whether this runtime uses it. */
function proxyFor(url: string): { variable: string; host: string; isUsed: boolean } | undefined {
  const { protocol, hostname } = new URL(url);
  const read = (name: string) => mayReadVariable(name) ? env(name) : undefined;
  const scheme = protocol.slice(0, -1);
  const variable = [`${scheme}_proxy`, `${scheme}_proxy`.toUpperCase()].find(read);
  const exceptions = (read("no_proxy") ?? read("NO_PROXY") ?? "").split(/[\s,]+/).filter(Boolean);
  const isExcepted = exceptions.some((end) => hostname.endsWith(end.replace(/^\*/, ""))); // * is all
  if (!variable || isExcepted) return;
  const proxy = urlOf(withScheme(read(variable)!));
  if (!proxy) return;
  const isNode = !runtime.Deno && !runtime.Bun;
  const flags = isNode && `${read("NODE_OPTIONS")} ${runtime.process?.execArgv}`;
  const isUsed = !flags || read("NODE_USE_ENV_PROXY") === "1" || flags.includes("--use-env-proxy");
  return { variable, host: proxy.host, isUsed };
}

// ── Notebook display ─────────────────────────────────────────────────────────────────────────────

/** Notebooks align all cells to the right, also text. */
const cell = (html: string, style = "text-align:left", tag = "td"): string =>
  `<${tag} style="${style}">${html}</${tag}>`;

const LONGEST_CELL = 100;
const MOST_ROWS = 200;

/** Makes a notebook show the array as a table. */
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
  const head = columns.map((column) => cell(escapeHtml(column), undefined, "th"));
  const body = rows.map((row) =>
    `<tr>${columns.map((column) => cellHtml(column, row[column], instanceUrl)).join("")}</tr>`
  );
  return {
    "text/plain": `${count}\n${rows.map((row) => JSON.stringify(row)).join("\n")}`,
    "text/html": `<table><thead><tr>${head.join("")}</tr></thead>` +
      `<tbody>${body.join("")}</tbody></table><small style="opacity:.7">${count}</small>`,
  };
}

/** Parents as `Account.Name`, children as their count. */
function flatten(record: SObject, prefix = ""): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    if (name === "attributes") continue;
    const column = prefix + name;
    if (Array.isArray(value?.records)) flat[column] = `${value.totalSize} records`;
    else if (value && typeof value === "object") Object.assign(flat, flatten(value, `${column}.`));
    else flat[column] = value;
  }
  return flat;
}

function cellHtml(column: string, value: unknown, instanceUrl: string): string {
  if (value === null || value === undefined) return cell("null", "text-align:left;opacity:.5");
  if (typeof value === "number") return cell(String(value), "text-align:right");
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  if (/(^|\.)Id$/.test(column) && /^\w{15,18}$/.test(text)) {
    return cell(`<a href="${escapeHtml(`${instanceUrl}/${text}`)}" target="_blank">${text}</a>`);
  }
  if (text.length <= LONGEST_CELL) return cell(escapeHtml(text));
  const start = escapeHtml(text.slice(0, LONGEST_CELL));
  return cell(`<span title="${escapeHtml(text)}">${start}…</span>`);
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

// ── Small helpers ────────────────────────────────────────────────────────────────────────────────

/** Does work once for each key, however often it is asked for; what has failed is done again. */
function once<T, K = void>(work: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const known = new Map<K, Promise<T>>();
  return (key) => {
    const result = known.get(key) ?? work(key);
    known.set(key, result);
    result.catch(() => known.delete(key));
    return result;
  };
}

const mask = (accessToken: string): string =>
  /^00D/.test(accessToken) ? "00D…!****" : /^eyJ/.test(accessToken) ? "eyJ…****" : "****";

/** What a server said, without the token or assertion that it got and may send back. */
const withoutBearer = (text: string, bearer: string): string =>
  bearer ? text.replaceAll(bearer, mask(bearer)) : text;

/** Text of callers and servers as it may be printed: without secrets, and with nothing that steers a terminal. */
const harmless = (text: string): string =>
  withoutSecrets(text).replace(
    // deno-lint-ignore no-control-regex
    /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

// deno-lint-ignore no-explicit-any -- JSON of others
function parseJson(text: string, parse: (text: string) => unknown = JSON.parse): any {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** The value of the first key that, as a regular expression, matches the text. */
const firstMatch = <T>(table: Record<string, T>, text: string): T | undefined =>
  Object.entries(table).find(([pattern]) => new RegExp(pattern).test(text))?.[1];

/** What a server sent where words are expected. */
function wordsOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : JSON.stringify(value);
}

const shortened = (text: string): string =>
  text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;

/** In characters: what Salesforce says is shorter, stack traces of Apex too. */
const LONGEST_TEXT = 10_000;

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const pathOf = (target: string): string =>
  withoutSecrets(new URL(target, PRODUCTION_LOGIN).pathname);

/** The host that a redirect from `url` leads to. */
const hostOf = (location: string, url: string): string =>
  urlOf(location, url)?.host ?? "an unreadable address";

/** Node's `URL.canParse` accepts some very long hosts that `new URL` refuses. */
function urlOf(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

// Bytes.

/** What comes by a stream; the rest is not waited for where the caller leaves. Not every browser's can be iterated. */
async function* chunksOf<T>(stream: ReadableStream<T> | null): AsyncGenerator<T, void, void> {
  const reader = stream?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {}); // a clone's ends only when both are read
  }
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));

function concat(...arrays: Uint8Array[]): Uint8Array<ArrayBuffer> {
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
    const binary = atob(plain);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i); // from() would take 1 ms of a sign-in
    return bytes;
  } catch {
    return undefined;
  }
}
