/** The README, taken apart; and what of it has a source elsewhere. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectedAppSteps, externalClientAppSteps } from "../../cli/commands/app/setup-guide.ts";
import { OAUTH_ERRORS } from "../../mod.ts";
import { root } from "./runtime.ts";

/** A fenced block of the README. */
export interface Snippet {
  /** `ts`, `sh`, `text`: what stands behind the fence. */
  language: string;
  /** The headings above it. */
  section: string;
  code: string;
  /** The `text` block that follows at once: what comes out. */
  output?: string;
}

/** The README as it is. */
export function readReadme(): Promise<string> {
  return readFile(join(root, "README.md"), "utf8");
}

/** Every fenced block, in order; a `text` block after another is the output of that. */
export function snippetsOf(markdown: string): Snippet[] {
  const snippets: (Snippet & { end: number })[] = [];
  for (const match of markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm)) {
    const [all, language, code] = match as unknown as [string, string, string];
    const previous = snippets.at(-1);
    const between = previous && markdown.slice(previous.end, match.index).trim();
    if (language === "text" && between === "" && previous) previous.output = code;
    else {
      const section = [...markdown.slice(0, match.index).matchAll(/^#+ (.+)$/gm)].at(-1)![1]!;
      snippets.push({ language, section, code, end: 0 });
    }
    snippets.at(-1)!.end = match.index + all.length;
  }
  return snippets;
}

/** The parts of the README that are made from the source. */
export function generatedParts(): Record<string, string> {
  return {
    "the steps for an External Client App": numbered(externalClientAppSteps()),
    "the steps for a Connected App": numbered(connectedAppSteps()),
    "the table of errors": errorTable(),
  };
}

function numbered(steps: string[]): string {
  return steps.map((step, index) => `${index + 1}. ${step}`).join("\n");
}

function errorTable(): string {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("*", "\\*");
  const rows = OAUTH_ERRORS.map(({ error, says, cause, fix }) =>
    `| ${error === "*" ? "any error" : `\`${error}\``}: ${
      [says, cause, fix].map(cell).join(" | ")
    } |`
  );
  return ["| Salesforce says | likely cause | what to do |", "| --- | --- | --- |", ...rows]
    .join("\n");
}
