/** The practice org for a test file: started in this process, closed when the file is done. */
import { after } from "node:test";
import {
  type PracticeOrg,
  type PracticeOrgOptions,
  startPracticeOrg,
} from "../../practice-org/mod.ts";
import { createSession, type Session, type SessionOptions } from "../../mod.ts";

/** A running practice org and the ways into it. */
export interface TestOrg extends PracticeOrg {
  /** What a session needs to sign in. */
  options: SessionOptions & { privateKey: string };
  /** The same as environment variables, for a child process. */
  env: Record<string, string>;
  /** A new session, signed in at its first call. */
  session(options?: SessionOptions): Session;
}

/** Starts a practice org with a key pair of its own. Call it at the top of a test file. */
export async function practiceOrg(options?: PracticeOrgOptions): Promise<TestOrg> {
  const org = await startPracticeOrg(options);
  after(() => org.close());
  const login = {
    clientId: org.clientId,
    username: org.username,
    privateKey: org.privateKey!,
    loginUrl: org.url,
  };
  return {
    ...org,
    options: login,
    env: {
      SF_CLIENT_ID: login.clientId,
      SF_USERNAME: login.username,
      SF_PRIVATE_KEY: login.privateKey,
      SF_LOGIN_URL: login.loginUrl,
    },
    session: (more) => createSession({ ...login, ...more }),
  };
}
