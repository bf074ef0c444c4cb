/**
 * jsforce at work on an org, as a program of its own: it runs on Node only. Takes the org as JSON on stdin, prints
 * what it got as JSON.
 */
import { createRequire } from "node:module";
import process from "node:process";
import { text } from "node:stream/consumers";
import { importPKCS8, SignJWT } from "jose";

const jsforce = createRequire(import.meta.url)("jsforce");
const { url, clientId, username, privateKey } = JSON.parse(await text(process.stdin));

async function authorize(audience: string) {
  const connection = new jsforce.Connection({ loginUrl: url, version: "67.0" });
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: "RS256" })
    .setIssuer(clientId)
    .setSubject(username)
    .setAudience(audience)
    .setExpirationTime("3m")
    .sign(await importPKCS8(privateKey, "RS256"));
  await connection.authorize({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion,
  });
  return connection;
}

/** The name that jsforce gives an error: `error` of OAuth, `errorCode` of REST. */
async function failure(promise: Promise<unknown>): Promise<string> {
  return await promise.then(() => "none", ({ name, message }) => `${name}: ${message}`);
}

const connection = await authorize(url);
const { records, totalSize } = await connection.query("SELECT Id, Name FROM Account ORDER BY Id", {
  autoFetch: true,
  maxFetch: 1_000_000,
});
const account = connection.sobject("Account");
const { id } = await account.create({ Name: "Made by jsforce" });
const { Name: created } = await account.retrieve(id);
await account.destroy(id);
const { bulk2 } = connection;
bulk2.pollInterval = 20;
const input = [
  { Name: "Bulk by jsforce", Phone: "1" },
  { Name: 'Quoted "\n', Phone: "2" },
  { Name: "", Phone: "3" },
];
const load = await bulk2.loadAndWaitForResults({ object: "Account", operation: "insert", input });
const bulkNames: string[] = [];
const bulkQuery = "SELECT Name FROM Account WHERE Name LIKE 'Bulk by%' OR Name LIKE 'Quoted%'";
for await (const { Name } of await bulk2.query(bulkQuery)) bulkNames.push(Name);
const ids = load.successfulResults.map(({ sf__Id }: { sf__Id: string }) => ({ Id: sf__Id }));
const gone = await bulk2.loadAndWaitForResults({
  object: "Account",
  operation: "delete",
  input: ids,
});
const results = {
  bulk: {
    loaded: load.successfulResults.length,
    errors: load.failedResults.map(({ sf__Error }: { sf__Error: string }) => sf__Error),
    names: bulkNames,
    deleted: gone.successfulResults.length,
  },
  identity: (await connection.identity()).username,
  ids: records.map((record: { Id: string }) => record.Id),
  totalSize,
  created,
  deleted: await failure(account.retrieve(id)),
  unknownField: await failure(connection.query("SELECT Nope FROM Account")),
  wrongAudience: await failure(authorize("https://test.salesforce.com")),
  apiUsage: connection.limitInfo.apiUsage,
};
await connection.logout();
process.stdout.write(JSON.stringify({
  ...results,
  loggedOut: await failure(
    new jsforce.Connection({
      instanceUrl: url,
      accessToken: connection.accessToken,
      version: "67.0",
    }).query("SELECT Id FROM Account LIMIT 1"),
  ),
}));
