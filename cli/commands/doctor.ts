/**
 * `sfetch doctor`: checks everything between this machine and the org, in order, each finding with its fix.
 *
 * @module
 */
import process from "node:process";
import { type Session, withoutSecrets } from "../../mod.ts";
import { command, orgFlag, UsageError } from "../arguments/command.ts";
import type { Finding } from "./doctor/checks.ts";
import { stdoutStream, writeStdout } from "../terminal/stdout.ts";
import { hasColours, paint, sanitize } from "../terminal/terminal.ts";
import { wrap } from "../terminal/wrap.ts";

/** A finding with the name of its check. */
export interface Line extends Finding {
  check: string;
}

export default command({
  meta: {
    name: "doctor",
    description:
      "Check everything between this machine and the org, and say how to fix what is wrong",
  },
  args: {
    ...orgFlag,
    cert: {
      type: "string",
      valueHint: "file",
      description: "the certificate in the app (default: server.crt beside server.key)",
    },
    json: { type: "boolean", description: "print the findings as JSON" },
  },
  examples: [
    ["sfetch doctor", "checks the settings in the environment, or the default org"],
    [
      "sfetch doctor --org prod --cert server.crt",
      "checks a saved org and the certificate in its app",
    ],
    [
      "sfetch doctor --json | jq '.checks[] | select(.status == \"fail\")'",
      "the failed checks, for a script",
    ],
  ],
  async run({ args }) {
    const [{ createSession }, { orgOptions }, checks] = await Promise.all([
      import("../../mod.ts"),
      import("../orgs/open-org.ts"),
      import("./doctor/checks.ts"),
    ]);
    const { options, close } = await orgOptions(args);
    const lines: Line[] = [];
    const show = (found: Line): void => {
      const { detail, fix } = found;
      const line = { ...found, detail: withoutSecrets(detail), fix: fix && withoutSecrets(fix) };
      lines.push(line);
      if (!args.json) stdoutStream().write(format(line));
    };
    try {
      await examine(createSession(options), args.cert, checks, show);
    } finally {
      await close();
    }
    const count = countOf(lines);
    if (args.json) {
      await writeStdout(JSON.stringify({ ok: count.fail === 0, checks: lines }, null, 2) + "\n");
    } else stdoutStream().write(`\n${summary(count)}\n`);
    process.exitCode = exitCode(lines);
  },
});

type Checks = typeof import("./doctor/checks.ts");

/** Runs the checks in order; later checks need what earlier ones found. */
async function examine(
  session: Session,
  certificateFile: string | undefined,
  checks: Checks,
  show: (line: Line) => void,
): Promise<void> {
  async function run<T>(
    name: string,
    needs: unknown,
    check: () => Promise<Finding & { found?: T }>,
  ): Promise<T | undefined> {
    if (!needs) {
      show({ check: name, status: "skip", detail: "Skipped: an earlier check failed." });
      return undefined;
    }
    const { found, ...finding } = await check().catch(asFinding);
    show({ check: name, ...finding });
    return found;
  }

  const settings = await run("settings", session, () => checks.settings(session));
  const key = await run("private key", settings, () => checks.privateKey(settings!));
  await run(
    "certificate",
    key || settings?.accessToken,
    () => checks.certificate(settings!, key, certificateFile),
  );
  const answer = await run("host", settings, () => checks.host(settings!));
  await run("clock", answer, () => checks.clock(answer!));
  const canSignIn = settings && checks.missingSettings(settings).length === 0 && answer &&
    (settings.accessToken || key);
  const token = await run("token", canSignIn, () => checks.token(session));
  await run("user", token, () => checks.user(session, settings!));
  await run("API version", token, () => checks.apiVersion(session));
  await run("limits", token, () => checks.limits(session));
}

/** A check that throws has failed: the message becomes its detail, the hint its fix. */
async function asFinding(error: unknown): Promise<Finding & { found?: undefined }> {
  const { SfetchError } = await import("../../mod.ts");
  if (!(error instanceof SfetchError || error instanceof UsageError)) throw error;
  const { message, hint } = error;
  const detail = message.endsWith(`\n${hint}`) ? message.slice(0, -hint.length - 1) : message;
  return { status: "fail", detail, fix: hint || undefined };
}

/** The column where the text begins, after the mark and the name of the check. */
const INDENT = 15;

function format({ check, status, detail, fix }: Line): string {
  const style = paint(hasColours(stdoutStream()));
  const mark = {
    pass: style.green("✔"),
    warn: style.yellow("!"),
    fail: style.red("✖"),
    skip: style.grey("-"),
  }[status];
  const { isTTY, columns } = stdoutStream();
  const fixes = fix ? fix.split("\n").map((line) => `→ ${line}`) : [];
  const text = sanitize([detail, ...fixes].join("\n"));
  const lines = isTTY ? wrap(text, Math.max(40, (columns || 80) - INDENT - 1)) : text;
  const [first, ...rest] = lines.split("\n");
  const head = `${mark} ${style.bold(check.padEnd(INDENT - 2))}${first}`;
  return [head, ...rest.map((line) => " ".repeat(INDENT) + line)].join("\n") + "\n";
}

type Count = Record<Finding["status"], number>;

function countOf(lines: Line[]): Count {
  const count: Count = { pass: 0, warn: 0, fail: 0, skip: 0 };
  for (const { status } of lines) count[status]++;
  return count;
}

function summary({ pass, warn, fail, skip }: Count): string {
  const parts = [
    `${pass} passed`,
    ...(warn ? [`${warn} with warnings`] : []),
    ...(fail ? [`${fail} failed`] : []),
    ...(skip ? [`${skip} skipped`] : []),
  ];
  return parts.join(", ") + ".";
}

/** 2 if the settings or the key are wrong, as with every command; 1 if anything else is. */
function exitCode(lines: Line[]): number {
  const failed = lines.filter(({ status }) => status === "fail").map(({ check }) => check);
  if (failed.length === 0) return 0;
  return failed.includes("settings") || failed.includes("private key") ? 2 : 1;
}
