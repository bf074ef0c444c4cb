import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { createAssertion, importPrivateKey, type PrivateKeyInput, SettingsError } from "../mod.ts";
import { FIXED_KEY } from "./helpers/fixed-key.ts";
import { missing } from "./helpers/missing.ts";
import { temporaryFolder } from "./helpers/runtime.ts";

const skip = missing("openssl");
const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true }));

const PASSPHRASE = "påss wörd";
const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** Runs openssl in the folder, its arguments by blanks; `$` stands for the passphrase's file. */
function openssl(command: string): void {
  const args = command.split(" ").map((arg) => arg === "$" ? `file:${path("passphrase")}` : arg);
  execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
}

const path = (file: string): string => join(folder, file);
const text = (file: string): string => readFileSync(path(file), "utf8");

let publicKey: CryptoKey;
if (!skip) {
  writeFileSync(path("passphrase"), PASSPHRASE);
  writeFileSync(path("server.key"), FIXED_KEY);
  openssl("rsa -in server.key -traditional -out pkcs1.key");
  openssl("rsa -in server.key -pubout -outform DER -out public.der");
  openssl("req -new -x509 -key server.key -subj /CN=acme -days 30 -out server.crt");
  publicKey = await crypto.subtle.importKey("spki", readFileSync(path("public.der")), RS256, true, [
    "verify",
  ]);
}

/** The key is the one in server.key: what it signs, that one's public half verifies. */
async function isServerKey(key: CryptoKey): Promise<void> {
  const data = new TextEncoder().encode("signed");
  const signature = await crypto.subtle.sign(RS256, key, data);
  assert.ok(await crypto.subtle.verify(RS256, publicKey, signature, data));
  assert.ok(key.extractable);
}

async function rejectsWith(promise: Promise<unknown>, ...patterns: RegExp[]): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof SettingsError, `${error}`);
    for (const pattern of patterns) assert.match(error.message, pattern);
    assert.ok(error.hint, "a hint");
    assert.doesNotMatch(error.message, /MII|wörd/);
    return true;
  });
}

describe("importPrivateKey() reads", { skip }, () => {
  const FILES: [title: string, command: string, format: string][] = [
    ["PKCS#8, as OpenSSL 3 writes it", "pkcs8 -topk8 -nocrypt -in server.key -out FILE", "PKCS#8"],
    ["PKCS#1, as OpenSSL 1 writes it", "rsa -in server.key -traditional -out FILE", "PKCS#1"],
    ["PKCS#8 as DER", "pkcs8 -topk8 -nocrypt -in server.key -outform DER -out FILE", "PKCS#8"],
    ["PKCS#1 as DER", "rsa -in server.key -traditional -outform DER -out FILE", "PKCS#1"],
    ...["des3", "aes-128-cbc", "aes-192-cbc", "aes-256-cbc"].map((cipher) =>
      [
        `PKCS#8 encrypted with ${cipher}`,
        `pkcs8 -topk8 -in server.key -v2 ${cipher} -passout $ -out FILE`,
        "encrypted PKCS#8",
      ] as [string, string, string]
    ),
    ...["hmacWithSHA1", "hmacWithSHA384", "hmacWithSHA512"].map((prf) =>
      [
        `PKCS#8 encrypted with PBKDF2 by ${prf}`,
        `pkcs8 -topk8 -in server.key -v2 aes256 -v2prf ${prf} -passout $ -out FILE`,
        "encrypted PKCS#8",
      ] as [string, string, string]
    ),
    [
      "encrypted PKCS#8 as DER",
      "pkcs8 -topk8 -in server.key -v2 aes256 -passout $ -outform DER -out FILE",
      "encrypted PKCS#8",
    ],
    ...["des3", "aes128", "aes192", "aes256"].map((cipher) =>
      [
        `PKCS#1 encrypted with ${cipher}, as OpenSSL 1 writes it`,
        `rsa -in server.key -traditional -${cipher} -passout $ -out FILE`,
        "encrypted PKCS#1",
      ] as [string, string, string]
    ),
  ];
  for (const [title, command, format] of FILES) {
    test(title, async () => {
      openssl(command.replace("FILE", "made.key"));
      const imported = await importPrivateKey(readFileSync(path("made.key")), PASSPHRASE);
      assert.equal(imported.format, format);
      assert.equal(imported.bits, 2048);
      await isServerKey(imported.key);
    });
  }

  for (const [command, title] of [["genrsa -des3", "3DES"], ["genrsa -aes256", "AES"]]) {
    test(`what openssl ${command} writes (${title})`, async () => {
      openssl(`${command} -passout $ -out generated.key 3072`);
      const imported = await importPrivateKey(text("generated.key"), PASSPHRASE);
      assert.match(imported.format, /^encrypted PKCS#/);
      assert.equal(imported.bits, 3072);
    });
  }

  test("the key within a PKCS#12 export, behind its Bag Attributes and beside the certificate", async () => {
    openssl("pkcs12 -export -inkey server.key -in server.crt -passout $ -out store.p12");
    openssl("pkcs12 -in store.p12 -nodes -passin $ -out bag.pem");
    assert.match(text("bag.pem"), /^Bag Attributes/);
    await isServerKey((await importPrivateKey(text("bag.pem"))).key);
  });

  const FORMS: [title: string, form: (pem: string) => string | Uint8Array][] = [
    ["with a certificate in front", (pem) => text("server.crt") + pem],
    ["with a certificate behind", (pem) => pem + text("server.crt")],
    ["with a BOM", (pem) => "\uFEFF" + pem],
    ["with a BOM, as bytes", (pem) => new TextEncoder().encode("\uFEFF" + pem)],
    ["with blanks around and before each line", (pem) => pem.replace(/^/gm, "   ") + "\n\n"],
    ["with CRLF", (pem) => pem.replaceAll("\n", "\r\n")],
    ["on one line with \\n", (pem) => pem.trim().replaceAll("\n", "\\n")],
    ["on one line with \\r\\n", (pem) => pem.trim().replaceAll("\n", "\\r\\n")],
    ["on one line with \\n escaped twice", (pem) => pem.trim().replaceAll("\n", "\\\\n")],
    ["on one line with \\n, in quotes", (pem) => `"${pem.replaceAll("\n", "\\n")}"`],
    ["in single quotes", (pem) => `'${pem}'`],
    ["on one line with blanks", (pem) => pem.trim().replaceAll("\n", " ")],
    ["on one line without blanks", (pem) => pem.replaceAll("\n", "")],
    ["as base64 of the PEM", (pem) => Buffer.from(pem).toString("base64")],
    ["as base64 in lines", (pem) => Buffer.from(pem).toString("base64").replace(/.{76}/g, "$&\n")],
    ["as base64url", (pem) => Buffer.from(pem).toString("base64url")],
    ["as base64 of the DER", (pem) => pem.replace(/-----.*-----/g, "").trim()],
    ["in UTF-16, as PowerShell writes it", (pem) => Buffer.from("\uFEFF" + pem, "utf16le")],
    ["in UTF-16BE", (pem) => Buffer.from("\uFEFF" + pem, "utf16le").swap16()],
  ];
  for (const [title, form] of FORMS) {
    for (const file of ["server.key", "pkcs1.key"]) {
      test(`${file === "pkcs1.key" ? "PKCS#1" : "PKCS#8"} ${title}`, async () => {
        await isServerKey((await importPrivateKey(form(text(file)))).key);
      });
    }
  }

  test("an encrypted legacy key on one line", async () => {
    openssl("rsa -in server.key -traditional -aes256 -passout $ -out legacy.key");
    for (const blank of ["\\n", " "]) {
      const oneLine = text("legacy.key").trim().replaceAll("\n", blank);
      await isServerKey((await importPrivateKey(oneLine, PASSPHRASE)).key);
    }
  });

  test("JWK, CryptoKey, ArrayBuffer, and bytes within a larger buffer", async () => {
    const { key } = await importPrivateKey(text("server.key"));
    const jwk = await crypto.subtle.exportKey("jwk", key);
    const der = new Uint8Array(await crypto.subtle.exportKey("pkcs8", key));
    const within = new Uint8Array(der.length + 20);
    within.set(der, 10);
    for (
      const [input, format] of [
        [jwk, "JWK"],
        [{ ...jwk, alg: "RS512", use: "enc", key_ops: ["decrypt"], ext: false, kid: "1" }, "JWK"],
        [JSON.stringify(jwk, null, 2), "JWK"],
        [key, "CryptoKey"],
        [der.buffer, "PKCS#8"],
        [within.subarray(10, -10), "PKCS#8"],
      ] as [PrivateKeyInput, string][]
    ) {
      const imported = await importPrivateKey(input);
      assert.equal(imported.format, format);
      assert.equal(imported.bits, 2048);
      await isServerKey(imported.key);
    }
  });
});

describe("importPrivateKey() names", { skip }, () => {
  const WRONG: [title: string, make: () => string | Uint8Array, ...patterns: RegExp[]][] = [
    ["a certificate", () => text("server.crt"), /it is a certificate/, /server\.key/],
    ["a certificate as DER", () => made("x509 -in server.crt -outform DER"), /a certificate/],
    ["a certificate request", () => made("req -new -key server.key -subj /CN=a"), /request/],
    ["a public key", () => made("rsa -in server.key -pubout"), /a public key/],
    ["a public key as DER", () => made("rsa -in server.key -pubout -outform DER"), /a public key/],
    ["a PKCS#1 public key", () => made("rsa -in server.key -RSAPublicKey_out"), /a public key/],
    ["an EC key", () => made("ecparam -name prime256v1 -genkey -noout"), /an EC/, /RSA key/],
    [
      "an EC key in PKCS#8",
      () => made("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
      /EC/,
    ],
    ["an Ed25519 key", () => made("genpkey -algorithm ED25519"), /Ed25519/],
    [
      "an RSA-PSS key",
      () => made("genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048"),
      /PSS/,
    ],
    [
      "a PKCS#12 file",
      () => made("pkcs12 -export -inkey server.key -in server.crt -passout $"),
      /PKCS#12/,
      /openssl pkcs12/,
    ],
    [
      "a key of 1024 bits",
      () => made("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024"),
      /too short \(1024 bits\)/,
      /2048/,
    ],
    [
      "a key cut in the middle",
      () => text("server.key").slice(0, 700),
      /truncated/,
      /SF_PRIVATE_KEY_FILE/,
    ],
    ["a key of which .env took the first line", () => "-----BEGIN PRIVATE KEY-----", /truncated/],
    [
      "a key with lines missing",
      () => text("server.key").replace(/(\n.*){5}/, ""),
      /truncated|damaged/,
    ],
    [
      "a key with other characters in it",
      () => text("server.key").replace("\nM", "\n…"),
      /not base64/,
    ],
    ["an empty key", () => "", /it is empty/, /SF_PRIVATE_KEY_FILE/],
    ["quotes with nothing in them", () => `""`, /it is empty/],
    ["a file's name", () => "/home/me/server.key", /a file's name/, /SF_PRIVATE_KEY_FILE/],
    ["a relative file's name", () => "server.key", /a file's name/],
    ["some other text", () => "my secret", /neither PEM/],
    ["some other bytes", () => new Uint8Array(300).fill(0x30), /private key/],
    ["a JWK of another type", () => `{"kty":"EC"}`, /a JWK of type EC/],
    ["a public JWK", () => `{"kty":"RSA","n":"AQAB","e":"AQAB"}`, /a public key/],
    ["JSON that is no JWK", () => `{"type":"service_account"}`, /not a key of a known kind/],
    ["JSON that does not parse", () => `{"kty":`, /does not parse/],
  ];
  function made(command: string): Uint8Array {
    openssl(`${command} -out wrong`);
    return readFileSync(path("wrong"));
  }
  for (const [title, make, ...patterns] of WRONG) {
    test(title, () => rejectsWith(importPrivateKey(make()), ...patterns));
  }

  test("an OpenSSH key and a Java keystore", async () => {
    const openssh =
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----";
    await rejectsWith(importPrivateKey(openssh), /an OpenSSH key/, /ssh-keygen -p -m PEM/);
    const jks = Uint8Array.of(0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2);
    await rejectsWith(importPrivateKey(jks), /Java keystore/, /keytool/);
  });

  test("a passphrase that is missing or wrong, in every way of encrypting", async () => {
    for (
      const command of [
        "pkcs8 -topk8 -in server.key -v2 des3",
        "pkcs8 -topk8 -in server.key -v2 aes256",
        "rsa -in server.key -traditional -aes256",
        "rsa -in server.key -traditional -des3",
      ]
    ) {
      const key = Buffer.from(made(`${command} -passout $`)).toString();
      await rejectsWith(importPrivateKey(key), /no passphrase/, /SF_PRIVATE_KEY_PASSPHRASE/);
      await rejectsWith(importPrivateKey(key, "wrong"), /the passphrase is wrong/);
    }
  });

  // One wrong passphrase in 256 decrypts to bytes whose padding looks right.
  for (
    const command of [
      "pkcs8 -topk8 -in server.key -v2 aes256 -iter 1",
      "pkcs8 -topk8 -in server.key -v2 des3 -iter 1",
      "rsa -in server.key -traditional -aes256",
      "rsa -in server.key -traditional -des3",
    ]
  ) {
    test(`a wrong passphrase that leaves the padding right by chance: ${command}`, async () => {
      const key = made(`${command} -passout $`);
      for (let i = 0; i < 2_000; i++) {
        await rejectsWith(importPrivateKey(key, `wrong ${i}`), /the passphrase is wrong/);
      }
    });
  }

  test("a cipher that this runtime does not know, and then not the passphrase", async () => {
    for (
      const command of [
        "pkcs8 -topk8 -in server.key -scrypt",
        "pkcs8 -topk8 -in server.key -v1 PBE-SHA1-3DES",
        "pkcs8 -topk8 -in server.key -v2 camellia256",
        "pkcs8 -topk8 -in server.key -v2 aes256 -v2prf hmacWithSHA224",
        "rsa -in server.key -traditional -camellia256",
      ]
    ) {
      const key = made(`${command} -passout $`);
      try {
        await isServerKey((await importPrivateKey(key, PASSPHRASE)).key); // some runtimes do
      } catch {
        await rejectsWith(
          importPrivateKey(key, PASSPHRASE),
          /in a way that/,
          /openssl pkcs8 -topk8/,
        );
      }
    }
  });

  test("whatever is wrong with damaged bytes, always as a SettingsError", async () => {
    openssl("pkcs8 -topk8 -in server.key -v2 aes256 -iter 1 -passout $ -outform DER -out fuzz.der");
    const sound = [
      readFileSync(path("fuzz.der")),
      Buffer.from(text("server.key").replace(/-----.*-----/g, ""), "base64"),
      Buffer.from(text("pkcs1.key").replace(/-----.*-----/g, ""), "base64"),
    ];
    for (const bytes of sound) {
      for (let at = 0; at < 100; at++) {
        for (const value of [0, 1, 0x30, 0x7f, 0x80, 0x84, 0xff]) {
          const damaged = Uint8Array.from(bytes);
          damaged[at] = value;
          await importPrivateKey(damaged, PASSPHRASE).catch((error) =>
            assert.ok(error instanceof SettingsError, `byte ${at} = ${value}: ${error}`)
          );
        }
        await rejectsWith(importPrivateKey(bytes.subarray(0, at), PASSPHRASE));
      }
    }
  });

  test("a CryptoKey for something else", async () => {
    const algorithm = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
    const pss = await crypto.subtle.generateKey(
      { ...algorithm, name: "RSA-PSS", hash: "SHA-256" },
      false,
      ["sign", "verify"],
    );
    await rejectsWith(importPrivateKey(pss.privateKey), /a CryptoKey of another kind/, /SHA-256/);
    await rejectsWith(importPrivateKey(publicKey), /a CryptoKey of another kind \(public/);
  });
});

describe("privateKeyFile", { skip }, () => {
  const sign = (privateKeyFile: string, passphrase?: string) =>
    createAssertion({ clientId: "a", username: "b", privateKeyFile, passphrase });

  test("is read, encrypted as well", async () => {
    openssl("rsa -in server.key -aes256 -passout $ -out encrypted.key");
    assert.match(await sign(path("server.key")), /^eyJ/);
    assert.match(await sign(path("encrypted.key"), PASSPHRASE), /^eyJ/);
  });

  test("that is not there, a folder, or not for this user is named with its source", async () => {
    await rejectsWith(
      sign(path("none.key")),
      /Cannot read the private key file .*none\.key \(from option privateKeyFile\)/,
      /There is no such file/,
    );
    await rejectsWith(sign(folder), /Cannot read/, /It is a folder/);
  });
});

describe("importPrivateKey() and what happens to keys on their way", { skip }, () => {
  const pem = () => text("server.key");
  const wrapped = (label: string, content: string) =>
    `-----BEGIN ${label}-----\r\n${content}\r\n-----END ${label}-----\r\n`;
  const base64 = (value: string) => Buffer.from(value).toString("base64");
  const READ: [string, () => string][] = [
    ["%0A for line ends", () => pem().replaceAll("\n", "%0A")],
    ["%0D%0A for line ends", () => pem().replaceAll("\n", "%0D%0A")],
    ["encodeURIComponent()", () => encodeURIComponent(pem())],
    [
      "a form's encoding of its text",
      () => new URLSearchParams({ key: pem() }).toString().slice(4),
    ],
    [
      "certutil -encode of its file",
      () => wrapped("CERTIFICATE", base64(pem()).match(/.{1,64}/g)!.join("\r\n")),
    ],
    [
      "certutil -encode of its DER form",
      () => wrapped("CERTIFICATE", pem().replace(/-----.*-----|\s/g, "")),
    ],
    ["dashes that a word processor made", () => pem().replaceAll("-----", "––-")],
    ["long dashes", () => pem().replaceAll("-----", "——")],
    ["spaces for line ends", () => pem().replaceAll("\n", " ")],
    ["doubled backslashes", () => pem().replaceAll("\n", "\\\\n")],
    ["base64 wrapped over lines", () => base64(pem()).match(/.{1,76}/g)!.join("\n")],
  ];
  for (const [title, make] of READ) {
    test(`reads ${title}`, async () => await isServerKey((await importPrivateKey(make())).key));
  }

  const NAMED: [string, () => PrivateKeyInput, RegExp][] = [
    [
      "the first line of base64 (GNU)",
      () => base64(pem()).slice(0, 76),
      /only the first line of base64.*\n.*base64 -w0/,
    ],
    [
      "the first line of base64 (OpenSSL)",
      () => base64(pem()).slice(0, 64),
      /only the first line of base64/,
    ],
    [
      "the first line of a PEM's content",
      () => pem().split("\n")[1]!,
      /only the first line of base64/,
    ],
    [
      "openssl enc",
      () => base64(`Salted__${"x".repeat(80)}`),
      /encrypted by openssl enc.*\n.*openssl enc -d/,
    ],
    [
      "openssl enc, as bytes",
      () => new TextEncoder().encode(`Salted__${"x".repeat(80)}`),
      /openssl enc/,
    ],
    ["a text of no kind", () => "my secret key, really", /neither PEM/],
  ];
  for (const [title, make, message] of NAMED) {
    test(`names ${title}, and does not advise a new key`, async () => {
      await assert.rejects(importPrivateKey(make()), (error) => {
        assert.ok(error instanceof SettingsError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /keygen|genrsa/);
        return true;
      });
    });
  }

  test("certificates that certutil wrote are still certificates", async () => {
    await rejectsWith(importPrivateKey(text("server.crt")), /it is a certificate/);
  });

  test("ends soon on hostile input", async () => {
    const encrypted = Buffer.from(
      "3057" + "3051" + "06092a864886f70d01050d" + "3044" + // PBES2
        "3023" + "06092a864886f70d01050c" + "3016" + "0408aabbccddeeff0011" + "0204" + "7fffffff" +
        "0a04aabbccdd" + // rounds
        "301d" + "060960864801650304012a" + "0410" + "00".repeat(16) + "0402aabb",
      "hex",
    );
    const inputs: PrivateKeyInput[] = [
      "-----BEGIN A-----\n".repeat(200_000),
      "-----BEGIN A-----\n".repeat(5_000),
      "\\".repeat(99_000),
      `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n${
        "DEK-Info: a, b ".repeat(6_000)
      }\n-----END RSA PRIVATE KEY-----`,
      "%0a".repeat(33_000),
      "-".repeat(99_000),
      new Uint8Array(10_000_000).fill(0x30),
      "30820".repeat(19_000),
      Buffer.from("3080".repeat(20_000), "hex"),
      encrypted,
    ];
    // Without bounds this takes hours, and the runner's deadline ends it.
    for (const input of inputs) {
      await rejectsWith(importPrivateKey(input, "passphrase"), /private key/);
    }
    await rejectsWith(importPrivateKey(encrypted, "passphrase"), /more rounds of key derivation/);
  });
});
