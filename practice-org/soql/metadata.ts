/**
 * Describes the columns of a result, as `columns=true` requests.
 *
 * @module
 */
import type { Field } from "../schema.ts";

/** The description of a column. */
export interface ColumnMetadata {
  aggregate: boolean;
  apexType: string;
  booleanType: boolean;
  columnName: string;
  custom: boolean;
  displayName: string;
  foreignKeyName: string | null;
  insertable: boolean;
  joinColumns: ColumnMetadata[];
  numberType: boolean;
  textType: boolean;
  updatable: boolean;
}

/** Returns the description of a column; `field` is null for a computed value. */
export function columnOf(
  name: string,
  field: Field | null,
  more: Partial<ColumnMetadata> = {},
): ColumnMetadata {
  const apexTypes: Partial<Record<Field["type"], string>> = {
    id: "Id",
    reference: "Id",
    boolean: "Boolean",
    int: "Integer",
    double: "Double",
    currency: "Double",
    percent: "Double",
    date: "Date",
    datetime: "Datetime",
    address: "Address",
  };
  const apexType = field ? apexTypes[field.type] ?? "String" : "Integer";
  return {
    aggregate: false,
    apexType,
    booleanType: apexType === "Boolean",
    columnName: name,
    custom: name.endsWith("__c"),
    displayName: name,
    foreignKeyName: null,
    insertable: field?.createable ?? false,
    joinColumns: [],
    numberType: ["Integer", "Double"].includes(apexType),
    textType: apexType === "String",
    updatable: field?.updateable ?? false,
    ...more,
  };
}

/** Adds a selected path to the columns, under its relationship if it has one. */
export function addColumn(columns: ColumnMetadata[], path: string[], field: Field): void {
  const [first, ...rest] = path;
  if (!rest.length) {
    columns.push(columnOf(field.name, field));
    return;
  }
  let join = columns.find((each) => each.columnName.toLowerCase() === first!.toLowerCase());
  if (!join) {
    join = columnOf(first!, field, { foreignKeyName: `${first}Id` });
    columns.push(join);
  }
  addColumn(join.joinColumns, rest, field);
}
