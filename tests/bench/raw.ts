/** The same as sfetch.ts in one file, with Web Crypto and fetch alone: the floor. */
import process from "node:process";
import { report } from "./report.ts";

const { SF_CLIENT_ID, SF_USERNAME, SF_PRIVATE_KEY, SF_LOGIN_URL } = process.env;
const all = process.argv[2] === "all";

const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const der = Uint8Array.from(
  atob(SF_PRIVATE_KEY!.replace(/-----.*-----|\s/g, "")),
  (char) => char.charCodeAt(0),
);
const key = await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const part = (value: unknown): string => base64url(new TextEncoder().encode(JSON.stringify(value)));
const claims = {
  iss: SF_CLIENT_ID,
  sub: SF_USERNAME,
  aud: SF_LOGIN_URL,
  exp: Math.floor(Date.now() / 1000) + 180,
  jti: crypto.randomUUID(),
};
const unsigned = `${part({ alg: "RS256" })}.${part(claims)}`;
const signature = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(unsigned));

const answer = await fetch(`${SF_LOGIN_URL}/services/oauth2/token`, {
  method: "POST",
  body: new URLSearchParams({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: `${unsigned}.${base64url(new Uint8Array(signature))}`,
  }),
});
const { access_token, instance_url } = await answer.json();

let count = 0;
const soql = encodeURIComponent(`SELECT Id, Name FROM Account${all ? "" : " LIMIT 5"}`);
let next = `/services/data/v67.0/query?q=${soql}`;
while (next) {
  const headers = { authorization: `Bearer ${access_token}` };
  const page = await (await fetch(instance_url + next, { headers })).json();
  for (const { Id } of page.records) if (Id) count++;
  next = page.nextRecordsUrl;
}
report(count);
