/** An org in the process with short ways to ask for its data, for tests that need no socket and no sign-in. */
import assert from "node:assert/strict";
import { createCore, perform } from "../../practice-org/core.ts";
import { encode } from "../../practice-org/http.ts";
import { idOf } from "../../practice-org/ids.ts";
import { opaqueToken } from "../../practice-org/sessions.ts";

/** An answer of the API. */
export interface Answer {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- answers are read as the test knows them
  body: any;
}

/** What goes along with a request. */
export interface RequestOptions {
  headers?: Record<string, string>;
  /** Who asks. @default {USER} */
  userId?: string;
}

/** The ways to ask an org. */
export interface DataOrg {
  /** Sends a request; `path` is what follows `/services/data/v67.0`. */
  call(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  /** Runs a query. */
  ask(soql: string, options?: RequestOptions, resource?: string): Promise<Answer>;
  /** Runs a query that must succeed and returns its records. */
  find(soql: string): Promise<Answer["body"][]>;
  /** Creates a record and returns its id. */
  create(object: string, body: unknown): Promise<string>;
}

/** The user who asks, and owns the seeded records. */
export const USER = idOf("005", 0);
export const OTHER_USER = idOf("005", 5);
export const ORG = idOf("00D", 0);

/** Nobody signs in with an assertion. */
const NO_KEY = undefined as unknown as CryptoKey;

const API = "/services/data/v67.0";
const ORIGIN = "http://127.0.0.1";

/** Makes an org of its own for a test. */
export function newOrg(rows?: number): DataOrg {
  const org = createCore({ publicKey: NO_KEY, ...(rows !== undefined && { rows }) });
  const tokenOf = (userId: string): string => {
    const user = Object.values(org.users).find(({ id }) => id === userId)!;
    const grant = { user, app: org.apps.main, scopes: ["api"] };
    return org.sessions.open(grant, opaqueToken(org.id)).accessToken;
  };
  const tokens: Record<string, string> = {
    [USER]: tokenOf(USER),
    [OTHER_USER]: tokenOf(OTHER_USER),
  };

  const call: DataOrg["call"] = async (
    method,
    path,
    body,
    { headers = {}, userId = USER } = {},
  ) => {
    const target = API + path.replace(API, "");
    const url = new URL(target, ORIGIN);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { reply } = await perform(org, {
      method,
      target,
      path: url.pathname,
      query: url.searchParams,
      headers: new Headers({
        authorization: `Bearer ${tokens[userId]}`,
        "content-type": "application/json",
        ...headers,
      }),
      origin: ORIGIN,
      size: 0,
      body: new TextEncoder().encode(body === undefined ? "" : text),
    });
    const sent = encode(reply!);
    return {
      status: reply!.status,
      headers: new Headers(sent.headers),
      body: reply!.json === undefined ? reply!.body : JSON.parse(String(sent.body)),
    };
  };
  const ask: DataOrg["ask"] = (soql, options, resource = "query") =>
    call("GET", `/${resource}?q=${encodeURIComponent(soql)}`, undefined, options);
  const find: DataOrg["find"] = async (soql) => {
    const { status, body } = await ask(soql);
    assert.equal(status, 200, JSON.stringify(body));
    return body.records;
  };
  const create: DataOrg["create"] = async (object, body) => {
    const answer = await call("POST", `/sobjects/${object}`, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  return { call, ask, find, create };
}

/** An org with three Accounts and nothing else, for questions about values. */
export async function newSmallOrg() {
  const org = newOrg(0);
  const records = [
    { Name: "apple", NumberOfEmployees: 10, Tags__c: "Key account;Partner", Active__c: true },
    { Name: "Äpfel & Söhne 🍏", NumberOfEmployees: 200, Tags__c: "Partner", Site: "50%_off" },
    { Name: "O'Pear \\ Co", Score__c: 1.5, Tags__c: "Newsletter", Site: "50 off" },
  ];
  for (const record of records) await org.create("Account", record);
  const names = async (where: string) =>
    (await org.find(`SELECT Name FROM Account WHERE ${where}`)).map(({ Name }) => Name[0]).join("");
  return { ...org, names };
}
