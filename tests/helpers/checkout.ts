import { cp, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { root } from "./runtime.ts";

/** Copies the checkout without what Git ignores; the copy shares node_modules. */
export async function copyCheckout(to: string): Promise<void> {
  const ignored = ["node_modules", ".git", "dist", "coverage"];
  const filter = (source: string) =>
    !ignored.includes(basename(source)) && !source.endsWith(".tgz");
  await cp(root, to, { recursive: true, filter });
  await symlink(join(root, "node_modules"), join(to, "node_modules"));
}
