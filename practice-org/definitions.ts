/**
 * Objects and fields as records: EntityDefinition, FieldDefinition, CustomField.
 *
 * @module
 */
import type { Seed } from "./records.ts";
import {
  type Field,
  isGroupable,
  isIdLookup,
  isSortable,
  OBJECTS,
  type ObjectType,
} from "./schema.ts";

/** Returns the records of EntityDefinition, FieldDefinition and CustomField. */
export function definitionSeeds(): Record<string, Seed> {
  const fields = OBJECTS.flatMap((object) => object.fields.map((field) => ({ object, field })));
  const custom = fields.filter(({ field }) => field.name.endsWith("__c"));
  return {
    EntityDefinition: {
      count: OBJECTS.length,
      fields: columns(OBJECTS, {
        DurableId: ({ name }) => name,
        QualifiedApiName: ({ name }) => name,
        DeveloperName: developerName,
        MasterLabel: ({ label }) => label,
        Label: ({ label }) => label,
        PluralLabel: ({ labelPlural }) => labelPlural,
        KeyPrefix: ({ keyPrefix }) => keyPrefix,
        IsQueryable: () => true,
        IsRetrieveable: () => true,
        IsSearchable: ({ createable }) => createable,
        IsCustomizable: ({ createable }) => createable,
        IsApexTriggerable: ({ createable }) => createable,
        IsTriggerable: ({ createable }) => createable,
        IsLayoutable: ({ createable }) => createable,
        IsEverCreatable: ({ createable }) => createable,
        IsEverUpdatable: ({ updateable }) => updateable,
        IsEverDeletable: ({ deletable }) => deletable,
      }),
    },
    FieldDefinition: {
      count: fields.length,
      fields: columns(fields, {
        DurableId: ({ object, field }) => `${object.name}.${field.name}`,
        QualifiedApiName: ({ field }) => field.name,
        EntityDefinitionId: ({ object }) => object.name,
        DeveloperName: ({ field }) => developerName(field),
        MasterLabel: ({ field }) => field.label,
        Label: ({ field }) => field.label,
        DataType: ({ field }) => dataType(field),
        ValueTypeId: ({ field }) => field.type,
        Length: ({ field }) => field.length,
        Precision: ({ field }) => field.precision,
        Scale: ({ field }) => field.scale,
        RelationshipName: ({ field }) => field.relationshipName,
        IsCalculated: () => false,
        IsCompound: ({ field }) => field.type === "address",
        IsIndexed: ({ field }) => isIdLookup(field) || field.type === "reference" || field.unique,
        IsNameField: ({ field }) => field.nameField,
        IsNillable: ({ field }) => field.nillable,
        IsPolymorphicForeignKey: ({ field }) => field.referenceTo.length > 1,
        IsApiFilterable: ({ field }) => field.filterable,
        IsApiGroupable: ({ field }) => isGroupable(field),
        IsApiSortable: ({ field }) => isSortable(field),
      }),
    },
    CustomField: {
      count: custom.length,
      fields: columns(custom, {
        DeveloperName: ({ field }) => developerName(field),
        TableEnumOrId: ({ object }) => object.name,
        EntityDefinitionId: ({ object }) => object.name,
        ManageableState: () => "unmanaged",
        Length: ({ field }) => field.length,
        Precision: ({ field }) => field.precision,
        Scale: ({ field }) => field.scale,
      }),
    },
  };
}

function columns<Item>(
  items: readonly Item[],
  read: Record<string, (item: Item) => string | number | boolean | null>,
): Seed["fields"] {
  return Object.fromEntries(
    Object.entries(read).map(([name, of]) => [name, (row: number) => of(items[row]!)]),
  );
}

function developerName({ name }: Pick<Field | ObjectType, "name">): string {
  return name.replace(/__c$/, "");
}

/** Returns the type of a field as Setup shows it. */
function dataType(field: Field): string {
  const { type, length, precision, scale, autoNumber, referenceTo } = field;
  if (autoNumber) return "Auto Number";
  const digits = `(${precision - scale}, ${scale})`;
  const words: Partial<Record<Field["type"], string>> = {
    address: "Address",
    base64: "Base64",
    boolean: "Checkbox",
    currency: `Currency${digits}`,
    date: "Date",
    datetime: "Date/Time",
    double: `Number${digits}`,
    email: "Email",
    id: "Id",
    int: `Number(${precision}, 0)`,
    multipicklist: "Picklist (Multi-Select)",
    percent: `Percent${digits}`,
    phone: "Phone",
    picklist: "Picklist",
    reference: `Lookup(${referenceTo.join(",")})`,
    textarea: length > 255 ? `Long Text Area(${length})` : `Text Area(${length})`,
    url: `URL(${length})`,
  };
  return words[type] ?? `Text(${length})`;
}
