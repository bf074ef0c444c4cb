/**
 * Tries every property with many inputs: `npm run fuzz [CASES] [PART OF A NAME]`
 *
 * @module
 */
import process from "node:process";
import { properties } from "./properties.ts";

const [cases = "1000000", part = ""] = process.argv.slice(2);
const chosen = (await properties()).filter(({ name }) => name.includes(part));
const shares = chosen.reduce((sum, { share }) => sum + share, 0);
let tried = 0;
for (const { name, share, check } of chosen) {
  const runs = Math.ceil(Number(cases) * share / shares);
  const started = performance.now();
  try {
    await check(runs);
    tried += runs;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`✓ ${name}: ${runs} cases in ${seconds} s`);
  } catch (error) {
    const { message, cause } = error as Error;
    console.log(`✗ ${name}: ${message}\n${(cause as Error)?.message ?? ""}`);
    process.exitCode = 1;
  }
}
console.log(`\n${tried} cases held.`);
