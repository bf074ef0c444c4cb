/** Commands get, post, patch, put, delete, token, assertion. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { promisify } from "node:util";
import { removeFolder } from "./helpers/remove-folder.ts";
import { missing } from "./helpers/missing.ts";
import { practiceOrg } from "./helpers/practice.ts";
import {
  childEnv,
  root,
  type RunOptions,
  runSelf,
  selfCommand,
  temporaryFolder,
} from "./helpers/runtime.ts";
import { openTerminal } from "./helpers/terminal.ts";

const org = await practiceOrg({ rows: 3 });
const folder = temporaryFolder();
after(() => removeFolder(folder));

const sfetch = (args: string[], options: RunOptions = {}) =>
  runSelf(args, { ...options, env: { HOME: folder, ...org.env, ...options.env } });

async function created(body: string, options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await sfetch(["post", "/sobjects/Account", body], options);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).id;
}

const BINARY = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0xff, 0xfe, 0x0a, 0x1b]);

interface Echo {
  last?: { method: string; headers: IncomingHttpHeaders; body: Buffer };
  env: Record<string, string | undefined>;
}

/** A server that notes what it gets and answers with a picture. */
async function openEcho(): Promise<Echo> {
  const echo: Echo = { env: {} };
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    echo.last = { method: request.method!, headers: request.headers, body: Buffer.concat(chunks) };
    response.writeHead(200, { "content-type": "image/png" }).end(BINARY);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  echo.env = { ...Object.fromEntries(Object.keys(org.env).map((name) => [name, undefined])) };
  Object.assign(echo.env, { SF_ACCESS_TOKEN: "00Dx!y", SF_INSTANCE_URL: url });
  return echo;
}

const echo = await openEcho();

describe("get", () => {
  const WHO = "/services/oauth2/userinfo";

  test("gives the very bytes of the answer in a pipe", async () => {
    const { code, stdout, stderr } = await sfetch(["get", WHO]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    assert.equal(stdout, await org.session().fetch(WHO).text());
  });

  test("takes paths as sfFetch does", async () => {
    for (
      const path of [
        "limits",
        "/limits",
        "/services/data/v67.0/limits",
        `${org.url}/services/data/v67.0/limits`,
      ]
    ) {
      assert.ok(JSON.parse((await sfetch(["get", path])).stdout).DailyApiRequests, path);
    }
    const { code, stderr } = await sfetch(["get", "https://evil.example/limits"]);
    assert.equal(code, 1);
    assert.match(stderr, /Refused to send the access token/);
  });

  test("streams a binary answer as it is", async () => {
    const line = [...selfCommand(), join(root, "cli.ts"), "get", "/file"].map((word) => `'${word}'`)
      .join(" ");
    const env = childEnv({ HOME: folder, ...echo.env });
    const { stdout } = await promisify(execFile)("sh", ["-c", `${line} | base64`], { env });
    assert.deepEqual(Buffer.from(stdout, "base64"), BINARY);
  });

  test("--include prints status and headers first, as curl -i does", async () => {
    const { stdout } = await sfetch(["get", "/limits", "-i"]);
    const [head, body] = stdout.split("\n\n");
    assert.match(head!, /^HTTP 200 OK\n/);
    assert.match(head!, /^sforce-limit-info: api-usage=\d+\/\d+$/m);
    assert.ok(JSON.parse(body!).DailyApiRequests);
  });

  test(
    "is coloured and indented on a terminal, and only there",
    { skip: missing("tmux") },
    async () => {
      const terminal = await openTerminal({
        command: [...selfCommand(), join(root, "cli.ts"), "get", WHO],
        env: { ...org.env, TERM: "xterm-256color" },
      });
      try {
        await terminal.waitFor(/^ {2}"user_id": "005/m);
        assert.equal(await terminal.exited(), 0);
      } finally {
        await terminal.close();
      }
    },
  );
});

describe("a body", () => {
  test("comes from the argument, a file, or stdin", async () => {
    const file = join(folder, "acme.json");
    await writeFile(file, '{"Name": "From a file"}');
    const ids = [
      await created('{"Name": "From the argument"}'),
      await created(`@${file}`),
      await created("@acme.json", { cwd: folder }),
      await created("-", { input: '{"Name": "From stdin ü"}' }),
    ];
    const names = await Promise.all(
      ids.map(async (id) => (await org.session().fetch(`/sobjects/Account/${id}`).json()).Name),
    );
    assert.deepEqual(names, ["From the argument", "From a file", "From a file", "From stdin ü"]);
  });

  test("may begin with a byte order mark, as editors on Windows write it", async () => {
    const file = join(folder, "bom.json");
    await writeFile(file, '\ufeff{"Name": "Marked"}');
    await sfetch(["post", "/x", `@${file}`], { env: echo.env });
    assert.equal(echo.last?.body.toString(), '{"Name": "Marked"}');
  });

  test("of CSV begins with a byte order mark no more than one of JSON does", async () => {
    const file = join(folder, "rows.csv");
    await writeFile(file, "\ufeffName\nAcme\n");
    await sfetch(["put", "/jobs/ingest/750/batches", `@${file}`], { env: echo.env });
    assert.equal(echo.last?.headers["content-type"], "text/csv");
    assert.equal(echo.last?.body.toString(), "Name\nAcme\n");
  });

  test("that is not JSON is refused before anything is sent", async () => {
    org.control.clearRequests();
    const { code, stdout, stderr } = await sfetch(["post", "/sobjects/Account", "{Name: Acme}"]);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /The body is not JSON/);
    assert.match(stderr, /Nothing was sent/);
    assert.deepEqual(org.control.requests(), []);
  });

  test("may be anything with a content type of its own, byte for byte", async () => {
    const file = join(folder, "photo.png");
    await writeFile(file, BINARY);
    const { code, stderr } = await sfetch([
      "put",
      "/files/1",
      `@${file}`,
      "-H",
      "Content-Type: image/png",
    ], {
      env: echo.env,
    });
    assert.equal(code, 0, stderr);
    assert.equal(echo.last!.method, "PUT");
    assert.equal(echo.last!.headers["content-type"], "image/png");
    assert.deepEqual(echo.last!.body, BINARY);
  });

  test("from a file that is not there is refused by name", async () => {
    const { code, stderr } = await sfetch(["post", "/sobjects/Account", "@nowhere.json"]);
    assert.equal(code, 2);
    assert.match(stderr, /Cannot read nowhere\.json/);
  });
});

test("patch changes and delete removes a record, both without output", async () => {
  const id = await created('{"Name": "Acme"}');
  const patched = await sfetch(["patch", `/sobjects/Account/${id}`, '{"Name": "Acme 2"}']);
  assert.deepEqual([patched.code, patched.stdout], [0, ""], patched.stderr);
  assert.equal((await org.session().fetch(`/sobjects/Account/${id}`).json()).Name, "Acme 2");
  const deleted = await sfetch(["delete", `/sobjects/Account/${id}`]);
  assert.deepEqual([deleted.code, deleted.stdout], [0, ""], deleted.stderr);
  const gone = await sfetch(["get", `/sobjects/Account/${id}`]);
  assert.equal(gone.code, 1);
  assert.equal(gone.stdout, "");
});

describe("--header", () => {
  test("is sent, as often as it is given", async () => {
    await sfetch(["get", "/x", "-H", "X-One: 1", "--header=X-Two: a: b"], { env: echo.env });
    assert.equal(echo.last!.headers["x-one"], "1");
    assert.equal(echo.last!.headers["x-two"], "a: b");
  });

  test("is refused where it is none", async () => {
    const { code, stderr } = await sfetch(["get", "/limits", "--header", "nonsense"]);
    assert.equal(code, 2);
    assert.match(stderr, /"nonsense" is not a header/);
  });
});

describe("--curl", () => {
  test(
    "sends nothing, shows no token, and runs in a shell",
    { skip: missing("curl") },
    async () => {
      org.control.clearRequests();
      const body = `{"Name": "It's \\"quoted\\" $HOME \`date\` !"}`;
      const { code, stdout } = await sfetch(["post", "/sobjects/Account", body, "--curl"]);
      assert.equal(code, 0);
      assert.deepEqual(org.control.requests(), []);
      assert.match(stdout, /"Authorization: Bearer \$SF_ACCESS_TOKEN"/);

      const { accessToken } = await org.session().getToken();
      const ran = await promisify(execFile)("sh", ["-c", stdout.replace("curl", "curl --silent")], {
        env: childEnv({ SF_ACCESS_TOKEN: accessToken }),
      });
      const { id } = JSON.parse(ran.stdout);
      assert.equal(
        (await org.session().fetch(`/sobjects/Account/${id}`).json()).Name,
        JSON.parse(body).Name,
      );
    },
  );

  test("prints no line that sends the token to another host", async () => {
    for (
      const path of [
        "https://evil.example/x",
        "//evil.example/x",
        `${org.url}@evil.example/x`,
        org.url.replace("127.0.0.1", "localhost"),
        "\\\\evil.example/x",
      ]
    ) {
      const { code, stdout, stderr } = await sfetch(["get", path, "--curl"]);
      assert.equal(stdout, "", path);
      assert.notEqual(code, 0, path);
      assert.match(stderr, /Refused to send the access token|Cannot send the request/, path);
    }
  });

  test("keeps curl from reading a pattern into the URL", async () => {
    const { stdout } = await sfetch(["get", "/search?q=FIND+{Acme}", "--curl"]);
    assert.match(stdout, /^curl --globoff '/);
  });

  test("needs no key and no token", async () => {
    const { code, stdout } = await runSelf(["get", "/limits", "--curl"], {
      env: { SF_LOGIN_URL: "https://acme.my.salesforce.com", SF_API_VERSION: "60.0" },
    });
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^curl https:\/\/acme\.my\.salesforce\.com\/services\/data\/v60\.0\/limits /,
    );
  });
});

describe("token", () => {
  test("prints a token that works, alone on stdout", async () => {
    const { code, stdout } = await sfetch(["token"]);
    assert.equal(code, 0);
    const response = await fetch(`${org.url}/services/data/v67.0/limits`, {
      headers: { authorization: `Bearer ${stdout.trim()}` },
    });
    await response.body?.cancel();
    assert.equal(response.status, 200);
  });

  test("--json prints where it is good as well", async () => {
    const token = JSON.parse((await sfetch(["token", "--json"])).stdout);
    assert.equal(token.instanceUrl, org.url);
    assert.match(token.accessToken, /^00D/);
    assert.match(token.id, /\/id\//);
  });
});

describe("assertion", () => {
  test("prints a JWT that the org trades for a token, and on stderr its claims and expiry", async () => {
    const { code, stdout, stderr } = await sfetch(["assertion"]);
    assert.equal(code, 0);
    const response = await fetch(`${org.url}/services/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        assertion: stdout.trim(),
      }),
    });
    assert.equal(response.status, 200, await response.text());
    assert.ok(stderr.includes(`"iss": "${org.clientId}"`), stderr);
    assert.match(stderr, /expires \d{4}-\d\d-\d\dT[\d:.]+Z \(in 1\d\d seconds\)/);
  });

  test("--json prints assertion, header and claims", async () => {
    const { assertion, header, claims } = JSON.parse(
      (await sfetch(["assertion", "--json"])).stdout,
    );
    assert.equal(assertion.split(".").length, 3);
    assert.equal(header.alg, "RS256");
    assert.deepEqual([claims.iss, claims.sub, claims.aud], [org.clientId, org.username, org.url]);
  });
});
