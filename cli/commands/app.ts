/**
 * `sfetch app`: writes the metadata of the app that Salesforce signs users in for.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AppOptions, Component, SourceFile } from "./app/metadata.ts";
import { command, UsageError, type Values } from "../arguments/command.ts";
import { CALLBACK_URL, connectedAppKey, externalClientAppKey } from "./app/setup-guide.ts";

const args = {
  email: {
    type: "string",
    required: true,
    valueHint: "address",
    description: "the contact address that Salesforce asks for",
  },
  name: {
    type: "string",
    default: "sfetch",
    valueHint: "api_name",
    description: "the app's API name",
  },
  label: {
    type: "string",
    valueHint: "text",
    description: "the name that people see (default: the API name)",
  },
  cert: {
    type: "string",
    default: "server.crt",
    valueHint: "file",
    description: "the certificate, as sfetch keygen writes it",
  },
  out: {
    type: "string",
    default: ".",
    valueHint: "folder",
    description: "an sf project, or the folder to make one in",
  },
  "permission-set": {
    type: "string",
    multiple: true,
    valueHint: "api_name",
    description: "a permission set whose users may sign in; may be repeated (default: a new one)",
  },
  profile: {
    type: "string",
    multiple: true,
    valueHint: "name",
    description: "a profile whose users may sign in; may be repeated",
  },
  callback: {
    type: "string",
    default: CALLBACK_URL,
    valueHint: "url",
    description: "the callback URL",
  },
  "connected-app": {
    type: "boolean",
    description: "a Connected App, for an org that may still make one",
  },
} as const;

export default command({
  meta: {
    name: "app",
    description:
      "Write the metadata of an External Client App with your certificate in it, ready for sf project deploy start",
  },
  args,
  examples: [
    ["sfetch app --email me@example.com", "the app, and a permission set for its users"],
    [
      "sfetch app --email me@example.com --name billing --permission-set Billing_API",
      "users of a permission set that exists already",
    ],
    ["sfetch app --email me@example.com --connected-app", "a Connected App"],
  ],
  async run({ args }) {
    const [{ writeNewFiles }, { log }] = await Promise.all([
      import("../output/write-files.ts"),
      import("../terminal/log.ts"),
    ]);
    const plan = await planApp(await appOptions(args), args.out, args["connected-app"]);
    writeNewFiles(plan.files.map(({ path, content }) => ({ path: join(args.out, path), content })));
    for (const { path } of plan.files) process.stdout.write(`${join(args.out, path)}\n`);
    log.info(`\n${plan.nextSteps}`);
  },
});

async function appOptions(given: Values<typeof args>): Promise<AppOptions> {
  const { checkDeveloperName } = await import("./app/developer-name.ts");
  const { name, label = name, email, callback, profile } = given;
  checkDeveloperName("--name", name);
  checkText("--label", label);
  if (!/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(email)) {
    throw new UsageError(`--email "${email}" is no e-mail address.`);
  }
  if (!URL.canParse(callback)) {
    throw new UsageError(
      `--callback "${callback}" is no URL.`,
      `For example: ${CALLBACK_URL}`,
    );
  }
  for (const set of given["permission-set"]) {
    if (!/^\w+$/.test(set)) {
      throw new UsageError(
        `--permission-set "${set}" is no API name.`,
        "Setup > Permission Sets shows it as API Name; repeat the flag for several.",
      );
    }
  }
  for (const each of profile) checkText("--profile", each, ",");
  return {
    name,
    label,
    contactEmail: email,
    certificatePem: await certificate(given.cert),
    callbackUrl: callback,
    permissionSets: given["permission-set"],
    profiles: profile,
  };
}

/** Refuses what XML cannot hold, and what would be read as something else. */
function checkText(flag: string, text: string, separator = ""): void {
  const isSplit = separator !== "" && text.includes(separator);
  if (text.trim() && !isSplit && !/\p{Cc}|[\ufffe\uffff]/u.test(text)) return;
  throw new UsageError(
    `${flag} "${text}" cannot be used.`,
    `It is one line of text${separator && `, without "${separator}"`}.`,
  );
}

async function certificate(path: string): Promise<string> {
  const [{ readCertificateFile }, { log }] = await Promise.all([
    import("../keys/keys.ts"),
    import("../terminal/log.ts"),
  ]);
  const certificate = await readCertificateFile(path);
  if (certificate.keyType !== "RSA" || certificate.bits < 2048) {
    throw new UsageError(
      `${path} holds ${
        certificate.keyType === "RSA"
          ? `an RSA key of ${certificate.bits} bits`
          : `a key of another kind (${certificate.keyType})`
      }.`,
      "Salesforce signs in with RSA keys of 2048 bits or more. Make one with: sfetch keygen",
    );
  }
  const days = Math.floor((certificate.notAfter.getTime() - Date.now()) / 86_400_000);
  if (days < 0) log.warn(`${path} has expired. Make another with: sfetch keygen`);
  else if (days < 30) log.warn(`${path} expires in ${days} days.`);
  if (certificate.certificatePem.length > 4096) {
    log.warn(`${path} is larger than the 4 KB that Salesforce is known to take.`);
  }
  return certificate.certificatePem;
}

interface Plan {
  files: SourceFile[];
  nextSteps: string;
}

async function planApp(given: AppOptions, out: string, isConnectedApp: boolean): Promise<Plan> {
  const metadata = await import("./app/metadata.ts");
  const { name, label } = given;
  const project = existingProject(out);
  const ownSet = given.permissionSets.length + given.profiles.length === 0
    ? metadata.permissionSet(name, label)
    : undefined;
  const options = ownSet ? { ...given, permissionSets: [name] } : given;
  const sets = ownSet ? [ownSet] : [];
  // What is named must be there first: the permission set before those who refer to it, the app before its policies.
  const deploys = isConnectedApp ? [sets, metadata.connectedApp(options)] : [
    [...sets, ...metadata.externalClientApp(options)],
    metadata.externalClientAppPolicies(options),
  ];
  const stages = deploys.filter((components) => components.length > 0);
  const manifests = stages.map((components, i) =>
    metadata.manifest(`manifest/${name}${stages.length > 1 ? `-${i + 1}` : ""}.xml`, components)
  );
  return {
    files: [
      ...(project ? [] : [metadata.projectFile()]),
      ...stages.flat().map((each) =>
        metadata.sourceFile(project ?? "force-app/main/default", each)
      ),
      ...manifests,
    ],
    nextSteps: nextSteps(given, out, manifests, stages.flat(), isConnectedApp),
  };
}

/** The source folder of the sf project that is there already. */
function existingProject(folder: string): string | undefined {
  const path = join(folder, "sfdx-project.json");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new UsageError(`Cannot read ${path} (${(error as NodeJS.ErrnoException).code}).`);
  }
  try {
    const { packageDirectories } = JSON.parse(text);
    const main = packageDirectories.find((each: { default?: boolean }) => each.default) ??
      packageDirectories[0];
    return `${main.path}/main/default`;
  } catch {
    throw new UsageError(
      `${path} is no project file of sf: packageDirectories is missing or damaged.`,
      "Mend it, or choose another folder with --out DIR.",
    );
  }
}

function nextSteps(
  { name, label }: AppOptions,
  out: string,
  manifests: SourceFile[],
  components: Component[],
  isConnectedApp: boolean,
): string {
  const hasOwnSet = components.some(({ type }) => type === "PermissionSet");
  const steps = [
    ...(out === "." ? [] : [`cd ${out}`]),
    ...manifests.map(({ path }) => `sf project deploy start --target-org ORG --manifest ${path}`),
    ...(hasOwnSet
      ? [`sf org assign permset --target-org ORG --name ${name} --on-behalf-of USERNAME`]
      : []),
    isConnectedApp ? connectedAppKey(label) : externalClientAppKey(label),
    "sfetch login; a new app is known everywhere after 2 to 10 minutes.",
  ];
  const numbered = steps.map((step, i) => `  ${i + 1}. ${step}`);
  const notes = (isConnectedApp ? CONNECTED_APP_NOTES : EXTERNAL_CLIENT_APP_NOTES)
    .map((note) => `  - ${note}`);
  return ["Next:", ...numbered, "", "Good to know:", ...notes].join("\n");
}

const CLEARED =
  'A deploy without <certificate> clears the one in the org; sign-in then answers "invalid assertion".';

const EXTERNAL_CLIENT_APP_NOTES = [
  CLEARED,
  "Keep extlClntAppGlobalOauthSets out of version control: retrieved from the org, it holds the consumer key and maybe the secret.",
  'Deploying takes the user permission "View all External Client Apps, view their settings, and edit their policies", and in ' +
  'Setup > External Client App Settings "Allow access to OAuth consumer secrets via Metadata API" where the org still has it.',
];

const CONNECTED_APP_NOTES = [
  "Since Spring '26 an org takes a new Connected App only if Salesforce Support allows it; without --connected-app you get an External Client App.",
  CLEARED,
];
