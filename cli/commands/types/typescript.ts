/**
 * From what an org says about its objects to TypeScript. The order is by name, so that a new field is one new line.
 *
 * @module
 */

/** An object as `/sobjects/NAME/describe` describes it, as far as types need it. */
export interface Describe {
  name: string;
  label: string;
  fields: Field[];
  childRelationships: ChildRelationship[];
}

interface Field {
  name: string;
  label: string;
  type: string;
  nillable: boolean;
  restrictedPicklist?: boolean;
  picklistValues?: { value: string }[];
  referenceTo?: string[];
  relationshipName?: string | null;
}

interface ChildRelationship {
  childSObject: string;
  relationshipName?: string | null;
  deprecatedAndHidden?: boolean;
}

/** How every output begins. */
export const MARK = "// Written by `sfetch types`.";

/** The TypeScript of these objects. */
export function typescript(objects: Describe[], apiVersion: string): string {
  const sorted = [...objects].sort(byName);
  const names = new Set(sorted.map(({ name }) => name));
  const interfaces = sorted.map((object) => interfaceOf(object, names)).join("\n");
  const helpers = Object.entries(HELPERS)
    .filter(([name]) => new RegExp(`\\b${name}\\b`).test(interfaces))
    .map(([, text]) => `\n${text}`);
  return `${MARK} Run it again when the org changes.
//
// A query returns the fields that it selects; Pick says which:
//
//   sfQuery<Pick<${sorted[0]!.name}, "Id">>("SELECT Id FROM ${sorted[0]!.name}")
//
// API version ${apiVersion}

${interfaces}${helpers.join("")}`;
}

function interfaceOf({ name, label, fields, childRelationships }: Describe, names: Set<string>) {
  const [id, ...rest] = [
    ...fields.filter((field) => field.name === "Id"),
    ...fields.filter((field) => field.name !== "Id").sort(byName),
  ].map(fieldOf);
  const parents = fields.filter((field) => field.relationshipName)
    .map((field) => ({ ...field, name: field.relationshipName! }))
    .sort(byName)
    .map((field) => parentOf(field, names));
  const children = childRelationships
    .filter((child) => child.relationshipName && names.has(child.childSObject))
    .map((child) => ({ ...child, name: child.relationshipName! }))
    .sort(byName)
    .map(({ name, childSObject }) =>
      member(`Child records: ${childSObject}`, `${name}?: ChildRecords<${childSObject}> | null`)
    );
  const attributes = member("Type and URL", "attributes?: { type: string; url?: string }");
  const members = [attributes, id, ...rest, ...parents, ...children].filter(Boolean);
  return `${comment(label)}\nexport interface ${name} {\n${members.join("\n")}\n}\n`;
}

function fieldOf(field: Field): string {
  const types = [...typesOf(field), ...(field.nillable ? ["null"] : [])];
  const line = `${field.name}: ${types.join(" | ")}`;
  return member(
    field.label,
    line.length < 90 ? line : `${field.name}:${types.map((type) => `\n    | ${type}`).join("")}`,
  );
}

function parentOf({ name, label, referenceTo = [] }: Field, names: Set<string>): string {
  const parents = referenceTo.map((object) => names.has(object) ? object : "OtherRecord");
  const type = [...new Set(parents.length > 0 ? parents : ["OtherRecord"])].sort().join(" | ");
  return member(`${label}: the record`, `${name}?: ${type} | null`);
}

function typesOf({ type, picklistValues = [], restrictedPicklist }: Field): string[] {
  if (type !== "picklist" || picklistValues.length === 0) return [TYPES[type] ?? "string"];
  const values = [...new Set(picklistValues.map(({ value }) => JSON.stringify(value)))].sort();
  // An unrestricted picklist holds other values as well; this keeps the known ones for completion.
  return [...values, ...(restrictedPicklist ? [] : ["OtherValue"])];
}

/** Types of fields that are not text in JSON. */
const TYPES: Record<string, string> = {
  boolean: "boolean",
  int: "number",
  long: "number",
  double: "number",
  currency: "number",
  percent: "number",
  address: "CompoundAddress",
  location: "Geolocation",
  anyType: "unknown",
  complexvalue: "unknown",
  json: "unknown",
};

/** What the interfaces refer to. */
const HELPERS: Record<string, string> = {
  ChildRecords: `/** Child records in the result of a query. */
export interface ChildRecords<T> {
  totalSize: number;
  done: boolean;
  records: T[];
}
`,
  OtherRecord:
    `/** A record of an object that is not described here: add it to the call of \`sfetch types\`. */
export type OtherRecord = { [field: string]: unknown };
`,
  OtherValue: `/** A value that is not among those of the picklist. */
export type OtherValue = string & Record<never, never>;
`,
  CompoundAddress: `/** An address field. */
export interface CompoundAddress {
  street: string | null;
  city: string | null;
  state: string | null;
  stateCode?: string | null;
  postalCode: string | null;
  country: string | null;
  countryCode?: string | null;
  latitude: number | null;
  longitude: number | null;
  geocodeAccuracy: string | null;
}
`,
  Geolocation: `/** A geolocation field. */
export interface Geolocation {
  latitude: number | null;
  longitude: number | null;
}
`,
};

function member(label: string, declaration: string): string {
  return `  ${comment(label)}\n  ${declaration};`;
}

/** Labels are whatever an admin typed. */
function comment(label: string): string {
  return `/** ${label.replaceAll("*/", "* /").replace(/\s+/g, " ").trim()} */`;
}

/** By code points: the same everywhere, whatever the locale. */
function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
