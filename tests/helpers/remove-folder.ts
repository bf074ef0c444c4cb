/** Folders of tests, and their end. */
import { rm } from "node:fs/promises";
import { until } from "./until.ts";

/** Removes a folder with all that it holds, also while a process that is ending still writes into it. */
export async function removeFolder(path: string): Promise<void> {
  const removed = () => rm(path, { recursive: true, force: true }).then(() => true, () => false);
  await until(removed, `${path} was not removed`);
}
