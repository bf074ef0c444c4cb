/**
 * The objects of the practice org as data: fields, picklists, relationships.
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
  /** Must be given on create. */
  required: boolean;
  nillable: boolean;
  createable: boolean;
  updateable: boolean;
  filterable: boolean;
  values: string[];
  restricted: boolean;
  defaultValue: Value;
  referenceTo: string[];
  /** The name that follows the reference, e.g. `Owner` for `OwnerId`. */
  relationshipName: string | null;
  /** The name under which the parent lists its children, e.g. `Contacts`. */
  childRelationship: string | null;
  /** Children go with their parent. */
  cascadeDelete: boolean;
  externalId: boolean;
  unique: boolean;
  nameField: boolean;
  /** The compound field this one is part of. */
  compound: string | null;
  autoNumber: ((row: number) => string) | null;
  /** Computed from other fields of the same record on every read. */
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
  /** Which API knows it: `/query`, `/tooling/query` or both. */
  api: "data" | "tooling" | "both";
  fields: Field[];
  /** The fields that cannot be empty, or not on create. */
  mandatory: Field[];
  /** The fields that hold ids of other records. */
  references: Field[];
  /** By lower-case name, since SOQL does not care for case. */
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

/** Whether GROUP BY takes a field. */
export function isGroupable({ filterable, type }: Field): boolean {
  return filterable &&
    !["double", "currency", "percent", "datetime", "multipicklist", "base64"].includes(type);
}

/** Whether ORDER BY takes a field. */
export function isSortable({ filterable, type }: Field): boolean {
  return filterable && type !== "multipicklist";
}

/** Whether COUNT, MIN and MAX take a field. */
export function isAggregatable({ filterable, type }: Field): boolean {
  return filterable && type !== "boolean" && type !== "multipicklist";
}

/** Whether SUM and AVG take a field. */
export function isNumber({ type }: Field): boolean {
  return ["int", "double", "currency", "percent"].includes(type);
}

/** A relationship from a parent to its children. */
export interface ChildRelationship {
  child: ObjectType;
  field: Field;
  name: string;
}

/** Every relationship that leads from `object` to children. */
export function childRelationships(object: ObjectType): ChildRelationship[] {
  return OBJECTS.flatMap((child) =>
    child.fields
      .filter((field) => field.childRelationship && field.referenceTo.includes(object.name))
      .map((field) => ({ child, field, name: field.childRelationship! }))
  );
}

type Options = Partial<Field>;

function field(name: string, type: FieldType, options: Options = {}): Field {
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
    ...options,
  };
}

function labelOf(name: string): string {
  return name
    .replace(/__c$/, "")
    .replace(/(?<=.)Id$/, " ID")
    .replaceAll("_", " ")
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ");
}

const READ_ONLY: Options = { createable: false, updateable: false };
const INSERT_ONLY: Options = { updateable: false };

const text = (name: string, length: number, options?: Options) =>
  field(name, "string", { length, ...options });
const area = (name: string, length: number, options?: Options) =>
  field(name, "textarea", { length, filterable: length <= 255, ...options });
const picklist = (name: string, values: string[], options?: Options) =>
  field(name, "picklist", { length: 255, values, ...options });
const multipicklist = (name: string, values: string[], options?: Options) =>
  field(name, "multipicklist", {
    length: 4099,
    precision: 4,
    values,
    restricted: true,
    ...options,
  });
const checkbox = (name: string, options?: Options) => field(name, "boolean", options);
const integer = (name: string, options?: Options) =>
  field(name, "int", { precision: 8, ...options });
const double = (name: string, precision: number, scale: number, options?: Options) =>
  field(name, "double", { precision, scale, ...options });
const currency = (name: string, options?: Options) =>
  field(name, "currency", { precision: 18, scale: 2, ...options });
const percent = (name: string, options?: Options) =>
  field(name, "percent", { precision: 3, ...options });
const date = (name: string, options?: Options) => field(name, "date", options);
const datetime = (name: string, options?: Options) => field(name, "datetime", options);
const email = (name: string, options?: Options) => field(name, "email", { length: 80, ...options });
const phone = (name: string, options?: Options) => field(name, "phone", { length: 40, ...options });
const url = (name: string, options?: Options) => field(name, "url", { length: 255, ...options });
const reference = (name: string, to: string | string[], options?: Options) =>
  field(name, "reference", {
    length: 18,
    referenceTo: [to].flat(),
    relationshipName: name.endsWith("__c") ? name.replace(/__c$/, "__r") : name.replace(/Id$/, ""),
    ...options,
  });

function address(prefix: string): Field[] {
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

const PERSON_NAME: Field[] = [
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

const OWNER = reference("OwnerId", "User", { required: false, nillable: false });

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
  /** Neither created, changed nor deleted over the API. */
  readOnly?: boolean;
  api?: ObjectType["api"];
}

function object(
  name: string,
  keyPrefix: string,
  fields: Field[],
  options: ObjectOptions = {},
): ObjectType {
  const label = options.label ?? labelOf(name);
  const all = [
    field("Id", "id", { ...READ_ONLY, label: `${label} ID`, length: 18, nillable: false }),
    checkbox("IsDeleted", { ...READ_ONLY, label: "Deleted" }),
    ...fields,
    ...SYSTEM,
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
    custom: name.endsWith("__c"),
    createable: !options.readOnly,
    updateable: !options.readOnly,
    deletable: !options.readOnly,
    api: options.api ?? "data",
    fields: all,
    mandatory: all.filter(({ createable, type, required, nillable }) =>
      createable && type !== "boolean" && (required || !nillable)
    ),
    references: all.filter(({ type }) => type === "reference"),
    field: (name) => byName.get(name) ?? byName.get(name.toLowerCase()),
  };
}

const INDUSTRIES =
  "Agriculture,Apparel,Banking,Biotechnology,Chemicals,Communications,Construction,Consulting,Education,Electronics,Energy,Engineering,Entertainment,Environmental,Finance,Food & Beverage,Government,Healthcare,Hospitality,Insurance,Machinery,Manufacturing,Media,Not For Profit,Recreation,Retail,Shipping,Technology,Telecommunications,Transportation,Utilities,Other"
    .split(",");
const LEAD_SOURCES = ["Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"];
const RATINGS = ["Hot", "Warm", "Cold"];

/** Opportunity stages with their probability and whether they end the deal. */
export const STAGES: Record<string, { probability: number; closed: boolean; won: boolean }> = {
  "Prospecting": { probability: 10, closed: false, won: false },
  "Qualification": { probability: 10, closed: false, won: false },
  "Needs Analysis": { probability: 20, closed: false, won: false },
  "Value Proposition": { probability: 50, closed: false, won: false },
  "Id. Decision Makers": { probability: 60, closed: false, won: false },
  "Perception Analysis": { probability: 70, closed: false, won: false },
  "Proposal/Price Quote": { probability: 75, closed: false, won: false },
  "Negotiation/Review": { probability: 90, closed: false, won: false },
  "Closed Won": { probability: 100, closed: true, won: true },
  "Closed Lost": { probability: 0, closed: true, won: false },
};

const account = object("Account", "001", [
  text("Name", 255, { label: "Account Name", required: true, nameField: true }),
  picklist("Type", [
    "Prospect",
    "Customer - Direct",
    "Customer - Channel",
    "Channel Partner / Reseller",
    "Installation Partner",
    "Technology Partner",
    "Other",
  ], { label: "Account Type" }),
  reference("RecordTypeId", "RecordType"),
  reference("ParentId", "Account", {
    label: "Parent Account ID",
    childRelationship: "ChildAccounts",
  }),
  ...address("Billing"),
  ...address("Shipping"),
  phone("Phone", { label: "Account Phone" }),
  phone("Fax", { label: "Account Fax" }),
  text("AccountNumber", 40),
  url("Website"),
  text("Sic", 20, { label: "SIC Code" }),
  picklist("Industry", INDUSTRIES),
  currency("AnnualRevenue", { scale: 0 }),
  integer("NumberOfEmployees", { label: "Employees" }),
  picklist("Ownership", ["Public", "Private", "Subsidiary", "Other"]),
  text("TickerSymbol", 20),
  area("Description", 32000, { label: "Account Description" }),
  picklist("Rating", RATINGS, { label: "Account Rating" }),
  text("Site", 80, { label: "Account Site" }),
  text("Jigsaw", 20, { label: "Data.com Key" }),
  text("JigsawCompanyId", 20, { ...READ_ONLY, label: "Jigsaw Company ID" }),
  text("SicDesc", 80, { label: "SIC Description" }),
  OWNER,
  date("LastActivityDate", READ_ONLY),
  picklist("AccountSource", LEAD_SOURCES),
  picklist("Tier__c", ["Bronze", "Silver", "Gold", "Platinum"], { restricted: true }),
  multipicklist("Tags__c", ["Key account", "Newsletter", "Partner", "Reference"]),
  checkbox("Active__c"),
  double("Score__c", 5, 2),
  text("External_Id__c", 80, { label: "External Id", externalId: true, unique: true }),
]);

const contact = object("Contact", "003", [
  reference("AccountId", "Account", { childRelationship: "Contacts", cascadeDelete: true }),
  ...PERSON_NAME,
  ...address("Mailing"),
  phone("Phone", { label: "Business Phone" }),
  phone("MobilePhone"),
  reference("ReportsToId", "Contact", { childRelationship: "ContactReports" }),
  email("Email"),
  text("Title", 128),
  text("Department", 80),
  picklist("LeadSource", LEAD_SOURCES),
  date("Birthdate"),
  area("Description", 32000, { label: "Contact Description" }),
  OWNER,
  checkbox("HasOptedOutOfEmail", { label: "Email Opt Out" }),
  checkbox("DoNotCall"),
  text("Legacy_Id__c", 40, { label: "Legacy Id", externalId: true }),
]);

const opportunity = object("Opportunity", "006", [
  reference("AccountId", "Account", { childRelationship: "Opportunities", cascadeDelete: true }),
  text("Name", 120, { required: true, nameField: true }),
  area("Description", 32000),
  picklist("StageName", Object.keys(STAGES), { label: "Stage", required: true }),
  currency("Amount"),
  percent("Probability", {
    ...READ_ONLY,
    formula: (read) => STAGES[String(read("StageName"))]?.probability ?? null,
  }),
  date("CloseDate", { required: true }),
  picklist("Type", ["Existing Business", "New Business"], { label: "Opportunity Type" }),
  text("NextStep", 255),
  picklist("LeadSource", LEAD_SOURCES),
  checkbox("IsClosed", {
    ...READ_ONLY,
    label: "Closed",
    formula: (read) => STAGES[String(read("StageName"))]?.closed ?? false,
  }),
  checkbox("IsWon", {
    ...READ_ONLY,
    label: "Won",
    formula: (read) => STAGES[String(read("StageName"))]?.won ?? false,
  }),
  OWNER,
]);

const lead = object("Lead", "00Q", [
  ...PERSON_NAME,
  text("Title", 128),
  text("Company", 255, { required: true }),
  ...address(""),
  phone("Phone"),
  email("Email"),
  url("Website"),
  area("Description", 32000),
  picklist("LeadSource", LEAD_SOURCES),
  picklist("Status", [
    "Open - Not Contacted",
    "Working - Contacted",
    "Closed - Converted",
    "Closed - Not Converted",
  ], { nillable: false, defaultValue: "Open - Not Contacted" }),
  picklist("Industry", INDUSTRIES),
  picklist("Rating", RATINGS),
  currency("AnnualRevenue", { scale: 0 }),
  integer("NumberOfEmployees", { label: "Employees" }),
  checkbox("IsConverted", { ...READ_ONLY, label: "Converted" }),
  OWNER,
]);

const supportCase = object("Case", "500", [
  text("CaseNumber", 30, {
    ...READ_ONLY,
    nillable: false,
    nameField: true,
    autoNumber: (row) => String(1000 + row).padStart(8, "0"),
  }),
  reference("ContactId", "Contact", { childRelationship: "Cases" }),
  reference("AccountId", "Account", { childRelationship: "Cases" }),
  picklist("Type", ["Mechanical", "Electrical", "Electronic", "Structural", "Other"]),
  picklist("Status", ["New", "Working", "Escalated", "Closed"], { defaultValue: "New" }),
  picklist("Reason", ["Installation", "Equipment Complexity", "Performance", "Breakdown", "Other"]),
  picklist("Origin", ["Phone", "Email", "Web"]),
  picklist("Priority", ["High", "Medium", "Low"], { defaultValue: "Medium" }),
  text("Subject", 255),
  area("Description", 32000),
  checkbox("IsClosed", {
    ...READ_ONLY,
    label: "Closed",
    formula: (read) => read("Status") === "Closed",
  }),
  datetime("ClosedDate", READ_ONLY),
  OWNER,
], { label: "Case" });

const task = object("Task", "00T", [
  reference("WhoId", ["Contact", "Lead"], { label: "Name ID", childRelationship: "Tasks" }),
  reference("WhatId", ["Account", "Opportunity", "Case", "Invoice__c"], {
    label: "Related To ID",
    childRelationship: "Tasks",
  }),
  text("Subject", 255, { nameField: true }),
  date("ActivityDate", { label: "Due Date Only" }),
  picklist(
    "Status",
    ["Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"],
    { nillable: false, defaultValue: "Not Started" },
  ),
  picklist("Priority", ["High", "Normal", "Low"], { nillable: false, defaultValue: "Normal" }),
  area("Description", 32000),
  checkbox("IsClosed", {
    ...READ_ONLY,
    label: "Closed",
    formula: (read) => read("Status") === "Completed",
  }),
  OWNER,
]);

const user = object("User", "005", [
  text("Username", 80, { required: true, unique: true }),
  ...PERSON_NAME,
  text("CompanyName", 80),
  text("Title", 80),
  email("Email", { required: true }),
  text("Alias", 8, { required: true }),
  text("TimeZoneSidKey", 40, { defaultValue: "GMT" }),
  text("LocaleSidKey", 40, { defaultValue: "en_US" }),
  text("LanguageLocaleKey", 40, { defaultValue: "en_US" }),
  text("EmailEncodingKey", 40, { defaultValue: "UTF-8" }),
  picklist("UserType", ["Standard"], { ...READ_ONLY, defaultValue: "Standard" }),
  checkbox("IsActive", { label: "Active", defaultValue: true }),
  reference("ProfileId", "Profile", { childRelationship: "Users" }),
  reference("ManagerId", "User"),
  datetime("LastLoginDate", READ_ONLY),
  text("FederationIdentifier", 512),
]);

const organization = object("Organization", "00D", [
  text("Name", 80, { nameField: true }),
  ...address(""),
  phone("Phone"),
  text("PrimaryContact", 80),
  text("DefaultLocaleSidKey", 40),
  text("LanguageLocaleKey", 40),
  text("TimeZoneSidKey", 40),
  picklist("OrganizationType", ["Developer Edition", "Enterprise Edition", "Unlimited Edition"], {
    label: "Edition",
  }),
  text("InstanceName", 5),
  checkbox("IsSandbox", { label: "Is Sandbox" }),
  text("NamespacePrefix", 15),
  datetime("TrialExpirationDate"),
], { readOnly: true, label: "Organization" });

const recordType = object("RecordType", "012", [
  text("Name", 80, { nameField: true }),
  text("DeveloperName", 80),
  text("SobjectType", 40),
  text("Description", 255),
  text("NamespacePrefix", 15),
  checkbox("IsActive", { label: "Active" }),
], { readOnly: true });

const profile = object("Profile", "00e", [
  text("Name", 255, { nameField: true }),
  text("Description", 255),
  text("UserType", 40),
  checkbox("PermissionsModifyAllData", { label: "Modify All Data" }),
], { readOnly: true });

const permissionSet = object("PermissionSet", "0PS", [
  text("Name", 80, { label: "API Name", required: true, nameField: true }),
  text("Label", 80, { required: true }),
  text("Description", 255),
  text("NamespacePrefix", 15, READ_ONLY),
  checkbox("IsOwnedByProfile", READ_ONLY),
  checkbox("IsCustom", READ_ONLY),
  reference("ProfileId", "Profile", READ_ONLY),
]);

const permissionSetAssignment = object("PermissionSetAssignment", "0Pa", [
  reference("PermissionSetId", "PermissionSet", {
    ...INSERT_ONLY,
    required: true,
    childRelationship: "Assignments",
    cascadeDelete: true,
  }),
  reference("AssigneeId", "User", {
    ...INSERT_ONLY,
    required: true,
    childRelationship: "PermissionSetAssignments",
  }),
]);

const contentDocument = object("ContentDocument", "069", [
  text("Title", 255, { required: true, nameField: true }),
  text("FileType", 20, READ_ONLY),
  text("FileExtension", 40, READ_ONLY),
  integer("ContentSize", READ_ONLY),
  reference("LatestPublishedVersionId", "ContentVersion", READ_ONLY),
  OWNER,
]);

const contentVersion = object("ContentVersion", "068", [
  reference("ContentDocumentId", "ContentDocument", {
    ...INSERT_ONLY,
    childRelationship: "ContentVersions",
    cascadeDelete: true,
  }),
  text("Title", 255, { nameField: true }),
  text("PathOnClient", 500, { ...INSERT_ONLY, required: true }),
  area("Description", 1000),
  field("VersionData", "base64", { required: true, filterable: false }),
  text("VersionNumber", 20, READ_ONLY),
  checkbox("IsLatest", READ_ONLY),
  integer("ContentSize", READ_ONLY),
  text("FileType", 20, READ_ONLY),
  text("FileExtension", 40, READ_ONLY),
  text("Checksum", 50, READ_ONLY),
  text("ContentLocation", 1, { ...INSERT_ONLY, defaultValue: "S" }),
  reference("FirstPublishLocationId", ["Account", "Case", "Contact", "Opportunity", "User"], {
    ...INSERT_ONLY,
  }),
  OWNER,
]);

const contentDocumentLink = object("ContentDocumentLink", "06A", [
  reference("LinkedEntityId", ["Account", "Case", "Contact", "Opportunity", "User"], {
    ...INSERT_ONLY,
    required: true,
    childRelationship: "ContentDocumentLinks",
  }),
  reference("ContentDocumentId", "ContentDocument", {
    ...INSERT_ONLY,
    required: true,
    childRelationship: "ContentDocumentLinks",
    cascadeDelete: true,
  }),
  picklist("ShareType", ["V", "C", "I"], { defaultValue: "V", restricted: true }),
  picklist("Visibility", ["AllUsers", "InternalUsers", "SharedUsers"], {
    defaultValue: "AllUsers",
    restricted: true,
  }),
]);

const invoice = object("Invoice__c", "a00", [
  text("Name", 80, {
    ...READ_ONLY,
    label: "Invoice Number",
    nillable: false,
    nameField: true,
    autoNumber: (row) => `INV-${String(row + 1).padStart(6, "0")}`,
  }),
  reference("Account__c", "Account", { label: "Account", childRelationship: "Invoices__r" }),
  currency("Amount__c"),
  picklist("Status__c", ["Draft", "Sent", "Paid", "Overdue"], {
    restricted: true,
    defaultValue: "Draft",
  }),
  date("Due_Date__c"),
  datetime("Sent_At__c"),
  checkbox("Disputed__c"),
  multipicklist("Channels__c", ["Email", "Post", "Portal"]),
  area("Notes__c", 32000),
  text("External_Id__c", 64, { label: "External Id", externalId: true, unique: true }),
  OWNER,
]);

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
  text("Operation", 255),
  text("Status", 255),
  integer("LogLength"),
  integer("DurationMilliseconds"),
  datetime("StartTime"),
], { api: "both", readOnly: true });

const entityDefinition = object("EntityDefinition", "4ie", [
  text("DurableId", 40),
  text("QualifiedApiName", 70, { nameField: true }),
  text("DeveloperName", 80),
  text("Label", 80),
  text("PluralLabel", 80),
  text("KeyPrefix", 3),
  text("NamespacePrefix", 15),
  checkbox("IsQueryable"),
  checkbox("IsCustomizable"),
], { api: "both", readOnly: true });

/** Every object of the org, in the order that `/sobjects` lists them. */
export const OBJECTS: ObjectType[] = [
  account,
  apexClass,
  apexLog,
  apexTrigger,
  supportCase,
  contact,
  contentDocument,
  contentDocumentLink,
  contentVersion,
  entityDefinition,
  invoice,
  lead,
  opportunity,
  organization,
  permissionSet,
  permissionSetAssignment,
  profile,
  recordType,
  task,
  user,
];

/**
 * What a reference to more than one object (`Who`, `What`) can be asked for without TYPEOF:
 * Salesforce's own `Name` entity.
 */
export const NAME_ENTITY: ObjectType = object("Name", "", [
  text("Name", 255, { nameField: true }),
  text("Type", 40),
  text("FirstName", 40),
  text("LastName", 80),
  text("Title", 128),
  email("Email"),
  phone("Phone"),
], { readOnly: true });
