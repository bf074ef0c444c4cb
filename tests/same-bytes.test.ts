/** What a command prints and what the REPL prints for the same statement in the same format is the same, byte for byte. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { FORMATS } from "../cli/output/formats.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { runSelf, temporaryFolder } from "./helpers/runtime.ts";

const org = await practiceOrg({ rows: 250 });
const folder = temporaryFolder();
after(() => removeFolder(folder));

const env = { HOME: folder, ...org.env };

async function printed(args: string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await runSelf(args, { env, input });
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.notEqual(stdout, "");
  return stdout;
}

const QUERIES = [
  "SELECT COUNT() FROM Account",
  "SELECT COUNT() FROM Account WHERE Name = 'none'",
  "SELECT Id, Name, Owner.Name, BillingAddress FROM Account",
  "SELECT Name, (SELECT LastName FROM Contacts) FROM Account LIMIT 3",
  "SELECT Rating, COUNT(Id) number FROM Account GROUP BY Rating",
  "SELECT FIELDS(STANDARD) FROM User LIMIT 2",
  "SELECT Id /* all of them */ FROM Account LIMIT 1 -- only one",
  "FIND {Acme} RETURNING Account(Name), Contact(Name)",
];

const FORMATTED = [QUERIES[0]!, QUERIES[3]!, QUERIES[7]!];

describe("a query", () => {
  for (const query of QUERIES) {
    test(query, async () => {
      assert.equal(await printed([], query), await printed(["query", query]));
    });
  }

  for (const format of FORMATS) {
    test(`in ${format}`, async () => {
      const typed = await printed(["repl", "--format", format], FORMATTED.join("\n"));
      const outputs = [];
      for (const query of FORMATTED) {
        outputs.push(await printed(["query", query, "--format", format]));
      }
      assert.equal(typed, outputs.join(""));
    });
  }
});

const REQUESTS: [method: string, path: string, body?: string][] = [
  ["GET", "/sobjects"],
  ["GET", "/sobjects/Account/describe"],
  ["GET", "/services/oauth2/userinfo"],
  ["GET", "/query?q=SELECT%20COUNT()%20FROM%20Account"],
  [
    "POST",
    "/composite/batch",
    '{"batchRequests": [{"method": "GET", "url": "v67.0/sobjects/Account/describe"}]}',
  ],
];

describe("a request", () => {
  for (const [method, path, body] of REQUESTS) {
    test(`${method} ${path}`, async () => {
      const statement = [method, path, body].filter((part) => part !== undefined).join(" ");
      const args = [method.toLowerCase(), path, ...(body === undefined ? [] : [body])];
      assert.equal(await printed([], statement), await printed(args));
    });
  }
});

test("what follows an answer without a line end begins on a line of its own", async () => {
  const answer = await printed(["get", "/sobjects"]);
  assert.ok(!answer.endsWith("\n"));
  assert.equal(await printed([], "/sobjects\n= 6 * 7\n/sobjects"), `${answer}\n42\n${answer}`);
});
