import { describe, test } from "node:test";
import { properties } from "./fuzz/properties.ts";

const CASES = 5_000;
const all = await properties();

describe("for every input:", () => {
  for (const { name, share, check } of all) {
    test(name, () => check(Math.ceil(CASES * share)));
  }
});
