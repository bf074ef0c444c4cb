import { mkdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { removeFolder } from "./helpers/remove-folder.ts";
import { missing } from "./helpers/missing.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { root, start, temporaryFolder } from "./helpers/runtime.ts";
import { stripTypes } from "./helpers/strip-types.ts";
import { assertWholeFlow, type FlowAnswer } from "./helpers/whole-flow.ts";

const org = await practiceOrg({ rows: 500 });
const folder = temporaryFolder();
after(() => removeFolder(folder));

const PAGE = `<!doctype html>
<script type="importmap">{ "imports": { "jose/": "/jose/" } }</script>
<script type="module">
  import * as sfetch from "/mod.js";
  import { flow } from "/flow.js";
  const options = await (await fetch("/options.json")).json();
  const expireSessions = () => fetch("/expire-sessions", { method: "POST" });
  const report = await flow(sfetch, options, expireSessions)
    .catch((error) => ({ error: String(error.stack) }));
  await fetch("/report", { method: "POST", body: JSON.stringify(report) });
</script>`;

/** Serves the page and what it imports, and waits for its report. */
async function servePage() {
  const scripts: Record<string, string> = {
    "/mod.js": await stripTypes(join(root, "mod.ts")),
    "/flow.js": await stripTypes(join(root, "tests/everywhere/flow.ts")),
  };
  const { promise: report, resolve } = Promise.withResolvers<FlowAnswer>();
  const server = createServer(async (request, response) => {
    const path = request.url!;
    if (path === "/report") {
      resolve(JSON.parse(await text(request)));
      return response.end();
    }
    if (path === "/expire-sessions") {
      org.control.expireSessions();
      return response.end();
    }
    const script = scripts[path] ??
      (path.startsWith("/jose/") ? await readFile(joseFile(path), "utf8") : undefined);
    if (script !== undefined) {
      return response.setHeader("content-type", "text/javascript").end(script);
    }
    if (path === "/options.json") return response.end(JSON.stringify(org.options));
    response.writeHead(path === "/" ? 200 : 404, { "content-type": "text/html" });
    response.end(path === "/" ? PAGE : "");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, report };
}

function joseFile(path: string): string {
  const file = path.slice("/jose/".length).replace(/(\.js)?$/, ".js");
  return join(root, "node_modules/jose/dist/webapi", file);
}

async function text(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  return body;
}

/** Opens a page in headless Chromium; returns how to end it. */
async function openPage(url: string): Promise<{ ended: Promise<never>; close(): Promise<void> }> {
  await mkdir(join(folder, "home"));
  const child = start([
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    `--user-data-dir=${join(folder, "profile")}`,
    url,
  ], { env: { HOME: join(folder, "home") } });
  let log = "";
  child.stderr!.on("data", (chunk) => log += chunk);
  child.stdout!.resume();
  const exit = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const ended = exit.then((): never => {
    throw new Error(`Chromium ended before the page reported:\n${log}`);
  });
  ended.catch(() => {}); // it ends in any case, once the page has reported
  return {
    ended,
    close: () => {
      child.kill();
      return exit;
    },
  };
}

test("in a browser, mod.ts with its types stripped runs the whole flow", {
  skip: missing("chromium"),
}, async () => {
  const page = await servePage();
  org.control.set({ corsOrigins: [page.url], corsForOAuth: true });
  const browser = await openPage(page.url);
  let report;
  try {
    report = await Promise.race([page.report, browser.ended]);
  } finally {
    await browser.close();
  }

  assertWholeFlow(report, 500);
});
