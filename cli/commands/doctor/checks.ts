/**
 * The checks of `sfetch doctor`, one function each. A check that throws a `SfetchError` has failed.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { stat } from "node:fs/promises";
import process from "node:process";
import { type Proxy, proxyFor } from "./proxy.ts";
import {
  ConnectionError,
  importPrivateKey,
  type PrivateKey,
  type Session,
  type Settings,
} from "../../../mod.ts";

/** What one check found. */
export interface Finding {
  status: "pass" | "warn" | "fail" | "skip";
  /** What was seen, one fact a line. */
  detail: string;
  /** The next step, where there is something to fix. */
  fix?: string;
}

/** A finding, and what the next checks need of it. */
export type Found<T> = Finding & { found?: T };

const DAY = 24 * 60 * 60 * 1000;
/** A certificate that expires within this many days is worth a warning. */
const NEAR_EXPIRY = 30;
/** The difference of clocks, in seconds, above which a warning is due; an assertion is valid for 180. */
const CLOCK_TOLERANCE = 60;
/** The used part of a limit above which a warning is due. */
const NEAR_LIMIT = 0.8;
/** Salesforce retires versions up to this one in Summer '28. */
const LAST_DEPRECATED_VERSION = 40;
const TIMEOUT = 20_000;

/** The settings in force and where each came from; a sign-in that lacks one fails. */
export async function settings(session: Session): Promise<Found<Settings>> {
  const found = await session.settings();
  const { sources } = found;
  const names = Object.keys(sources) as (keyof Settings)[];
  const width = Math.max(...names.map((name) => name.length));
  const lines = names.map((name) =>
    `${name.padEnd(width)}  ${shown(found, name)}  (${sources[name]})`
  );
  const missing = missingSettings(found);
  if (missing.length === 0) return { status: "pass", detail: lines.join("\n"), found };
  return {
    status: "fail",
    detail: [`Missing: ${missing.map(({ name }) => name).join(", ")}.`, ...lines].join("\n"),
    fix: `Set ${missing.map(({ variable }) => variable).join(", ")}, or run: sfetch login`,
    found,
  };
}

function shown(settings: Settings, name: keyof Settings): string {
  const isSecret = name === "privateKey" || name === "passphrase" || name === "accessToken";
  return isSecret ? "given, not shown" : String(settings[name] ?? "none");
}

/** What a sign-in needs and these settings lack. */
export function missingSettings(
  { clientId, username, privateKey, privateKeyFile, accessToken }: Settings,
): { name: string; variable: string }[] {
  if (accessToken) return [];
  return [
    { name: "clientId", variable: "SF_CLIENT_ID", value: clientId },
    { name: "username", variable: "SF_USERNAME", value: username },
    { name: "privateKey", variable: "SF_PRIVATE_KEY_FILE", value: privateKey ?? privateKeyFile },
  ].filter(({ value }) => !value);
}

const NOT_NEEDED = "Not needed: an access token is given.";

/** Whether the key can sign, and whether other users can read it. */
export async function privateKey(settings: Settings): Promise<Found<PrivateKey>> {
  const { privateKey, privateKeyFile, passphrase, accessToken } = settings;
  if (!privateKey && !privateKeyFile) {
    const why = accessToken ? NOT_NEEDED : "No key is given.";
    return { status: "skip", detail: why };
  }
  const { readPrivateKeyFile } = await import("../../keys/keys.ts");
  const found = privateKey
    ? await importPrivateKey(privateKey, passphrase)
    : await readPrivateKeyFile(privateKeyFile!, passphrase);
  const kind = `RSA, ${found.bits} bits, ${found.format}`;
  if (!privateKeyFile) return { status: "pass", detail: kind, found };
  const mode = (await stat(privateKeyFile)).mode & 0o777;
  const detail = `${kind}, ${privateKeyFile}`;
  if (process.platform === "win32" || (mode & 0o077) === 0) {
    return { status: "pass", detail, found };
  }
  return {
    status: "warn",
    detail: `${detail}\nOther users of this machine can read it: its mode is ${mode.toString(8)}.`,
    fix: `chmod 600 ${privateKeyFile}`,
    found,
  };
}

/** Whether the certificate, given or found beside the key, belongs to it and is valid. */
export async function certificate(
  { privateKeyFile }: Settings,
  privateKey: PrivateKey | undefined,
  given: string | undefined,
): Promise<Finding> {
  if (!privateKey) return { status: "skip", detail: NOT_NEEDED };
  const { findCertificate } = await import("../../keys/find-certificate.ts");
  const file = given ?? (privateKeyFile && findCertificate(privateKeyFile));
  if (!file) {
    return {
      status: "skip",
      detail: "None found beside the key.",
      fix: "Give the certificate that you uploaded to the app: --cert FILE",
    };
  }
  const { belongsTogether, readCertificateFile } = await import("../../keys/keys.ts");
  const certificate = await readCertificateFile(file);
  const { subject, notBefore, notAfter } = certificate;
  const detail = `${subject}, valid until ${day(notAfter)}, ${file}`;
  const days = Math.floor((notAfter.getTime() - Date.now()) / DAY);
  const renew = `Create another for the same key and upload it to the app: sfetch keygen --key ${
    privateKeyFile ?? "FILE"
  }`;
  if (!await belongsTogether(privateKey.key, certificate)) {
    return {
      status: "fail",
      detail: `${detail}\nIt belongs to another private key.`,
      fix:
        "Sign with the key of this certificate, or upload the certificate of this key to the app.",
    };
  }
  if (days < 0) {
    const detailed = `${detail}\nIt has expired. Salesforce still accepts it for signing in.`;
    return { status: "warn", detail: detailed, fix: renew };
  }
  if (notBefore.getTime() > Date.now()) {
    return { status: "warn", detail: `${detail}\nIt is not valid before ${day(notBefore)}.` };
  }
  if (days < NEAR_EXPIRY) {
    return { status: "warn", detail: `${detail}\nIt expires in ${days} days.`, fix: renew };
  }
  return { status: "pass", detail: `${detail}; it belongs to the key` };
}

/** What the host's answer says about its clock. */
export interface HostAnswer {
  /** By its `Date` header; ms since the epoch. */
  serverTime?: number;
  /** By this machine's clock, half way through the request; ms since the epoch. */
  localTime: number;
}

/**
 * Whether the host can be reached and is an API host, which lists its API versions to anyone. The request takes the
 * way that all requests take, through a proxy if there is one; only when it fails is that way examined.
 */
export async function host(settings: Settings): Promise<Found<HostAnswer>> {
  const base = settings.accessToken ? settings.instanceUrl! : settings.loginUrl;
  const url = `${base}/services/data/`;
  const proxy = proxyFor(url);
  const started = Date.now();
  const signal = AbortSignal.timeout(TIMEOUT);
  const response = await fetch(url, { redirect: "manual", signal }).catch(async (cause) => {
    throw await unreachable(url, proxy, cause);
  });
  const found = {
    serverTime: Date.parse(response.headers.get("date") ?? "") || undefined,
    localTime: (started + Date.now()) / 2,
  };
  const versions = await response.json().catch(() => undefined);
  const place = proxy?.isUsed ? `${base} (through the proxy ${proxy.url})` : base;
  if (Array.isArray(versions) && versions[0]?.version) {
    return { status: "pass", detail: `${place} is a Salesforce API host`, found };
  }
  if (proxy?.isUsed && response.status === 407) throw await unreachable(url, proxy, "HTTP 407");
  return {
    status: "fail",
    detail: `${place} answers, but is not a Salesforce API host (HTTP ${response.status}).`,
    fix: NOT_API_HOST + (proxy?.isUsed ? " Or the proxy answers in its place." : ""),
    found,
  };
}

const NOT_API_HOST =
  "Use the org's My Domain, https://NAME.my.salesforce.com (Setup > My Domain). If it is a scratch org or a trial, check that it has not expired.";
const WRONG_NAME =
  "Check the name: the My Domain is in Setup > My Domain. A new one takes a few minutes to become available. Without a network connection, no name resolves.";
const TRUST =
  "trust its CA: NODE_EXTRA_CA_CERTS=FILE (Node, Bun), DENO_CERT=FILE or DENO_TLS_CA_STORE=system (Deno).";
const NO_ANSWER = `Check the network. Behind a company proxy, set HTTPS_PROXY, and ${TRUST}`;
const NOTHING_LISTENS =
  "Start the server there. Without --port, `sfetch practice` uses another address each time it starts: paste the lines that it prints again.";
const PROXY_ERROR =
  `Check the proxy's address, and whether it lets this host through. Hosts in NO_PROXY bypass it. If it inspects TLS, ${TRUST}`;
const PROXY_PASSWORD =
  "Put the user name and password in the proxy's URL: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT";

async function unreachable(
  url: string,
  proxy: Proxy | undefined,
  cause: unknown,
): Promise<ConnectionError> {
  const { origin, hostname } = new URL(url);
  const error = (what: string, hint: string): ConnectionError =>
    new ConnectionError(`${origin} cannot be reached: ${what}.`, hint, {
      method: "GET",
      url,
      timedOut: false,
      cause,
    });
  if (proxy?.isUsed) {
    const isRefused = /\b407\b/.test(`${cause} ${(cause as Error).cause ?? ""}`);
    return isRefused
      ? error(`the proxy ${proxy.url} requires authentication`, PROXY_PASSWORD)
      : error(`the proxy ${proxy.url} (${proxy.variable}) did not connect`, PROXY_ERROR);
  }
  const unused = proxy
    ? `\n${proxy.variable} is set, but Node uses it only with NODE_USE_ENV_PROXY=1.`
    : "";
  const address = await lookup(hostname).then((found) => found.address, () => undefined);
  if (!address) return error(`the host name ${hostname} is not known`, WRONG_NAME + unused);
  return /^(127\.|::1$)/.test(address)
    ? error("nothing listens there", NOTHING_LISTENS)
    : error("the name resolves, but nothing answers", NO_ANSWER + unused);
}

/** Whether this machine's clock agrees with the server's: `exp` is read there. */
export function clock({ serverTime, localTime }: HostAnswer): Promise<Finding> {
  if (serverTime === undefined) {
    return Promise.resolve({ status: "skip", detail: "The host does not send its time." });
  }
  // The header has whole seconds, rounded down.
  const offset = Math.round((serverTime + 500 - localTime) / 1000);
  const seconds = Math.abs(offset);
  if (seconds <= CLOCK_TOLERANCE) {
    return Promise.resolve({
      status: "pass",
      detail: `agrees with the server's to within ${seconds} s`,
    });
  }
  return Promise.resolve({
    status: "warn",
    detail: `This machine's clock is ${seconds} s ${
      offset > 0 ? "behind" : "ahead of"
    } the server's.`,
    fix:
      "Set the clock (timedatectl set-ntp true); in a container or virtual machine, set the host's too. sfetch corrects for the difference, but other programs do not.",
  });
}

/** Signs in again: a cached token would prove nothing. */
export async function token(session: Session): Promise<Found<true>> {
  const { accessToken, sources, username } = await session.settings();
  if (accessToken) {
    const detail = `from ${sources.accessToken}; it cannot be renewed`;
    return { status: "pass", detail, found: true };
  }
  const token = await session.getToken({ fresh: true });
  const lines = [
    `${token} for ${username} at ${token.instanceUrl}`,
    `audience ${session.audience}, scopes ${token.scope ?? "unknown"}`,
  ];
  return { status: "pass", detail: lines.join("\n"), found: true };
}

/** Which user the token belongs to. */
export async function user(session: Session, { username }: Settings): Promise<Finding> {
  const info = await session.fetch("/services/oauth2/userinfo", { retry: 0 }).json();
  const detail =
    `${info.preferred_username} (${info.name}), user ${info.user_id} of org ${info.organization_id}`;
  if (!username || username.toLowerCase() === info.preferred_username?.toLowerCase()) {
    return { status: "pass", detail };
  }
  return { status: "warn", detail: `${detail}\nThe requested username is ${username}.` };
}

/** Whether the org supports the requested API version. */
export async function apiVersion(session: Session): Promise<Finding> {
  const asked = await session.apiVersion();
  const list: { version: string }[] = await session.fetch("/services/data/", { retry: 0 }).json();
  const versions = list.map(({ version }) => version).sort((a, b) => +a - +b);
  const newest = versions.at(-1);
  const detail = `${asked}; the org supports ${versions[0]} to ${newest}`;
  const fix = `Set SF_API_VERSION=${newest}, or "latest".`;
  if (!versions.includes(asked)) {
    const why = +asked > +newest! ? "The org does not support it yet." : "It is retired.";
    return { status: "fail", detail: `${detail}\n${why}`, fix };
  }
  if (+asked > LAST_DEPRECATED_VERSION) return { status: "pass", detail };
  return { status: "warn", detail: `${detail}\nIt will be retired in Summer '28.`, fix };
}

/** How much of the org's limits is used. */
export async function limits(session: Session): Promise<Finding> {
  const all: Record<string, { Max: number; Remaining: number }> = await session
    .fetch("/limits", { retry: 0 }).json();
  const used = Object.entries(all)
    .filter(([, limit]) => limit.Max > 0)
    .map(([name, { Max, Remaining }]) => ({ name, part: 1 - Remaining / Max, Max, Remaining }));
  const scarce = used.filter(({ part }) => part > NEAR_LIMIT);
  const lines =
    (scarce.length > 0 ? scarce : used.filter(({ name }) => name === "DailyApiRequests"))
      .map(({ name, part, Max, Remaining }) =>
        `${name}: ${Math.round(part * 100)}% used, ${Remaining} of ${Max} left`
      );
  if (scarce.length === 0) {
    return { status: "pass", detail: [...lines, "none above 80%"].join("; ") };
  }
  return {
    status: "warn",
    detail: lines.join("\n"),
    fix:
      "Fetch more per call (composite, Bulk API), find out who uses the limit (Setup > System Overview), or buy more.",
  };
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
