import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { runtimeName } from "./helpers/runtime.ts";
import { FAULTS } from "./matrix/faults.ts";
import { OPERATIONS } from "./matrix/operations.ts";
import { isRight, OUTCOMES } from "./matrix/outcomes.ts";
import { type Outcomes, runMatrix } from "./matrix/run.ts";

describe("what goes wrong on the way comes to its one right end:", () => {
  let outcomes: Outcomes;
  before(async () => {
    outcomes = await runMatrix(); // all at once: most of the time is spent waiting
  });

  for (const { name: fault } of FAULTS) {
    test(fault, () => {
      for (const { name: operation } of OPERATIONS) {
        const expected = OUTCOMES[fault]?.[operation];
        assert.ok(expected, `${operation}: no outcome is written down`);
        const outcome = outcomes[fault]![operation]!;
        assert.ok(
          isRight(outcome, expected, runtimeName),
          `${operation}: ${outcome}, and not ${expected}`,
        );
      }
    });
  }

  test("every row that is written down was run", () => {
    assert.deepEqual(Object.keys(OUTCOMES), FAULTS.map(({ name }) => name));
  });
});
