/**
 * Generates the key pair of an org, if no certificate is given.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** A private key and its self-signed certificate. */
export interface KeyPair {
  /** PKCS#8 as PEM. */
  privateKeyPem: string;
  certificatePem: string;
  publicKey: CryptoKey;
}

const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;

/** Generates an RSA key of 2048 bits, and a certificate that is valid for two years from yesterday. */
export async function makeKeyPair(): Promise<KeyPair> {
  const [keys, x509] = await Promise.all([generateKeys(), loadX509()]);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    keys,
    signingAlgorithm: RS256,
    name: [{ CN: ["practice org"] }],
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + 730 * DAY),
  });
  return {
    privateKeyPem: pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", keys.privateKey)),
    certificatePem: pem("CERTIFICATE", certificate.rawData),
    publicKey: keys.publicKey,
  };
}

function generateKeys(): Promise<CryptoKeyPair> {
  const publicExponent = new Uint8Array([1, 0, 1]);
  const algorithm = { ...RS256, modulusLength: 2048, publicExponent };
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  await import("reflect-metadata");
  return await import("@peculiar/x509");
}

function pem(label: string, der: ArrayBuffer): string {
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g)!;
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
