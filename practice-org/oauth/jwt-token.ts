/** JWT-based access tokens, and the public key of the org that verifies them. */
import { randomUUID } from "node:crypto";
import type { JWK } from "jose";
import { type Org, orgTime } from "../org.ts";
import type { Grant } from "../sessions.ts";

const keys = new WeakMap<Org, Promise<CryptoKeyPair>>();

function signingKeys(org: Org): Promise<CryptoKeyPair> {
  const known = keys.get(org) ?? crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
    true,
    ["sign", "verify"],
  );
  keys.set(org, known);
  return known;
}

/** Returns a new JWT-based access token. */
export async function jwtToken(org: Org, grant: Grant): Promise<string> {
  const { SignJWT } = await import("jose/jwt/sign");
  const now = Math.floor(orgTime(org) / 1000);
  return await new SignJWT({
    scp: grant.scopes.join(" "),
    sub: `uid:${grant.user.id}`,
    iss: org.instanceUrl,
    client_id: grant.app.clientId,
    aud: [org.instanceUrl, "https://api.salesforce.com"],
    jti: randomUUID(),
    iat: now,
    nbf: now - 15,
    exp: now + org.settings.jwtTimeout,
    mty: "oauth",
    sfi: org.id,
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", tty: "sfdc-core-token", kid: KEY_ID })
    .sign((await signingKeys(org)).privateKey as CryptoKey);
}

const KEY_ID = "PracticeOrg.1";

/** Returns the key set of `/id/keys`. */
export async function keySet(org: Org): Promise<{ keys: JWK[] }> {
  const { kty, n, e } = await crypto.subtle.exportKey("jwk", (await signingKeys(org)).publicKey);
  return { keys: [{ kty, n, e, alg: "RS256", use: "sig", kid: KEY_ID }] };
}
