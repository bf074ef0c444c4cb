/** Requests that make no sense are refused by every resource of the practice org, and break none. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { API_RESOURCES } from "../practice-org/resources.ts";
import { newOrg, USER } from "./helpers/org-data.ts";

/** What a path's `:name` may be: of each kind one that is there, one that is not, and one that is none. */
const SEGMENTS: Record<string, string[]> = {
  ":object": ["Account", "ContentVersion", "Order_Event__e", "Nope", "%00", "__proto__"],
  ":id": [USER, "0015g00000Kx100AAB", "0015g00000ZzzzzAAA", "x", "constructor"],
  ":key": ["External_Id__c", "0015g00000Kx100AAB", "Nope"],
  ":value": ["A-000001", "Contacts", "Owner", "%F0%9F%9A%80", "'"],
  ":field": ["External_Id__c", "Id", "Nope"],
  ":locator": ["01g5g00000Kx100AAB-0", "01g5g00000Kx100AAB--1", "x"],
  ":name": ["UserAlt", "x"],
  ":resource": ["x"],
  "**": ["", "x/y"],
};

const QUERIES = [
  "",
  "?q=",
  "?q=SELECT",
  "?q=%7B%7D&fields=,&ids=,,&limit=x&offset=-1",
  "?ids=a,b&fields=Nope&start=1&end=0&maxRecords=-1&locator=x",
  "?sObjects=,&anonymousBody='&explain=00B",
];

const ITEM = {
  method: 1,
  url: {},
  referenceId: [],
  attributes: 1,
  graphId: 1,
  compositeRequest: 1,
};
const BODIES: unknown[] = [
  "",
  "{",
  "null",
  "[]",
  '"text"',
  {},
  { records: 1, compositeRequest: 1, batchRequests: 1, graphs: 1, ids: 1, fields: 1, query: 1 },
  { records: [null], compositeRequest: [1], batchRequests: [[]], graphs: [{}], ids: [1] },
  {
    records: [ITEM, {}],
    compositeRequest: [ITEM, {}],
    batchRequests: [ITEM, {}],
    graphs: [ITEM],
    ids: [null, {}],
    fields: [{}],
    query: "{ uiapi { query { Account(first: -1) { edges } } } }",
    variables: 1,
    operation: {},
    object: [],
    state: [],
    sobjects: [{}],
    q: {},
  },
  {
    compositeRequest: [
      { url: "/services/data/v67.0/limits" },
      { url: "/services/data/v67.0/limits", method: "GET", httpHeaders: { "ü\n": "x" } },
      { url: "/services/data/v67.0/sobjects/Account", method: "POST", referenceId: 1, body: "x" },
      { url: "/services/data/v67.0/sobjects/@{1.id}", method: "PATCH", body: [null] },
      { url: "/services/data/v67.0/composite", method: "POST", body: {} },
      { url: "/services/data/v67.0/jobs/ingest/x/batches", method: "PUT", body: 1 },
    ],
    batchRequests: [{ url: "v67.0/limits" }, { url: "v67.0/query?q=", method: "GET" }],
    graphs: [{ graphId: "1", compositeRequest: [{ method: "GET" }] }],
    records: [{ attributes: { type: "Account", referenceId: 1 }, Contacts: { records: 1 } }],
    operationName: {},
    query: "query A($a: Int) { uiapi { query { Account(where: { Name: 1 }, orderBy: 1) { x } } } }",
  },
  { Name: { a: 1 }, Owner: 1, Id: [], AnnualRevenue: "1e999", NumberOfEmployees: 1e30 },
  { query: "{ __proto__ }", Name: "__proto__", constructor: 1, __proto__: null },
];

/** Every path that a pattern stands for. */
function pathsOf(pattern: string): string[] {
  return pattern.split("/").filter(Boolean).reduce(
    (paths, segment) =>
      paths.flatMap((path) => (SEGMENTS[segment] ?? [segment]).map((each) => `${path}/${each}`)),
    [""],
  );
}

describe("odd requests", () => {
  const org = newOrg(3);
  for (const { path, methods } of API_RESOURCES) {
    for (const method of methods.split(",")) {
      test(`${method} ${path}`, async () => {
        for (const each of pathsOf(path)) {
          const hasBody = method !== "GET" && method !== "DELETE";
          for (const query of hasBody ? ["", "?_HttpMethod=PATCH"] : QUERIES) {
            const bodies = hasBody ? BODIES : [undefined];
            for (const body of bodies) {
              const { status } = await org.call(method, each + query, body);
              assert.ok(status >= 200 && status < 500, `${each}${query} ${JSON.stringify(body)}`);
            }
          }
        }
      });
    }
  }
});
