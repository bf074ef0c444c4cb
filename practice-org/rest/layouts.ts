/**
 * Layouts and compact layouts, which say how pages and apps show the fields of an object.
 *
 * @module
 */
import { describeObject } from "../describe.ts";
import { noSuchResource } from "../errors.ts";
import { type ApiCall, json, type Reply } from "../http.ts";
import { idOf } from "../ids.ts";
import type { Org } from "../org.ts";
import { type Field, OBJECTS, type ObjectType } from "../schema.ts";

const MASTER = "012000000000000AAA";
const COMPACT_FIELDS = 5;

interface Described {
  fields: { name: string }[];
  recordTypeInfos: { recordTypeId: string; name: string }[];
}

function described(org: Org, call: ApiCall, object: ObjectType): Described {
  return describeObject(object, call.version, org.store) as Described;
}

/** Answers `GET /sobjects/Account/describe/layouts`. */
export function layouts(org: Org, call: ApiCall, name: string): Reply {
  const { object } = org.writer.table(name);
  const { recordTypeInfos } = described(org, call, object);
  return json(200, {
    layouts: [layoutOf(org, call, object)],
    recordTypeMappings: recordTypeInfos.map((info) => ({
      ...info,
      layoutId: layoutId(object),
      picklistsForRecordType: [],
    })),
    recordTypeSelectorRequired: [recordTypeInfos.length > 2],
  });
}

/** Answers `GET /sobjects/Account/describe/layouts/012…`: the layout of a record type. */
export function recordTypeLayout(org: Org, call: ApiCall, name: string, id: string): Reply {
  const { object } = org.writer.table(name);
  const { recordTypeInfos } = described(org, call, object);
  if (!recordTypeInfos.some(({ recordTypeId }) => recordTypeId === id)) throw noSuchResource();
  return json(200, layoutOf(org, call, object));
}

/** Answers `GET /sobjects/User/describe/namedLayouts/UserAlt`, the only named layout. */
export function namedLayout(org: Org, call: ApiCall, object: string, layout: string): Reply {
  if (object !== "User" || layout !== "UserAlt") throw noSuchResource();
  return layouts(org, call, object);
}

function layoutOf(org: Org, call: ApiCall, object: ObjectType): unknown {
  const details = new Map(described(org, call, object).fields.map((each) => [each.name, each]));
  const section = (fields: Field[]): unknown => ({
    collapsed: false,
    columns: 1,
    heading: `${object.label} Information`,
    layoutRows: fields.map((field, i) => ({
      layoutItems: [layoutItem(field, i + 1, details.get(field.name))],
      numItems: 1,
    })),
    layoutSectionId: idOf("01B", OBJECTS.indexOf(object)),
    parentLayoutId: layoutId(object),
    rows: fields.length,
    tabOrder: "LeftToRight",
    useCollapsibleSection: false,
    useHeading: true,
  });
  const shown = object.fields.filter(({ type }) => type !== "base64");
  return {
    buttonLayoutSection: { detailButtons: [] },
    detailLayoutSections: [section(shown)],
    editLayoutSections: [section(shown.filter(({ updateable }) => updateable))],
    feedView: null,
    highlightsPanelLayoutSection: null,
    id: layoutId(object),
    quickActionList: { quickActionListItems: [] },
    relatedContent: null,
    relatedLists: [],
    saveOptions: [],
  };
}

function layoutItem(field: Field, tabOrder: number, details?: { name: string }): unknown {
  return {
    editableForNew: field.createable,
    editableForUpdate: field.updateable,
    label: field.label,
    layoutComponents: [{
      components: [],
      details,
      displayLines: 1,
      tabOrder,
      type: "Field",
      value: field.name,
    }],
    placeholder: false,
    required: field.required,
  };
}

function layoutId(object: ObjectType): string {
  return idOf("00h", OBJECTS.indexOf(object));
}

/** Answers `GET /sobjects/Account/describe/compactLayouts`. */
export function compactLayouts(org: Org, call: ApiCall, name: string): Reply {
  const { object } = org.writer.table(name);
  const url = `/services/data/v${call.version}/sobjects/${object.name}/describe/compactLayouts`;
  return json(200, {
    compactLayouts: [compactLayoutOf(object)],
    defaultCompactLayoutId: null,
    recordTypeCompactLayoutMappings: described(org, call, object).recordTypeInfos
      .map(({ recordTypeId, name }) => ({
        available: true,
        compactLayoutId: null,
        compactLayoutName: "SYSTEM",
        recordTypeId,
        recordTypeName: name,
        urls: { compactLayout: `${url}/${recordTypeId}` },
      })),
    urls: { primary: `${url}/primary` },
  });
}

/** Answers `GET /sobjects/Account/describe/compactLayouts/primary`, and the same of a record type. */
export function compactLayout(org: Org, call: ApiCall, name: string, id: string): Reply {
  const { object } = org.writer.table(name);
  const ids = described(org, call, object).recordTypeInfos.map((info) => info.recordTypeId);
  if (id !== "primary" && id !== MASTER && !ids.includes(id)) throw noSuchResource();
  return json(200, compactLayoutOf(object));
}

/** Answers `GET /compactLayouts?q=Account,User`. */
export function compactLayoutsOf(org: Org, call: ApiCall): Reply {
  const names = (call.query.get("q") ?? "").split(",").map((name) => name.trim()).filter(Boolean);
  const objects = names.map((name) => org.writer.table(name).object);
  return json(200, Object.fromEntries(objects.map((each) => [each.name, compactLayoutOf(each)])));
}

function compactLayoutOf(object: ObjectType): unknown {
  return {
    actions: [],
    fieldItems: shortFields(object).map((field, i) => layoutItem(field, i + 1)),
    id: null,
    imageItems: [],
    label: "System Default",
    name: "SYSTEM",
    objectType: object.name,
  };
}

/** Returns the name field and a few more fields, for lists and highlights. */
export function shortFields({ fields }: ObjectType): Field[] {
  const names = fields.filter(({ nameField }) => nameField);
  const others = fields.filter(({ nameField, createable, filterable, compound, referenceTo }) =>
    !nameField && createable && filterable && !compound && referenceTo.length === 0
  );
  return [...names, ...others].slice(0, COMPACT_FIELDS);
}

/** Answers `GET /sobjects/Account/describe/approvalLayouts`: there are no approval processes. */
export function approvalLayouts(org: Org, _call: ApiCall, name: string): Reply {
  org.writer.table(name);
  return json(200, { approvalLayouts: [] });
}
