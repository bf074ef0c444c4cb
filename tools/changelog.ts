/**
 * The changelog, written from the conventional commits since the last release.
 *
 *     node tools/changelog.ts     what is not released yet, into CHANGELOG.md
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../CHANGELOG.md", import.meta.url);
const INTRODUCTION = `# Changelog

Written from the commits by \`npm run release\`, or \`npm run changelog\` between releases.
`;

/** One commit that users notice. */
interface Change {
  kind: string;
  scope: string;
  text: string;
}

const HEADINGS: Record<string, string> = {
  breaking: "Breaking changes",
  feat: "New",
  fix: "Fixed",
  perf: "Faster",
};

/** Writes the changes since the last release on top of CHANGELOG.md, in place of what was not released before. */
export function writeChangelog(title: string): void {
  const released = readFileSync(FILE, "utf8").split(/^(?=## )/m).slice(1)
    .filter((section) => !section.startsWith("## Unreleased"));
  const section = `## ${title}\n${sectionOf(changesSince(lastTag()))}`;
  writeFileSync(FILE, [INTRODUCTION, [section, ...released].join("\n")].join("\n"));
}

/** The newest release that this commit comes after. */
function lastTag(): string | undefined {
  try {
    return git("describe", "--tags", "--abbrev=0", "--match=v*").trim();
  } catch {
    return undefined; // nothing is released yet
  }
}

function changesSince(tag: string | undefined): Change[] {
  const range = tag ? [`${tag}..HEAD`] : [];
  return git("log", "--no-merges", "--format=%B%x00", ...range).split("\0")
    .flatMap((message) => changeOf(message.trim()) ?? []);
}

/** What a commit message says to users: nothing, if it is about tests, docs or the inside. */
function changeOf(message: string): Change | undefined {
  const title = /^(?<type>\w+)(\((?<scope>[^)]+)\))?(?<mark>!)?: (?<text>.+)/.exec(message)?.groups;
  if (!title) return undefined;
  const { type, scope = "", mark, text } = title as Record<string, string>;
  const footer = /^BREAKING[ -]CHANGE: ([^]+?)(?=\n\n|$)/m.exec(message)?.[1];
  if (mark || footer) {
    return { kind: "breaking", scope, text: footer?.replace(/\s+/g, " ") ?? text! };
  }
  return type! in HEADINGS ? { kind: type!, scope, text: text! } : undefined;
}

function sectionOf(changes: Change[]): string {
  return Object.entries(HEADINGS).map(([kind, heading]) => {
    const lines = changes.filter((change) => change.kind === kind)
      .map(({ scope, text }) => `- ${scope && `**${scope}**: `}${text}\n`)
      .sort();
    return lines.length > 0 ? `\n### ${heading}\n\n${lines.join("")}` : "";
  }).join("");
}

function git(...args: string[]): string {
  return execFileSync("git", args, {
    cwd: new URL("../", import.meta.url),
    encoding: "utf8",
    stdio: "pipe",
  });
}

if (import.meta.main) writeChangelog("Unreleased");
