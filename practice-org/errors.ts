/**
 * Salesforce's way of refusing: an HTTP status and an array of coded messages.
 *
 * @module
 */

/** One entry of an error body. */
export interface ErrorItem {
  message: string;
  errorCode: string;
  fields?: string[];
}

/** A refusal, thrown anywhere below the router and answered as Salesforce's error array. */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: ErrorItem[];
  readonly headers: Record<string, string>;

  constructor(status: number, errors: ErrorItem[], headers: Record<string, string> = {}) {
    super(errors[0]?.message);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

/** A refusal with a single message. */
export function refusal(
  status: number,
  errorCode: string,
  message: string,
  fields?: string[],
): ApiError {
  return new ApiError(status, [{ message, errorCode, ...(fields && { fields }) }]);
}

/** What Salesforce says of every address it does not know. */
export function noSuchResource(): ApiError {
  return refusal(404, "NOT_FOUND", "The requested resource does not exist");
}

/** Refuses a method, naming those that work. */
export function methodNotAllowed(method: string, allowed: string): ApiError {
  const message = `HTTP Method '${method}' not allowed. Allowed are ${allowed}`;
  return new ApiError(405, [{ message, errorCode: "METHOD_NOT_ALLOWED" }], { Allow: allowed });
}
