/**
 * The organization, its users and their permissions.
 *
 * @module
 */
import {
  address,
  checkbox,
  datetime,
  email,
  INSERT_ONLY,
  object,
  PERSON_NAME,
  phone,
  picklist,
  READ_ONLY,
  reference,
  text,
} from "./build.ts";
import type { ObjectType } from "./types.ts";

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
  text("CommunityNickname", 40),
  phone("Phone"),
  phone("MobilePhone"),
  text("Department", 80),
  reference("UserRoleId", "UserRole", { childRelationship: "Users" }),
  reference("ProfileId", "Profile", { childRelationship: "Users" }),
  reference("ManagerId", "User"),
  datetime("LastLoginDate", READ_ONLY),
  text("FederationIdentifier", 512),
]);

const userRole = object("UserRole", "00E", [
  text("Name", 80, { required: true, nameField: true }),
  text("DeveloperName", 80),
  reference("ParentRoleId", "UserRole"),
  text("RollupDescription", 80, { label: "Description" }),
  picklist("PortalType", ["None"], { ...READ_ONLY, defaultValue: "None" }),
], { label: "Role" });

const group = object("Group", "00G", [
  text("Name", 40, { required: true, nameField: true }),
  text("DeveloperName", 80),
  picklist("Type", ["Regular", "Queue", "Role", "RoleAndSubordinates", "Organization"], {
    ...INSERT_ONLY,
    restricted: true,
    defaultValue: "Regular",
  }),
  email("Email", { label: "Email" }),
  checkbox("DoesSendEmailToMembers", { label: "Send Email to Members" }),
  checkbox("DoesIncludeBosses", { label: "Include Bosses", defaultValue: true }),
]);

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

const recordType = object("RecordType", "012", [
  text("Name", 80, { nameField: true }),
  text("DeveloperName", 80),
  text("SobjectType", 40),
  text("Description", 255),
  text("NamespacePrefix", 15),
  checkbox("IsActive", { label: "Active" }),
], { readOnly: true });

const loginHistory = object("LoginHistory", "0Ya", [
  reference("UserId", "User", { relationshipName: null }),
  datetime("LoginTime"),
  picklist("LoginType", ["Application", "OAuth", "Remote Access 2.0"]),
  text("SourceIp", 39, { label: "Source IP" }),
  text("LoginUrl", 120, { label: "Login URL" }),
  text("Browser", 64),
  text("Platform", 64),
  text("Status", 128),
  text("Application", 64),
  text("ClientVersion", 64),
  text("ApiType", 64, { label: "API Type" }),
  text("ApiVersion", 32, { label: "API Version" }),
  text("CountryIso", 2, { label: "Country Code" }),
  text("NetworkId", 18, { label: "Experience Cloud Site ID" }),
], { readOnly: true, labelPlural: "Login History", isBare: true });

/** The objects of this file. */
export const USERS: ObjectType[] = [
  organization,
  user,
  userRole,
  group,
  profile,
  permissionSet,
  permissionSetAssignment,
  recordType,
  loginHistory,
];
