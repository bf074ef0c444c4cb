/**
 * Functions that define fields and objects.
 *
 * @module
 */
import type { Field, FieldType, ObjectType } from "./types.ts";

type Options = Partial<Field>;

export function field(name: string, type: FieldType, options: Options = {}): Field {
  return {
    name,
    label: labelOf(name),
    type,
    length: 0,
    precision: 0,
    scale: 0,
    required: false,
    nillable: type !== "boolean" && !options.required,
    createable: true,
    updateable: true,
    filterable: true,
    values: [],
    restricted: false,
    defaultValue: type === "boolean" ? false : null,
    referenceTo: [],
    relationshipName: null,
    childRelationship: null,
    cascadeDelete: false,
    externalId: false,
    unique: false,
    nameField: false,
    compound: null,
    autoNumber: null,
    formula: null,
    referenceTargetField: null,
    ...options,
  };
}

function labelOf(name: string): string {
  return name
    .replace(/__[ce]$/, "")
    .replace(/(?<=.)Id$/, " ID")
    .replaceAll("_", " ")
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ");
}

export const READ_ONLY: Options = { createable: false, updateable: false };
export const INSERT_ONLY: Options = { updateable: false };

export const text = (name: string, length: number, options?: Options) =>
  field(name, "string", { length, ...options });
export const area = (name: string, length: number, options?: Options) =>
  field(name, "textarea", { length, filterable: length <= 255, ...options });
export const picklist = (name: string, values: string[], options?: Options) =>
  field(name, "picklist", { length: 255, values, ...options });
export const multipicklist = (name: string, values: string[], options?: Options) =>
  field(name, "multipicklist", {
    length: 4099,
    precision: 4,
    values,
    restricted: true,
    ...options,
  });
export const checkbox = (name: string, options?: Options) => field(name, "boolean", options);
export const integer = (name: string, options?: Options) =>
  field(name, "int", { precision: 8, ...options });
export const double = (name: string, precision: number, scale: number, options?: Options) =>
  field(name, "double", { precision, scale, ...options });
export const currency = (name: string, options?: Options) =>
  field(name, "currency", { precision: 18, scale: 2, ...options });
export const percent = (name: string, options?: Options) =>
  field(name, "percent", { precision: 3, ...options });
export const date = (name: string, options?: Options) => field(name, "date", options);
export const datetime = (name: string, options?: Options) => field(name, "datetime", options);
export const email = (name: string, options?: Options) =>
  field(name, "email", { length: 80, ...options });
export const phone = (name: string, options?: Options) =>
  field(name, "phone", { length: 40, ...options });
export const url = (name: string, options?: Options) =>
  field(name, "url", { length: 255, ...options });
export const reference = (name: string, to: string | string[], options?: Options) =>
  field(name, "reference", {
    length: 18,
    referenceTo: [to].flat(),
    relationshipName: name.endsWith("__c") ? name.replace(/__c$/, "__r") : name.replace(/Id$/, ""),
    ...options,
  });

export function address(prefix: string): Field[] {
  const compound = `${prefix}Address`;
  const parts = ["Street", "City", "State", "PostalCode", "Country"];
  const lengths = [255, 40, 80, 20, 80];
  return [
    ...parts.map((part, i) =>
      field(prefix + part, part === "Street" ? "textarea" : "string", {
        length: lengths[i]!,
        compound,
      })
    ),
    double(`${prefix}Latitude`, 18, 15, { compound }),
    double(`${prefix}Longitude`, 18, 15, { compound }),
    field(compound, "address", {
      ...READ_ONLY,
      filterable: false,
      formula: (read) => {
        const names = [...parts, "Latitude", "Longitude"];
        const values = names.map((name) =>
          [name[0]!.toLowerCase() + name.slice(1), read(prefix + name)] as const
        );
        if (values.every(([, value]) => value === null)) return null;
        return { ...Object.fromEntries(values), geocodeAccuracy: null };
      },
    }),
  ];
}

export const PERSON_NAME: Field[] = [
  text("LastName", 80, { required: true, compound: "Name" }),
  text("FirstName", 40, { compound: "Name" }),
  picklist("Salutation", ["Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx."], { compound: "Name" }),
  text("Name", 121, {
    ...READ_ONLY,
    label: "Full Name",
    nameField: true,
    nillable: false,
    formula: (read) => [read("FirstName"), read("LastName")].filter(Boolean).join(" "),
  }),
];

export const OWNER = reference("OwnerId", "User", { required: false, nillable: false });

/** The owner of records that queues can own too. */
export const OWNER_OR_QUEUE = reference("OwnerId", ["Group", "User"], { nillable: false });

const SYSTEM: Field[] = [
  datetime("CreatedDate", { ...READ_ONLY, nillable: false }),
  reference("CreatedById", "User", { ...READ_ONLY, nillable: false }),
  datetime("LastModifiedDate", { ...READ_ONLY, nillable: false }),
  reference("LastModifiedById", "User", { ...READ_ONLY, nillable: false }),
  datetime("SystemModstamp", { ...READ_ONLY, nillable: false }),
];

interface ObjectOptions {
  label?: string;
  labelPlural?: string;
  /** Cannot be created, changed or deleted through the API. */
  readOnly?: boolean;
  /** Can be deleted through the API although it is read-only. */
  isDeletable?: boolean;
  /** Has neither IsDeleted nor the fields for the time and user of changes. */
  isBare?: boolean;
  api?: ObjectType["api"];
}

export function object(
  name: string,
  keyPrefix: string,
  fields: Field[],
  options: ObjectOptions = {},
): ObjectType {
  const label = options.label ?? labelOf(name);
  const all = [
    field("Id", "id", { ...READ_ONLY, label: `${label} ID`, length: 18, nillable: false }),
    ...options.isBare ? [] : [checkbox("IsDeleted", { ...READ_ONLY, label: "Deleted" })],
    ...fields,
    ...options.isBare ? [] : SYSTEM,
  ].map((each) => options.readOnly ? { ...each, ...READ_ONLY, required: false } : each);
  const byName = new Map(all.flatMap((each) => [
    [each.name, each],
    [each.name.toLowerCase(), each],
  ]));
  return {
    name,
    label,
    labelPlural: options.labelPlural ??
      (/[^aeiou]y$/.test(label) ? label.replace(/y$/, "ies") : `${label}s`),
    keyPrefix,
    custom: /__[ce]$/.test(name),
    createable: !options.readOnly,
    updateable: !options.readOnly && options.api !== "event",
    deletable: (!options.readOnly && options.api !== "event") || options.isDeletable === true,
    api: options.api ?? "data",
    fields: all,
    mandatory: all.filter(({ createable, type, required, nillable }) =>
      createable && type !== "boolean" && (required || !nillable)
    ),
    references: all.filter(({ type }) => type === "reference"),
    field: (name) => byName.get(name) ?? byName.get(name.toLowerCase()),
  };
}
