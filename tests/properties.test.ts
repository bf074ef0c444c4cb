import { describe, test } from "node:test";
import { properties } from "./fuzz/properties.ts";

const CASES = 5_000;
/** The suite tries the same inputs each time; `npm run fuzz` tries new ones. */
const SEED = 20_260_101;
const all = await properties();

describe("for every input:", () => {
  for (const { name, share, check } of all) {
    test(name, () => check(Math.ceil(CASES * share), SEED));
  }
});
