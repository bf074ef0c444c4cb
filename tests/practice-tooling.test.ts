/** What only the Tooling API of the practice org has. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newOrg } from "./helpers/org-data.ts";

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
  const { executeAnonymous } = await import("../practice-org/rest/apex.ts");
  for (const part of ["/* ", "'\\", "{", "List<Id>{"]) {
    assert.equal(executeAnonymous(part.repeat(300_000)).compiled, false, part);
  }
});
