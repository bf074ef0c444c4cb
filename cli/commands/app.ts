/**
 * `sfetch app`: writes the metadata of the app that users sign in through.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AppOptions, Component, SourceFile } from "./app/metadata.ts";
import { command, UsageError, type Values } from "../arguments/command.ts";
import { writeStdout } from "../terminal/stdout.ts";
import { CALLBACK_URL, connectedAppKey, externalClientAppKey } from "./app/setup-guide.ts";

const args = {
  email: {
    type: "string",
    required: true,
    valueHint: "address",
    description: "the contact address that Salesforce requires",
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
    description: "the certificate, as `sfetch keygen` writes it",
  },
  out: {
    type: "string",
    default: ".",
    valueHint: "folder",
    description: "an sf project, or the folder to create one in",
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
    description: "a Connected App, for an org that can still create one",
  },
} as const;

export default command({
  meta: {
    name: "app",
    description:
      "Write an External Client App with your certificate as metadata, ready for sf project deploy start",
  },
  args,
  examples: [
    ["sfetch app --email me@example.com", "the app, and a permission set for its users"],
    [
      "sfetch app --email me@example.com --name billing --permission-set Billing_API",
      "for users of an existing permission set",
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
    for (const { path } of plan.files) await writeStdout(`${join(args.out, path)}\n`);
    log.info(`\n${plan.nextSteps}`);
  },
});

async function appOptions(given: Values<typeof args>): Promise<AppOptions> {
  const { checkDeveloperName } = await import("./app/developer-name.ts");
  const { name, label = name, email, callback, profile } = given;
  checkDeveloperName("--name", name);
  checkText("--label", label);
  if (!/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(email)) {
    throw new UsageError(`--email "${email}" is not an email address.`);
  }
  if (!URL.canParse(callback)) {
    throw new UsageError(
      `--callback "${callback}" is not a URL.`,
      `For example: ${CALLBACK_URL}`,
    );
  }
  for (const set of given["permission-set"]) {
    if (!/^\w+$/.test(set)) {
      throw new UsageError(
        `--permission-set "${set}" is not an API name.`,
        "Setup > Permission Sets shows the API Name. Repeat the option for several.",
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

/** Refuses text that XML cannot hold, or that Salesforce would read differently. */
function checkText(flag: string, text: string, separator = ""): void {
  const isSplit = separator !== "" && text.includes(separator);
  if (text.trim() && !isSplit && !/\p{Cc}|[\ufffe\uffff]/u.test(text)) return;
  throw new UsageError(
    `${flag} "${text}" cannot be used.`,
    `Give one line of text${separator && `, without "${separator}"`}.`,
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
      `${path} is for ${
        certificate.keyType === "RSA"
          ? `an RSA key of ${certificate.bits} bits`
          : `another kind of key (${certificate.keyType})`
      }.`,
      "Salesforce accepts RSA keys of 2048 bits or more. Create one with: sfetch keygen",
    );
  }
  const days = Math.floor((certificate.notAfter.getTime() - Date.now()) / 86_400_000);
  if (days < 0) log.warn(`${path} has expired. Create another with: sfetch keygen`);
  else if (days < 30) log.warn(`${path} expires in ${days} days.`);
  if (certificate.certificatePem.length > 4096) {
    log.warn(`${path} is larger than 4 KB, which Salesforce may refuse.`);
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
  // Components are deployed before those that refer to them: the permission set first, the policies last.
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

/** The source folder of the existing sf project, if there is one. */
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
      `${path} is not a project file of sf: packageDirectories is missing or damaged.`,
      "Fix the file, or choose another folder with --out.",
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
    "sfetch login (Salesforce needs 2 to 10 minutes to make a new app available)",
  ];
  const numbered = steps.map((step, i) => `  ${i + 1}. ${step}`);
  const notes = (isConnectedApp ? CONNECTED_APP_NOTES : EXTERNAL_CLIENT_APP_NOTES)
    .map((note) => `  - ${note}`);
  return ["Next:", ...numbered, "", "Good to know:", ...notes].join("\n");
}

const CLEARED =
  'A deploy without <certificate> removes the certificate in the org; sign-in then fails with "invalid assertion".';

const EXTERNAL_CLIENT_APP_NOTES = [
  CLEARED,
  "Keep extlClntAppGlobalOauthSets out of version control: retrieved from an org, it contains the consumer key and possibly the secret.",
  'Deploying requires the user permission "View all External Client Apps, view their settings, and edit their policies", and in ' +
  'Setup > External Client App Settings the setting "Allow access to OAuth consumer secrets via Metadata API", where the org still has it.',
];

const CONNECTED_APP_NOTES = [
  "Since Spring '26, an org accepts a new Connected App only if Salesforce Support allows it. Without --connected-app, sfetch writes an External Client App.",
  CLEARED,
];
