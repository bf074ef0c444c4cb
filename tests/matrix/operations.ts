/** What is done while something goes wrong: the columns of the matrix. */
import type { Session, SfRequestInit } from "../../mod.ts";
import { type Arrived, DATA } from "./org.ts";

/** One column of the matrix. */
export interface Operation {
  name: string;
  /** Whether this request is the one that faults strike. */
  isStruck(request: Arrived): boolean;
  /** The request after whose answer the struck one comes; the struck one is the first without it. */
  follows?(request: Arrived): boolean;
  /** Whether it changes something. */
  writes?: boolean;
  /** Does it, and tells whether what came back is right: `sent` is the last body that was sent. */
  run(session: Session, init: SfRequestInit, sent: () => string): Promise<boolean>;
}

const sends = (method: string, path: string) => (request: Arrived) =>
  request.method === method && request.path.startsWith(DATA + path);
const CHILDREN = "SELECT Id, (SELECT Id FROM Contacts) FROM Account";

async function ids(session: Session, soql: string, init: SfRequestInit): Promise<string> {
  const records = await session.query(soql, { timeout: init.timeout });
  return records.flatMap(({ Id, Contacts }) => [Id, ...(Contacts?.records ?? []).map(idOf)])
    .join();
}
const idOf = ({ Id }: { Id: string }): string => Id;

/** Every column, in the order in which they are shown. */
export const OPERATIONS: Operation[] = [
  {
    name: "token",
    isStruck: ({ path }) => path.startsWith("/services/oauth2/token"),
    run: async (session, { timeout }) => {
      const { accessToken } = await session.getToken({ timeout });
      return (await session.getToken()).accessToken === accessToken;
    },
  },
  {
    name: "GET",
    isStruck: sends("GET", "/limits"),
    run: async (session, init) =>
      (await session.fetch("/limits", init).json()).DailyApiRequests.Max === 1,
  },
  {
    name: "POST",
    writes: true,
    isStruck: sends("POST", "/sobjects"),
    run: async (session, init) => {
      const request = { ...init, method: "POST", json: { Name: "Acme" } };
      return (await session.fetch("/sobjects/Account", request).json()).id === "001A";
    },
  },
  {
    name: "PATCH",
    writes: true,
    isStruck: sends("PATCH", "/sobjects"),
    run: async (session, init) => {
      const request = { ...init, method: "PATCH", json: { Name: "Acme" } };
      return (await session.fetch("/sobjects/Account/Ext__c/1", request).json()).id === "001A";
    },
  },
  {
    name: "DELETE",
    writes: true,
    isStruck: sends("DELETE", "/sobjects"),
    run: async (session, init) =>
      (await session.fetch("/sobjects/Account/001A", { ...init, method: "DELETE" })).ok,
  },
  {
    name: "upload",
    writes: true,
    isStruck: sends("PUT", "/jobs"),
    run: async (session, init) => {
      const body = new Blob(["Name\nAcme\n"]).stream();
      await session.fetch("/jobs/ingest/750/batches", { ...init, method: "PUT", body }).text();
      return true;
    },
  },
  {
    name: "download",
    isStruck: sends("GET", "/sobjects/ContentVersion"),
    run: async (session, init, sent) => {
      const response = await session.fetch("/sobjects/ContentVersion/068/VersionData", init);
      let text = "";
      for await (const part of response.body!.pipeThrough(new TextDecoderStream())) text += part;
      return text === sent();
    },
  },
  {
    name: "first page",
    isStruck: sends("GET", "/query?"),
    run: async (session, init) =>
      await ids(session, "SELECT Id FROM Account", init) === "001A,001B",
  },
  {
    name: "long query",
    isStruck: sends("POST", "/composite"),
    run: async (session, init) => {
      const long = `SELECT Id FROM Account WHERE Name != '${"x".repeat(20_000)}'`;
      return await ids(session, long, init) === "001A,001B";
    },
  },
  {
    name: "later page",
    follows: sends("GET", "/query?"),
    isStruck: sends("GET", "/query/accounts-1"),
    run: async (session, init) =>
      await ids(session, "SELECT Id FROM Account", init) === "001A,001B",
  },
  {
    name: "child page",
    follows: sends("GET", "/query?"),
    isStruck: sends("GET", "/query/contacts-1"),
    run: async (session, init) => await ids(session, CHILDREN, init) === "001A,003A,003B",
  },
];
