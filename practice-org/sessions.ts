/** Access and refresh tokens of the practice org. */
import { randomBytes } from "node:crypto";
import type { PracticeApp, PracticeUser } from "./personas.ts";

/** Who a token stands for, and through which app with which rights. */
export interface Grant {
  user: PracticeUser;
  app: PracticeApp;
  scopes: string[];
}

/** A session behind an access token. */
export interface Session extends Grant {
  accessToken: string;
  /** The refresh token it came with or from. */
  refreshToken?: string;
  /** Milliseconds since the epoch. */
  issuedAt: number;
  /** Milliseconds since the epoch: moved on by each call for an opaque token, fixed for a JWT. */
  expiresAt: number;
}

/** The sessions of an org. */
export class Sessions {
  #sessions = new Map<string, Session>();
  #refreshTokens = new Map<string, Grant>();
  #timeout: () => number;

  /** `timeout` gives the idle timeout in milliseconds as it is set at the moment. */
  constructor(timeout: () => number) {
    this.#timeout = timeout;
  }

  /** Opens a session; `expiresAt` fixes its end, without it the idle timeout decides. */
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

  /** The live session of a token. */
  find(accessToken: string | undefined): Session | undefined {
    const session = accessToken === undefined ? undefined : this.#sessions.get(accessToken);
    return session && session.expiresAt > Date.now() ? session : undefined;
  }

  /** The live session of a token, whose idle time starts anew. */
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

  /** What a refresh token was issued for. */
  findRefresh(token: string): Grant | undefined {
    return this.#refreshTokens.get(token);
  }

  /** Ends the session of an access token, or a refresh token and all sessions from it; false if neither is known. */
  revoke(token: string): boolean {
    if (this.#refreshTokens.delete(token)) {
      for (const session of this.#sessions.values()) {
        if (session.refreshToken === token) this.#sessions.delete(session.accessToken);
      }
      return true;
    }
    return this.find(token) !== undefined && this.#sessions.delete(token);
  }

  /** Ends every session; refresh tokens live on. Returns how many there were. */
  expireAll(): number {
    this.#forgetDead();
    const count = this.#sessions.size;
    this.#sessions.clear();
    return count;
  }

  #forgetDead(): void {
    const now = Date.now();
    for (const session of this.#sessions.values()) {
      // The map is in order of issue, so this soon meets a live one; the odd dead one behind it does no harm.
      if (session.expiresAt > now) break;
      this.#sessions.delete(session.accessToken);
    }
  }
}

/** A new opaque access token of an org: `00D…!…`, as Salesforce's look. */
export function opaqueToken(orgId: string): string {
  return `${orgId.slice(0, 15)}!AQ${
    randomBytes(70).toString("base64").replace(/[+/=]/g, ".").slice(0, 94)
  }`;
}

function isJwt(token: string): boolean {
  return token.startsWith("eyJ");
}
