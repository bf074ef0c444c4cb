/**
 * The practice org: a Salesforce-like org in this process, to learn, test and demo on without an account.
 *
 * It is strict where Salesforce is: the JWT bearer flow verifies the signature against the registered certificate,
 * issuer, subject, audience, expiry and approval, and refuses in Salesforce's own words. SOQL, records, composite
 * requests, search and streaming answer as the platform does; what the practice org does not have, it says that it
 * does not have. `users` and `apps` hold one persona for each way in which a real set-up goes wrong; `control` sets
 * faults and settings.
 *
 * @example A test's own org
 * ```ts
 * import { createSession } from "./mod.ts";
 * import { startPracticeOrg } from "./practice-org/mod.ts";
 *
 * const org = await startPracticeOrg({ rows: 10 });
 * const { clientId, username, privateKey, url: loginUrl } = org;
 * const session = createSession({ clientId, username, privateKey, loginUrl });
 *
 * org.control.fault({ kind: "rest-error", error: "server-unavailable", times: 2 });
 * console.log(await session.query("SELECT Id FROM Account").totalSize()); // 10
 * await org.close();
 * ```
 *
 * @module
 */
import { createControl, type PracticeControl } from "./control.ts";
import { createCore } from "./core.ts";
import { fetchFrom, handle } from "./in-process.ts";
import { importCertificate } from "./oauth/certificate.ts";
import { makeKeyPair } from "./oauth/key-pair.ts";
import type { PracticeApps, PracticeUsers } from "./personas.ts";
import { type Listener, serve } from "./server.ts";

export type { BulkSettings } from "./bulk/work.ts";
export type { OAuthRefusal, RestErrorName } from "./errors.ts";
export type { Fault, FaultKind } from "./faults.ts";
export type { PracticeControl } from "./control.ts";
export type { LoggedRequest, MovedAnswer, PracticeSettings } from "./org.ts";
export type { PracticeApp, PracticeApps, PracticeUser, PracticeUsers } from "./personas.ts";

/** URLs of an org that does not listen. Nothing listens on these ports, so no other server is mistaken for it. */
const URL_WITHOUT_SOCKET = "http://localhost:1";
const MOVED_URL = "http://localhost:7";

/** Options for {@linkcode startPracticeOrg}. */
export interface PracticeOrgOptions {
  /** Whether the org listens on a port. Without one, only `handle` and `fetch` reach it. @default {true} */
  listen?: boolean;
  /** The port on 127.0.0.1; 0 chooses a free one. @default {0} */
  port?: number;
  /** The number of accounts; some other objects have as many records, or twice as many. @default {50} */
  rows?: number;
  /** The certificate (PEM) of the apps; without it, the org generates a key pair. */
  certificate?: string;
  /** The number of seconds without a call after which a session expires. @default {7200} */
  sessionTimeout?: number;
}

/** A running practice org. */
export interface PracticeOrg {
  /** The login URL, which is also the instance URL until the instance moves. */
  url: string;
  /** The consumer key of the main app. */
  clientId: string;
  /** The username of the admin. */
  username: string;
  /** The private key (PEM) that the org generated, if no certificate was given. */
  privateKey?: string;
  /** The certificate (PEM) that assertions are verified with. */
  certificate: string;
  /** The users, by role. */
  users: PracticeUsers;
  /** The apps, by role. All have the same certificate except one, which has none. */
  apps: PracticeApps;
  /** Controls faults, settings, and the log of requests. */
  control: PracticeControl;
  /** Answers a request without a socket, whatever its host. Rejects for a fault such as `cut`. */
  handle(request: Request): Promise<Response>;
  /**
   * Works like the global `fetch`, with the practice org as the only host. Pass it to the code under test instead of
   * the global one.
   *
   * @throws {TypeError} If the request is for another host, or meets the fault `cut`.
   */
  fetch: typeof fetch;
  /** Closes the org and its connections. */
  close(): Promise<void>;
}

/**
 * Starts a practice org in this process.
 *
 * @throws {TypeError} If the certificate is one that Salesforce would not accept.
 * @throws {Error} With the code `EADDRINUSE`, if the port is already in use.
 * @example Without a socket
 * ```ts
 * import { createSession } from "./mod.ts";
 * import { startPracticeOrg } from "./practice-org/mod.ts";
 *
 * const org = await startPracticeOrg({ listen: false });
 * const { clientId, username, privateKey, url: loginUrl, fetch } = org;
 * const session = createSession({ clientId, username, privateKey, loginUrl, fetch });
 *
 * await session.fetch("/sobjects/Account", { method: "POST", json: { Name: "Acme" } });
 * console.log(org.control.requests().length); // 2
 * ```
 */
export async function startPracticeOrg(options: PracticeOrgOptions = {}): Promise<PracticeOrg> {
  const { rows, sessionTimeout, listen = true, port = 0 } = options;
  const keyPair = options.certificate ? undefined : await makeKeyPair();
  const certificate = options.certificate ?? keyPair!.certificatePem;
  const publicKey = keyPair?.publicKey ?? await importCertificate(certificate);
  const org = createCore({ publicKey, rows, sessionTimeout });
  const listeners: Listener[] = [];
  const open = async (port: number): Promise<string> => {
    if (!listen) return org.loginUrl ? MOVED_URL : URL_WITHOUT_SOCKET;
    const listener = await serve(org, () => control, port);
    listeners.push(listener);
    return listener.url;
  };
  const control = createControl(org, () => open(0));
  org.loginUrl = org.instanceUrl = await open(port);
  return {
    url: org.loginUrl,
    clientId: org.apps.main.clientId,
    username: org.users.admin.username,
    privateKey: keyPair?.privateKeyPem,
    certificate,
    users: org.users,
    apps: org.apps,
    control,
    handle: (request) => handle(org, request),
    fetch: fetchFrom(org),
    close: async () => {
      org.end.abort();
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}
