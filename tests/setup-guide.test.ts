import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  apexExample,
  connectedAppSteps,
  externalClientAppSteps,
  keystoreSteps,
} from "../cli/commands/app/setup-guide.ts";

/** Asserts that the steps name all of these, in this order. */
function assertNames(steps: string[], names: string[]): void {
  const text = steps.join("\n");
  let at = 0;
  for (const name of names) {
    const found = text.indexOf(name, at);
    assert.ok(found >= 0, `"${name}" is missing, or stands too early, in:\n${text}`);
    at = found + name.length;
  }
}

describe("setup guide", () => {
  test("externalClientAppSteps() names the menus and fields of Setup in the order of the clicks", () => {
    assertNames(
      externalClientAppSteps({
        appName: "Billing",
        certificatePath: "keys/billing.crt",
        callbackUrl: "https://example.com/callback",
      }),
      [
        ...["External Client App Manager", "New External Client App"],
        ...["External Client App Name", "Billing", "Contact Email", "Distribution State", "Local"],
        ...[
          "API (Enable OAuth Settings)",
          "Enable OAuth",
          "Callback URL",
          "https://example.com/callback",
        ],
        ...["OAuth Scopes", "(api)", "(refresh_token, offline_access)"],
        ...[
          "Flow Enablement",
          "Enable JWT Bearer Flow",
          "Upload Files",
          "keys/billing.crt",
          "Create",
        ],
        ...["Policies", "Edit", "OAuth Policies", "Permitted Users"],
        ...[
          "Admin approved users are pre-authorized",
          "App Policies",
          "Permission Sets",
          "Profiles",
        ],
        ...["Billing", "Settings", "OAuth Settings", "Consumer Key and Secret"],
        ...["My Domain", "2 to 10 minutes"],
      ],
    );
  });

  test("connectedAppSteps() names the menus and fields of Setup in the order of the clicks", () => {
    assertNames(
      connectedAppSteps({ appName: "Billing", certificatePath: "keys/billing.crt" }),
      [
        ...["App Manager", "New Connected App", "Spring '26", "Support"],
        ...["Connected App Name", "Billing", "Contact Email"],
        ...["Enable OAuth Settings", "Callback URL", "http://localhost:1717/OauthRedirect"],
        ...["Use digital signatures", "Choose File", "keys/billing.crt"],
        ...["Selected OAuth Scopes", "(api)", "(refresh_token, offline_access)", "Save"],
        ...["Billing", "Manage", "Edit Policies", "Permitted Users"],
        ...["Admin approved users are pre-authorized", "Manage Permission Sets", "Manage Profiles"],
        ...["Billing", "View", "Manage Consumer Details", "Consumer Key", "My Domain"],
      ],
    );
  });

  test("keystoreSteps() and apexExample() lead from the keystore to a token in Apex", () => {
    assertNames(keystoreSteps("server.jks"), [
      ...["Certificate and Key Management", "Import from Keystore", "server.jks"],
      ...["Data Not Available", "Identity Provider", "Enable Identity Provider"],
    ]);
    assertNames([apexExample("billing")], [
      ...["Auth.JWT", "setIss", "setSub", "setAud", "new Auth.JWS(jwt, 'billing')"],
      ...["/services/oauth2/token", "Auth.JWTBearerTokenExchange", "getAccessToken()"],
    ]);
  });
});
