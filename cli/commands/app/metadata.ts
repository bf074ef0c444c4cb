/**
 * The metadata of an External Client App or Connected App for the JWT bearer flow, in source
 * format, for `sf project deploy start`.
 *
 * Types, folders and suffixes are those of the Metadata API Developer Guide. The app's policies
 * have the names that Salesforce gives them when it creates the app, so that a deploy changes them
 * instead of adding others.
 *
 * @see {@link https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_externalclientapplication.htm}
 * @module
 */
import { API_VERSION } from "../../../mod.ts";

/** The options of the app. */
export interface AppOptions {
  /** The API name, which is also the name of the files. */
  name: string;
  /** The display name. */
  label: string;
  /** The address that Salesforce writes to about the app. */
  contactEmail: string;
  /** The certificate as PEM. */
  certificatePem: string;
  /** The URL that a browser approval returns to. */
  callbackUrl: string;
  /** API names of the permission sets whose users may sign in. */
  permissionSets: string[];
  /** Names of the profiles whose users may sign in. */
  profiles: string[];
}

/** A file, by its path in the project. */
export interface SourceFile {
  path: string;
  content: string;
}

/** A component as a manifest names it. */
export interface Component {
  type: string;
  name: string;
  /** Folder and suffix in source format. */
  folder: string;
  suffix: string;
  fields: Fields;
}

type Fields = [name: string, value: string | boolean | Fields][];

const DESCRIPTION = "Server-to-server sign-in with the OAuth 2.0 JWT bearer flow";

/** The External Client App with its OAuth settings; the certificate in them enables the JWT bearer flow. */
export function externalClientApp(options: AppOptions): Component[] {
  const { name, label, contactEmail, callbackUrl, certificatePem } = options;
  return [
    component("ExternalClientApplication", "externalClientApps", "eca", name, [
      ["contactEmail", contactEmail],
      ["description", DESCRIPTION],
      ["distributionState", "Local"],
      ["isProtected", false],
      ["label", label],
    ]),
    component("ExtlClntAppOauthSettings", "extlClntAppOauthSettings", "ecaOauth", name, [
      // The flow issues no refresh token, yet Salesforce refuses it if this scope is missing.
      ["commaSeparatedOauthScopes", "Api, RefreshToken"],
      ["externalClientApplication", name],
      ["label", `${label} OAuth settings`],
    ]),
    component(
      "ExtlClntAppGlobalOauthSettings",
      "extlClntAppGlobalOauthSets",
      "ecaGlblOauth",
      name,
      [
        ["callbackUrl", callbackUrl],
        ["certificate", certificatePem.trim()],
        ["externalClientApplication", name],
        ["isConsumerSecretOptional", false],
        ["isIntrospectAllTokens", false],
        ["isPkceRequired", true],
        ["isSecretRequiredForRefreshToken", true],
        ["label", `${label} global OAuth settings`],
        ["shouldRotateConsumerKey", false],
        ["shouldRotateConsumerSecret", false],
      ],
    ),
  ];
}

/** Who may sign in to the External Client App: users of the permission sets and profiles, without an approval. */
export function externalClientAppPolicies(options: AppOptions): Component[] {
  const { name, permissionSets, profiles } = options;
  const policy = `${name}_defaultPolicy`;
  const users: Fields = [];
  if (permissionSets.length > 0) {
    users.push(["commaSeparatedPermissionSet", permissionSets.join(",")]);
  }
  if (profiles.length > 0) users.push(["commaSeparatedProfile", profiles.join(",")]);
  return [
    component(
      "ExtlClntAppOauthConfigurablePolicies",
      "extlClntAppOauthPolicies",
      "ecaOauthPlcy",
      policy,
      [
        ...users,
        ["externalClientApplication", name],
        ["ipRelaxationPolicyType", "Enforce"],
        ["isClientCredentialsFlowEnabled", false],
        ["isGuestCodeCredFlowEnabled", false],
        ["isTokenExchangeFlowEnabled", false],
        ["label", policy],
        ["permittedUsersPolicyType", "AdminApprovedPreAuthorized"],
        ["refreshTokenPolicyType", "SpecificLifetime"],
        ["refreshTokenValidityPeriod", "4"],
        ["refreshTokenValidityUnit", "Hours"],
        // A higher level would need an approval that nobody can give to a service user.
        ["requiredSessionLevel", "STANDARD"],
      ],
    ),
    component("ExtlClntAppConfigurablePolicies", "extlClntAppPolicies", "ecaPlcy", policy, [
      ["externalClientApplication", name],
      ["isEnabled", true],
      ["isOauthPluginEnabled", true],
      ["label", policy],
    ]),
  ];
}

/** The Connected App with its policies, for orgs that can still create one. */
export function connectedApp(options: AppOptions): Component[] {
  const { name, label, contactEmail, callbackUrl, certificatePem, permissionSets, profiles } =
    options;
  return [
    component("ConnectedApp", "connectedApps", "connectedApp", name, [
      ["contactEmail", contactEmail],
      ["description", DESCRIPTION],
      ["label", label],
      ["oauthConfig", [
        ["callbackUrl", callbackUrl],
        ["certificate", certificatePem.trim()],
        ["isAdminApproved", true],
        ["isConsumerSecretOptional", false],
        ["isIntrospectAllTokens", false],
        ["isSecretRequiredForRefreshToken", true],
        ["scopes", "Api"],
        ["scopes", "RefreshToken"],
      ]],
      ["oauthPolicy", [
        ["ipRelaxation", "ENFORCE"],
        ["refreshTokenPolicy", "specific_lifetime:4:HOURS"],
      ]],
      ...permissionSets.map((set): Fields[number] => ["permissionSetName", set]),
      ...profiles.map((profile): Fields[number] => ["profileName", profile]),
    ]),
  ];
}

/** A permission set that grants nothing: users who have it may sign in. */
export function permissionSet(name: string, label: string): Component {
  return component("PermissionSet", "permissionsets", "permissionset", name, [
    ["description", `Users who may sign in through the app ${label}`],
    ["hasActivationRequired", false],
    ["label", label],
  ]);
}

/** The component's file, under the project's source folder, for example `force-app/main/default`. */
export function sourceFile(folder: string, component: Component): SourceFile {
  return {
    path: `${folder}/${component.folder}/${component.name}.${component.suffix}-meta.xml`,
    content: xml(component.type, component.fields),
  };
}

/** A `package.xml` that names the components, for `sf project deploy start --manifest`. */
export function manifest(path: string, components: Component[]): SourceFile {
  const types = components.map(({ type, name }): Fields[number] => [
    "types",
    [["members", name], ["name", type]],
  ]);
  return { path, content: xml("Package", [...types, ["version", API_VERSION]]) };
}

/** The file that makes a folder a project of `sf`. */
export function projectFile(): SourceFile {
  const project = {
    packageDirectories: [{ path: "force-app", default: true }],
    namespace: "",
    sourceApiVersion: API_VERSION,
  };
  return { path: "sfdx-project.json", content: JSON.stringify(project, null, 2) + "\n" };
}

function component(
  type: string,
  folder: string,
  suffix: string,
  name: string,
  fields: Fields,
): Component {
  return { type, folder, suffix, name, fields };
}

function xml(root: string, fields: Fields): string {
  return '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<${root} xmlns="http://soap.sforce.com/2006/04/metadata">\n` +
    `${elements(fields, "    ")}</${root}>\n`;
}

function elements(fields: Fields, indent: string): string {
  return fields.map(([name, value]) => {
    const content = Array.isArray(value)
      ? `\n${elements(value, indent + "    ")}${indent}`
      : escape(String(value));
    return `${indent}<${name}>${content}</${name}>\n`;
  }).join("");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
