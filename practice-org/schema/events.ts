/**
 * Platform events: published like records, and followed on `/event/NAME`.
 *
 * @module
 */
import { checkbox, datetime, double, object, READ_ONLY, reference, text } from "./build.ts";
import type { ObjectType } from "./types.ts";

/** The objects of this file. */
export const EVENTS: ObjectType[] = [
  object("Order_Event__e", "e00", [
    text("Order_Number__c", 18, { required: true }),
    double("Amount__c", 16, 2),
    checkbox("Has_Shipped__c"),
    text("EventUuid", 36, READ_ONLY),
    text("ReplayId", 20, READ_ONLY),
    datetime("CreatedDate", READ_ONLY),
    reference("CreatedById", "User", READ_ONLY),
  ], { api: "event", isBare: true }),
];
