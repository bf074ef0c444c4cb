/**
 * Cases, activities, notes and attachments.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  area,
  checkbox,
  date,
  datetime,
  field,
  INSERT_ONLY,
  integer,
  object,
  OWNER,
  OWNER_OR_QUEUE,
  picklist,
  READ_ONLY,
  reference,
  text,
} from "./build.ts";
import type { ObjectType } from "./types.ts";

const PARENTS = [
  "Account",
  "Campaign",
  "Case",
  "Contact",
  "Invoice__c",
  "Lead",
  "Opportunity",
  "Product2",
];

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
  OWNER_OR_QUEUE,
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
  OWNER_OR_QUEUE,
]);

const event = object("Event", "00U", [
  reference("WhoId", ["Contact", "Lead"], { label: "Name ID", childRelationship: "Events" }),
  reference("WhatId", ["Account", "Campaign", "Case", "Invoice__c", "Opportunity"], {
    label: "Related To ID",
    childRelationship: "Events",
  }),
  text("Subject", 255, { nameField: true }),
  text("Location", 255),
  checkbox("IsAllDayEvent", { label: "All-Day Event" }),
  datetime("ActivityDateTime", {
    ...READ_ONLY,
    label: "Due Date Time",
    formula: (read) => read("StartDateTime"),
  }),
  date("ActivityDate", {
    ...READ_ONLY,
    label: "Due Date Only",
    formula: (read) => String(read("StartDateTime") ?? "").slice(0, 10) || null,
  }),
  integer("DurationInMinutes", { label: "Duration" }),
  datetime("StartDateTime", { label: "Start Date Time", required: true }),
  datetime("EndDateTime", { label: "End Date Time", required: true }),
  picklist("ShowAs", ["Busy", "OutOfOffice", "Free"], {
    label: "Show Time As",
    defaultValue: "Busy",
  }),
  checkbox("IsPrivate", { label: "Private" }),
  area("Description", 32000),
  OWNER_OR_QUEUE,
]);

const attachment = object("Attachment", "00P", [
  reference("ParentId", PARENTS, {
    ...INSERT_ONLY,
    required: true,
    childRelationship: "Attachments",
    cascadeDelete: true,
  }),
  text("Name", 255, { label: "File Name", required: true, nameField: true }),
  checkbox("IsPrivate", { label: "Private" }),
  text("ContentType", 120),
  integer("BodyLength", {
    ...READ_ONLY,
    formula: (read) => Buffer.from(String(read("Body") ?? ""), "base64").length,
  }),
  field("Body", "base64", { required: true, filterable: false }),
  text("Description", 500),
  OWNER,
]);

const note = object("Note", "002", [
  reference("ParentId", PARENTS, {
    ...INSERT_ONLY,
    required: true,
    childRelationship: "Notes",
    cascadeDelete: true,
  }),
  text("Title", 80, { required: true, nameField: true }),
  area("Body", 32000),
  checkbox("IsPrivate", { label: "Private" }),
  OWNER,
]);

/** The objects of this file. */
export const SERVICE: ObjectType[] = [supportCase, task, event, attachment, note];
