/**
 * Keeps secrets out of what people see, also when a secret was given in the wrong place.
 */

/** What each kind of secret looks like, and what is shown instead. The patterns are linear on any input. */
const SECRETS: [RegExp, string][] = [
  [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    "(private key, not shown)",
  ],
  [/(?<![\w+/])(?:LS0tLS1CRUdJTi|MI[A-Za-z0-9+/]{60})[\w+/=]*/g, "(encoded key, not shown)"],
  [/force:\/\/\S+/gi, "force://(not shown)"],
  [/(?<!\w)00D\w{9,15}![\w.]+/g, "00D…!****"],
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g, "eyJ…****"],
  [/(?<![\w-])\{\s*"[^{}]*"(?:d|p|q|k)"\s*:\s*"[^{}]*\}/g, "(JSON key, not shown)"],
  [/(?<![\w+/=-])[\w+/=-]{300,}/g, "(long encoded text, not shown)"],
  [/(\w:\/\/)[^\s/@]+@/g, "$1****@"],
];

/** The text with keys, tokens, SFDX auth URLs and passwords in URLs replaced. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((shown, [pattern, mask]) => shown.replace(pattern, mask), text);
}
