/**
 * Keeps secrets out of what people see, even when a secret was put in the wrong place.
 */

/** Access tokens, also percent-encoded or glued to other text, and assertions. */
const TOKENS: [RegExp, string][] = [
  [/00D\w{9,15}(?:!|%21)[\w.]+/gi, "00D…!****"],
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g, "eyJ…****"],
];

/** What each kind of secret looks like, and what is shown instead. The patterns are linear on any input. */
const SECRETS: [RegExp, string][] = [
  [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    "(private key, not shown)",
  ],
  [/(?<![\w+/])(?:LS0tLS1CRUdJTi|MI[A-Za-z0-9+/]{60})[\w+/=]*/g, "(encoded key, not shown)"],
  [/force:\/\/\S+/gi, "force://(not shown)"],
  ...TOKENS,
  [/(?<![\w-])\{\s*"[^{}]*"(?:d|p|q|k)"\s*:\s*"[^{}]*\}/g, "(JSON key, not shown)"],
  [/(?<![\w+/=-])[\w+/=-]{300,}/g, "(long encoded text, not shown)"],
  // One line of a PEM, 64 or 76 characters of every sort, unlike a fingerprint and a consumer key.
  [
    /(?<![\w+/=.-])(?=[A-Za-z\d+/]{0,63}[A-Z])(?=[A-Za-z\d+/]{0,63}[g-z])(?=[A-Za-z\d+/]{0,63}[\d+])(?:[A-Za-z\d+/]{64}|[A-Za-z\d+/]{76})(?![\w+/=])/g,
    "(line of a key, not shown)",
  ],
  [/(\w:\/\/)[^\s/@]+@/g, "$1****@"],
];

/** The text with keys, tokens, SFDX auth URLs and passwords in URLs replaced. */
export function withoutSecrets(text: string): string {
  return masked(text, SECRETS);
}

/** The text with tokens replaced, and nothing else of it changed. */
export function withoutTokens(text: string): string {
  return masked(text, TOKENS);
}

const masked = (text: string, kinds: [RegExp, string][]): string =>
  kinds.reduce((shown, [pattern, mask]) => shown.replace(pattern, mask), text);
