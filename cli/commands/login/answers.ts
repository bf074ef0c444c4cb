/**
 * The answers that a sign-in needs, from options or by asking.
 *
 * @module
 */
import { resolve } from "node:path";
import process from "node:process";
import { createSession, SettingsError, SfetchError } from "../../../mod.ts";
import { UsageError } from "../../arguments/command.ts";
import { expandHome } from "../../orgs/folders.ts";
import type { Dialogue } from "../../terminal/dialogue.ts";

/** What Salesforce is asked to sign in with. */
export interface Answers {
  clientId: string;
  username: string;
  /** Absolute. */
  privateKeyFile: string;
  /** The passphrase of an encrypted private key; never saved. */
  passphrase?: string;
  loginUrl: string;
  /** Hosts outside Salesforce's domains that may receive the assertion and the token. */
  allowHost: string[];
}

/** Asks for the consumer key. */
export function askClientId(dialogue: Dialogue, initial?: string): Promise<string> {
  return dialogue.text("Consumer key of the app", {
    initial,
    placeholder: "3MVG9…",
    check: clientIdProblem,
  });
}

/** Asks for the username. */
export function askUsername(dialogue: Dialogue, initial?: string): Promise<string> {
  return dialogue.text("Username to work as (not the email address, though it looks like one)", {
    initial,
    placeholder: "integration@acme.example",
    check: usernameProblem,
  });
}

function clientIdProblem(text: string): string | undefined {
  if (/^[\w.-]{1,300}$/.test(text)) return undefined;
  return "A consumer key consists of letters, digits, dots and underscores.";
}

function usernameProblem(text: string): string | undefined {
  if (/^[^\s:/]+@[^\s:/]+$/.test(text)) return undefined;
  return "A Salesforce username looks like an email address.";
}

/** Refuses values that cannot be right; the value is not repeated, because it may be a secret in the wrong place. */
export function checkAnswers(given: { "client-id"?: string; username?: string }): void {
  const problems = [
    { option: "--client-id", value: given["client-id"], problem: clientIdProblem },
    { option: "--username", value: given.username, problem: usernameProblem },
  ];
  for (const { option, value, problem } of problems) {
    const said = value === undefined ? undefined : problem(value);
    if (said) throw new UsageError(`${option} is invalid.`, said);
  }
}

/** Asks for My Domain, in any form that people paste, and shows how it was understood. */
export async function askLoginUrl(
  dialogue: Dialogue,
  allowHost: string[],
  initial?: string,
): Promise<string> {
  for (;;) {
    const answer = await dialogue.text("My Domain of the org, or the address of any of its pages", {
      initial,
      placeholder: "https://acme.my.salesforce.com",
    });
    try {
      const loginUrl = await understandLoginUrl(answer, allowHost);
      if (loginUrl !== answer) dialogue.info(`Understood as ${loginUrl}`);
      return loginUrl;
    } catch (error) {
      if (!(error instanceof SfetchError)) throw error;
      dialogue.warn(error.message);
      initial = isAuthUrl(answer) ? undefined : answer;
    }
  }
}

/**
 * The login URL that was meant: a page of the org stands for its My Domain, and so does the bare name.
 *
 * @throws {SettingsError} If it cannot be a login URL.
 */
export async function understandLoginUrl(text: string, allowHost: string[]): Promise<string> {
  if (isAuthUrl(text)) throw authUrl(text);
  const isBareName = /^[a-z\d][a-z\d-]{0,62}$/i.test(text) && !WORDS.test(text);
  const sandbox = text.includes("--") ? ".sandbox" : "";
  const loginUrl = isBareName ? `${text}${sandbox}.my.salesforce.com` : text;
  try {
    // With a client id, the session does not look into the saved orgs.
    return (await createSession({ loginUrl, clientId: "none", allowHost }).settings()).loginUrl;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const [first] = error.message.split("\n");
    throw new SettingsError(first!.replace("from option loginUrl", "that you gave"), error.hint);
  }
}

const WORDS = /^(production|login|sandbox|test|localhost)$/i;

const isAuthUrl = (text: string): boolean => /^\s*force:/i.test(text);

/** `force://CLIENT_ID:SECRET:REFRESH_TOKEN@HOST`, as `sf org display --verbose` prints it. */
function authUrl(text: string): SettingsError {
  const [, host] = /@([a-z\d.-]+\.[a-z]+)\/?\s*$/i.exec(text) ?? [];
  return new SettingsError(
    "This is an SFDX auth URL. It contains a refresh token, which sfetch does not use.",
    `Give the My Domain of the org${
      host ? `: ${host}` : ""
    }. Anyone who has the auth URL can sign in as its user.`,
  );
}

/** Asks for the file of a private key, until there is one that can be used. */
export async function askPrivateKey(
  dialogue: Dialogue,
  initial?: string,
): Promise<Pick<Answers, "privateKeyFile" | "passphrase">> {
  for (;;) {
    const file = await dialogue.text("Private key file", { initial, placeholder: "server.key" });
    try {
      return await openPrivateKey(file, dialogue);
    } catch (error) {
      if (!(error instanceof SfetchError)) throw error;
      dialogue.warn(error.message);
      initial = file;
    }
  }
}

/**
 * Makes sure that a private key can be used; asks for the passphrase if the key needs one and there is a dialogue.
 *
 * @throws {SettingsError} If the key cannot be used.
 */
export async function openPrivateKey(
  file: string,
  dialogue: Dialogue | undefined,
): Promise<Pick<Answers, "privateKeyFile" | "passphrase">> {
  const { readPrivateKeyFile } = await import("../../keys/keys.ts");
  let passphrase = process.env.SF_PRIVATE_KEY_PASSPHRASE || undefined;
  for (let tries = 0;; tries++) {
    try {
      await readPrivateKeyFile(file, passphrase);
      return { privateKeyFile: resolve(expandHome(file)), passphrase };
    } catch (error) {
      if (!dialogue || !/passphrase/.test((error as Error).message)) throw error;
      if (tries > 0) dialogue.warn("The passphrase is wrong.");
      passphrase = await dialogue.secret(`Passphrase of ${file}`);
    }
  }
}
