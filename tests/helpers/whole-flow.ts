import assert from "node:assert/strict";
import type { FlowReport } from "../everywhere/flow.ts";

/** A report of the flow, or the error that broke it off. */
export type FlowAnswer = FlowReport & { error?: string };

/** Holds a report of the flow to what it must have seen in an org of so many Accounts. */
export function assertWholeFlow(report: FlowAnswer, accounts: number): void {
  assert.equal(report.error, undefined);
  assert.match(report.token, /\*\*\*\*/);
  assert.equal(report.accounts, accounts);
  assert.equal(report.name, "Made far from any terminal");
  assert.ok(report.usage > 0, "Sforce-Limit-Info can be read");
  assert.ok(report.tokenRenewed);
  assert.match(report.hint, /Nme|field/i);
}
