/**
 * RSA key pairs and their certificates, without OpenSSL.
 *
 * Keys come from Web Crypto, X.509 certificates from `@peculiar/x509`, which takes about 0.1 s to
 * load and is loaded only when it is needed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { importPrivateKey, type PrivateKey, SettingsError } from "../../mod.ts";
import { expandHome } from "../orgs/folders.ts";

/** The modulus lengths, in bits, that Salesforce accepts. */
export const KEY_SIZES = [2048, 3072, 4096] as const;

/** A modulus length in bits. */
export type KeySize = typeof KEY_SIZES[number];

/** What goes into a new self-signed certificate. */
export interface CertificateOptions {
  /** Validity from now, in days. @default {730} */
  days?: number;
  /** The subject's common name, at most 64 characters. @default {"sfetch"} */
  commonName?: string;
}

/** The options of a new key pair. */
export interface KeyPairOptions extends CertificateOptions {
  /** Length of the modulus in bits. @default {2048} */
  bits?: KeySize;
}

/** A certificate and its contents. */
export interface Certificate {
  /** The certificate as PEM, with a final newline. */
  certificatePem: string;
  /** The certificate as DER. */
  certificateDer: Uint8Array<ArrayBuffer>;
  /** The subject's distinguished name, such as `CN=sfetch`. */
  subject: string;
  /** The issuer's distinguished name; that of the subject when self-signed. */
  issuer: string;
  /** The serial number in hexadecimal. */
  serialNumber: string;
  /** SHA-1 of the DER, as `AB:CD:…`. */
  fingerprintSha1: string;
  /** SHA-256 of the DER, as `AB:CD:…`. */
  fingerprintSha256: string;
  /** The start of the validity. */
  notBefore: Date;
  /** The end of the validity. */
  notAfter: Date;
  /** The kind of public key: `RSA`, or else the algorithm's Web Crypto name. Salesforce accepts RSA only. */
  keyType: string;
  /** Length of the RSA modulus in bits; 0 for other keys. */
  bits: number;
  /** The RSA modulus in upper-case hexadecimal, as `openssl x509 -modulus` prints it; empty for other keys. */
  modulus: string;
}

/** A private key with its self-signed certificate. */
export interface KeyPair extends Certificate {
  /** The private key as unencrypted PKCS#8 PEM, with a final newline. */
  privateKeyPem: string;
  /** The same as DER. */
  privateKeyDer: Uint8Array<ArrayBuffer>;
}

type X509 = typeof import("@peculiar/x509");
type X509Certificate = InstanceType<X509["X509Certificate"]>;

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;
const DER_SEQUENCE = 0x30;
const PEM_BLOCK = /-----BEGIN ([^-]+)-----([\s\S]*?)-----END \1-----/g;

/** Creates an RSA key pair and a self-signed certificate for it. */
export async function generateKeyPair(options: KeyPairOptions = {}): Promise<KeyPair> {
  const { bits = 2048 } = options;
  const keys = await crypto.subtle.generateKey(
    { ...RS256, modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  return await pair(keys.privateKey, await selfSign(keys, options));
}

/** Creates a self-signed certificate for an RSA private key, which must be extractable. */
export async function certifyPrivateKey(
  privateKey: CryptoKey,
  options: CertificateOptions = {},
): Promise<KeyPair> {
  const { kty, n, e } = await crypto.subtle.exportKey("jwk", privateKey);
  const publicKey = await crypto.subtle.importKey("jwk", { kty, n, e }, RS256, true, ["verify"]);
  return await pair(privateKey, await selfSign({ privateKey, publicKey }, options));
}

/**
 * Combines a private key, which must be extractable, and its certificate.
 *
 * @throws {SettingsError} If the certificate is for another key.
 */
export async function pairUp(privateKey: CryptoKey, certificate: Certificate): Promise<KeyPair> {
  if (await belongsTogether(privateKey, certificate)) return await pair(privateKey, certificate);
  throw new SettingsError(
    `The certificate ${certificate.subject} does not belong to the private key.`,
    "Use the certificate that was created with the key, or create another for it: sfetch keygen --key FILE",
  );
}

/** Whether the certificate is for this private key, which must be extractable. */
export async function belongsTogether(
  privateKey: CryptoKey,
  certificate: Certificate,
): Promise<boolean> {
  return await modulusOf(privateKey) === certificate.modulus;
}

/**
 * Reads a certificate: PEM, also with a private key, a chain or text around it (the first
 * certificate counts), or DER, also as base64.
 *
 * @param input The content of a file.
 * @param name What errors call the certificate.
 * @throws {SettingsError} If it is anything else; the error says what.
 */
export async function parseCertificate(
  input: string | Uint8Array,
  name = "The certificate",
): Promise<Certificate> {
  const der = certificateDer(input, name);
  const x509 = await loadX509();
  let certificate: X509Certificate;
  try {
    certificate = new x509.X509Certificate(der);
  } catch {
    throw notACertificate(name, "a damaged certificate, or something else");
  }
  return await describeCertificate(certificate);
}

/**
 * Reads a certificate from a file, as {@linkcode parseCertificate} does.
 *
 * @throws {SettingsError} If the file cannot be read or is not a certificate.
 */
export async function readCertificateFile(path: string): Promise<Certificate> {
  return await parseCertificate(await readInput(path), path);
}

/**
 * Reads an RSA private key, extractable, from a file, in any form that `importPrivateKey` accepts.
 *
 * @throws {SettingsError} If the file cannot be read or holds no RSA private key.
 */
export async function readPrivateKeyFile(path: string, passphrase?: string): Promise<PrivateKey> {
  return await importPrivateKey(await readInput(path), passphrase);
}

async function readInput(given: string): Promise<Uint8Array> {
  if (isKeyText(given)) {
    throw new SettingsError(
      "This is the text of a key or certificate, where the name of its file belongs.",
      "Save the text to a file that only you can read (chmod 600), and give the path of the file.",
    );
  }
  const path = expandHome(given);
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SettingsError(
      `Cannot read ${path}${code === "ENOENT" ? ": there is no such file" : ` (${code})`}.`,
      "`sfetch keygen` creates a private key, server.key, and its certificate, server.crt.",
      { cause },
    );
  }
}

/** No path looks like this, and an error must not repeat it. */
function isKeyText(text: string): boolean {
  return /-----BEGIN|^\s*\{/.test(text) || /^[\w+/=\s-]{300,}$/.test(text);
}

function certificateDer(input: string | Uint8Array, name: string): Uint8Array<ArrayBuffer> {
  if (typeof input !== "string" && input[0] === DER_SEQUENCE) return new Uint8Array(input);
  const text = typeof input === "string" ? input : decodeText(input);
  const blocks = [...text.replaceAll("\\n", "\n").matchAll(PEM_BLOCK)];
  const block = blocks.find(([, label]) => label === "CERTIFICATE" || label === "X509 CERTIFICATE");
  if (!block && blocks[0]) throw notACertificate(name, `a "${blocks[0][1]}", not a certificate`);
  if (!block && text.includes("-----BEGIN")) throw notACertificate(name, "a truncated PEM");
  return new Uint8Array(Buffer.from(block?.[2] ?? text, "base64"));
}

/** UTF-8, or UTF-16 as PowerShell's `>` writes it. */
function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8").decode(
    bytes,
  );
}

function notACertificate(name: string, what: string): SettingsError {
  return new SettingsError(
    `${name} cannot be used: it holds ${what}.`,
    "Give the certificate of the private key: server.crt, if `sfetch keygen` created them.",
  );
}

async function pair(privateKey: CryptoKey, certificate: Certificate): Promise<KeyPair> {
  const privateKeyDer = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  return { privateKeyPem: toPem("PRIVATE KEY", privateKeyDer), privateKeyDer, ...certificate };
}

async function selfSign(
  keys: CryptoKeyPair,
  { days = 730, commonName = "sfetch" }: CertificateOptions,
): Promise<Certificate> {
  const x509 = await loadX509();
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    keys,
    signingAlgorithm: RS256,
    name: [{ CN: [commonName] }],
    // With a clock a few minutes fast, the certificate would otherwise not be valid yet.
    notBefore: new Date(now - 5 * 60 * 1000),
    notAfter: new Date(now + days * DAY),
    extensions: [await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)],
  });
  return await describeCertificate(certificate);
}

async function describeCertificate(certificate: X509Certificate): Promise<Certificate> {
  const certificateDer = new Uint8Array(certificate.rawData);
  return {
    certificatePem: toPem("CERTIFICATE", certificateDer),
    certificateDer,
    subject: certificate.subject,
    issuer: certificate.issuer,
    serialNumber: certificate.serialNumber,
    fingerprintSha1: fingerprint("sha1", certificateDer),
    fingerprintSha256: fingerprint("sha256", certificateDer),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    ...await describePublicKey(certificate.publicKey),
  };
}

async function describePublicKey(
  publicKey: X509Certificate["publicKey"],
): Promise<Pick<Certificate, "keyType" | "bits" | "modulus">> {
  const { name } = publicKey.algorithm;
  if (name !== RS256.name) return { keyType: name, bits: 0, modulus: "" };
  const key = await publicKey.export(RS256, ["verify"]);
  const modulus = await modulusOf(key);
  return { keyType: "RSA", bits: modulus.length * 4, modulus };
}

async function modulusOf(key: CryptoKey): Promise<string> {
  const { n } = await crypto.subtle.exportKey("jwk", key);
  return Buffer.from(n ?? "", "base64url").toString("hex").toUpperCase();
}

function fingerprint(hash: "sha1" | "sha256", der: Uint8Array): string {
  const hex = createHash(hash).update(der).digest("hex").toUpperCase();
  return hex.match(/../g)!.join(":");
}

function toPem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

async function loadX509(): Promise<X509> {
  await import("reflect-metadata");
  return await import("@peculiar/x509");
}
