/**
 * The practice org: a Salesforce-like server on loopback, to learn, test and demo on without an account.
 *
 * It is strict where Salesforce is: the JWT bearer flow verifies the signature against the registered certificate,
 * issuer, subject, audience, expiry and approval, and refuses in Salesforce's own words. `users` and `apps` hold one
 * persona for each way in which a real set-up goes wrong; `control` sets faults and settings.
 *
 * @module
 */
import { createControl, type PracticeControl } from "./control.ts";
import { createCore } from "./core.ts";
import { importCertificate } from "./oauth/certificate.ts";
import type { PracticeApps, PracticeUsers } from "./personas.ts";
import { type Listener, serve } from "./server.ts";

export type { BulkSettings } from "./bulk/work.ts";
export type { Fault, RestErrorName } from "./faults.ts";
export type { PracticeControl } from "./control.ts";
export type { LoggedRequest, MovedAnswer, PracticeSettings } from "./org.ts";
export type { PracticeApp, PracticeApps, PracticeUser, PracticeUsers } from "./personas.ts";

/** How a practice org starts. */
export interface PracticeOrgOptions {
  /** Port on 127.0.0.1; 0 takes a free one. @default {0} */
  port?: number;
  /** Accounts to seed. @default {50} */
  rows?: number;
  /** The certificate (PEM) of the apps; without it the org makes a key pair. */
  certificate?: string;
  /** Seconds without a call after which a session is dead. @default {7200} */
  sessionTimeout?: number;
}

/** A running practice org. */
export interface PracticeOrg {
  /** The login URL, which is the instance URL too until the instance is moved. */
  url: string;
  /** Consumer key of the main app. */
  clientId: string;
  /** Username of the admin. */
  username: string;
  /** The private key (PEM) that the org made, if no certificate was given. */
  privateKey?: string;
  /** The certificate (PEM) that assertions are verified with. */
  certificate: string;
  /** Users by the part they play. */
  users: PracticeUsers;
  /** Apps by the part they play; they all know the same certificate, save one that has none. */
  apps: PracticeApps;
  /** Faults, settings, the request log. */
  control: PracticeControl;
  /** Ends the org and cuts its connections. */
  close(): Promise<void>;
}

/**
 * Starts a practice org in this process.
 *
 * Throws if the port is taken, or the certificate is none that Salesforce would take.
 */
export async function startPracticeOrg(options: PracticeOrgOptions = {}): Promise<PracticeOrg> {
  const keyPair = options.certificate ? undefined : await makeKeyPair();
  const certificate = options.certificate ?? keyPair!.certificatePem;
  const publicKey = importCertificate(certificate);
  // Of a key pair just made, the key is there by the time it is asked for; of another, bad news comes now.
  if (options.certificate) await publicKey;
  const { rows, sessionTimeout } = options;
  const org = createCore({ publicKey, rows, sessionTimeout });
  const listeners: Listener[] = [];
  const listen = async (port: number): Promise<string> => {
    const listener = await serve(org, () => control, port);
    listeners.push(listener);
    return listener.url;
  };
  const control = createControl(org, () => listen(0));
  org.loginUrl = org.instanceUrl = await listen(options.port ?? 0);
  return {
    url: org.loginUrl,
    clientId: org.apps.main.clientId,
    username: org.users.admin.username,
    privateKey: keyPair?.privateKeyPem,
    certificate,
    users: org.users,
    apps: org.apps,
    control,
    close: async () => {
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}

async function makeKeyPair(): Promise<{ privateKeyPem: string; certificatePem: string }> {
  const { generateKeyPair } = await import("../cli/keys/keys.ts");
  return await generateKeyPair({ commonName: "practice org" });
}
