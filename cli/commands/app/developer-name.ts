/**
 * API names, as Salesforce calls the names that metadata goes by.
 *
 * @module
 */
import { UsageError } from "../../arguments/command.ts";

/**
 * Checks an API name: letters, digits and single underscores, beginning with a letter, not ending
 * with an underscore, at most 80 characters.
 *
 * @param what What the name is for, such as `--name`.
 * @throws {UsageError} If Salesforce would refuse it; it then proposes one that fits.
 */
export function checkDeveloperName(what: string, name: string): void {
  if (/^[A-Za-z](_?[A-Za-z0-9])*$/.test(name) && name.length <= 80) return;
  const proposal = name.replace(/[^A-Za-z0-9]+/g, "_").replace(/^[\d_]+|_+$/g, "").slice(0, 80);
  throw new UsageError(
    `${what} "${name}" is no name that Salesforce takes.`,
    "It takes up to 80 letters, digits and single underscores; the first is a letter, the last no underscore" +
      (proposal ? `: for example ${proposal}.` : "."),
  );
}
