/**
 * `sfetch keygen`: creates a private key, its certificate, and a keystore for Apex.
 *
 * @module
 */
import { join } from "node:path";
import { command, UsageError, type Values } from "../arguments/command.ts";
import type { KeyPair, KeySize } from "../keys/keys.ts";
import type { NewFile } from "../output/write-files.ts";
import { writeStdout } from "../terminal/stdout.ts";

const args = {
  out: {
    type: "string",
    default: ".",
    valueHint: "folder",
    description: "the folder for the files",
  },
  bits: {
    type: "enum",
    options: ["2048", "3072", "4096"],
    valueHint: "2048|3072|4096",
    description: "size of the key in bits (default: 2048)",
  },
  days: {
    type: "string",
    default: "730",
    valueHint: "number",
    description: "days for which the certificate is valid",
  },
  cn: {
    type: "string",
    default: "sfetch",
    valueHint: "name",
    description: "the certificate's common name",
  },
  key: {
    type: "string",
    valueHint: "file",
    description:
      "use this private key instead of a new one (passphrase: SF_PRIVATE_KEY_PASSPHRASE)",
  },
  cert: {
    type: "string",
    valueHint: "file",
    description: "use this certificate of --key instead of a new one",
  },
  jks: {
    type: "boolean",
    description: "also create the Java keystore that Salesforce imports for Apex",
  },
  alias: {
    type: "string",
    default: "sfetch",
    valueHint: "name",
    description: "the certificate's unique name in Salesforce, for --jks",
  },
  storepass: {
    type: "string",
    valueHint: "-|env:NAME",
    description:
      "the keystore's password, from stdin or a variable (default: a new one, printed once)",
  },
} as const;

export default command({
  meta: {
    name: "keygen",
    description:
      "Create a private key (server.key) and its certificate for Salesforce (server.crt), without OpenSSL; no file is overwritten",
  },
  args,
  examples: [
    ["sfetch keygen", "server.key and server.crt in this folder"],
    [
      "sfetch keygen --out keys --bits 4096 --days 365 --cn ci@acme",
      "a longer key, a shorter validity, a name",
    ],
    ["sfetch keygen --jks --alias Acme_JWT", "with server.jks, to sign in from Apex"],
    [
      "sfetch keygen --key server.key --cert server.crt --jks",
      "a keystore for an existing key",
    ],
  ],
  async run({ args }) {
    const request = checkArgs(args);
    const [{ writeNewFiles }, { log }] = await Promise.all([
      import("../output/write-files.ts"),
      import("../terminal/log.ts"),
    ]);
    const pair = await keyPair(args, request);
    const store = args.jks ? await keyStore(pair, args) : undefined;
    const files = newFiles(args, pair, store?.content);
    writeNewFiles(files.map(({ file }) => file));

    const lines = [
      ...files.map(({ what, file }) => `${what}: ${file.path}`),
      ...(store ? [`alias: ${store.alias}`] : []),
      ...(store?.isNewPassword ? [`password: ${store.password}`] : []),
      `fingerprint: SHA-256 ${pair.fingerprintSha256}`,
      `expires: ${pair.notAfter.toISOString().slice(0, 10)}`,
    ];
    await writeStdout(lines.join("\n") + "\n");
    log.info("\n" + await nextSteps(args, store));
  },
});

interface Request {
  bits: KeySize;
  days: number;
  commonName: string;
}

function checkArgs(given: Values<typeof args>): Request {
  const days = Number(given.days);
  if (!Number.isInteger(days) || days < 1 || days > 36_500) {
    throw new UsageError(
      `--days must be a whole number from 1 to 36500, not "${given.days}".`,
    );
  }
  if (!given.cn.trim() || given.cn.length > 64 || /\p{Cc}/u.test(given.cn)) {
    throw new UsageError(
      `--cn "${given.cn}" is not a valid common name.`,
      "Use one line of 1 to 64 characters.",
    );
  }
  if (given.cert && !given.key) {
    throw new UsageError(
      "--cert needs --key: the private key that belongs to the certificate.",
      "Omit both for a new pair.",
    );
  }
  if (given.cert && !given.jks) {
    throw new UsageError(
      "With --key and --cert there is nothing to create.",
      "Add --jks to create a keystore.",
    );
  }
  if (given.key && given.bits) {
    throw new UsageError(
      "--bits is the size of a new key, and --key names an existing one.",
      "Omit one of them.",
    );
  }
  if (given.storepass && !given.jks) {
    throw new UsageError("--storepass is the password of a keystore.", "Add --jks.");
  }
  return { bits: Number(given.bits ?? 2048) as KeySize, days, commonName: given.cn };
}

async function keyPair(given: Values<typeof args>, request: Request): Promise<KeyPair> {
  const keys = await import("../keys/keys.ts");
  if (!given.key) return await keys.generateKeyPair(request);
  const { key } = await keys.readPrivateKeyFile(given.key, process.env.SF_PRIVATE_KEY_PASSPHRASE);
  if (!given.cert) return await keys.certifyPrivateKey(key, request);
  return await keys.pairUp(key, await keys.readCertificateFile(given.cert));
}

interface Store {
  content: Uint8Array;
  alias: string;
  password: string;
  isNewPassword: boolean;
}

async function keyStore(pair: KeyPair, given: Values<typeof args>): Promise<Store> {
  const [{ checkDeveloperName }, { writeKeyStore }, { KEY_SIZES }] = await Promise.all([
    import("./app/developer-name.ts"),
    import("../keys/jks.ts"),
    import("../keys/keys.ts"),
  ]);
  checkDeveloperName("--alias", given.alias);
  if (!KEY_SIZES.includes(pair.bits as KeySize)) {
    throw new UsageError(
      `The key has ${pair.bits} bits. Salesforce imports keystores with keys of ${
        KEY_SIZES.join(", ")
      } bits.`,
      "Omit --key to create a new pair.",
    );
  }
  const alias = given.alias.toLowerCase();
  const password = given.storepass ? await readPassword(given.storepass) : newPassword();
  const entry = { alias, privateKey: pair.privateKeyDer, certificate: pair.certificateDer };
  return {
    content: writeKeyStore(entry, password),
    alias,
    password,
    isNewPassword: !given.storepass,
  };
}

/** 24 letters and digits: 142 bits, without characters that a form or a shell could misread. */
function newPassword(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  let password = "";
  while (password.length < 24) {
    const byte = crypto.getRandomValues(new Uint8Array(1))[0]!;
    if (byte < 248) password += alphabet[byte % 62]; // 248 = 4 × 62, so that no character is more likely
  }
  return password;
}

async function readPassword(source: string): Promise<string> {
  const password = source === "-"
    ? await (process.stdin.isTTY ? askPassword() : firstLineOfStdin())
    : source.startsWith("env:")
    ? process.env[source.slice(4)] ?? ""
    : undefined;
  if (password === undefined) {
    throw new UsageError(
      "--storepass does not accept a password: other users of this machine could see it in the process list.",
      "Use --storepass - for stdin, --storepass env:NAME for a variable, or omit it for a new password.",
    );
  }
  if (password.length >= 6) return password;
  throw new UsageError(
    `The password from ${source === "-" ? "stdin" : source.slice(4)} is ${
      password ? "too short" : "empty"
    }.`,
    "A Java keystore needs 6 characters or more.",
  );
}

async function askPassword(): Promise<string> {
  const { openDialogue } = await import("../terminal/dialogue.ts");
  return await (await openDialogue()).secret("Password of the keystore");
}

async function firstLineOfStdin(): Promise<string> {
  const { text } = await import("node:stream/consumers");
  return (await text(process.stdin)).split(/\r?\n/, 1)[0]!;
}

function newFiles(
  given: Values<typeof args>,
  pair: KeyPair,
  store?: Uint8Array,
): { what: string; file: NewFile }[] {
  const file = (what: string, name: string, content: string | Uint8Array, secret: boolean) => ({
    what,
    file: { path: join(given.out, name), content, private: secret },
  });
  return [
    ...(given.key ? [] : [file("key", "server.key", pair.privateKeyPem, true)]),
    ...(given.cert ? [] : [file("certificate", "server.crt", pair.certificatePem, false)]),
    ...(store ? [file("keystore", "server.jks", store, true)] : []),
  ];
}

async function nextSteps(given: Values<typeof args>, store?: Store): Promise<string> {
  const certificate = given.cert ?? join(given.out, "server.crt");
  const key = given.key ?? join(given.out, "server.key");
  const lines = [
    `Next: upload ${certificate} to your app in Salesforce. Keep ${key} secret.`,
    "`sfetch login` shows where to click; `sfetch app` writes the app as metadata to deploy.",
  ];
  if (!store) return lines.join("\n");
  const { apexExample, keystoreSteps } = await import("./app/setup-guide.ts");
  const steps = keystoreSteps(join(given.out, "server.jks"));
  return [
    ...lines,
    "",
    "To sign in from Apex, in the org that runs it:",
    ...steps.map((step) => `  ${step}`),
    "",
    ...apexExample(store.alias).split("\n").map((line) => `  ${line}`),
  ].join("\n");
}
