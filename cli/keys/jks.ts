/**
 * A Java KeyStore (JKS) with one private key, for Setup > Certificate and Key Management > Import
 * from Keystore. No maintained npm package writes the format, so this module does.
 *
 * The only specification of the format is its source, OpenJDK's `sun.security.provider.JavaKeyStore`
 * (layout, integrity digest) and `sun.security.provider.KeyProtector` (the key's encryption). All
 * numbers are big-endian, and passwords are hashed as UTF-16BE:
 *
 *     0xFEEDFEED, version 2, number of entries
 *     entry:  tag 1, alias, time in ms, protected key, number of certificates,
 *             then for each: "X.509", DER
 *     SHA-1(password + "Mighty Aphrodite" + all of the above)
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";

/** The entry of the keystore. */
export interface KeyStoreEntry {
  /** Name of the entry, in ASCII; Java keeps it in lower case. */
  alias: string;
  /** The private key as PKCS#8 DER. */
  privateKey: Uint8Array;
  /** The certificate as DER. */
  certificate: Uint8Array;
}

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const PRIVATE_KEY_TAG = 1;
const DIGEST_SALT = Buffer.from("Mighty Aphrodite");
/** DER of AlgorithmIdentifier { 1.3.6.1.4.1.42.2.17.1.1 (Sun's key protector), NULL }. */
const KEY_PROTECTOR = Buffer.from("300e060a2b060104012a021101010500", "hex");

/** Writes a JKS file whose key password is the store password, as Salesforce requires. */
export function writeKeyStore(entry: KeyStoreEntry, password: string): Uint8Array<ArrayBuffer> {
  const secret = utf16be(password);
  const body = Buffer.concat([
    int32(MAGIC),
    int32(VERSION),
    int32(1),
    int32(PRIVATE_KEY_TAG),
    utf(entry.alias.toLowerCase()),
    int64(Date.now()),
    sized(protectKey(entry.privateKey, secret)),
    int32(1),
    utf("X.509"),
    sized(entry.certificate),
  ]);
  return new Uint8Array(Buffer.concat([body, sha1(secret, DIGEST_SALT, body)]));
}

/** EncryptedPrivateKeyInfo: salt, the key XORed with a chain of SHA-1 digests, and a check digest. */
function protectKey(key: Uint8Array, secret: Uint8Array): Uint8Array {
  const salt = randomBytes(20);
  const encrypted = Buffer.from(key);
  let digest: Uint8Array = salt;
  for (let i = 0; i < encrypted.length; i++) {
    if (i % 20 === 0) digest = sha1(secret, digest);
    encrypted[i]! ^= digest[i % 20]!;
  }
  return der(0x30, KEY_PROTECTOR, der(0x04, salt, encrypted, sha1(secret, key)));
}

function der(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const size = content.length.toString(16);
  const length = content.length < 0x80
    ? [content.length]
    : Buffer.from(size.padStart(size.length + size.length % 2, "0"), "hex");
  const prefix = content.length < 0x80 ? [tag] : [tag, 0x80 + length.length];
  return Buffer.concat([Buffer.from(prefix), Buffer.from(length), content]);
}

function sha1(...parts: Uint8Array[]): Buffer {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function int64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt(value));
  return buffer;
}

function sized(data: Uint8Array): Buffer {
  return Buffer.concat([int32(data.length), data]);
}

/** Java's `writeUTF`, for ASCII. */
function utf(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text, "ascii")]);
}

function utf16be(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}
