/** `sfetch types`: its output compiled and used, against the practice org. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { type Describe, typescript } from "../cli/commands/types/typescript.ts";
import { once } from "./helpers/once.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { root, run, runScript, runSelf, temporaryFolder } from "./helpers/runtime.ts";

const org = await practiceOrg({ rows: 3 });
const folder = temporaryFolder();
after(() => removeFolder(folder));

/** Compiles files of the folder under the settings of `tsc --init`, which are strict; the same files once. */
async function compile(...files: string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(join(folder, file)));
  return await once(`types-command-${hash.digest("hex")}`, () => runCompiler(files));
}

async function runCompiler(files: string[]): Promise<string> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const options = [
    ...["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes"],
    ...["--noEmit", "--allowImportingTsExtensions", "--verbatimModuleSyntax", "--skipLibCheck"],
    ...["--target", "esnext", "--module", "nodenext", "--types", "node"],
  ];
  const { code, stdout } = await run(["node", tsc, ...options, ...files], { cwd: folder });
  assert.equal(code === 0, stdout === "", stdout);
  return stdout;
}

const sfetch = (...args: string[]) => runSelf(args, { env: org.env, cwd: folder });

describe("sfetch types", () => {
  test("writes interfaces that compile under strict and hold what a query returns", async () => {
    const { code, stdout, stderr } = await sfetch(
      ...["types", "Contact", "Account", "account", "Invoice__c", "User"],
      ...["--out", "salesforce.ts"],
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /Wrote 4 interfaces to salesforce\.ts/);
    await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    const script = `
import { sfQuery } from ${JSON.stringify(join(root, "mod.ts"))};
import type { Account, ChildRecords, Contact } from "./salesforce.ts";

const soql = "SELECT Id, Name, Industry, BillingAddress, Owner.Name, (SELECT LastName FROM Contacts) FROM Account";
for await (const account of sfQuery<Account>(soql)) {
  const industry: string | null = account.Industry;
  const isBank: boolean = account.Industry === "Banking";
  const city: string | null | undefined = account.BillingAddress?.city;
  const owner: string | undefined = account.Owner?.Name;
  const contacts: ChildRecords<Contact> | null | undefined = account.Contacts;
  const lastNames: string[] = contacts?.records.map(({ LastName }) => LastName) ?? [];
  console.log(JSON.stringify([account.Name.length > 0, industry, isBank, city, owner, lastNames]));
}
export const few = await sfQuery<Pick<Account, "Id" | "Tier__c">>("SELECT Id, Tier__c FROM Account");
export const tier: "Bronze" | "Silver" | "Gold" | "Platinum" | null | undefined = few[0]?.Tier__c;
// @ts-expect-error: it was not selected
few[0]?.Name;
// @ts-expect-error: Industry may be null
export const sure = (account: Account): string => account.Industry;
// @ts-expect-error: not a value of this restricted picklist
export const wrong: Account["Tier__c"] = "Iron";
// @ts-expect-error: no such field
export const nope = (account: Account): unknown => account.Nope;
`;
    await writeFile(join(folder, "script.ts"), script);
    assert.equal(await compile("script.ts", "salesforce.ts"), "");

    const ran = await runScript(join(folder, "script.ts"), [], { env: org.env });
    assert.equal(ran.code, 0, ran.stderr);
    const lines = ran.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.length, 3);
    assert.ok(lines.every(([named, , , , owner]) => named && owner), ran.stdout);
    assert.ok(lines.some(([, , , , , lastNames]) => lastNames.length > 0), ran.stdout);
  });

  test("gives the same text for the same objects in any order", async () => {
    const one = await sfetch("types", "Account", "Contact");
    const other = await sfetch("types", "Contact", "Account");
    assert.equal(one.code, 0, one.stderr);
    assert.equal(one.stdout, other.stdout);
    const fields = [...one.stdout.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name!);
    const ofAccount = fields.slice(1, fields.indexOf("Id", 1));
    assert.ok(ofAccount.length > 40);
    assert.deepEqual(ofAccount, ofAccount.toSorted());
  });

  test("replaces its own output only, with the mode that the user's files have", async () => {
    const own = join(folder, "own.ts");
    assert.equal((await sfetch("types", "Account", "--out", own)).code, 0);
    assert.equal((await stat(own)).mode & 0o600, 0o600);
    assert.equal((await sfetch("types", "Contact", "--out", own)).code, 0);
    assert.match(await readFile(own, "utf8"), /interface Contact /);

    const written = join(folder, "written.ts");
    await writeFile(written, "export const mine = 1;\n");
    const refused = await sfetch("types", "Account", "--out", written);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /already exists, and `sfetch types` did not write it/);
    assert.equal(await readFile(written, "utf8"), "export const mine = 1;\n");
  });

  test("says which object was meant, and writes nothing", async () => {
    const out = join(folder, "none.ts");
    const { code, stdout, stderr } = await sfetch("types", "Account", "Acount", "--out", out);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /no object "Acount".*\nDid you mean `Account`\?/);
    await assert.rejects(stat(out), { code: "ENOENT" });
    const path = await sfetch("types", "../limits");
    assert.equal(path.code, 2);
    assert.match(path.stderr, /no object "\.\.\/limits"/);
    assert.match((await sfetch("types")).stderr, /missing argument OBJECT/);
  });
});

test("typescript() copes with namespaces, odd labels and every kind of field", async () => {
  const field = (name: string, type: string, more = {}) => ({
    name,
    type,
    label: `A */ label\nof ${name}`,
    nillable: true,
    ...more,
  });
  const picklist = ["it's", 'say "hi"', "back\\slash", "a\u2028b"].map((value) => ({ value }));
  const object: Describe = {
    name: "ns__Thing__c",
    label: "Thing */ export const injected = 1; /*",
    fields: [
      field("Id", "id", { nillable: false }),
      ...["int", "double", "percent", "boolean", "date", "datetime", "time", "base64", "location"]
        .map((type) => field(`ns__${type}__c`, type)),
      field("ns__Any__c", "anyType"),
      field("ns__Kind__c", "picklist", { picklistValues: picklist, restrictedPicklist: true }),
      field("ns__Empty__c", "picklist", { picklistValues: [] }),
      field("OwnerId", "reference", {
        referenceTo: ["Group", "User"],
        relationshipName: "Owner",
      }),
      field("ns__Parent__c", "reference", {
        referenceTo: ["ns__Thing__c"],
        relationshipName: "ns__Parent__r",
      }),
    ],
    childRelationships: [
      { childSObject: "ns__Thing__c", relationshipName: "ns__Children__r" },
      { childSObject: "ns__Thing__c", relationshipName: null },
      { childSObject: "Task", relationshipName: "Tasks" },
    ],
  };
  await writeFile(join(folder, "thing.ts"), typescript([object], "67.0"));
  await writeFile(
    join(folder, "use.ts"),
    `import type { ns__Thing__c } from "./thing.ts";
export const thing: Pick<ns__Thing__c, "Id" | "ns__int__c" | "ns__Kind__c" | "ns__location__c"> = {
  Id: "a00",
  ns__int__c: 1,
  ns__Kind__c: ${JSON.stringify(picklist[1]!.value)},
  ns__location__c: { latitude: 1, longitude: 2 },
};
export const up = (child: ns__Thing__c): string | undefined => child.ns__Parent__r?.ns__Parent__r?.Id;
export const down = (parent: ns__Thing__c) => parent.ns__Children__r?.records[0]?.Id;
export const owner = (child: ns__Thing__c): unknown => child.Owner?.["Name"];
`,
  );
  assert.equal(await compile("use.ts", "thing.ts"), "");
});
