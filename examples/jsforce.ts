/**
 * Hands the token to jsforce, for what it has and sfetch has not. jsforce runs on Node only, so this does too.
 *
 *     npm install jsforce
 *     node examples/jsforce.ts
 */
import jsforce from "jsforce";
import { API_VERSION, getToken } from "../mod.ts";

const { accessToken, instanceUrl } = await getToken();

const connection = new jsforce.Connection({
  accessToken,
  instanceUrl,
  version: API_VERSION,
  // jsforce asks for a new token when the session has ended.
  refreshFn: (_connection, done) =>
    getToken({ fresh: true }).then(({ accessToken }) => done(null, accessToken), done),
});

const accounts = await connection.sobject("Account").find({ Industry: "Banking" }, ["Id", "Name"]);
for (const { Id, Name } of accounts) console.log(Id, Name);
