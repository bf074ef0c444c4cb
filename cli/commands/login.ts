/**
 * `sfetch login`: from nothing to a saved sign-in, step by step or, with flags, unattended.
 *
 * Nothing is saved before Salesforce has said yes, and whatever was made until then goes if it does not come to that.
 *
 * @module
 */
import process from "node:process";
import { type Args, command, UsageError, type Values } from "../arguments/command.ts";
import type { KeySize } from "../keys/keys.ts";
import type { Answers } from "./login/answers.ts";
import { canAsk, type Dialogue, openDialogue, type Remarks } from "../terminal/dialogue.ts";
import { type KeyFiles, makeKeyFiles, removeKeyFiles } from "./login/new-key.ts";
import type { SignedIn } from "./login/sign-in.ts";
import { KIND_TITLES } from "../orgs/org-kind.ts";
import type { SavedOrg } from "../orgs/saved-orgs.ts";

const args = {
  name: {
    type: "positional",
    required: false,
    description: "what to call the org, for --org NAME",
  },
  "client-id": { type: "string", valueHint: "key", description: "consumer key of the app" },
  username: { type: "string", valueHint: "name", description: "the user to work as" },
  "login-url": {
    type: "string",
    valueHint: "url",
    description: "My Domain of the org; or production, or sandbox",
  },
  key: {
    type: "string",
    valueHint: "file",
    description:
      "your private key, which stays where it is (passphrase: SF_PRIVATE_KEY_PASSPHRASE)",
  },
  "generate-key": { type: "boolean", description: "make a key and its certificate" },
  bits: {
    type: "enum",
    options: ["2048", "3072", "4096"],
    valueHint: "2048|3072|4096",
    description: "size of a new key (default: 2048)",
  },
  days: {
    type: "string",
    valueHint: "number",
    description: "how long a new certificate is valid (default: 730)",
  },
  approve: { type: "boolean", description: "approve the app in the browser before signing in" },
  check: {
    type: "boolean",
    default: true,
    description: "sign in before it is saved; --no-check saves it untried",
  },
  default: { type: "boolean", description: "make it the org of commands without --org" },
  overwrite: { type: "boolean", description: "replace a saved org of this name" },
} as const satisfies Args;

type Flags = Values<typeof args>;

export default command({
  meta: {
    name: "login",
    description: "Set up an org, step by step, and save it; with flags it runs unattended",
  },
  args,
  examples: [
    ["sfetch login", "asks for everything, and shows where to click"],
    [
      "sfetch login ci --client-id 3MVG9… --username ci@acme.example --login-url acme --key server.key",
      "unattended: no question is asked",
    ],
    ["sfetch login dev --approve", "for an app that its users approve themselves"],
  ],
  async run({ args }) {
    checkFlags(args);
    const dialogue = canAsk() ? await openDialogue() : undefined;
    if (!dialogue) requireAll(args);
    const madeFiles: KeyFiles[] = [];
    const undo = (): void => madeFiles.splice(0).forEach(removeKeyFiles);
    const stopListening = onSignal(undo);
    try {
      await login(args, dialogue, madeFiles);
    } finally {
      stopListening();
      undo();
    }
  },
});

function checkFlags(flags: Flags): void {
  if (flags.key && (flags["generate-key"] || flags.bits || flags.days)) {
    throw new UsageError(
      "--key is a key that you have; --generate-key, --bits and --days make a new one.",
      "Leave one or the other out.",
    );
  }
  const days = Number(flags.days ?? 730);
  if (!Number.isInteger(days) || days < 1 || days > 36_500) {
    throw new UsageError(`--days is a whole number from 1 to 36500, not "${flags.days}".`);
  }
}

/** Without a terminal every answer must be there. */
function requireAll(flags: Flags): void {
  const missing = [
    !flags.name && "NAME",
    !flags["client-id"] && "--client-id",
    !flags.username && "--username",
    !flags["login-url"] && "--login-url",
    !flags.key && !flags["generate-key"] && "--key FILE (or --generate-key)",
  ].filter((name) => typeof name === "string");
  if (missing.length === 0) return;
  throw new UsageError(
    `sfetch login: there is no terminal to ask on, so it needs ${missing.join(", ")}.`,
    "`sfetch login --help` shows what they are.",
  );
}

/** Undoes and ends on the signals that end a process; returns what takes that back. */
function onSignal(undo: () => void): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const stop = (): void => {
    undo();
    process.exit(130);
  };
  for (const signal of signals) process.on(signal, stop);
  return () => signals.forEach((signal) => process.off(signal, stop));
}

async function login(
  flags: Flags,
  dialogue: Dialogue | undefined,
  madeFiles: KeyFiles[],
): Promise<void> {
  const remarks: Remarks = dialogue ?? (await import("../terminal/log.ts")).log;
  dialogue?.begin("Sign in to a Salesforce org");
  const name = await chooseName(flags, dialogue);
  const answers = await collectAnswers(name, flags, dialogue, remarks, madeFiles);
  const { signInUntilItWorks } = await import("./login/attempts.ts");
  const signedIn = await signInUntilItWorks(answers, flags, dialogue, remarks);
  await save(name, answers, signedIn);
  const used = madeFiles.findIndex(({ privateKeyFile }) =>
    privateKeyFile === answers.privateKeyFile
  );
  if (used >= 0) madeFiles.splice(used, 1);
  await chooseDefault(name, flags, dialogue);
  await sayGoodbye(name, answers, signedIn, dialogue, remarks);
}

/** A name that no saved org has, or one that may be replaced. */
async function chooseName(flags: Flags, dialogue?: Dialogue): Promise<string> {
  const { checkOrgName, readSavedOrg } = await import("../orgs/saved-orgs.ts");
  const check = (name: string): string | undefined => {
    try {
      checkOrgName(name);
    } catch (error) {
      return (error as UsageError).message;
    }
  };
  let name = flags.name;
  if (name !== undefined) checkOrgName(name);
  for (;; name = undefined) {
    name ??= await dialogue!.text("A name for this org, to use as --org NAME", {
      placeholder: "prod, staging, dev …",
      check,
    });
    const saved = await readSavedOrg(name);
    if (!saved || flags.overwrite) return name;
    if (!dialogue) {
      throw new UsageError(
        `An org named "${name}" is saved already: ${saved.username} at ${saved.loginUrl}.`,
        "Choose another name, or add --overwrite.",
      );
    }
    const question =
      `"${name}" is saved already: ${saved.username} at ${saved.loginUrl}. Replace it?`;
    if (await dialogue.confirm(question, false)) return name;
  }
}

async function collectAnswers(
  name: string,
  flags: Flags,
  dialogue: Dialogue | undefined,
  remarks: Remarks,
  madeFiles: KeyFiles[],
): Promise<Answers> {
  const ask = await import("./login/answers.ts");
  const loginUrl = flags["login-url"] && await ask.understandLoginUrl(flags["login-url"]);
  const choice = flags.key ? "own" : flags["generate-key"] ? "new" : await chooseKey(dialogue!);
  const key = choice === "new"
    ? await makeKey(name, flags, remarks, madeFiles)
    : flags.key
    ? await ask.openPrivateKey(flags.key, dialogue)
    : await ask.askPrivateKey(dialogue!);
  if (!flags["client-id"]) {
    const { findCertificate } = await import("../keys/find-certificate.ts");
    await showWay(dialogue!, findCertificate(key.privateKeyFile), choice === "new");
  }
  return {
    ...key,
    clientId: flags["client-id"] ?? await ask.askClientId(dialogue!),
    username: flags.username ?? await ask.askUsername(dialogue!),
    loginUrl: loginUrl ?? await ask.askLoginUrl(dialogue!),
  };
}

function chooseKey(dialogue: Dialogue): Promise<"new" | "own"> {
  return dialogue.choose("The private key to sign in with", [
    { value: "new", label: "Make a new key and its certificate", hint: "no OpenSSL needed" },
    { value: "own", label: "Use a key that I have" },
  ]);
}

async function makeKey(
  name: string,
  { bits, days }: Flags,
  remarks: Remarks,
  madeFiles: KeyFiles[],
): Promise<Pick<Answers, "privateKeyFile">> {
  const files = await makeKeyFiles(name, {
    bits: Number(bits ?? 2048) as KeySize,
    days: Number(days ?? 730),
  });
  madeFiles.push(files);
  remarks.success(
    `Made the private key ${files.privateKeyFile}\nand its certificate ${files.certificateFile}`,
  );
  return { privateKeyFile: files.privateKeyFile };
}

/** How Salesforce gets to know the certificate. */
async function showWay(
  dialogue: Dialogue,
  certificateFile: string | undefined,
  isNew: boolean,
): Promise<void> {
  const way = await dialogue.choose("The app in Salesforce that holds the certificate", [
    {
      value: "eca",
      label: "Show me how to make an External Client App",
      hint: "takes two minutes",
    },
    { value: "connected", label: "Show me a Connected App", hint: "for orgs that still may" },
    { value: "metadata", label: "Deploy it as metadata", hint: "with the sf CLI" },
    { value: "there", label: "It is there already" },
  ]);
  const guide = await import("./app/setup-guide.ts");
  const options = { certificatePath: certificateFile ?? "the certificate of your key" };
  const steps = {
    eca: guide.externalClientAppSteps(options),
    connected: guide.connectedAppSteps(options),
    metadata: metadataSteps(options.certificatePath),
    there: isNew ? [`Upload the certificate to the app: ${certificateFile}`] : [],
  }[way];
  if (steps.length > 0) {
    dialogue.info(steps.map((step, i) => steps.length > 1 ? `${i + 1}. ${step}` : step).join("\n"));
  }
  if (way !== "metadata" && certificateFile) {
    dialogue.info(
      "In the file dialogue of the browser, paste the path: Ctrl-L first on Linux, Cmd-Shift-G on macOS.",
    );
  }
}

function metadataSteps(certificatePath: string): string[] {
  return [
    `In another terminal: sfetch app --email YOUR_ADDRESS --cert ${certificatePath} --out sfetch-app`,
    "Deploy it as that command says, and copy the consumer key.",
  ];
}

async function save(
  name: string,
  { clientId, username, privateKeyFile, loginUrl }: Answers,
  signedIn?: SignedIn,
): Promise<void> {
  const { readSavedOrg, removeUnusedKey, saveOrg } = await import("../orgs/saved-orgs.ts");
  const former = await readSavedOrg(name);
  const { instanceUrl, audience, orgId, kind } = signedIn ?? {};
  const org: SavedOrg = {
    clientId,
    username,
    privateKeyFile,
    loginUrl,
    audience,
    instanceUrl,
    orgId,
    kind,
  };
  await saveOrg(name, org);
  if (former) await removeUnusedKey(former.privateKeyFile);
}

/** The first org is the default by itself; a later one where that is wanted. */
async function chooseDefault(name: string, flags: Flags, dialogue?: Dialogue): Promise<void> {
  const { defaultOrg, setDefaultOrg } = await import("../orgs/saved-orgs.ts");
  const current = await defaultOrg();
  if (current === name) return;
  const wanted = flags.default ||
    await dialogue?.confirm(`Make it the default, in place of ${current}?`, false);
  if (wanted) await setDefaultOrg(name);
}

async function sayGoodbye(
  name: string,
  { username, passphrase }: Answers,
  signedIn: SignedIn | undefined,
  dialogue: Dialogue | undefined,
  remarks: Remarks,
): Promise<void> {
  const { defaultOrg } = await import("../orgs/saved-orgs.ts");
  const isDefault = await defaultOrg() === name;
  if (signedIn) remarks.success(`Signed in as ${username} to ${titleOf(signedIn)}.`);
  remarks.success(`Saved as "${name}"${isDefault ? ", the default org" : ""}.`);
  if (passphrase) {
    remarks.warn(
      "The passphrase of the key is not saved: SF_PRIVATE_KEY_PASSPHRASE must be set wherever this org is used.",
    );
  }
  const inTheWay = ["SF_CLIENT_ID", "SF_ACCESS_TOKEN", "SF_TARGET_ORG"]
    .filter((variable) => process.env[variable]);
  if (inTheWay.length > 0) {
    remarks.warn(`In this shell ${inTheWay.join(", ")} goes before the default org: use --org.`);
  }
  const { invocation } = await import("../arguments/invocation.ts");
  const sfetch = invocation();
  const org = isDefault && inTheWay.length === 0 ? "" : ` --org ${name}`;
  const next = signedIn
    ? [
      `${sfetch}${org} opens an interactive session`,
      `${sfetch} query${org} "SELECT Id, Name FROM Account LIMIT 5"`,
    ]
    : [`${sfetch} doctor${org} signs in, and says what is wrong if it cannot`];
  const text = ["Next:", ...next].join("\n   ");
  if (dialogue) dialogue.end(text);
  else remarks.info(text);
}

function titleOf({ orgName, orgId, kind, instanceUrl }: SignedIn): string {
  const details = [kind && KIND_TITLES[kind], orgId, instanceUrl].filter(Boolean).join(", ");
  return orgName ? `${orgName} (${details})` : details;
}
