import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { join, sep } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { generateKeyPair } from "../cli/keys/keys.ts";
import { missing } from "./helpers/missing.ts";
import { run, type RunResult, runSelf, temporaryFolder } from "./helpers/runtime.ts";

const folder = temporaryFolder();
const pair = await generateKeyPair();
const cert = join(folder, "server.crt");
writeFileSync(cert, pair.certificatePem);
after(() => rm(folder, { recursive: true }));

/** A folder that no other test uses. */
const newFolder = (): string => mkdtempSync(join(folder, "new-"));

function app(out: string, ...args: string[]): Promise<RunResult> {
  return runSelf(["app", "--email", "ada@example.com", "--cert", cert, "--out", out, ...args]);
}

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true }).map(String)
    .filter((name) => statSync(join(path, name)).isFile())
    .map((name) => name.split(sep).join("/")).sort();
}

type Element = { name: string; text: string; children: Element[] };

/** Parses XML without attributes but xmlns; throws where it is not well-formed. */
function parseXml(xml: string): Element {
  const prolog = '<?xml version="1.0" encoding="UTF-8"?>\n';
  assert.ok(xml.startsWith(prolog));
  const top: Element = { name: "", text: "", children: [] };
  const stack = [top];
  const token =
    /<(\/?)([A-Za-z]+)( xmlns="http:\/\/soap\.sforce\.com\/2006\/04\/metadata")?>|([^<&]+|&(?:amp|lt|gt);)/gy;
  token.lastIndex = prolog.length;
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const match = token.exec(xml);
    assert.ok(match, `not well-formed at ${JSON.stringify(xml.slice(at, at + 40))}`);
    const [, closing, name, , text] = match;
    const current = stack.at(-1)!;
    if (text) current.text += unescape(text);
    else if (closing) assert.equal(stack.pop()!.name, name);
    else {
      const element = { name: name!, text: "", children: [] };
      current.children.push(element);
      stack.push(element);
    }
  }
  assert.equal(stack.length, 1);
  assert.equal(top.children.length, 1);
  return top.children[0]!;
}

function unescape(text: string): string {
  return { "&amp;": "&", "&lt;": "<", "&gt;": ">" }[text] ?? text;
}

/** The fields of a metadata file, by name. */
function fields(element: Element): Record<string, string> {
  return Object.fromEntries(element.children.map(({ name, text }) => [name, text]));
}

function read(out: string, path: string, type: string): Element {
  const element = parseXml(readFileSync(join(out, path), "utf8"));
  assert.equal(element.name, type);
  return element;
}

const SOURCE = "force-app/main/default";

describe("sfetch app", () => {
  test("writes an External Client App with the certificate and a permission set for its users", async () => {
    const out = newFolder();
    const { code, stdout, stderr } = await app(out, "--name", "billing", "--label", "Billing");
    assert.equal(code, 0, stderr);
    const files = [
      `${SOURCE}/externalClientApps/billing.eca-meta.xml`,
      `${SOURCE}/extlClntAppGlobalOauthSets/billing.ecaGlblOauth-meta.xml`,
      `${SOURCE}/extlClntAppOauthPolicies/billing_defaultPolicy.ecaOauthPlcy-meta.xml`,
      `${SOURCE}/extlClntAppOauthSettings/billing.ecaOauth-meta.xml`,
      `${SOURCE}/extlClntAppPolicies/billing_defaultPolicy.ecaPlcy-meta.xml`,
      `${SOURCE}/permissionsets/billing.permissionset-meta.xml`,
      "manifest/billing-1.xml",
      "manifest/billing-2.xml",
      "sfdx-project.json",
    ];
    assert.deepEqual(filesIn(out), files);
    assert.deepEqual(stdout.trim().split("\n").sort(), files.map((file) => join(out, file)));

    const [header, global, oauthPolicy, settings, policy, permissionSet] = files.slice(0, 6);
    assert.deepEqual(fields(read(out, header!, "ExternalClientApplication")), {
      contactEmail: "ada@example.com",
      description: "Server-to-server sign-in with the OAuth 2.0 JWT bearer flow",
      distributionState: "Local",
      isProtected: "false",
      label: "Billing",
    });
    const oauth = fields(read(out, global!, "ExtlClntAppGlobalOauthSettings"));
    assert.equal(oauth.certificate, pair.certificatePem.trim());
    assert.equal(oauth.callbackUrl, "http://localhost:1717/OauthRedirect");
    assert.equal(oauth.externalClientApplication, "billing");
    assert.equal(oauth.consumerKey, undefined, "Salesforce makes the consumer key");
    assert.equal(oauth.shouldRotateConsumerKey, "false");
    const scopes = fields(read(out, settings!, "ExtlClntAppOauthSettings"));
    assert.equal(scopes.commaSeparatedOauthScopes, "Api, RefreshToken");
    assert.equal(scopes.externalClientApplication, "billing");
    const users = fields(read(out, oauthPolicy!, "ExtlClntAppOauthConfigurablePolicies"));
    assert.equal(users.permittedUsersPolicyType, "AdminApprovedPreAuthorized");
    assert.equal(users.commaSeparatedPermissionSet, "billing");
    assert.equal(users.commaSeparatedProfile, undefined);
    assert.equal(users.requiredSessionLevel, "STANDARD");
    const plugin = fields(read(out, policy!, "ExtlClntAppConfigurablePolicies"));
    assert.deepEqual([plugin.isEnabled, plugin.isOauthPluginEnabled], ["true", "true"]);
    assert.equal(fields(read(out, permissionSet!, "PermissionSet")).label, "Billing");
  });

  test("says what to do next, and what goes wrong easily", async () => {
    const { stderr } = await app(newFolder(), "--label", "Billing");
    const steps = [
      /sf project deploy start .*manifest\/sfetch-1\.xml/,
      /sf project deploy start .*manifest\/sfetch-2\.xml/,
      /sf org assign permset .*--name sfetch/,
      /External Client App Manager > Billing > Settings > OAuth Settings > Consumer Key and Secret/,
      /sfetch login/,
      /without <certificate> removes/,
      /View all External Client Apps, view their settings, and edit their policies/,
      /Allow access to OAuth consumer secrets via Metadata API/,
    ];
    const found = steps.map((step) => stderr.search(step));
    assert.ok(found.every((at) => at >= 0), stderr);
    assert.deepEqual(found, found.toSorted((a, b) => a - b), "in this order");
  });

  test("lets in the users of permission sets and profiles that are there already", async () => {
    const out = newFolder();
    const { code, stderr } = await app(
      out,
      ...["--permission-set", "Billing_API", "--permission-set", "acme__Sync"],
      ...["--profile", "System Administrator"],
    );
    assert.equal(code, 0, stderr);
    const path = `${SOURCE}/extlClntAppOauthPolicies/sfetch_defaultPolicy.ecaOauthPlcy-meta.xml`;
    const policy = fields(read(out, path, "ExtlClntAppOauthConfigurablePolicies"));
    assert.equal(policy.commaSeparatedPermissionSet, "Billing_API,acme__Sync");
    assert.equal(policy.commaSeparatedProfile, "System Administrator");
    assert.ok(!filesIn(out).some((file) => file.includes("permissionsets")));
    assert.ok(!stderr.includes("assign permset"));
  });

  test("writes a Connected App for orgs that may still make one", async () => {
    const out = newFolder();
    const { code, stderr } = await app(
      out,
      ...["--connected-app", "--profile", "A", "--profile", "B", "--permission-set", "C"],
    );
    assert.equal(code, 0, stderr);
    const connectedApp = read(
      out,
      `${SOURCE}/connectedApps/sfetch.connectedApp-meta.xml`,
      "ConnectedApp",
    );
    const config = connectedApp.children.find(({ name }) => name === "oauthConfig")!;
    assert.equal(fields(config).certificate, pair.certificatePem.trim());
    assert.equal(fields(config).isAdminApproved, "true");
    const texts = (element: Element, name: string) =>
      element.children.filter((child) => child.name === name).map(({ text }) => text);
    assert.deepEqual(texts(config, "scopes"), ["Api", "RefreshToken"]);
    assert.deepEqual(texts(connectedApp, "profileName"), ["A", "B"]);
    assert.deepEqual(texts(connectedApp, "permissionSetName"), ["C"]);
    assert.match(stderr, /Since Spring '26/);
    assert.match(stderr, /Manage Consumer Details/);
  });

  test("escapes what XML would read as markup", async () => {
    const out = newFolder();
    const label = `R&D <"Zoë's"> ]]> &amp;`;
    const { code, stderr } = await app(out, "--label", label, "--profile", "A & B");
    assert.equal(code, 0, stderr);
    const header = read(
      out,
      `${SOURCE}/externalClientApps/sfetch.eca-meta.xml`,
      "ExternalClientApplication",
    );
    assert.equal(fields(header).label, label);
    for (const file of filesIn(out).filter((name) => name.endsWith(".xml"))) {
      parseXml(readFileSync(join(out, file), "utf8"));
    }
  });

  test("adds the app to an sf project, in its own source folder", async () => {
    const out = newFolder();
    const project = '{"packageDirectories":[{"path":"lib"},{"path":"main-app","default":true}]}';
    writeFileSync(join(out, "sfdx-project.json"), project);
    assert.equal((await app(out)).code, 0);
    assert.equal(readFileSync(join(out, "sfdx-project.json"), "utf8"), project);
    assert.ok(
      filesIn(out).includes("main-app/main/default/externalClientApps/sfetch.eca-meta.xml"),
    );
  });

  test("does not touch a project file that it cannot read", async () => {
    const out = newFolder();
    writeFileSync(join(out, "sfdx-project.json"), "{");
    const { code, stderr } = await app(out);
    assert.equal(code, 2);
    assert.match(stderr, /sfdx-project\.json is not a project file/);
    assert.deepEqual(filesIn(out), ["sfdx-project.json"]);
  });

  test("overwrites nothing, and then writes nothing", async () => {
    const out = newFolder();
    const path = join(out, SOURCE, "extlClntAppPolicies");
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "sfetch_defaultPolicy.ecaPlcy-meta.xml"), "mine");
    const before = filesIn(out);
    const { code, stdout, stderr } = await app(out);
    assert.equal(code, 2);
    assert.match(stderr, /ecaPlcy-meta\.xml already exists. Nothing was written/);
    assert.equal(stdout, "");
    assert.deepEqual(filesIn(out), before);
  });

  const wrongCalls: [string, string[], RegExp][] = [
    ["a name with a blank", ["--name", "my app"], /for example my_app\./],
    ["a name that begins with a digit", ["--name", "1app"], /for example app\./],
    ["a name with two underscores", ["--name", "a__b"], /single underscores/],
    ["a name of 81 letters", ["--name", "a".repeat(81)], /up to 80/],
    ["an empty label", ["--label", " "], /--label/],
    ["a label that XML cannot hold", ["--label", "a\u0007b"], /--label/],
    ["an email address that is invalid", ["--email", "ada"], /not an email address/],
    ["a callback that is no URL", ["--callback", "localhost"], /not a URL/],
    ["permission sets in one flag", ["--permission-set", "A,B"], /Repeat the option/],
    ["a profile with a comma", ["--profile", "A, B"], /without ","/],
    ["a certificate that is not there", ["--cert", "/nowhere.crt"], /no such file.*\n.*keygen/],
    [
      "a file that is no certificate",
      ["--cert", fileURLToPath(import.meta.url)],
      /not a certificate|damaged/,
    ],
  ];
  for (const [what, args, message] of wrongCalls) {
    test(`refuses ${what}`, async () => {
      const out = newFolder();
      const { code, stdout, stderr } = await app(out, ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, "");
      assert.deepEqual(filesIn(out), []);
    });
  }

  test(
    "refuses a certificate that Salesforce cannot use",
    { skip: missing("openssl") },
    async () => {
      const key = join(newFolder(), "weak.key");
      for (
        const [algorithm, message] of [
          ["rsa:1024", /an RSA key of 1024 bits/],
          ["ed25519", /another kind of key/],
        ] as const
      ) {
        const weak = `${key}.crt`;
        const made = await run(
          [
            "openssl",
            "req",
            "-x509",
            "-nodes",
            "-newkey",
            algorithm,
            "-keyout",
            key,
            "-out",
            weak,
            "-subj",
            "/CN=x",
          ],
        );
        assert.equal(made.code, 0, made.stderr);
        const { code, stderr } = await app(newFolder(), "--cert", weak);
        assert.equal(code, 2);
        assert.match(stderr, message);
      }
    },
  );

  test("warns of a certificate that ends soon", async () => {
    const soon = join(newFolder(), "soon.crt");
    writeFileSync(soon, (await generateKeyPair({ days: 3 })).certificatePem);
    const { code, stderr } = await app(newFolder(), "--cert", soon);
    assert.equal(code, 0);
    assert.match(stderr, /warning: .*soon\.crt expires in [23] days/);
  });
});

describe("the sf CLI", () => {
  // Resolves the project as `sf project deploy start` does, and looks the fields up in Salesforce's own types.
  const script = `
    import { realpathSync, readFileSync } from "node:fs";
    import { createRequire } from "node:module";
    import { delimiter, join } from "node:path";
    const sf = process.env.PATH.split(delimiter).map((each) => join(each, "sf")).find((path) => {
      try { return realpathSync(path); } catch { return false; }
    });
    const require = createRequire(realpathSync(sf));
    const resolver = require.resolve("@salesforce/source-deploy-retrieve");
    const { ComponentSetBuilder } = require(resolver);
    const types = readFileSync(createRequire(resolver).resolve("@salesforce/types/metadata").replace(/js$/, "d.ts"), "utf8");
    const fieldsOf = (type) => {
      const body = new RegExp("export type " + type + " = Metadata & \\\\{([^}]*)\\\\}").exec(types)[1];
      return [...body.matchAll(/^\\s*(\\w+)\\??:/gm)].map((match) => match[1]);
    };
    const [out, ...manifests] = process.argv.slice(1);
    const sources = [out + "/force-app"];
    const found = await ComponentSetBuilder.build({ sourcepath: sources });
    const components = [...found.getSourceComponents()].map((component) => {
      const { type, fullName, xml } = component;
      const fields = Object.keys(component.parseXmlSync()[type.name]).filter((name) => name !== "@_xmlns");
      return { name: type.name + ":" + fullName, xml, unknown: fields.filter((name) => !fieldsOf(type.name).includes(name)) };
    });
    const deploys = [];
    for (const manifestPath of manifests) {
      const set = await ComponentSetBuilder.build({ manifest: { manifestPath, directoryPaths: sources } });
      deploys.push([...set.getSourceComponents()].map(({ type, fullName }) => type.name + ":" + fullName).sort());
    }
    console.log(JSON.stringify({ components, ignored: [...found.forceIgnoredPaths], deploys }));
  `;

  async function resolve(out: string, ...manifests: string[]) {
    const { code, stdout, stderr } = await run(
      [
        "node",
        "--input-type=module",
        "-e",
        script,
        out,
        ...manifests.map((name) => join(out, name)),
      ],
    );
    assert.equal(code, 0, stderr);
    const { components, ignored, deploys } = JSON.parse(stdout);
    const files = components.map((each: { xml: string }) => each.xml).sort();
    const written = filesIn(join(out, "force-app")).map((name) => join(out, "force-app", name));
    assert.deepEqual(files, written, "every file is a component");
    assert.deepEqual(ignored, []);
    for (const { name, unknown } of components) assert.deepEqual(unknown, [], `fields of ${name}`);
    return deploys;
  }

  test("finds every component of the External Client App, and its fields exist", {
    skip: missing("sf", "node"),
  }, async () => {
    const out = newFolder();
    await app(out, "--profile", "A", "--permission-set", "B");
    const own = newFolder();
    await app(own);
    assert.deepEqual(await resolve(out, "manifest/sfetch-1.xml", "manifest/sfetch-2.xml"), [
      [
        "ExternalClientApplication:sfetch",
        "ExtlClntAppGlobalOauthSettings:sfetch",
        "ExtlClntAppOauthSettings:sfetch",
      ],
      [
        "ExtlClntAppConfigurablePolicies:sfetch_defaultPolicy",
        "ExtlClntAppOauthConfigurablePolicies:sfetch_defaultPolicy",
      ],
    ]);
    const [first] = await resolve(own, "manifest/sfetch-1.xml");
    assert.ok(first.includes("PermissionSet:sfetch"));
  });

  test("finds every component of the Connected App, and its fields exist", {
    skip: missing("sf", "node"),
  }, async () => {
    const out = newFolder();
    await app(out, "--connected-app");
    assert.deepEqual(await resolve(out, "manifest/sfetch-1.xml", "manifest/sfetch-2.xml"), [
      ["PermissionSet:sfetch"],
      ["ConnectedApp:sfetch"],
    ]);
  });
});
