/**
 * Runs a file of anonymous Apex; says where it does not compile, or what it threw, and then ends with exit code 1.
 *
 *     deno run --allow-env='SF_*' --allow-net='*.salesforce.com' --allow-read=server.key,fix.apex examples/anonymous-apex.ts fix.apex
 *     bun examples/anonymous-apex.ts fix.apex
 *     node examples/anonymous-apex.ts fix.apex
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { sfFetch } from "../mod.ts";

interface ApexResult {
  success: boolean;
  compiled: boolean;
  line: number;
  column: number;
  compileProblem: string | null;
  exceptionMessage: string | null;
  exceptionStackTrace: string | null;
}

const [file] = process.argv.slice(2);
if (!file) {
  console.error("Usage: anonymous-apex.ts FILE");
  process.exit(2);
}
const anonymousBody = await readFile(file, "utf8");
const result: ApexResult = await sfFetch("/tooling/executeAnonymous", {
  searchParams: { anonymousBody },
}).json();

if (result.success) console.log("done");
else {
  const { compiled, line, column, compileProblem, exceptionMessage, exceptionStackTrace } = result;
  console.error(`${file}:${line}:${column}: ${compiled ? exceptionMessage : compileProblem}`);
  if (exceptionStackTrace) console.error(exceptionStackTrace);
  process.exitCode = 1;
}
