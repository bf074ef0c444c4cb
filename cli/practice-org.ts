/**
 * The practice org: a Salesforce-like server on loopback, to learn, test and demo on without an account.
 *
 * It is strict where Salesforce is: the JWT bearer flow verifies the signature against the registered certificate,
 * issuer, subject, audience, expiry and approval, and refuses in Salesforce's own words. `users` and `apps` hold one
 * persona for each way in which a real set-up goes wrong; `control` sets faults and settings.
 *
 * @module
 */
import { createControl, type PracticeControl } from "./practice-org/control.ts";
import { createOrgData } from "./practice-org/data.ts";
import { createOrg } from "./practice-org/org.ts";
import type { PracticeApps, PracticeUsers } from "./practice-org/personas.ts";
import { type Listener, serve } from "./practice-org/server.ts";

export type { Fault, RestErrorName } from "./practice-org/faults.ts";
export type { PracticeControl } from "./practice-org/control.ts";
export type { LoggedRequest, MovedAnswer, PracticeSettings } from "./practice-org/org.ts";
export type {
  PracticeApp,
  PracticeApps,
  PracticeUser,
  PracticeUsers,
} from "./practice-org/personas.ts";

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

/** Starts a practice org in this process. Throws if the port is taken. */
export async function startPracticeOrg(options: PracticeOrgOptions = {}): Promise<PracticeOrg> {
  const keyPair = options.certificate ? undefined : await makeKeyPair();
  const certificate = options.certificate ?? keyPair!.certificatePem;
  const org = createOrg({
    certificate,
    sessionTimeout: options.sessionTimeout ?? 7200,
    data: ({ id, users }) =>
      createOrgData({
        rows: options.rows,
        orgId: id,
        userId: users.admin.id,
        username: users.admin.username,
        users: Object.values(users),
      }),
  });
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
  const { generateKeyPair } = await import("./keys.ts");
  return await generateKeyPair({ commonName: "practice org" });
}
