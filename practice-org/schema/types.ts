/**
 * The types of fields and objects.
 *
 * @module
 */

/** A field's value as the API shows it. */
export type Value = string | number | boolean | null | { [key: string]: Value };

/** Field types as describe names them. */
export type FieldType =
  | "id"
  | "string"
  | "textarea"
  | "picklist"
  | "multipicklist"
  | "boolean"
  | "int"
  | "double"
  | "currency"
  | "percent"
  | "date"
  | "datetime"
  | "email"
  | "phone"
  | "url"
  | "reference"
  | "address"
  | "base64";

/** A field of an object. */
export interface Field {
  name: string;
  label: string;
  type: FieldType;
  /** Characters; 0 where the type has no length. */
  length: number;
  precision: number;
  scale: number;
  /** Required on create. */
  required: boolean;
  nillable: boolean;
  createable: boolean;
  updateable: boolean;
  filterable: boolean;
  values: string[];
  restricted: boolean;
  defaultValue: Value;
  referenceTo: string[];
  /** The field of the parent that the reference holds, if it is not the Id. */
  referenceTargetField: string | null;
  /** The name that follows the reference, e.g. `Owner` for `OwnerId`. */
  relationshipName: string | null;
  /** The name under which the parent lists its children, e.g. `Contacts`. */
  childRelationship: string | null;
  /** Children are deleted with their parent. */
  cascadeDelete: boolean;
  externalId: boolean;
  unique: boolean;
  nameField: boolean;
  /** The compound field this one is part of. */
  compound: string | null;
  autoNumber: ((row: number) => string) | null;
  /** Computed on every read from fields of the record, and of its parents: `Product2Id.Name`. */
  formula: ((read: (field: string) => Value) => Value) | null;
}

/** An object, standard or custom. */
export interface ObjectType {
  name: string;
  label: string;
  labelPlural: string;
  keyPrefix: string;
  custom: boolean;
  createable: boolean;
  updateable: boolean;
  deletable: boolean;
  /** Which API knows it: `/query`, `/tooling/query` or both. Events are published, and neither queried nor changed. */
  api: "data" | "tooling" | "both" | "event";
  fields: Field[];
  /** The fields that cannot be empty, or not on create. */
  mandatory: Field[];
  /** The fields that hold ids of other records. */
  references: Field[];
  /** Returns the field of a name, whatever its case. */
  field(name: string): Field | undefined;
}

/** Whether records can be named by their value in this field, as describe's `idLookup` says. */
export function isIdLookup({ type, externalId }: Field): boolean {
  return type === "id" || externalId || type === "email";
}

/** Finds the field through which `name` (e.g. `Owner`, `Account__r`) leads to a parent. */
export function parentField(object: ObjectType, name: string): Field | undefined {
  const wanted = name.toLowerCase();
  return object.fields.find((field) => field.relationshipName?.toLowerCase() === wanted);
}

/** Whether a field can be used in GROUP BY. */
export function isGroupable({ filterable, type }: Field): boolean {
  return filterable &&
    !["double", "currency", "percent", "datetime", "multipicklist", "base64"].includes(type);
}

/** Whether a field can be used in ORDER BY. */
export function isSortable({ filterable, type }: Field): boolean {
  return filterable && type !== "multipicklist";
}

/** Whether COUNT, MIN and MAX accept a field. */
export function isAggregatable({ filterable, type }: Field): boolean {
  return filterable && type !== "boolean" && type !== "multipicklist";
}

/** Whether SUM and AVG accept a field. */
export function isNumber({ type }: Field): boolean {
  return ["int", "double", "currency", "percent"].includes(type);
}
