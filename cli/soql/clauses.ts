/**
 * A query changed by a clause that was typed after it: `SELECT Name FROM Account`, then `WHERE …`.
 */
import { scan, type Token } from "./scan.ts";

/** The clauses in the order that SOQL wants; what stands before them is the select list with its FROM. */
const ORDER = [
  "USING",
  "WHERE",
  "WITH",
  "GROUP",
  "HAVING",
  "ORDER",
  "LIMIT",
  "OFFSET",
  "FOR",
  "UPDATE",
  "ALL",
];

interface Clause {
  name: string;
  text: string;
}

/** The query with the clauses added, each in its place; one that the query has already is replaced. */
export function withClauses(query: string, added: string): string {
  const [head, ...clauses] = clausesOf(query, true);
  const [start, ...others] = clausesOf(added, false);
  const found = new Map(clauses.map((clause) => [clause.name, clause.text]));
  for (const { name, text } of others) found.set(name, text);
  if (/^(AND|OR)\b/i.test(start!.text)) {
    const name = found.has("WHERE") || !found.has("HAVING") ? "WHERE" : "HAVING";
    const condition = found.get(name);
    found.set(
      name,
      condition ? `${condition} ${start!.text}` : start!.text.replace(/^\w+/, name),
    );
  } else if (start!.text) {
    return `${query} ${added}`; // a part of a clause: where it belongs, only its writer knows
  }
  const ordered = ORDER.flatMap((name) => found.get(name) ?? []);
  return [head!.text, ...ordered].join(" ");
}

/** The text before the first clause, then the clauses. Before FROM there is none. */
function clausesOf(text: string, isQuery: boolean): Clause[] {
  const words = scan(text).filter(({ depth, kind }) => depth === 0 && kind === "word");
  const from = isQuery ? words.findIndex((word) => word.text.toUpperCase() === "FROM") + 2 : 0;
  const starts = words.slice(from).filter(isClause);
  return [undefined, ...starts].map((start, at) => ({
    name: start?.text.toUpperCase() ?? "",
    text: text.slice(start?.index ?? 0, starts[at]?.index).trim(),
  }));
}

function isClause({ text }: Token): boolean {
  return ORDER.includes(text.toUpperCase());
}
