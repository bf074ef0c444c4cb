#!/usr/bin/env node
/**
 * `sfetch` in the terminal: the tree of commands. Each command is loaded when it runs, so that starting is fast.
 *
 * @module
 */
import { join } from "node:path";
import { cacheFolder } from "./cli/orgs/folders.ts";
import type { Program, Tree } from "./cli/arguments/command.ts";

const tree: Tree = {
  "Getting in": {
    login: {
      summary: "Set up an org, step by step, and save it",
      load: () => import("./cli/commands/login.ts").then((m) => m.default),
    },
    orgs: {
      summary: "List your orgs, choose the default",
      load: () => import("./cli/commands/orgs.ts").then((m) => m.default),
    },
    logout: {
      summary: "Forget a saved org and revoke its token",
      load: () => import("./cli/commands/logout.ts").then((m) => m.default),
    },
    doctor: {
      summary: "Check everything between this machine and the org",
      load: () => import("./cli/commands/doctor.ts").then((m) => m.default),
    },
    keygen: {
      summary: "Create a private key and its certificate",
      load: () => import("./cli/commands/keygen.ts").then((m) => m.default),
    },
    app: {
      summary: "Write an External Client App as metadata to deploy",
      load: () => import("./cli/commands/app.ts").then((m) => m.default),
    },
    token: {
      summary: "Print an access token",
      load: () => import("./cli/commands/token.ts").then((m) => m.token),
    },
    assertion: {
      summary: "Print a signed JWT and its claims",
      load: () => import("./cli/commands/token.ts").then((m) => m.assertion),
    },
  },
  "Working with an org": {
    repl: {
      summary: "Open an interactive session; so does `sfetch` alone",
      load: () => import("./cli/commands/repl.ts").then((m) => m.default),
    },
    query: {
      summary: "Run a SOQL query or a SOSL search",
      load: () => import("./cli/commands/query.ts").then((m) => m.default),
    },
    bulk: {
      summary: "Read and write millions of rows: query, load, status, results, abort",
      commands: {
        query: {
          summary: "Run a query for millions of rows, as CSV",
          load: () => import("./cli/commands/bulk/query.ts").then((m) => m.default),
        },
        load: {
          summary: "Load a CSV file into an object",
          load: () => import("./cli/commands/bulk/load.ts").then((m) => m.default),
        },
        status: {
          summary: "Show the progress of a job",
          load: () => import("./cli/commands/bulk/job.ts").then((m) => m.status),
        },
        results: {
          summary: "Write the rows of a job: a query's result, or what failed",
          load: () => import("./cli/commands/bulk/job.ts").then((m) => m.results),
        },
        abort: {
          summary: "Abort a job",
          load: () => import("./cli/commands/bulk/job.ts").then((m) => m.abort),
        },
      },
    },
    types: {
      summary: "Write TypeScript interfaces of objects",
      load: () => import("./cli/commands/types.ts").then((m) => m.default),
    },
    get: { summary: "Read a REST resource", load: () => request("get") },
    post: { summary: "Create a record, or call a resource", load: () => request("post") },
    patch: { summary: "Update a record", load: () => request("patch") },
    put: { summary: "Upload to a resource", load: () => request("put") },
    delete: { summary: "Delete a record", load: () => request("delete") },
  },
  "Without an org": {
    practice: {
      summary: "Run the practice org as a server",
      load: () => import("./cli/commands/practice.ts").then((m) => m.default),
    },
    demo: {
      summary: "Watch the whole flow, step by step, on the practice org",
      load: () => import("./cli/commands/demo.ts").then((m) => m.default),
    },
    completions: {
      summary: "Print a completion script for bash, zsh or fish",
      load: () => import("./cli/commands/completions.ts").then((m) => m.completions(tree)),
    },
  },
};

async function request(method: "get" | "post" | "patch" | "put" | "delete") {
  return (await import("./cli/commands/request.ts"))[method];
}

const program: Program = {
  name: "sfetch",
  version: async () => (await import("./deno.json", { with: { type: "json" } })).default.version,
  description: "Salesforce from the terminal",
  tree,
  fallback: "repl",
  implied: (argument) => /^\s*(select(\s|$)|find\s*\{)/i.test(argument) ? "query" : undefined,
  issues: "the issues page of its repository",
};

/** Node before 24.2 does not know `import.meta.main`. */
async function isMain(): Promise<boolean> {
  if (import.meta.main !== undefined) return import.meta.main;
  const [{ realpathSync }, { fileURLToPath }] = await Promise.all([
    import("node:fs"),
    import("node:url"),
  ]);
  return process.argv[1] !== undefined &&
    realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
}

/** Compiled code is run at the next start, so nobody else may write to the folder, whatever the umask. */
function keepCompiled(folder: string): void {
  if (process.versions.deno || process.versions.bun) return; // they have caches of their own
  const module = process.getBuiltinModule?.("node:module"); // importing it would cost the others their start
  if (process.env.NODE_DISABLE_COMPILE_CACHE || module?.getCompileCacheDir?.()) return;
  try {
    process.getBuiltinModule("node:fs").mkdirSync(folder, { recursive: true, mode: 0o700 });
    module.enableCompileCache?.(folder);
  } catch {
    // Without a folder, the code is compiled at each start.
  }
}

if (await isMain()) {
  // Node strips types at every start, which takes longer than the work itself: what is imported later is kept stripped.
  keepCompiled(join(cacheFolder(), "compiled"));
  const argv = process.argv.slice(2);
  const opensSession = argv[0] === undefined || argv[0] === "repl" || argv[0].startsWith("-");
  if (opensSession) (await import("./cli/repl/first-prompt.ts")).drawFirstPrompt(argv);
  await (await import("./cli/arguments/program.ts")).run(program, argv);
}
