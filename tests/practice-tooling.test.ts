/** What only the Tooling API of the practice org has. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newOrg, USER } from "./helpers/org-data.ts";
import { rawOrg } from "./helpers/raw-org.ts";

describe("tooling", () => {
  const { call } = newOrg();
  const run = async (apex: string) =>
    (await call("GET", `/tooling/executeAnonymous/?anonymousBody=${encodeURIComponent(apex)}`))
      .body;

  test("Apex that is fine compiles and succeeds", async () => {
    for (
      const apex of [
        "System.debug('it\\'s; fine');",
        "// a comment\nInteger x = 1; /* ; */ x++;",
        "for (Account a : [SELECT Id FROM Account LIMIT 3]) { System.debug(a); }",
        "List<String> names = new List<String>{ 'a', 'b' };",
        "if (true) { insert new Account(Name = 'x'); } else { System.debug(1); }",
        "System.debug('a'\n  + 'b');",
        "try { throw new MyException('x'); } catch (Exception e) { System.debug(e); }",
      ]
    ) {
      assert.deepEqual(await run(apex), {
        line: -1,
        column: -1,
        compiled: true,
        success: true,
        compileProblem: null,
        exceptionStackTrace: null,
        exceptionMessage: null,
      }, apex);
    }
  });

  test("Apex that does not compile is told with line and column", async () => {
    const problems: [string, number, number, string][] = [
      ["System.debug('hi')", 1, 19, "Missing ';' at '<EOF>'"],
      ["Integer x = 1;\nString s = 'a'\nSystem.debug(s);", 3, 1, "Missing ';' at 'System'"],
      ["if (true) { System.debug(1) }", 1, 29, "Missing ';' at '}'"],
      ["foo(;", 1, 6, "Missing ')' at '<EOF>'"],
      ["foo)];", 1, 4, "Unexpected token ')'."],
      ["Integer x = ;", 1, 13, "Unexpected token ';'."],
    ];
    for (const [apex, line, column, compileProblem] of problems) {
      const { compiled, success, ...result } = await run(apex);
      assert.deepEqual([compiled, success], [false, false], apex);
      assert.deepEqual([result.line, result.column, result.compileProblem], [
        line,
        column,
        compileProblem,
      ]);
    }
  });

  test("throw throws", async () => {
    const result = await run("Integer x = 1;\n throw new IllegalArgumentException('boom');");
    assert.deepEqual([result.compiled, result.success, result.line, result.column], [
      true,
      false,
      2,
      2,
    ]);
    assert.equal(result.exceptionMessage, "System.IllegalArgumentException: boom");
    assert.equal(result.exceptionStackTrace, "AnonymousBlock: line 2, column 2");
  });

  test("/tooling/query knows classes and the objects of the org", async () => {
    const { body } = await call("GET", "/tooling/query?q=SELECT+Name+FROM+ApexClass");
    assert.equal(body.totalSize, 2);
    const entities = await call(
      "GET",
      "/tooling/query?q=SELECT+Label+FROM+EntityDefinition+WHERE+QualifiedApiName='Invoice__c'",
    );
    assert.equal(entities.body.records[0].Label, "Invoice");
  });
});

test("Apex full of comments and literals that never end is compiled in no time", async () => {
  const { executeAnonymous } = await import("../practice-org/apex/anonymous.ts");
  for (const part of ["/* ", "'\\", "{", "List<Id>{"]) {
    assert.equal(executeAnonymous(part.repeat(100_000)).result.compiled, false, part);
  }
});

describe("debug levels, trace flags and logs", () => {
  const org = newOrg(1);
  const sobjects = "/tooling/sobjects";

  test("a debug level is created, read, changed and deleted by Tooling, and only there", async () => {
    const level = { DeveloperName: "Loud", MasterLabel: "Loud", ApexCode: "FINEST" };
    const { status, body: { id } } = await org.call("POST", `${sobjects}/DebugLevel`, level);
    assert.equal(status, 201);
    assert.equal((await org.call("GET", `${sobjects}/DebugLevel/${id}`)).body.ApexCode, "FINEST");
    const change = { ApexCode: "ERROR" };
    assert.equal((await org.call("PATCH", `${sobjects}/DebugLevel/${id}`, change)).status, 204);
    assert.equal((await org.call("GET", `/sobjects/DebugLevel/${id}`)).status, 404);
    assert.equal((await org.call("DELETE", `${sobjects}/DebugLevel/${id}`)).status, 204);
    const gone = await org.call("GET", `${sobjects}/DebugLevel/${id}`);
    assert.deepEqual([gone.status, gone.body[0].errorCode], [404, "NOT_FOUND"]);
  });

  test("a trace flag lets anonymous Apex leave a log with what it debugs", async () => {
    const apex = "System.debug('It\\'s on');\nInteger i = 1;\nthrow new MyException('no');";
    const run = () =>
      org.call("GET", `/tooling/executeAnonymous?anonymousBody=${encodeURIComponent(apex)}`);
    const count = async () =>
      (await org.ask("SELECT COUNT() FROM ApexLog", {}, "tooling/query")).body.totalSize;
    const before = await count();
    await run();
    assert.equal(await count(), before);
    const flag = { TracedEntityId: USER, LogType: "DEVELOPER_LOG" };
    assert.equal((await org.call("POST", `${sobjects}/TraceFlag`, flag)).status, 201);
    await run();
    assert.equal(await count(), before + 1);
    const newest = "SELECT Id, LogLength FROM ApexLog ORDER BY StartTime DESC LIMIT 1";
    const [log] = (await org.ask(newest, {}, "tooling/query")).body.records;
    for (const base of [sobjects, "/sobjects"]) {
      const { headers, body } = await org.call("GET", `${base}/ApexLog/${log.Id}/Body`);
      assert.match(headers.get("content-type")!, /^text\/plain/);
      assert.match(body, /\|USER_DEBUG\|\[1\]\|DEBUG\|It's on$/m);
      assert.match(body, /\|FATAL_ERROR\|System\.MyException: no\|/);
      assert.equal(body.length, log.LogLength);
    }
  });
});

const { org, signIn } = await rawOrg();

describe("SOAP", () => {
  async function send(operation: string, body: string, api = "s", token?: string) {
    const sessionId = token ?? (await signIn()).access_token;
    const response = await fetch(`${org.url}/services/Soap/${api}/67.0/00D`, {
      method: "POST",
      headers: { "content-type": "text/xml", soapaction: operation },
      body: `<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Header>
        <cmd:SessionHeader><cmd:sessionId>${sessionId}</cmd:sessionId></cmd:SessionHeader>
        </env:Header><env:Body><${operation} xmlns="x">${body}</${operation}></env:Body></env:Envelope>`,
    });
    return { status: response.status, xml: await response.text() };
  }

  test("anonymous Apex runs, with its debug log in the header", async () => {
    const apex =
      "<apexcode>String s = &apos;&lt;&amp;&#62;&apos;; System.debug(&apos;a&lt;b&apos;);</apexcode>";
    const { status, xml } = await send("executeAnonymous", apex);
    assert.equal(status, 200);
    assert.match(xml, /<soapenv:Header><DebuggingInfo><debugLog>[^<]*DEBUG\|a&#60;b\n/);
    assert.match(xml, /<compiled>true<\/compiled><success>true<\/success>/);
    assert.match(xml, /<compileProblem xsi:nil="true"\/>/);
  });

  test("Apex that does not compile is told with its place", async () => {
    const { xml } = await send("executeAnonymous", "<apexcode>Integer i = 1</apexcode>");
    assert.match(
      xml,
      /<compileProblem>Missing &#39;;&#39; at &#39;&#60;EOF&#62;&#39;<\/compileProblem>/,
    );
    assert.match(xml, /<line>1<\/line>/);
  });

  test("metadata types and the members of one are listed", async () => {
    const types = await send("describeMetadata", "<asOfVersion>67.0</asOfVersion>", "m");
    assert.match(types.xml, /<xmlName>ApexClass<\/xmlName>/);
    const classes = await send("listMetadata", "<queries><type>ApexClass</type></queries>", "m");
    assert.match(classes.xml, /<fullName>InvoiceService<\/fullName>/);
  });

  test("a dead session and an operation that it does not have are faults", async () => {
    const dead = await send("executeAnonymous", "", "s", "00D!dead");
    assert.equal(dead.status, 500);
    assert.match(dead.xml, /<faultcode>sf:INVALID_SESSION_ID<\/faultcode>/);
    const unknown = await send("deploy", "", "m");
    assert.match(unknown.xml, /does not have the SOAP operation deploy/);
  });

  test("an envelope that never ends is read in no time", async () => {
    for (const part of ["<Body ", "<sessionId ", "<a:sessionId>"]) {
      const response = await fetch(`${org.url}/services/Soap/s/67.0`, {
        method: "POST",
        headers: { "content-type": "text/xml" },
        body: part.repeat(200_000),
      });
      assert.equal(response.status, 500);
    }
  });
});
