import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { runCode } from "./helpers/code.ts";
import { temporaryFolder } from "./helpers/runtime.ts";
import { type SalesforceServer, startSalesforce } from "./helpers/salesforce-server.ts";

/** Takes away what costs Deno most of a short script: Node's process, with the layer behind it, and timers. */
const WITHOUT_LAYERS = `
for (const name of ["process", "Buffer", "setTimeout", "setInterval"]) {
  Object.defineProperty(globalThis, name, {
    get() { throw new Error(name + " was touched"); },
  });
}
const { createSession, getToken, sfFetch, sfQuery } = await import("./mod.ts");
`;

describe("on Deno, nothing of Node is loaded and no timer is set", () => {
  const folder = temporaryFolder();
  let salesforce: SalesforceServer;
  before(async () => {
    salesforce = await startSalesforce();
    await writeFile(join(folder, "server.key"), salesforce.options.privateKey);
  });
  after(async () => {
    await salesforce.close();
    await removeFolder(folder);
  });

  const CALLS: Record<string, string> = {
    "for a token": "await getToken()",
    "for a query": 'await sfQuery("SELECT Id FROM Account")',
    "for a request": 'await sfFetch("/limits").json()',
    "for a write": 'await sfFetch("/x", { method: "POST", json: {} })',
    "for a session with a timeout": 'await createSession().fetch("/x", { timeout: 5_000 }).text()',
  };
  for (const [title, code] of Object.entries(CALLS)) {
    test(title, async () => {
      const { SF_PRIVATE_KEY: _, ...env } = salesforce.env;
      const { stdout, stderr } = await runCode(`${WITHOUT_LAYERS} ${code}; console.log("done");`, {
        env: { ...env, SF_PRIVATE_KEY_FILE: join(folder, "server.key") },
        permissions: ["-A"],
      });
      assert.equal(stdout.trim(), "done", stderr);
    });
  }
});
