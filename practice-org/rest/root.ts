/**
 * What the API lists of itself.
 *
 * @module
 */
import { type ApiCall, json, type Reply } from "../http.ts";
import type { Org } from "../org.ts";
import { OBJECTS } from "../schema.ts";

const ROOT = [
  "composite",
  "jobs",
  "limits",
  "parameterizedSearch",
  "query",
  "queryAll",
  "recent",
  "search",
  "sobjects",
  "tabs",
  "tooling",
];
const TOOLING = ["executeAnonymous", "query", "queryAll", "sobjects"];

/** Answers `GET /services/data/vNN.N`. */
export function root(_org: Org, { version }: ApiCall): Reply {
  return json(200, urls(`/services/data/v${version}`, ROOT));
}

/** Answers `GET /tooling`. */
export function toolingRoot(_org: Org, { version }: ApiCall): Reply {
  return json(200, urls(`/services/data/v${version}/tooling`, TOOLING));
}

function urls(base: string, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `${base}/${name}`]));
}

/** Answers `GET /tabs`. */
export function tabs(_org: Org, { version }: ApiCall): Reply {
  const shown = OBJECTS.filter(({ createable, api }) => createable && api === "data");
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
