/**
 * Signing in until it works: each failure is explained, and one answer at a time is corrected.
 *
 * @module
 */
import { SfetchError } from "../../../mod.ts";
import { UsageError } from "../../arguments/command.ts";
import { findCertificate } from "../../keys/find-certificate.ts";
import { type Answers, askClientId, askLoginUrl, askPrivateKey, askUsername } from "./answers.ts";
import type { Dialogue, Remarks } from "../../terminal/dialogue.ts";
import {
  ANSWER_NAMES,
  likelyRemedy,
  OPTION_NAMES,
  type Remedy,
  type SignedIn,
  signIn,
} from "./sign-in.ts";

/** What is done before an org is saved. */
export interface AttemptOptions {
  /** Whether the user approves the app in the browser first. */
  approve: boolean;
  /** Whether to sign in. */
  check: boolean;
}

/**
 * Signs in. If that fails and there is a dialogue, explains why, lets the user correct one answer, and tries again.
 *
 * Returns undefined where the answers are to be saved untested.
 */
export async function signInUntilItWorks(
  answers: Answers,
  options: AttemptOptions,
  dialogue: Dialogue | undefined,
  remarks: Remarks,
): Promise<SignedIn | undefined> {
  for (let wantsApproval = options.approve;;) {
    let remedy: Remedy;
    try {
      if (wantsApproval) await approve(answers, remarks);
      if (!options.check) return undefined;
      remarks.info(`Signing in at ${answers.loginUrl} …`);
      return await signIn(answers, remarks, dialogue ? ANSWER_NAMES : OPTION_NAMES);
    } catch (error) {
      if (!dialogue) throw error;
      remarks.error(explain(error));
      remedy = likelyRemedy(error);
      if (remedy === "privateKeyFile") nameCertificate(answers, remarks);
    }
    const choice = await chooseRemedy(dialogue, answers, remedy);
    if (choice === "save") return undefined;
    wantsApproval = choice === "approve";
    if (choice !== "approve" && choice !== "again") await correct(choice, answers, dialogue);
  }
}

async function approve(answers: Answers, remarks: Remarks): Promise<void> {
  const { approveInBrowser } = await import("./browser-approval.ts");
  await approveInBrowser({ ...answers, say: (text) => remarks.info(text) });
}

/** What the user is told about an error that another answer may cure; any other error is thrown on. */
function explain(error: unknown): string {
  if (error instanceof SfetchError) return error.message;
  if (error instanceof UsageError) return `${error.message}\n${error.hint}`;
  throw error;
}

/** Says which certificate the app must have, where it is known. */
function nameCertificate({ privateKeyFile }: Answers, remarks: Remarks): void {
  const file = findCertificate(privateKeyFile);
  if (file) remarks.info(`The app must have the certificate of this key: ${file}`);
}

function chooseRemedy(
  dialogue: Dialogue,
  { clientId, username, loginUrl, privateKeyFile }: Answers,
  initial: Remedy,
): Promise<Remedy | "save"> {
  const short = clientId.length > 24 ? `${clientId.slice(0, 12)}…${clientId.slice(-6)}` : clientId;
  return dialogue.choose<Remedy | "save">("What now? (Ctrl-C cancels)", [
    { value: "again", label: "Try again", hint: "the app is new, or you fixed it" },
    { value: "clientId", label: "Another consumer key", hint: short },
    { value: "username", label: "Another username", hint: username },
    { value: "loginUrl", label: "Another My Domain", hint: loginUrl },
    { value: "privateKeyFile", label: "Another private key", hint: privateKeyFile },
    {
      value: "approve",
      label: "Approve the app in the browser",
      hint: "if users may self-authorize",
    },
    { value: "save", label: "Save it untested", hint: "to continue later" },
  ], initial);
}

async function correct(
  answer: "clientId" | "username" | "loginUrl" | "privateKeyFile",
  answers: Answers,
  dialogue: Dialogue,
): Promise<void> {
  switch (answer) {
    case "clientId":
      answers.clientId = await askClientId(dialogue, answers.clientId);
      break;
    case "username":
      answers.username = await askUsername(dialogue, answers.username);
      break;
    case "loginUrl":
      answers.loginUrl = await askLoginUrl(dialogue, answers.allowHost, answers.loginUrl);
      break;
    case "privateKeyFile":
      Object.assign(answers, await askPrivateKey(dialogue, answers.privateKeyFile));
  }
}
