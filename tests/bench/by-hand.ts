/** Token and one query as a good engineer writes it by hand: node:fs, process.env, Web Crypto and fetch. */
import { readFileSync } from "node:fs";
import process from "node:process";
const env = (name: string): string => process.env[name]!;
const pem = (): string | Promise<string> => readFileSync(env("SF_PRIVATE_KEY_FILE"), "utf8");
// From here on the script is the same for every runtime; what is above is read in the runtime's own way by the best one.

async function signIn(): Promise<{ access_token: string; instance_url: string }> {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const base64 = (await pem()).replace(/-----.*-----|\s/g, "");
  const der = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const key = await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  const base64url = (bytes: Uint8Array): string =>
    btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(
      /=+$/,
      "",
    );
  const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  const part = (value: unknown): string => base64url(utf8(JSON.stringify(value)));
  const claims = {
    iss: env("SF_CLIENT_ID"),
    sub: env("SF_USERNAME"),
    aud: env("SF_LOGIN_URL"),
    exp: Math.floor(Date.now() / 1000) + 180,
    jti: crypto.randomUUID(),
  };
  const unsigned = `${part({ alg: "RS256" })}.${part(claims)}`;
  const signature = await crypto.subtle.sign(algorithm, key, utf8(unsigned));
  const answer = await fetch(`${env("SF_LOGIN_URL")}/services/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: `${unsigned}.${base64url(new Uint8Array(signature))}`,
    }),
  });
  return await answer.json();
}

const { access_token, instance_url } = env("SF_ACCESS_TOKEN")
  ? { access_token: env("SF_ACCESS_TOKEN"), instance_url: env("SF_INSTANCE_URL") }
  : await signIn();
const soql = encodeURIComponent("SELECT Id, Name FROM Account LIMIT 5");
const headers = { authorization: `Bearer ${access_token}` };
const answer = await fetch(`${instance_url}/services/data/v67.0/query?q=${soql}`, { headers });
const { records } = await answer.json();
console.log(records.length);
