/**
 * Keys, tokens and passwords in what was typed: such a text is not written down.
 */
import { withoutSecrets } from "../../mod.ts";

/** What a setting that holds a secret is called. */
const NAME =
  "(?:pass(?:word|phrase|code|wd)?|pwd|secret|token|private[-_]?key|api[-_]?key|assertion|authorization|credential|session[-_]?id|security[-_]?answer)";

/** What may be a secret where it was typed, beside what is one anywhere. */
const SECRETS = [
  /\b(Bearer|OAuth)\s+[\w.!~+/-]{8,}/i,
  /\bBasic\s+[A-Za-z0-9+/]{8,}=*/,
  /\bauthorization["'`]?\s*,\s*["'`]\w/i, // a header as a pair
  /-----BEGIN [A-Z ]+-----/,
  /^\s*([A-Za-z0-9+/]{60,}|[A-Za-z0-9+/]{12,}==?)\s*$/m, // a line of a key that was pasted
  /LS0tLS1CRUdJTi/, // the start of a key in base64
  /["'`]?\b(d|dp|dq|qi|k)\b["'`]?\s*:\s*["'`][\w-]{20,}["'`]/, // the private parts of a JWK
  // A setting, variable or parameter with a value.
  new RegExp(`${NAME}\\w*["'\`]?\\s*[:=](?!>)\\s*["'\`]?[^\\s"'\`,}&]`, "i"),
  // A method that is given a text: System.setPassword(userId, 'x').
  new RegExp(`${NAME}\\w*\\s*\\([^;]*["'\`][^"'\`]`, "i"),
  // A pair: ["X-Api-Key", "x"], put('password', 'x').
  new RegExp(`${NAME}\\w*["'\`]\\s*,\\s*["'\`][^"'\`]`, "i"),
  /[?&](access_token|refresh_token|client_secret|password|pw|assertion|sid|code)=/i,
];

/** Whether a text holds what should not be written down. */
export function holdsSecret(text: string): boolean {
  return withoutSecrets(text) !== text || SECRETS.some((secret) => secret.test(text));
}
