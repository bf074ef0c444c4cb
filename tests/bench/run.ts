/**
 * Measures sfetch beside the script that a good engineer writes by hand, the best such script on each runtime, jsforce
 * and, where it is installed, the `sf` CLI; prints one table, and writes it into docs/benchmarks.md:
 *
 *     npm run bench [ROUNDS]
 *
 * @module
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import blankTypes from "ts-blank-space";
import { generateKeyPair } from "../../cli/keys/keys.ts";
import {
  type Figure,
  firstLine,
  inTurns,
  median,
  type Run,
  untilPrompt,
  withMemory,
} from "./measure.ts";

type Environment = Record<string, string>;

/** One line of the table. */
interface Row {
  what: string;
  runtime: string;
  byHand?: Figure;
  best?: Figure;
  sfetch: Figure;
  jsforce?: Figure;
  sf?: Figure;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const rounds = Number(process.argv[2] ?? 15);
const few = Math.ceil(rounds / 3);
const home = fs.mkdtempSync(join(os.tmpdir(), "sfetch-bench-"));
const base: Environment = {
  PATH: join(root, "node_modules", ".bin") + delimiter + process.env.PATH,
  HOME: home,
  TERM: "xterm",
  DENO_DIR: process.env.DENO_DIR ?? join(os.homedir(), ".cache", "deno"),
  SF_AUTOUPDATE_DISABLE: "true",
  SF_DISABLE_TELEMETRY: "true",
};
const bench = (file: string): string => fs.readFileSync(join(root, "tests", "bench", file), "utf8");

/** How a user runs a script, and where. */
interface Place {
  runtime: string;
  /** The folder with the scripts: beside a copy of mod.ts, or with the package installed. */
  folder: string;
  /** Runs a script of the folder. */
  run: string[];
  /** Of the scripts. */
  extension: "js" | "ts";
  /** Runs the command line interface. */
  cli: string[];
}

const DENO = ["deno", "run", "-A"];
/** Reads settings and the key in the way that costs the runtime least. */
const BEST: Record<string, string> = {
  Deno: `const env = (name) => Deno.env.get(name);
const pem = () => Deno.readTextFileSync(env("SF_PRIVATE_KEY_FILE"));`,
  Bun: `const env = (name) => Bun.env[name];
const pem = () => Bun.file(env("SF_PRIVATE_KEY_FILE")).text();`,
  Node: `const env = (name) => process.env[name];
const pem = () => process.getBuiltinModule("node:fs").readFileSync(env("SF_PRIVATE_KEY_FILE"), "utf8");`,
};

/** What is measured inside one process; a turn of calls is 500. */
const INSIDE: [what: string, kind: string, turns: number][] = [
  ["5,000 calls, one after the other", "calls", 10],
  ["5,000 calls, 64 in flight", "parallel", 10],
  ["100,000 records by rows", "rows", 7],
  ["100,000 records by pages", "pages", 7],
];

const rows: Row[] = [];
const add = (row: Row): void => {
  rows.push(row);
  console.error(`${row.what}, ${row.runtime}: ${row.sfetch.ms.toFixed(1)} ms`);
};
const load = os.loadavg()[0]!;

const server = spawn(process.execPath, [join(root, "tests", "bench", "server.ts")], {
  stdio: ["ignore", "pipe", "inherit"],
});
const practice = spawn("node", [join(root, "cli.ts"), "practice", "--json"], {
  env: { ...base, TMPDIR: home },
  stdio: ["ignore", "pipe", "ignore"],
});
try {
  const url = await firstLine(server);
  const signIn = { ...base, ...await settings(url) };
  const token = {
    ...base,
    SF_ACCESS_TOKEN: "00D5e000000AbCd!AQbench.bench",
    SF_INSTANCE_URL: url,
  };
  const places = preparePlaces();
  for (const place of places) wholeScripts("Token and one query", place, signIn);
  for (const place of places) wholeScripts("One query, with a token at hand", place, token);
  const copies = places.filter(({ extension }) => extension === "ts");
  for (const [what, kind, turns] of INSIDE) {
    for (const place of copies) insideOneProcess(what, kind, place, token, turns);
  }
  commands(places, JSON.parse(await firstLine(practice)));
  await prompts(places, token);
  await millionRows(places, token);
  report();
} finally {
  server.kill();
  practice.kill();
  fs.rmSync(home, { recursive: true, force: true });
}

async function settings(url: string): Promise<Environment> {
  const { privateKeyPem } = await generateKeyPair();
  const key = join(home, "server.key");
  fs.writeFileSync(key, privateKeyPem, { mode: 0o600 });
  return {
    SF_CLIENT_ID: "3MVG9bench",
    SF_USERNAME: "bench@acme.example",
    SF_LOGIN_URL: url,
    SF_PRIVATE_KEY_FILE: key,
  };
}

/** The folders that users would have: mod.ts copied on each runtime, and the package installed on Node. */
function preparePlaces(): Place[] {
  const clone = join(root, "cli.ts");
  const deno = folderWith("deno", "./mod.ts", "Deno");
  const bun = folderWith("bun", "./mod.ts", "Bun");
  const node = folderWith("node", "./mod.ts", "Node");
  const installed = folderWith("installed", "sfetch", "Node");
  for (const folder of [deno, bun, node]) {
    fs.copyFileSync(join(root, "mod.ts"), join(folder, "mod.ts"));
  }
  for (const folder of [bun, node]) linkPackages(folder, ["jose"]);
  linkPackages(node, ["jsforce"]);
  install(installed);
  const cli = join(installed, "node_modules", "sfetch", "dist", "cli.js");
  return [
    { runtime: "Deno", folder: deno, run: DENO, extension: "ts", cli: [...DENO, clone] },
    { runtime: "Bun", folder: bun, run: ["bun"], extension: "ts", cli: ["bun", clone] },
    { runtime: "Node, copy", folder: node, run: ["node"], extension: "ts", cli: ["node", clone] },
    {
      runtime: "Node, package",
      folder: installed,
      run: ["node"],
      extension: "js",
      cli: ["node", cli],
    },
  ];
}

/** A folder with the scripts, as TypeScript and as JavaScript, that import sfetch by this specifier. */
function folderWith(name: string, specifier: string, runtime: string): string {
  const folder = join(home, name);
  fs.mkdirSync(folder);
  if (runtime !== "Deno") fs.writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  for (const file of ["by-hand.ts", "by-hand-csv.ts", "sfetch.ts", "in-process.ts"]) {
    const text = bench(file).replace("../../mod.ts", specifier);
    fs.writeFileSync(join(folder, file), text);
    fs.writeFileSync(join(folder, file.replace(".ts", ".js")), blankTypes(text));
  }
  const [, same] = bench("by-hand.ts").split(/^\/\/ From here on .*$/m);
  fs.writeFileSync(join(folder, "best.js"), BEST[runtime] + blankTypes(same!));
  fs.writeFileSync(join(folder, "prompt.js"), `process.stdout.write("> ");\n`);
  return folder;
}

function linkPackages(folder: string, names: string[]): void {
  fs.mkdirSync(join(folder, "node_modules"), { recursive: true });
  for (const name of names) {
    const target = join(folder, "node_modules", name);
    fs.mkdirSync(join(target, ".."), { recursive: true });
    fs.symlinkSync(join(root, "node_modules", name), target);
  }
}

/** The package as it is packed, with the dependencies that are installed here. */
function install(folder: string): void {
  const { dependencies, name } = JSON.parse(fs.readFileSync(join(root, "package.json"), "utf8"));
  linkPackages(folder, Object.keys(dependencies));
  const target = join(folder, "node_modules", name);
  fs.mkdirSync(target);
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root, env: base });
  const tarball = fs.readdirSync(folder).find((file) => file.endsWith(".tgz"))!;
  execFileSync("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"], { cwd: folder });
}

/** A script from start to end: by hand, the best by hand, with sfetch, and on Node with jsforce. */
function wholeScripts(what: string, place: Place, env: Environment): void {
  const { runtime, folder: cwd, run, extension } = place;
  const script = (file: string): Run => ({ command: [...run, file], cwd, env });
  const runs = [
    script(`by-hand.${extension}`),
    script("best.js"),
    script(`sfetch.${extension}`),
    ...(runtime === "Node, package"
      ? [{ command: ["node", join(root, "tests", "bench", "jsforce.ts")], env }]
      : []),
  ];
  const [byHand, best, sfetch, jsforce] = inTurns(runs, rounds);
  add({ what, runtime, byHand, best, sfetch: sfetch!, jsforce });
}

function insideOneProcess(
  what: string,
  kind: string,
  place: Place,
  env: Environment,
  turns: number,
): void {
  const [program, ...args] = [...place.run, "in-process.ts", kind, String(turns)];
  const { status, stdout, stderr } = spawnSync(program!, args, {
    cwd: place.folder,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${kind} failed: ${stderr}`);
  const figures = (JSON.parse(stdout) as number[][]).map((each) => ({ ms: median(each) }));
  const perTurn = what.includes("calls") ? 10 : 1;
  const [byHand, sfetch, jsforce] = figures.map(({ ms }) => ({ ms: ms * perTurn }));
  add({ what, runtime: place.runtime.replace(", copy", ""), byHand, sfetch: sfetch!, jsforce });
}

/** Commands beside those of the official CLI, on the practice org. */
function commands(places: Place[], org: Record<string, string>): void {
  const env = {
    ...base,
    SF_CLIENT_ID: org.clientId!,
    SF_USERNAME: org.username!,
    SF_PRIVATE_KEY_FILE: org.privateKeyFile!,
    SF_LOGIN_URL: org.url!,
  };
  const hasSf = spawnSync("sf", ["--version"], { env: base }).status === 0;
  if (hasSf) {
    const login = ["org", "login", "jwt", "--instance-url", org.url!, "--client-id", org.clientId!];
    const user = ["--username", org.username!, "--jwt-key-file", org.privateKeyFile!];
    execFileSync("sf", [...login, ...user], { env: base, stdio: "pipe" });
  }
  const target = ["--target-org", org.username!];
  const soql = "SELECT Id, Name, Industry FROM Account";
  const compared: [what: string, own: string[], sf: string[]][] = [
    ["`get /limits`", ["get", "/limits"], [
      "api",
      "request",
      "rest",
      "/services/data/v67.0/limits",
    ]],
    [
      "`query` to CSV, 50 records",
      ["query", soql, "--format", "csv"],
      ["data", "query", "--query", soql, "--result-format", "csv"],
    ],
  ];
  for (const [what, own, official] of compared) {
    const runs = places.map(({ cli }): Run => ({ command: [...cli, ...own], env }));
    if (hasSf) runs.push({ command: ["sf", ...official, ...target], env: base });
    const figures = inTurns(runs, few);
    const sf = hasSf ? figures.at(-1) : undefined;
    for (const [index, { runtime }] of places.entries()) {
      add({ what, runtime, sfetch: figures[index]!, sf });
    }
  }
}

/** The REPL beside a script that only writes a prompt, and jsforce's REPL. */
async function prompts(places: Place[], env: Environment): Promise<void> {
  const jsforce = {
    command: ["node", join(root, "node_modules", ".bin", "jsforce")],
    env,
    prompt: "> ",
  };
  for (const { runtime, folder, run, cli } of places) {
    const bare = { command: [...run, join(folder, "prompt.js")], env, prompt: "> " };
    const own = { command: cli, env, prompt: "> " };
    const withJsforce = runtime === "Node, package" ? [jsforce] : [];
    const [byHand, sfetch, other] = await untilPrompt([bare, own, ...withJsforce], few);
    add({ what: "REPL to its prompt", runtime, byHand, sfetch: sfetch!, jsforce: other });
  }
}

async function millionRows(places: Place[], env: Environment): Promise<void> {
  const what = "A million records to CSV";
  const soql = "SELECT Id, Name, Industry, AnnualRevenue, CreatedDate FROM Contact";
  for (const { runtime, folder, run, extension, cli } of places) {
    const byHand = await withMemory({
      command: [...run, `by-hand-csv.${extension}`],
      cwd: folder,
      env,
    }, 3);
    const sfetch = await withMemory(
      { command: [...cli, "query", soql, "--format", "csv"], env },
      3,
    );
    const csv = ["node", join(root, "tests", "bench", "jsforce.ts"), "csv"];
    const jsforce = runtime === "Node, package"
      ? await withMemory({ command: csv, env }, 1)
      : undefined;
    add({ what, runtime, byHand, sfetch, jsforce });
  }
}

/** Prints the table, and puts it into docs/benchmarks.md between its two marks. */
function report(): void {
  const figure = (value?: Figure): string => {
    if (!value) return "";
    const ms = value.ms < 100 ? value.ms.toFixed(1) : Math.round(value.ms).toLocaleString("en");
    return value.peak ? `${ms} (${value.peak} MB)` : ms;
  };
  const times = (a?: Figure, b?: Figure): string => a && b ? (a.ms / b.ms).toFixed(2) : "";
  const head = [
    "",
    "runtime",
    "by hand",
    "best",
    "sfetch",
    "sfetch ÷ by hand",
    "jsforce",
    "`sf`",
    "`sf` ÷ sfetch",
  ];
  const table = rows.map(({ what, runtime, byHand, best, sfetch, jsforce, sf }, index) => [
    rows[index - 1]?.what === what ? "" : what,
    runtime,
    figure(byHand),
    figure(best),
    figure(sfetch),
    times(sfetch, byHand),
    figure(jsforce),
    figure(sf),
    times(sf, sfetch),
  ]);
  const text = [head, head.map(() => "---"), ...table]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const file = join(root, "docs", "benchmarks.md");
  const page = fs.readFileSync(file, "utf8");
  const marks = /(<!-- figures -->\n)[^]*(\n<!-- end of figures -->)/;
  fs.writeFileSync(file, page.replace(marks, `$1\n${machine()}\n\n${text}\n$2`));
  spawnSync("deno", ["fmt", "--quiet", file], { cwd: root, env: base });
  console.log(fs.readFileSync(file, "utf8").match(marks)![0]);
}

function machine(): string {
  const version = (command: string): string => {
    const text = execFileSync(command, ["--version"], { env: base, encoding: "utf8" });
    return /\d+\.\d+\.\d+/.exec(text)![0];
  };
  const today = new Date().toISOString().slice(0, 10);
  const processor = `${os.availableParallelism()} cores of ${os.cpus()[0]!.model.trim()}`;
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const system = /PRETTY_NAME="(.+)"/.exec(fs.readFileSync("/etc/os-release", "utf8"))?.[1];
  const [deno, bun, node] = ["deno", "bun", "node"].map(version);
  const busy = load < 0.5
    ? "The machine did nothing else."
    : `The machine was busy with other work (load ${load.toFixed(1)}): an idle one is faster.`;
  return [
    `Measured on ${today}, on ${processor} with ${memory} GB of memory and ${system},`,
    `with Deno ${deno}, Bun ${bun} and Node ${node}. Medians in milliseconds: of ${rounds} turns,`,
    `${few} for commands and prompts, 7 for records, 3 for the million. ${busy}`,
  ].join("\n");
}
