/**
 * Where to click in Salesforce's Setup: `login`, `keygen` and `app` print these steps, the docs
 * quote them. Menus and fields have the names of the English Setup, Summer '26.
 *
 * @see {@link https://help.salesforce.com/s/articleView?id=xcloud.configure_oauth_jwt_flow_external_client_apps.htm}
 * @see {@link https://help.salesforce.com/s/articleView?id=xcloud.security_keys_export_import_certs_with_a_keystore.htm}
 * @module
 */

/** The callback URL that the browser approval listens on, the same as the `sf` CLI's. */
export const CALLBACK_URL = "http://localhost:1717/OauthRedirect";

/** The names in the steps. */
export interface GuideOptions {
  /** The app's name. @default {"sfetch"} */
  appName?: string;
  /** The certificate to upload. @default {"server.crt"} */
  certificatePath?: string;
  /** The URL that a browser approval returns to. @default {CALLBACK_URL} */
  callbackUrl?: string;
}

const SCOPES =
  '"Manage user data via APIs (api)" and "Perform requests at any time (refresh_token, offline_access)"; ' +
  "Salesforce refuses the flow without the second, although the flow issues no refresh token";
const PERMITTED_USERS = 'Permitted Users: "Admin approved users are pre-authorized"';
const MY_DOMAIN =
  "My Domain: copy the Current My Domain URL, such as https://acme.my.salesforce.com.";
const WAIT =
  "Wait: Salesforce needs 2 to 10 minutes to make a new app, certificate or policy available.";

/** How to create an External Client App for the JWT bearer flow, one step an item. */
export function externalClientAppSteps(options: GuideOptions = {}): string[] {
  const { appName = "sfetch", certificatePath = "server.crt", callbackUrl = CALLBACK_URL } =
    options;
  return [
    "Setup > External Client App Manager > New External Client App.",
    `Basic Information: External Client App Name "${appName}", your Contact Email, Distribution State "Local".`,
    `API (Enable OAuth Settings): select Enable OAuth; Callback URL ${callbackUrl}.`,
    `OAuth Scopes: ${SCOPES}.`,
    `Flow Enablement: select Enable JWT Bearer Flow, Upload Files: ${certificatePath}. Then Create.`,
    `The app's Policies > Edit > OAuth Policies: ${PERMITTED_USERS}; ` +
    "App Policies: Select Permission Sets or Select Profiles of the user who signs in. Save.",
    externalClientAppKey(appName),
    `Setup > ${MY_DOMAIN}`,
    WAIT,
  ];
}

/** How to create a Connected App for the JWT bearer flow, where the org still allows it, one step an item. */
export function connectedAppSteps(options: GuideOptions = {}): string[] {
  const { appName = "sfetch", certificatePath = "server.crt", callbackUrl = CALLBACK_URL } =
    options;
  return [
    "Setup > App Manager > New Connected App (since Spring '26 only where Salesforce Support allows it), " +
    "or Edit in the menu of an existing one.",
    `Basic Information: Connected App Name "${appName}", your Contact Email.`,
    `API (Enable OAuth Settings): select Enable OAuth Settings; Callback URL ${callbackUrl}.`,
    `Select Use digital signatures, Choose File: ${certificatePath}.`,
    `Selected OAuth Scopes: ${SCOPES}. Save, Continue.`,
    `Setup > App Manager > ${appName} > Manage > Edit Policies: ${PERMITTED_USERS}. Save.`,
    "On the same page: Manage Permission Sets or Manage Profiles: add one of the user who signs in.",
    connectedAppKey(appName),
    `Setup > ${MY_DOMAIN}`,
    WAIT,
  ];
}

/** Where to find the consumer key of an External Client App. */
export function externalClientAppKey(appName: string): string {
  return `Setup > External Client App Manager > ${appName} > Settings > OAuth Settings > ` +
    "Consumer Key and Secret: confirm with the code sent by email, then copy the Consumer Key.";
}

/** Where to find the consumer key of a Connected App. */
export function connectedAppKey(appName: string): string {
  return `Setup > App Manager > ${appName} > View > Manage Consumer Details: ` +
    "confirm with the code sent by email, then copy the Consumer Key.";
}

/** How to import a keystore into the org whose Apex signs in with it, one step an item. */
export function keystoreSteps(keystorePath: string): string[] {
  return [
    `Setup > Certificate and Key Management > Import from Keystore: ${keystorePath} and its password. Save.`,
    '"Data Not Available"? Setup > Identity Provider > Enable Identity Provider, then import again.',
  ];
}

/** Apex that signs in with the certificate of this unique name: the keystore's alias. */
export function apexExample(certificateName: string): string {
  return `Auth.JWT jwt = new Auth.JWT();
jwt.setIss('CONSUMER_KEY');
jwt.setSub('USERNAME');
jwt.setAud('https://MY_DOMAIN.my.salesforce.com');
Auth.JWS jws = new Auth.JWS(jwt, '${certificateName}');
// A token endpoint of another org needs a Remote Site Setting.
String endpoint = 'https://MY_DOMAIN.my.salesforce.com/services/oauth2/token';
String token = new Auth.JWTBearerTokenExchange(endpoint, jws).getAccessToken();`;
}
