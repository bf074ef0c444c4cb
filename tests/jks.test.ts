import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { writeKeyStore } from "../cli/keys/jks.ts";
import { generateKeyPair, KEY_SIZES } from "../cli/keys/keys.ts";
import { missing } from "./helpers/missing.ts";
import { root, run, runSelf, selfCommand, temporaryFolder } from "./helpers/runtime.ts";
import { openTerminal } from "./helpers/terminal.ts";

const folder = temporaryFolder();
after(() => rm(folder, { recursive: true }));

/** With what lets Java start in half the time. */
const KEYTOOL = ["keytool", "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"];

async function succeed(...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(command, { env: { LC_ALL: "C.UTF-8" } });
  assert.equal(code, 0, `${command.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

function keytool(keystore: string, password: string, ...args: string[]): Promise<string> {
  return succeed(...KEYTOOL, ...args, "-keystore", keystore, "-storepass", password);
}

/** The private key of a keystore as OpenSSL reads it once keytool has made PKCS#12 of it. */
async function keyOutOf(keystore: string, password: string): Promise<string> {
  const p12 = `${keystore}.p12`;
  await succeed(
    ...[...KEYTOOL, "-importkeystore", "-srckeystore", keystore, "-srcstorepass", password],
    ...["-destkeystore", p12, "-deststoretype", "PKCS12", "-deststorepass", "swordfish"],
  );
  const pem = await succeed(
    "openssl",
    "pkcs12",
    "-in",
    p12,
    "-passin",
    "pass:swordfish",
    "-nodes",
    "-nocerts",
  );
  writeFileSync(`${p12}.key`, pem);
  return await succeed("openssl", "pkey", "-in", `${p12}.key`);
}

describe("writeKeyStore()", () => {
  for (const bits of KEY_SIZES) {
    test(`writes a key of ${bits} bits that keytool lists and OpenSSL gets back`, {
      skip: missing("keytool", "openssl"),
    }, async () => {
      const pair = await generateKeyPair({ bits });
      const path = join(folder, `${bits}.jks`);
      const entry = {
        alias: "Acme_JWT",
        privateKey: pair.privateKeyDer,
        certificate: pair.certificateDer,
      };
      writeFileSync(path, writeKeyStore(entry, "changeit"));

      const list = await keytool(path, "changeit", "-list", "-v");
      assert.match(list, /Keystore type: JKS/);
      assert.match(list, /Alias name: acme_jwt\n/);
      assert.match(list, /Entry type: PrivateKeyEntry/);
      assert.match(list, /Certificate chain length: 1/);
      assert.ok(list.includes(pair.fingerprintSha256), list);
      const certificate = await keytool(
        path,
        "changeit",
        "-exportcert",
        "-rfc",
        "-alias",
        "acme_jwt",
      );
      assert.equal(certificate.replaceAll("\r", "").trim(), pair.certificatePem.trim());
      assert.equal(await keyOutOf(path, "changeit"), pair.privateKeyPem);
    });
  }

  test("is refused by keytool with another password, or with a byte changed", {
    skip: missing("keytool"),
  }, async () => {
    const pair = await generateKeyPair();
    const entry = { alias: "a", privateKey: pair.privateKeyDer, certificate: pair.certificateDer };
    const bytes = writeKeyStore(entry, "changeit");
    const path = join(folder, "refused.jks");
    writeFileSync(path, bytes);
    const list = [...KEYTOOL, "-list", "-keystore", path, "-storepass"];
    assert.equal((await run([...list, "changeit"])).code, 0);
    assert.match((await run([...list, "changedit"])).stdout, /password was incorrect/);
    bytes[bytes.length - 30]! ^= 1;
    writeFileSync(path, bytes);
    assert.notEqual((await run([...list, "changeit"])).code, 0);
  });

  test("takes a password that is not ASCII", { skip: missing("keytool", "openssl") }, async () => {
    const pair = await generateKeyPair();
    const path = join(folder, "unicode.jks");
    const entry = { alias: "a", privateKey: pair.privateKeyDer, certificate: pair.certificateDer };
    writeFileSync(path, writeKeyStore(entry, "pässwörd"));
    assert.equal(await keyOutOf(path, "pässwörd"), pair.privateKeyPem);
  });

  test("hides the key: neither its DER nor the password is in the file", async () => {
    const pair = await generateKeyPair();
    const entry = { alias: "a", privateKey: pair.privateKeyDer, certificate: pair.certificateDer };
    const bytes = Buffer.from(writeKeyStore(entry, "changeit"));
    assert.ok(bytes.includes(Buffer.from(pair.certificateDer)));
    const secret = pair.privateKeyDer.subarray(-64); // the modulus, at the other end, is in the certificate
    assert.equal(bytes.indexOf(Buffer.from(secret)), -1);
    assert.equal(bytes.indexOf("changeit"), -1);
    assert.equal(bytes.indexOf("changeit", 0, "utf16le"), -1);
  });
});

describe("sfetch keygen --jks", () => {
  const line = (name: string, text: string) => new RegExp(`^${name}: (.+)$`, "m").exec(text)?.[1];

  test("writes a keystore with a new password, and the Apex lines with its alias", {
    skip: missing("keytool", "openssl"),
  }, async () => {
    const out = join(folder, "keygen");
    const { code, stdout, stderr } = await runSelf([
      "keygen",
      "--jks",
      "--alias",
      "Acme_JWT",
      "--out",
      out,
    ]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(readdirSync(out).sort(), ["server.crt", "server.jks", "server.key"]);
    assert.equal(statSync(join(out, "server.jks")).mode & 0o777, 0o600);
    const password = line("password", stdout)!;
    assert.match(password, /^[A-Za-z0-9]{24}$/);
    assert.equal(line("alias", stdout), "acme_jwt");
    const list = await keytool(join(out, "server.jks"), password, "-list", "-v");
    assert.match(list, /Alias name: acme_jwt\n/);
    const key = readFileSync(join(out, "server.key"), "utf8");
    assert.equal(await keyOutOf(join(out, "server.jks"), password), key);

    assert.ok(!stderr.includes(password), "the password is printed once");
    assert.match(stderr, /Certificate and Key Management > Import from Keystore/);
    assert.match(stderr, /Data Not Available.*Identity Provider/);
    assert.match(stderr, /new Auth\.JWS\(jwt, 'acme_jwt'\)/);
    assert.match(stderr, /Auth\.JWTBearerTokenExchange/);
  });

  for (
    const [source, options] of [
      ["-", { input: "from stdin\n" }],
      ["env:STORE", { env: { STORE: "from stdin" } }],
    ] as const
  ) {
    test(`takes the password from ${source} and does not print it`, {
      skip: missing("keytool"),
    }, async () => {
      const out = join(folder, source.replace(":", ""));
      const { code, stdout, stderr } = await runSelf(
        ["keygen", "--jks", "--storepass", source, "--out", out],
        options,
      );
      assert.equal(code, 0, stderr);
      assert.ok(!(stdout + stderr).includes("from stdin"));
      await keytool(join(out, "server.jks"), "from stdin", "-list");
    });
  }

  test("asks for the password on a terminal, without showing it", {
    skip: missing("tmux", "keytool"),
  }, async () => {
    const out = join(folder, "asked");
    const command = [...selfCommand(), join(root, "cli.ts"), "keygen", "--jks", "--storepass", "-"];
    const terminal = await openTerminal({ command: [...command, "--out", out] });
    try {
      await terminal.waitFor("Password of the keystore");
      await terminal.send("swordfish");
      await terminal.press("Enter");
      assert.equal(await terminal.exited(), 0);
      assert.ok(!(await terminal.screen()).includes("swordfish"));
      await keytool(join(out, "server.jks"), "swordfish", "-list");
    } finally {
      await terminal.close();
    }
  });

  test("makes nothing if the question is called off", { skip: missing("tmux") }, async () => {
    const out = join(folder, "called-off");
    const command = [...selfCommand(), join(root, "cli.ts"), "keygen", "--jks", "--storepass", "-"];
    const terminal = await openTerminal({ command: [...command, "--out", out] });
    try {
      await terminal.waitFor("Password of the keystore");
      await terminal.press("C-c");
      assert.equal(await terminal.exited(), 130);
      assert.equal(existsSync(out), false);
    } finally {
      await terminal.close();
    }
  });

  test("refuses a password that is too short for Java", async () => {
    const { code, stderr } = await runSelf(
      ["keygen", "--jks", "--storepass", "-", "--out", join(folder, "short")],
      { input: "12345" },
    );
    assert.equal(code, 2);
    assert.match(stderr, /too short/);
  });

  test("makes a keystore of the pair that is there already", {
    skip: missing("keytool", "openssl"),
  }, async () => {
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    await runSelf(["keygen", "--out", a]);
    await runSelf(["keygen", "--out", b]);
    const [key, certificate] = [join(a, "server.key"), join(a, "server.crt")];
    const { code, stdout, stderr } = await runSelf(
      ["keygen", "--key", key, "--cert", certificate, "--jks", "--out", a],
    );
    assert.equal(code, 0, stderr);
    const store = join(a, "server.jks");
    assert.equal(await keyOutOf(store, line("password", stdout)!), readFileSync(key, "utf8"));

    const wrong = await runSelf(
      ["keygen", "--key", key, "--cert", join(b, "server.crt"), "--jks", "--out", b],
    );
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /does not belong to the private key/);
    assert.deepEqual(readdirSync(b).sort(), ["server.crt", "server.key"]);
  });
});
