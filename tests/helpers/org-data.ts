/** The practice org's data without HTTP, with short ways to ask it. */
import assert from "node:assert/strict";
import type { ApiResponse } from "../../practice-org/api.ts";
import { createOrgData, type OrgData } from "../../practice-org/data.ts";

/** The user who asks, and owns the seeded records. */
export const USER = "0055g00000AbCdEAAV";
export const OTHER_USER = "0055g00000AbCdFAAV";
export const ORG = "00D5g00000AbCdEEAV";

// deno-lint-ignore no-explicit-any -- answers are read as the test knows them
type Answer = Omit<ApiResponse, "body"> & { body: any };

interface RequestOptions {
  headers?: Record<string, string>;
  userId?: string;
}

/** An org of its own for a test. */
export function newOrg(rows?: number) {
  const data: OrgData = createOrgData({
    ...(rows !== undefined && { rows }),
    orgId: ORG,
    userId: USER,
    username: "ada@practice.example",
    users: [
      { id: USER, username: "ada@practice.example", isActive: true },
      { id: OTHER_USER, username: "grace@practice.example", isActive: false },
    ],
  });
  async function call(
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, userId = USER }: RequestOptions = {},
  ): Promise<Answer> {
    const url = new URL(`http://org${path.replace("/services/data/v67.0", "")}`);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { body: answered, ...answer } = await data.handle({
      method,
      path: url.pathname === "/" ? "" : url.pathname,
      query: url.searchParams,
      headers: new Headers(headers),
      body: new TextEncoder().encode(body === undefined ? "" : text),
      version: "67.0",
      userId,
    });
    return { ...answer, body: answered };
  }
  const ask = (soql: string, options?: RequestOptions, resource = "query") =>
    call("GET", `/${resource}?q=${encodeURIComponent(soql)}`, undefined, options);
  const find = async (soql: string): Promise<Answer["body"][]> => {
    const { status, body } = await ask(soql);
    assert.equal(status, 200, JSON.stringify(body));
    return body.records;
  };
  const create = async (object: string, body: unknown): Promise<string> => {
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
