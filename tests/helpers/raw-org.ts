/** The practice org as any client sees it: raw fetch and assertions signed here, no part of sfetch in between. */
import assert from "node:assert/strict";
import { after, beforeEach } from "node:test";
import { importPKCS8, type JWTPayload, SignJWT } from "jose";
import { type PracticeOrg, startPracticeOrg } from "../../practice-org/mod.ts";

/** The grant type of the JWT bearer flow. */
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** The time in seconds. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** A practice org with raw ways to call it. */
export interface RawOrg {
  org: PracticeOrg;
  /** Signs an assertion that is in order, save for what is given. */
  sign(claims?: JWTPayload, signer?: CryptoKey | Uint8Array, alg?: string): Promise<string>;
  postForm(path: string, form: Record<string, string>): Promise<Response>;
  /** Posts an assertion to the token endpoint. */
  exchange(assertion: string): Promise<Response>;
  /** Signs in, which must succeed, and returns the token endpoint's answer. */
  signIn(claims?: JWTPayload): Promise<Record<string, string>>;
  get(path: string, token?: string, init?: RequestInit): Promise<Response>;
  /** Gets `/limits` of the API. */
  limits(token?: string): Promise<Response>;
  /** Runs a test on an org of its own, where it can change what others would trip over. */
  withOwnOrg(
    use: (org: PracticeOrg, exchange: () => Promise<Response>) => Promise<void>,
  ): Promise<void>;
}

/** Starts a practice org for a test file; before each test its faults, settings and log are as at the start. */
export async function rawOrg(): Promise<RawOrg> {
  const org = await startPracticeOrg({ rows: 3 });
  after(() => org.close());
  const key = await importPKCS8(org.privateKey!, "RS256");
  const defaults = structuredClone(org.control.set({}));
  beforeEach(() => {
    org.control.set(structuredClone(defaults));
    org.control.clearFaults();
    org.control.clearRequests();
  });

  const sign: RawOrg["sign"] = (claims = {}, signer = key, alg = "RS256") => {
    const { clientId: iss, username: sub, url: aud } = org;
    return new SignJWT({ iss, sub, aud, exp: now() + 180, ...claims })
      .setProtectedHeader({ alg })
      .sign(signer);
  };
  const postForm: RawOrg["postForm"] = (path, form) =>
    fetch(org.url + path, {
      method: "POST",
      body: new URLSearchParams(form),
      redirect: "manual",
    });
  const exchange: RawOrg["exchange"] = (assertion) =>
    postForm("/services/oauth2/token", { grant_type: JWT_BEARER, assertion });
  const signIn: RawOrg["signIn"] = async (claims = {}) => {
    const response = await exchange(await sign(claims));
    const answer = await response.json();
    assert.equal(response.status, 200, JSON.stringify(answer));
    return answer;
  };
  const get: RawOrg["get"] = (path, token, init = {}) =>
    fetch(org.url + path, {
      redirect: "manual",
      ...init,
      headers: { ...(token && { Authorization: `Bearer ${token}` }), ...init.headers },
    });
  const limits: RawOrg["limits"] = (token) => get("/services/data/v67.0/limits", token);
  const withOwnOrg: RawOrg["withOwnOrg"] = async (use) => {
    const own = await startPracticeOrg({ certificate: org.certificate });
    try {
      await use(own, async () =>
        fetch(own.url + "/services/oauth2/token", {
          method: "POST",
          body: new URLSearchParams({
            grant_type: JWT_BEARER,
            assertion: await sign({ iss: own.clientId, aud: own.url }),
          }),
        }));
    } finally {
      await own.close();
    }
  };
  return { org, sign, postForm, exchange, signIn, get, limits, withOwnOrg };
}

/** Asserts that an answer is this refusal of an OAuth endpoint. */
export async function assertRefused(
  response: Response,
  error: string,
  description: string,
): Promise<void> {
  assert.deepEqual(await response.json(), { error, error_description: description });
  assert.equal(response.status, 400);
}

/** Asserts that an answer is this error of the REST API. */
export async function assertRestError(
  response: Response,
  status: number,
  errorCode: string,
  text = /./,
): Promise<void> {
  const [first, ...rest] = await response.json();
  assert.equal(first.errorCode, errorCode);
  assert.match(first.message, text);
  assert.equal(response.status, status);
  assert.deepEqual(rest, []);
}
