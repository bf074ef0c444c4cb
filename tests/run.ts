/**
 * Runs the suite on Deno, Bun and Node, and holds them to the same tests:
 *
 *     node tests/run.ts [deno|bun|node]… [file]…
 *
 * Each test file runs in a process of its own, and there are more of them at a time than processors, as about half of
 * their time is spent waiting. In CI a skipped test is a failure.
 *
 * @module
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** One test of a file; `title` has the titles of its suites in front, joined by " > ". */
export interface TestResult {
  title: string;
  outcome: "passed" | "failed" | "skipped";
  reason?: string;
}

interface Runtime {
  name: string;
  /** The command that runs a test file and writes its report. */
  command(file: string, report: string): string[];
  /** The tests in a report. */
  read(report: string): TestResult[];
}

interface FileResult {
  runtime: string;
  file: string;
  tests: TestResult[];
  seconds: number;
  output: string;
}

const root = fileURLToPath(new URL("../", import.meta.url));
const FILE_DEADLINE = 900_000; // ms; a file that takes longer hangs

/** The slowest first, so that all processors are busy until the end. */
const RUNTIMES: Runtime[] = [
  {
    name: "node",
    command: (file, report) => [
      "--test-reporter=./tests/helpers/node-reporter.ts",
      `--test-reporter-destination=${report}`,
      "--test-reporter=spec",
      "--test-reporter-destination=stdout",
      file,
    ],
    read: JSON.parse,
  },
  {
    name: "deno",
    command: (file, report) => [
      "test",
      "-A",
      "--no-check",
      "--no-lock", // or the development dependencies would be added to it
      `--junit-path=${report}`,
      file,
    ],
    read: readDenoReport,
  },
  {
    name: "bun",
    command: (file, report) => [
      "test",
      `--timeout=${FILE_DEADLINE}`, // for a test; the others have no limit
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      "./" + file,
    ],
    read: readBunReport,
  },
];

async function main(args: string[]): Promise<boolean> {
  process.chdir(root);
  process.env.PATH = join(root, "node_modules", ".bin") + delimiter + process.env.PATH;

  const named = RUNTIMES.filter(({ name }) => args.includes(name));
  const runtimes = named.length > 0 ? named : RUNTIMES;
  const files = testFiles(args.filter((arg) => !named.some(({ name }) => name === arg)));
  for (const { name } of runtimes) console.log(`${name} ${version(name)}`);
  fillDenoCache(files);

  // Runtime by runtime: what one has done for all of them is there when the next one comes to the same file.
  const jobs = runtimes.flatMap((runtime) => files.map((file) => () => runFile(runtime, file)));
  const results = await inParallel(jobs, 2 * availableParallelism());

  const skipped = allTests(results, "skipped");
  if (skipped.length > 0) {
    console.log(`\nskipped:\n${skipped.map((line) => "  " + line).join("\n")}`);
  }
  const faults = [
    ...allTests(results, "failed"),
    ...differences(files, runtimes, results),
    ...(process.env.CI ? skipped.map((line) => `${line}: nothing may be skipped in CI`) : []),
  ];
  if (faults.length > 0) console.log(`\nfailed:\n${faults.map((line) => "  " + line).join("\n")}`);

  console.log();
  for (const { name } of runtimes) {
    const own = results.filter(({ runtime }) => runtime === name);
    const seconds = own.reduce((sum, result) => sum + result.seconds, 0);
    console.log(`${name} ${version(name)}: ${counts(own)} in ${seconds.toFixed(0)} s`);
  }
  console.log();
  const passed = allTests(results, "passed").length;
  console.log(`${passed} passed, ${faults.length} failed, ${skipped.length} skipped`);
  return faults.length === 0 && passed > 0;
}

function testFiles(names: string[]): string[] {
  const all = readdirSync("tests").filter((name) => name.endsWith(".test.ts")).sort();
  const wanted = names.map((name) => basename(name).replace(/(\.test)?(\.ts)?$/, ".test.ts"));
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`No such test file: ${unknown.join(", ")}`);
  return (wanted.length > 0 ? wanted : all).map((name) => `tests/${name}`);
}

/**
 * Deno writes "Download …" to stderr for each package that its cache lacks, and many tests want an
 * empty stderr. So the cache is filled first: as locked for the commands, as found for the tests.
 */
function fillDenoCache(tests: string[]): void {
  const fills = [
    ["cli.ts", "mod.ts", "practice-org/mod.ts"],
    ["--no-lock", ...tests],
  ];
  for (const fill of fills) {
    for (let attempt = 1;; attempt++) {
      const { status } = spawnSync("deno", ["cache", "--quiet", ...fill], { stdio: "inherit" });
      if (status === 0) break;
      if (attempt === 3) {
        throw new Error(
          "Deno could not fetch the packages that the tests need. Where it says UnknownIssuer, put " +
            "DENO_TLS_CA_STORE=system NODE_USE_SYSTEM_CA=1 in front: they then trust what the machine trusts.",
        );
      }
    }
  }
}

function version(runtime: string): string {
  return execFileSync(runtime, ["--version"], { encoding: "utf8" }).match(/\d+\.\d+\.\d+/)![0];
}

/** Runs a test file to its end, kills it where there is none, and prints its line. */
async function runFile(runtime: Runtime, file: string): Promise<FileResult> {
  const folder = mkdtempSync(join(tmpdir(), "sfetch-report-"));
  const report = join(folder, "report");
  const started = performance.now();
  const { code, output } = await execute(runtime.name, runtime.command(file, report));
  const seconds = (performance.now() - started) / 1000;

  const tests = readReport(runtime, report);
  rmSync(folder, { recursive: true, force: true });
  // A file that breaks outside of its tests, or has none, is a failure that no report tells of.
  if (tests.length === 0 || (code !== 0 && !tests.some(({ outcome }) => outcome === "failed"))) {
    const reason = code === undefined ? "did not end" : `exit code ${code}`;
    tests.push({ title: `the file itself, ${reason}, ${tests.length} tests`, outcome: "failed" });
  }

  const result = { runtime: runtime.name, file, tests, seconds, output };
  const failed = tests.some(({ outcome }) => outcome === "failed");
  console.log(
    `${failed ? "✗" : "✓"} ${file} ${runtime.name}: ${counts([result])} in ${seconds.toFixed(1)} s`,
  );
  if (failed) console.log(output.trimEnd().replace(/^/gm, "  | "));
  return result;
}

/** What the test files share. */
const suiteFolder = mkdtempSync(join(tmpdir(), "sfetch-suite-"));
process.on("exit", () => rmSync(suiteFolder, { recursive: true, force: true }));

const running = new Set<number>();

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    for (const pid of running) process.kill(-pid, "SIGKILL");
    process.exit(130);
  });
}

/** Runs a command in a process group of its own, so that nothing it started outlives its deadline. */
function execute(
  command: string,
  args: string[],
): Promise<{ code: number | undefined; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        NO_COLOR: "1",
        NODE_NO_WARNINGS: "1",
        SFETCH_SUITE_FOLDER: suiteFolder,
        NODE_COMPILE_CACHE: join(suiteFolder, "compiled"), // Node strips types at every start otherwise
      },
    });
    running.add(child.pid!);
    const chunks: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk) => chunks.push(chunk));
    }
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      process.kill(-child.pid!, "SIGKILL");
    }, FILE_DEADLINE);
    child.on("close", (code) => {
      clearTimeout(timer);
      running.delete(child.pid!);
      resolve({ code: timedOut ? undefined : code ?? -1, output: chunks.join("") });
    });
  });
}

/** No report is left by a runtime that broke off. */
function readReport(runtime: Runtime, path: string): TestResult[] {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const tests = text === "" ? [] : runtime.read(text);
  // Deno escapes line ends in titles, the others do not.
  return tests.map((test) => ({ ...test, title: test.title.replaceAll("\n", "\\n") }));
}

/** Bun nests suites as elements and reports no subtests. */
function readBunReport(xml: string): TestResult[] {
  const suites: string[] = [];
  const tests: TestResult[] = [];
  for (const [, close, element, attributes] of xml.matchAll(/<(\/?)(\w+)([^>]*)>/g)) {
    const name = attribute(attributes!, "name");
    if (close && element === "testsuite") suites.pop();
    else if (!close && element === "testsuite") suites.push(name);
    else if (!close && element === "testcase") {
      tests.push({ title: [...suites.slice(1), name].join(" > "), outcome: "passed" });
    } else if (element === "skipped") tests.at(-1)!.outcome = "skipped";
    else if (element === "failure" || element === "error") tests.at(-1)!.outcome = "failed";
  }
  return tests;
}

/** Deno has suites, tests and subtests in one list, told apart by where they were made. */
function readDenoReport(xml: string): TestResult[] {
  const cases = [...xml.matchAll(/<testcase ([^>]*)>([\s\S]*?)<\/testcase>/g)].map(
    ([, attributes, body]): TestResult & { inSuite: boolean } => ({
      title: attribute(attributes!, "name"),
      outcome: body!.includes("<skipped")
        ? "skipped"
        : /<failure/.test(body!)
        ? "failed"
        : "passed",
      inSuite: attribute(attributes!, "classname").startsWith("ext:"),
    }),
  );
  const within = (inner: TestResult, outer: TestResult) =>
    inner.title.startsWith(outer.title + " > ");
  const isSuite = (item: TestResult) => cases.some((c) => c.inSuite && within(c, item));
  const isSubtest = (item: typeof cases[number]) =>
    !item.inSuite && cases.some((c) => within(item, c));
  return cases.filter((item) => !isSuite(item) && !isSubtest(item));
}

function attribute(attributes: string, name: string): string {
  const value = attributes.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? "";
  return value.replace(/&(lt|gt|quot|apos|#39|#10|amp);/g, (_, entity) => ENTITIES[entity]!);
}

const ENTITIES: Record<string, string> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  "#39": "'",
  "#10": "\n",
  amp: "&",
};

/** Tests that passed on one runtime and are not known to another. */
function differences(files: string[], runtimes: Runtime[], results: FileResult[]): string[] {
  return files.flatMap((file) => {
    const own = runtimes.map(({ name }) =>
      results.find((result) => result.runtime === name && result.file === file)!.tests
    );
    if (own.flat().some(({ outcome }) => outcome === "failed")) return []; // told already
    const passed = own.flat().filter(({ outcome }) => outcome === "passed");
    return [...new Set(passed.map(({ title }) => title))].flatMap((title) => {
      const times = own.map((tests) => tests.filter((test) => test.title === title).length);
      if (new Set(times).size === 1) return [];
      const seen = runtimes.map(({ name }, index) => `${times[index]} on ${name}`);
      return [`${file}: ${title}: not the same on each runtime: ${seen.join(", ")}`];
    });
  });
}

function allTests(results: FileResult[], outcome: TestResult["outcome"]): string[] {
  return results.flatMap(({ file, runtime, tests }) =>
    tests.filter((test) => test.outcome === outcome).map(({ title, reason }) =>
      `${file} ${runtime}: ${title}${reason ? ` (${reason})` : ""}`
    )
  );
}

function counts(results: FileResult[]): string {
  return (["passed", "failed", "skipped"] as const)
    .map((outcome) => `${allTests(results, outcome).length} ${outcome}`)
    .join(", ");
}

/** Runs the jobs, so many at a time. */
async function inParallel<T>(jobs: (() => Promise<T>)[], limit: number): Promise<T[]> {
  const results: T[] = [];
  const queue = jobs.entries();
  await Promise.all(Array.from({ length: limit }, async () => {
    for (const [index, job] of queue) results[index] = await job();
  }));
  return results;
}

process.exitCode = await main(process.argv.slice(2)) ? 0 : 1;
