/**
 * Metadata of objects and fields for `/sobjects` and `/describe`.
 *
 * @module
 */
import type { Store } from "./records.ts";
import {
  childRelationships,
  type Field,
  isAggregatable,
  isGroupable,
  isIdLookup,
  isSortable,
  OBJECTS,
  type ObjectType,
} from "./schema.ts";

/** Returns the body of `/sobjects`. */
export function describeGlobal(version: string, tooling: boolean): unknown {
  const sobjects = OBJECTS
    .filter(({ api }) => api === "both" || (api === "tooling") === tooling)
    .map((object) => summarize(object, version));
  return { encoding: "UTF-8", maxBatchSize: 200, sobjects };
}

/** Returns the entry of an object in `/sobjects`. */
export function summarize(object: ObjectType, version: string): Record<string, unknown> {
  const url = `/services/data/v${version}/sobjects/${object.name}`;
  const isEvent = object.api === "event";
  const isRecord = object.createable && !isEvent;
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: object.createable,
    custom: object.custom,
    customSetting: false,
    deepCloneable: false,
    deletable: object.deletable,
    deprecatedAndHidden: false,
    feedEnabled: isRecord,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: object.keyPrefix,
    label: object.label,
    labelPlural: object.labelPlural,
    layoutable: isRecord,
    mergeable: ["Account", "Contact", "Lead", "Case"].includes(object.name),
    mruEnabled: isRecord,
    name: object.name,
    queryable: !isEvent,
    replicateable: isRecord,
    retrieveable: !isEvent,
    searchable: isRecord,
    triggerable: isRecord,
    undeletable: isRecord,
    updateable: object.updateable,
    urls: {
      rowTemplate: `${url}/{ID}`,
      describe: `${url}/describe`,
      sobject: url,
    },
  };
}

/** Returns the body of `/sobjects/X/describe`. */
export function describeObject(object: ObjectType, version: string, store: Store): unknown {
  return {
    actionOverrides: [],
    ...summarize(object, version),
    childRelationships: childRelationships(object).map(({ child, field, name }) => ({
      cascadeDelete: field.cascadeDelete,
      childSObject: child.name,
      deprecatedAndHidden: false,
      field: field.name,
      junctionIdListNames: [],
      junctionReferenceTo: [],
      relationshipName: name,
      restrictedDelete: false,
    })),
    compactLayoutable: object.createable,
    fields: object.fields.map(describeField),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: recordTypesOf(object, version, store),
    searchLayoutable: object.createable,
    sobjectDescribeOption: "FULL",
    supportedScopes: [
      { label: `All ${object.labelPlural.toLowerCase()}`, name: "everything" },
      { label: `My ${object.labelPlural.toLowerCase()}`, name: "mine" },
    ],
  };
}

function recordTypesOf(object: ObjectType, version: string, store: Store): unknown[] {
  const table = store.table("RecordType")!;
  const own = table.live().filter((row) => table.get(row, "SobjectType") === object.name);
  const info = (name: string, developerName: string, id: string, master: boolean) => ({
    active: true,
    available: true,
    defaultRecordTypeMapping: master,
    developerName,
    master,
    name,
    recordTypeId: id,
    urls: { layout: `/services/data/v${version}/sobjects/${object.name}/describe/layouts/${id}` },
  });
  return [
    ...own.map((row) =>
      info(
        String(table.get(row, "Name")),
        String(table.get(row, "DeveloperName")),
        table.id(row),
        false,
      )
    ),
    info("Master", "Master", "012000000000000AAA", true),
  ];
}

const SOAP_TYPES: Partial<Record<Field["type"], string>> = {
  id: "tns:ID",
  reference: "tns:ID",
  boolean: "xsd:boolean",
  int: "xsd:int",
  double: "xsd:double",
  currency: "xsd:double",
  percent: "xsd:double",
  date: "xsd:date",
  datetime: "xsd:dateTime",
  address: "urn:address",
  base64: "xsd:base64Binary",
};

function describeField(field: Field): unknown {
  const { type } = field;
  const isLong = type === "textarea" && field.length > 255;
  return {
    aggregatable: isAggregatable(field),
    aiPredictionField: false,
    autoNumber: field.autoNumber !== null,
    byteLength: field.length * 3,
    calculated: false,
    calculatedFormula: null,
    cascadeDelete: field.cascadeDelete,
    caseSensitive: false,
    compoundFieldName: field.compound,
    controllerName: null,
    createable: field.createable,
    custom: field.name.endsWith("__c"),
    defaultValue: type === "boolean" ? field.defaultValue : null,
    defaultValueFormula: null,
    defaultedOnCreate: type === "boolean" || field.defaultValue !== null ||
      field.name === "OwnerId" || !field.createable,
    dependentPicklist: false,
    deprecatedAndHidden: false,
    digits: type === "int" ? field.precision : 0,
    displayLocationInDecimal: false,
    encrypted: false,
    externalId: field.externalId,
    extraTypeInfo: isLong ? "plaintextarea" : null,
    filterable: field.filterable,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable: isGroupable(field),
    highScaleNumber: false,
    htmlFormatted: false,
    idLookup: isIdLookup(field),
    inlineHelpText: null,
    label: field.label,
    length: field.length,
    mask: null,
    maskType: null,
    name: field.name,
    nameField: field.nameField,
    namePointing: field.referenceTo.length > 1,
    nillable: field.nillable,
    permissionable: field.nillable && field.createable,
    picklistValues: field.values.map((value) => ({
      active: true,
      defaultValue: value === field.defaultValue,
      label: value,
      validFor: null,
      value,
    })),
    polymorphicForeignKey: field.referenceTo.length > 1,
    precision: type === "int" ? 0 : field.precision,
    queryByDistance: false,
    referenceTargetField: field.referenceTargetField,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    relationshipOrder: null,
    restrictedDelete: false,
    restrictedPicklist: field.restricted,
    scale: field.scale,
    searchPrefilterable: type === "reference",
    soapType: SOAP_TYPES[type] ?? "xsd:string",
    sortable: isSortable(field),
    type,
    unique: field.unique,
    updateable: field.updateable,
    writeRequiresMasterRead: false,
  };
}
