/**
 * The users and apps of the practice org. One of each is in order; every other one stands for a way in which a real
 * set-up goes wrong, and gets Salesforce's answer to that.
 */
import type { OAuthRefusal } from "./errors.ts";
import { idOf } from "./ids.ts";

/** A user of the practice org. */
export interface PracticeUser {
  /** The record id, 18 characters. */
  id: string;
  /** The username, which tells the part: `locked@practice.example`. */
  username: string;
  /** First and last name. */
  name: string;
  /** Whether the user's record says active. */
  isActive: boolean;
  /** Whether the user's profile is on the list of those that an admin approved for pre-authorized apps. */
  isPreAuthorized: boolean;
  /** Why no sign-in of this user succeeds. */
  refusal?: OAuthRefusal;
}

/** A connected app or External Client App of the practice org. */
export interface PracticeApp {
  /** The name that the page which asks for access shows. */
  name: string;
  /** The consumer key. */
  clientId: string;
  /** The consumer secret. */
  clientSecret: string;
  /** Whether code exchange and refresh need the secret. */
  isSecretRequired: boolean;
  /** Where the browser may be sent back to. */
  callbackUrls: string[];
  /** The scopes that the app may be granted. */
  scopes: string[];
  /** Permitted Users: admin approved users are pre-authorized, or all users may authorize themselves. */
  permittedUsers: "admin-approved" | "self-authorize";
  /** Whether the certificate is uploaded, which is what turns the JWT bearer flow on. */
  hasCertificate: boolean;
  /** Whether the app issues JWT-based access tokens in place of opaque ones. */
  issuesJwt: boolean;
  /** Username of the user whom the client credentials flow signs in; without it the flow is off. */
  runsAs?: string;
  /** Why no sign-in through this app succeeds. */
  refusal?: OAuthRefusal;
}

/** The users of a new practice org, by the part they play. */
export interface PracticeUsers {
  /** In order: active, approved. */
  admin: PracticeUser;
  /** Refused with `inactive_user`. */
  inactive: PracticeUser;
  /** Refused with "invalid user credentials". */
  frozen: PracticeUser;
  /** Refused with "user is locked". */
  locked: PracticeUser;
  /** Refused with "ip restricted or invalid login hours". */
  ipRestricted: PracticeUser;
  /** Active, but neither profile nor permission set is on the pre-authorized apps. */
  notApproved: PracticeUser;
}

/** The apps of a new practice org, by the part they play. */
export interface PracticeApps {
  /** In order: a local External Client App, certificate uploaded, users pre-authorized. */
  main: PracticeApp;
  /** Users must approve it in the browser before the JWT bearer flow works for them. */
  selfAuthorize: PracticeApp;
  /** As main, but issues JWT-based access tokens. */
  jwtTokens: PracticeApp;
  /** As selfAuthorize, but exchanging a code and refreshing need the consumer secret. */
  webServer: PracticeApp;
  /** With the client credentials flow on, which signs in the admin. */
  clientCredentials: PracticeApp;
  /** Without the certificate, which refuses every assertion. */
  withoutCertificate: PracticeApp;
  /** A packaged External Client App that nobody installed here. */
  notInstalled: PracticeApp;
  /** A connected app under the restriction of uninstalled apps of September 2025. */
  uninstalled: PracticeApp;
  /** Blocked by an admin. */
  blocked: PracticeApp;
  /** A local External Client App of another org. */
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
