/**
 * The objects of the practice org as data: fields, picklists, relationships.
 *
 * @module
 */
import { checkbox, email, object, phone, reference, text } from "./schema/build.ts";
import { EVENTS } from "./schema/events.ts";
import { FILES } from "./schema/files.ts";
import { SALES } from "./schema/sales.ts";
import { SERVICE } from "./schema/service.ts";
import { SETUP } from "./schema/setup.ts";
import type { Field, ObjectType } from "./schema/types.ts";
import { USERS } from "./schema/users.ts";

export type { Field, FieldType, ObjectType, Value } from "./schema/types.ts";
export {
  isAggregatable,
  isGroupable,
  isIdLookup,
  isNumber,
  isSortable,
  parentField,
} from "./schema/types.ts";

/** Every object of the org, in the order that `/sobjects` lists them. */
export const OBJECTS: ObjectType[] = [...SALES, ...SERVICE, ...FILES, ...USERS, ...SETUP, ...EVENTS]
  .sort((a, b) => a.name < b.name ? -1 : 1);

/**
 * The fields that a query can select through a reference to several objects (`Who`, `What`) without
 * TYPEOF: Salesforce's `Name` entity.
 */
export const NAME_ENTITY: ObjectType = object("Name", "", [
  text("Name", 255, { nameField: true }),
  text("Type", 40),
  text("FirstName", 40),
  text("LastName", 80),
  text("Title", 128),
  text("Alias", 8),
  text("Username", 80),
  email("Email"),
  phone("Phone"),
  checkbox("IsActive"),
  reference("ProfileId", "Profile"),
  reference("UserRoleId", "UserRole"),
], { readOnly: true, isBare: true });

/** A relationship from a parent to its children. */
export interface ChildRelationship {
  child: ObjectType;
  field: Field;
  name: string;
}

/** Returns every relationship that leads from `object` to children. */
export function childRelationships(object: ObjectType): ChildRelationship[] {
  return OBJECTS.flatMap((child) =>
    child.fields
      .filter((field) => field.childRelationship && field.referenceTo.includes(object.name))
      .map((field) => ({ child, field, name: field.childRelationship! }))
  );
}
