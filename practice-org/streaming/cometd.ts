/**
 * Streaming: events over CometD, which is the Bayeux protocol on `/cometd/NN.N` with long polling. It checks tokens,
 * cookies and channels as strictly as Salesforce, and replays events that a client has missed.
 *
 * @see {@link https://developer.salesforce.com/docs/atlas.en-us.api_streaming.meta/api_streaming/intro_client_specs.htm}
 * @module
 */
import { clearTimeout, setTimeout } from "node:timers";
import { CHANNELS, type Client, type EventBus, type Message, NEW_ONLY } from "./change-events.ts";
import { noSuchResource, refusal } from "../errors.ts";
import { bearer, type Call, json, type Reply, textOf } from "../http.ts";
import type { Org } from "../org.ts";
import { parseJson } from "../rest/body.ts";

/** How long a connect request waits for events, in milliseconds. */
const LONG_POLL = 110_000;
const COOKIE = "BAYEUX_BROWSER";

/** Answers the messages sent to `/cometd/NN.N`. */
export async function streaming(org: Org, call: Call, version: string): Promise<Reply> {
  if (!/^\d+\.0$/.test(version)) throw noSuchResource();
  const messages = readMessages(call);
  const headers: Record<string, string> = {};
  const answers: Message[] = [];
  for (const message of messages) {
    const reply = await answer(org, call, message, headers);
    answers.push(...reply.map((each) => ({ ...each, ...(message.id && { id: message.id }) })));
  }
  return json(200, answers, headers);
}

function readMessages(call: Call): Message[] {
  try {
    return [parseJson(textOf(call)) as Message].flat();
  } catch {
    throw refusal(400, "JSON_PARSER_ERROR", "Not a Bayeux message");
  }
}

async function answer(
  org: Org,
  call: Call,
  message: Message,
  headers: Record<string, string>,
): Promise<Message[]> {
  const { channel } = message;
  const refused = refuseToken(org, call, message);
  if (refused) return [refused];
  if (channel === "/meta/handshake") {
    const { id, cookie } = org.events.enter();
    headers["Set-Cookie"] = `${COOKIE}=${cookie}; Path=/cometd/; HttpOnly`;
    return [{
      channel,
      clientId: id,
      version: "1.0",
      minimumVersion: "1.0",
      supportedConnectionTypes: ["long-polling"],
      ext: { replay: true, "payload.format": true },
      successful: true,
    }];
  }
  const client = findClient(org, call, message);
  if (!client) return [unknownClient(channel)];
  client.lastSeen = Date.now();
  switch (channel) {
    case "/meta/connect":
      return await connect(org, call, message, client);
    case "/meta/subscribe":
      return subscriptionsOf(message).map((name) => subscribe(org.events, message, client, name));
    case "/meta/unsubscribe":
      for (const name of subscriptionsOf(message)) client.subscriptions.delete(name);
      return [done(client, message)];
    case "/meta/disconnect":
      org.events.clients.delete(client.id);
      client.wake?.();
      return [done(client, message)];
    default:
      return [{ channel, clientId: client.id, error: "403::Create denied", successful: false }];
  }
}

/** Returns the pending events, or waits for new ones until the long poll ends. */
async function connect(
  { events, sessions }: Org,
  call: Call,
  message: Message,
  client: Client,
): Promise<Message[]> {
  client.wake?.(); // a second connect replaces the first
  const isFirst = !client.connected; // is answered immediately, so that the client learns the timeout
  client.connected = true;
  if (!isFirst && !events.hasNews(client)) {
    await wakeUp(client);
    client.lastSeen = Date.now();
    if (!sessions.find(bearer(call))) return [authenticationInvalid(message)];
  }
  const advice = { reconnect: "retry", interval: 0, timeout: LONG_POLL } as const;
  return [...events.take(client), { ...done(client, message), ...(isFirst && { advice }) }];
}

/** Waits until there is an event for the client, or the long poll ends. */
function wakeUp(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      if (client.wake === wake) client.wake = undefined;
      resolve();
    };
    const timer = setTimeout(wake, LONG_POLL).unref();
    client.wake = wake;
  });
}

function subscribe(
  events: EventBus,
  { channel, ext }: Message,
  client: Client,
  subscription: string,
): Message {
  const refused = (error: string): Message => ({
    channel,
    clientId: client.id,
    subscription,
    error,
    successful: false,
  });
  if (!CHANNELS.has(subscription)) return refused("400::The channel specified is not valid");
  const replayId = typeof ext?.replay === "object"
    ? ext.replay[subscription] ?? NEW_ONLY
    : NEW_ONLY;
  const start = events.startOf(replayId);
  if (start === undefined) {
    return refused(
      `400::The replayId {${replayId}} you provided was invalid. Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`,
    );
  }
  client.subscriptions.set(subscription, start);
  return { channel, clientId: client.id, subscription, successful: true };
}

function subscriptionsOf({ subscription }: Message): string[] {
  return [subscription ?? []].flat();
}

function done({ id }: Client, { channel, subscription }: Message): Message {
  return { channel, clientId: id, ...(subscription && { subscription }), successful: true };
}

/** Returns the client of a message. Salesforce requires its cookie too. */
function findClient({ events }: Org, call: Call, { clientId }: Message): Client | undefined {
  const client = events.clients.get(clientId ?? "");
  return client && call.headers.get("cookie")?.includes(`${COOKIE}=${client.cookie}`)
    ? client
    : undefined;
}

function unknownClient(channel: string): Message {
  const advice = { reconnect: "handshake", interval: 0 } as const;
  return { channel, error: "403::Unknown client", successful: false, advice };
}

function refuseToken(org: Org, call: Call, message: Message): Message | undefined {
  const token = bearer(call);
  if (org.sessions.use(token)) return undefined;
  const reason = token ? "401::Authentication invalid" : "401::Request requires authentication";
  return authenticationInvalid(message, reason);
}

function authenticationInvalid(
  { channel, clientId }: Message,
  reason = "401::Authentication invalid",
): Message {
  const advice = { reconnect: "none", interval: 0 } as const;
  if (channel !== "/meta/handshake") {
    return { channel, clientId, error: reason, successful: false, advice };
  }
  const ext = { sfdc: { failureReason: reason }, replay: true };
  return { channel, error: "403::Handshake denied", successful: false, advice, ext };
}
