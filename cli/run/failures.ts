/**
 * Failures inside of an answer whose status is good: composite requests, collections, GraphQL, actions.
 */
import { SfetchError } from "../../mod.ts";

interface Part {
  name: string;
  /** What went wrong; undefined for a part that succeeded. */
  problem?: string;
}

interface Problem {
  errorCode?: string;
  statusCode?: string;
  message?: string;
}

// deno-lint-ignore no-explicit-any -- answers of many shapes are looked at
type Answer = any;

/** How many failures are named. */
const NAMED = 5;

/** The error that says which parts failed; undefined if none did. An answer of the org's own Apex classes is not judged. */
export function failureIn(value: unknown, path: string): SfetchError | undefined {
  if (/\/services\/apexrest\//i.test(path)) return undefined;
  const parts = partsOf(value);
  const failed = parts.filter(({ problem }) => problem !== undefined);
  if (failed.length === 0) return undefined;
  const lines = failed.slice(0, NAMED).map(({ name, problem }) =>
    name ? `  ${name}: ${problem}` : `  ${problem}`
  );
  const rest = failed.length > NAMED ? [`  … and ${failed.length - NAMED} more`] : [];
  const what = parts.length === 1
    ? "The request failed"
    : `${failed.length} of ${parts.length} failed`;
  return new SfetchError(
    [`${what}, although Salesforce answered 200:`, ...lines, ...rest].join("\n"),
    "",
  );
}

function partsOf(answer: Answer): Part[] {
  if (Array.isArray(answer)) return answer.filter(isOutcome).map(partOfList);
  if (typeof answer !== "object" || answer === null) return [];
  if (Array.isArray(answer.compositeResponse)) return answer.compositeResponse.map(partOfComposite);
  if (Array.isArray(answer.graphs)) return answer.graphs.flatMap(partsOfGraph);
  if (Array.isArray(answer.results) && "hasErrors" in answer) {
    return answer.results.map(({ statusCode, result }: Answer, at: number) => ({
      name: `request ${at + 1}`,
      problem: statusCode >= 400 ? problemOf(result) : undefined,
    }));
  }
  if (Array.isArray(answer.errors) && answer.errors.length > 0 && "data" in answer) {
    return [{ name: "", problem: problemOf(answer.errors) }];
  }
  if (answer.compiled === false || answer.success === false) return [partOfApex(answer)];
  return [];
}

/** An entry of a collection or of an action's answer. */
function isOutcome(entry: Answer): boolean {
  return typeof entry?.success === "boolean" || typeof entry?.isSuccess === "boolean";
}

function partOfList(entry: Answer, at: number): Part {
  const failed = entry.success === false || entry.isSuccess === false;
  return { name: `record ${at + 1}`, problem: failed ? problemOf(entry.errors) : undefined };
}

function partOfComposite({ httpStatusCode, body, referenceId }: Answer): Part {
  const inner = httpStatusCode < 400 && Array.isArray(body) ? partsOf(body) : [];
  const problem = httpStatusCode >= 400
    ? problemOf(body)
    : inner.find((part) => part.problem !== undefined)?.problem;
  return { name: referenceId, problem };
}

function partsOfGraph({ graphId, graphResponse }: Answer): Part[] {
  return (graphResponse?.compositeResponse ?? []).map((response: Answer) => {
    const part = partOfComposite(response);
    return { ...part, name: `${graphId}, ${part.name}` };
  });
}

/** The answer of executeAnonymous, or a single outcome such as a quick action's. */
function partOfApex(answer: Answer): Part {
  const { compileProblem, exceptionMessage, line, column, errors } = answer;
  const problem = compileProblem
    ? `line ${line}, column ${column}: ${compileProblem}`
    : exceptionMessage ?? problemOf(errors);
  return { name: "", problem };
}

function problemOf(errors: Problem | Problem[] | null | undefined): string {
  const first = Array.isArray(errors) ? errors[0] : errors;
  const code = first?.errorCode ?? first?.statusCode;
  return [code, first?.message].filter(Boolean).join(": ") || "no reason was given";
}
