/**
 * Approval in the browser, for apps whose policy is "All users may self-authorize": the user logs in and allows the
 * app, after which the JWT bearer flow works for that user.
 *
 * The web server flow with PKCE (RFC 7636) and a listener on loopback (RFC 8252). The tokens that it returns are
 * dropped at once: what counts is that they were issued.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { createServer, type Server, type ServerResponse } from "node:http";
import process from "node:process";
import { OAUTH_ERRORS, SfetchError } from "../../../mod.ts";
import { UsageError } from "../../arguments/command.ts";
import { CALLBACK_URL } from "../app/setup-guide.ts";

/** Who approves which app, and where. */
export interface ApprovalOptions {
  /** Where the user logs in, as `Settings.loginUrl`. */
  loginUrl: string;
  /** The app's consumer key. */
  clientId: string;
  /** The user who approves it. */
  username: string;
  /** Tells the user what happens, and which URL to open. */
  say(text: string): void;
}

/** The time, in ms, that the user has to log in and to allow access. */
const PATIENCE = 10 * 60_000;
/** The time, in ms, that the org has to answer. */
const TIMEOUT = 30_000;

/**
 * Opens the org's page in the browser and waits until the user has approved the app.
 *
 * @throws {UsageError} If the callback's port is in use.
 * @throws {SfetchError} If Salesforce or the user refused, or nobody answered within ten minutes.
 */
export async function approveInBrowser(options: ApprovalOptions): Promise<void> {
  const { say } = options;
  const state = randomText();
  const verifier = randomText();
  const url = authorizeUrl(options, state, await challengeOf(verifier));
  const listener = await listen(state);
  try {
    await lookForRefusal(url);
    say(
      `Log in as ${options.username} and allow access. If no browser opens, open this page:\n${url}\nWaiting for the approval (Ctrl-C cancels) …`,
    );
    openBrowser(url);
    const answer = await listener.answer;
    const error = answer.get("error");
    if (error) throw refusal(error, answer.get("error_description") ?? "no description");
    await exchange(options, answer.get("code") ?? "", verifier);
  } finally {
    listener.close();
  }
}

function authorizeUrl(
  { loginUrl, clientId, username }: ApprovalOptions,
  state: string,
  challenge: string,
): string {
  const parameters = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: CALLBACK_URL,
    // Without a refresh token the approval does not count for the JWT bearer flow.
    scope: "api refresh_token",
    // The browser may be logged in as somebody else, whose approval would not help.
    prompt: "login consent",
    login_hint: username,
    state,
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  return `${loginUrl}/services/oauth2/authorize?${parameters}`;
}

function randomText(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
}

async function challengeOf(verifier: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return Buffer.from(hash).toString("base64url");
}

/** Errors of the app itself are shown in the browser only and never reach the callback, so look for them first. */
async function lookForRefusal(url: string): Promise<void> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const response = await fetch(url, { redirect: "manual", signal }).catch((cause) => {
    const message = `${new URL(url).origin} cannot be reached.`;
    throw new SfetchError(message, "Check the My Domain and the network.", { cause });
  });
  const text = `${response.headers.get("location") ?? ""} ${await response.text()}`;
  const [, error] = /\berror=(redirect_uri_mismatch|invalid_client_id|OAUTH_\w+)/.exec(text) ?? [];
  if (error) throw refusal(error, "");
}

function refusal(error: string, description: string): SfetchError {
  const said = [error, description].filter(Boolean).join(": ");
  return new SfetchError(`The app was not approved: ${said}.`, explain(error, description));
}

/** Errors of the authorize page that the token endpoint does not have, or names differently. */
const AUTHORIZE_ERRORS: Record<string, string> = {
  redirect_uri_mismatch:
    `Add ${CALLBACK_URL} to the app's Callback URLs (Edit Settings); a change takes up to 10 minutes to take effect.`,
  access_denied: "Access was denied in the browser. Try again and choose Allow.",
  OAUTH_APP_ACCESS_DENIED:
    "The app accepts only users whom an admin approved: add the user's profile or permission set to the app (Policies > App Policies). Then no approval in the browser is needed.",
  OAUTH_EC_APP_NOT_FOUND: "The External Client App is not in this org: check the My Domain.",
};

function explain(error: string, description: string): string {
  const row = OAUTH_ERRORS.find((row) => row.error === error || row.says === description);
  return AUTHORIZE_ERRORS[error] ?? (row ? `${row.cause}\n${row.fix}` : "");
}

/** Salesforce counts an approval once a refresh token was issued; the next sign-in shows whether it does. */
async function exchange(
  { loginUrl, clientId, say }: ApprovalOptions,
  code: string,
  verifier: string,
): Promise<void> {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: clientId,
    redirect_uri: CALLBACK_URL,
    code,
    code_verifier: verifier,
  });
  const response = await fetch(`${loginUrl}/services/oauth2/token`, {
    method: "POST",
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (response.ok) return void await response.body?.cancel();
  const { error = `HTTP ${response.status}` } = await response.json().catch(() => ({}));
  say(
    `Approved, but the app issued no token (${error}). The approval may count all the same. If the sign-in fails, ` +
      'edit the app and clear "Require Secret for Web Server Flow".',
  );
}

interface Listener {
  answer: Promise<URLSearchParams>;
  close(): void;
}

/** Listens for the callback on loopback, by both names that "localhost" has. */
async function listen(state: string): Promise<Listener> {
  let resolve!: (answer: URLSearchParams) => void;
  let reject!: (reason: SfetchError) => void;
  const answer = new Promise<URLSearchParams>((...settle) => [resolve, reject] = settle);
  answer.catch(() => {}); // it may fail before anything waits for it
  const servers: Server[] = [];
  const close = (): void => {
    clearTimeout(timer);
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  const timer = setTimeout(() => {
    const message = `Nobody approved the app within ${PATIENCE / 60_000} minutes.`;
    reject(new SfetchError(message, "Run the command again, and open the page that it shows."));
  }, PATIENCE);
  try {
    for (const address of ["127.0.0.1", "::1"]) {
      const server = createServer((request, response) => {
        receive(request.url ?? "/", state, response, resolve);
      });
      if (await start(server, address)) servers.push(server);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { answer, close };
}

const { port: CALLBACK_PORT, pathname: CALLBACK_PATH } = new URL(CALLBACK_URL);

/** Returns whether the server listens; a machine may lack IPv6. */
function start(server: Server, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (address === "::1" && error.code !== "EADDRINUSE") return resolve(false);
      reject(
        new UsageError(
          `Cannot listen on port ${CALLBACK_PORT}, which the approval returns to: ${
            error.code === "EADDRINUSE" ? "the port is already in use" : error.code
          }.`,
          `Another program may use it, such as a second \`sfetch login\` or \`sf org login web\`. Find it with: lsof -i :${CALLBACK_PORT}`,
        ),
      );
    });
    server.listen(Number(CALLBACK_PORT), address, () => resolve(true));
  });
}

function receive(
  target: string,
  state: string,
  response: ServerResponse,
  done: (answer: URLSearchParams) => void,
): void {
  // Any program on this machine can send anything here, such as `//`, which is not a URL.
  const [, path, query] = /^([^?]*)\??(.*)$/s.exec(target)!;
  const searchParams = new URLSearchParams(query);
  if (path !== CALLBACK_PATH) return page(response, 404, "There is nothing here.");
  if (searchParams.get("state") !== state) {
    return page(response, 400, "This answer belongs to another sign-in.");
  }
  const text = searchParams.has("error")
    ? "Salesforce did not grant access. The terminal says why."
    : "The app is approved. You can close this window and return to the terminal.";
  page(response, 200, text, () => done(searchParams));
}

function page(response: ServerResponse, status: number, text: string, sent?: () => void): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    connection: "close",
  });
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>sfetch</title>` +
      `<style>body{font:1.2rem/1.5 system-ui,sans-serif;max-width:30rem;margin:20vh auto;padding:0 1rem}</style>` +
      `<p>${text}</p></html>`,
    sent,
  );
}

/** Opens the page in a browser if there is a screen; the terminal shows the URL as well. */
function openBrowser(url: string): void {
  const command = browserCommand();
  if (!command) return;
  const [program, ...args] = command;
  spawn(program!, [...args, url], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}

function browserCommand(): string[] | undefined {
  const { BROWSER, DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (BROWSER) return [BROWSER];
  if (process.platform === "darwin") return ["open"];
  if (process.platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  // Without a screen xdg-open would start a browser in this terminal.
  return DISPLAY || WAYLAND_DISPLAY ? ["xdg-open"] : undefined;
}
