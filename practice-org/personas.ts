/**
 * The users and apps of the practice org. One of each is set up correctly. Every other one represents a mistake in a
 * real set-up, and gets the answer that Salesforce gives.
 */
import type { OAuthRefusal } from "./errors.ts";
import { idOf } from "./ids.ts";

/** A user of the practice org. */
export interface PracticeUser {
  /** The record id, 18 characters. */
  id: string;
  /** The username, which names the role: `locked@practice.example`. */
  username: string;
  /** First and last name. */
  name: string;
  /** Whether the user is active. */
  isActive: boolean;
  /** Whether an admin has approved the user's profile for pre-authorized apps. */
  isPreAuthorized: boolean;
  /** The refusal that every sign-in of this user gets. */
  refusal?: OAuthRefusal;
}

/** A connected app or External Client App of the practice org. */
export interface PracticeApp {
  /** The name shown on the page that asks for access. */
  name: string;
  /** The consumer key. */
  clientId: string;
  /** The consumer secret. */
  clientSecret: string;
  /** Whether exchanging a code and refreshing require the secret. */
  isSecretRequired: boolean;
  /** The allowed callback URLs. */
  callbackUrls: string[];
  /** The scopes that the app can be granted. */
  scopes: string[];
  /** Permitted Users: either admin-approved users are pre-authorized, or all users can self-authorize. */
  permittedUsers: "admin-approved" | "self-authorize";
  /** Whether a certificate is uploaded, which enables the JWT bearer flow. */
  hasCertificate: boolean;
  /** Whether the app issues JWT-based access tokens instead of opaque ones. */
  issuesJwt: boolean;
  /** The username that the client credentials flow runs as; without it, the flow is disabled. */
  runsAs?: string;
  /** The refusal that every sign-in through this app gets. */
  refusal?: OAuthRefusal;
}

/** The users of a new practice org, by role. */
export interface PracticeUsers {
  /** Active and approved: sign-in succeeds. */
  admin: PracticeUser;
  /** Refused with `inactive_user`. */
  inactive: PracticeUser;
  /** Refused with "invalid user credentials". */
  frozen: PracticeUser;
  /** Refused with "user is locked". */
  locked: PracticeUser;
  /** Refused with "ip restricted or invalid login hours". */
  ipRestricted: PracticeUser;
  /** Active, but not approved for pre-authorized apps by profile or permission set. */
  notApproved: PracticeUser;
}

/** The apps of a new practice org, by role. */
export interface PracticeApps {
  /** A local External Client App with a certificate and pre-authorized users: sign-in succeeds. */
  main: PracticeApp;
  /** Users must approve it in the browser before the JWT bearer flow works for them. */
  selfAuthorize: PracticeApp;
  /** Like main, but issues JWT-based access tokens. */
  jwtTokens: PracticeApp;
  /** Like selfAuthorize, but exchanging a code and refreshing require the consumer secret. */
  webServer: PracticeApp;
  /** Has the client credentials flow enabled, running as the admin. */
  clientCredentials: PracticeApp;
  /** Has no certificate, so every assertion is refused. */
  withoutCertificate: PracticeApp;
  /** A packaged External Client App that is not installed in this org. */
  notInstalled: PracticeApp;
  /** A connected app that is not installed, which Salesforce has restricted since September 2025. */
  uninstalled: PracticeApp;
  /** Blocked by an admin. */
  blocked: PracticeApp;
  /** A local External Client App that belongs to another org. */
  crossOrg: PracticeApp;
}

const invalidGrant = (description: string): OAuthRefusal => ({
  error: "invalid_grant",
  description,
});

/** Makes the users of a new org. */
export function createUsers(): PracticeUsers {
  let count = 0;
  const user = (part: string, traits?: Partial<PracticeUser>): PracticeUser => ({
    id: idOf("005", count++),
    username: `${part}@practice.example`,
    name: `Practice ${part[0]!.toUpperCase()}${part.slice(1)}`,
    isActive: true,
    isPreAuthorized: true,
    ...traits,
  });
  return {
    admin: user("admin"),
    inactive: user("inactive", {
      isActive: false,
      refusal: { error: "inactive_user", description: "user is inactive" },
    }),
    frozen: user("frozen", { refusal: invalidGrant("invalid user credentials") }),
    locked: user("locked", { refusal: invalidGrant("user is locked") }),
    ipRestricted: user("ip-restricted", {
      refusal: invalidGrant("ip restricted or invalid login hours"),
    }),
    notApproved: user("not-approved", { isPreAuthorized: false }),
  };
}

/** Makes the apps of a new org. */
export function createApps(): PracticeApps {
  let count = 0;
  const app = (name: string, traits?: Partial<PracticeApp>): PracticeApp => ({
    name,
    clientId: `3MVG9PracticeOrg.${name.replaceAll(" ", "_")}_`.padEnd(84, "Xy7Zk2Qm") + ++count,
    clientSecret: `${name.replaceAll(" ", "")}Secret`.padEnd(64, "0123456789ABCDEF"),
    isSecretRequired: false,
    callbackUrls: ["http://localhost:1717/OauthRedirect"],
    scopes: ["api", "web", "refresh_token", "openid", "id"],
    permittedUsers: "admin-approved",
    hasCertificate: true,
    issuesJwt: false,
    ...traits,
  });
  return {
    main: app("Practice App"),
    selfAuthorize: app("Self Authorize", { permittedUsers: "self-authorize" }),
    jwtTokens: app("Jwt Tokens", { issuesJwt: true }),
    webServer: app("Web Server", { permittedUsers: "self-authorize", isSecretRequired: true }),
    clientCredentials: app("Client Credentials", {
      isSecretRequired: true,
      runsAs: "admin@practice.example",
    }),
    withoutCertificate: app("Without Certificate", { hasCertificate: false }),
    notInstalled: app("Not Installed", {
      refusal: {
        error: "app_not_found",
        description: "External client app is not installed in this org",
      },
    }),
    uninstalled: app("Uninstalled", {
      refusal: { error: "invalid_client", description: "app must be installed into org" },
    }),
    blocked: app("Blocked", {
      refusal: { error: "OAUTH_APP_BLOCKED", description: "app is blocked by admin" },
    }),
    crossOrg: app("Cross Org", {
      refusal: {
        error: "OAUTH_AUTHORIZATION_BLOCKED",
        description: "Cross-org OAuth flows are not supported for this external client app",
      },
    }),
  };
}
