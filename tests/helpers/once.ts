import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { until } from "./until.ts";

/**
 * Does what is the same on every runtime, such as the work of a compiler, once in a run of the suite: the first runtime
 * to come does it, the others wait for its result or its failure. `work` gets a folder that lasts as long as the suite.
 */
export async function once<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(suiteFolder, name);
  const outcome = join(folder, "outcome.json");
  if (await isFirst(folder)) {
    const reached = await work(folder).then(
      (value) => ({ value }),
      (error) => ({ error: String(error?.stack ?? error) }),
    );
    await writeFile(`${outcome}.draft`, JSON.stringify(reached));
    await rename(`${outcome}.draft`, outcome);
  }
  await until(() => existsSync(outcome), `${name}: the first runtime did not finish`);
  const { value, error } = JSON.parse(await readFile(outcome, "utf8"));
  if (error) throw new Error(error);
  return value;
}

/** The runner's folder; without the runner, one of this process. */
const suiteFolder = process.env.SFETCH_SUITE_FOLDER ?? ownFolder();

function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sfetch-suite-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function isFirst(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
