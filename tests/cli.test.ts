/** cli.ts and cli/command.ts: what all commands share, seen from outside. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { removeFolder } from "./helpers/remove-folder.ts";
import { readArgs } from "../cli/arguments/read.ts";
import { type Args, command, UsageError } from "../cli/arguments/command.ts";
import { nearest } from "../cli/arguments/nearest.ts";
import { missing } from "./helpers/missing.ts";
import { practiceOrg } from "./helpers/practice.ts";
import {
  childEnv,
  root,
  run,
  runScript,
  runSelf,
  runtimeName,
  selfCommand,
  start,
  temporaryFolder,
} from "./helpers/runtime.ts";
import { openTerminal } from "./helpers/terminal.ts";
import { until } from "./helpers/until.ts";

const org = await practiceOrg({ rows: 2500 });
const cli = [...selfCommand(), join(root, "cli.ts")];

/** A command line for a shell, `sfetch` being this checkout on this runtime. */
const shell = (line: string): string =>
  line.replaceAll("sfetch", cli.map((word) => `'${word}'`).join(" "));

describe("sfetch --help", () => {
  test("lists every command, on stdout, without escapes in a pipe", async () => {
    const { code, stdout, stderr } = await runSelf(["--help"], { env: { NO_COLOR: undefined } });
    assert.equal(code, 0);
    assert.equal(stderr, "");
    assert.ok(!stdout.includes("\x1b"));
    for (const name of ["login", "orgs", "logout", "doctor", "token", "query", "get", "practice"]) {
      assert.match(stdout, new RegExp(`^  ${name} +\\w`, "m"));
    }
  });

  test("is there for a command, with examples, before or after its name", async () => {
    for (const args of [["query", "--help"], ["-h", "query"], ["help", "query"]]) {
      const { code, stdout } = await runSelf(args);
      assert.equal(code, 0);
      assert.match(stdout, /^USAGE sfetch query \[OPTIONS\] <SOQL>/m);
      assert.match(stdout, /EXAMPLES\n\n {2}# .+\n {2}sfetch query "/);
    }
  });

  test("fits a screen of 80 columns, examples aside", async () => {
    const names = ["login", "query", "get", "keygen", "app", "practice", "doctor", "repl"];
    const pages = await Promise.all(names.map((name) => runSelf([name, "--help"])));
    for (const { stdout } of pages) {
      const usage = stdout.slice(0, stdout.indexOf("EXAMPLES"));
      assert.match(usage, /^ {2,6}-/m);
      for (const line of usage.split("\n")) assert.ok(line.length <= 80, line);
    }
  });

  test("is not meant by an argument after --", async () => {
    const { code, stderr } = await runSelf(["query", "--org", "practice", "--", "--help"]);
    assert.equal(code, 1);
    assert.match(stderr, /MALFORMED_QUERY/);
  });
});

test("sfetch --version prints the version of package.json", async () => {
  const { default: manifest } = await import("../package.json", { with: { type: "json" } });
  assert.equal((await runSelf(["--version"])).stdout, manifest.version + "\n");
});

test("a query alone is the query command, with its options before or after", async () => {
  const soql = "select Id FROM Account LIMIT 1";
  for (
    const args of [
      ["--org", "practice", soql, "--format", "csv"],
      [`\n${soql}`, "--format=csv", "-o", "practice"],
    ]
  ) {
    const { code, stdout, stderr } = await runSelf(args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Id\r?\n001\w{15}\r?\n$/);
  }
});

test("cli.ts can be imported, and then runs nothing", async () => {
  const script = `await import(${JSON.stringify(join(root, "cli.ts"))}); console.log("imported");`;
  const flag = selfCommand().includes("run") ? ["eval"] : ["-e"];
  const { stdout, stderr } = await promisify(execFile)(selfCommand()[0]!, [...flag, script], {
    env: childEnv(),
    cwd: root,
  });
  assert.equal(stdout, "imported\n", stderr);
});

describe("a wrong call", () => {
  const refused: [args: string[], message: RegExp][] = [
    [["qurey", "SELECT Id FROM Account"], /no command "qurey"\.\nDid you mean `query`\?/],
    [["/limits"], /no command "\/limits"\.\nDid you mean `get \/limits`\?/],
    [["SELECT", "Id", "FROM", "Account"], /unexpected argument "Id"\.\nPut quotes/],
    [["xyzzy"], /no command "xyzzy"\.\n`sfetch --help` lists/],
    [
      ["query", "SELECT Id FROM Account", "--fromat", "csv"],
      /unknown option --fromat\.\nDid you mean `--format`\?/,
    ],
    [
      ["query", "--format", "xml", "SELECT Id FROM Account"],
      /table, expanded, json, ndjson, csv, tsv, markdown, not "xml"/,
    ],
    [["query", "--format", "tabel", "SELECT Id FROM Account"], /not "tabel"/],
    [["query", "--all=yes", "SELECT Id FROM Account"], /--all does not take a value/],
    [["query"], /missing argument SOQL\.\nFor example: sfetch query/],
    [["query", "SELECT", "Id", "FROM", "Account"], /unexpected argument "Id"\.\nPut quotes/],
    [["get", "/limits", "--org"], /--org needs a value/],
    [["get", "/limits", "--org", "--include"], /--org needs a value/],
    [["get", "/limits", "--org", ""], /--org needs a value/],
    [["get", "/limits", "--org="], /--org needs a value/],
    [["get", "/limits", "-x"], /unknown option -x/],
  ];
  for (const [args, message] of refused) {
    test(`is refused with exit code 2: ${args.join(" ")}`, async () => {
      const { code, stdout, stderr } = await runSelf(args);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^\s+at /m, "no stack trace");
    });
  }
});

describe("readArgs()", () => {
  const definition = command({
    meta: { name: "try", description: "" },
    args: {
      text: { type: "positional" },
      more: { type: "positional", required: false },
      name: { type: "string", alias: "n" },
      header: { type: "string", multiple: true },
      colour: { type: "boolean", default: true },
      form: { type: "enum", options: ["a", "b"] },
    },
    examples: [],
    run() {},
  });
  const read = (...args: string[]) => readArgs(definition, args);

  test("reads flags anywhere, repeated ones as a list", () => {
    assert.deepEqual(
      {
        ...read("--header", "A: 1", "x", "-n", "me", "--header=B: 2", "--no-colour", "--form", "b"),
      },
      {
        text: "x",
        more: undefined,
        name: "me",
        header: ["A: 1", "B: 2"],
        colour: false,
        form: "b",
      },
    );
  });

  test("takes - and what stands after -- for positionals", () => {
    assert.equal(read("-").text, "-");
    const { text, more } = read("--", "--name", "-n");
    assert.deepEqual([text, more], ["--name", "-n"]);
  });

  test("takes a value that starts with a dash where it is no flag of the command", () => {
    assert.equal(read("x", "--name", "-5").name, "-5");
    assert.equal(read("x", "--name=--colour").name, "--colour");
    assert.throws(() => read("x", "--name", "--colour"), UsageError);
  });

  test("keeps names that objects inherit out", () => {
    assert.throws(() => read("x", "--constructor"), UsageError);
    assert.throws(() => readArgs<Args>({ ...definition, args: {} }, ["--toString"]), UsageError);
  });
});

test("nearest() finds what was meant, and nothing that was not", () => {
  const names = ["query", "get", "delete", "--format"];
  assert.equal(nearest("qeury", names), "query");
  assert.equal(nearest("del", names), "delete");
  assert.equal(nearest("--fromat", names), "--format");
  assert.equal(nearest("banana", names), undefined);
});

describe("a failure", () => {
  test("of the settings ends with exit code 2 and the way out", async () => {
    const { code, stdout, stderr } = await runSelf(["get", "/limits"]);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /sfetch login/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });

  test("of the sign-in ends with exit code 1 and its cause, without the key", async () => {
    const { code, stdout, stderr } = await runSelf(["get", "/limits"], {
      env: { ...org.env, SF_CLIENT_ID: "3MVG9wrong" },
    });
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /invalid_client_id/);
    assert.doesNotMatch(stderr, /PRIVATE KEY|eyJ|^\s+at /m);
  });

  test("of Salesforce ends with exit code 1 and an empty stdout", async () => {
    const { code, stdout, stderr } = await runSelf(["query", "SELECT Nope FROM Account"], {
      env: org.env,
    });
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /INVALID_FIELD/);
  });

  test("to connect ends with exit code 1", async () => {
    const { code, stderr } = await runSelf(["get", "/limits"], {
      env: { ...org.env, SF_LOGIN_URL: "http://127.0.0.1:9" },
    });
    assert.equal(code, 1);
    assert.match(stderr, /127\.0\.0\.1:9/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });
});

test("a bug ends with exit code 1, says where it is, and how to report it", async () => {
  const { code, stdout, stderr } = await runScript(join(root, "tests/helpers/buggy-program.ts"));
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^error: TypeError: .+ \(cli\/arguments\/read\.ts:\d+\)\n/);
  assert.match(stderr, /bug in sfetch 9\.9\.9, not in your command.+https:\/\/issues\.example\n$/);
  assert.doesNotMatch(stderr, /^\s+at /m);
});

test("a permission that Deno was not given is named, and is no bug", async () => {
  const grants = ["--no-prompt", "--allow-env", "--allow-read", "--allow-sys"];
  const { code, stderr } = await run([
    "deno",
    "run",
    ...grants,
    join(root, "cli.ts"),
    "get",
    "/limits",
  ], {
    env: org.env,
  });
  assert.notEqual(code, 0);
  assert.match(stderr, /--allow-net/);
  assert.doesNotMatch(stderr, /bug in sfetch|^\s+at /m);
});

test("a file system that refuses is no bug either", async () => {
  const home = temporaryFolder();
  try {
    const config = join(home, "config");
    await writeFile(config, "a file where a folder should be");
    const env = { HOME: home, XDG_CONFIG_HOME: config };
    const sign = ["--client-id", "3MVG9", "--username", "a@b.example", "--login-url", "acme"];
    const login = ["login", "dev", "--no-check", "--generate-key", ...sign];
    const { code, stderr } = await runSelf(login, { env });
    assert.notEqual(code, 0);
    assert.ok(stderr.includes(config), stderr);
    assert.doesNotMatch(stderr, /bug in sfetch|^\s+at /m);
  } finally {
    await removeFolder(home);
  }
});

test("--org may stand before the command", async () => {
  const { code, stdout } = await runSelf(["--org", "practice", "get", "/limits"]);
  assert.equal(code, 0);
  assert.ok(JSON.parse(stdout).DailyApiRequests.Max > 0);
});

test("a reader that goes away ends the query quietly with exit code 0", async () => {
  org.control.clearRequests();
  const line = shell(
    `set -o pipefail; sfetch query 'SELECT Id, Name, Description FROM Account' --format ndjson | head -n 1`,
  );
  const { code, stdout, stderr } = await finished(start(["bash", "-c", line], { env: org.env }));
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.ok(JSON.parse(stdout).Id);
});

test("a full disk behind stdout is told in a line, whatever writes", {
  skip: !existsSync("/dev/full") && "no /dev/full",
}, async () => {
  for (const args of ["get /limits", "query 'SELECT Id FROM Account'", "--help", "orgs"]) {
    const child = start(["bash", "-c", shell(`sfetch ${args} > /dev/full`)], { env: org.env });
    const { code, stderr } = await finished(child);
    assert.equal(code, 1, args);
    assert.match(stderr, /^error: .*no space left on device.*\n$/i);
  }
});

test("what is added to a file stands where it belongs", async () => {
  const folder = temporaryFolder();
  try {
    const commands = ["token", "--help", "query 'SELECT Id, Name FROM Account LIMIT 30'", "orgs"];
    const line = shell(
      commands.map((command, i) =>
        `{ echo before; sfetch ${command}; echo after; } >> ${i}.txt; sfetch ${command} > ${i}.out`
      ).join("; "),
    );
    const { code, stderr } = await finished(
      start(["bash", "-c", line], { env: org.env, cwd: folder }),
    );
    assert.deepEqual([code, stderr], [0, ""]);
    for (const i of commands.keys()) {
      const [added, own] = await Promise.all(
        ["txt", "out"].map((kind) => readFile(join(folder, `${i}.${kind}`), "utf8")),
      );
      assert.equal(added, `before\n${own}after\n`);
    }
  } finally {
    await removeFolder(folder);
  }
});

test("a slow reader gets everything once, or an error where the pipe does not wait for it", {
  skip: missing("perl"),
}, async () => {
  const folder = temporaryFolder();
  try {
    const query = "sfetch query 'SELECT Id, Name, Description FROM Account' --format ndjson";
    // Every process that shares the pipe gets it like this.
    const impatient = "perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK); exec @ARGV'";
    const compared = async (command: string) => {
      const line = shell(`set -o pipefail; ${command} | dd bs=50 status=none | cmp -s - rows`);
      return await finished(start(["bash", "-c", line], { env: org.env, cwd: folder }));
    };
    await finished(start(["bash", "-c", shell(`${query} > rows`)], { env: org.env, cwd: folder }));
    const patient = await compared(query);
    assert.deepEqual([patient.code, patient.stderr], [0, ""]);
    if (runtimeName !== "deno") {
      const { code, stderr } = await compared(`${impatient} ${query}`);
      assert.deepEqual([code, stderr], [0, ""]);
    } else { // how much the pipe took, Deno does not say
      const line = shell(`mkfifo pipe; exec 3<>pipe; ${impatient} ${query} >&3`);
      const unread = start(["bash", "-c", line], { env: org.env, cwd: folder });
      const { code, stderr } = await finished(unread);
      assert.equal(code, 1);
      assert.match(stderr, /^error: Resource temporarily unavailable/);
    }
  } finally {
    await removeFolder(folder);
  }
});

test("in a pipe, Bun and Deno make none of Node's streams for a command", async () => {
  const helper = join(root, "tests/helpers/streamless-get.ts");
  for (const runtime of [["bun"], ["deno", "run", "-A", "--no-lock"]]) {
    const { code, stdout, stderr } = await run([...runtime, helper], { env: org.env });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(JSON.parse(stdout).DailyApiRequests.Max > 0);
  }
});

test("Ctrl-C ends a command with exit code 130", { skip: missing("tmux") }, async () => {
  org.control.clearRequests();
  org.control.fault({ kind: "hang", path: "/services/data/v67.0/limits" });
  const terminal = await openTerminal({ command: [...cli, "get", "/limits"], env: org.env });
  try {
    await until(() => org.control.requests().some(({ path }) => path.endsWith("/limits")));
    await terminal.press("C-c");
    assert.equal(await terminal.exited(), 130);
  } finally {
    org.control.clearFaults();
    await terminal.close();
  }
});

function finished(
  child: ReturnType<typeof start>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (chunk) => stdout += chunk);
  child.stderr!.on("data", (chunk) => stderr += chunk);
  child.stdin!.end();
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}
