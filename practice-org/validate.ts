/**
 * Checks the values of a record: names, types, lengths, picklists, references, uniqueness.
 *
 * @module
 */
import { ApiError, type ErrorItem, refusal } from "./errors.ts";
import { isId, to18 } from "./ids.ts";
import { datetimeOf, type Store, type Table, type Values } from "./records.ts";
import { type Field, isIdLookup, type ObjectType, parentField, type Value } from "./schema.ts";

/** Field values as a request contains them. */
export type Body = Record<string, unknown>;

/**
 * Returns the values to store for a request's body. `row` is the record to update; without it, the
 * values are for a new record.
 *
 * @throws {ApiError} With everything that is wrong.
 */
export function validate(store: Store, table: Table, body: Body, row?: number): Values {
  const { object } = table;
  const values: Values = {};
  const readOnly: string[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (name === "attributes") continue;
    const field = namedField(store, object, name, value);
    if (row === undefined ? !field.field.createable : !field.field.updateable) {
      readOnly.push(field.field.name);
    } else values[field.field.name] = toType(field.field, field.value, body);
  }
  if (readOnly.length) {
    const message = `Unable to create/update fields: ${readOnly.join(", ")}. Please check the ` +
      "security settings of this field and verify that it is read/write for your profile or " +
      "permission set.";
    throw refusal(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, readOnly);
  }
  requireFields(object, values, row === undefined);
  const errors: ErrorItem[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === null) continue;
    errors.push(...checkValue(store, table, object.field(name)!, value, row));
  }
  if (errors.length) throw new ApiError(400, errors);
  return values;
}

function namedField(
  store: Store,
  object: ObjectType,
  name: string,
  value: unknown,
): { field: Field; value: unknown } {
  if (name.toLowerCase() === "id") {
    const message = "The Id field should not be specified in the sobject data.";
    throw refusal(400, "INVALID_FIELD", message, ["Id"]);
  }
  const field = object.field(name);
  if (field) return { field, value };
  const relationship = parentField(object, name);
  if (relationship && typeof value === "object" && value !== null) {
    return { field: relationship, value: parentId(store, relationship, value as Body) };
  }
  const message = `No such column '${name}' on sobject of type ${object.name}`;
  throw refusal(400, "INVALID_FIELD", message);
}

/** Returns the id of the parent given as `{ "External_Id__c": "A-1" }`. */
function parentId(store: Store, relationship: Field, body: Body): string {
  const [name, value] = Object.entries(body).find(([name]) => name !== "attributes") ?? ["", ""];
  for (const target of relationship.referenceTo) {
    const table = store.table(target)!;
    const field = table.object.field(name);
    if (!field || !isIdLookup(field)) continue;
    const row = table.lookup(field.name, String(value)).find((each) => !table.isDeleted(each));
    if (row !== undefined) return table.id(row);
  }
  const message = `Foreign key external ID: ${String(value).toLowerCase()} not found for field ` +
    `${name} in entity ${relationship.referenceTo[0]}`;
  throw refusal(400, "INVALID_FIELD", message);
}

function requireFields(object: ObjectType, values: Values, isNew: boolean): void {
  const missing = object.mandatory
    .filter(({ name, required, nillable, defaultValue }) => {
      if (!(name in values)) return isNew && required;
      return values[name] === null && !nillable && defaultValue === null;
    })
    .map(({ name }) => name);
  if (!missing.length) return;
  const message = `Required fields are missing: [${missing.join(", ")}]`;
  throw refusal(400, "REQUIRED_FIELD_MISSING", message, missing);
}

/** Converts a JSON value to the type of the field, as Salesforce's parser does. */
function toType(field: Field, value: unknown, body: Body): Value {
  if (value === null || value === undefined || value === "") {
    return field.type === "boolean" ? field.defaultValue : null;
  }
  switch (field.type) {
    case "boolean":
      if (typeof value === "boolean") return value;
      if (value === "true" || value === "false") return value === "true";
      break;
    case "int":
    case "double":
    case "currency":
    case "percent": {
      const number = typeof value === "boolean" ? NaN : Number(value);
      if (Number.isFinite(number) && (field.type !== "int" || Number.isInteger(number))) {
        return number;
      }
      break;
    }
    case "date":
      if (/^\d{4}-\d\d-\d\d$/.test(String(value)) && isTime(value)) return String(value);
      break;
    case "datetime":
      if (/^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:?\d\d))?$/.test(String(value)) && isTime(value)) {
        return datetimeOf(timeOf(value));
      }
      break;
    case "base64":
      if (typeof value === "string") return value;
      break;
    default:
      if (typeof value === "string") return value.trim() || null;
  }
  throw cannotDeserialize(field, value, body);
}

function timeOf(value: unknown): number {
  return Date.parse(String(value).replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
}

function isTime(value: unknown): boolean {
  return !Number.isNaN(timeOf(value));
}

function cannotDeserialize(field: Field, value: unknown, body: Body): ApiError {
  const jsonTypes: Record<string, string> = {
    string: "VALUE_STRING",
    number: Number.isInteger(value) ? "VALUE_NUMBER_INT" : "VALUE_NUMBER_FLOAT",
    boolean: value ? "VALUE_TRUE" : "VALUE_FALSE",
    object: Array.isArray(value) ? "START_ARRAY" : "START_OBJECT",
  };
  const types: Partial<Record<Field["type"], string>> = {
    boolean: "boolean",
    int: "int",
    currency: "currency",
    percent: "percent",
    double: "double",
    date: "date",
    datetime: "datetime",
    reference: "reference",
  };
  const shown = typeof value === "object" ? (Array.isArray(value) ? "[" : "{") : String(value);
  const message = `Cannot deserialize instance of ${types[field.type] ?? "string"} from ` +
    `${jsonTypes[typeof value]} value ${shown} or request may be missing a required field at ` +
    `[line:1, column:${columnOf(body, field.name)}]`;
  return refusal(400, "JSON_PARSER_ERROR", message);
}

/** Returns the column at which the value of a field starts, if the body were on one line. */
function columnOf(body: Body, name: string): number {
  const entries = Object.entries(body);
  const before = entries.slice(0, entries.findIndex(([each]) => each === name));
  return JSON.stringify(Object.fromEntries(before)).length + JSON.stringify(name).length + 2;
}

function checkValue(
  store: Store,
  table: Table,
  field: Field,
  value: Value,
  row: number | undefined,
): ErrorItem[] {
  const refuse = (errorCode: string, message: string, fields = [field.name]): ErrorItem[] => [
    { message, errorCode, fields },
  ];
  if (field.type === "reference") return checkReference(store, field, String(value), refuse);
  if (typeof value === "string" && field.length && value.length > field.length) {
    const message = `${field.label}: data value too large: ${value} (max length=${field.length})`;
    return refuse("STRING_TOO_LONG", message);
  }
  if (typeof value === "number" && Math.abs(value) >= 10 ** (field.precision - field.scale)) {
    const message = `${field.label}: value outside of valid range on numeric field: ${value}`;
    return refuse("NUMBER_OUTSIDE_VALID_RANGE", message);
  }
  if (field.type === "email" && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(String(value))) {
    return refuse("INVALID_EMAIL_ADDRESS", `${field.label}: invalid email address: ${value}`);
  }
  if (field.restricted) {
    const chosen = field.type === "multipicklist" ? String(value).split(";") : [String(value)];
    const bad = chosen.find((each) => !field.values.includes(each));
    if (bad !== undefined) {
      const message = `${field.label}: bad value for restricted picklist field: ${bad}`;
      return refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message);
    }
  }
  if (field.unique) {
    const other = table.lookup(field.name, value)
      .find((each) => each !== row && !table.isDeleted(each));
    if (other !== undefined) {
      const id = table.id(other).slice(0, 15);
      const message =
        `duplicate value found: ${field.name} duplicates value on record with id: ${id}`;
      return refuse("DUPLICATE_VALUE", message, []);
    }
  }
  return [];
}

function checkReference(
  store: Store,
  field: Field,
  id: string,
  refuse: (errorCode: string, message: string, fields?: string[]) => ErrorItem[],
): ErrorItem[] {
  const prefixes = field.referenceTo.map((name) => store.table(name)!.object.keyPrefix);
  if (!isId(id) || !prefixes.includes(id.slice(0, 3))) {
    return refuse("MALFORMED_ID", `${field.label}: id value of incorrect type: ${id}`);
  }
  const target = store.find(id);
  if (!target) return refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", []);
  if (target.table.isDeleted(target.row)) {
    return refuse("ENTITY_IS_DELETED", "entity is deleted", []);
  }
  return [];
}

/** Converts ids in references to 18 characters. */
export function normalizeIds(object: ObjectType, values: Values): Values {
  for (const { name } of object.references) {
    const id = values[name];
    if (typeof id === "string") values[name] = to18(id.slice(0, 15));
  }
  return values;
}
