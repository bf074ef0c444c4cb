import type { ChildProcess } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { root, start, temporaryFolder } from "./helpers/runtime.ts";
import { stripTypes } from "./helpers/strip-types.ts";
import { assertWholeFlow, type FlowAnswer } from "./helpers/whole-flow.ts";

const org = await practiceOrg({ rows: 500 });
const folder = temporaryFolder();
after(() => removeFolder(folder));

const WORKER = `
  import * as sfetch from "mod";
  import { flow } from "flow";
  export default {
    async fetch(request) {
      const options = await request.json();
      const expireSessions = () =>
        fetch(options.loginUrl + "/_practice/expire-sessions", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: "{}",
        });
      const report = await flow(sfetch, options, expireSessions)
        .catch((error) => ({ error: String(error.stack) }));
      return Response.json(report);
    },
  };`;

/** workerd's configuration: every module by name and text, and the network of this machine. */
async function configuration(): Promise<string> {
  const modules: Record<string, string> = {
    worker: WORKER,
    mod: await stripTypes(join(root, "mod.ts")),
    flow: await stripTypes(join(root, "tests/everywhere/flow.ts")),
  };
  const jose = join(root, "node_modules/jose/dist/webapi");
  for (const file of await readdir(jose, { recursive: true })) {
    if (!file.endsWith(".js")) continue;
    const text = await readFile(join(jose, file), "utf8");
    modules[`jose/${file}`] = text; // as its own modules name it
    modules[`jose/${file.replace(/\.js$/, "")}`] = text; // as mod.ts does
  }
  const list = Object.entries(modules).map(([name, text]) =>
    `(name = ${JSON.stringify(name)}, esModule = ${JSON.stringify(text)})`
  );
  return `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [
        (name = "main", worker = (compatibilityDate = "2026-10-01", modules = [${list}])),
        (name = "internet", network = (allow = ["public", "private"])),
      ],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
    );`;
}

/** The port that workerd tells of on stdout. */
function port(workerd: ChildProcess): Promise<number> {
  let log = "";
  return new Promise((resolve, reject) => {
    for (const stream of [workerd.stdout!, workerd.stderr!]) {
      stream.setEncoding("utf8").on("data", (chunk) => {
        log += chunk;
        const match = log.match(/"port":\s*(\d+)/);
        if (match) resolve(Number(match[1]));
      });
    }
    workerd.on("close", () => reject(new Error(`workerd ended:\n${log}`)));
  });
}

test("in a Worker, mod.ts with its types stripped runs the whole flow", async () => {
  const file = join(folder, "worker.capnp");
  await writeFile(file, await configuration());
  const workerd = start(["workerd", "serve", "--control-fd=1", file]);
  const exit = new Promise((resolve) => workerd.on("close", resolve));
  let report: FlowAnswer;
  try {
    const response = await fetch(`http://127.0.0.1:${await port(workerd)}/`, {
      method: "POST",
      body: JSON.stringify(org.options),
    });
    report = await response.json() as typeof report;
  } finally {
    workerd.kill();
    await exit;
  }

  assertWholeFlow(report, 500);
});
