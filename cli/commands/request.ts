/**
 * Commands `get`, `post`, `patch`, `put`, `delete`: one REST request.
 */
import { API_VERSION, createSession, type Session } from "../../mod.ts";
import {
  type Args,
  type Command,
  command,
  orgFlag,
  UsageError,
  type Values,
} from "../arguments/command.ts";
import { openOrg, orgOptions } from "../orgs/open-org.ts";
import { toStdout } from "../output/stdout.ts";
import type { RequestCall } from "../run/call.ts";
import { writeStdout } from "../terminal/stdout.ts";
import { sanitize } from "../terminal/terminal.ts";

const pathArg = {
  path: {
    type: "positional",
    description:
      "a path such as /limits, below /services/data/vNN.0; or one that begins with /services/",
  },
} as const satisfies Args;

const bodyArg = {
  body: {
    type: "positional",
    required: false,
    description: "JSON; @file reads a file, - reads stdin",
  },
} as const satisfies Args;

const flags = {
  ...orgFlag,
  header: {
    type: "string",
    alias: "H",
    multiple: true,
    valueHint: "name: value",
    description: "a header to send; can be repeated",
  },
  include: {
    type: "boolean",
    alias: "i",
    description: "print the status and the headers before the answer, as curl -i does",
  },
  curl: {
    type: "boolean",
    description: "print the request as a curl command without the token, and send nothing",
  },
} as const satisfies Args;

const withBody = { ...pathArg, ...bodyArg, ...flags };
const withoutBody = { ...pathArg, ...flags };

/** `sfetch get` */
export const get = request("GET", "Read a REST resource", withoutBody, [
  ["sfetch get /limits", "the org's limits; coloured on a terminal, byte for byte in a pipe"],
  [
    "sfetch get /sobjects/Account/describe --org prod | jq .fields[].name",
    "the fields of an object",
  ],
  ["sfetch get /services/oauth2/userinfo", "the user you are signed in as"],
]);

/** `sfetch post` */
export const post = request("POST", "Create a record, or call a resource", withBody, [
  [`sfetch post /sobjects/Account '{"Name": "Acme"}'`, "create a record"],
  ["sfetch post /composite @requests.json", "the body from a file"],
  [
    `sfetch post /sobjects/Account '{"Name": "Acme"}' --curl`,
    "the same as a curl command; nothing is sent",
  ],
]);

/** `sfetch patch` */
export const patch = request("PATCH", "Change a record, or create it by external id", withBody, [
  [`sfetch patch /sobjects/Account/001… '{"Phone": "030 1234"}'`, "change a field"],
  ["jq -n '{Phone: null}' | sfetch patch /sobjects/Account/001… -", "the body from stdin"],
]);

/** `sfetch put` */
export const put = request("PUT", "Replace or upload a resource", withBody, [
  [
    "sfetch put /jobs/ingest/750…/batches @rows.csv",
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
      const body = values.body === undefined
        ? undefined
        : await (await import("../run/body.ts")).readBody(values.body, headers);
      const { session, close } = await openOrg(values);
      try {
        const call: RequestCall = { kind: "request", method, path: values.path, headers, body };
        await show(session, call, values.include);
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

async function show(
  session: Session,
  call: RequestCall,
  include: boolean,
): Promise<void> {
  const { mayHoldFailure, readAnswer, send } = await import("../run/request.ts");
  const response = await send(session, call);
  const options = await toStdout();
  if (include) await writeStdout(head(response, options.terminal));
  if (!options.terminal && !mayHoldFailure(response, call)) return await stream(response);
  const { isText, writeResult } = await import("../output/result.ts");
  const type = response.headers.get("content-type") ?? "";
  if (options.terminal && !isText(type)) refuseBinary(response, type);
  const { result, notes, failure } = await readAnswer(response, call);
  if (result) await writeResult(result, options);
  else if (options.terminal && !include) await say(notes);
  if (failure) throw failure;
}

/** In a pipe the answer goes through byte by byte, whatever its size. */
async function stream(response: Response): Promise<void> {
  for await (const chunk of response.body ?? []) await writeStdout(chunk);
}

function head(response: Response, terminal = false): string {
  const lines = [...response.headers].map(([name, value]) => `${name}: ${value}\n`);
  const text = `HTTP ${response.status} ${response.statusText}`.trimEnd() + `\n${lines.join("")}\n`;
  return terminal ? sanitize(text) : text;
}

function refuseBinary(response: Response, type: string): never {
  void response.body?.cancel();
  throw new UsageError(
    `The answer is binary (${type}).`,
    "Save it to a file: sfetch get … > FILE",
  );
}

async function say(notes: string[]): Promise<void> {
  const { log } = await import("../terminal/log.ts");
  log.success(notes.join(" · "));
}

// These hosts sign in users of any org. Which org it is, only the token says.
const GENERIC_LOGIN = /^https:\/\/(login|test)\.salesforce\.com$/;
const MY_DOMAIN = "https://MYDOMAIN.my.salesforce.com";

async function printCurl(
  method: string,
  args: Values<typeof withBody>,
  headers: Headers,
): Promise<void> {
  const [{ curlLine }, { readSavedOrg }, { setContentType }] = await Promise.all([
    import("../output/curl.ts"),
    import("../orgs/saved-orgs.ts"),
    import("../run/body.ts"),
  ]);
  if (args.body !== undefined) setContentType(args.body, headers);
  const { options, close } = await orgOptions(args); // no sign-in is needed, only where the org is
  try {
    const session = createSession(options);
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
