/**
 * `sfetch demo`: shows the whole flow on a practice org in this process, from a new key to records.
 *
 * @module
 */
import process from "node:process";
import type { Session, SessionOptions } from "../../mod.ts";
import { command } from "../arguments/command.ts";
import { invocation } from "../arguments/invocation.ts";
import type { PracticeOrg } from "../../practice-org/mod.ts";
import { hasColours, paint } from "../terminal/terminal.ts";
import { wrap } from "../terminal/wrap.ts";

const INTRODUCTION =
  "It uses a practice org in this process:\nnothing leaves this machine, and nothing is kept.";
const SOQL = "SELECT Id, Name FROM Account LIMIT 5";

export default command({
  meta: {
    name: "demo",
    description: "Watch the whole flow, from a new key to records, on a practice org",
  },
  args: {},
  examples: [["sfetch demo", "takes a few seconds, needs no account, leaves no files"]],
  async run() {
    const { startPracticeOrg } = await import("../../practice-org/mod.ts");
    process.stderr.write(`${style.bold("From a private key to records.")} ${INTRODUCTION}\n`);

    step("A private key and its certificate");
    const { generateKeyPair } = await import("../keys/keys.ts");
    const pair = await generateKeyPair({ commonName: "sfetch demo" });
    say(
      `RSA, ${pair.bits} bits. The certificate ${pair.subject} is valid until ${
        day(pair.notAfter)
      }.`,
    );
    say("You keep the key. You upload the certificate to an app in Salesforce's Setup.");

    const org = await startPracticeOrg({ certificate: pair.certificatePem });
    try {
      await showFlow(org, pair.privateKeyPem);
    } finally {
      await org.close();
    }
    showNext();
  },
});

async function showFlow(org: PracticeOrg, privateKey: string): Promise<void> {
  const { createSession } = await import("../../mod.ts");
  const options: SessionOptions = {
    clientId: org.clientId,
    username: org.username,
    privateKey,
    loginUrl: org.url,
    fetch: shownFetch,
  };
  const session = createSession(options);
  await showAssertion(options);
  await showToken(session);
  await showQuery(session);
  await showRecord(session);
  await showRenewal(session, org);
  await showRefusal({ ...options, audience: "https://test.salesforce.com" });
}

async function showAssertion(options: SessionOptions): Promise<void> {
  const [{ createAssertion }, { decodeJwt }] = await Promise.all([
    import("../../mod.ts"),
    import("jose/jwt/decode"),
  ]);
  step("An assertion: a JWT that requests access, signed with the key (RS256)");
  const { iss, sub, aud, exp, jti } = decodeJwt(await createAssertion(options));
  const claims = [
    ["iss", `${iss!.slice(0, 24)}…`, "the app: its consumer key"],
    ["sub", sub, "the user to work as"],
    ["aud", aud, "the audience: the org"],
    ["exp", exp, `expires in ${exp! - Math.floor(Date.now() / 1000)} seconds`],
    ["jti", `${jti!.slice(0, 18)}…`, "a fresh id, never used twice"],
  ];
  for (const [name, value, meaning] of claims) {
    say(`${style.cyan(String(name))}  ${String(value).padEnd(28)}  ${style.grey(String(meaning))}`);
  }
}

async function showToken(session: Session): Promise<void> {
  step("The assertion is exchanged for an access token");
  const token = await session.getToken();
  say(
    `${token} for ${token.instanceUrl}. It works like a password for an hour or two, so it is never shown in full.`,
  );
}

async function showQuery(session: Session): Promise<void> {
  step("The token gives access to the API: a query");
  say(style.bold(SOQL));
  const [{ writeRecords }, { toStdout }] = await Promise.all([
    import("../output/output.ts"),
    import("../output/stdout.ts"),
  ]);
  await writeRecords(session.query(SOQL, { attributes: false }), await toStdout());
}

async function showRecord(session: Session): Promise<void> {
  step("A record: created, read, deleted");
  const json = { Name: "Demo Ltd" };
  const { id } = await session.fetch("/sobjects/Account", { method: "POST", json }).json();
  const record = await session.fetch(`/sobjects/Account/${id}`).json();
  await session.fetch(`/sobjects/Account/${id}`, { method: "DELETE" });
  say(`Its id was ${id}, its name "${record.Name}".`);
}

async function showRenewal(session: Session, org: PracticeOrg): Promise<void> {
  step("The session expires on the server; the next call signs in again by itself");
  org.control.expireSessions();
  const limits = await session.fetch("/limits").json();
  const { Remaining, Max } = limits.DailyApiRequests;
  say(`The call succeeded: ${Remaining} of ${Max} API calls are left today.`);
}

async function showRefusal(options: SessionOptions): Promise<void> {
  const { createSession, OAuthError } = await import("../../mod.ts");
  step("A mistake on purpose: the wrong audience. Errors name the cause and the next step");
  try {
    await createSession(options).getToken();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const [what, ...hints] = error.message.split("\n");
    say(style.red(what!));
    for (const hint of hints) say(hint);
    return;
  }
  throw new Error("The practice org accepted the wrong audience");
}

function showNext(): void {
  const sfetch = invocation();
  const commands = [
    ["--org practice", "an interactive session with a practice org"],
    ["login", "set up your own org, step by step"],
    ["query --org practice 'SELECT Name FROM Contact'", "a single query"],
    ["--help", "all commands"],
  ];
  process.stderr.write(`\n${style.green("✔")} ${style.bold("That was the whole flow. Next:")}\n`);
  for (const [args, what] of commands) {
    say(style.grey(`# ${what}`));
    say(`${sfetch} ${args}`);
  }
}

/** `fetch` that shows each request and how it was answered. */
async function shownFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const started = performance.now();
  const response = await fetch(input, init);
  const ms = Math.round(performance.now() - started);
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  const { status } = response;
  const mark = (response.ok ? style.green : style.red)(String(status));
  const request = `${(init?.method ?? "GET").padEnd(6)} ${pathname}`;
  say(`${style.grey("→")} ${request} ${mark} ${style.grey(`${ms} ms`)}`);
  return response;
}

const style = paint(hasColours(process.stderr));
let steps = 0;

function step(title: string): void {
  process.stderr.write(`\n${style.bold(`${++steps}. ${title}`)}\n`);
}

/** The explanations go to stderr and the records to stdout, as with every command. */
function say(line: string): void {
  const { isTTY, columns } = process.stderr;
  const lines = isTTY ? wrap(line, (columns || 80) - 4) : line;
  process.stderr.write(lines.replace(/^/gm, "   ") + "\n");
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
