/** `sfetch practice`: runs the practice org as a server, until a signal ends it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { UsageError } from "../../arguments/command.ts";
import { shellWord } from "../../output/shell-word.ts";
import { type PracticeOrg, startPracticeOrg } from "../../../practice-org/mod.ts";
import { createPrivate } from "../../output/write-files.ts";
import { stdoutStream } from "../../terminal/stdout.ts";

/** The options of the command, as given. */
export interface PracticeFlags {
  port: string;
  rows: string;
  cert: string | undefined;
  key: string | undefined;
  "session-timeout": string;
  json: boolean;
}

/** Runs the practice org until SIGINT, SIGTERM or SIGHUP. */
export async function runPractice(flags: PracticeFlags): Promise<void> {
  if (flags.key && !flags.cert) {
    throw new UsageError(
      "--key needs --cert: the certificate of the key.",
      "Omit both, and the practice org creates a key pair.",
    );
  }
  const signals = catchSignals();
  try {
    const org = await start(flags);
    try {
      await serveUntil(signals.caught, org, flags);
    } finally {
      await org.close();
    }
  } finally {
    signals.release();
  }
}

async function serveUntil(
  end: Promise<void>,
  org: PracticeOrg,
  { key, json }: PracticeFlags,
): Promise<void> {
  if (!org.privateKey) {
    announce(org, key && resolve(key), json);
    return await end;
  }
  const folder = await mkdtemp(join(tmpdir(), "sfetch-practice-"));
  try {
    const keyFile = join(folder, "server.key");
    await createPrivate(keyFile, org.privateKey);
    announce(org, keyFile, json);
    await end;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function start(flags: PracticeFlags): Promise<PracticeOrg> {
  const port = wholeNumber("--port", flags.port, 65_535);
  const certificate = flags.cert === undefined ? undefined : await readCertificate(flags.cert);
  try {
    return await startPracticeOrg({
      port,
      certificate,
      rows: wholeNumber("--rows", flags.rows),
      sessionTimeout: wholeNumber("--session-timeout", flags["session-timeout"]),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new UsageError(`Port ${port} is already in use.`, "Omit --port to use a free one.");
  }
}

function wholeNumber(flag: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= max) return number;
  throw new UsageError(`${flag} must be a whole number from 0 to ${max}, not "${text}".`);
}

async function readCertificate(path: string): Promise<string> {
  const { readCertificateFile } = await import("../../keys/keys.ts");
  const { certificatePem, keyType, bits } = await readCertificateFile(path);
  if (keyType === "RSA" && bits >= 2048) return certificatePem;
  throw new UsageError(
    `${path} is for ${bits ? `an RSA key of ${bits} bits` : `a key of type ${keyType}`}. ` +
      "Salesforce accepts RSA keys of 2048 bits or more.",
    "`sfetch keygen` creates a key and its certificate.",
  );
}

/** What to paste, for people, and a line of JSON for programs, which read stdout from a pipe. */
function announce(org: PracticeOrg, privateKeyFile: string | undefined, onlyJson: boolean): void {
  const isForPeople = stdoutStream().isTTY;
  if (!onlyJson) {
    (isForPeople ? stdoutStream() : process.stderr).write(linesToPaste(org, privateKeyFile));
    if (isForPeople) return;
  }
  const { url, clientId, username } = org;
  const ready = {
    url,
    clientId,
    username,
    privateKeyFile: privateKeyFile ?? null,
    users: mapValues({ ...org.users }, (user) => user.username),
    apps: mapValues({ ...org.apps }, (app) => app.clientId),
  };
  stdoutStream().write(JSON.stringify(ready) + "\n");
}

function linesToPaste(
  { url, clientId, username }: PracticeOrg,
  privateKeyFile: string | undefined,
): string {
  const settings = Object.entries({
    SF_CLIENT_ID: clientId,
    SF_USERNAME: username,
    SF_PRIVATE_KEY_FILE: privateKeyFile,
    SF_LOGIN_URL: url,
  }).map(([name, value]) => `export ${name}=${value ? shellWord(value) : "…"}`);
  const fault = `'{"kind": "status", "status": 503, "times": 2}'`;
  return [
    `The practice org runs at ${url}. Ctrl-C stops it. In another terminal:`,
    "",
    ...settings,
    "",
    "To make the next two requests fail (docs/practice-org.md lists all faults):",
    "",
    `curl ${url}/_practice/fault -H 'Content-Type: application/json' -d ${fault}`,
    "",
    "",
  ].join("\n");
}

function mapValues<T>(
  record: Record<string, T>,
  map: (value: T) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * A promise that settles at the first signal, and a function that restores the usual effect of signals. Until then
 * further signals do nothing: `timeout` and package runners send each one twice, and the second must not interrupt the
 * clean-up.
 */
function catchSignals(): { caught: Promise<void>; release(): void } {
  let end = (): void => {};
  const caught = new Promise<void>((resolve) => end = resolve);
  for (const signal of SIGNALS) process.on(signal, end);
  return {
    caught,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, end);
    },
  };
}
