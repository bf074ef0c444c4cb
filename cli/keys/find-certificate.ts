/**
 * Finds the certificate that people keep beside a private key.
 *
 * @module
 */
import { existsSync } from "node:fs";

/** The certificate beside a private key: `server.crt` (or `.cer`, `.cert`, `.pem`) beside `server.key`. */
export function findCertificate(privateKeyFile: string): string | undefined {
  const stem = privateKeyFile.replace(/\.(key|pem|der|pk8)$/i, "");
  return [".crt", ".cer", ".cert", ".pem"].map((end) => stem + end)
    .find((file) => file !== privateKeyFile && existsSync(file));
}
