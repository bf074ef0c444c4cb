/** `sfetch practice`: what it is told on the command line. */
import { type Args, type Command, command } from "../arguments/command.ts";

const args = {
  port: {
    type: "string",
    valueHint: "n",
    description: "port on 127.0.0.1; 0 takes a free one",
    default: "0",
  },
  rows: { type: "string", valueHint: "n", description: "Accounts to begin with", default: "50" },
  cert: {
    type: "string",
    valueHint: "file",
    description: "certificate of the app, PEM or DER (default: a new key pair)",
  },
  key: {
    type: "string",
    valueHint: "file",
    description: "private key of --cert, for the lines to paste",
  },
  "session-timeout": {
    type: "string",
    valueHint: "seconds",
    description: "how long a session lives without a call",
    default: "7200",
  },
  json: { type: "boolean", description: "only the JSON line, nothing to paste" },
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
    ["sfetch practice", "an org on a free port; paste the lines it prints into another terminal"],
    ["sfetch practice --rows 10000 --port 8080", "10,000 Accounts, on a port of your choice"],
    ["sfetch practice --cert server.crt --key server.key", "with the key pair you already have"],
  ],
  async run({ args }) {
    const { runPractice } = await import("./practice/run.ts");
    await runPractice(args);
  },
});
export default practice;
