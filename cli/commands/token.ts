/**
 * Commands `token` and `assertion`: the parts of a sign-in, for other tools and for inspection.
 */
import { createAssertion } from "../../mod.ts";
import { command, orgFlag } from "../arguments/command.ts";
import { openOrg, orgOptions } from "../orgs/open-org.ts";
import { writeStdout } from "../terminal/stdout.ts";

/** `sfetch token` */
export const token = command({
  meta: { name: "token", description: "Print an access token" },
  args: {
    ...orgFlag,
    json: { type: "boolean", description: "print the whole token response, with the instance URL" },
  },
  examples: [
    ["export SF_ACCESS_TOKEN=$(sfetch token --org prod)", "for curl and other tools"],
    ["sfetch token --json | jq -r .instanceUrl", "the host that accepts the token"],
  ],
  async run({ args }) {
    const { session, close } = await openOrg(args);
    try {
      const token = await session.getToken();
      await writeStdout((args.json ? JSON.stringify(token, null, 2) : token.accessToken) + "\n");
    } finally {
      await close();
    }
  },
});

/** `sfetch assertion` */
export const assertion = command({
  meta: { name: "assertion", description: "Print a signed JWT, and its claims on stderr" },
  args: {
    ...orgFlag,
    json: {
      type: "boolean",
      description: "print the assertion, its header and its claims as JSON",
    },
  },
  examples: [
    ["sfetch assertion --org prod", "the JWT on stdout, its claims on stderr"],
    ["sfetch assertion --json | jq .claims", "the claims, for a script"],
  ],
  async run({ args }) {
    const { options, close } = await orgOptions(args);
    try {
      const jwt = await createAssertion(options);
      const [header, claims] = jwt.split(".").slice(0, 2).map(decode) as [object, { exp: number }];
      await explain(header, claims, args.json);
      await writeStdout(
        (args.json ? JSON.stringify({ assertion: jwt, header, claims }, null, 2) : jwt) + "\n",
      );
    } finally {
      await close();
    }
  },
});

function decode(part: string): unknown {
  return JSON.parse(new TextDecoder().decode(Buffer.from(part, "base64url")));
}

async function explain(header: object, claims: { exp: number }, brief: boolean): Promise<void> {
  const { formatJson } = await import("../output/json.ts");
  const { log } = await import("../terminal/log.ts");
  const { hasColours } = await import("../terminal/terminal.ts");
  const json = (value: unknown): string =>
    formatJson(value, { colour: hasColours(process.stderr), terminal: true });
  const seconds = Math.round(claims.exp - Date.now() / 1000);
  if (!brief) process.stderr.write(`header ${json(header)}\nclaims ${json(claims)}\n`);
  log.info(
    `expires ${
      new Date(claims.exp * 1000).toISOString()
    } (in ${seconds} seconds) and can be used once`,
  );
}
