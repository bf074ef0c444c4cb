/**
 * A REST call under `/services/data/vNN.N` and its answer, freed from HTTP.
 *
 * @module
 */
/** An authenticated REST request, freed from HTTP. */
export interface ApiRequest {
  method: string;
  /** What follows `/services/data/vNN.N`; `""` for the version root. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Uint8Array;
  /** API version of the URL, e.g. `"67.0"`. */
  version: string;
  /** Id of the user who asks. */
  userId: string;
}

/** The answer to an {@linkcode ApiRequest}. */
export interface ApiResponse {
  status: number;
  headers?: Record<string, string>;
  /**
   * A JSON value is sent as `application/json;charset=UTF-8`; a string or bytes go as they are,
   * with the content type of `headers`.
   */
  body?: unknown;
}
