/**
 * `sfetch login`: from nothing to a saved sign-in, step by step or, with options, unattended.
 *
 * An org is saved only after Salesforce accepted the sign-in. A key that was created in a dialogue outlives a cancelled
 * login, because its certificate may already be in an app in Salesforce; the next login offers it again.
 *
 * @module
 */
import process from "node:process";
import { type Args, command, Interrupted, UsageError, type Values } from "../arguments/command.ts";
import type { KeySize } from "../keys/keys.ts";
import type { Answers } from "./login/answers.ts";
import { canAsk, type Dialogue, openDialogue, type Remarks } from "../terminal/dialogue.ts";
import { createKeyFiles, type KeyFiles, removeKeyFiles, unusedKeyFiles } from "./login/new-key.ts";
import type { SignedIn } from "./login/sign-in.ts";
import { KIND_TITLES } from "../orgs/org-kind.ts";
import type { SavedOrg } from "../orgs/saved-orgs.ts";

const args = {
  name: {
    type: "positional",
    required: false,
    description: "a name for the org, to use as --org NAME",
  },
  "client-id": { type: "string", valueHint: "key", description: "consumer key of the app" },
  username: { type: "string", valueHint: "name", description: "the user to work as" },
  "login-url": {
    type: "string",
    valueHint: "url",
    description: "My Domain of the org, or production, or sandbox",
  },
  key: {
    type: "string",
    valueHint: "file",
    description:
      "your private key file, which is not copied (passphrase: SF_PRIVATE_KEY_PASSPHRASE)",
  },
  "generate-key": { type: "boolean", description: "create a key and its certificate" },
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
    description: "sign in before saving; --no-check saves the org untested",
  },
  default: { type: "boolean", description: "make it the default org, for commands without --org" },
  "allow-host": {
    type: "string",
    multiple: true,
    valueHint: "host",
    description: "trust a host outside Salesforce's domains with the sign-in: saved with the org",
  },
  "read-only": { type: "boolean", description: "never write to this org: saved with it" },
  overwrite: { type: "boolean", description: "replace a saved org of this name" },
} as const satisfies Args;

type Flags = Values<typeof args>;

export default command({
  meta: {
    name: "login",
    description: "Set up an org, step by step, and save it; with options it runs unattended",
  },
  args,
  examples: [
    ["sfetch login", "asks for everything, and shows where to click"],
    [
      "sfetch login ci --client-id 3MVG9… --username ci@acme.example --login-url acme --key server.key",
      "unattended: asks no questions",
    ],
    ["sfetch login dev --approve", "for an app whose users may self-authorize"],
  ],
  async run({ args }) {
    await checkOptions(args);
    const dialogue = canAsk() ? await openDialogue() : undefined;
    if (!dialogue) requireAll(args);
    const state: State = { created: [], isSaved: false };
    // Without a dialogue nobody can have uploaded the certificate in the meantime.
    const giveUp = (): void =>
      dialogue ? sayWhatIsKept(state) : state.created.forEach(removeKeyFiles);
    const stopListening = onSignal(giveUp);
    try {
      await login(args, dialogue, state);
    } catch (error) {
      if (error instanceof Interrupted || state.created.length > 0) giveUp();
      throw error;
    } finally {
      stopListening();
    }
  },
});

async function checkOptions(flags: Flags): Promise<void> {
  if (flags.key && (flags["generate-key"] || flags.bits || flags.days)) {
    throw new UsageError(
      "--key names an existing key; --generate-key, --bits and --days create a new one.",
      "Use one or the other.",
    );
  }
  const days = Number(flags.days ?? 730);
  if (!Number.isInteger(days) || days < 1 || days > 36_500) {
    throw new UsageError(`--days must be a whole number from 1 to 36500, not "${flags.days}".`);
  }
  const { checkAnswers } = await import("./login/answers.ts");
  checkAnswers(flags);
}

/** Without a terminal for questions, every answer must be given as an option. */
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
    `sfetch login cannot ask questions without a terminal. Missing: ${missing.join(", ")}.`,
    "`sfetch login --help` explains them.",
  );
}

/** What a login has left on the disk so far. */
interface State {
  /** Keys that no saved org uses yet. */
  created: KeyFiles[];
  isSaved: boolean;
}

/** Says what a login that did not finish leaves behind. Synchronous, for an exit by signal. */
function sayWhatIsKept({ created, isSaved }: State): void {
  const files = created.map(({ privateKeyFile, certificateFile }) =>
    `\n  ${privateKeyFile}\n  ${certificateFile}`
  );
  process.stderr.write(
    isSaved
      ? "The org is saved.\n"
      : files.length === 0
      ? "Nothing was saved.\n"
      : `The org was not saved. The next login offers this key again:${files.join("")}\n`,
  );
}

/** Runs `giveUp` and exits on the signals that end a process; returns a function that stops listening. */
function onSignal(giveUp: () => void): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const stop = (): void => {
    giveUp();
    process.exit(130);
  };
  for (const signal of signals) process.on(signal, stop);
  return () => signals.forEach((signal) => process.off(signal, stop));
}

async function login(
  flags: Flags,
  dialogue: Dialogue | undefined,
  state: State,
): Promise<void> {
  const remarks: Remarks = dialogue ?? (await import("../terminal/log.ts")).log;
  dialogue?.begin("Sign in to a Salesforce org");
  const name = await chooseName(flags, dialogue);
  const answers = await collectAnswers(name, flags, dialogue, remarks, state);
  const { signInUntilItWorks } = await import("./login/attempts.ts");
  const signedIn = await signInUntilItWorks(answers, flags, dialogue, remarks);
  await save(name, answers, flags["read-only"], signedIn);
  state.isSaved = true;
  state.created.splice(0).filter(({ privateKeyFile }) => privateKeyFile !== answers.privateKeyFile)
    .forEach(removeKeyFiles);
  await chooseDefault(name, flags, dialogue);
  await sayGoodbye(name, answers, signedIn, dialogue, remarks);
}

/** A name that no saved org has, or whose org may be replaced. */
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
        `An org named "${name}" is already saved: ${saved.username} at ${saved.loginUrl}.`,
        "Choose another name, or add --overwrite.",
      );
    }
    const question =
      `"${name}" is already saved: ${saved.username} at ${saved.loginUrl}. Replace it?`;
    if (await dialogue.confirm(question, false)) return name;
  }
}

async function collectAnswers(
  name: string,
  flags: Flags,
  dialogue: Dialogue | undefined,
  remarks: Remarks,
  state: State,
): Promise<Answers> {
  const ask = await import("./login/answers.ts");
  const loginUrl = flags["login-url"] &&
    await ask.understandLoginUrl(flags["login-url"], flags["allow-host"]);
  const key = flags.key
    ? await ask.openPrivateKey(flags.key, dialogue)
    : await chosenKey(name, flags, dialogue, remarks, state);
  if (!flags["client-id"]) {
    const { findCertificate } = await import("../keys/find-certificate.ts");
    await showWay(dialogue!, findCertificate(key.privateKeyFile));
  }
  return {
    ...key,
    clientId: flags["client-id"] ?? await ask.askClientId(dialogue!),
    username: flags.username ?? await ask.askUsername(dialogue!),
    loginUrl: loginUrl ?? await ask.askLoginUrl(dialogue!, flags["allow-host"]),
    allowHost: flags["allow-host"],
  };
}

/** `new`, `own`, or the path of a key file. */
async function chooseKey(dialogue: Dialogue): Promise<string> {
  const unused = await unusedKeyFiles();
  return await dialogue.choose("The private key to sign in with", [
    ...unused.map(({ privateKeyFile }) => ({
      value: privateKeyFile,
      label: "Use the key that an earlier login created",
      hint: privateKeyFile,
    })),
    { value: "new", label: "Create a new key and its certificate", hint: "without OpenSSL" },
    { value: "own", label: "Use a key that I have" },
  ]);
}

async function createKey(
  name: string,
  { bits, days }: Flags,
  remarks: Remarks,
  state: State,
): Promise<Pick<Answers, "privateKeyFile">> {
  const files = await createKeyFiles(name, {
    bits: Number(bits ?? 2048) as KeySize,
    days: Number(days ?? 730),
  });
  state.created.push(files);
  remarks.success(
    `Created the private key ${files.privateKeyFile}\nand its certificate ${files.certificateFile}`,
  );
  return { privateKeyFile: files.privateKeyFile };
}

/** How the certificate gets into an app in Salesforce. */
async function showWay(dialogue: Dialogue, certificateFile: string | undefined): Promise<void> {
  const way = await dialogue.choose("The app in Salesforce that holds the certificate", [
    {
      value: "eca",
      label: "Show me how to create an External Client App",
      hint: "takes two minutes",
    },
    {
      value: "connected",
      label: "Show me how to create a Connected App",
      hint: "where the org still allows it",
    },
    { value: "metadata", label: "Deploy it as metadata", hint: "with the sf CLI" },
    { value: "there", label: "The app already exists" },
  ]);
  const guide = await import("./app/setup-guide.ts");
  const options = { certificatePath: certificateFile ?? "the certificate of your key" };
  const steps = {
    eca: guide.externalClientAppSteps(options),
    connected: guide.connectedAppSteps(options),
    metadata: metadataSteps(options.certificatePath),
    there: certificateFile ? [`The app must have this certificate: ${certificateFile}`] : [],
  }[way];
  if (steps.length > 0) {
    dialogue.info(steps.map((step, i) => steps.length > 1 ? `${i + 1}. ${step}` : step).join("\n"));
  }
  if (way !== "metadata" && certificateFile) {
    dialogue.info(
      "To paste the path in the browser's file dialog, first press Ctrl-L on Linux or Cmd-Shift-G on macOS.",
    );
  }
}

async function chosenKey(
  name: string,
  flags: Flags,
  dialogue: Dialogue | undefined,
  remarks: Remarks,
  state: State,
): Promise<Pick<Answers, "privateKeyFile" | "passphrase">> {
  const choice = flags["generate-key"] ? "new" : await chooseKey(dialogue!);
  if (choice === "new") return await createKey(name, flags, remarks, state);
  const ask = await import("./login/answers.ts");
  return choice === "own"
    ? await ask.askPrivateKey(dialogue!)
    : await ask.openPrivateKey(choice, dialogue);
}

function metadataSteps(certificatePath: string): string[] {
  return [
    `In another terminal: sfetch app --email YOUR_ADDRESS --cert ${certificatePath} --out sfetch-app`,
    "Deploy it as that command explains, and copy the consumer key.",
  ];
}

async function save(
  name: string,
  { clientId, username, privateKeyFile, loginUrl, allowHost }: Answers,
  readOnly: boolean,
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
    allowHost: allowHost.length > 0 ? allowHost : undefined,
    readOnly: readOnly || undefined,
  };
  await saveOrg(name, org);
  if (former) await removeUnusedKey(former.privateKeyFile);
}

/** The first org becomes the default by itself; a later one where the user wants it. */
async function chooseDefault(name: string, flags: Flags, dialogue?: Dialogue): Promise<void> {
  const { defaultOrg, setDefaultOrg } = await import("../orgs/saved-orgs.ts");
  const current = await defaultOrg();
  if (current === name) return;
  const wanted = flags.default ||
    await dialogue?.confirm(`Make it the default instead of ${current}?`, false);
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
      "The passphrase of the key is not saved. Set SF_PRIVATE_KEY_PASSPHRASE wherever this org is used.",
    );
  }
  const inTheWay = ["SF_CLIENT_ID", "SF_ACCESS_TOKEN", "SF_TARGET_ORG"]
    .filter((variable) => process.env[variable]);
  if (inTheWay.length > 0) {
    remarks.warn(
      `${inTheWay.join(", ")} ${
        inTheWay.length > 1 ? "are" : "is"
      } set in this shell and used instead of the default org. Use --org.`,
    );
  }
  const { invocation } = await import("../arguments/invocation.ts");
  const sfetch = invocation();
  const org = isDefault && inTheWay.length === 0 ? "" : ` --org ${name}`;
  const next = signedIn
    ? [
      `${sfetch}${org} opens an interactive session`,
      `${sfetch} query${org} "SELECT Id, Name FROM Account LIMIT 5"`,
    ]
    : [`${sfetch} doctor${org} signs in, and explains what is wrong if it cannot`];
  const text = ["Next:", ...next].join("\n   ");
  if (dialogue) dialogue.end(text);
  else remarks.info(text);
}

function titleOf({ orgName, orgId, kind, instanceUrl }: SignedIn): string {
  const details = [kind && KIND_TITLES[kind], orgId, instanceUrl].filter(Boolean).join(", ");
  return orgName ? `${orgName} (${details})` : details;
}
