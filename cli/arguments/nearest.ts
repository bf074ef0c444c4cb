/**
 * The name that the user may have meant.
 */

/** The candidate that the user may have meant: a few letters differ, or it begins with the text. */
export function nearest(text: string, candidates: string[]): string | undefined {
  const ranked = candidates.map((name) => ({
    name,
    distance: distance(text.toLowerCase(), name.toLowerCase()),
  }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best && best.distance <= Math.max(1, Math.floor(text.replace(/^-+/, "").length / 3))) {
    return best.name;
  }
  const bare = text.replace(/^-+/, "");
  return bare.length > 1 ? candidates.find((name) => name.startsWith(text)) : undefined;
}

/** The Levenshtein distance, where two swapped neighbours count as one change. */
function distance(a: string, b: string): number {
  const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const [row, above] = [rows[i]!, rows[i - 1]!];
      row[j] = Math.min(
        above[j]! + 1,
        row[j - 1]! + 1,
        above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
      }
    }
  }
  return rows[a.length]![b.length]!;
}

/** `Did you mean …?`, or nothing where no name is near. */
export function didYouMean(name: string | undefined): string {
  return name ? `Did you mean \`${name}\`?` : "";
}
