/**
 * Whether a query that is being typed can run as it stands.
 */
import { isOpen, outline, scan } from "./scan.ts";

/** A SOQL or SOSL statement that stops at one of these is not finished. */
const WANTS_MORE =
  /(?:^| )(?:[,=<>(]|[!<>]=|<>|SELECT|FROM|WHERE|AND|OR|NOT|LIKE|IN|INCLUDES|EXCLUDES|BY|HAVING|LIMIT|OFFSET|USING|SCOPE|WITH|GROUP|ORDER|FOR|TYPEOF|WHEN|THEN|ELSE|RETURNING|FIND|IN (?:ALL|NAME|EMAIL|PHONE|SIDEBAR))$/i;

/** A condition that still has nothing to compare with. */
const HALF_CONDITION = /(?:^| )(?:WHERE|AND|OR|NOT|HAVING) (?!NOT\b)[\w.]+(?: \(\))?$/i;

/** What can only continue a query that was begun before. */
const CLAUSE =
  /^\s*(FROM|WHERE|AND|OR|NOT|ORDER|GROUP|HAVING|LIMIT|OFFSET|WITH|USING|FOR|UPDATE|ALL|RETURNING|IN|LIKE)\b|^\s*[,)>|]/i;

/** Whether the text, without a target after it, is a whole query. */
export function isFinished(query: string): boolean {
  if (isOpen(query)) return false;
  // `FROM Order` names an object, it does not begin ORDER BY.
  const text = outline(scan(query)).replace(/ ;$/, "").replace(/\bFROM [^,;]\S*/i, "FROM object");
  if (WANTS_MORE.test(text) || HALF_CONDITION.test(text)) return false;
  return /^FIND\b/i.test(text) ? /^FIND (?:\{\}|'')/i.test(text) : text.includes("FROM object");
}

/** Whether this line continues a query begun above it. */
export function continuesQuery(line: string | undefined): boolean {
  return line !== undefined && CLAUSE.test(line);
}
