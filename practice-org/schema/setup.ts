/**
 * Apex, debug logs, and objects and fields as records.
 *
 * @module
 */
import {
  area,
  checkbox,
  datetime,
  double,
  integer,
  object,
  picklist,
  READ_ONLY,
  reference,
  text,
} from "./build.ts";
import type { Field, ObjectType } from "./types.ts";

const LEVELS = ["NONE", "ERROR", "WARN", "INFO", "DEBUG", "FINE", "FINER", "FINEST"];
const CATEGORIES = [
  "ApexCode",
  "ApexProfiling",
  "Callout",
  "Database",
  "Nba",
  "System",
  "Validation",
  "Visualforce",
  "Wave",
  "Workflow",
];

/** Returns a reference to an EntityDefinition, which holds its name. */
const toEntity = (childRelationship: string | null): Field =>
  text("EntityDefinitionId", 40, {
    label: "Entity Definition ID",
    referenceTo: ["EntityDefinition"],
    referenceTargetField: "DurableId",
    relationshipName: "EntityDefinition",
    childRelationship,
  });

const apexClass = object("ApexClass", "01p", [
  text("Name", 255, { required: true, nameField: true }),
  text("NamespacePrefix", 15, READ_ONLY),
  double("ApiVersion", 18, 1),
  picklist("Status", ["Active", "Deleted", "Inactive"], { defaultValue: "Active" }),
  checkbox("IsValid", { ...READ_ONLY, defaultValue: true }),
  area("Body", 1000000),
  integer("LengthWithoutComments", READ_ONLY),
], { api: "both", label: "Apex Class", labelPlural: "Apex Classes" });

const apexTrigger = object("ApexTrigger", "01q", [
  text("Name", 255, { required: true, nameField: true }),
  text("NamespacePrefix", 15, READ_ONLY),
  text("TableEnumOrId", 40, { required: true }),
  double("ApiVersion", 18, 1),
  picklist("Status", ["Active", "Deleted", "Inactive"], { defaultValue: "Active" }),
  area("Body", 1000000),
], { api: "both" });

const apexLog = object("ApexLog", "07L", [
  reference("LogUserId", "User"),
  text("Application", 255),
  text("Location", 255),
  text("Operation", 255),
  text("Request", 255),
  text("Status", 255),
  integer("LogLength"),
  integer("DurationMilliseconds"),
  datetime("StartTime"),
], { api: "both", readOnly: true, isDeletable: true, label: "Apex Debug Log" });

const debugLevel = object("DebugLevel", "7dl", [
  text("DeveloperName", 80, { required: true, nameField: true }),
  text("MasterLabel", 80, { required: true }),
  picklist("Language", ["en_US"], { defaultValue: "en_US" }),
  ...CATEGORIES.map((name) => picklist(name, LEVELS, { restricted: true, defaultValue: "NONE" })),
], { api: "tooling" });

const traceFlag = object("TraceFlag", "7tf", [
  reference("TracedEntityId", ["ApexClass", "ApexTrigger", "User"], { required: true }),
  reference("DebugLevelId", "DebugLevel"),
  picklist("LogType", ["CLASS_TRACING", "DEVELOPER_LOG", "PROFILING", "USER_DEBUG"], {
    restricted: true,
    required: true,
  }),
  datetime("StartDate"),
  datetime("ExpirationDate"),
  ...CATEGORIES.map((name) => picklist(name, LEVELS, { restricted: true })),
], { api: "tooling" });

const entityDefinition = object("EntityDefinition", "4ie", [
  text("DurableId", 40),
  text("QualifiedApiName", 70, { nameField: true }),
  text("DeveloperName", 80),
  text("MasterLabel", 40),
  text("Label", 80),
  text("PluralLabel", 80),
  text("KeyPrefix", 3),
  text("NamespacePrefix", 15),
  checkbox("IsQueryable"),
  checkbox("IsSearchable"),
  checkbox("IsRetrieveable"),
  checkbox("IsCustomizable"),
  checkbox("IsCustomSetting"),
  checkbox("IsApexTriggerable"),
  checkbox("IsTriggerable"),
  checkbox("IsLayoutable"),
  checkbox("IsEverCreatable"),
  checkbox("IsEverUpdatable"),
  checkbox("IsEverDeletable"),
], { api: "both", readOnly: true, isBare: true });

const fieldDefinition = object("FieldDefinition", "4fe", [
  text("DurableId", 100),
  text("QualifiedApiName", 70, { nameField: true }),
  toEntity("Fields"),
  text("DeveloperName", 80),
  text("MasterLabel", 80),
  text("Label", 80),
  text("NamespacePrefix", 15),
  text("DataType", 100),
  text("ValueTypeId", 40),
  integer("Length"),
  integer("Precision"),
  integer("Scale"),
  text("RelationshipName", 80),
  checkbox("IsCalculated"),
  checkbox("IsCompound"),
  checkbox("IsIndexed"),
  checkbox("IsNameField"),
  checkbox("IsNillable"),
  checkbox("IsPolymorphicForeignKey"),
  checkbox("IsApiFilterable"),
  checkbox("IsApiGroupable"),
  checkbox("IsApiSortable"),
], { api: "both", readOnly: true, isBare: true });

const customField = object("CustomField", "00N", [
  text("DeveloperName", 40, { nameField: true }),
  text("TableEnumOrId", 40),
  toEntity(null),
  text("NamespacePrefix", 15),
  text("ManageableState", 40),
  text("Description", 255),
  text("InlineHelpText", 510),
  integer("Length"),
  integer("Precision"),
  integer("Scale"),
], { api: "tooling", readOnly: true });

/** The objects of this file. */
export const SETUP: ObjectType[] = [
  apexClass,
  apexTrigger,
  apexLog,
  debugLevel,
  traceFlag,
  entityDefinition,
  fieldDefinition,
  customField,
];
