/**
 * The text of a query, from the command line, a file or stdin.
 */
import { UsageError } from "../arguments/command.ts";

/** Reads a query: a text, `@file`, or `-` for stdin. */
export async function readQuery(argument: string): Promise<string> {
  const { readText } = await import("../arguments/input.ts");
  const query = (await readText(argument)).trim();
  if (query === "") {
    throw new UsageError(
      "The query is empty.",
      `For example: sfetch query "SELECT Id FROM Account"`,
    );
  }
  return query;
}
