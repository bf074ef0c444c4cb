/** The REPL's parts that need no terminal and no org. */
import assert from "node:assert/strict";
import { lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { complete, type CompletionSources } from "../cli/repl/completion.ts";
import { viewError } from "../cli/repl/error-view.ts";
import { historyEntry } from "../cli/repl/history-entry.ts";
import { COMMANDS } from "../cli/repl/command-table.ts";
import { helpText } from "../cli/repl/help.ts";
import { loadHistory, remember } from "../cli/repl/history.ts";
import { limitBars } from "../cli/repl/limits-view.ts";
import { nameMeant } from "../cli/repl/name-meant.ts";
import { notUnderstood } from "../cli/repl/not-understood.ts";
import { promptFor } from "../cli/repl/prompt.ts";
import { readStatements, StatementReader } from "../cli/repl/reader.ts";
import type { SchemaCache } from "../cli/repl/schema-cache.ts";
import { type LoggedCall, ScriptWriter } from "../cli/repl/script-writer.ts";
import { holdsSecret } from "../cli/repl/secrets.ts";
import { isComplete, parseStatement } from "../cli/repl/statement.ts";
import { withClauses } from "../cli/soql/clauses.ts";
import { paint } from "../cli/terminal/terminal.ts";
import { SalesforceError } from "../mod.ts";

describe("statements", () => {
  const read = async (text: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const source of readStatements(text.split("\n"))) found.push(source.text);
    return found;
  };

  test("a query on one line is finished, one whose first line is not goes on until ; or a blank line", async () => {
    assert.deepEqual(await read("SELECT Id FROM Account\n/limits"), [
      "SELECT Id FROM Account",
      "/limits",
    ]);
    assert.deepEqual(await read("SELECT Id\nFROM Account\nLIMIT 3;\n/limits"), [
      "SELECT Id\nFROM Account\nLIMIT 3;",
      "/limits",
    ]);
    assert.deepEqual(await read("SELECT Id\nFROM Account\n\nSELECT Id FROM User"), [
      "SELECT Id\nFROM Account",
      "SELECT Id FROM User",
    ]);
  });

  test("a pasted query whose first line looks finished takes the clauses below it", async () => {
    assert.deepEqual(
      await read("SELECT Id FROM Account\nWHERE Name = 'A'\n  AND Id != null\nLIMIT 5\n/limits"),
      ["SELECT Id FROM Account\nWHERE Name = 'A'\n  AND Id != null\nLIMIT 5", "/limits"],
    );
  });

  test("typed by hand, a finished query does not wait for what might follow", () => {
    const reader = new StatementReader();
    assert.deepEqual(reader.push("SELECT Id FROM Account"), []);
    assert.deepEqual(reader.settle(undefined).map(({ text }) => text), ["SELECT Id FROM Account"]);
  });

  test("several queries on one line run one after another", async () => {
    assert.deepEqual(await read("SELECT Id FROM A; SELECT Id FROM B WHERE N = ';'"), [
      "SELECT Id FROM A;",
      "SELECT Id FROM B WHERE N = ';'",
    ]);
  });

  test("a body, an expression and a subquery go on while their brackets are open", async () => {
    assert.deepEqual(
      await read('POST /x {"a": [\n1]}\n= [1,\n2]\nSELECT (SELECT Id\nFROM B) FROM A;'),
      [
        'POST /x {"a": [\n1]}',
        "= [1,\n2]",
        "SELECT (SELECT Id\nFROM B) FROM A;",
      ],
    );
    assert.deepEqual(await read('POST /x\n{"a": 1}\n/limits'), ['POST /x\n{"a": 1}', "/limits"]);
  });

  test("empty lines end a statement only where it could end, and what follows is none of it", async () => {
    assert.deepEqual(await read('POST /x {"a":\n\n1}\n/limits'), [
      'POST /x {"a":\n\n1}',
      "/limits",
    ]);
    assert.deepEqual(await read("SELECT Id\n\nFROM Account\n\nWHERE Id != null\n\n/limits"), [
      "SELECT Id\n\nFROM Account\n\nWHERE Id != null",
      "/limits",
    ]);
    assert.deepEqual(await read("POST /x\n\n/limits"), ["POST /x", "/limits"]);
  });

  test("a request may be written as in an .http file", async () => {
    const text = "### create\nPOST /sobjects/Account HTTP/1.1\nContent-Type: application/json\n" +
      'Sforce-Call-Options: client=x\n\n{\n  "Name": "Acme"\n\n}\n\n###\nGET /limits\nAccept: */*\n\n/recent';
    const [post, get, recent] = (await read(text)).map((source) => parseStatement(source));
    assert.ok(post?.kind === "request" && get?.kind === "request" && recent?.kind === "request");
    assert.deepEqual([post.method, post.path], ["POST", "/sobjects/Account"]);
    assert.deepEqual(JSON.parse(post.body!), { Name: "Acme" });
    assert.deepEqual([...post.headers!], [
      ["content-type", "application/json"],
      ["sforce-call-options", "client=x"],
    ]);
    assert.deepEqual([get.path, get.headers!.get("accept"), recent.path], [
      "/limits",
      "*/*",
      "/recent",
    ]);
  });

  test("dot commands run where a statement is not finished, and leave it as it is", () => {
    const reader = new StatementReader();
    assert.deepEqual(reader.push("SELECT Id,"), []);
    assert.deepEqual(reader.push(".describe Account").map(({ text }) => text), [
      ".describe Account",
    ]);
    assert.deepEqual(reader.push("Name FROM Account;").map(({ text }) => text), [
      "SELECT Id,\nName FROM Account;",
    ]);
  });

  test("clauses are put in their place, or replace the same one", () => {
    const cases: [query: string, clauses: string, whole: string][] = [
      ["SELECT Id FROM A", "WHERE N = 1", "SELECT Id FROM A WHERE N = 1"],
      [
        "SELECT Id FROM A LIMIT 5",
        "WHERE N = 1 ORDER BY N",
        "SELECT Id FROM A WHERE N = 1 ORDER BY N LIMIT 5",
      ],
      [
        "SELECT Id FROM A WHERE a = 1 LIMIT 5",
        "AND b = 2",
        "SELECT Id FROM A WHERE a = 1 AND b = 2 LIMIT 5",
      ],
      ["SELECT Id FROM A LIMIT 5", "limit 10", "SELECT Id FROM A limit 10"],
      [
        "SELECT (SELECT Id FROM C LIMIT 1) FROM Order",
        "ORDER BY N",
        "SELECT (SELECT Id FROM C LIMIT 1) FROM Order ORDER BY N",
      ],
      ["SELECT Id FROM A", "AND b = 2", "SELECT Id FROM A WHERE b = 2"],
    ];
    for (const [query, clauses, whole] of cases) assert.equal(withClauses(query, clauses), whole);
  });

  test("an object may be called as a clause, and a search needs no RETURNING", async () => {
    for (
      const whole of [
        "SELECT Id FROM Order",
        "SELECT Id FROM Group",
        "SELECT Id FROM Order ORDER BY Id",
        "FIND {Acme}",
        "FIND {O\\'Brien (x} IN NAME FIELDS;",
      ]
    ) assert.deepEqual(await read(`${whole}\n/limits`), [whole, "/limits"]);
    for (const half of ["SELECT Id FROM", "SELECT Id FROM A ORDER", "FIND {a} IN ALL", "FIND {a"]) {
      assert.equal(isComplete(half), false, half);
    }
  });

  test(".apex alone takes lines, blank ones too, up to .end", async () => {
    const [source] = await read(".apex\nInteger a = 1;\n\nSystem.debug(a);\n.end");
    assert.deepEqual(parseStatement(source!), {
      kind: "command",
      name: "apex",
      argument: "Integer a = 1;\n\nSystem.debug(a);",
    });
  });

  test("exit, quit and help need no dot", () => {
    for (const word of ["exit", "quit", "help;", ".exit"]) {
      assert.equal(parseStatement(word).kind, "command", word);
    }
    assert.equal(parseStatement("helpless").kind, "unknown");
  });

  test("remarks and blank lines are no statements, and the line of each statement is known", async () => {
    const lines: number[] = [];
    const text = "-- one\n\n# two\n/limits\n// three\nSELECT Id\nFROM Account;\n/recent";
    for await (const { line } of readStatements(text.split("\n"))) lines.push(line);
    assert.deepEqual(lines, [4, 6, 8]);
  });

  test("comments in a query are not sent, what is in quotes or behind | is", async () => {
    const sent = async (text: string): Promise<unknown[]> =>
      (await read(text)).map((source) => {
        const statement = parseStatement(source);
        return statement.kind === "soql"
          ? statement.soql
          : statement.kind === "sosl"
          ? statement.sosl
          : source;
      });
    assert.deepEqual(
      await sent(
        "SELECT Id, -- the id\n  Name // its name\n# and\nFROM A -- here\nLIMIT 1; -- end\n= 1",
      ),
      ["SELECT Id,\n  Name\n\nFROM A\nLIMIT 1", "= 1"],
    );
    assert.deepEqual(
      await sent("SELECT Id FROM A\n-- hot ones\nWHERE R = 'Hot'\n-- next\n/limits"),
      ["SELECT Id FROM A\n\nWHERE R = 'Hot'", "/limits"],
    );
    assert.deepEqual(
      await sent("/* a\n report */ SELECT Id /* and\n no more */ FROM A\n/* b */\n/limits"),
      ["SELECT Id       \n            FROM A", "/limits"],
    );
    assert.deepEqual(await sent("SELECT Id FROM A WHERE N = 'x' -- it's\n/limits"), [
      "SELECT Id FROM A WHERE N = 'x'",
      "/limits",
    ]);
    for (
      const whole of [
        "SELECT Id FROM A WHERE U = 'https://a.b -- c /* d */'",
        "FIND {a -- b} RETURNING A",
        ".tooling SELECT Id FROM A WHERE N = '//'",
      ]
    ) assert.deepEqual(await sent(whole), [whole]);
    assert.deepEqual(parseStatement("SELECT Id FROM A | grep -v -- -x").target, {
      kind: "command",
      command: "grep -v -- -x",
    });
  });

  test("ten thousand lines of one statement are read in one pass", async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `  '001000000000${index}',`);
    const [statement, ...rest] = await read(
      ["SELECT Id FROM Account WHERE Id IN (", ...ids, "'x')"].join("\n"),
    );
    assert.equal(statement!.split("\n").length, 10_002);
    assert.deepEqual(rest, []);
  });

  test("> file and | command end a statement, comparisons do not", () => {
    const targetOf = (text: string, isName?: (word: string) => boolean) =>
      parseStatement(text, isName).target;
    const file = (path: string, append = false) => ({ kind: "file", path, append });
    const cases: [text: string, target: unknown][] = [
      ["SELECT Id FROM A > out.csv", file("out.csv")],
      ["SELECT Id FROM A >> out.csv;", file("out.csv", true)],
      ["SELECT Id FROM A; > out.csv", file("out.csv")],
      ['SELECT Id FROM A > "my file.csv"', file("my file.csv")],
      ["SELECT Id FROM A > my file.csv", file("my file.csv")],
      ["SELECT Id FROM A WHERE N > 5 AND M = 3", undefined],
      ["SELECT Id FROM A WHERE N > 5 LIMIT 2", undefined],
      ["SELECT Id FROM A WHERE N > 100", undefined],
      ["SELECT Id FROM A WHERE N > 100 > out", file("out")],
      ["SELECT Id FROM A WHERE D > N_DAYS_AGO:3", undefined],
      ["SELECT Id FROM A WHERE D > LAST_N_FISCAL_QUARTERS:3 > out.csv", file("out.csv")],
      ["SELECT Id FROM A WHERE CALENDAR_YEAR(D) > 2020", undefined],
      ["SELECT Id FROM A WHERE NOT N > out.csv", undefined],
      ["SELECT Id FROM A > 'my file.csv'", file("my file.csv")],
      ["SELECT Id FROM A > out--1.csv -- the copy", file("out--1.csv")],
      ["SELECT Id FROM A WHERE D > 2024-01-31T00:00:00Z", undefined],
      ["SELECT Id FROM A WHERE D > LAST_N_DAYS:30", undefined],
      ["SELECT Id FROM A WHERE N >= 5", undefined],
      ["SELECT Id FROM A WHERE N = 'a > b.csv'", undefined],
      ["SELECT Id FROM A WHERE N = 'a | b' | jq .", { kind: "command", command: "jq ." }],
      ['POST /x {"a": "b | c > d.csv"}', undefined],
      ["= _.map((a) => a.Name)", undefined],
      ["= 3 > 2", undefined],
      ["= _ > names.json", file("names.json")],
      ["= _ | jq .", { kind: "command", command: "jq ." }],
      [".script all > all.ts", file("all.ts")],
    ];
    for (const [text, target] of cases) assert.deepEqual(targetOf(text), target, text);
    assert.equal(targetOf("= 6 | mask", (word) => word === "mask"), undefined);
  });
});

describe("history", () => {
  test("lines with a secret in them are not kept, others are", () => {
    const secrets = [
      'POST /x {"token": "00D5g000001abcd!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6"}',
      "= fetch(url, { headers: { Authorization: 'Bearer abc' } })",
      "= key = `-----BEGIN RSA PRIVATE KEY-----`",
      'POST /sobjects/User/005/password {"NewPassword": "hunter2"}',
      'POST /x {"client_secret": "s3cr3t"}',
      "= passphrase = 'x'",
      "/services/oauth2/introspect?token=abc",
      "= eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.sig",
      "= pwd = 'x'",
      '= sf.fetch("/x", { headers: [["authorization", "OAuth x"]] })',
      "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7VJTUt9Us8cKj",
      "aT3g6JfOBkAQUoNZ45TxjnX4rw==",
      "= key = 'LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t'",
      '= jwk = {"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx","e":"AQAB","d":"X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH"}',
      "= jwk = { kty: 'RSA', dp: 'X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH' }",
      ".apex System.setPassword(UserInfo.getUserId(), 'hunter2');",
      ".apex System.setPassword(u.Id,\n  'hunter2');",
      ".apex Site.login('me', 'x', null); // passcode('x')",
      ".apex req.setHeader('X-Api-Key', 'abc');",
      "= await fetch('https://me:hunter2@proxy.example/x')",
      "GET https://me:hunter2@acme.my.salesforce.com/x",
      "= login('force://PlatformCLI::5Aep861KIwKdekr90I@acme.my.salesforce.com')",
      "= headers.set('X', 'Basic bWU6aHVudGVyMg==')",
      "/secur/frontdoor.jsp?sid=abc",
      "= credentials = new Map([['client_secret', 'x']])",
    ];
    for (const line of secrets) assert.equal(holdsSecret(line), true, line);
    const harmless = [
      "SELECT Id, Name FROM Account WHERE Name = 'Acme'",
      'POST /sobjects/Account {"Name": "Acme"}',
      ".describe Account",
      "/services/oauth2/userinfo",
      "= _.map(token => token.Name)",
      "/services/data/v67.0/sobjects/ContentDocumentLink/describe/layouts",
      "SELECT Id, d FROM Account WHERE Name LIKE 'https://%'",
      "SELECT Id FROM User WHERE Email = 'me@acme.example'",
      "= await sf.getToken()",
      "= { d: 'short', k: 1 }",
      "https://acme.my.salesforce.com/services/data",
    ];
    for (const line of harmless) assert.equal(holdsSecret(line), false, line);
  });

  test("the file is private, one line a statement, newest first when loaded", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sfetch-test-"));
    const path = join(folder, "state", "history");
    try {
      await remember(path, historyEntry("SELECT Id\n  FROM Account"));
      await remember(path, "= password = 'hunter2'");
      await remember(path, "/limits");
      assert.equal(await readFile(path, "utf8"), "SELECT Id FROM Account\n/limits\n");
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.deepEqual(loadHistory(path), ["/limits", "SELECT Id FROM Account"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("what has a meaning in its lines keeps them, in the file too", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sfetch-test-"));
    try {
      const path = join(folder, "history");
      const entries = [
        "= [1,\n2]",
        ".apex\nInteger a = 1;\n\nSystem.debug(a);\n.end",
        "SELECT Id -- the id\nFROM Account",
      ];
      for (const entry of entries) await remember(path, historyEntry(entry));
      assert.equal((await readFile(path, "utf8")).trimEnd().split("\n").length, 3);
      assert.deepEqual(loadHistory(path), entries.toReversed());
      assert.equal(historyEntry('POST /x\n{"a":\n 1}'), 'POST /x {"a": 1}');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("lines of a damaged file that would harm the terminal are left out", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sfetch-test-"));
    try {
      const path = join(folder, "history");
      await writeFile(path, "/limits\n\x1b]0;owned\x07\n\0\0\n= 'é 👩‍👩‍👧'\n");
      assert.deepEqual(loadHistory(path), ["= 'é 👩‍👩‍👧'", "/limits"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a long file is cut, through a link as well", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sfetch-test-"));
    try {
      const [kept, path] = [join(folder, "kept"), join(folder, "history")];
      await writeFile(kept, Array.from({ length: 3000 }, (_, index) => `= ${index}\n`).join(""));
      await symlink(kept, path);
      assert.equal(loadHistory(path)[0], "= 2999");
      while ((await readFile(kept, "utf8")).split("\n").length > 1001) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.ok((await lstat(path)).isSymbolicLink());
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a folder that cannot be written to does not stop the session", async () => {
    await remember("/dev/null/history", "/limits");
    assert.deepEqual(loadHistory("/dev/null/history"), []);
  });
});

describe("scripts", () => {
  test("what looks like a secret is left out, in expressions too, and the rest stays code", () => {
    const written = (code: string): string => {
      const call: LoggedCall = { kind: "expression", code, statements: false, names: [] };
      return /await \(([^]*)\);\n/.exec(new ScriptWriter([{ call }]).text())![1]!;
    };
    const cases: [code: string, masked: string][] = [
      ["(password = 'hunter2')", "(password = '****')"],
      ["key = `-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----`", "key = `****`"],
      ['go({ Authorization: "Bearer abc" })', 'go({ Authorization: "****" })'],
      ['[["authorization", "OAuth abc"]]', '[["authorization", "****"]]'],
      ["token = (await sf.getToken()).accessToken", "token = (await sf.getToken()).accessToken"],
      ["_.map((token) => token.Name)", "_.map((token) => token.Name)"],
    ];
    for (const [code, masked] of cases) assert.equal(written(code), masked);
  });

  test("an expression finds rows and soql in a script, too", () => {
    const code = "rows.length + soql`${1}`.length";
    const text = new ScriptWriter([
      { call: { kind: "query", soql: "SELECT Id FROM A" } },
      { call: { kind: "expression", code, statements: false, names: [] } },
    ]).text();
    assert.match(text, /import \{ createSession, soql \} from/);
    assert.match(text, /^let _: any, rows: any;$/m);
    assert.match(text, /^_ = rows = await sf\.query/m);
  });
});

describe("completion", () => {
  const field = (name: string, more: object = {}) => ({
    name,
    label: name,
    type: "string",
    createable: true,
    ...more,
  });
  const owner = field("OwnerId", {
    type: "reference",
    relationshipName: "Owner",
    referenceTo: ["User"],
  });
  const objects: Record<string, object> = {
    account: {
      name: "Account",
      fields: [
        field("Id"),
        field("Name"),
        field("NumberOfEmployees", { type: "int" }),
        field("IsActive", { type: "boolean" }),
        field("CreatedDate", { type: "datetime" }),
        field("Rating", {
          type: "picklist",
          picklistValues: [{ value: "Hot" }, { value: "Rock 'n' Roll" }, {
            value: "Old",
            active: false,
          }],
        }),
        owner,
      ],
      childRelationships: [{
        relationshipName: "Contacts",
        childSObject: "Contact",
        field: "AccountId",
      }],
    },
    contact: {
      name: "Contact",
      fields: [
        field("LastName"),
        field("AccountId", {
          type: "reference",
          relationshipName: "Account",
          referenceTo: ["Account"],
        }),
        owner,
      ],
      childRelationships: [],
    },
    user: { name: "User", fields: [field("Username"), field("Name")], childRelationships: [] },
  };
  const names = ["Account", "AccountTeamMember", "Contact", "User"];
  const sources: CompletionSources = {
    schema: {
      objectNames: names,
      objects: () => Promise.resolve(names),
      describe: (name: string) => Promise.resolve(objects[name.toLowerCase()]),
    } as unknown as SchemaCache,
    last: [{ Id: "1", Contacts: { records: [{ LastName: "Doe" }] } }],
    orgs: () => Promise.resolve(["prod", "practice"]),
  };
  /** What is offered at the `|`. */
  const at = async (text: string): Promise<string[]> => {
    const [before, after] = text.split("|");
    return (await complete(before!, after ?? "", sources)).hits;
  };

  const cases: [text: string, hits: string[]][] = [
    ["SEL|", ["SELECT "]],
    [".desc|", [".describe"]],
    [".org pr|", ["practice", "prod"]],
    [".describe acc|", ["Account", "AccountTeamMember"]],
    [".describe Account Ra|", ["Rating"]],
    [".format e|", ["expanded"]],
    [".open 1 |", ["Contacts"]],
    ["/sobj|", ["/sobjects/"]],
    ["GET /lim|", ["/limits"]],
    ["/sobjects/con|", ["/sobjects/Contact"]],
    ["/sobjects/Contact/desc|", [
      "/sobjects/Contact/describe",
      "/sobjects/Contact/describe/layouts",
    ]],
    ['POST /sobjects/Account {"Na|', ['"Name": ']],
    ['POST /sobjects/Account {"Rating": "H|', ['"Hot"']],
    ["SELECT Id FROM Acc|", ["Account", "AccountTeamMember"]],
    ["SELECT Na| FROM Account", ["Name"]],
    ["SELECT Id, nu|\nFROM Account", ["NumberOfEmployees"]],
    ["SELECT Own| FROM Contact", ["Owner.", "OwnerId"]],
    ["SELECT Account.Owner.User| FROM Contact", ["Account.Owner.Username"]],
    ["SELECT Id FROM Contact WHERE account.owner.na|", ["account.owner.Name"]],
    ["SELECT a.Na| FROM Account a", ["a.Name"]],
    ["SELECT Id FROM Account WHERE Rating = |", ["'Hot'", "'Rock \\'n\\' Roll'", "null"]],
    ["SELECT Id FROM Account WHERE Rating = 'H|", ["'Hot'"]],
    ["SELECT Id FROM Account WHERE Rating IN ('Hot', 'R|", ["'Rock \\'n\\' Roll'"]],
    ["SELECT Id FROM Account WHERE IsActive = t|", ["true"]],
    ["SELECT Id FROM Account WHERE CreatedDate = N_DAYS|", ["N_DAYS_AGO:"]],
    ["SELECT Id FROM Account WHERE CreatedDate > NEXT_FISCAL|", [
      "NEXT_FISCAL_QUARTER",
      "NEXT_FISCAL_YEAR",
    ]],
    ["SELECT Id FROM Account WHERE CALENDAR_Y|", ["CALENDAR_YEAR("]],
    ["SELECT Id FROM Account WHERE Id IN (SELECT Id FROM User) AND Na|", ["Name"]],
    ["SELECT HOUR|, COUNT(Id) FROM Account", ["HOUR_IN_DAY("]],
    ["SELECT Id FROM Account ORDER BY Na|", ["Name"]],
    ["SELECT Id FROM Account ORDER BY Name D|", ["DESC"]],
    ["SELECT Id FROM Account W|", ["WHERE ", "WITH SECURITY_ENFORCED", "WITH USER_MODE"]],
    ["SELECT Id, (SELECT Last| FROM Contacts) FROM Account", ["LastName"]],
    ["SELECT Id, (SELECT Id FROM Con|) FROM Account", ["Contacts"]],
    ["SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Con|", ["Contact"]],
    [".tooling SELECT Id FROM Use|", ["User"]],
    ["FIND {x} RETURNING Acc|", ["Account", "AccountTeamMember"]],
    ["FIND {x} RETURNING Contact(Las|", ["LastName"]],
    ["= sf.que|", ["query("]],
    ["= _[0].Con|", ["Contacts"]],
    ["= _[0].Contacts.records[0].L|", ["LastName"]],
  ];
  for (const [text, hits] of cases) {
    test(`offers ${hits.join(", ")} at ${text.replace("\n", " ")}`, async () => {
      assert.deepEqual(await at(text), hits);
    });
  }

  test("objects have their labels in a list, and none where only one fits", async () => {
    const labels = new Map([
      ["Account", "Account"],
      ["AccountTeamMember", "Account Team Member"],
      ["Acre__c", "Grundstück"],
      ["AcmeThing__c", "Acme Thing"],
    ]);
    const schema = { objectNames: [...labels.keys()], labels } as unknown as SchemaCache;
    const hits = async (text: string) => (await complete(text, "", { ...sources, schema })).hits;
    const all = ["Account", "AccountTeamMember", "AcmeThing__c", "Acre__c (Grundstück)"];
    assert.deepEqual(await hits("SELECT Id FROM Ac"), all);
    assert.deepEqual(await hits(".describe Ac"), all);
    assert.deepEqual(await hits("SELECT Id FROM Acr"), ["Acre__c"]);
  });

  test("offers files behind >, but not behind a comparison", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sfetch-test-"));
    try {
      await remember(join(folder, "out.csv"), "x");
      assert.deepEqual(await at(`SELECT Id FROM Account > ${folder}/ou|`), [`${folder}/out.csv`]);
      assert.deepEqual(await at("SELECT Id FROM Account WHERE NumberOfEmployees > |"), ["null"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("names that would harm the terminal are not offered", async () => {
    const schema = { objectNames: ["Account", "Acc\x1b]0;owned\x07"] } as unknown as SchemaCache;
    const { hits } = await complete("SELECT Id FROM Acc", "", { ...sources, schema });
    assert.deepEqual(hits, ["Account"]);
  });

  test("what is not there yet is not offered", async () => {
    const nothing = { ...sources, schema: undefined };
    assert.deepEqual((await complete("SELECT Id FROM Acc", "", nothing)).hits, []);
  });

  test("of a long list, what all begin with is offered, or the first hundred", async () => {
    const many = Array.from({ length: 150 }, (_, index) => `Custom${index}__c`);
    const schema = { objectNames: many } as unknown as SchemaCache;
    const offered = async (text: string) => (await complete(text, "", { ...sources, schema })).hits;
    assert.deepEqual(await offered("SELECT Id FROM Cu"), ["Custom"]);
    assert.equal((await offered("SELECT Id FROM Custom")).length, 101);
  });
});

describe("what is shown", () => {
  const plain = paint(false);

  test("an error in a query has a caret under the place, in its own line", () => {
    const message = "\nFROM Account WHERE Nme = 1\n                   ^\n" +
      "ERROR at Row:2:Column:21\nNo such column 'Nme' on entity 'Account'.";
    const error = new SalesforceError(`GET /query: 400 INVALID_FIELD: ${message}`, "Look again.", {
      status: 400,
      errors: [{ errorCode: "INVALID_FIELD", message }],
      headers: new Headers(),
      method: "GET",
      path: "/query",
    });
    assert.equal(
      viewError(error, "SELECT Id\nFROM Account WHERE Nme = 1", plain),
      [
        "  FROM Account WHERE Nme = 1",
        "                     ^",
        "INVALID_FIELD: No such column 'Nme' on entity 'Account'.",
        "Look again.",
      ].join("\n"),
    );
  });

  test("an error's text cannot reach the terminal as a control sequence", () => {
    const shown = viewError(new Error("\x1b]0;title\x07 \x9b31m"), "", plain);
    for (const control of "\x07\x1b\x9b") assert.ok(!shown.includes(control));
  });

  test("a name that is misspelt has the nearest one that the org has", async () => {
    const objects = ["Account", "Contact"];
    const schema = {
      objects: () => Promise.resolve(objects),
      describe: () => Promise.resolve({ fields: [{ name: "Name" }, { name: "Phone" }] }),
    } as unknown as SchemaCache;
    const meant = (errorCode: string, message: string, path = "/query") => {
      const headers = new Headers();
      const options = {
        status: 400,
        headers,
        errors: [{ errorCode, message }],
        method: "GET",
        path,
      };
      return nameMeant(new SalesforceError(message, "", options), schema);
    };
    assert.equal(
      await meant("INVALID_FIELD", "No such column 'Nmae' on entity 'Account'. If"),
      "Name",
    );
    assert.equal(
      await meant("INVALID_TYPE", "sObject type 'Contcat' is not supported."),
      "Contact",
    );
    const notFound = (path: string) => meant("NOT_FOUND", "The requested resource …", path);
    assert.equal(await notFound("/services/data/v67.0/sobjects/Acount/describe"), "Account");
    assert.equal(await notFound("/services/data/v67.0/sobjects/account/001"), undefined);
    assert.equal(await nameMeant(new Error("x"), schema), undefined);
  });

  test(".help fits the screen, long lines are broken between words", () => {
    const size = () => ({ columns: 80, rows: 24 });
    const lines = helpText({ paint: plain, size }).split("\n");
    for (const line of lines) assert.ok(line.length <= 80, line);
    const [, indent] = /^( {2}Tab +)/m.exec(lines.join("\n"))!;
    assert.match(lines.join("\n"), new RegExp(`^ {${indent!.length}}\\S.*values`, "m"));
    for (const { usage } of Object.values(COMMANDS)) {
      assert.ok(lines.some((line) => line.startsWith(`  ${usage}  `)), usage);
    }
    assert.match(
      helpText({ paint: plain, size }, "curl"),
      /^ {2}\.curl +.*\n +\.curl > request\.sh$/,
    );
  });

  test("a line that is no statement has what may have been meant", () => {
    const hints: [line: string, hint: RegExp][] = [
      ["selct Id from Account", /Did you mean SELECT\?/],
      ["limits", /begin with a dot: \.limits/],
      ["GET limits", /GET \/sobjects/],
      ["insert into Account", /POST \/sobjects\/Account/],
      ["await sf.getToken()", /JavaScript begins with =/],
      ["WHERE Name = 'x'", /several lines/],
      ["hello", /see \.help/],
    ];
    for (const [line, hint] of hints) assert.match(notUnderstood(line).hint, hint, line);
  });

  test("limits are bars, the fullest first", () => {
    const lines = limitBars({
      Half: { Max: 10, Remaining: 5 },
      Full: { Max: 1000, Remaining: 0 },
      None: { Max: 0, Remaining: 0 },
    }, plain).split("\n");
    assert.equal(lines.length, 2);
    assert.match(lines[0]!, /^Full +█{24} +100% +1,000 of 1,000$/);
    assert.match(lines[1]!, /^Half +█{12}░{12} +50% +5 of 10$/);
  });

  test("the prompt names org and kind, production in red", () => {
    assert.equal(promptFor("acme", "sandbox", false), "acme (sandbox)> ");
    const red = "\x1b[31m";
    assert.ok(promptFor("acme", "production", true).includes(red));
    assert.ok(!promptFor("acme", "sandbox", true).includes(red));
  });
});
