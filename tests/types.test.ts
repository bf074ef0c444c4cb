import assert from "node:assert/strict";
import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { once } from "./helpers/once.ts";
import { root, run } from "./helpers/runtime.ts";

/** What a script that uses the module may write, and what it must not get away with. */
const SCRIPT = `
import { createSession, sfFetch, sfQuery, type Query, type Session, type SessionOptions, type Token } from "./mod.ts";

const given: { org?: string | undefined } = {};
const options: SessionOptions = { org: given.org, passphrase: undefined };
const session: Session = createSession(options);
const token: Token = await session.getToken({ fresh: undefined });
export const expires: number | undefined = token.expiresAt;

interface Account { Id: string; Name: string | null }
const query: Query<Account> = sfQuery<Account>("SELECT Id, Name FROM Account", { signal: undefined });
export const names: (string | null)[] = (await query).map(({ Name }) => Name);
export const total: number = await query.totalSize();
for await (const { Id } of query) console.log(Id);

export const limits: { DailyApiRequests: { Max: number } } = await sfFetch("/limits").json();
const saved = await sfFetch("/sobjects/Account/001", { method: "PATCH", json: {} }).json<{ id: string }>();
// @ts-expect-error: a 204 has no body
saved.id;
// @ts-expect-error: the org may not have sent it
session.limits.apiUsage.used;
`;

describe("a copied mod.ts", () => {
  for (const compiler of ["typescript", "typescript-5.9"]) {
    for (const types of [[], ["--types", "node"]]) { // the first is what --init writes
      test(`compiles under ${compiler}'s own --init, ${types.length ? "with" : "without"} Node's types`, async () => {
        const { config, output } = await once(`${compiler}${types.join("")}`, async (folder) => {
          const tsc = join(root, "node_modules", compiler, "bin/tsc");
          await cp(join(root, "mod.ts"), join(folder, "mod.ts"));
          await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
          await writeFile(join(folder, "package.json"), '{ "type": "module" }');
          await writeFile(join(folder, "script.ts"), SCRIPT);
          await run(["node", tsc, "--init"], { cwd: folder });
          const config = await readFile(join(folder, "tsconfig.json"), "utf8");
          const args = ["--noEmit", "--skipLibCheck", "false", "--allowImportingTsExtensions"];
          const { stdout } = await run(["node", tsc, ...args, ...types], { cwd: folder });
          return { config, output: stdout };
        });
        assert.match(config, /exactOptional.*true/);
        assert.equal(output, "");
      });
    }
  }
});
