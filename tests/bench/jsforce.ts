/** The same as by-hand.ts with jsforce, whose users sign the assertion themselves; `csv` writes all contacts. */
import { createSign, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Buffer } from "node:buffer";
import process from "node:process";

const jsforce = createRequire(import.meta.url)("jsforce");
const { SF_CLIENT_ID, SF_USERNAME, SF_PRIVATE_KEY_FILE, SF_LOGIN_URL } = process.env;
const { SF_ACCESS_TOKEN: accessToken, SF_INSTANCE_URL: instanceUrl } = process.env;

function assertion(): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    iss: SF_CLIENT_ID,
    sub: SF_USERNAME,
    aud: SF_LOGIN_URL,
    exp: Math.floor(Date.now() / 1000) + 180,
    jti: randomUUID(),
  };
  const unsigned = `${part({ alg: "RS256" })}.${part(claims)}`;
  const key = readFileSync(SF_PRIVATE_KEY_FILE!, "utf8");
  return `${unsigned}.${createSign("RSA-SHA256").update(unsigned).sign(key, "base64url")}`;
}

const version = "67.0";
const connection = accessToken
  ? new jsforce.Connection({ accessToken, instanceUrl, version })
  : new jsforce.Connection({ loginUrl: SF_LOGIN_URL, version });
if (!accessToken) {
  const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  await connection.authorize({ grant_type, assertion: assertion() });
}
if (process.argv[2] === "csv") {
  const soql = "SELECT Id, Name, Industry, AnnualRevenue, CreatedDate FROM Contact";
  const query = connection.query(soql, { autoFetch: true, maxFetch: 10_000_000 });
  query.stream("csv").pipe(process.stdout);
} else {
  const { records } = await connection.query("SELECT Id, Name FROM Account LIMIT 5");
  console.log(records.length);
}
