/**
 * Resources that Salesforce has and the practice org does not. It names them, instead of answering that there is no
 * such resource or field.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import type { Call } from "../http.ts";
import type { Org } from "../org.ts";

/** Paths under `/services/data/vNN.N`. */
export const ABSENT_API = [
  "/actions/**",
  "/analytics/**",
  "/appMenu/**",
  "/async-queries/**",
  "/chatter/**",
  "/commerce/**",
  "/connect/**",
  "/consent/**",
  "/dedupe/**",
  "/domino/**",
  "/eclair/**",
  "/emailConnect/**",
  "/event/**",
  "/eventSchema/**",
  "/flexiPage/**",
  "/folders/**",
  "/iot/**",
  "/jsonxform/**",
  "/knowledgeManagement/**",
  "/licensing/**",
  "/localizedvalue/**",
  "/metadata/**",
  "/mobile/**",
  "/nouns/**",
  "/payments/**",
  "/platform/**",
  "/process/**",
  "/quickActions/**",
  "/scheduling/**",
  "/search/:resource",
  "/serviceTemplates/**",
  "/smartdatadiscovery/**",
  "/support/**",
  "/tokenizer/**",
  "/ui-api/**",
  "/wave/**",
  "/sobjects/relevantItems",
  "/sobjects/Global/**",
  "/sobjects/:object/defaultValues/**",
  "/sobjects/:object/describe/actions",
  "/sobjects/:object/quickActions/**",
  "/sobjects/:object/relevantItems",
  "/sobjects/User/:id/password",
  "/sobjects/:object/:id/richTextImageFields/**",
  "/tooling/apexManifest",
  "/tooling/completions",
  "/tooling/describe/**",
  "/tooling/runTestsAsynchronous",
  "/tooling/runTestsSynchronous",
];

/** Paths of the host. */
export const ABSENT_HOST = ["/services/async/**"];

/** Refuses a resource that a real org has, naming it. */
export function absent(_org: Org, { path }: Call): never {
  throw refusal(404, "NOT_FOUND", `The practice org does not have the resource ${path}`);
}

/** Refuses what is under `/services/apexrest`, as Salesforce does where no class answers for it. */
export function noApexClass(_org: Org, { path }: Call): never {
  const url = path.slice("/services/apexrest".length);
  throw refusal(404, "NOT_FOUND", `Could not find a match for URL ${url}`);
}
