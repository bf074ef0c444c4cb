/** `sfetch practice`: its command line. */
import { type Args, type Command, command } from "../arguments/command.ts";

const args = {
  port: {
    type: "string",
    valueHint: "n",
    description: "the port on 127.0.0.1; 0 means a free one",
    default: "0",
  },
  rows: { type: "string", valueHint: "n", description: "the number of Accounts", default: "50" },
  cert: {
    type: "string",
    valueHint: "file",
    description: "the certificate of the app, PEM or DER (default: a new key pair)",
  },
  key: {
    type: "string",
    valueHint: "file",
    description: "the private key of --cert, for the lines to paste",
  },
  "session-timeout": {
    type: "string",
    valueHint: "seconds",
    description: "seconds without a call after which a session expires",
    default: "7200",
  },
  json: { type: "boolean", description: "print one line of JSON instead of the lines to paste" },
} as const satisfies Args;

/** `sfetch practice`. */
const practice: Command<typeof args> = command({
  meta: {
    name: "practice",
    description:
      "Run a Salesforce-like org on this machine, to learn and test on without an account",
  },
  args,
  examples: [
    [
      "sfetch practice",
      "an org on a free port; paste the lines that it prints into another terminal",
    ],
    ["sfetch practice --rows 10000 --port 8080", "10,000 Accounts, on a port of your choice"],
    ["sfetch practice --cert server.crt --key server.key", "with an existing key pair"],
    [
      `curl URL/_practice/fault -H 'Content-Type: application/json' -d '{"kind": "hang"}'`,
      "in another terminal: make the next request to the org at URL fail",
    ],
  ],
  async run({ args }) {
    const { runPractice } = await import("./practice/run.ts");
    await runPractice(args);
  },
});
export default practice;
