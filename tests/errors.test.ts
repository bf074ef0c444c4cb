import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import {
  ConnectionError,
  createSession,
  OAUTH_ERRORS,
  OAuthError,
  SalesforceError,
  SettingsError,
  SfetchError,
} from "../mod.ts";
import { runCode } from "./helpers/code.ts";
import { runtimeName, temporaryFolder } from "./helpers/runtime.ts";
import { type Answer, startSalesforce } from "./helpers/salesforce-server.ts";

const salesforce = await startSalesforce();
after(() => salesforce.close());

const DATA = "/services/data/v67.0";
const NOW = { "retry-after": "0" };

async function refusal(answer: Answer): Promise<OAuthError> {
  salesforce.always("/services/oauth2/token", answer);
  const error = await createSession(salesforce.options).getToken().then(
    () => undefined,
    (error) => error,
  );
  assert.ok(error instanceof OAuthError, `${error}`);
  return error;
}

/** What the token endpoint says → what the hint must tell of, cause and next step. */
const REFUSALS: [error: string, description: string, cause: RegExp, fix: RegExp][] = [
  ["invalid_grant", "user hasn't approved this consumer", /approve/, /pre-authorized.*My Domain/],
  [
    "invalid_app_access",
    "user is not admin approved to access this app",
    /admin approved/,
    /profile.*permission set/,
  ],
  [
    "app_not_found",
    "External client app is not installed in this org",
    /login or test\.salesforce\.com/,
    /the option loginUrl.*My Domain/,
  ],
  [
    "OAUTH_AUTHORIZATION_BLOCKED",
    "Cross-org OAuth flows are not supported for this external client app",
    /local to one org/,
    /the option loginUrl/,
  ],
  ["OAUTH_APP_BLOCKED", "app is blocked by admin", /API Access Control/, /Unblock/],
  ["invalid_grant", "audience is invalid", /aud/, /SF_AUDIENCE_URL/],
  ["invalid_grant", "Audience validation failed", /aud/, /sandbox/],
  ["invalid_grant", "invalid assertion", /certificate/, /-modulus.*Upload server\.crt/],
  ["invalid_grant", "expired authorization code", /clock/, /Set the clock/],
  ["invalid_grant", "login rate exceeded", /3,600/, /cache/],
  ["rate_limit_exceeded", "number of logins exceeded", /3,600/, /Wait/],
  ["invalid_grant", "ip restricted or invalid login hours", /addresses or hours/, /Relax IP/],
  ["invalid_grant", "authentication failure", /does not exist/, /the option username/],
  ["invalid_grant", "invalid user credentials", /inactive or frozen/, /the option username/],
  ["invalid_grant", "user is locked", /locked out/, /Unlock/],
  ["inactive_user", "user is inactive", /not active/, /Active/],
  ["inactive_org", "organization is locked, closed, or suspended", /suspended/, /Support/],
  [
    "invalid_client_id",
    "client identifier invalid",
    /consumer key/,
    /the option clientId.*Consumer Key/,
  ],
  ["invalid_client", "invalid client credentials", /certificate/, /Enable JWT Bearer Flow/],
  ["invalid_client", "app must be installed into org", /installed/, /Connected Apps OAuth Usage/],
  ["unsupported_grant_type", "grant type not supported", /Lightning/, /My Domain/],
  [
    "invalid_request",
    "refresh_token scope is required and the connected app should be installed and preauthorized",
    /lacks the scope for refresh tokens/,
    /refresh_token, offline_access/,
  ],
  ["invalid_scope", "the requested scope is not allowed", /scope/, /refresh_token/],
  ["unknown_error", "retry your request", /temporary/, /Try again/],
  ["invalid_grant", "Data Not Available", /expired/, /Recreate/],
];

describe("an OAuthError", () => {
  for (const [error, error_description, cause, fix] of REFUSALS) {
    test(`of ${error}: ${error_description} names the cause and the next step`, async () => {
      const thrown = await refusal({ status: 400, body: { error, error_description } });
      assert.equal(thrown.error, error);
      assert.equal(thrown.description, error_description);
      assert.equal(thrown.status, 400);
      assert.equal(thrown.host, salesforce.url);
      assert.equal(thrown.name, "OAuthError");
      assert.ok(thrown instanceof SfetchError);
      const [why, next] = thrown.hint.split("\n");
      assert.match(why!, cause);
      assert.match(next!, fix);
      assert.match(thrown.hint, /Login History/);
      assert.ok(thrown.message.includes(error_description));
      assert.ok(thrown.message.endsWith(thrown.hint));
    });
  }

  test("of a refusal that is not known has it whole, and says where to look", async () => {
    const error = await refusal({ status: 400, body: { error: "new_error" } });
    assert.equal(error.error, "new_error");
    assert.equal(error.description, "no description");
    assert.match(error.hint, /Login History/);
  });

  for (
    const [title, answer, said] of [
      ["a web page", { headers: { "content-type": "text/html" }, body: "<html>" }, /text\/html/],
      ["a page that is not there", { status: 404, body: "" }, /nothing/],
      [
        "a redirect",
        { status: 302, headers: { location: "https://acme.example/x?y" } },
        /a redirect to acme\.example/,
      ],
      ["an empty answer", { body: "" }, /nothing/],
      ["JSON of another kind", { body: [1] }, /application\/json/],
      ["JSON null", { body: "null" }, /not a token/],
    ] as [string, Answer, RegExp][]
  ) {
    test(`of ${title} says that the host does not sign in`, async () => {
      const error = await refusal(answer);
      assert.equal(error.error, "unexpected_response");
      assert.match(error.description, said);
      assert.match(error.hint, /the option loginUrl/);
      assert.doesNotMatch(error.message, /\?y/);
    });
  }

  test("of a server at fault does not blame the host's name", async () => {
    const error = await refusal({ status: 503, body: "<html>" });
    assert.equal(error.error, "temporarily_unavailable");
    assert.match(error.hint, /busy or under maintenance/);
    assert.doesNotMatch(error.hint, /loginUrl/);
  });

  test("of 429 is about the rate of sign-ins, whatever the answer is", async () => {
    for (const body of ["<html>", ""]) {
      const error = await refusal({ status: 429, headers: { "retry-after": "300" }, body });
      assert.match(error.hint, /3,600 times.*\n.*Wait/);
    }
  });

  test("calls a setting by the place it came from", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "sfetch/orgs/prod.json");
    mkdirSync(dirname(file), { recursive: true });
    salesforce.always("/services/oauth2/token", undefined);
    const { privateKey, ...options } = salesforce.options;
    writeFileSync(join(folder, "server.key"), privateKey);
    const saved = { ...options, clientId: "wrong", privateKeyFile: join(folder, "server.key") };
    writeFileSync(file, JSON.stringify(saved));
    const code = (options: object) => `
      import { getToken } from "./mod.ts";
      await getToken(${JSON.stringify(options)}).catch((error) => console.log(error.hint));`;
    try {
      const org = await runCode(code({ org: "prod" }), { env: { XDG_CONFIG_HOME: folder } });
      assert.ok(org.stdout.includes(`into clientId of org "prod" (${file}) again`), org.stdout);
      const env = await runCode(code({}), { env: { ...salesforce.env, SF_CLIENT_ID: "wrong" } });
      assert.match(env.stdout, /into SF_CLIENT_ID again/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("OAUTH_ERRORS", () => {
  test("has each row reached by its own words, and complete", () => {
    for (const row of OAUTH_ERRORS) {
      const error = row.error === "*" ? "invalid_grant" : row.error;
      const first = OAUTH_ERRORS.find((one) =>
        (one.error === error || one.error === "*") && one.description.test(row.says)
      );
      assert.equal(first, row, `${row.error}: ${row.says}`);
      for (const text of [row.cause, row.fix]) assert.match(text, /^[A-Z][\s\S]*\.?$/);
    }
  });
});

/** What the REST API says → what the hint must tell of. */
const FAULTS: [status: number, errorCode: string, message: string, hint: RegExp][] = [
  [400, "MALFORMED_QUERY", "unexpected token: FORM", /single quotes.*soql/],
  [400, "INVALID_FIELD", "No such column 'x'", /field-level security/],
  [
    400,
    "INVALID_FIELD",
    "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes",
    /dates, numbers and booleans have no quotes/,
  ],
  [
    400,
    "INVALID_FIELD",
    "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
    /text needs single quotes/,
  ],
  [400, "INVALID_FIELD", "field 'Description' can not be filtered in a query call", /^$/],
  [
    400,
    "INVALID_FIELD",
    "Didn't understand relationship 'Contact' in FROM part",
    /relationship is misspelt/,
  ],
  [400, "MALFORMED_QUERY", "Field must be grouped or aggregated: Name", /GROUP BY/],
  [400, "MALFORMED_QUERY", "Ordered field must be grouped or aggregated: Name", /GROUP BY/],
  [
    400,
    "MALFORMED_QUERY",
    "The SOQL FIELDS function must have a LIMIT of at most 200",
    /Add LIMIT 200/,
  ],
  [400, "MALFORMED_QUERY", "only root queries support aggregate expressions", /^$/],
  [
    400,
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "Unable to create/update fields: CreatedDate. Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
    /sets this field by itself/,
  ],
  [
    400,
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "Unable to create/update fields: Rating. Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
    /may not write the field/,
  ],
  [
    400,
    "INVALID_FIELD",
    "The Id field should not be specified in the sobject data.",
    /leave it out of the body/,
  ],
  [400, "QUERY_LOCATOR_EXPIRED", "expired", /Run the query again/],
  [400, "INVALID_TYPE", "sObject type 'x' is not supported", /object is misspelt/],
  [400, "MALFORMED_ID", "malformed id x", /15 or 18/],
  [
    400,
    "INVALIDJOB",
    "InvalidJob : Field name provided, Code__c does not match an External ID, Salesforce Id, or indexed field for Contact",
    /marked External ID/,
  ],
  [400, "JSON_PARSER_ERROR", "Unexpected character", /option json/],
  [400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", /nothing was changed/],
  [400, "QUERY_TIMEOUT", "Your query request was running for too long.", /indexed field/],
  [400, "INVALID_QUERY_LOCATOR", "invalid query locator", /two days/],
  [400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", /fields that are named/],
  [400, "DUPLICATES_DETECTED", "Use one of these records?", /upsert/],
  [400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "No.", /validation rules/],
  [401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", /proxies/],
  [403, "INSUFFICIENT_ACCESS_OR_READONLY", "no", /rights/],
  [403, "API_DISABLED_FOR_ORG", "API is not enabled", /API Enabled/],
  [403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", /24 hours/],
  [403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", /20 seconds/],
  [404, "NOT_FOUND", "The requested resource does not exist", /API version/],
  [404, "ENTITY_IS_DELETED", "entity is deleted", /queryAll/],
  [404, "NOT_FOUND", "Provided external ID field does not exist", /no such record/],
  [405, "METHOD_NOT_ALLOWED", "HTTP Method 'PUT' not allowed", /does not accept this method/],
  [410, "GONE", "The requested resource is no longer available", /SF_API_VERSION/],
  [414, "URI_TOO_LONG", "URI Too Long", /16,384/],
  [415, "UNSUPPORTED_MEDIA_TYPE", "Content type not supported", /content type/],
  [420, "", "", /no route to this host/],
  [429, "", "", /fewer in parallel/],
  [500, "UNKNOWN_EXCEPTION", "Destination URL not reset.", /instance URL/],
  [500, "UNKNOWN_EXCEPTION", "An unexpected error occurred", /Salesforce Support/],
  [
    500,
    "UNKNOWN_EXCEPTION",
    "An unexpected error occurred. Please include this ErrorId if you contact support: 1-2 (3)",
    /ErrorId/,
  ],
  [
    500,
    "APEX_ERROR",
    "System.NullPointerException: Class.Thing: line 3, column 1",
    /own Apex code/,
  ],
  [500, "SOMETHING_NEW", "of a kind not known", /^$/],
  [500, "", "", /busy or under maintenance/],
  [503, "SERVER_UNAVAILABLE", "Server is unavailable", /status\.salesforce\.com/],
];

async function fault(answer: Answer, path = "/x"): Promise<SalesforceError> {
  salesforce.always("/services/oauth2/token", undefined);
  salesforce.next(DATA + path, answer, answer);
  const error = await createSession(salesforce.options).fetch(path, { retry: 0 }).then(
    () => undefined,
    (error) => error,
  );
  salesforce.next(DATA + path); // a second answer is for the replay after a 401
  assert.ok(error instanceof SalesforceError, `${error}`);
  return error;
}

describe("a SalesforceError", () => {
  let pages = 0;

  test("of a page that is too long a request's answer says that, and not that this is no API", async () => {
    const page =
      "<html><h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre></html>";
    for (
      const [status, body] of [[414, page], [431, page], [431, "<h1>Bad Message 431</h1>"]] as const
    ) {
      const answer = { status, headers: { "content-type": "text/html" }, body };
      const error = await fault(answer, `/long/${pages++}`);
      assert.match(error.hint, /16,384 bytes/);
    }
  });

  test("of a page that a proxy wrote names the proxy", async () => {
    for (const status of [403, 502]) {
      const headers = { "content-type": "text/html", via: "1.1 squid.acme.example" };
      const body = "<!doctype html><h1>Denied";
      const error = await fault({ status, headers, body }, `/denied/${pages++}`);
      assert.match(error.hint, /comes from a proxy.*squid\.acme\.example/);
    }
  });

  FAULTS.forEach(([status, errorCode, message, hint], i) => {
    test(`of ${status} ${errorCode} ${message} has a hint`, async () => {
      const body = errorCode ? [{ errorCode, message }] : "";
      const error = await fault({ status, headers: NOW, body }, `/fault/${i}`);
      assert.equal(error.status, status);
      assert.equal(error.errorCode, errorCode);
      assert.ok(error.message.includes(message));
      if (status !== 401) assert.match(error.hint, hint);
    });
  });

  const SHAPES: [title: string, body: unknown, errorCode: string, message: string][] = [
    ["an array", [{ errorCode: "A", message: "m" }], "A", "m"],
    ["an object", { errorCode: "A", message: "m" }, "A", "m"],
    ["OAuth", { error: "invalid_token", error_description: "m" }, "invalid_token", "m"],
    ["a collection", [{ success: false, errors: [{ statusCode: "A", message: "m" }] }], "A", "m"],
    [
      "XML",
      `<?xml version="1.0"?><Errors><Error><errorCode>A</errorCode><message>m</message></Error></Errors>`,
      "A",
      "m",
    ],
    [
      "a SOAP-like fault",
      `<x:exceptionCode>A</x:exceptionCode><x:exceptionMessage>m</x:exceptionMessage>`,
      "A",
      "m",
    ],
    ["a word", "Some_Error", "Some_Error", ""],
    ["plain text", "it failed", "", "it failed"],
    ["nothing", "", "", ""],
    ["an empty array", [], "", ""],
    ["null", "null", "", ""],
    ["an array of null", [null], "", ""],
    ["a number", "42", "", ""],
  ];
  SHAPES.forEach(([title, body, errorCode, message], i) => {
    test(`is read from ${title}`, async () => {
      const error = await fault({ status: 400, body }, `/shape/${i}`);
      assert.equal(error.errorCode, errorCode);
      assert.equal(error.errors[0]?.message ?? "", message);
      assert.match(error.message, /^GET \/services\/data\/v67\.0\/shape\/\d+: 400 /);
    });
  });

  test("of a long page of text stays short", async () => {
    const error = await fault({ status: 400, body: "x ".repeat(100_000) }, "/long");
    assert.ok(error.message.length < 2_000);
  });
});

describe("errors", () => {
  test("say what happened first, then what to do; each has its class and name", () => {
    for (const kind of [SettingsError, OAuthError, SalesforceError, ConnectionError]) {
      assert.ok(kind.prototype instanceof SfetchError);
    }
    const error = new SettingsError("What happened.", "What to do.");
    assert.equal(error.message, "What happened.\nWhat to do.");
    assert.equal(error.hint, "What to do.");
    assert.equal(error.name, "SettingsError");
    assert.equal(String(error), "SettingsError: What happened.\nWhat to do.");
    assert.ok(error.stack!.includes("What happened."));
  });

  test("show themselves in a notebook, with what they quote escaped", () => {
    const error = new SettingsError("<img src=x onerror=alert(1)>", "a & b");
    // deno-lint-ignore no-explicit-any -- a symbol of Jupyter's
    const display = (error as any)[Symbol.for("Jupyter.display")]();
    assert.match(display["text/plain"], /^SettingsError: <img/);
    assert.doesNotMatch(display["text/html"], /<img/);
    assert.match(display["text/html"], /a &#38; b/);
  });
});

describe("the stack of an error shows the caller's code, and none of the module's:", () => {
  const nowhere = { accessToken: "00D!x", instanceUrl: "http://127.0.0.1:9" };
  const offline = { fetch: () => Promise.reject(new Error("offline")) };
  const session = createSession({ ...nowhere, ...offline });
  const refusing = createSession({
    ...nowhere,
    fetch: () => Promise.resolve(new Response("[]", { status: 404 })),
  });
  const query = () => refusing.query("SELECT Id FROM Account");
  const CALLS: Record<string, () => Promise<unknown>> = {
    "a request": async function caller() {
      return await session.fetch("/limits", { retry: 0 }).json();
    },
    "a request whose response is awaited": async function caller() {
      return await session.fetch("/limits", { retry: 0 });
    },
    "a request that is not sent": async function caller() {
      return await session.fetch("/a/../b");
    },
    "a setting": async function caller() {
      return await createSession({ clientId: "3MVG9" }).getToken();
    },
    "a sign-in": async function caller() {
      const own = createSession({ ...salesforce.options, ...offline });
      return await own.getToken({ timeout: 100 });
    },
    "a query that is awaited": async function caller() {
      return await query();
    },
    "a query that is iterated": async function caller() {
      for await (const _ of query());
    },
    "a query's pages": async function caller() {
      for await (const _ of query().pages());
    },
    "a query's first record": async function caller() {
      return await query().first();
    },
  };
  for (const [title, call] of Object.entries(CALLS)) {
    test(title, async () => {
      const { stack } = await call().catch((error) => error) as { stack: string };
      assert.match(stack, /^\w+Error: \S+[^]*\bcaller\b/);
      assert.doesNotMatch(stack, /\bmod\.ts:\d/);
    });
  }
});

describe("an answer of no sense", () => {
  const GARBAGE: unknown[] = [
    {},
    [],
    [[]],
    "text",
    null,
    7,
    [null],
    [[[]], 7],
    [{ errorCode: {}, message: [], fields: {} }],
  ];

  test("to a sign-in is an OAuthError", async () => {
    const answers = [
      ...GARBAGE,
      { access_token: {}, instance_url: salesforce.url },
      { access_token: "00D!x", instance_url: {} },
      { error: {} },
      { error: [], error_description: {} },
    ];
    for (const status of [200, 400]) {
      for (const body of answers) {
        const { message } = await refusal({ status, body: JSON.stringify(body) });
        assert.doesNotMatch(message, /object Object|undefined|is not a/);
      }
    }
  });

  test("as an error is a SalesforceError", async () => {
    for (const [index, body] of GARBAGE.entries()) {
      const answer = { status: 400, body: JSON.stringify(body) };
      const { message, fields } = await fault(answer, `/garbage/${index}`);
      assert.doesNotMatch(message, /object Object|undefined|: ;/);
      assert.deepEqual(fields, []);
    }
  });

  test("to a query in a body is an SfetchError", async () => {
    salesforce.always("/services/oauth2/token", undefined);
    const session = createSession(salesforce.options);
    const soql = `SELECT Id FROM Account WHERE Name = '${"x".repeat(13_000)}'`;
    const parts = [
      ...GARBAGE,
      { httpStatusCode: "x", body: null },
      { httpStatusCode: 400, httpHeaders: { "a b": "\n", ok: 7 }, body: [{ errorCode: {} }] },
    ];
    for (const part of parts) {
      salesforce.next(`${DATA}/composite`, { body: { compositeResponse: [part] } });
      await assert.rejects(session.query(soql), (error) => error instanceof SfetchError);
    }
  });
});

describe("a ConnectionError behind a proxy", () => {
  const code = `
    import { createSession } from "./mod.ts";
    const session = createSession({ accessToken: "00D!x", instanceUrl: "https://acme.my.salesforce.com" });
    await session.fetch("/limits", { retry: 0 }).catch((error) => console.log(error.name, error.message));`;

  /** What the module says behind a proxy that gives every tunnel this status. */
  async function behindProxy(status: number, more: Record<string, string> = {}): Promise<string> {
    const proxy = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`));
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as AddressInfo;
    // Nothing listens on port 2, which no system gives out.
    const HTTPS_PROXY = `http://user:SECRET@127.0.0.1:${status === 0 ? 2 : port}`;
    try {
      const env = { HTTPS_PROXY, NODE_USE_ENV_PROXY: "1", NO_PROXY: "", ...more };
      const { stdout, stderr } = await runCode(code, { env });
      assert.match(stdout, /^ConnectionError GET https:\/\/acme\.my\.salesforce\.com/, stderr);
      assert.doesNotMatch(stdout, /SECRET/);
      return stdout;
    } finally {
      proxy.close();
    }
  }

  test("that wants a sign-in says so", async () => {
    assert.match(
      await behindProxy(407),
      /the proxy wants a user name and a password.*\n.*HTTPS_PROXY=http:\/\/USER:PASSWORD@HOST:PORT/,
    );
  });

  test("that refuses the host says so", async () => {
    for (const status of [403, 502]) {
      assert.match(await behindProxy(status), /the proxy does not let the connection through/);
    }
  });

  test("that is dead names the proxy, not the host", async () => {
    assert.match(
      await behindProxy(0),
      /the proxy 127\.0\.0\.1:\d+ does not answer.*\nHTTPS_PROXY names it/,
    );
  });

  test("that the runtime does not use unless it is told to says so", async () => {
    const said = await behindProxy(403, { NODE_USE_ENV_PROXY: "" });
    const expected = runtimeName === "node"
      ? /HTTPS_PROXY is set, but Node uses it only with NODE_USE_ENV_PROXY=1/
      : /the proxy does not let the connection through/;
    assert.match(said, expected);
  });
});

test("what looks like a secret in one text of an answer leaves the others as they are", async () => {
  const body = [
    {
      message: "A file begins with -----BEGIN RSA PRIVATE KEY-----",
      errorCode: "A",
      fields: ["B__c"],
    },
    { message: "Go to https://help.acme.com", errorCode: "C", fields: [] },
    { message: "ada@acme.com", errorCode: "D", fields: [] },
  ];
  const { errors, errorCode, fields } = await fault({ status: 400, body }, "/several");
  assert.deepEqual([errorCode, fields], ["A", ["B__c"]]);
  assert.deepEqual(errors.map((one) => one.errorCode), ["A", "C", "D"]);
  assert.deepEqual(
    errors.slice(1).map((one) => one.message),
    body.slice(1).map((one) => one.message),
  );
  const one = await fault(
    { status: 400, body: { errorCode: "APEX", message: "bad", q: "search" } },
    "/one",
  );
  assert.equal(one.errorCode, "APEX");
});

test("what a server says reaches no terminal as a command, and is short", async () => {
  const said = `\x1b]0;title\x07\x9b31m\r${"x".repeat(100_000)}`;
  const session = createSession(salesforce.options);
  await session.getToken();
  salesforce.always(`${DATA}/x`, { status: 400, body: [{ errorCode: "A", message: said }] });
  const rest = await session.fetch("/x").then(() => undefined, (error) => error);
  const signIn = await refusal({
    status: 400,
    body: { error: "x".repeat(100_000), error_description: said },
  });
  for (const error of [rest, signIn]) {
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(error.message + error.stack, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    assert.match(error.message, /\\u001b\]0;title/);
    assert.ok(error.message.length < 25_000);
  }
});

test("a port that fetch blocks is not said to have been reached", async () => {
  const session = createSession({ accessToken: "00Dtoken", instanceUrl: "http://127.0.0.1:1" });
  await assert.rejects(
    session.fetch("/sobjects/Account", { method: "POST", json: {} }),
    (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.match(error.message, /refuses to connect to this port|nothing listens there/);
      assert.doesNotMatch(error.message, /may have been done/);
      return true;
    },
  );
});
