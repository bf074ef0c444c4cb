/** The editing keys of the REPL: motions and deletions by word and by line, and Tab. */
import { describe, test } from "node:test";
import { missing } from "./helpers/missing.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { withRepls } from "./helpers/repl.ts";

const org = await practiceOrg({ rows: 3 });

/** What is typed, the keys pressed then, what is typed after them, and the value of the line. */
const CASES: [typed: string, keys: string[], more: string, value: string][] = [
  ['"a1" + "z"', ["C-a"], "= ", "a1z"],
  ['"a2" + "z"', ["Home"], "= ", "a2z"],
  ['= "a3', ["C-a", "C-e"], '"', "a3"],
  ['= "a4', ["C-a", "End"], '"', "a4"],
  // A quote is a word of its own.
  ['= "b1 two"', ["M-b", "M-b"], "X", "b1 Xtwo"],
  ['= "b2 two"', ["C-Left", "C-Left"], "X", "b2 Xtwo"],
  ['= "b3 two"', ["M-b", "M-b", "M-b"], "X", "Xb3 two"],
  ['= "f1 two"', ["C-a", "M-f", "M-f", "M-f"], "X", "f1 Xtwo"],
  ['= "f2 two"', ["C-a", "C-Right", "C-Right", "C-Right"], "X", "f2 Xtwo"],
  ['= "w1 two', ["C-w"], 'six"', "w1 six"],
  ['= "w2 two', ["M-BSpace"], 'six"', "w2 six"],
  ['= "d1 two', ["M-b", "M-d"], 'six"', "d1 six"],
  ['= "k1 two three', ["M-b", "M-b", "C-k"], 'six"', "k1 six"],
  ['nonsense "u1"', ["M-b", "M-b", "Left", "C-u"], "= ", "u1"],
  ['= "l1"x', ["Left", "C-d"], "", "l1"],
  ['= "l2x"', ["C-b", "C-h"], "", "l2"],
];

describe("editing keys", { skip: missing("tmux") }, () => {
  test(
    "move and delete by words and to the ends of the line",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env, { height: 100 });
      for (const [typed, keys, more, value] of CASES) {
        await repl.send(typed);
        await repl.press(...keys);
        if (more) await repl.send(more);
        await repl.press("Enter");
        await repl.waitFor(new RegExp(`^${value}$`, "m"));
      }
    }),
  );

  test(
    "Tab completes at the cursor, and what stands after it stays",
    withRepls(async (repls) => {
      const repl = await repls.open(org.env);
      await repl.enter(".objects opportunity");
      await repl.waitFor("OpportunityLineItem");
      await repl.send("SELECT COUNT() FROM OpportunityL WHERE Id = null");
      await repl.press(...Array(4).fill("M-b"), "Left");
      await repl.press("Tab");
      await repl.waitFor("FROM OpportunityLineItem WHERE Id = null");
      await repl.enter("");
      await repl.waitFor(/^0$/m);
      await repl.send(".lim");
      await repl.press("Tab");
      await repl.waitFor(/> \.limits$/);
      await repl.enter("");
      await repl.waitFor("DailyApiRequests");
    }),
  );
});
