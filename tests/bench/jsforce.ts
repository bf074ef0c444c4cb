/** The same as sfetch.ts with jsforce, whose users sign the assertion themselves. */
import process from "node:process";
import { Buffer } from "node:buffer";
import { createSign, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { report } from "./report.ts";

const jsforce = createRequire(import.meta.url)("jsforce");

const { SF_CLIENT_ID, SF_USERNAME, SF_PRIVATE_KEY, SF_LOGIN_URL } = process.env;
const all = process.argv[2] === "all";

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const claims = {
  iss: SF_CLIENT_ID,
  sub: SF_USERNAME,
  aud: SF_LOGIN_URL,
  exp: Math.floor(Date.now() / 1000) + 180,
  jti: randomUUID(),
};
const unsigned = `${part({ alg: "RS256" })}.${part(claims)}`;
const signature = createSign("RSA-SHA256").update(unsigned).sign(SF_PRIVATE_KEY!, "base64url");

const connection = new jsforce.Connection({ loginUrl: SF_LOGIN_URL, version: "67.0" });
await connection.authorize({
  grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
  assertion: `${unsigned}.${signature}`,
});
const soql = `SELECT Id, Name FROM Account${all ? "" : " LIMIT 5"}`;
const { records } = await connection.query(soql, { autoFetch: true, maxFetch: 1_000_000 });
report(records.length);
