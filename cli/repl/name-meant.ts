/**
 * The object or field that may have been meant, where Salesforce knows none of the name that was typed.
 */
import type { SalesforceError } from "../../mod.ts";
import { nearest } from "../arguments/nearest.ts";
import type { SchemaCache } from "./schema-cache.ts";

/** The nearest name that the org has; undefined if the error is another, or nothing is near. */
export async function nameMeant(
  error: unknown,
  schema: SchemaCache | undefined,
): Promise<string | undefined> {
  const { errors, path = "" } = error as Partial<SalesforceError>;
  const { errorCode, message } = errors?.[0] ?? {};
  if (!schema || !message) return undefined;
  const [, field, entity] = /No such column '(\w+)' on entity '(\w+)'/.exec(message) ?? [];
  if (field) {
    const describe = await schema.describe(entity!);
    return nearest(field, describe?.fields.map(({ name }) => name) ?? []);
  }
  const place = errorCode === "NOT_FOUND"
    ? /\/sobjects\/(\w+)/.exec(path)
    : /sObject type '(\w+)' is not supported/.exec(message);
  const meant = place && nearest(place[1]!, await schema.objects() ?? []);
  // An object that there is: then it is the record that is missing.
  return meant && meant.toLowerCase() !== place[1]!.toLowerCase() ? meant : undefined;
}
