/**
 * API names: the names of metadata components.
 *
 * @module
 */
import { UsageError } from "../../arguments/command.ts";
import { withoutSecrets } from "../../../mod.ts";

/**
 * Checks an API name: at most 80 letters, digits and single underscores, starting with a letter and
 * not ending with an underscore.
 *
 * @param what The option that the name comes from, such as `--name`.
 * @throws {UsageError} If Salesforce would refuse the name; the hint proposes one that it accepts.
 */
export function checkDeveloperName(what: string, name: string): void {
  const isSecret = withoutSecrets(name) !== name; // in the wrong place: it must not come back, as a name or a proposal
  if (!isSecret && /^[A-Za-z](_?[A-Za-z0-9])*$/.test(name) && name.length <= 80) return;
  const proposal = isSecret
    ? ""
    : name.replace(/[^A-Za-z0-9]+/g, "_").replace(/^[\d_]+|_+$/g, "").slice(0, 80);
  throw new UsageError(
    `${what} "${name}" is not a valid API name.`,
    "Use up to 80 letters, digits and single underscores, starting with a letter and not ending with an underscore" +
      (proposal ? `, for example ${proposal}.` : "."),
  );
}
