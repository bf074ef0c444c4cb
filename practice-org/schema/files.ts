/**
 * Files.
 *
 * @module
 */
import {
  area,
  checkbox,
  field,
  INSERT_ONLY,
  integer,
  object,
  OWNER,
  picklist,
  READ_ONLY,
  reference,
  text,
} from "./build.ts";
import type { ObjectType } from "./types.ts";

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

/** The objects of this file. */
export const FILES: ObjectType[] = [contentDocument, contentVersion, contentDocumentLink];
