/** Access and refresh tokens of the practice org. */
import { randomBytes } from "node:crypto";
import type { PracticeApp, PracticeUser } from "./personas.ts";

/** The user, app and scopes that a token was issued for. */
export interface Grant {
  user: PracticeUser;
  app: PracticeApp;
  scopes: string[];
}

/** The session of an access token. */
export interface Session extends Grant {
  accessToken: string;
  /** The refresh token issued with the session, or used to open it. */
  refreshToken?: string;
  /** Milliseconds since the epoch. */
  issuedAt: number;
  /** The time of expiry, in milliseconds since the epoch. Each call extends it for an opaque token, but not for a JWT. */
  expiresAt: number;
}

/** The sessions of an org. */
export class Sessions {
  #sessions = new Map<string, Session>();
  #refreshTokens = new Map<string, Grant>();
  #timeout: () => number;

  /** `timeout` returns the current idle timeout, in milliseconds. */
  constructor(timeout: () => number) {
    this.#timeout = timeout;
  }

  /** Opens a session. It expires at `expiresAt`, or else after the idle timeout. */
  open(
    grant: Grant,
    accessToken: string,
    options: { refreshToken?: string; expiresAt?: number } = {},
  ): Session {
    this.#forgetDead();
    const issuedAt = Date.now();
    const session = {
      ...grant,
      accessToken,
      refreshToken: options.refreshToken,
      issuedAt,
      expiresAt: options.expiresAt ?? issuedAt + this.#timeout(),
    };
    this.#sessions.set(accessToken, session);
    return session;
  }

  /** Returns the live session of a token. */
  find(accessToken: string | undefined): Session | undefined {
    const session = accessToken === undefined ? undefined : this.#sessions.get(accessToken);
    return session && session.expiresAt > Date.now() ? session : undefined;
  }

  /** Returns the live session of a token and restarts its idle time. */
  use(accessToken: string | undefined): Session | undefined {
    const session = this.find(accessToken);
    if (session && !isJwt(session.accessToken)) session.expiresAt = Date.now() + this.#timeout();
    return session;
  }

  /** Issues a refresh token. */
  openRefresh(grant: Grant): string {
    const token = `5Aep861${randomBytes(60).toString("base64url")}`;
    this.#refreshTokens.set(token, grant);
    return token;
  }

  /** Returns what a refresh token was issued for. */
  findRefresh(token: string): Grant | undefined {
    return this.#refreshTokens.get(token);
  }

  /** Revokes an access token, or a refresh token with all its sessions. Returns false if the token is unknown. */
  revoke(token: string): boolean {
    if (this.#refreshTokens.delete(token)) {
      for (const session of this.#sessions.values()) {
        if (session.refreshToken === token) this.#sessions.delete(session.accessToken);
      }
      return true;
    }
    return this.find(token) !== undefined && this.#sessions.delete(token);
  }

  /** Ends every session and returns their number. Refresh tokens stay valid. */
  expireAll(): number {
    this.#forgetDead();
    const count = this.#sessions.size;
    this.#sessions.clear();
    return count;
  }

  #forgetDead(): void {
    const now = Date.now();
    for (const session of this.#sessions.values()) {
      // The map is in order of issue, so the loop soon reaches a live session. An expired one behind it does no harm.
      if (session.expiresAt > now) break;
      this.#sessions.delete(session.accessToken);
    }
  }
}

/** Returns a new opaque access token of an org, in Salesforce's form `00D…!…`. */
export function opaqueToken(orgId: string): string {
  return `${orgId.slice(0, 15)}!AQ${
    randomBytes(70).toString("base64").replace(/[+/=]/g, ".").slice(0, 94)
  }`;
}

function isJwt(token: string): boolean {
  return token.startsWith("eyJ");
}
