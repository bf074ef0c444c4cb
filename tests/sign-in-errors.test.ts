/**
 * Every refusal of the catalogue, provoked on the practice org, is explained by each way in: `login`, `doctor` and
 * a plain command.
 */
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { generateKeyPair } from "../cli/keys/keys.ts";
import { OAUTH_ERRORS } from "../mod.ts";
import { practiceOrg } from "./helpers/practice.ts";
import { type RunResult, runSelf, temporaryFolder } from "./helpers/runtime.ts";

const REFRESH_SCOPE =
  "refresh_token scope is required and the connected app should be installed and preauthorized";
const org = await practiceOrg();
const folder = temporaryFolder();
after(() => rm(folder, { recursive: true }));

const keyFile = join(folder, "server.key");
const otherKeyFile = join(folder, "other.key");
await writeFile(keyFile, org.options.privateKey, { mode: 0o600 });
await writeFile(otherKeyFile, (await generateKeyPair()).privateKeyPem, { mode: 0o600 });

/** What the sign-in is tried with. */
interface SignIn {
  clientId: string;
  username: string;
  key: string;
}

/** How a refusal is brought about. */
interface Provocation {
  title: string;
  /** The row of the catalogue, by its wording. */
  says: string;
  /** What the user has wrong. */
  signIn?: Partial<SignIn>;
  /** What the org has wrong; all of it is taken back afterwards. */
  arrange?(): void;
}

const { users, apps, control } = org;

function tokenError(error: string, description: string): () => void {
  return () => control.fault({ kind: "token-error", error, description, times: "always" });
}

const PROVOCATIONS: Provocation[] = [
  {
    title: "a user who has not approved the app",
    says: "user hasn't approved this consumer",
    signIn: { clientId: apps.selfAuthorize.clientId },
  },
  {
    title: "a user whom no admin approved",
    says: "user is not admin approved to access this app",
    signIn: { username: users.notApproved.username },
  },
  {
    title: "an app that is not installed",
    says: "External client app is not installed in this org",
    signIn: { clientId: apps.notInstalled.clientId },
  },
  {
    title: "an app of another org",
    says: "Cross-org OAuth flows are not supported for this external client app",
    signIn: { clientId: apps.crossOrg.clientId },
  },
  {
    title: "an app that is blocked",
    says: "app is blocked by admin",
    signIn: { clientId: apps.blocked.clientId },
  },
  {
    title: "an org that knows no audience",
    says: "audience is invalid",
    arrange: () => control.set({ audiences: [], ownAudience: false }),
  },
  { title: "a wrong key", says: "invalid assertion", signIn: { key: otherKeyFile } },
  {
    title: "an app whose certificate was cleared",
    says: "invalid assertion",
    signIn: { clientId: apps.withoutCertificate.clientId },
  },
  {
    title: "an assertion that comes too late",
    says: "expired authorization code",
    arrange: tokenError("invalid_grant", "expired authorization code"),
  },
  {
    title: "too many logins",
    says: "login rate exceeded, number of logins exceeded, or HTTP 429",
    arrange: () => control.set({ loginsPerHour: 0 }),
  },
  {
    title: "too many logins, in the newer words",
    says: "login rate exceeded, number of logins exceeded, or HTTP 429",
    arrange: tokenError("rate_limit_exceeded", "number of logins exceeded"),
  },
  {
    title: "an address that the profile does not allow",
    says: "ip restricted or invalid login hours",
    signIn: { username: users.ipRestricted.username },
  },
  {
    title: "a user who is locked",
    says: "user is locked",
    signIn: { username: users.locked.username },
  },
  {
    title: "a user who does not exist",
    says: "authentication failure",
    signIn: { username: "nobody@practice.example" },
  },
  {
    title: "a user who is frozen",
    says: "authentication failure",
    signIn: { username: users.frozen.username },
  },
  {
    title: "a user who is inactive",
    says: "user is inactive",
    signIn: { username: users.inactive.username },
  },
  {
    title: "an org that is suspended",
    says: "organization is locked, closed, or suspended",
    arrange: () => control.set({ orgStatus: "suspended" }),
  },
  {
    title: "a wrong consumer key",
    says: "client identifier invalid",
    signIn: { clientId: "3MVG9wrong" },
  },
  {
    title: "a connected app that is not installed",
    says: "app must be installed into org",
    signIn: { clientId: apps.uninstalled.clientId },
  },
  {
    title: "an app without the flow",
    says: "invalid client credentials",
    arrange: tokenError("invalid_client", "invalid client credentials"),
  },
  {
    title: "a host that is for people",
    says: "grant type not supported",
    arrange: tokenError("unsupported_grant_type", "grant type not supported"),
  },
  {
    title: "an app without the scope for refresh tokens",
    says: REFRESH_SCOPE,
    arrange: tokenError("invalid_request", REFRESH_SCOPE),
  },
  {
    title: "a scope that the app lacks",
    says: "the requested scope is not allowed",
    arrange: tokenError("invalid_scope", "the requested scope is not allowed"),
  },
  {
    title: "a fault that stays",
    says: "retry your request",
    arrange: tokenError("unknown_error", "retry your request"),
  },
  {
    title: "an org that is gone",
    says: "Data Not Available",
    arrange: () => control.set({ orgStatus: "deleted" }),
  },
  {
    title: "a host that is under maintenance",
    says: "HTTP 500, 502, 503 or 504",
    arrange: () =>
      control.fault({
        kind: "status",
        status: 503,
        path: "/services/oauth2/token",
        times: "always",
      }),
  },
  {
    title: "a web page in place of an answer",
    says: "an HTML page, a redirect or an empty answer",
    arrange: () => control.fault({ kind: "html", path: "/services/oauth2/token", times: "always" }),
  },
];

function restore(): void {
  control.clearFaults();
  control.set({
    audiences: ["https://login.salesforce.com"],
    ownAudience: true,
    loginsPerHour: 3600,
    orgStatus: "active",
  });
}

/** The three ways in, side by side. */
function everyWayIn({ clientId, username, key }: SignIn): Promise<RunResult[]> {
  const env = {
    SF_CLIENT_ID: clientId,
    SF_USERNAME: username,
    SF_PRIVATE_KEY_FILE: key,
    SF_LOGIN_URL: org.url,
  };
  const flags = ["--client-id", clientId, "--username", username, "--key", key];
  return Promise.all([
    runSelf(["login", "dev", "--login-url", org.url, ...flags]),
    runSelf(["doctor"], { env }),
    runSelf(["get", "/limits"], { env }),
  ]);
}

/** Text as it was before it was broken into lines and marked. */
function flat(text: string): string {
  return text.replaceAll("→", " ").replace(/\s+/g, " ");
}

/** The fix as each way in words it: a setting that came by a flag is called by that flag. */
function settingsAsGiven(fix: string): RegExp {
  const flags = { LOGIN_URL: "--login-url", CLIENT_ID: "--client-id", USERNAME: "--username" };
  const literal = fix.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(
    literal.replace(
      /SF_(LOGIN_URL|CLIENT_ID|USERNAME)/g,
      (variable, name) => `(${variable}|${flags[name as keyof typeof flags]})`,
    ),
  );
}

describe("login, doctor and get explain", () => {
  for (const { title, says, signIn, arrange } of PROVOCATIONS) {
    test(title, async () => {
      const row = OAUTH_ERRORS.find((row) => row.says === says)!;
      const right = { clientId: org.clientId, username: org.username, key: keyFile };
      arrange?.();
      try {
        for (const { code, stdout, stderr } of await everyWayIn({ ...right, ...signIn })) {
          const text = flat(stdout + stderr);
          assert.equal(code, 1, text);
          assert.match(text, row.description);
          assert.ok(text.includes(flat(row.cause)), `${row.cause}\nis not in:\n${text}`);
          assert.match(text, settingsAsGiven(flat(row.fix)));
          assert.doesNotMatch(text, /eyJ[\w-]{10}|-----BEGIN|\bat \S+ \(|node:internal/);
        }
      } finally {
        restore();
      }
    });
  }

  test("every row of the catalogue", () => {
    const provoked = new Set(PROVOCATIONS.map(({ says }) => says));
    assert.deepEqual(OAUTH_ERRORS.filter(({ says }) => !provoked.has(says)), []);
  });
});

test("login, doctor and get correct a clock that is hours off, and say so", async () => {
  control.set({ clockOffset: 5 * 3600_000 });
  try {
    const right = { clientId: org.clientId, username: org.username, key: keyFile };
    for (const { code, stdout, stderr } of await everyWayIn(right)) {
      assert.equal(code, 0, stderr);
      assert.match(stdout + stderr, /clock is 1\d{4} s behind/);
    }
  } finally {
    control.set({ clockOffset: 0 });
  }
});
