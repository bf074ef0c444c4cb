/** Token and one query with sfetch; `all` reads every record there is. */
import process from "node:process";
import { sfQuery } from "../../mod.ts";
import { report } from "./report.ts";

const all = process.argv[2] === "all";
let count = 0;
for await (const { Id } of sfQuery(`SELECT Id, Name FROM Account${all ? "" : " LIMIT 5"}`)) {
  if (Id) count++;
}
report(count);
