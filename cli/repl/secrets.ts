/**
 * Keys, tokens and passwords in what was typed: such a text is not written down.
 */

const SECRETS = [
  /\b00D\w{12,15}![\w.]+/, // access token
  /\beyJ[\w-]{10,}\.[\w-]+\.[\w-]*/, // JWT: an assertion or a token
  /\bBearer\s+\S/i,
  /\bauthorization["'`]?\s*,\s*["'`]\w/i, // a header as a pair
  /-----BEGIN [A-Z ]+-----/,
  /^\s*([A-Za-z0-9+/]{60,}|[A-Za-z0-9+/]{12,}==?)\s*$/, // a line of a key that was pasted
  /LS0tLS1CRUdJTi|\bMII[A-Za-z0-9+/]{60,}/, // a key in base64
  /\b5Aep861\w+/, // refresh token
  // A field, variable or parameter that is named for a secret and has a value.
  /(pass(word|phrase|wd)?|pwd|secret|token|private_?key|api_?key|assertion|authorization|credential|session_?id)\w*["'`]?\s*[:=](?!>)\s*["'`]?[^\s"'`,}&]/i,
  /[?&](access_token|client_secret|password|assertion|sid)=/i,
];

/** Whether a text holds what should not be written down. */
export function holdsSecret(text: string): boolean {
  return SECRETS.some((secret) => secret.test(text));
}
