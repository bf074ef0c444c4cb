/**
 * `.describe OBJECT [FIELD]`: the fields, the children, a field's picklist values.
 */
import { UsageError } from "../arguments/command.ts";
import { present } from "./present.ts";
import { RecordCursor } from "../output/cursor.ts";
import type { Field, ObjectDescribe } from "./schema-cache.ts";
import type { RunOptions, Shell } from "./shell.ts";

/** Shows an object or one of its fields, and returns the notes to show below. */
export async function showDescribe(
  shell: Shell,
  argument: string,
  { target, signal }: RunOptions,
): Promise<string[]> {
  const [object, fieldName] = argument.split(/[\s.]+/);
  if (!object) {
    throw new UsageError(
      "Which object? For example: .describe Account",
      "`.objects` lists the objects of the org.",
    );
  }
  const session = await shell.session();
  const path = `/sobjects/${encodeURIComponent(object)}/describe`;
  shell.record({ kind: "request", method: "GET", path });
  const describe: ObjectDescribe = await session.fetch(path, { signal }).json();
  if (shell.settings.format === "json" && !fieldName) {
    return await present(shell, { kind: "value", value: describe }, { target });
  }
  return fieldName
    ? await showField(shell, findField(describe, fieldName), target)
    : await showFields(shell, describe, target);
}

async function showFields(
  shell: Shell,
  describe: ObjectDescribe,
  target: RunOptions["target"],
): Promise<string[]> {
  const rows = describe.fields.map((field) => ({
    field: field.name,
    label: field.label,
    type: typeOf(field),
    notes: notesOf(field),
  }));
  const source = await RecordCursor.of(rows);
  const children = describe.childRelationships.filter((child) => child.relationshipName);
  const notes = await present(shell, { kind: "records", source }, { target });
  if (target || children.length === 0) return notes;
  shell.screen.remark(
    `children: ${children.map((child) => child.relationshipName).join(", ")}`,
  );
  return notes;
}

async function showField(
  shell: Shell,
  field: Field,
  target: RunOptions["target"],
): Promise<string[]> {
  const values = (field.picklistValues ?? []).map(({ value, label, active }) => ({
    value,
    label,
    active,
  }));
  if (values.length > 0) {
    return await present(shell, { kind: "records", source: await RecordCursor.of(values) }, {
      target,
    });
  }
  return await present(shell, { kind: "value", value: field }, { target });
}

function findField(describe: ObjectDescribe, name: string): Field {
  const field = describe.fields.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!field) throw new UsageError(`${describe.name} has no field ${name}.`);
  return field;
}

function typeOf({ type, length, referenceTo }: Field): string {
  if (type === "reference") return `→ ${referenceTo?.join(", ")}`;
  return type === "string" || type === "textarea" ? `${type}(${length})` : type;
}

function notesOf(field: Field): string {
  return [
    field.createable && !field.nillable && !field.defaultedOnCreate && "required",
    field.unique && "unique",
    field.externalId && "external id",
    field.calculated && "formula",
    !field.createable && !field.updateable && !field.calculated && "read-only",
    field.picklistValues?.length ? `${field.picklistValues.length} values` : false,
  ].filter(Boolean).join(", ");
}
