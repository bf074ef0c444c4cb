import { Buffer } from "node:buffer";
import { FIXED_KEY } from "../helpers/fixed-key.ts";

/** One key in the forms that people have it in: what the generators damage. The first one is good as it is. */
export async function keysToDamage(): Promise<string[]> {
  const pem = FIXED_KEY;
  const body = pem.replace(/-----.*-----|\s/g, "");
  const der = Buffer.from(body, "base64");
  const key = await crypto.subtle.importKey(
    "pkcs8",
    der,
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    true,
    ["sign"],
  );
  const lines = der.subarray(26).toString("base64").match(/.{1,64}/g)!; // what PKCS#8 wraps
  const encrypted = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${
    encryptedDer(der)
  }\n-----END ENCRYPTED PRIVATE KEY-----`;
  return [
    pem,
    `-----BEGIN RSA PRIVATE KEY-----\n${lines.join("\n")}\n-----END RSA PRIVATE KEY-----\n`,
    `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n${
      lines.join("\n")
    }\n-----END RSA PRIVATE KEY-----\n`,
    encrypted,
    pem.replaceAll("\n", "\\n"),
    body,
    Buffer.from(pem).toString("base64"),
    JSON.stringify(await crypto.subtle.exportKey("jwk", key)),
  ];
}

/** PBES2 with PBKDF2 and AES as OpenSSL writes it, around bytes that no passphrase opens. */
function encryptedDer(content: Uint8Array): string {
  const sequence = (...parts: Uint8Array[]) => tagged(0x30, Buffer.concat(parts));
  const oid = (hex: string) => tagged(6, Buffer.from(hex, "hex"));
  const kdf = sequence(
    oid("2a864886f70d01050c"),
    sequence(tagged(4, Buffer.alloc(8)), tagged(2, Buffer.from([0x08, 0x00]))),
  );
  const cipher = sequence(oid("60864801650304012a"), tagged(4, Buffer.alloc(16)));
  const scheme = sequence(oid("2a864886f70d01050d"), sequence(kdf, cipher));
  const whole = sequence(scheme, tagged(4, content.subarray(0, 1200)));
  return Buffer.from(whole).toString("base64").match(/.{1,64}/g)!.join("\n");
}

/** An element of DER. */
export function tagged(tag: number, content: Uint8Array): Uint8Array {
  const size = content.length;
  const length = size < 128 ? [size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
