/**
 * Errors in Salesforce's words. They are thrown anywhere below the router, which answers with them.
 *
 * @module
 */
import { json, NO_STORE, type Reply, text } from "./http.ts";

/** An error that ends a request with an answer. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(message: string, reply: Reply) {
    super(message);
    this.reply = reply;
  }
}

/** Returns the answer of `work`, or of the refusal that it throws. */
export async function settle(work: () => Reply | Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    throw error;
  }
}

/** One entry of the REST API's error body. */
export interface ErrorItem {
  message: string;
  errorCode: string;
  fields?: string[];
}

/** A refusal of the REST API: an HTTP status and an array of coded messages. */
export class ApiError extends Refusal {
  readonly errors: ErrorItem[];

  constructor(status: number, errors: ErrorItem[], headers?: Record<string, string>) {
    super(errors[0]?.message ?? "", json(status, errors, headers));
    this.errors = errors;
  }
}

/** A refusal of an OAuth endpoint, as in Salesforce's list of OAuth errors. */
export interface OAuthRefusal {
  /** The code, such as `invalid_grant`. */
  error: string;
  /** The text, such as `authentication failure`. */
  description: string;
  /** The HTTP status. @default {400} */
  status?: number;
}

/** Returns a refusal of the REST API with a single message. */
export function refusal(
  status: number,
  errorCode: string,
  message: string,
  fields?: string[],
): ApiError {
  return new ApiError(status, [{ message, errorCode, ...(fields && { fields }) }]);
}

/** Returns a refusal of an OAuth endpoint. */
export function oauthRefusal({ error, description, status = 400 }: OAuthRefusal): Refusal {
  return new Refusal(
    description,
    json(status, { error, error_description: description }, NO_STORE),
  );
}

/** Refuses a grant. */
export function refuse(error: string, description: string): never {
  throw oauthRefusal({ error, description });
}

/** Returns a refusal of the identity service, which is a word in plain text. */
export function identityRefusal(status: number, word: string): Refusal {
  return new Refusal(word, text(status, word));
}

/** Returns Salesforce's error for an unknown path. */
export function noSuchResource(): ApiError {
  return refusal(404, "NOT_FOUND", "The requested resource does not exist");
}

/** Returns the refusal of a method, with the allowed methods. */
export function methodNotAllowed(method: string, allowed: string): ApiError {
  const message = `HTTP Method '${method}' not allowed. Allowed are ${allowed}`;
  return new ApiError(405, [{ message, errorCode: "METHOD_NOT_ALLOWED" }], { Allow: allowed });
}

/** Returns the refusal of a token that has expired or is invalid. */
export function sessionExpired(): ApiError {
  const error = { message: "Session expired or invalid", errorCode: "INVALID_SESSION_ID" };
  return new ApiError(401, [error], { "WWW-Authenticate": "Token" });
}

/** The name of one of the API's own errors that a client must tell apart. */
export type RestErrorName =
  | "session-expired"
  | "session-not-for-rest"
  | "app-not-attached"
  | "daily-limit"
  | "concurrent-limit"
  | "server-unavailable"
  | "row-locked"
  | "query-timeout";

/** The API's own errors that faults name. */
export const REST_ERRORS: Record<RestErrorName, () => ApiError> = {
  /** Cured by a new token. */
  "session-expired": sessionExpired,
  /** Not cured by a new token: API access control, IP, or a high assurance policy. */
  "session-not-for-rest": () =>
    refusal(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
  /** Not cured by a new token. */
  "app-not-attached": () =>
    refusal(401, "INVALID_SESSION_ID", "Connected app is not attached to Agent"),
  /** The quota for 24 hours is used up: trying again does not help. */
  "daily-limit": () => refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
  /** Too many long calls at once: trying again can help. */
  "concurrent-limit": () =>
    refusal(
      403,
      "REQUEST_LIMIT_EXCEEDED",
      "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    ),
  "server-unavailable": () =>
    refusal(503, "SERVER_UNAVAILABLE", "Server is currently unavailable, try again later"),
  "row-locked": () =>
    refusal(
      400,
      "UNABLE_TO_LOCK_ROW",
      "unable to obtain exclusive access to this record or 1 records",
    ),
  "query-timeout": () =>
    refusal(400, "QUERY_TIMEOUT", "Your query request was running for too long."),
};
