/**
 * Accounts, contacts, opportunities, leads, campaigns, products and invoices.
 *
 * @module
 */
import {
  address,
  area,
  checkbox,
  currency,
  date,
  datetime,
  double,
  email,
  INSERT_ONLY,
  integer,
  multipicklist,
  object,
  OWNER,
  OWNER_OR_QUEUE,
  percent,
  PERSON_NAME,
  phone,
  picklist,
  READ_ONLY,
  reference,
  text,
  url,
} from "./build.ts";
import type { ObjectType } from "./types.ts";

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
  reference("CampaignId", "Campaign", { childRelationship: "Opportunities" }),
  reference("Pricebook2Id", "Pricebook2", { childRelationship: "Opportunities" }),
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
  OWNER_OR_QUEUE,
]);

const campaign = object("Campaign", "701", [
  text("Name", 80, { required: true, nameField: true }),
  reference("ParentId", "Campaign", { childRelationship: "ChildCampaigns" }),
  picklist("Type", ["Conference", "Webinar", "Trade Show", "Email", "Advertisement", "Other"]),
  picklist("Status", ["Planned", "In Progress", "Completed", "Aborted"], {
    defaultValue: "Planned",
  }),
  date("StartDate"),
  date("EndDate"),
  currency("ExpectedRevenue"),
  currency("BudgetedCost"),
  currency("ActualCost"),
  percent("ExpectedResponse", { precision: 10, scale: 2 }),
  double("NumberSent", 18, 0),
  checkbox("IsActive", { label: "Active" }),
  area("Description", 32000),
  OWNER,
]);

const product = object("Product2", "01t", [
  text("Name", 255, { label: "Product Name", required: true, nameField: true }),
  text("ProductCode", 255),
  area("Description", 4000, { label: "Product Description" }),
  checkbox("IsActive", { label: "Active" }),
  picklist("Family", ["Hardware", "Services", "Software"], { label: "Product Family" }),
  text("StockKeepingUnit", 180, { label: "Product SKU" }),
  picklist("QuantityUnitOfMeasure", ["Each"]),
], { label: "Product" });

const pricebook = object("Pricebook2", "01s", [
  text("Name", 255, { label: "Price Book Name", required: true, nameField: true }),
  text("Description", 255),
  checkbox("IsActive", { label: "Active" }),
  checkbox("IsStandard", { ...READ_ONLY, label: "Is Standard Price Book" }),
], { label: "Price Book" });

const pricebookEntry = object("PricebookEntry", "01u", [
  text("Name", 255, {
    ...READ_ONLY,
    label: "Product Name",
    nameField: true,
    formula: (read) => read("Product2Id.Name"),
  }),
  reference("Pricebook2Id", "Pricebook2", {
    ...INSERT_ONLY,
    required: true,
    childRelationship: "PricebookEntries",
    cascadeDelete: true,
  }),
  reference("Product2Id", "Product2", {
    ...INSERT_ONLY,
    required: true,
    childRelationship: "PricebookEntries",
    cascadeDelete: true,
  }),
  currency("UnitPrice", { label: "List Price", required: true }),
  checkbox("IsActive", { label: "Active" }),
  checkbox("UseStandardPrice"),
  text("ProductCode", 255, { ...READ_ONLY, formula: (read) => read("Product2Id.ProductCode") }),
], { label: "Price Book Entry", labelPlural: "Price Book Entries" });

const lineItem = object("OpportunityLineItem", "00k", [
  text("Name", 376, {
    ...READ_ONLY,
    label: "Opportunity Product Name",
    nameField: true,
    formula: (read) =>
      [read("OpportunityId.Name"), read("PricebookEntryId.Name")].filter(Boolean).join(" "),
  }),
  reference("OpportunityId", "Opportunity", {
    ...INSERT_ONLY,
    required: true,
    childRelationship: "OpportunityLineItems",
    cascadeDelete: true,
  }),
  reference("PricebookEntryId", "PricebookEntry", {
    ...INSERT_ONLY,
    required: true,
    childRelationship: "OpportunityLineItems",
  }),
  reference("Product2Id", "Product2", {
    ...READ_ONLY,
    childRelationship: "OpportunityLineItems",
    formula: (read) => read("PricebookEntryId.Product2Id"),
  }),
  text("ProductCode", 255, {
    ...READ_ONLY,
    formula: (read) => read("PricebookEntryId.ProductCode"),
  }),
  double("Quantity", 12, 2, { required: true }),
  currency("UnitPrice", { label: "Sales Price" }),
  currency("ListPrice", {
    ...READ_ONLY,
    formula: (read) => read("PricebookEntryId.UnitPrice"),
  }),
  currency("TotalPrice", {
    ...READ_ONLY,
    formula: (read) => Number(read("Quantity")) * Number(read("UnitPrice")),
  }),
  date("ServiceDate", { label: "Date" }),
  text("Description", 255, { label: "Line Description" }),
  integer("SortOrder"),
], { label: "Opportunity Product" });

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
  OWNER_OR_QUEUE,
]);

/** The objects of this file. */
export const SALES: ObjectType[] = [
  account,
  contact,
  opportunity,
  lead,
  campaign,
  product,
  pricebook,
  pricebookEntry,
  lineItem,
  invoice,
];
