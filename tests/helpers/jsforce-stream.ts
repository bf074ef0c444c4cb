/**
 * jsforce following a channel, as a program of its own: it runs on Node only. Takes where, as whom and after which
 * replay id as JSON on stdin; prints each event's replay id and change on a line, and `subscribed` when it is.
 */
import { createRequire } from "node:module";
import process from "node:process";
import { text } from "node:stream/consumers";

const require = createRequire(import.meta.url);
const jsforce = require("jsforce");
const { StreamingExtension } = require("jsforce/lib/api/streaming");
const { instanceUrl, accessToken, channel, replayId } = JSON.parse(await text(process.stdin));

const connection = new jsforce.Connection({ instanceUrl, accessToken, version: "67.0" });
const client = connection.streaming.createClient([
  new StreamingExtension.Replay(channel, replayId),
  new StreamingExtension.AuthFailure(() => process.exit(3)),
]);
await client.subscribe(channel, ({ event, payload }: Record<string, Record<string, unknown>>) => {
  const { changeType } = payload!.ChangeEventHeader as { changeType: string };
  console.log(event!.replayId, changeType, payload!.Name);
});
console.log("subscribed");
