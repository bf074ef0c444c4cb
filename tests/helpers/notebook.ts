/** The example notebook, run by Jupyter on the Deno kernel. */
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeFolder } from "./remove-folder.ts";
import { rawHost } from "./raw-host.ts";
import { childEnv, root, run, temporaryFolder } from "./runtime.ts";
import { PATIENCE } from "./until.ts";

/** Where the notebook is. */
export const NOTEBOOK: string = join(root, "examples", "notebook.ipynb");

/** A cell of a notebook. */
export interface Cell {
  id: string;
  cell_type: "code" | "markdown";
  execution_count: number | null;
  outputs?: Output[];
}

/** What a cell shows. */
export interface Output {
  output_type: string;
  /** By MIME type; lines may be apart. */
  data?: Record<string, string | string[]>;
  ename?: string;
  traceback?: string[];
}

/** Cells that show nothing, by their ids. */
const SILENT = ["import", "done"];

/** Runs the notebook in a folder far from the checkout, with these settings, and returns its cells. */
export async function runNotebook(settings: Record<string, string>): Promise<Cell[]> {
  const folder = temporaryFolder();
  const host = await rawHost();
  try {
    const source = await readFile(NOTEBOOK, "utf8");
    await writeFile(
      join(folder, "notebook.ipynb"),
      source.replace("https://example.com/sfetch/mod.ts", `${host.url}/mod.ts`),
    );
    const env = { ...settings, HOME: folder, DENO_DIR: await denoFolder(folder) };
    const installed = await run(["deno", "jupyter", "--install"], { env });
    if (installed.code !== 0) throw new Error(installed.stderr);
    // Deno's kernel sends one result in ten after it has called itself idle, and nbconvert drops
    // what comes so late: where one is missing, the notebook is run again.
    for (let attempt = 0;; attempt++) {
      const cells = await execute(folder, env);
      if (cells.length > 0 && cells.every(isComplete) || attempt === 20) return cells;
    }
  } finally {
    await host.close();
    await removeFolder(folder);
  }
}

/** Runs the notebook once; gives no cells where its kernel did not start. */
async function execute(folder: string, env: Record<string, string>): Promise<Cell[]> {
  // deno-fmt-ignore
  const { code, stdout, stderr } = await run([
    "jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", "executed.ipynb",
    `--ExecutePreprocessor.iopub_timeout=${PATIENCE / 1000}`,
    join(folder, "notebook.ipynb"),
  ], { env, cwd: folder });
  // Jupyter chooses free ports for the kernel, which another process may take first.
  if (code !== 0 && /Kernel died|DeadKernel|Kernel didn.t respond/.test(stderr)) return [];
  if (code !== 0) throw new Error(stdout + stderr);
  return JSON.parse(await readFile(join(folder, "executed.ipynb"), "utf8")).cells;
}

function isComplete({ cell_type, id, outputs = [] }: Cell): boolean {
  return cell_type !== "code" || SILENT.includes(id) || outputs.length > 0;
}

/** A cache of its own, so that mod.ts is fetched each time, with the packages that are known already. */
async function denoFolder(folder: string): Promise<string> {
  const packages = join(childEnv().DENO_DIR!, "npm");
  const own = join(folder, "deno");
  await mkdir(packages, { recursive: true });
  await mkdir(own);
  await symlink(packages, join(own, "npm"));
  return own;
}
