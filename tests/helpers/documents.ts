/** The README and docs/, taken apart; and the parts of them that have a source elsewhere. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectedAppSteps, externalClientAppSteps } from "../../cli/commands/app/setup-guide.ts";
import { OAUTH_ERRORS } from "../../mod.ts";
import { root } from "./runtime.ts";

/** A page that a reader opens: the README, or one of docs/. */
export interface Document {
  /** Path in the repository. */
  file: string;
  text: string;
}

/** A fenced block of a document. */
export interface Snippet {
  /** `ts`, `sh`, `text`: what stands behind the fence. */
  language: string;
  /** The headings above it. */
  section: string;
  code: string;
  /** The `text` block that follows at once: what comes out. */
  output?: string;
}

/** Reads the README, the guide for contributors and every page of docs/. */
export async function readDocuments(): Promise<Document[]> {
  const pages = (await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md")).sort();
  const files = ["README.md", ".github/CONTRIBUTING.md", ...pages.map((name) => `docs/${name}`)];
  return await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(join(root, file), "utf8") })),
  );
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

/** The parts of a document that are made from the source: file and text. */
export function generatedParts(): [file: string, part: string][] {
  return [
    ["docs/setup.md", numbered(externalClientAppSteps())],
    ["docs/setup.md", numbered(connectedAppSteps())],
    ["docs/sign-in-errors.md", errorTable()],
  ];
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
