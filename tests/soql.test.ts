import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { soql } from "../mod.ts";

class PlainDate {
  get [Symbol.toStringTag](): string {
    return "Temporal.PlainDate";
  }
  toString(): string {
    return "2026-11-22";
  }
}

describe("soql`` writes", () => {
  const VALUES: [value: unknown, literal: string][] = [
    ["Acme", "'Acme'"],
    ["", "''"],
    ["O'Hara", "'O\\'Hara'"],
    ['say "hi"', `'say \\"hi\\"'`],
    ["back\\slash", "'back\\\\slash'"],
    ["\\", "'\\\\'"],
    ["line\nbreak\r\ttab\b\f", "'line\\nbreak\\r\\ttab\\b\\f'"],
    ["A%_", "'A%_'"],
    ["ü 界 😀", "'ü 界 😀'"],
    [0, "0"],
    [-1.5, "-1.5"],
    [1e21, "1000000000000000000000"],
    [1.5e-7, "0.00000015"],
    [12345678901234567890n, "12345678901234567890"],
    [true, "true"],
    [false, "false"],
    [null, "null"],
    [new Date("2026-11-22T10:20:30.456Z"), "2026-11-22T10:20:30.456Z"],
    [new PlainDate(), "2026-11-22"],
    [["a", "b'c", 1, null], "('a','b\\'c',1,null)"],
    [[new Date(0)], "(1970-01-01T00:00:00.000Z)"],
  ];
  for (const [value, literal] of VALUES) {
    test(`${typeof value === "bigint" ? value : JSON.stringify(value)} as ${literal}`, () => {
      assert.equal(
        soql`SELECT Id FROM A WHERE x = ${value}`,
        `SELECT Id FROM A WHERE x = ${literal}`,
      );
    });
  }

  test("several values, in their places, and text without any as it is", () => {
    assert.equal(soql`${"a"} ${1}${null} b`, "'a' 1null b");
    assert.equal(soql`SELECT Id FROM Account`, "SELECT Id FROM Account");
    assert.equal(soql`a LIKE 'x\\_%'`, "a LIKE 'x\\_%'");
  });
});

describe("soql`` refuses", () => {
  for (
    const value of [
      undefined,
      NaN,
      Infinity,
      -Infinity,
      new Date(NaN),
      [],
      [["a"]],
      ["a", undefined],
      {},
      { toString: () => "'" },
      () => "x",
      Symbol("x"),
      new Map(),
      Object("boxed"),
    ]
  ) {
    const name = typeof value === "object"
      ? `${Object.prototype.toString.call(value)}`
      : typeof value;
    test(`${name} ${typeof value === "number" ? value : ""}`, () => {
      assert.throws(() => soql`SELECT Id FROM A WHERE x = ${value}`, TypeError);
    });
  }
});

/** What SOQL reads in a quoted literal at the beginning of the text, and how much text is left. */
function readLiteral(text: string): { value: string; rest: string } {
  assert.equal(text[0], "'");
  const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
  let value = "";
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "'") return { value, rest: text.slice(at + 1) };
    if (text[at] === "\\") value += escapes[text[++at]!] ?? text[at];
    else value += text[at];
  }
  return assert.fail(`no end: ${text}`);
}

describe("soql`` cannot be injected into", () => {
  const ATTACKS = [
    "' OR Name LIKE '%",
    "\\' OR 1=1 --",
    "\\\\' OR 'a'='a",
    "'; DELETE FROM Account",
    "a')",
    "%' AND (SELECT Id FROM User)",
    "\u2019 OR 1=1",
    "\u02bc OR 1=1",
    "\uff07 OR 1=1",
    "\\u0027 OR 1=1",
    "x\\",
    "\\",
    "\n' OR '",
    "' /* ",
    "\0' OR '",
  ];

  test("by any of the usual attempts", () => {
    for (const attack of ATTACKS) {
      const { value, rest } = readLiteral(soql`${attack} LIMIT 1`);
      assert.equal(value, attack);
      assert.equal(rest, " LIMIT 1");
    }
  });

  test("by any mixture of quotes, backslashes, escapes and other characters", () => {
    const letters = ["'", '"', "\\", "n", "u", "0", "\n", "\r", "\t", "\b", "\f", "%", "a", "😀"];
    let seed = 1;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below; // the same texts on every run
    for (let i = 0; i < 20_000; i++) {
      const text = Array.from({ length: random(8) }, () => letters[random(letters.length)]).join(
        "",
      );
      const { value, rest } = readLiteral(soql`${text})`);
      assert.equal(value, text);
      assert.equal(rest, ")");
    }
  });
});
