/** Answers that are not whole, or not as good as their status: what commands and the REPL make of them. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { runSelf, temporaryFolder } from "./helpers/runtime.ts";

/** What the server answers to a path that ends so. */
const answers: Record<string, unknown> = {};

const server = createServer((request, response) => {
  const path = new URL(request.url!, "http://localhost").pathname;
  const [, answer] = Object.entries(answers).find(([end]) => path.endsWith(end)) ?? [];
  response.setHeader("content-type", "application/json;charset=UTF-8");
  if (path.endsWith("/cut")) {
    response.setHeader("content-length", 1000);
    response.write('{"records": [');
    return void setImmediate(() => response.destroy());
  }
  response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const folder = temporaryFolder();
after(async () => {
  server.closeAllConnections();
  server.close();
  await removeFolder(folder);
});

const env = {
  HOME: folder,
  SF_ACCESS_TOKEN: "00Dx!y",
  SF_INSTANCE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
};
const sfetch = (args: string[], input?: string) => runSelf(args, { env, input });

describe("a failure inside a 200", () => {
  const problem = [{ errorCode: "REQUIRED_FIELD_MISSING", message: "Required fields are missing" }];
  const good = { body: { id: "001" }, httpStatusCode: 201, referenceId: "first" };
  const bad = { body: problem, httpStatusCode: 400, referenceId: "second" };
  const cases: [path: string, body: unknown, said: RegExp][] = [
    [
      "/composite",
      { compositeResponse: [good, bad] },
      /1 of 2 failed[^]*second: REQUIRED_FIELD_MISSING: Required fields are missing/,
    ],
    [
      "/composite/batch",
      { hasErrors: true, results: [{ statusCode: 200 }, { statusCode: 400, result: problem }] },
      /1 of 2 failed[^]*request 2: REQUIRED_FIELD_MISSING/,
    ],
    [
      "/composite/sobjects",
      [
        { id: "001", success: true, errors: [] },
        { success: false, errors: [{ statusCode: "INVALID_EMAIL_ADDRESS", message: "no" }] },
      ],
      /1 of 2 failed[^]*record 2: INVALID_EMAIL_ADDRESS: no/,
    ],
    [
      "/composite/graph",
      {
        graphs: [{
          graphId: "g1",
          isSuccessful: false,
          graphResponse: { compositeResponse: [bad] },
        }],
      },
      /g1, second: REQUIRED_FIELD_MISSING/,
    ],
    ["/graphql", { data: null, errors: [{ message: "Unknown field" }] }, /Unknown field/],
    [
      "/actions/standard/chatterPost",
      [{ isSuccess: false, errors: [{ statusCode: "UNKNOWN_EXCEPTION", message: "no text" }] }],
      /UNKNOWN_EXCEPTION: no text/,
    ],
  ];
  for (const [path, body, said] of cases) {
    test(`of ${path} is printed, named, and ends with exit code 1`, async () => {
      answers[path] = body;
      const command = await sfetch(["post", path, "{}"]);
      assert.deepEqual(JSON.parse(command.stdout), body);
      assert.match(command.stderr, said);
      assert.doesNotMatch(command.stderr, /bug/);
      assert.equal(command.code, 1);
      const typed = await sfetch([], `POST ${path} {}\n= 'not reached'\n`);
      assert.equal(typed.stdout, command.stdout);
      assert.match(typed.stderr, said);
      assert.equal(typed.code, 1);
    });
  }

  test("of executeAnonymous is one, in a request as well", async () => {
    const path = "/tooling/executeAnonymous";
    answers[path] = { compiled: false, success: false, compileProblem: "Oops", line: 1, column: 2 };
    const { code, stderr } = await sfetch(["get", `${path}?anonymousBody=x`]);
    assert.match(stderr, /line 1, column 2: Oops/);
    assert.equal(code, 1);
  });

  test("is none where the org's own class says so, or every part succeeded", async () => {
    answers["/services/apexrest/mine"] = { success: false };
    answers["/composite"] = { compositeResponse: [good] };
    assert.equal((await sfetch(["post", "/services/apexrest/mine", "{}"])).code, 0);
    assert.equal((await sfetch(["post", "/composite", "{}"])).code, 0);
  });
});

test("an answer that is cut is said to be cut, and is no bug", async () => {
  for (const args of [["get", "/cut"], ["post", "/cut", "{}"]]) {
    const { code, stderr } = await sfetch(args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /connection broke|was cut/);
    assert.doesNotMatch(stderr, /bug/);
  }
});

test("numbers beyond 2⁵³ keep their digits from a query's page to every format", async () => {
  answers["/query"] = '{"totalSize":1,"done":true,"records":[{"Big__c":12345678901234567890}]}';
  for (const format of ["table", "expanded", "json", "ndjson", "csv", "tsv", "markdown"]) {
    const { stdout, stderr } = await sfetch(["query", "SELECT Big__c FROM A", "-f", format]);
    assert.match(stdout, /12345678901234567890/, stderr);
  }
  const typed = await sfetch([], "SELECT Big__c FROM A\n= _\n");
  assert.equal(typed.stdout.match(/12345678901234567890/g)?.length, 2, typed.stdout);
});
