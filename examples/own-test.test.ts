/**
 * A test of your own on a practice org in the process: no account, no network, nothing mocked.
 *
 *     deno test --allow-env --allow-read examples/own-test.test.ts
 *     bun test examples/own-test.test.ts
 *     node --test examples/own-test.test.ts
 */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { createSession, type Session } from "../mod.ts";
import { startPracticeOrg } from "../practice-org/mod.ts";

/** The code under test: gives up the deals whose date has passed. */
async function giveUpOverdue(session: Session): Promise<number> {
  const overdue = "SELECT Id FROM Opportunity WHERE IsClosed = false AND CloseDate < TODAY";
  const deals = await session.query(overdue);
  const change = { method: "PATCH", json: { StageName: "Closed Lost" } };
  for (const { Id } of deals) await session.fetch(`/sobjects/Opportunity/${Id}`, change);
  return deals.length;
}

const org = await startPracticeOrg({ listen: false, rows: 20 });
const { clientId, username, privateKey, url: loginUrl, fetch, control } = org;
const session = createSession({ clientId, username, privateKey, loginUrl, fetch });
beforeEach(() => control.clearRequests());

test("deals whose date has passed are given up, each by one call", async () => {
  const count = await giveUpOverdue(session);
  assert.ok(count > 0);
  assert.equal(control.requests().filter(({ method }) => method === "PATCH").length, count);
  assert.equal(await giveUpOverdue(session), 0);
});

test("a query that Salesforce is too busy for is sent again", async () => {
  control.fault({ kind: "rest-error", error: "server-unavailable", path: "/services/data" });
  assert.equal(await giveUpOverdue(session), 0);
  assert.equal(control.requests().length, 2);
});
