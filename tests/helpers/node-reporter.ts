/**
 * A reporter for Node's test runner that tells a suite from a test with subtests, which its JUnit
 * reporter does not: JSON with every test's title, outcome and reason to be skipped.
 */
import type { TestEvent } from "node:test/reporters";
import type { TestResult } from "../run.ts";

/** Collects the outcomes; subtests count with their test, as Bun reports no subtests. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const results: TestResult[][] = []; // by depth; children are reported before their parent
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const children = results[data.nesting + 1]?.splice(0) ?? [];
    const outcome = type === "test:fail" ? "failed" : data.skip ? "skipped" : "passed";
    const own: TestResult = { title: data.name, outcome };
    if (typeof data.skip === "string") own.reason = data.skip;

    const isSuite = data.details.type === "suite" && children.length > 0;
    const brokenHook = outcome === "failed" && !children.some((c) => c.outcome === "failed");
    (results[data.nesting] ??= []).push(
      ...(isSuite ? children.map((c) => ({ ...c, title: `${data.name} > ${c.title}` })) : []),
      ...(!isSuite || brokenHook ? [own] : []),
    );
  }
  yield JSON.stringify(results[0] ?? []);
}
