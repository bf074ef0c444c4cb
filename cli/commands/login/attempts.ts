/**
 * Trying to sign in: what went wrong is explained, and one answer at a time is mended.
 *
 * @module
 */
import { SfetchError } from "../../../mod.ts";
import { UsageError } from "../../arguments/command.ts";
import { findCertificate } from "../../keys/find-certificate.ts";
import { type Answers, askClientId, askLoginUrl, askPrivateKey, askUsername } from "./answers.ts";
import type { Dialogue, Remarks } from "../../terminal/dialogue.ts";
import { likelyRemedy, type Remedy, type SignedIn, signIn } from "./sign-in.ts";

/** What is done before an org is saved. */
export interface AttemptOptions {
  /** Let the user approve the app in the browser first. */
  approve: boolean;
  /** Sign in. */
  check: boolean;
}

/**
 * Signs in. Where that fails and there is somebody to ask, explains, lets one answer be mended, and tries again.
 *
 * Gives undefined where the answers are to be saved as they are.
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
      return await signIn(answers, remarks);
    } catch (error) {
      if (!dialogue) throw error;
      remarks.error(explain(error));
      remedy = likelyRemedy(error);
      if (remedy === "privateKeyFile") nameCertificate(answers, remarks);
    }
    const choice = await chooseRemedy(dialogue, answers, remedy);
    if (choice === "save") return undefined;
    wantsApproval = choice === "approve";
    if (choice !== "approve" && choice !== "again") await mend(choice, answers, dialogue);
  }
}

async function approve(answers: Answers, remarks: Remarks): Promise<void> {
  const { approveInBrowser } = await import("./browser-approval.ts");
  await approveInBrowser({ ...answers, say: (text) => remarks.info(text) });
}

/** What the user is told of an error that another answer may cure; any other is thrown on. */
function explain(error: unknown): string {
  if (error instanceof SfetchError) return error.message;
  if (error instanceof UsageError) return `${error.message}\n${error.hint}`;
  throw error;
}

/** Says which file the app must hold, where that can be told. */
function nameCertificate({ privateKeyFile }: Answers, remarks: Remarks): void {
  const file = findCertificate(privateKeyFile);
  if (file) remarks.info(`The certificate beside this key, which the app must hold: ${file}`);
}

function chooseRemedy(
  dialogue: Dialogue,
  { clientId, username, loginUrl, privateKeyFile }: Answers,
  initial: Remedy,
): Promise<Remedy | "save"> {
  const short = clientId.length > 24 ? `${clientId.slice(0, 12)}…${clientId.slice(-6)}` : clientId;
  return dialogue.choose<Remedy | "save">("What now? Ctrl-C gives up, and leaves nothing behind.", [
    { value: "again", label: "Try again", hint: "the app is new, or mended" },
    { value: "clientId", label: "Another consumer key", hint: short },
    { value: "username", label: "Another username", hint: username },
    { value: "loginUrl", label: "Another My Domain", hint: loginUrl },
    { value: "privateKeyFile", label: "Another private key", hint: privateKeyFile },
    { value: "approve", label: "Approve the app in the browser", hint: "where users may do so" },
    { value: "save", label: "Save it as it is", hint: "to go on later" },
  ], initial);
}

async function mend(
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
      answers.loginUrl = await askLoginUrl(dialogue, answers.loginUrl);
      break;
    case "privateKeyFile":
      Object.assign(answers, await askPrivateKey(dialogue, answers.privateKeyFile));
  }
}
