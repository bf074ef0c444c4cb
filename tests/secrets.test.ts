import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { getToken, importPrivateKey } from "../mod.ts";
import { runCode } from "./helpers/code.ts";
import { type Seen, startSalesforce } from "./helpers/salesforce-server.ts";

const salesforce = await startSalesforce();
after(() => salesforce.close());

const DATA = "/services/data/v67.0";
const JWT_TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ0b2tlbiJ9.c2VjcmV0LXNpZ25hdHVyZQ";

/** A server that sends back what it was sent, in every kind of answer. */
salesforce.onRequest = ({ path, headers, body }: Seen) => {
  const { pathname } = new URL(path, salesforce.url);
  const secret = pathname.endsWith("/token")
    ? new URLSearchParams(body).get("assertion")!
    : headers.authorization?.replace("Bearer ", "") ?? "";
  const echo: Record<string, unknown> = {
    array: [{ errorCode: "ECHO", message: `bad ${secret}`, fields: [secret] }],
    code: [{ errorCode: secret, message: "m" }],
    object: { error: secret, error_description: secret },
    strings: [secret],
    xml: `<Error><errorCode>A</errorCode><message>${secret}</message></Error>`,
    xmlcode: `<Error><errorCode>${secret}</errorCode></Error>`,
    text: `no ${secret}`,
    bare: secret,
    glued: `31m${secret}m`,
    html: `<html>${secret}</html>`,
    json: `{"token":"${secret}`,
    escaped: `[{"errorCode":"A","message":"${secret.replace("!", "\\u0021")}"}]`,
    escapedobject: `{"error":"${secret.replace("!", "\\u0021")}"}`,
  };
  const [, kind] = /\/echo\/(\w+)/.exec(pathname) ?? [];
  if (kind) salesforce.next(pathname, { status: kind === "json" ? 200 : 400, body: echo[kind] });
  if (kind === "html") {
    salesforce.next(`${pathname}/moved`, {
      status: 302,
      headers: { location: `https://elsewhere.example/${secret}?t=${secret}` },
    });
  }
  if (pathname === "/refuse/services/oauth2/token") return;
  if (pathname === "/services/oauth2/token" && refuses) {
    salesforce.next(pathname, {
      status: 400,
      body: {
        error: `invalid_grant`,
        error_description: `invalid assertion ${secret} 31m${secret} ${JWT_TOKEN}`,
      },
    });
  }
};
let refuses = false;

/** Everything in which a script might print a value, on this runtime. */
const PRINT = `
  import { inspect } from "node:util";
  async function print(name, value) {
    console.log("## " + name);
    console.log(value);
    console.error(value);
    console.log("%o %O %s", value, value, value);
    console.log(String(value));
    console.log(inspect(value, { depth: 9, showHidden: true, getters: true }));
    console.log(inspect(value, { depth: 9, customInspect: false }));
    if (globalThis.Deno) console.log(Deno.inspect(value, { depth: 9, showHidden: true, getters: true }));
    if (globalThis.Bun) console.log(Bun.inspect(value, { depth: 9 }));
    if (!value?.accessToken) console.log("%j", value, JSON.stringify(value)); // a token's JSON is the token
    console.dir(value);
    console.table([value]);
    for (let error = value; error instanceof Error; error = error.cause) {
      console.log(error.stack, error.message, JSON.stringify({ ...error }));
    }
    const display = value?.[Symbol.for("Jupyter.display")];
    if (display) console.log(JSON.stringify(await display.call(value)));
  }
`;

/** Runs code that prints, and holds what it printed against every secret there is. */
async function printsNoSecret(code: string, expected: RegExp, secrets: string[] = []) {
  const { stdout, stderr } = await runCode(PRINT + code, { env: salesforce.env });
  assert.match(stdout, expected, stderr);
  const printed = stdout + stderr;
  const key = salesforce.options.privateKey.replace(/-----.*-----|\s/g, "");
  const assertions = salesforce.requests
    .map(({ body }) => new URLSearchParams(body).get("assertion")).filter(Boolean) as string[];
  assert.ok(assertions.length > 0);
  for (
    const secret of [
      ...salesforce.sessions,
      ...[...salesforce.sessions].map((token) => token.split("!")[1]!),
      ...assertions.flatMap((assertion) => assertion.split(".").slice(1)),
      key.slice(0, 64),
      key.slice(100, 130),
      JWT_TOKEN,
      ...secrets,
    ]
  ) {
    const at = printed.indexOf(secret);
    assert.equal(at, -1, `printed: ${printed.slice(Math.max(0, at - 200), at + 100)}`);
  }
}

test("the stand-in really sends back what it is sent", async () => {
  const { accessToken } = await getToken(salesforce.options);
  const answer = await fetch(`${salesforce.url}${DATA}/echo/text`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  assert.equal(await answer.text(), `no ${accessToken}`);
});

describe("no secret is printed of", () => {
  test("a session, its settings, a query, records, a token", () =>
    printsNoSecret(
      `
      import { createSession, sfQuery, getToken } from "./mod.ts";
      const session = createSession({ passphrase: "pass-phrase" });
      await print("before", session);
      const token = await session.getToken();
      await print("session", session);
      const settings = await session.settings();
      console.log(settings, JSON.stringify(settings), { ...settings }, [settings]);
      await print("promise", session.getToken());
      await print("token", token);
      console.log({ deep: { token } }, [token], new Map([["t", token]]), \`\${token}\`, token + "");
      console.log("%s %o %O %d", token, token, token, token);
      const query = session.query("SELECT Id FROM Account");
      await print("query", query);
      await print("records", await query);
      await print("response", await session.fetch("/limits"));
      await print("promised", session.fetch("/limits"));
      await print("pages", query.pages());
      `,
      /00D…!\*\*\*\*/,
      ["pass-phrase"],
    ));

  test("a token in JWT format", async () => {
    salesforce.tokenExtras = { access_token: JWT_TOKEN };
    await printsNoSecret(
      `
      import { getToken } from "./mod.ts";
      await print("token", await getToken());
      `,
      /eyJ…\*\*\*\*/,
    );
    salesforce.tokenExtras = {};
  });

  test("a REST error whose body has the token", () =>
    printsNoSecret(
      `
      import { sfFetch } from "./mod.ts";
      for (const kind of ["array", "code", "object", "strings", "xml", "xmlcode", "text", "bare", "glued", "html", "json", "html/moved"]) {
        await sfFetch("/echo/" + kind).json().then(() => console.log("NO ERROR"), (error) => print(kind, error));
      }
      `,
      /## html\/moved/,
    ));

  test("a refused sign-in whose answer has the assertion", async () => {
    refuses = true;
    try {
      await printsNoSecret(
        `
        import { getToken } from "./mod.ts";
        await getToken().catch((error) => print("refused", error));
        `,
        /OAuthError/,
      );
    } finally {
      refuses = false;
    }
  });

  test("a connection that breaks, times out or never comes about", () =>
    printsNoSecret(
      `
      import { createSession } from "./mod.ts";
      const { accessToken } = await createSession().getToken();
      const lost = createSession({ accessToken, instanceUrl: "http://127.0.0.1:1" });
      await lost.fetch("/x", { retry: 0 }).catch((error) => print("refused", error));
      const odd = createSession({ accessToken: accessToken + "\\u2026", instanceUrl: "http://127.0.0.1:1" });
      await odd.fetch("/x").catch((error) => print("odd", error));
      const session = createSession();
      await session.fetch("https://evil.example/" + accessToken).catch((error) => print("foreign", error));
      await session.fetch("/limits", { timeout: 0, retry: 0 }).catch((error) => print("timeout", error));
      await session.fetch("/" + accessToken, { headers: { "x": "\\u0000" } }).catch((error) => print("header", error));
      await createSession({ loginUrl: "http://127.0.0.1:1" }).getToken().catch((error) => print("no sign-in", error));
      `,
      /ConnectionError/,
    ));

  test("a token or a key in a place of another value, also within a text or encoded", () =>
    printsNoSecret(
      `
      import { createSession } from "./mod.ts";
      const session = createSession();
      const { accessToken } = await session.getToken();
      const lost = createSession({ accessToken, instanceUrl: "http://127.0.0.1:1" });
      const encoded = accessToken.replace("!", "%21");
      const call = (name, promise) => promise.then(() => console.log("NO ERROR", name), (error) => print(name, error));
      for (const path of ["/x?t=" + accessToken, "/x?t=" + encoded, "/x/" + encoded, "/" + accessToken,
        "/" + process.env.SF_PRIVATE_KEY, "/x?q=a)" + accessToken]) {
        await call("lost", lost.fetch(path, { retry: 0 }));
        await call("404", session.fetch("/echo/array" + path, { method: "PATCH" }));
      }
      await call("method", session.fetch("/x", { method: accessToken }));
      await call("timeout", session.fetch("/x", { timeout: accessToken }));
      for (const text of ["sid=" + accessToken, "Authorization: Bearer " + accessToken, encoded]) {
        for (const name of ["org", "loginUrl", "instanceUrl", "apiVersion", "privateKeyFile", "allowHost", "readOnly"]) {
          await call(name, createSession({ privateKey: undefined, [name]: text, ...(name === "privateKeyFile" && { clientId: "a", username: "b" }) }).settings().then(() => createSession({ [name]: text }).fetch("/echo/array")));
        }
      }
      await call("file URL", createSession({ privateKeyFile: "file://" + accessToken + "%zz" }).getToken());
      `,
      /ConnectionError/,
    ));

  test("a token that a server escapes in its JSON", () =>
    printsNoSecret(
      `
      import { sfFetch } from "./mod.ts";
      for (const kind of ["escaped", "escapedobject"]) {
        await sfFetch("/echo/" + kind).then(() => console.log("NO ERROR"), (error) => print(kind, error));
      }
      `,
      /SalesforceError: GET .* 400/,
    ));

  test("a key that cannot be used, or its passphrase", async () => {
    const key = salesforce.options.privateKey;
    await importPrivateKey(key);
    await printsNoSecret(
      `
      import { createSession, importPrivateKey } from "./mod.ts";
      const key = ${JSON.stringify(key)};
      await createSession().getToken();
      for (const damaged of [key.slice(0, 500), key.replace("\\nM", "\\n\\u2026"), key.replace(/-----/g, "---"),
        key.replace(/PRIVATE/g, "PUBLIC"), key.replace(/PRIVATE/g, "ENCRYPTED PRIVATE"), key.replace("MII", "MIH"),
        key.split("\\n")[1], { kty: "RSA", n: key.slice(100, 200), d: key.slice(100, 200) }]) {
        await importPrivateKey(damaged, "pass-phrase").then(() => {}, (error) => print("key", error));
        await createSession({ privateKey: damaged, passphrase: "pass-phrase" }).getToken()
          .then(() => {}, (error) => print("session", error));
      }
      await print("imported", (await importPrivateKey(key)).format);
      `,
      /SettingsError/,
      ["pass-phrase"],
    );
  });
});

before(async () => {
  await getToken(salesforce.options);
});
