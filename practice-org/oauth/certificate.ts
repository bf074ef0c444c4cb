/** The certificate of an app. */

/** Returns the public key of a certificate (PEM). Throws unless Salesforce would accept it: RSA, 2048 bits or more. */
export async function importCertificate(pem: string): Promise<CryptoKey> {
  const { importX509 } = await import("jose/key/import");
  const key: CryptoKey = await importX509(pem, "RS256").catch((cause) => {
    throw new TypeError("This is not an X.509 certificate with an RSA key", { cause });
  });
  const { modulusLength } = key.algorithm as RsaHashedKeyAlgorithm;
  if (modulusLength < 2048) {
    throw new TypeError(
      `The certificate's key has ${modulusLength} bits; Salesforce asks for 2048`,
    );
  }
  return key;
}
