/**
 * The lists of resources at the root of the APIs, tabs and themes.
 *
 * @module
 */
import { type ApiCall, json, type Reply } from "../http.ts";
import type { Org } from "../org.ts";
import { OBJECTS, type ObjectType } from "../schema.ts";

const ROOT = [
  "compactLayouts",
  "composite",
  "graphql",
  "jobs",
  "limits",
  "parameterizedSearch",
  "query",
  "queryAll",
  "recent",
  "search",
  "sobjects",
  "tabs",
  "theme",
  "tooling",
];
const TOOLING = ["executeAnonymous", "query", "queryAll", "sobjects"];

/** Answers `GET /services/data/vNN.N`. */
export function root({ id, loginUrl }: Org, { version, userId }: ApiCall): Reply {
  const identity = `${loginUrl}/id/${id}/${userId}`;
  return json(200, { ...urls(`/services/data/v${version}`, ROOT), identity });
}

/** Answers `GET /jobs`. */
export function jobsRoot(_org: Org, { version }: ApiCall): Reply {
  return json(200, urls(`/services/data/v${version}/jobs`, ["ingest", "query"]));
}

/** Answers `GET /tooling`. */
export function toolingRoot(_org: Org, { version }: ApiCall): Reply {
  return json(200, urls(`/services/data/v${version}/tooling`, TOOLING));
}

function urls(base: string, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `${base}/${name}`]));
}

/** Whether an object has a tab: its records have names. */
export function hasTab({ createable, api, fields }: ObjectType): boolean {
  return createable && api === "data" && fields.some(({ nameField }) => nameField);
}

/** Answers `GET /theme`: the icon and colour of each object's tab. */
export function theme({ instanceUrl }: Org, _call: ApiCall): Reply {
  const shown = OBJECTS.filter(hasTab);
  return json(200, {
    themeItems: shown.map(({ name }) => ({
      colors: [{ color: "1797C0", context: "primary", theme: "theme4" }],
      icons: [{
        contentType: "image/svg+xml",
        height: 0,
        theme: "theme4",
        url: `${instanceUrl}/img/icon/t4v35/standard/${name.toLowerCase()}.svg`,
        width: 0,
      }],
      name,
    })),
  });
}

/** Answers `GET /tabs`. */
export function tabs(_org: Org, { version }: ApiCall): Reply {
  const shown = OBJECTS.filter(hasTab);
  return json(
    200,
    shown.map((object) => ({
      custom: object.custom,
      label: object.labelPlural,
      name: object.custom ? object.name : `standard-${object.name}`,
      sobjectName: object.name,
      url: `/services/data/v${version}/sobjects/${object.name}`,
    })),
  );
}
