/**
 * What holds for every input, with the generators of the input. Each has the inputs that once broke
 * it as examples; they are tried first, always.
 */
import { Buffer } from "node:buffer";
import { parseQuery } from "@jetstreamapp/soql-parser-js";
import * as fc from "fast-check";
import {
  createSession,
  importPrivateKey,
  requestUrl,
  type SessionOptions,
  SettingsError,
  SfetchError,
  soql,
} from "../../mod.ts";
import { UsageError } from "../../cli/arguments/command.ts";
import { readArgs } from "../../cli/arguments/read.ts";
import query from "../../cli/commands/query.ts";
import { formatJson } from "../../cli/output/json.ts";
import { parseExact } from "../../cli/output/exact.ts";
import { StatementReader } from "../../cli/repl/reader.ts";
import { isComplete, parseStatement } from "../../cli/repl/statement.ts";
import { isFinished } from "../../cli/soql/finished.ts";
import { columnsOf } from "../../cli/soql/columns.ts";
import { scopeAt } from "../../cli/soql/cursor.ts";
import { keysToDamage, tagged } from "./keys.ts";

/** Something that holds for every input. */
export interface Property {
  name: string;
  /** Its part of all cases: a slow one has a small part. */
  share: number;
  check(runs: number, seed?: number): Promise<void>;
}

function property<T extends [unknown, ...unknown[]]>(
  name: string,
  share: number,
  inputs: { [K in keyof T]: fc.Arbitrary<T[K]> },
  holds: (...input: T) => Promise<void> | void,
  examples: T[] = [],
): Property {
  const all = fc.asyncProperty(...inputs, async (...input: T) => await holds(...input));
  return {
    name,
    share,
    check: async (runs, seed) => {
      const start = seed === undefined ? {} : { seed };
      await fc.assert(all, { numRuns: runs + examples.length, examples, ...start });
    },
  };
}

/** Awaits a value, or an error of these classes. */
async function valueOr<T>(
  run: () => T | Promise<T>,
  // deno-lint-ignore no-explicit-any -- as every constructor
  ...errors: (new (...args: any[]) => Error)[]
): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (errors.some((kind) => error instanceof kind)) return undefined;
    throw new Error(`an error that nobody expects: ${(error as Error)?.stack ?? error}`);
  }
}

function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Text of all kinds: plain, any Unicode, halves of characters, control characters, very long. */
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("'", '"', "\\", "\n", "\r", "\t", "\0", "%", "_", " ", "a") }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
  fc.tuple(fc.string(), fc.integer({ min: 1, max: 2_000 })).map(([text, n]) => text.repeat(n)),
);
const wholeText = anyText.filter((text) => !/\p{Surrogate}/u.test(text));

/** Text that the independent parser reads: it takes these two for line ends, which no literal may hold. */
const soqlText = wholeText.filter((text) => !/[\u2028\u2029]/.test(text));

// Keys.

interface Edit {
  at: number;
  remove: number;
  insert: string;
}

const edits = fc.array(
  fc.record<Edit>({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(400)),
    insert: fc.oneof(
      fc.constant(""),
      fc.string({ maxLength: 4 }),
      fc.constantFrom(
        "\n",
        "\r\n",
        "\\n",
        "%0A",
        "-----BEGIN ",
        "–",
        " ",
        "\u200b",
        "=",
        "eyJ",
        "\\",
      ),
    ),
  }),
  { maxLength: 4 },
);

function edited(text: string, list: Edit[]): string {
  for (const { at, remove, insert } of list) {
    const from = Math.floor(at * text.length);
    text = text.slice(0, from) + insert + text.slice(from + remove);
  }
  return text;
}

/** No part of a key that could be of use is repeated by an error. */
function staysSecret(error: Error, given: string): void {
  const said = `${error.message}${error.stack}`;
  const words = given.match(/[\w+/=]{40,}/g) ?? [];
  assert(!words.some((word) => said.includes(word.slice(0, 40))), `part of the key: ${said}`);
}

async function isKeyOrError(given: Parameters<typeof importPrivateKey>[0]): Promise<void> {
  try {
    const { bits } = await importPrivateKey(given, "passphrase");
    assert(bits >= 2048, `a key of ${bits} bits`);
  } catch (error) {
    assert(error instanceof SettingsError, `${(error as Error)?.stack ?? error}`);
    if (typeof given === "string") staysSecret(error, given);
  }
}

/** What the identifiers and numbers of encrypted keys look like, the number of iterations up to 2³¹. */
const telling = fc.constantFrom(
  "2a864886f70d010101",
  "2a864886f70d01010a",
  "2a8648ce3d0201",
  "2a864886f70d01050d",
  "2a864886f70d01050c",
  "2a864886f70d0307",
  "60864801650304012a",
  "2a864886f70d0209",
  "7fffffff",
  "0800",
  "00",
  "03",
).map((hex) => Buffer.from(hex, "hex"));

/** DER with any tags and lengths, nested: what a hostile file would hold. */
const der: fc.Arbitrary<Uint8Array> = fc.letrec<{ node: Uint8Array }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 6 },
    fc.tuple(fc.constantFrom(2, 3, 4, 5, 6, 6), fc.oneof(fc.uint8Array({ maxLength: 40 }), telling))
      .map(([tag, content]) => tagged(tag, content)),
    fc.tuple(fc.constantFrom(0x30, 0x30, 0x04, 0xa0), fc.array(tie("node"), { maxLength: 5 }))
      .map(([tag, parts]) => tagged(tag, Buffer.concat(parts))),
  ),
})).node;

// Paths.

const ORG = { instanceUrl: "https://acme.my.salesforce.com", apiVersion: "67.0" };

/** A text's bytes as a server sees them: what is encoded is decoded, the rest is UTF-8. */
const bytesOf = (text: string): string =>
  text.replace(
    /%[\da-f]{2}|[^]/giu,
    (part) =>
      part.length === 3 && part[0] === "%"
        ? part.toLowerCase()
        : [...Buffer.from(part)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  );

// Server answers.

const BEARER = "00D5e000000AbCd!AQ1.secret_of_the_session";

const anyBody = fc.oneof(
  anyText,
  fc.json({ maxDepth: 3 }),
  fc.json({ maxDepth: 2 }).map((json) => `[${json}]`),
  fc.record({ errorCode: fc.anything(), message: fc.anything(), fields: fc.anything() })
    .map((error) => JSON.stringify([error]) ?? ""),
  fc.constantFrom(
    "<html>",
    "Bad_OAuth_Token",
    `{"error":"${BEARER}"}`,
    `[{"message":"${BEARER}","errorCode":"INVALID_SESSION_ID"}]`,
    "[null]",
    "{}",
    "null",
  ),
);

const headerText = fc.string({ unit: fc.constantFrom(..."abc=/;,-0123456789 ") });

const answers = fc.record({
  status: fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(200, 204, 304, 401, 403)),
  body: anyBody,
  type: fc.constantFrom("application/json", "text/html", "text/csv", ""),
  limits: headerText,
  location: fc.oneof(fc.webUrl(), headerText),
  retryAfter: headerText,
});

function responseTo({ status, body, type, limits, location, retryAfter }: {
  status: number;
  body: string;
  type: string;
  limits: string;
  location: string;
  retryAfter: string;
}): Response {
  const headers: Record<string, string> = {
    "sforce-limit-info": limits,
    "retry-after": retryAfter,
  };
  if (type) headers["content-type"] = type;
  if (status >= 300 && status < 400) headers.location = location;
  const isEmpty = [101, 103, 204, 205, 304].includes(status);
  return new Response(isEmpty ? null : body, { status, headers });
}

const session = (answer: Parameters<typeof responseTo>[0]) =>
  createSession({
    accessToken: BEARER,
    instanceUrl: ORG.instanceUrl,
    fetch: () => Promise.resolve(responseTo(answer)),
  });

/** What is thrown for an answer is of this module, and does not repeat the token. */
async function answersWell(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    assert(error instanceof SfetchError, `${(error as Error)?.stack ?? error}`);
    const said = `${error.message}${error.stack}${JSON.stringify(error)}`;
    assert(!said.includes("secret_of_the_session"), said);
    assert(error.message.length < 25_000, `${error.message.length} characters`);
  }
}

const queryAnswers = fc.record({
  totalSize: fc.oneof(fc.nat(5), fc.anything()),
  done: fc.oneof(fc.boolean(), fc.anything()),
  nextRecordsUrl: fc.option(
    fc.constantFrom("/services/data/v67.0/query/0r8-1", "/x", "//y", "", 5),
  ),
  records: fc.oneof(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.anything()),
}, { requiredKeys: [] });

// The terminal.

const statementText = fc.oneof(
  anyText,
  fc.array(
    fc.constantFrom(
      "SELECT ",
      "Id",
      ", ",
      "Name ",
      "FROM ",
      "Account ",
      "WHERE ",
      "LIKE ",
      "'A%'",
      "'",
      '"',
      "(",
      ")",
      "{",
      "}",
      "[",
      "]",
      ";",
      "\n",
      "\n\n",
      " > ",
      ">> ",
      "file.csv",
      " | ",
      "jq .",
      "GET ",
      "POST ",
      "/limits",
      ".describe ",
      ".apex\n",
      ".end",
      "= ",
      "_",
      "=> ",
      "`",
      "/*",
      "*/",
      "--",
      "//",
      "#",
      "FIND ",
      "{Acme}",
      "IN ALL FIELDS ",
      "\\",
      "\r\n",
      "@file",
      "é",
      "\u{1f600}",
      ".tooling ",
      "?",
      "N_DAYS_AGO:3",
      "TYPEOF ",
      "END",
    ),
  ).map((parts) => parts.join("")),
);

/** Every property, in the order in which they are shown. */
export async function properties(): Promise<Property[]> {
  const keys = await keysToDamage();
  const damaged = fc.constantFrom(...keys).chain((key) => edits.map((list) => edited(key, list)));

  return [
    property("a key that was damaged is read or named", 0.04, [damaged], isKeyOrError),
    property("text that is not a key is named", 0.06, [anyText], isKeyOrError),
    property("hostile DER is named", 0.04, [der], isKeyOrError, [
      [Uint8Array.of(48, 4, 48, 0, 4, 0) as Uint8Array], // an encrypted key without parameters
    ]),
    property(
      "a JWK of any shape is read or named",
      0.02,
      [fc.oneof(
        fc.dictionary(fc.constantFrom("kty", "n", "e", "d", "p"), fc.anything()),
        fc.anything(),
      )],
      (jwk: unknown) => isKeyOrError(jwk as JsonWebKey),
      [[{ kty: { toString: [] } }] as [unknown]],
    ),

    property("a value comes back from SOQL as it went in", 0.08, [soqlText], (value) => {
      assert(literalIn(soql`SELECT Id FROM A WHERE F = ${value}`) === value, "not the same text");
    }),
    property("a list comes back from SOQL as it went in", 0.04, [
      fc.array(soqlText, { minLength: 1, maxLength: 5 }),
    ], (values) => {
      const { where } = parseQuery(soql`SELECT Id FROM A WHERE F IN ${values}`);
      // deno-lint-ignore no-explicit-any -- one of many shapes
      const found = [(where as any).left.value].flat().map(unquoted);
      assert(JSON.stringify(found) === JSON.stringify(values), `${JSON.stringify(found)}`);
    }),
    property("a number comes back from SOQL as it went in", 0.03, [
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e18, max: 1e18 }),
    ], (value) => {
      const text = soql`SELECT Id FROM A WHERE F = ${value}`.split(" = ")[1]!;
      assert(/^-?\d+(\.\d+)?$/.test(text), text);
      const isTiny = Math.abs(value) < 1e-6; // beyond SOQL's digits
      assert(isTiny || Math.abs(Number(text) - value) <= Math.abs(value) * 1e-12, `${text}`);
    }, [[5e-324], [-5e-324], [1e18]]),

    property(
      "a path reaches the server as it was written, or is refused",
      0.14,
      [anyText],
      async (text) => {
        const path = `/sobjects/${text}`;
        const url = await valueOr(() => requestUrl(path, ORG), SfetchError);
        if (url === undefined) return;
        const seen = new URL(url);
        assert(seen.origin === ORG.instanceUrl && !seen.hash, url);
        assert(
          bytesOf(seen.href.slice(ORG.instanceUrl.length)) ===
            bytesOf(`/services/data/v67.0${path}`),
          url,
        );
      },
    ),
    property("an encoded value is one part of the path", 0.06, [
      wholeText.filter((text) => text !== "." && text !== ".."),
    ], (value) => {
      const url = requestUrl(`/sobjects/A/Ext__c/${encodeURIComponent(value)}`, ORG);
      const [last = "", ...more] = new URL(url).pathname.split("/Ext__c/")[1]!.split("/");
      assert(more.length === 0 && decodeURIComponent(last) === value, url);
    }),
    property("no input sends the token to another host", 0.14, [
      fc.oneof(
        anyText,
        fc.webUrl(),
        fc.tuple(fc.constantFrom("//", "\\\\", "https:", "/\\", " ", "@"), fc.webUrl())
          .map((parts) => parts.join("")),
      ),
    ], async (text) => {
      const url = await valueOr(() => requestUrl(text, ORG), SfetchError);
      assert(url === undefined || new URL(url).origin === ORG.instanceUrl, `${url}`);
    }),

    property("settings are taken or named", 0.03, [
      fc.record({
        clientId: fc.oneof(anyText, fc.anything()),
        username: fc.oneof(anyText, fc.anything()),
        loginUrl: fc.oneof(anyText, fc.webUrl(), fc.anything()),
        instanceUrl: fc.oneof(anyText, fc.webUrl()),
        accessToken: anyText,
        apiVersion: fc.oneof(anyText, fc.anything()),
        audience: anyText,
        privateKey: anyText,
      }, { requiredKeys: ["accessToken"] }),
    ], async (options) => {
      const settings = await valueOr(
        () => createSession(options as SessionOptions).settings(),
        SettingsError,
      );
      if (!settings) return;
      const { protocol, hostname } = new URL(settings.loginUrl);
      const isLoopback = /^(localhost|127\..*|\[::1\])$/.test(hostname);
      assert(protocol === "https:" || (protocol === "http:" && isLoopback), settings.loginUrl);
    }),

    property("an answer of any kind is a value or an error of this module", 0.08, [
      answers,
      fc.constantFrom("GET", "POST", "PATCH", "DELETE"),
    ], async (answer, method) => {
      const init = { method, retry: 0, timeout: 5_000 };
      if (method === "GET") await answersWell(() => session(answer).fetch("/x", init).json());
      else await answersWell(() => session(answer).fetch("/x", { ...init, body: "{}" }).json());
      session(answer).limits;
    }, [[
      {
        status: 400,
        body: '[{"errorCode":0,"message":{"toString":false},"fields":0}]',
        type: "application/json",
        limits: "",
        location: "",
        retryAfter: "",
      },
      "GET",
    ]]),
    property("a token answer of any kind is a token or an error of this module", 0.01, [
      fc.oneof(
        anyBody,
        fc.record({ access_token: fc.anything(), instance_url: fc.anything(), id: fc.anything() })
          .map((json) => JSON.stringify(json) ?? ""),
      ),
      fc.constantFrom(200, 302, 400, 401, 403, 404),
    ], async (body, status) => {
      const own = createSession({
        clientId: "3MVG9",
        username: "a@b.example",
        privateKey: keys[0]!,
        loginUrl: ORG.instanceUrl,
        onWarning: () => {},
        fetch: () => Promise.resolve(new Response(body, { status })),
      });
      await answersWell(() => own.getToken());
    }, [['{"access_token":{},"instance_url":[],"id":[]}', 200]]),
    property("a query's answer of any kind is records or an error of this module", 0.06, [
      queryAnswers,
    ], async (page) => {
      const body = JSON.stringify(page) ?? "";
      const own = session({
        status: 200,
        body,
        type: "application/json",
        limits: "",
        location: "",
        retryAfter: "",
      });
      await answersWell(async () => {
        const records = await own.query("SELECT Id, (SELECT Id FROM Contacts) FROM Account");
        assert(Array.isArray(records), "no array");
      });
    }),

    property(
      "what is typed is understood or not, and never breaks",
      0.08,
      [statementText],
      (text) => {
        isComplete(text);
        const { kind } = parseStatement(text);
        assert(kind, "no kind");
        isFinished(text);
        columnsOf(text);
        scopeAt(text, "");
      },
    ),
    property("lines become statements of these lines", 0.05, [
      fc.array(statementText, { maxLength: 6 }),
    ], (texts) => {
      const lines = texts.flatMap((text) => text.split("\n"));
      const reader = new StatementReader();
      const found = [
        ...lines.flatMap((line, at) => [...reader.push(line), ...reader.settle(lines[at + 1])]),
        ...reader.flush(),
      ];
      const all = lines.join("\n");
      for (const { text } of found) {
        for (const line of text.split("\n")) assert(all.includes(line), JSON.stringify(line));
      }
      assert(!reader.hasBegun, "something is left");
    }),
    property("options come back as they were given", 0.04, [
      fc.record({ org: wholeText, format: fc.constantFrom("csv", "json") }, { requiredKeys: [] }),
      fc.string({ minLength: 1 }).filter((text) => !text.startsWith("-")),
    ], async (given, soqlText) => {
      const argv = Object.entries(given).map(([name, value]) => `--${name}=${value}`);
      const values = await valueOr(() => readArgs(query, [...argv, soqlText]), UsageError);
      if (!values) return;
      assert(values.soql === soqlText, "another query");
      for (const [name, value] of Object.entries(given)) {
        assert(values[name as "org"] === value, `--${name}: ${values[name as "org"]}`);
      }
    }),
    property("arguments of any kind are read or refused", 0.03, [
      fc.array(anyText, { maxLength: 6 }),
    ], async (argv) => {
      await valueOr(() => readArgs(query, argv), UsageError);
    }),
    property("JSON keeps every digit", 0.03, [
      fc.array(fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n })),
    ], (numbers) => {
      const text = `[${numbers.join(",")}]`;
      assert(formatJson(parseExact(text)).replace(/\s/g, "") === text, text);
    }, [[[30023997515803312n]]]),
  ];
}

function literalIn(text: string): string {
  // deno-lint-ignore no-explicit-any -- one of many shapes
  return unquoted((parseQuery(text).where as any).left.value);
}

/** The value of a SOQL literal, by Salesforce's table of escapes. */
function unquoted(literal: string): string {
  const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
  return literal.slice(1, -1).replace(/\\(.)/g, (_, char) => ESCAPES[char] ?? char);
}
