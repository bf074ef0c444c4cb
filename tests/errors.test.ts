import assert from "node:assert/strict";
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
    /SF_LOGIN_URL.*My Domain/,
  ],
  [
    "OAUTH_AUTHORIZATION_BLOCKED",
    "Cross-org OAuth flows are not supported for this external client app",
    /local to one org/,
    /SF_LOGIN_URL/,
  ],
  ["OAUTH_APP_BLOCKED", "app is blocked by admin", /API Access Control/, /Unblock/],
  ["invalid_grant", "audience is invalid", /aud/, /SF_AUDIENCE_URL/],
  ["invalid_grant", "Audience validation failed", /aud/, /sandbox/],
  ["invalid_grant", "invalid assertion", /certificate/, /-modulus.*Upload server\.crt/],
  ["invalid_grant", "expired authorization code", /clock/, /Set the clock/],
  ["invalid_grant", "login rate exceeded", /3,600/, /cache/],
  ["rate_limit_exceeded", "number of logins exceeded", /3,600/, /Wait/],
  ["invalid_grant", "ip restricted or invalid login hours", /addresses or hours/, /Relax IP/],
  ["invalid_grant", "authentication failure", /does not exist/, /SF_USERNAME/],
  ["invalid_grant", "invalid user credentials", /inactive or frozen/, /SF_USERNAME/],
  ["invalid_grant", "user is locked", /locked out/, /Unlock/],
  ["inactive_user", "user is inactive", /not active/, /Active/],
  ["inactive_org", "organization is locked, closed, or suspended", /suspended/, /Support/],
  ["invalid_client_id", "client identifier invalid", /consumer key/, /SF_CLIENT_ID.*Consumer Key/],
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
  ["unknown_error", "retry your request", /passing/, /Try again/],
  ["invalid_grant", "Data Not Available", /expired/, /anew/],
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
      assert.match(error.hint, /SF_LOGIN_URL/);
      assert.doesNotMatch(error.message, /\?y/);
    });
  }

  test("of a server at fault does not blame the host's name", async () => {
    const error = await refusal({ status: 503, body: "<html>" });
    assert.equal(error.error, "temporarily_unavailable");
    assert.match(error.hint, /busy or under maintenance/);
    assert.doesNotMatch(error.hint, /SF_LOGIN_URL/);
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
  [400, "INVALID_TYPE", "sObject type 'x' is not supported", /object is misspelt/],
  [400, "MALFORMED_ID", "malformed id x", /15 or 18/],
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
  [404, "NOT_FOUND", "Provided external ID field does not exist", /No such record/],
  [405, "METHOD_NOT_ALLOWED", "HTTP Method 'PUT' not allowed", /does not take this method/],
  [410, "GONE", "The requested resource is no longer available", /SF_API_VERSION/],
  [414, "URI_TOO_LONG", "URI Too Long", /16,384/],
  [415, "UNSUPPORTED_MEDIA_TYPE", "Content type not supported", /content type/],
  [420, "", "", /no route to this host/],
  [429, "", "", /fewer side by side/],
  [500, "UNKNOWN_EXCEPTION", "Destination URL not reset.", /instance URL/],
  [500, "UNKNOWN_EXCEPTION", "An unexpected error occurred", /busy or under maintenance/],
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
