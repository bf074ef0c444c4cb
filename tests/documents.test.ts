import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { importPrivateKey } from "../mod.ts";
import { missing } from "./helpers/missing.ts";
import { once } from "./helpers/once.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { rawHost } from "./helpers/raw-host.ts";
import { generatedParts, readDocuments, type Snippet, snippetsOf } from "./helpers/documents.ts";
import {
  root,
  run,
  type RunResult,
  runtimeName,
  selfCommand,
  startSelf,
  temporaryFolder,
} from "./helpers/runtime.ts";
import { openTerminal } from "./helpers/terminal.ts";
import { lasting, playTranscript } from "./helpers/transcript.ts";

const org = await practiceOrg();
const documents = await readDocuments();
const [readme] = documents;
const textOf = (file: string) => documents.find((document) => document.file === file)!.text;
const packageJson = JSON.parse(await readFile(join(root, "package.json"), "utf8"));

/** The README's examples of what everyone has their own of, and the practice org's. */
const PLACEHOLDERS: Record<string, string> = {
  "3MVG9…": org.clientId,
  "ci@acme.example": org.username,
  "https://acme.my.salesforce.com": org.url,
  "'*.salesforce.com'": new URL(org.url).host,
};

const collapse = (text: string) => text.replace(/\s+/g, " ").trim();

describe("README and docs: snippets", () => {
  const folder = temporaryFolder();
  const clone = join(folder, "clone");
  const bin = join(folder, "bin");
  const home = join(folder, "home");
  const untried = new Set(documents.flatMap(({ text }) => snippetsOf(text)));
  const { SF_PRIVATE_KEY: _, ...login } = org.env;
  const settings = { ...login, SF_PRIVATE_KEY_FILE: "server.key" };
  const path = [bin, join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);

  before(async () => {
    await Promise.all([clone, bin, home].map((each) => mkdir(each)));
    for (
      const part of [
        "mod.ts",
        "cli.ts",
        "cli",
        "practice-org",
        "deno.json",
        "package.json",
        "examples",
      ]
    ) {
      await cp(join(root, part), join(clone, part), { recursive: true });
    }
    await symlink(join(root, "node_modules"), join(clone, "node_modules"));
    await writeFile(join(clone, "server.key"), org.privateKey!, { mode: 0o600 });
    await writeFile(join(clone, "server.crt"), org.certificate);
    const sfetch = [...selfCommand(), join(clone, "cli.ts")].map((word) => `'${word}'`).join(" ");
    await writeFile(join(bin, "sfetch"), `#!/bin/sh\nexec ${sfetch} "$@"\n`);
    await chmod(join(bin, "sfetch"), 0o755);
  });
  after(() => removeFolder(folder));

  /** The one snippet with this text in it that no other test has taken. */
  function take(text: string): Snippet {
    const found = [...untried].filter(({ code }) => code.includes(text));
    assert.equal(found.length, 1, `${found.length} snippets with ${text}`);
    untried.delete(found[0]!);
    return found[0]!;
  }

  /** Runs shell lines as they stand, the placeholders filled in. */
  async function sh(
    code: string,
    env: Record<string, string> = {},
    cwd = clone,
  ): Promise<RunResult> {
    let script = code;
    for (const [example, own] of Object.entries(PLACEHOLDERS)) {
      script = script.replaceAll(example, own);
    }
    const result = await run(["sh", "-e"], {
      input: script,
      cwd,
      env: { HOME: home, PATH: path, ...env },
    });
    assert.equal(result.code, 0, `${script}\n${result.stdout}\n${result.stderr}`);
    return result;
  }

  /** Runs a script as it stands, beside the clone's mod.ts. */
  async function script(
    code: string,
    { HOME = home, command = selfCommand() } = {},
  ): Promise<string> {
    const file = join(clone, "script.ts");
    await writeFile(file, code);
    const env = { HOME, ...settings };
    const { code: exitCode, stdout, stderr } = await run([...command, file], { cwd: clone, env });
    assert.equal(exitCode, 0, stderr);
    return stdout;
  }

  test("the first command on a fresh machine shows records", async () => {
    const { code } = take("cli.ts demo");
    // npx would fetch what the PATH has already: the Deno of this version.
    const [, version, command] = /^npx -y deno@(\S+) (run .+)\n$/.exec(code)!;
    assert.equal(version, packageJson.devDependencies.deno);
    assert.match((await run(["deno", "--version"])).stdout, new RegExp(`^deno ${version} `));
    const { stdout } = await sh(`deno ${command}`);
    assert.ok(JSON.parse(stdout).length > 0);
  });

  test("the second is what .ci/run runs", async () => {
    assert.equal(take("npm cit").code, "npm cit\n");
    assert.equal(packageJson.scripts.test, "node tests/run.ts");
    assert.match(await readFile(join(root, ".ci", "run"), "utf8"), /^npm cit\b/m);
  });

  test("the shortest script and plain fetch do the same", async () => {
    const names = [
      await script(take("import { sfFetch, sfQuery, soql } from").code),
      await script(take("importPKCS8").code),
    ].map((output) => output.trimEnd().split("\n").sort());
    assert.ok(names[0]!.length > 3 && names[0]!.every((name) => /^[AÆ]/i.test(name)), `${names}`);
    assert.deepEqual(names[1], [...names[0]!, "Acme"].sort(), "the first made one more Acme");
    const acmes = await org.session().query("SELECT Id FROM Account WHERE Name = 'Acme'");
    assert.equal(acmes.length, 3, "one was there");
  });

  test("the API at a glance does what its comments say", async () => {
    const twoOrgs = join(folder, "two-orgs");
    await saveOrgs(twoOrgs, "acme", "acme-sandbox");
    const contacts = () => org.session().query("SELECT COUNT() FROM Contact").totalSize();
    const before = await contacts();
    const { code } = take("createSession, OAuthError");
    const output = await script(
      code + "\nconsole.log(all.length, acme?.Id, limits.DailyApiRequests.Max);",
      { HOME: twoOrgs },
    );
    assert.match(output, /^REQUIRED_FIELD_MISSING /m);
    assert.match(output, /^\d{2,} 001\w{15} \d+$/m);
    assert.equal(
      await contacts(),
      before + Math.min(before, 200),
      "copied from one org to the other",
    );
  });

  test("a test's own practice org does what its comments say", async () => {
    const { code } = take("startPracticeOrg");
    const printed = [...code.matchAll(/console\.log\(.*\); \/\/ (\d+)/g)].map(([, text]) => text);
    assert.equal(await script(code), `${printed.join("\n")}\n`);
  });

  test("the alias runs the commands", async () => {
    const { stdout, stderr } = await sh(take("alias sfetch=").code + "sfetch --help\n");
    assert.match(stdout + stderr, /USAGE/);
  });

  test("sfetch login asks", { skip: missing("tmux") }, async () => {
    const { code } = take("sfetch login acme\n");
    const terminal = await openTerminal({
      command: [...selfCommand(), join(clone, "cli.ts"), ...code.trim().split(" ").slice(1)],
    });
    await terminal.waitFor("Sign in to a Salesforce org").finally(() => terminal.close());
  });

  test("sfetch login with flags saves an org", async () => {
    await sh(take("sfetch login ci").code);
    const saved = join(home, ".config", "sfetch", "orgs", "ci.json");
    assert.equal(JSON.parse(await readFile(saved, "utf8")).loginUrl, org.url);
    assert.equal((await stat(saved)).mode & 0o777, 0o600);
  });

  test("an alias of the sf CLI needs no set-up", async () => {
    const sfdx = join(home, ".sfdx");
    await mkdir(sfdx);
    const { clientId, username, url: loginUrl } = org;
    const privateKey = join(clone, "server.key");
    const files = {
      "alias.json": { orgs: { "my-alias": username } },
      [`${username}.json`]: { clientId, username, loginUrl, privateKey },
    };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(sfdx, name), JSON.stringify(content));
    }
    assert.equal(JSON.parse((await sh(take("--org my-alias").code)).stdout).length, 3);
  });

  /** Saves the practice org in a home folder under these names, as `sfetch login` does. */
  async function saveOrgs(inHome: string, ...names: string[]): Promise<void> {
    const config = join(inHome, ".config", "sfetch");
    const { privateKey, ...answers } = org.options;
    const privateKeyFile = join(config, "keys", "acme.key");
    await mkdir(join(config, "keys"), { recursive: true });
    await mkdir(join(config, "orgs"), { recursive: true });
    await writeFile(privateKeyFile, privateKey, { mode: 0o600 });
    const saved = JSON.stringify({ ...answers, privateKeyFile });
    for (const name of names) await writeFile(join(config, "orgs", `${name}.json`), saved);
  }

  /** Runs what makes a key pair, and looks at it. */
  async function makesKeyPair(code: string): Promise<void> {
    const keys = await mkdtemp(join(folder, "keys-"));
    await sh(code, {}, keys);
    assert.deepEqual((await readdir(keys)).sort(), ["server.crt", "server.key"]);
    assert.equal((await stat(join(keys, "server.key"))).mode & 0o777, 0o600);
    await importPrivateKey(await readFile(join(keys, "server.key"), "utf8"));
    assert.match(await readFile(join(keys, "server.crt"), "utf8"), /BEGIN CERTIFICATE/);
  }

  test("sfetch keygen makes a key pair", () => makesKeyPair(take("sfetch keygen\n").code));

  test(
    "so does openssl",
    { skip: missing("openssl") },
    () => makesKeyPair(take("openssl req").code),
  );

  test("the variables suffice for sfetch doctor", async () => {
    const { stdout } = await sh(take("export SF_CLIENT_ID").code, { HOME: folder });
    assert.match(stdout, /^9 passed\.$/m);
  });

  test("a query shows the table that is shown", async () => {
    const { code, output } = take("--format table");
    assert.equal(lasting((await sh(code)).stdout), lasting(output!));
  });

  test("the other commands run", async () => {
    const save = "sfetch login acme --client-id 3MVG9… --username ci@acme.example " +
      "--login-url https://acme.my.salesforce.com --key server.key\n";
    await writeFile(join(clone, "contacts.csv"), "LastName\nLoaded\n");
    const { stdout } = await sh(save + take("sfetch get /limits").code, settings);
    assert.match(await readFile(join(clone, "ids.csv"), "utf8"), /^"Id"\n"001/);
    assert.match(stdout, /"operation": "insert",\s+"successful": 1,/);
    assert.ok((await readFile(join(clone, "all.csv"), "utf8")).split("\n").length > 50);
    assert.match(stdout, /DailyApiRequests/);
    assert.match(stdout, /curl .*describe/);
    assert.match(stdout, /eyJ/);
    assert.equal(existsSync(join(home, ".config", "sfetch", "orgs", "acme.json")), false);
  });

  test("a command brings its own practice org", async () => {
    assert.match((await sh(take("COUNT(Id) FROM Account").code)).stdout, /50/);
  });

  test("the REPL's transcript is what a terminal shows", { skip: missing("tmux") }, async () => {
    const { code } = take("practice> SELECT");
    const cwd = await mkdtemp(join(folder, "repl-"));
    const terminal = await openTerminal({
      command: [...selfCommand(), join(clone, "cli.ts"), "--org", "practice"],
      cwd,
      height: 80,
    });
    try {
      assert.equal(lasting(await playTranscript(terminal, code)), lasting(code));
    } finally {
      await terminal.close();
    }
  });

  test("Deno needs no more permissions than are shown", async () => {
    const lines = (await sh(take("examples/report-to-csv.ts").code, settings)).stdout.split("\n");
    assert.ok(lines.length > 5 && lines[0]!.startsWith('"Name"'));
    const { stdout } = await sh(take("cli.ts get /limits\n").code, settings);
    assert.match(stdout, /DailyApiRequests/);

    await saveOrgs(home, "acme");
    const { code } = take("cli.ts get /limits --org acme\n");
    org.control.clearRequests();
    await sh(code + code);
    assert.equal(org.control.tokenRequests(), 1);
  });

  test("a notebook imports mod.ts by URL and shows a table", async () => {
    const host = await rawHost();
    const shown = 'console.log(Object.keys(await $1[Symbol.for("Jupyter.display")]()).join());';
    const code = take("https://example.com/sfetch").code
      .replace("https://example.com/sfetch", host.url)
      .replace(/^(sfQuery\(.*\));$/m, shown);
    const output = await script(code, { command: ["deno", "run", "-A"] }).finally(() =>
      host.close()
    );
    assert.match(output, /text\/html/);
  });

  test("a token alone is enough for a session", async () => {
    const { code } = take("// in the browser");
    assert.match(await script(code + "console.log(limits);"), /DailyApiRequests/);
  });

  test("sfetch practice prints the lines to paste", async () => {
    const { code } = take("sfetch practice\n");
    const child = startSelf(code.trim().split(" ").slice(1), { env: { HOME: folder } });
    try {
      const lines = await new Promise<string>((resolve, reject) => {
        let printed = "";
        child.stderr!.on("data", (chunk) => {
          printed += chunk;
          const found = printed.match(/^ *export SF_\w+=.*$/gm) ?? [];
          if (found.length === 4 && printed.endsWith("\n")) resolve(found.join("\n"));
        });
        child.on("close", () => reject(new Error(printed)));
      });
      const { stdout } = await sh(`${lines}\nsfetch query "SELECT Id FROM Account"\n`, {
        HOME: folder,
      });
      assert.equal(JSON.parse(stdout).length, 50);
    } finally {
      child.kill("SIGTERM");
    }
  });

  test("the practice org is told to fail", async () => {
    const { code } = take('curl "$SF_LOGIN_URL/_practice/fault"');
    await sh(code, { SF_LOGIN_URL: org.url });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const response = await fetch(`${org.url}/services/data/`);
      await response.body?.cancel();
      statuses.push(response.status);
    }
    assert.deepEqual(statuses, [503, 503, 200]);
  });

  test("scripts hold types", async () => {
    const scripts = documents.flatMap(({ text }) => snippetsOf(text)).filter(({ language }) =>
      language === "ts"
    );
    const types = join(clone, "types");
    await mkdir(types);
    const files = await Promise.all(scripts.map(async ({ code }, index) => {
      const file = join(types, `${index}.ts`);
      const local = code
        .replace(
          /"(?:\.|https:\/\/example\.com\/sfetch)\/((?:practice-org\/)?mod\.ts)"/g,
          '"../$1"',
        );
      await writeFile(file, local);
      return file;
    }));
    const check = () => run(["deno", "check", ...files], { cwd: clone });
    const { code, stderr } = await once("check-documents", check);
    assert.equal(code, 0, stderr);
    assert.ok(files.length >= 4);
  });

  test("one test file runs on one runtime", async () => {
    const { code } = take("npm test --");
    const { stdout } = await once("run-one-test", () => sh(code, {}, root));
    assert.match(stdout, /✓ tests\/setup-guide\.test\.ts node: \d+ passed, 0 failed/);
  });

  test("the house is as it is shown", () => {
    const { code } = take("mod.ts  ");
    let folder = "";
    for (const [, indent, name] of code.matchAll(/^( *)(\S+)/gm)) {
      if (indent === "") folder = name!;
      const path = indent === "" ? name! : join(folder, name!);
      assert.ok(existsSync(join(root, path)), `${path} is not there`);
    }
  });

  test("a release is one command", async () => {
    assert.match(take("npm run release").code, /^npm run release -- \d+\.\d+\.\d+\n$/);
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    assert.ok(existsSync(join(root, scripts.release.replace("node ", ""))));
  });

  test("the Debian packages are those of .ci/run", async () => {
    const { code } = take("apt-get install");
    const ci = await readFile(join(root, ".ci", "run"), "utf8");
    assert.equal(code, `apt-get install ${/^packages="(.+)"$/m.exec(ci)![1]}\n`);
  });

  test("records are written, loaded by jobs and read as the comments say", async () => {
    for (const text of ["session.upsert(", "session.resumeJob(", "session.bulkQuery("]) {
      const { code } = take(text);
      const expected = [...code.matchAll(/console\.log\(.*\);? *\/\/ (.*)/g)].map(([, said]) =>
        said
      );
      const lines = (await script(code)).split("\n");
      assert.ok(expected.length > 0);
      for (const said of expected) assert.ok(lines.includes(said!), `${said}\n${lines}`);
    }
  });

  test("rows are read into a file, changed and upserted by bulk commands", async () => {
    await writeFile(join(clone, "partners.csv"), "External_Id__c;Name\r\npartner-1;Partner\r\n");
    const { stdout } = await sh(take("--external-id External_Id__c").code, settings);
    const loads = stdout.split(/(?<=^})\n/m).filter(Boolean).map((text) => JSON.parse(text));
    assert.deepEqual(loads.map(({ operation }) => operation), ["update", "upsert"]);
    assert.ok(loads.every(({ successful, failed }) => successful > 0 && failed === 0));
  });

  test("no snippet is left untried", () => {
    assert.deepEqual([...untried].map(({ section, code }) => `${section}: ${code}`), []);
  });
});

describe("README and docs: text", () => {
  test("steps and errors are those of the source", () => {
    for (const [file, part] of generatedParts()) {
      assert.ok(
        collapse(textOf(file)).includes(collapse(part)),
        `${file} should have:\n\n${part}\n`,
      );
    }
  });

  test("the settings are those of mod.ts", async () => {
    const source = await readFile(join(root, "mod.ts"), "utf8");
    const table = textOf("docs/settings.md");
    const namesIn = (text: string, pattern: RegExp) =>
      [...new Set([...text.matchAll(pattern)].map(([, name]) => name!))].sort();
    const environment = /const SETTINGS[^]*?^};/m.exec(source)![0];
    const options = /interface SessionOptions \{[^]*?^}/m.exec(source)![0];
    const rows = table.replace(/^[^|].*$/gm, "").replace(/^(\|[^|]*\|[^|]*\|).*$/gm, "$1");
    assert.deepEqual(namesIn(rows, /`(SF_\w+)`/g), namesIn(environment, /"(SF_\w+)"/g));
    assert.deepEqual(namesIn(rows, /`([a-z]\w*)`/g), namesIn(options, /^ {2}(\w+)\?:/gm));
    assert.ok(table.includes(`\`${/API_VERSION = "(.+)"/.exec(source)![1]}\``));
  });

  test("every command is mentioned", async () => {
    const { stdout, stderr } = await run([...selfCommand(), join(root, "cli.ts"), "--help"]);
    const commands = [...(stdout + stderr).matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) =>
      name
    );
    assert.ok(commands.length > 15);
    const unnamed = commands.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme!.text));
    assert.deepEqual(unnamed, []);
  });

  test("the README stays short", () => {
    assert.ok(readme!.text.split("\n").length < 250);
  });

  test("the picture of the REPL is of the session that is shown as text", async () => {
    const svg = await readFile(join(root, "docs", "repl.svg"), "utf8");
    const drawn = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) =>
      text!.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
    ).join("\n");
    const [, session] = /^```text\n([^]*?)^```$/m.exec(textOf("docs/repl.md"))!;
    const letters = (text: string) => lasting(text).replace(/\s/g, "");
    assert.equal(letters(drawn), letters(session!));
  });

  test("links lead somewhere", () => {
    for (const { file, text } of documents) {
      for (const [, target] of text.matchAll(/\]\((?!https:)([^)]+)\)/g)) {
        const [path, anchor] = target!.split("#") as [string, string?];
        const page = path ? join(dirname(file), path) : file;
        assert.ok(existsSync(join(root, page)), `${file}: ${target}`);
        if (anchor) assert.ok(anchorsOf(textOf(page)).includes(anchor), `${file}: ${target}`);
      }
    }
  });

  /** What GitHub makes of a page's headings. */
  function anchorsOf(markdown: string): string[] {
    return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")
    );
  }

  test("a proxy is taken from the environment", async () => {
    const asked: string[] = [];
    const proxy = createServer().on("connect", (request, socket) => {
      asked.push(request.url!);
      socket.on("error", () => {}).end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as AddressInfo;
    const { code } = await run([...selfCommand(), join(root, "cli.ts"), "get", "/limits"], {
      env: {
        ...org.env,
        SF_LOGIN_URL: "https://acme.my.salesforce.com",
        HTTPS_PROXY: `http://127.0.0.1:${port}`,
        ...(runtimeName === "node" && { NODE_USE_ENV_PROXY: "1" }),
      },
    });
    proxy.close();
    proxy.closeAllConnections();
    assert.notEqual(code, 0);
    assert.ok(asked.includes("acme.my.salesforce.com:443"), `${asked}`);
  });
});
