import assert from "node:assert/strict";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, describe, test } from "node:test";
import type { Line } from "../cli/commands/doctor.ts";
import { proxyFor } from "../cli/commands/doctor/proxy.ts";
import { generateKeyPair } from "../cli/keys/keys.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { type RunResult, runSelf, runtimeName, temporaryFolder } from "./helpers/runtime.ts";

const org = await practiceOrg();
const folder = temporaryFolder();
after(() => rm(folder, { recursive: true }));

const keyFile = join(folder, "server.key");
await writeFile(keyFile, org.options.privateKey, { mode: 0o600 });

const env = {
  SF_CLIENT_ID: org.clientId,
  SF_USERNAME: org.username,
  SF_PRIVATE_KEY_FILE: keyFile,
  SF_LOGIN_URL: org.url,
};

interface Report extends RunResult {
  ok: boolean;
  checks: Line[];
  check(name: string): Line;
  /** The checks that did not pass, as `name: status`. */
  others: string[];
}

/** Runs `doctor --json`; `changes` are to the environment. */
async function doctor(
  changes: Record<string, string | undefined> = {},
  ...args: string[]
): Promise<Report> {
  const result = await runSelf(["doctor", "--json", ...args], { env: { ...env, ...changes } });
  assert.doesNotMatch(result.stdout + result.stderr, /00D\w{9,}!|eyJ[\w-]{10}|-----BEGIN/);
  const { ok, checks } = JSON.parse(result.stdout || "null") ?? assert.fail(result.stderr);
  return {
    ...result,
    ok,
    checks,
    check: (name) => checks.find((line: Line) => line.check === name),
    others: checks.filter(({ status }: Line) => status !== "pass")
      .map(({ check, status }: Line) => `${check}: ${status}`),
  };
}

test("doctor finds nothing wrong where all is well", async () => {
  const { code, ok, checks, others } = await doctor();
  assert.equal(code, 0);
  assert.equal(ok, true);
  assert.deepEqual(checks.map(({ check }) => check), [
    "settings",
    "private key",
    "certificate",
    "host",
    "clock",
    "token",
    "user",
    "API version",
    "limits",
  ]);
  assert.deepEqual(others, ["certificate: skip"]);
});

test("doctor says where each setting came from", async () => {
  const { detail } = (await doctor()).check("settings");
  assert.match(detail, /clientId +3MVG9\S+ +\(SF_CLIENT_ID\)/);
  assert.match(detail, /loginUrl +http:\S+ +\(SF_LOGIN_URL\)/);
  assert.match(detail, /apiVersion +[\d.]+ +\(default\)/);
});

/** A home folder whose saved org "prod" is the practice org, with changes. */
async function savedOrg(changes: object = {}): Promise<string> {
  const home = join(folder, "home");
  await mkdir(join(home, ".config/sfetch/orgs"), { recursive: true });
  const { clientId, username, url: loginUrl } = org;
  const saved = { clientId, username, privateKeyFile: keyFile, loginUrl, ...changes };
  await writeFile(join(home, ".config/sfetch/orgs/prod.json"), JSON.stringify(saved));
  return home;
}

test("doctor checks a saved org", async () => {
  const home = await savedOrg();
  const { stdout, code } = await runSelf(["doctor", "--org", "prod"], { env: { HOME: home } });
  assert.equal(code, 0, stdout);
  assert.match(
    stdout,
    /✔ settings [^✔]*\bprivateKeyFile +\S+server\.key +\(org "prod" \(.*prod\.json\)\)/,
  );
  assert.match(stdout, /✔ token +00D…!\*\*\*\* for admin@practice\.example/);
  assert.match(stdout, /8 passed, 1 skipped\./);
});

test("doctor checks the practice org without any setting", async () => {
  const { code, stdout } = await runSelf(["doctor", "--org", "practice"]);
  assert.equal(code, 0, stdout);
});

describe("doctor on settings", () => {
  test("names what is missing, and goes on to what can be checked", async () => {
    const { code, check } = await doctor({
      SF_USERNAME: undefined,
      SF_PRIVATE_KEY_FILE: undefined,
    });
    assert.equal(code, 2);
    assert.match(check("settings").detail, /^Missing: username, privateKey\./);
    assert.match(check("settings").fix!, /SF_USERNAME, SF_PRIVATE_KEY_FILE, or run: sfetch login/);
    assert.equal(check("host").status, "pass");
    assert.equal(check("token").status, "skip");
  });

  test("says that an org is not known", async () => {
    const { code, check, others } = await doctor({}, "--org", "nowhere");
    assert.equal(code, 2);
    assert.match(check("settings").detail, /No org named "nowhere" is known/);
    assert.match(check("settings").fix!, /sfetch login nowhere/);
    assert.equal(others.length, 9);
  });

  test("takes an access token in place of a key", async () => {
    const { accessToken, instanceUrl } = await org.session().getToken();
    const result = await runSelf(["doctor", "--json"], {
      env: { SF_ACCESS_TOKEN: accessToken, SF_INSTANCE_URL: instanceUrl },
    });
    assert.equal(result.code, 0, result.stdout);
    assert.ok(!result.stdout.includes(accessToken));
    const statuses = JSON.parse(result.stdout).checks.map(({ status }: Line) => status);
    assert.deepEqual(statuses.slice(0, 3), ["pass", "skip", "skip"]);
    for (const { detail } of JSON.parse(result.stdout).checks.slice(1, 3)) {
      assert.equal(detail, "Not needed: an access token is given.");
    }
    assert.ok(statuses.slice(3).every((status: string) => status === "pass"));
  });
});

describe("doctor on the private key", () => {
  test("warns of a key that others can read", async () => {
    const open = join(folder, "open.key");
    await writeFile(open, org.options.privateKey);
    await chmod(open, 0o644);
    const { code, check } = await doctor({ SF_PRIVATE_KEY_FILE: open });
    assert.equal(code, 0);
    assert.equal(check("private key").status, "warn");
    assert.match(check("private key").detail, /its mode is 644/);
    assert.equal(check("private key").fix, `chmod 600 ${open}`);
  });

  test("tells what is no private key by name", async () => {
    const file = join(folder, "mistaken.key");
    await writeFile(file, org.certificate, { mode: 0o600 });
    const { code, check } = await doctor({ SF_PRIVATE_KEY_FILE: file });
    assert.equal(code, 2);
    assert.match(check("private key").detail, /it is a certificate/);
    assert.equal(check("token").status, "skip");
    assert.equal(check("clock").status, "pass");
  });

  test("says that there is no such file", async () => {
    const { code, check } = await doctor({ SF_PRIVATE_KEY_FILE: "/nowhere/server.key" });
    assert.equal(code, 2);
    assert.match(
      check("private key").detail,
      /Cannot read \/nowhere\/server\.key: there is no such file/,
    );
    assert.match(check("private key").fix!, /sfetch keygen/);
  });
});

describe("doctor on the certificate", () => {
  async function withPair(days: number): Promise<{ key: string; cert: string }> {
    const pair = await generateKeyPair({ days });
    const key = join(folder, `${days}-days.key`);
    const cert = join(folder, `${days}-days.crt`);
    await writeFile(key, pair.privateKeyPem, { mode: 0o600 });
    await writeFile(cert, pair.certificatePem);
    return { key, cert };
  }

  test("finds the one beside the key and sees that they belong together", async () => {
    const { key, cert } = await withPair(100);
    const { check } = await doctor({ SF_PRIVATE_KEY_FILE: key });
    assert.equal(check("certificate").status, "pass");
    assert.ok(check("certificate").detail.includes(cert));
  });

  test("fails one of another key", async () => {
    const { cert } = await withPair(200);
    const { code, check } = await doctor({}, "--cert", cert);
    assert.equal(code, 1);
    assert.equal(check("certificate").status, "fail");
    assert.match(check("certificate").detail, /belongs to another private key/);
    assert.equal(check("token").status, "pass");
  });

  test("warns of one that expires soon or has expired, which Salesforce accepts", async () => {
    const near = await doctor({ SF_PRIVATE_KEY_FILE: (await withPair(10)).key });
    assert.equal(near.check("certificate").status, "warn");
    assert.match(near.check("certificate").detail, /expires in \d+ days/);
    assert.match(near.check("certificate").fix!, /sfetch keygen --key/);

    const past = await doctor({ SF_PRIVATE_KEY_FILE: (await withPair(-1)).key });
    assert.equal(past.code, 1, "the key is not that of the app"); // which the token check says
    assert.equal(past.check("certificate").status, "warn");
    assert.match(past.check("certificate").detail, /has expired/);
  });

  test("says what else --cert names", async () => {
    const { code, check } = await doctor({}, "--cert", keyFile);
    assert.equal(code, 1);
    assert.match(check("certificate").detail, /holds a "PRIVATE KEY", not a certificate/);
  });
});

describe("doctor on host and clock", () => {
  test("says that a host name is not known", async () => {
    const host = "acme.my.salesforce.invalid";
    const HOME = await savedOrg({ loginUrl: `https://${host}`, allowHost: host });
    const { code, check } = await doctor({ HOME }, "--org", "prod");
    assert.equal(code, 1);
    assert.match(check("host").detail, /acme\.my\.salesforce\.invalid is not known/);
    assert.match(check("host").fix!, /Check the name/);
    assert.deepEqual(["clock", "token"].map((name) => check(name).status), ["skip", "skip"]);
  });

  test("says that a server on this machine is not running", async () => {
    const { code, check } = await doctor({ SF_LOGIN_URL: "http://127.0.0.1:9" });
    assert.equal(code, 1);
    assert.match(check("host").detail, /nothing listens there/);
    assert.match(check("host").fix!, /sfetch practice/);
  });

  test("tells a web server from a Salesforce API host", async () => {
    org.control.fault({ kind: "html", path: "/services/data/" });
    const { code, check } = await doctor();
    assert.equal(code, 1);
    assert.match(check("host").detail, /not a Salesforce API host \(HTTP 200\)/);
    assert.equal(check("token").status, "pass");
  });

  test("warns of a clock that is hours off, and signs in all the same", async () => {
    org.control.set({ clockOffset: 3 * 3600_000 });
    try {
      const { code, check } = await doctor();
      assert.equal(code, 0);
      assert.equal(check("clock").status, "warn");
      assert.match(check("clock").detail, /clock is 10\d\d\d s behind the server's/);
      assert.match(check("clock").fix!, /timedatectl/);
      assert.equal(check("token").status, "pass");
    } finally {
      org.control.set({ clockOffset: 0 });
    }
  });
});

const OPEN = "200 Connection established";

/** A proxy on this machine that passes plain requests on, and tunnels or answers CONNECT with another status. */
async function withProxy(
  connectStatus: string,
  use: (url: string, seen: string[]) => Promise<void>,
): Promise<void> {
  const seen: string[] = [];
  const proxy = createServer(async (incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const body = incoming.method === "POST" ? await buffer(incoming) : undefined;
    const { authorization = "", "content-type": type = "" } = incoming.headers;
    const headers = { authorization, "content-type": type };
    const response = await fetch(incoming.url!, { method: incoming.method, headers, body });
    outgoing.writeHead(response.status, { "content-type": "application/json" });
    outgoing.end(await response.text());
  });
  proxy.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.on("error", () => {});
    if (connectStatus !== OPEN) {
      return socket.end(`HTTP/1.1 ${connectStatus}\r\nConnection: close\r\n\r\n`);
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const upstream = connect(Number(port), hostname, () => {
      socket.write(`HTTP/1.1 ${OPEN}\r\n\r\n`);
      upstream.pipe(socket).pipe(upstream);
    }).on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  try {
    await use(`127.0.0.1:${(proxy.address() as AddressInfo).port}`, seen);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
}

describe("doctor behind a proxy", () => {
  const useProxy = { NODE_USE_ENV_PROXY: "1", NO_PROXY: "" };

  test("takes the way through it, and names it", () =>
    withProxy(OPEN, async (proxy, seen) => {
      const { check, others } = await doctor({
        ...useProxy,
        HTTP_PROXY: `http://ada:secret@${proxy}`,
        http_proxy: `http://ada:secret@${proxy}`,
      });
      assert.deepEqual(others, ["certificate: skip"]);
      // Node tunnels plain requests, too.
      const { host } = new URL(org.url);
      assert.ok(seen.some((line) => line.includes(host)), seen.join());
      assert.ok(check("host").detail.includes(`through the proxy http://${proxy}`));
      assert.doesNotMatch(check("host").detail, /secret/);
    }));

  for (
    const [status, detail] of [
      ["407 Proxy Authentication Required", /requires authentication|did not connect/],
      ["403 Forbidden", /did not connect/],
      ["502 Bad Gateway", /did not connect/],
    ] as const
  ) {
    test(`says that it answers ${status}, and does not blame the host's name`, () =>
      withProxy(status, async (proxy, seen) => {
        const { code, check } = await doctor({
          ...useProxy,
          SF_LOGIN_URL: "https://acme.my.salesforce.com",
          HTTPS_PROXY: `http://ada:secret@${proxy}`,
        });
        assert.equal(code, 1);
        assert.ok(seen.includes("CONNECT acme.my.salesforce.com:443"), seen.join());
        assert.match(check("host").detail, detail);
        assert.ok(check("host").detail.includes(`the proxy http://${proxy}`));
        assert.doesNotMatch(check("host").detail + check("host").fix, /secret|not known/);
      }));
  }

  test("says that nothing listens there", async () => {
    const { check } = await doctor({
      ...useProxy,
      SF_LOGIN_URL: "https://acme.my.salesforce.com",
      HTTPS_PROXY: "http://127.0.0.1:9",
    });
    assert.match(check("host").detail, /the proxy http:\/\/127\.0\.0\.1:9 \(HTTPS_PROXY\)/);
  });

  test("says that Node does not use it without being told to, and the others do", async () => {
    const { check } = await doctor({
      SF_LOGIN_URL: "https://no-such-host.my.salesforce.com", // unknown without a network, too
      HTTPS_PROXY: "http://127.0.0.1:9",
      NODE_USE_ENV_PROXY: undefined,
    });
    const { detail, fix } = check("host");
    if (runtimeName === "node") {
      assert.match(fix!, /Node uses it only with NODE_USE_ENV_PROXY=1/);
    } else {
      assert.match(detail, /the proxy http:\/\/127\.0\.0\.1:9 \(HTTPS_PROXY\)/);
      assert.doesNotMatch(`${detail} ${fix}`, /NODE_USE_ENV_PROXY/);
    }
  });

  test("knows which hosts bypass it", () => {
    const env = { HTTPS_PROXY: "proxy.example:3128", NO_PROXY: ".internal, salesforce.com:8443" };
    const urlOf = (url: string) => proxyFor(url, env)?.url;
    assert.equal(urlOf("https://acme.my.salesforce.com"), "http://proxy.example:3128");
    assert.equal(urlOf("https://acme.my.salesforce.com:8443"), undefined);
    assert.equal(urlOf("https://org.internal"), undefined);
    assert.equal(urlOf("https://notinternal"), "http://proxy.example:3128");
    assert.equal(urlOf("http://acme.my.salesforce.com"), undefined);
    assert.equal(proxyFor("https://a.example", { ...env, NO_PROXY: "*" }), undefined);
  });
});

describe("doctor on the signed-in org", () => {
  test("signs in again, whatever is in the cache", async () => {
    const home = join(folder, "cached");
    await mkdir(home);
    assert.equal((await runSelf(["get", "/limits"], { env: { ...env, HOME: home } })).code, 0);
    org.control.clearRequests();
    assert.equal((await doctor({ HOME: home })).code, 0);
    assert.equal(org.control.tokenRequests(), 1);
  });

  test("warns where the token is another user's", async () => {
    const info = { preferred_username: "other@practice.example", name: "Other" };
    org.control.fault({
      kind: "status",
      status: 200,
      body: info,
      path: "/services/oauth2/userinfo",
    });
    const { code, check } = await doctor();
    assert.equal(code, 0);
    assert.equal(check("user").status, "warn");
    assert.match(check("user").detail, /requested username is admin@practice\.example/);
  });

  test("fails an API version that is retired or not there yet, warns of one that goes", async () => {
    const versions: [string, Line["status"], RegExp][] = [
      ["21.0", "fail", /retired/],
      ["99.0", "fail", /does not support it yet/],
      ["31.0", "warn", /Summer '28/],
      ["latest", "pass", /68\.0/],
    ];
    for (const [version, status, detail] of versions) {
      const { check } = await doctor({ SF_API_VERSION: version });
      assert.equal(check("API version").status, status, version);
      assert.match(check("API version").detail, detail);
    }
  });

  test("warns of limits that are nearly used up", async () => {
    const body = {
      DailyApiRequests: { Max: 1000, Remaining: 150 },
      DataStorageMB: { Max: 100, Remaining: 90 },
      HourlyODataCallout: { Max: 0, Remaining: 0 },
    };
    org.control.fault({ kind: "status", status: 200, body, path: "/services/data/v67.0/limits" });
    const { code, check } = await doctor();
    assert.equal(code, 0);
    assert.equal(check("limits").status, "warn");
    assert.equal(check("limits").detail, "DailyApiRequests: 85% used, 150 of 1000 left");
  });

  test("explains a session that the API does not take", async () => {
    org.control.fault({ kind: "rest-error", error: "session-not-for-rest", times: "always" });
    try {
      const { code, check } = await doctor();
      assert.equal(code, 1);
      assert.equal(check("limits").status, "fail");
      assert.match(check("limits").fix!, /a new token will not help/);
    } finally {
      org.control.clearFaults();
    }
  });
});

test("doctor prints a line for each check, the fix below it", async () => {
  const { stdout, code } = await runSelf(["doctor"], {
    env: { ...env, SF_USERNAME: "x@y.example" },
  });
  assert.equal(code, 1);
  assert.match(stdout, /^✔ settings /m);
  assert.match(
    stdout,
    /^✖ token +.*authentication failure.*\n( +.*\n)* +→ .*\n( +→ .*\n)*- user /m,
  );
  assert.match(
    stdout,
    /\n\n5 passed, 1 failed, 3 skipped\.\n$|\n\n4 passed, 1 failed, 4 skipped\.\n$/,
  );
});
