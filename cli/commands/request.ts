/**
 * Commands `get`, `post`, `patch`, `put`, `delete`: one REST request.
 */
import { API_VERSION, type Session } from "../../mod.ts";
import {
  type Args,
  type Command,
  command,
  orgFlag,
  UsageError,
  type Values,
} from "../arguments/command.ts";
import { openOrg } from "../orgs/open-org.ts";
import { readSavedOrg } from "../orgs/saved-orgs.ts";
import { hasColours, sanitize, writeStdout } from "../terminal/terminal.ts";

const pathArg = {
  path: {
    type: "positional",
    description: "/limits and the like stand on /services/data/vNN.0; /services/… on the org",
  },
} as const satisfies Args;

const bodyArg = {
  body: { type: "positional", required: false, description: "JSON; @file reads a file, - stdin" },
} as const satisfies Args;

const flags = {
  ...orgFlag,
  header: {
    type: "string",
    alias: "H",
    multiple: true,
    valueHint: "name: value",
    description: "a header to send; may be repeated",
  },
  include: {
    type: "boolean",
    alias: "i",
    description: "print status and headers of the answer before it, as curl -i does",
  },
  curl: {
    type: "boolean",
    description: "print the request as curl, without the token; send nothing",
  },
} as const satisfies Args;

const withBody = { ...pathArg, ...bodyArg, ...flags };
const withoutBody = { ...pathArg, ...flags };

/** `sfetch get` */
export const get = request("GET", "Read a REST resource", withoutBody, [
  ["sfetch get /limits", "the org's limits, coloured on a terminal, as they come in a pipe"],
  [
    "sfetch get /sobjects/Account/describe --org prod | jq .fields[].name",
    "the fields of an object",
  ],
  ["sfetch get /services/oauth2/userinfo", "who you are"],
]);

/** `sfetch post` */
export const post = request("POST", "Create a record, or call a resource", withBody, [
  [`sfetch post /sobjects/Account '{"Name": "Acme"}'`, "create a record"],
  ["sfetch post /composite @requests.json", "the body from a file"],
  [`sfetch post /sobjects/Account '{"Name": "Acme"}' --curl`, "the same as curl, nothing is sent"],
]);

/** `sfetch patch` */
export const patch = request("PATCH", "Change a record, or create it by external id", withBody, [
  [`sfetch patch /sobjects/Account/001… '{"Phone": "030 1234"}'`, "change a field"],
  ["jq -n '{Phone: null}' | sfetch patch /sobjects/Account/001… -", "the body from stdin"],
]);

/** `sfetch put` */
export const put = request("PUT", "Put a resource", withBody, [
  [
    "sfetch put /jobs/ingest/750…/batches @rows.csv --header 'Content-Type: text/csv'",
    "upload rows to a bulk job",
  ],
]);

const deleteCommand = request("DELETE", "Delete a record", withoutBody, [
  ["sfetch delete /sobjects/Account/001…", "delete a record"],
]);
export { deleteCommand as delete };

function request<const T extends typeof withBody | typeof withoutBody>(
  method: string,
  description: string,
  args: T,
  examples: [string, string][],
): Command<T> {
  return command<T>({
    meta: { name: method.toLowerCase(), description },
    args,
    examples,
    async run(context) {
      const values = context.args as Values<typeof withBody>;
      const headers = readHeaders(values.header);
      if (values.curl) return await printCurl(method, values, headers);
      const body = await readBody(values.body, headers);
      const { session, close } = await openOrg(values);
      try {
        await send(session, method, values.path, headers, body, values.include);
      } finally {
        await close();
      }
    },
  });
}

function readHeaders(lines: string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = /^([^\s:]+):\s*(.*)$/s.exec(line) ?? [];
    try {
      headers.append(name!, value!.trim());
    } catch {
      throw new UsageError(`"${line}" is not a header.`, "Write it as 'Name: value', in quotes.");
    }
  }
  return headers;
}

/** JSON unless a content type says otherwise; checked here, where the mistake is easier to see than in Salesforce's answer. */
async function readBody(
  argument: string | undefined,
  headers: Headers,
): Promise<string | Uint8Array | undefined> {
  if (argument === undefined) return undefined;
  const { readInput, readText } = await import("../arguments/input.ts");
  if (!headers.has("content-type")) headers.set("content-type", "application/json");
  if (!/\bjson\b/i.test(headers.get("content-type")!)) return await readInput(argument);
  const body = await readText(argument);
  try {
    JSON.parse(body);
  } catch (error) {
    throw new UsageError(
      `The body is not JSON: ${(error as Error).message}`,
      "Nothing was sent. Put JSON in single quotes, or say what it is: --header 'Content-Type: text/csv'",
    );
  }
  return body;
}

async function send(
  session: Session,
  method: string,
  path: string,
  headers: Headers,
  body: string | Uint8Array | undefined,
  include: boolean,
): Promise<void> {
  const response = await session.fetch(path, {
    method,
    headers,
    body: body as BodyInit | undefined,
  });
  if (process.stdout.isTTY) return await show(response, include);
  if (include) await writeStdout(head(response));
  for await (const chunk of response.body ?? []) await writeStdout(chunk);
}

function head(response: Response): string {
  const lines = [...response.headers].map(([name, value]) => `${name}: ${value}\n`);
  return `HTTP ${response.status} ${response.statusText}`.trimEnd() + `\n${lines.join("")}\n`;
}

async function show(response: Response, include: boolean): Promise<void> {
  if (include) await writeStdout(sanitize(head(response)));
  const type = response.headers.get("content-type") ?? "";
  if (type !== "" && !/json|text|xml|csv|html|javascript|urlencoded/i.test(type)) {
    await response.body?.cancel();
    throw new UsageError(
      `The answer is binary (${type}).`,
      "Send it to a file: sfetch get … > FILE",
    );
  }
  const text = await response.text();
  if (text === "" && include) return;
  if (text === "") {
    const { log } = await import("../terminal/log.ts");
    return log.success(`${response.status} ${response.statusText}`.trimEnd());
  }
  const { formatJson } = await import("../output/output.ts");
  const value = parseJson(text);
  const shown = value === undefined
    ? sanitize(text)
    : formatJson(value, { colour: hasColours(process.stdout), terminal: true });
  await writeStdout(shown.endsWith("\n") ? shown : shown + "\n");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// They sign in and are no org: whose one it is shows only with the token.
const GENERIC_LOGIN = /^https:\/\/(login|test)\.salesforce\.com$/;
const MY_DOMAIN = "https://MYDOMAIN.my.salesforce.com";

async function printCurl(
  method: string,
  args: Values<typeof withBody>,
  headers: Headers,
): Promise<void> {
  const { curlLine } = await import("../output/curl.ts");
  if (args.body !== undefined && !headers.has("content-type")) {
    headers.set("content-type", "application/json");
  }
  const { session, close } = await openOrg(args);
  try {
    const { instanceUrl, loginUrl, apiVersion, org } = await session.settings();
    const saved = org ? await readSavedOrg(org) : undefined;
    const line = curlLine({
      method,
      path: args.path,
      instanceUrl: instanceUrl ?? saved?.instanceUrl ?? loginUrl.replace(GENERIC_LOGIN, MY_DOMAIN),
      apiVersion: apiVersion === "latest" ? API_VERSION : apiVersion,
      headers,
      body: args.body,
    });
    await writeStdout(line + "\n");
  } finally {
    await close();
  }
}
