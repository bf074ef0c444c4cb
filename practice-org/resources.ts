/**
 * All resources of the practice org: path, methods and handler.
 *
 * @module
 */
import { soap } from "./apex/soap.ts";
import { BULK_RESOURCES } from "./bulk/resources.ts";
import { graphql } from "./graphql/answer.ts";
import type { ApiCall } from "./http.ts";
import { authorize, decide, logIn } from "./oauth/authorize.ts";
import {
  identity,
  introspect,
  keys,
  openidConfiguration,
  revoke,
  singleAccess,
  userinfo,
} from "./oauth/identity.ts";
import { token } from "./oauth/token-endpoint.ts";
import { absent, ABSENT_API, ABSENT_HOST, noApexClass } from "./rest/absent.ts";
import { api, listVersions } from "./rest/api.ts";
import {
  batch,
  composite,
  createCollection,
  deleteCollection,
  listComposite,
  retrieveCollection,
  tree,
  updateCollection,
  upsertCollection,
} from "./rest/composite.ts";
import { compositeGraph } from "./rest/graph.ts";
import {
  approvalLayouts,
  compactLayout,
  compactLayouts,
  compactLayoutsOf,
  layouts,
  namedLayout,
  recordTypeLayout,
} from "./rest/layouts.ts";
import { describeListView, listView, listViewResults, listViews } from "./rest/list-views.ts";
import { limits, recordCounts } from "./rest/limits.ts";
import { query, queryAll, queryMore } from "./rest/query.ts";
import { jobsRoot, root, tabs, theme, toolingRoot } from "./rest/root.ts";
import {
  below,
  createRecord,
  deletedRecords,
  describe,
  listObjects,
  objectInfo,
  recent,
  recordById,
  updatedRecords,
} from "./rest/sobjects.ts";
import { apexLogBody, runAnonymous } from "./rest/tooling.ts";
import type { Resource } from "./router.ts";
import { parameterizedSearch, search } from "./sosl/search.ts";
import { streaming } from "./streaming/cometd.ts";

/** Any method, for resources that report a wrong method themselves, or do not exist. */
const ANY = "GET,POST,PUT,PATCH,DELETE";

/** The resources of the host. */
export const HOST_RESOURCES: Resource[] = [
  { path: "/services/oauth2/token", methods: ANY, handle: token },
  { path: "/services/oauth2/authorize", methods: "GET,POST", handle: authorize },
  { path: "/services/oauth2/authorize/login", methods: "POST", handle: logIn },
  { path: "/services/oauth2/authorize/consent", methods: "POST", handle: decide },
  { path: "/services/oauth2/userinfo", methods: "GET,POST", handle: userinfo },
  { path: "/services/oauth2/introspect", methods: "POST", handle: introspect },
  { path: "/services/oauth2/singleaccess", methods: "GET,POST", handle: singleAccess },
  { path: "/services/oauth2/revoke", methods: "GET,POST", handle: revoke },
  { path: "/.well-known/openid-configuration", methods: "GET", handle: openidConfiguration },
  { path: "/id/keys", methods: "GET", handle: keys },
  { path: "/id/:org/:user", methods: "GET,POST", handle: identity },
  { path: "/services/data", methods: "GET", handle: listVersions },
  { path: "/services/data/:version/**", methods: ANY, handle: api },
  { path: "/services/Soap/:api/:version/**", methods: "POST", handle: soap },
  { path: "/services/apexrest/**", methods: ANY, handle: noApexClass },
  { path: "/cometd/:version", methods: "POST", handle: streaming },
  ...ABSENT_HOST.map((path) => ({ path, methods: ANY, handle: absent })),
];

/** Queries and records, which the data API and the Tooling API share. */
const RECORDS: Resource<ApiCall>[] = [
  { path: "/query", methods: "GET", handle: query },
  { path: "/query/:locator", methods: "GET", handle: queryMore },
  { path: "/queryAll", methods: "GET", handle: queryAll },
  { path: "/queryAll/:locator", methods: "GET", handle: queryMore },
  { path: "/sobjects", methods: "GET", handle: listObjects },
  { path: "/sobjects/:object", methods: "GET", handle: objectInfo },
  { path: "/sobjects/:object", methods: "POST", handle: createRecord },
  { path: "/sobjects/:object/Id", methods: "POST", handle: createRecord },
  { path: "/sobjects/:object/describe", methods: "GET", handle: describe },
  { path: "/sobjects/:object/updated", methods: "GET", handle: updatedRecords },
  { path: "/sobjects/:object/deleted", methods: "GET", handle: deletedRecords },
  { path: "/sobjects/:object/describe/layouts", methods: "GET", handle: layouts },
  { path: "/sobjects/:object/describe/layouts/:id", methods: "GET", handle: recordTypeLayout },
  { path: "/sobjects/:object/describe/namedLayouts/:name", methods: "GET", handle: namedLayout },
  { path: "/sobjects/:object/describe/compactLayouts", methods: "GET", handle: compactLayouts },
  { path: "/sobjects/:object/describe/compactLayouts/:id", methods: "GET", handle: compactLayout },
  { path: "/sobjects/:object/describe/approvalLayouts", methods: "GET", handle: approvalLayouts },
  { path: "/sobjects/:object/listviews", methods: "GET", handle: listViews },
  { path: "/sobjects/:object/listviews/recent", methods: "GET", handle: listViews },
  { path: "/sobjects/:object/listviews/:id", methods: "GET", handle: listView },
  { path: "/sobjects/:object/listviews/:id/describe", methods: "GET", handle: describeListView },
  { path: "/sobjects/:object/listviews/:id/results", methods: "GET", handle: listViewResults },
  { path: "/sobjects/:object/:id", methods: "GET,PATCH,DELETE", handle: recordById },
  { path: "/sobjects/ApexLog/:id/Body", methods: "GET", handle: apexLogBody },
  { path: "/sobjects/:object/:key/:value", methods: "GET,PATCH,DELETE", handle: below },
];

/** The resources under `/services/data/vNN.N`, which need a session. */
export const API_RESOURCES: Resource<ApiCall>[] = [
  { path: "/", methods: "GET", handle: root },
  { path: "/limits", methods: "GET", handle: limits },
  { path: "/limits/recordCount", methods: "GET", handle: recordCounts },
  { path: "/compactLayouts", methods: "GET", handle: compactLayoutsOf },
  { path: "/theme", methods: "GET", handle: theme },
  { path: "/recent", methods: "GET", handle: recent },
  { path: "/tabs", methods: "GET", handle: tabs },
  ...RECORDS,
  { path: "/search", methods: "GET", handle: search },
  { path: "/parameterizedSearch", methods: "GET,POST", handle: parameterizedSearch },
  { path: "/composite", methods: "GET", handle: listComposite },
  { path: "/composite", methods: "POST", handle: composite },
  { path: "/composite/graph", methods: "POST", handle: compositeGraph },
  { path: "/composite/batch", methods: "POST", handle: batch },
  { path: "/composite/tree/:object", methods: "POST", handle: tree },
  { path: "/composite/sobjects", methods: "POST", handle: createCollection },
  { path: "/composite/sobjects", methods: "PATCH", handle: updateCollection },
  { path: "/composite/sobjects", methods: "DELETE", handle: deleteCollection },
  { path: "/composite/sobjects/:object", methods: "GET,POST", handle: retrieveCollection },
  { path: "/composite/sobjects/:object/:field", methods: "PATCH", handle: upsertCollection },
  { path: "/graphql", methods: "POST", handle: graphql },
  { path: "/jobs", methods: "GET", handle: jobsRoot },
  ...BULK_RESOURCES,
  ...ABSENT_API.map((path) => ({ path, methods: ANY, handle: absent })),
  { path: "/tooling", methods: "GET", handle: toolingRoot },
  { path: "/tooling/executeAnonymous", methods: "GET", handle: runAnonymous },
  ...RECORDS.map((resource) => ({ ...resource, path: `/tooling${resource.path}` })),
];
