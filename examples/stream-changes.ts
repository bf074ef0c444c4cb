/**
 * Follows Accounts as they change: Change Data Capture over CometD, until Ctrl-C. First, once: Setup > Change Data
 * Capture > select Account. Platform events come the same way, on a channel like `/event/Order__e`.
 *
 *     deno run --allow-env='SF_*' --allow-net='*.salesforce.com' --allow-read=server.key examples/stream-changes.ts
 *     bun examples/stream-changes.ts
 *     node examples/stream-changes.ts
 */
import { API_VERSION, createSession, getToken, type Token } from "../mod.ts";

const CHANNEL = "/data/AccountChangeEvent";
let replayId = -1; // only new events; -2: all of the last three days; or the last one that you had

for (let fresh = false;; fresh = true) await follow(await getToken({ fresh }));

/** Until the stream breaks off, as it does when the token dies. */
async function follow({ accessToken, instanceUrl }: Token): Promise<void> {
  const session = createSession({ accessToken, instanceUrl });
  let cookie = ""; // from the handshake; who does not send it back is unknown
  const send = async (channel: string, message: object) => {
    const init = { method: "POST", headers: { cookie }, json: [{ channel, ...message }] };
    const response = await session.fetch(`${instanceUrl}/cometd/${API_VERSION}`, init);
    cookie ||= response.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
    return await response.json();
  };
  const hello = { version: "1.0", supportedConnectionTypes: ["long-polling"] };
  const [{ clientId }] = await send("/meta/handshake", hello);
  const subscription = { subscription: CHANNEL, ext: { replay: { [CHANNEL]: replayId } } };
  const [subscribed] = await send("/meta/subscribe", { clientId, ...subscription });
  if (!subscribed.successful) throw new Error(`${CHANNEL}: ${subscribed.error}`);
  for (let open = true; open;) {
    const messages = await send("/meta/connect", { clientId, connectionType: "long-polling" });
    for (const { data, successful = true } of messages) {
      if (data) console.log(JSON.stringify(data.payload));
      replayId = data?.event.replayId ?? replayId;
      open &&= successful;
    }
  }
}
