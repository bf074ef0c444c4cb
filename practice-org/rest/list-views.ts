/**
 * List views. Each object has two: all records, and the records of the current user.
 *
 * @module
 */
import { noSuchResource } from "../errors.ts";
import { type ApiCall, json, type Reply } from "../http.ts";
import { idOf, rowOf } from "../ids.ts";
import type { Org } from "../org.ts";
import { OBJECTS, type ObjectType } from "../schema.ts";
import { runQuery } from "../soql/run.ts";
import { shortFields } from "./layouts.ts";
import { hasTab } from "./root.ts";

const PREFIX = "00B";
const KINDS = [
  { name: "All", scope: "everything" },
  { name: "My", scope: "mine" },
] as const;
const MAX_RESULTS = 2000;

interface ListView {
  id: string;
  object: ObjectType;
  developerName: string;
  label: string;
  scope: string;
  soql: string;
}

/** The list views of an object. */
function viewsOf(object: ObjectType): ListView[] {
  if (!hasTab(object)) throw noSuchResource();
  return KINDS.map(({ name, scope }, i) => {
    const label = `${name} ${object.labelPlural}`;
    const fields = shortFields(object).map((field) => field.name);
    const order = `ORDER BY ${fields[0] ?? "Id"} ASC NULLS FIRST`;
    return {
      id: idOf(PREFIX, OBJECTS.indexOf(object) * KINDS.length + i),
      object,
      developerName: label.replaceAll(" ", ""),
      label,
      scope,
      soql: `SELECT ${
        [...fields, "Id"].join(", ")
      } FROM ${object.name} USING SCOPE ${scope} ${order}`,
    };
  });
}

/** Returns the query of a list view with this id; undefined if there is none. */
export function listViewQuery(id: string): string | undefined {
  if (!id.startsWith(PREFIX)) return undefined;
  const object = OBJECTS[Math.floor(rowOf(id) / KINDS.length)];
  return object && viewsOf(object).find((view) => view.id.startsWith(id.slice(0, 15)))?.soql;
}

function findView(org: Org, name: string, id: string): ListView {
  const { object } = org.writer.table(name);
  const view = viewsOf(object).find((each) => each.id.startsWith(id.slice(0, 15)));
  if (!view || id.length < 15) throw noSuchResource();
  return view;
}

/** Answers `GET /sobjects/Account/listviews`. */
export function listViews(org: Org, { version }: ApiCall, name: string): Reply {
  const { object } = org.writer.table(name);
  const views = viewsOf(object);
  return json(200, {
    done: true,
    listviews: views.map((view) => summaryOf(view, version)),
    nextRecordsUrl: null,
    size: views.length,
    sobjectType: object.name,
  });
}

/** Answers `GET /sobjects/Account/listviews/00B…`. */
export function listView(org: Org, { version }: ApiCall, name: string, id: string): Reply {
  return json(200, summaryOf(findView(org, name, id), version));
}

function summaryOf({ id, object, developerName, label }: ListView, version: string): unknown {
  const url = `/services/data/v${version}/sobjects/${object.name}/listviews/${id}`;
  return {
    describeUrl: `${url}/describe`,
    developerName,
    id,
    label,
    resultsUrl: `${url}/results`,
    soqlCompatible: true,
    url,
  };
}

/** Answers `GET /sobjects/Account/listviews/00B…/describe`. */
export function describeListView(org: Org, _call: ApiCall, name: string, id: string): Reply {
  const view = findView(org, name, id);
  const [first] = shortFields(view.object);
  return json(200, {
    columns: columnsOf(view),
    id: view.id,
    orderBy: [{
      fieldNameOrPath: first?.name ?? "Id",
      nullsPosition: "first",
      sortDirection: "ascending",
    }],
    query: view.soql,
    scope: view.scope,
    sobjectType: view.object.name,
    whereCondition: { conditions: [], conjunction: "and" },
  });
}

/** Answers `GET /sobjects/Account/listviews/00B…/results`. */
export function listViewResults(
  org: Org,
  call: ApiCall,
  name: string,
  id: string,
): Reply {
  const view = findView(org, name, id);
  const { userId, version, query } = call;
  const limit = Math.min(Number(query.get("limit") ?? 25), MAX_RESULTS);
  const offset = Math.min(Number(query.get("offset") ?? 0), MAX_RESULTS);
  const soql = `${view.soql} LIMIT ${limit} OFFSET ${offset}`;
  const result = runQuery(soql, { store: org.store, userId, version });
  const records = result.records(0, result.size, () => null) as Record<string, unknown>[];
  const columns = columnsOf(view);
  return json(200, {
    columns,
    developerName: view.developerName,
    done: true,
    id: view.id,
    label: view.label,
    records: records.map((record) => ({
      columns: columns.map(({ fieldNameOrPath }) => ({
        fieldNameOrPath,
        value: record[fieldNameOrPath] === null ? null : String(record[fieldNameOrPath]),
      })),
    })),
    size: records.length,
  });
}

interface Column {
  fieldNameOrPath: string;
  [name: string]: unknown;
}

function columnsOf({ object }: ListView): Column[] {
  const column = (name: string, label: string, type: string, hidden: boolean): Column => ({
    ascendingLabel: hidden ? null : "Z-A",
    descendingLabel: hidden ? null : "A-Z",
    fieldNameOrPath: name,
    hidden,
    label,
    selectListItem: name,
    sortDirection: null,
    sortIndex: null,
    sortable: !hidden,
    type,
  });
  return [
    ...shortFields(object).map(({ name, label, type }) => column(name, label, type, false)),
    column("Id", "Record ID", "id", true),
  ];
}
