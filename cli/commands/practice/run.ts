/** `sfetch practice`: the practice org on its own, until it is told to end. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { UsageError } from "../../arguments/command.ts";
import { type PracticeOrg, startPracticeOrg } from "../../../practice-org/mod.ts";
import { createPrivate } from "../../output/write-files.ts";
import { certificatePem, importCertificate } from "../../../practice-org/oauth/certificate.ts";

/** The flags of the command, as given. */
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
      "--key is of no use alone.",
      "Add --cert with the certificate of the key.",
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
    throw new UsageError(`Port ${port} is taken.`, "Leave --port out to have a free one.");
  }
}

function wholeNumber(flag: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= max) return number;
  throw new UsageError(`${flag} is a whole number from 0 to ${max}, not "${text}".`);
}

async function readCertificate(path: string): Promise<string> {
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `The certificate ${path} cannot be read (${error.code}).`,
      "`sfetch keygen` makes a key and its certificate.",
    );
  });
  const pem = certificatePem(file);
  await importCertificate(pem).catch((error: Error) => {
    throw new UsageError(`${path}: ${error.message}.`, "`sfetch keygen` makes one that will do.");
  });
  return pem;
}

/** One line of JSON for programs on stdout; for people, on stderr, what to paste. */
function announce(org: PracticeOrg, privateKeyFile: string | undefined, onlyJson: boolean): void {
  const { url, clientId, username } = org;
  if (!onlyJson) {
    const settings = Object.entries({
      SF_CLIENT_ID: clientId,
      SF_USERNAME: username,
      SF_PRIVATE_KEY_FILE: privateKeyFile,
      SF_LOGIN_URL: url,
    }).map(([name, value]) => `export ${name}=${value ? quote(value) : "…"}`);
    process.stderr.write(
      `Practice org at ${url}. Ctrl-C ends it. In another terminal:\n\n${settings.join("\n")}\n\n`,
    );
  }
  const ready = {
    url,
    clientId,
    username,
    privateKeyFile: privateKeyFile ?? null,
    users: mapValues({ ...org.users }, (user) => user.username),
    apps: mapValues({ ...org.apps }, (app) => app.clientId),
  };
  process.stdout.write(JSON.stringify(ready) + "\n");
}

function mapValues<T>(
  record: Record<string, T>,
  map: (value: T) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

/** Quotes for a shell only what needs it, so that what is pasted stays readable. */
function quote(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * A promise that settles at the first signal, and what gives the signals their usual effect back. Until then more of
 * them do nothing: `timeout` and package runners send each one twice, and the second must not cut the tidying short.
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
