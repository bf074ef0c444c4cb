/**
 * The object or field that may have been meant, if Salesforce does not know the name that was typed.
 */
import type { SalesforceError } from "../../mod.ts";
import { nearest } from "../arguments/nearest.ts";
import type { SchemaCache } from "./schema-cache.ts";

/** Returns the nearest name in the org; undefined for another error, or if no name is near. */
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
  // The object exists, so the record is missing.
  return meant && meant.toLowerCase() !== place[1]!.toLowerCase() ? meant : undefined;
}
