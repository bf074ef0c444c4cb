/**
 * The answers that a sign-in is made of, from flags or by asking.
 *
 * @module
 */
import { homedir } from "node:os";
import { resolve } from "node:path";
import process from "node:process";
import { createSession, SettingsError, SfetchError } from "../../../mod.ts";
import type { Dialogue } from "../../terminal/dialogue.ts";

/** What Salesforce is asked to sign in with. */
export interface Answers {
  clientId: string;
  username: string;
  /** Absolute. */
  privateKeyFile: string;
  /** Of an encrypted private key; never saved. */
  passphrase?: string;
  loginUrl: string;
}

/** Asks for the consumer key. */
export function askClientId(dialogue: Dialogue, initial?: string): Promise<string> {
  return dialogue.text("Consumer key of the app", {
    initial,
    placeholder: "3MVG9…",
    check: (answer) => /\s/.test(answer) ? "A consumer key has no blanks in it." : undefined,
  });
}

/** Asks for the username. */
export function askUsername(dialogue: Dialogue, initial?: string): Promise<string> {
  return dialogue.text("Username to work as (not the e-mail address, though it looks like one)", {
    initial,
    placeholder: "integration@acme.example",
    check: (answer) =>
      /^\S+@\S+$/.test(answer) ? undefined : "A Salesforce username looks like an e-mail address.",
  });
}

/** Asks for My Domain, in any form that people paste, and shows how it was understood. */
export async function askLoginUrl(dialogue: Dialogue, initial?: string): Promise<string> {
  for (;;) {
    const answer = await dialogue.text("My Domain of the org, or any of its pages", {
      initial,
      placeholder: "https://acme.my.salesforce.com",
    });
    try {
      const loginUrl = await understandLoginUrl(answer);
      if (loginUrl !== answer) dialogue.info(`Understood as ${loginUrl}`);
      return loginUrl;
    } catch (error) {
      if (!(error instanceof SfetchError)) throw error;
      dialogue.warn(error.message);
      initial = answer;
    }
  }
}

/**
 * The login URL that was meant: a page of the org stands for its My Domain, and so does the bare name.
 *
 * @throws {SettingsError} If it cannot be one.
 */
export async function understandLoginUrl(text: string): Promise<string> {
  const isBareName = /^[a-z\d][a-z\d-]*$/i.test(text) && !WORDS.test(text);
  const sandbox = text.includes("--") ? ".sandbox" : "";
  const loginUrl = isBareName ? `${text}${sandbox}.my.salesforce.com` : text;
  try {
    // A client id of its own keeps the look-up away from the orgs that are saved.
    return (await createSession({ loginUrl, clientId: "none" }).settings()).loginUrl;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const [first] = error.message.split("\n");
    throw new SettingsError(first!.replace("from option loginUrl", `"${text}"`), error.hint);
  }
}

const WORDS = /^(production|login|sandbox|test|localhost)$/i;

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
 * Makes sure that a private key can be used; asks for the passphrase if it needs one and there is somebody to ask.
 *
 * @throws {SettingsError} If it cannot be used.
 */
export async function openPrivateKey(
  file: string,
  dialogue: Dialogue | undefined,
): Promise<Pick<Answers, "privateKeyFile" | "passphrase">> {
  const { readPrivateKeyFile } = await import("../../keys/keys.ts");
  const privateKeyFile = resolve(file.replace(/^~(?=\/|$)/, homedir()));
  let passphrase = process.env.SF_PRIVATE_KEY_PASSPHRASE || undefined;
  for (let tries = 0;; tries++) {
    try {
      await readPrivateKeyFile(privateKeyFile, passphrase);
      return { privateKeyFile, passphrase };
    } catch (error) {
      if (!dialogue || !/passphrase/.test((error as Error).message)) throw error;
      if (tries > 0) dialogue.warn("That is not its passphrase.");
      passphrase = await dialogue.secret(`Passphrase of ${privateKeyFile}`);
    }
  }
}
