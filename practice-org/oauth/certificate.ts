/** The certificate that an app knows its signer by. */
import { Buffer } from "node:buffer";

/** A certificate file's content, PEM or DER, as PEM. */
export function certificatePem(file: Uint8Array): string {
  const text = new TextDecoder().decode(file);
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
  if (pem) return pem;
  const lines = Buffer.from(file).toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** The public key of a certificate. Throws unless it is one that Salesforce would take: RSA, 2048 bits or more. */
export async function importCertificate(pem: string): Promise<CryptoKey> {
  const { importX509 } = await import("jose/key/import");
  const key: CryptoKey = await importX509(pem, "RS256").catch((cause) => {
    throw new Error("This is not an X.509 certificate with an RSA key", { cause });
  });
  const { modulusLength } = key.algorithm as RsaHashedKeyAlgorithm;
  if (modulusLength < 2048) {
    throw new Error(`The certificate's key has ${modulusLength} bits; Salesforce asks for 2048`);
  }
  return key;
}
