import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, describe, test } from "node:test";
import { jwtVerify, SignJWT } from "jose";
import {
  belongsTogether,
  generateKeyPair,
  KEY_SIZES,
  pairUp,
  parseCertificate,
  readPrivateKeyFile,
} from "../cli/keys/keys.ts";
import { writeNewFiles } from "../cli/output/write-files.ts";
import { SettingsError } from "../mod.ts";
import { missing } from "./helpers/missing.ts";
import { run, runSelf, temporaryFolder } from "./helpers/runtime.ts";

const DAY = 24 * 60 * 60 * 1000;
const folder = temporaryFolder();
const pair = await generateKeyPair({ commonName: "reader" });
after(() => rm(folder, { recursive: true }));

/** A folder that no other test uses. */
const newFolder = (): string => mkdtempSync(join(folder, "new-"));

async function openssl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(["openssl", ...args]);
  assert.equal(code, 0, stderr);
  return stdout;
}

function permissions(path: string): number {
  return statSync(path).mode & 0o777;
}

/** The value of a `name: value` line. */
function value(name: string, text: string): string | undefined {
  return new RegExp(`^${name}: (.+)$`, "m").exec(text)?.[1];
}

describe("generateKeyPair()", () => {
  for (const bits of KEY_SIZES) {
    test(`makes a key of ${bits} bits and a certificate for it that OpenSSL reads`, {
      skip: missing("openssl"),
    }, async () => {
      const pair = await generateKeyPair({ bits });
      const [key, certificate] = [join(folder, `${bits}.key`), join(folder, `${bits}.crt`)];
      writeFileSync(key, pair.privateKeyPem);
      writeFileSync(certificate, pair.certificatePem);

      assert.match(await openssl("rsa", "-in", key, "-check", "-noout"), /RSA key ok/);
      const modulus = await openssl("rsa", "-in", key, "-modulus", "-noout");
      assert.equal(await openssl("x509", "-in", certificate, "-modulus", "-noout"), modulus);
      assert.equal(modulus.trim(), `Modulus=${pair.modulus}`);
      assert.equal(pair.bits, bits);

      const text = await openssl("x509", "-in", certificate, "-text", "-noout");
      assert.match(text, new RegExp(`Public-Key: \\(${bits} bit\\)`));
      assert.match(text, /Signature Algorithm: sha256WithRSAEncryption/);
      const print = await openssl("x509", "-in", certificate, "-fingerprint", "-sha256", "-noout");
      assert.equal(print.trim().split("=")[1], pair.fingerprintSha256);
      const print1 = await openssl("x509", "-in", certificate, "-fingerprint", "-sha1", "-noout");
      assert.equal(print1.trim().split("=")[1], pair.fingerprintSha1);
      assert.match(await openssl("verify", "-CAfile", certificate, certificate), /OK/);
      assert.ok(pair.certificatePem.length < 4096, "Salesforce takes certificates up to 4 KB");
    });
  }

  test("gives the certificate the days and the common name asked for", async () => {
    const before = Date.now();
    const pair = await generateKeyPair({ days: 36_500, commonName: "Zoë, O=Acme" });
    assert.equal(pair.subject, "CN=Zoë\\, O=Acme");
    assert.equal(pair.issuer, pair.subject);
    const end = before + 36_500 * DAY;
    assert.ok(Math.abs(pair.notAfter.getTime() - end) < 60_000);
    assert.ok(pair.notBefore.getTime() <= before);
  });

  test("makes a key that signs what the certificate's key verifies", async () => {
    const pair = await generateKeyPair();
    const path = join(newFolder(), "server.key");
    writeFileSync(path, pair.privateKeyPem);
    const jwt = await new SignJWT({ sub: "ada@example.com" }).setProtectedHeader({ alg: "RS256" })
      .sign((await readPrivateKeyFile(path)).key);
    const n = Buffer.from(pair.modulus, "hex").toString("base64url");
    const publicKey = await crypto.subtle.importKey(
      "jwk",
      { kty: "RSA", n, e: "AQAB" },
      { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
      true,
      ["verify"],
    );
    assert.equal((await jwtVerify(jwt, publicKey)).payload.sub, "ada@example.com");
  });

  test("makes another key each time", async () => {
    const [a, b] = await Promise.all([generateKeyPair(), generateKeyPair()]);
    assert.notEqual(a.modulus, b.modulus);
    assert.notEqual(a.serialNumber, b.serialNumber);
  });
});

describe("parseCertificate()", () => {
  const base64 = Buffer.from(pair.certificateDer).toString("base64");
  const forms: [string, string | Uint8Array][] = [
    ["PEM", pair.certificatePem],
    [
      "PEM with Windows line ends and a BOM",
      "\uFEFF" + pair.certificatePem.replaceAll("\n", "\r\n"),
    ],
    ["PEM in one line with \\n", pair.certificatePem.replaceAll("\n", "\\n")],
    [
      "PEM behind a private key and text",
      `Bag Attributes\n${pair.privateKeyPem}\n${pair.certificatePem}`,
    ],
    ["bytes of PEM", new TextEncoder().encode(pair.certificatePem)],
    ["UTF-16, as PowerShell writes it", Buffer.from("\uFEFF" + pair.certificatePem, "utf16le")],
    ["DER", pair.certificateDer],
    ["base64 of DER", base64],
  ];
  for (const [form, input] of forms) {
    test(`reads ${form}`, async () => {
      const certificate = await parseCertificate(input);
      assert.equal(certificate.fingerprintSha256, pair.fingerprintSha256);
      assert.equal(certificate.subject, "CN=reader");
      assert.equal(certificate.certificatePem, pair.certificatePem);
    });
  }

  const others: [string, string | Uint8Array, RegExp][] = [
    ["a private key", pair.privateKeyPem, /"PRIVATE KEY", not a certificate/],
    ["a truncated PEM", pair.certificatePem.slice(0, 500), /truncated/],
    ["a damaged certificate", pair.certificatePem.replace(/^M/m, "A"), /damaged/],
    ["some text", "certificate", /damaged certificate, or something else/],
    ["nothing", "", /damaged certificate, or something else/],
  ];
  for (const [what, input, message] of others) {
    test(`says that it got ${what}`, async () => {
      await assert.rejects(parseCertificate(input, "server.crt"), (error) => {
        assert.ok(error instanceof SettingsError);
        assert.match(error.message, /^server\.crt cannot be used/);
        assert.match(error.message, message);
        assert.ok(error.hint);
        assert.ok(
          !error.message.includes(pair.privateKeyPem.slice(40, 80)),
          "the key is not shown",
        );
        return true;
      });
    });
  }

  test(
    "tells what kind of key another certificate is for",
    { skip: missing("openssl") },
    async () => {
      const path = join(newFolder(), "ec");
      await openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${path}.key`);
      await openssl(
        "req",
        "-x509",
        "-key",
        `${path}.key`,
        "-out",
        `${path}.crt`,
        "-subj",
        "/CN=ec",
      );
      const certificate = await parseCertificate(readFileSync(`${path}.crt`));
      assert.equal(certificate.keyType, "ECDSA");
      assert.equal(certificate.bits, 0);
    },
  );

  test("a certificate is known to belong to its key and to no other", async () => {
    const other = await generateKeyPair();
    const path = join(newFolder(), "server.key");
    writeFileSync(path, pair.privateKeyPem);
    const { key } = await readPrivateKeyFile(path);
    assert.equal(await belongsTogether(key, pair), true);
    assert.equal(await belongsTogether(key, other), false);
    assert.equal((await pairUp(key, pair)).privateKeyPem, pair.privateKeyPem);
    await assert.rejects(pairUp(key, other), /does not belong to the private key/);
  });
});

describe("writeNewFiles()", () => {
  test("takes back what it wrote if a later file cannot be written", () => {
    const out = newFolder();
    writeFileSync(join(out, "file"), "");
    const files = ["first", join("folder", "second"), join("file", "third")];
    assert.throws(
      () => writeNewFiles(files.map((name) => ({ path: join(out, name), content: name }))),
      /Cannot write .*Nothing was written/,
    );
    assert.deepEqual(readdirSync(out, { recursive: true }).sort(), ["file", "folder"]);
  });

  test("does not take a dangling link for a free name", () => {
    const out = newFolder();
    symlinkSync(join(out, "elsewhere"), join(out, "link"));
    assert.throws(
      () => writeNewFiles([{ path: join(out, "link"), content: "" }]),
      /already exists/,
    );
    assert.equal(existsSync(join(out, "elsewhere")), false);
  });
});

describe("sfetch keygen", () => {
  test("writes a key that only its owner may read, and its certificate", async () => {
    const out = join(newFolder(), "made", "keys");
    const { code, stdout, stderr } = await runSelf(["keygen", "--out", out, "--cn", "ci@acme"]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(readdirSync(out).sort(), ["server.crt", "server.key"]);
    assert.equal(permissions(join(out, "server.key")), 0o600);
    assert.equal(permissions(join(out, "server.crt")), 0o644 & ~process.umask());
    assert.equal(permissions(out), 0o700);
    const certificate = await parseCertificate(readFileSync(join(out, "server.crt")));
    const { key } = await readPrivateKeyFile(join(out, "server.key"));
    assert.equal(await belongsTogether(key, certificate), true);
    assert.equal(certificate.bits, 2048);
    assert.equal(certificate.subject, "CN=ci@acme");
    assert.equal(value("key", stdout), join(out, "server.key"));
    assert.equal(value("certificate", stdout), join(out, "server.crt"));
    assert.equal(value("fingerprint", stdout), `SHA-256 ${certificate.fingerprintSha256}`);
    assert.equal(value("expires", stdout), certificate.notAfter.toISOString().slice(0, 10));
    assert.equal(value("password", stdout), undefined);
    assert.match(stderr, /upload .*server\.crt/);
    assert.ok(!(stdout + stderr).includes("PRIVATE KEY"));
  });

  test("takes size, days and common name", async () => {
    const out = newFolder();
    const { code } = await runSelf(
      ["keygen", "--out", out, "--bits", "3072", "--days", "10", "--cn", "x"],
    );
    assert.equal(code, 0);
    const certificate = await parseCertificate(readFileSync(join(out, "server.crt")));
    assert.equal(certificate.bits, 3072);
    assert.equal(Math.round((certificate.notAfter.getTime() - Date.now()) / DAY), 10);
  });

  for (const name of ["server.key", "server.crt", "server.jks"]) {
    test(`overwrites no ${name}, and then writes nothing`, async () => {
      const out = newFolder();
      writeFileSync(join(out, name), "mine");
      const { code, stdout, stderr } = await runSelf(["keygen", "--jks", "--out", out]);
      assert.equal(code, 2);
      assert.ok(stderr.includes(`${join(out, name)} already exists. Nothing was written.`), stderr);
      assert.equal(stdout, "");
      assert.deepEqual(readdirSync(out), [name]);
      assert.equal(readFileSync(join(out, name), "utf8"), "mine");
    });
  }

  test("says so where the folder is a file", async () => {
    const out = join(newFolder(), "file");
    writeFileSync(out, "");
    const { code, stderr } = await runSelf(["keygen", "--out", out]);
    assert.equal(code, 2);
    assert.match(stderr, /Cannot write/);
    assert.match(stderr, /Nothing was written/);
    assert.ok(!stderr.includes(" at "), "no stack trace");
  });

  test("makes a certificate for a key that is there already, of any form", {
    skip: missing("openssl"),
  }, async () => {
    const out = newFolder();
    const key = join(out, "old.key");
    await openssl(
      "genrsa",
      "-aes256",
      "-passout",
      "pass:swordfish",
      "-traditional",
      "-out",
      key,
      "2048",
    );
    const wrong = await runSelf(["keygen", "--key", key, "--out", out], {
      env: { SF_PRIVATE_KEY_PASSPHRASE: "blowfish" },
    });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /passphrase/);
    const { code, stdout, stderr } = await runSelf(["keygen", "--key", key, "--out", out], {
      env: { SF_PRIVATE_KEY_PASSPHRASE: "swordfish" },
    });
    assert.equal(code, 0, stderr);
    assert.equal(value("key", stdout), undefined);
    assert.equal(existsSync(join(out, "server.key")), false, "the key is not written in clear");
    const modulus = await openssl(
      "rsa",
      "-in",
      key,
      "-passin",
      "pass:swordfish",
      "-modulus",
      "-noout",
    );
    const certificate = join(out, "server.crt");
    assert.equal(await openssl("x509", "-in", certificate, "-modulus", "-noout"), modulus);
  });

  const wrongCalls: [string, string[], RegExp][] = [
    [
      "a size that Salesforce does not take",
      ["--bits", "1024"],
      /--bits must be one of 2048, 3072, 4096/,
    ],
    ["days that are no number", ["--days", "ten"], /not "ten"/],
    ["no days at all", ["--days", "0"], /from 1 to 36500/],
    ["a common name that X.509 has no room for", ["--cn", "x".repeat(65)], /64 characters/],
    ["an alias that Salesforce refuses", ["--jks", "--alias", "1"], /--alias "1"/],
    ["an alias that ends with an underscore", ["--jks", "--alias", "key_"], /for example key\./],
    ["an alias with two underscores in a row", ["--jks", "--alias", "a__b"], /for example a_b\./],
    ["a password in the command line", ["--jks", "--storepass", "changeit"], /in the process list/],
    ["a keystore's password without a keystore", ["--storepass", "-"], /--jks/],
    ["a certificate without its key", ["--cert", "server.crt"], /--cert needs --key/],
    ["a key that is not there", ["--key", "/nowhere/server.key"], /no such file/],
  ];
  for (const [what, args, message] of wrongCalls) {
    test(`refuses ${what}`, async () => {
      const out = newFolder();
      const { code, stdout, stderr } = await runSelf(["keygen", "--out", out, ...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, "");
      assert.deepEqual(readdirSync(out), []);
    });
  }
});
