/**
 * RSA key pairs and the certificates that Salesforce knows them by, without OpenSSL.
 *
 * Keys come from Web Crypto, X.509 from `@peculiar/x509`, which is loaded only when a function here
 * is called: it takes about 0.1 s.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The modulus lengths, in bits, that Salesforce imports. */
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

/** How to make a key pair. */
export interface KeyPairOptions extends CertificateOptions {
  /** Length of the modulus in bits. @default {2048} */
  bits?: KeySize;
}

/** A certificate and what it says. */
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
  /** The kind of public key: `RSA`, or else the algorithm's Web Crypto name. Salesforce takes RSA only. */
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
}

type X509 = typeof import("@peculiar/x509");
type X509Certificate = InstanceType<X509["X509Certificate"]>;

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;

/** Makes an RSA key pair and a self-signed certificate for it. */
export async function generateKeyPair(options: KeyPairOptions = {}): Promise<KeyPair> {
  const { bits = 2048 } = options;
  const keys = await crypto.subtle.generateKey(
    { ...RS256, modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  return await keyPair(keys, options);
}

/** Makes a self-signed certificate for an RSA private key, which must be extractable. */
export async function certifyPrivateKey(
  privateKey: CryptoKey,
  options: CertificateOptions = {},
): Promise<KeyPair> {
  const { kty, n, e } = await crypto.subtle.exportKey("jwk", privateKey);
  const publicKey = await crypto.subtle.importKey("jwk", { kty, n, e }, RS256, true, ["verify"]);
  return await keyPair({ privateKey, publicKey }, options);
}

async function keyPair(keys: CryptoKeyPair, options: CertificateOptions): Promise<KeyPair> {
  const privateKeyDer = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    privateKeyPem: toPem("PRIVATE KEY", new Uint8Array(privateKeyDer)),
    ...await describeCertificate(await selfSign(keys, options)),
  };
}

async function selfSign(
  keys: CryptoKeyPair,
  { days = 730, commonName = "sfetch" }: CertificateOptions,
): Promise<X509Certificate> {
  const x509 = await loadX509();
  const now = Date.now();
  return await x509.X509CertificateGenerator.createSelfSigned({
    keys,
    signingAlgorithm: RS256,
    name: [{ CN: [commonName] }],
    // A clock that runs a few minutes fast must not make a certificate that is not valid yet.
    notBefore: new Date(now - 5 * 60 * 1000),
    notAfter: new Date(now + days * DAY),
    extensions: [await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)],
  });
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
  if (!name.startsWith("RSA")) return { keyType: name, bits: 0, modulus: "" };
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
