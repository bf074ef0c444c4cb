/**
 * Streaming: change events over CometD. Speaks the Bayeux protocol on `/cometd/NN.N` with long polling, is as
 * particular as Salesforce about tokens, cookies and channels, and replays what a client has missed.
 *
 * @see {@link https://developer.salesforce.com/docs/atlas.en-us.api_streaming.meta/api_streaming/intro_client_specs.htm}
 * @module
 */
import { randomBytes, randomUUID } from "node:crypto";
import { clearTimeout, setTimeout } from "node:timers";
import { bearer, type Call, json, type Reply, restError } from "./http.ts";
import type { Org } from "./org.ts";
import type { RecordChange, Values } from "./records.ts";
import { OBJECTS } from "./schema.ts";

/** Milliseconds that a connect waits for events. */
const LONG_POLL = 110_000;
/** Milliseconds without a connect after which a client is forgotten. */
const CLIENT_TIMEOUT = 40_000;
const MOST_EVENTS = 10_000;
const ALL_CHANGES = "/data/ChangeEvents";
const NEW_ONLY = -1;
const ALL_STORED = -2;
const COOKIE = "BAYEUX_BROWSER";

/** A Bayeux message; what else is in it depends on its channel. */
interface Message {
  channel: string;
  id?: string | number;
  clientId?: string;
  successful?: boolean;
  error?: string;
  advice?: { reconnect: "retry" | "handshake" | "none"; interval: number; timeout?: number };
  subscription?: string | string[];
  ext?: { replay?: boolean | Record<string, number>; sfdc?: unknown; "payload.format"?: boolean };
  [name: string]: unknown;
}

interface ChangeEvent {
  replayId: number;
  at: number;
  change: RecordChange;
}

/** Who did a handshake. */
interface Client {
  id: string;
  cookie: string;
  /** The replay id of the last event sent, by channel. */
  subscriptions: Map<string, number>;
  /** Ends the connect that waits. */
  wake?: () => void;
  connected: boolean;
  lastSeen: number;
}

/** The events of the last while, and the clients who follow them. */
export class EventBus {
  readonly clients: Map<string, Client> = new Map();
  #events: ChangeEvent[] = [];
  #lastReplayId = 0;

  /** Keeps the event of a change and tells those who wait for it. */
  publish(change: RecordChange): void {
    this.#events.push({ replayId: ++this.#lastReplayId, at: Date.now(), change });
    if (this.#events.length > MOST_EVENTS * 1.1) this.#events.splice(0, MOST_EVENTS * 0.1);
    const channel = channelOf(change);
    for (const { subscriptions, wake } of this.clients.values()) {
      if (subscriptions.has(channel) || subscriptions.has(ALL_CHANGES)) wake?.();
    }
  }

  /** Takes a new client in. */
  enter(): Client {
    this.#forgetGone();
    const client: Client = {
      id: randomBytes(16).toString("hex"),
      cookie: randomBytes(12).toString("hex"),
      subscriptions: new Map(),
      connected: false,
      lastSeen: Date.now(),
    };
    this.clients.set(client.id, client);
    return client;
  }

  /** Where a subscription begins; undefined for a replay id that was never given. */
  startOf(replayId: number): number | undefined {
    if (replayId === NEW_ONLY) return this.#lastReplayId;
    if (replayId === ALL_STORED) return 0;
    return replayId >= 0 && replayId <= this.#lastReplayId ? replayId : undefined;
  }

  /** The events that a client has not had yet, and counts them as sent. */
  take({ subscriptions }: Client): Message[] {
    const messages = [...subscriptions].flatMap(([channel, after]) =>
      this.#events
        .filter(({ replayId, change }) =>
          replayId > after && (channel === ALL_CHANGES || channel === channelOf(change))
        )
        .map((event) => eventMessage(channel, event))
    );
    for (const channel of subscriptions.keys()) subscriptions.set(channel, this.#lastReplayId);
    return messages;
  }

  /** Whether there is something for a client. */
  hasNews({ subscriptions }: Client): boolean {
    return this.#events.some(({ replayId, change }) =>
      replayId >
        (subscriptions.get(channelOf(change)) ?? subscriptions.get(ALL_CHANGES) ?? Infinity)
    );
  }

  #forgetGone(): void {
    const oldest = Date.now() - CLIENT_TIMEOUT;
    for (const { id, wake, lastSeen } of this.clients.values()) {
      if (!wake && lastSeen < oldest) this.clients.delete(id);
    }
  }
}

/** Answers what was sent to `/cometd/NN.N`: one message or several. */
export async function streaming(org: Org, call: Call): Promise<Reply> {
  if (!/^\/cometd\/\d+\.0\/?$/.test(call.path)) {
    return restError(404, "NOT_FOUND", "The requested resource does not exist");
  }
  let messages: Message[];
  try {
    messages = [JSON.parse(new TextDecoder().decode(await call.body()))].flat();
  } catch {
    return restError(400, "JSON_PARSER_ERROR", "Not a Bayeux message");
  }
  const headers: Record<string, string> = {};
  const answers: Message[] = [];
  for (const message of messages) {
    const reply = await answer(org, call, message, headers);
    answers.push(...reply.map((each) => ({ ...each, ...(message.id && { id: message.id }) })));
  }
  return json(200, answers, headers);
}

async function answer(
  org: Org,
  call: Call,
  message: Message,
  headers: Record<string, string>,
): Promise<Message[]> {
  const { channel } = message;
  const refusal = refuseToken(org, call, message);
  if (refusal) return [refusal];
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

/** The events there are; if there are none, what comes until the long poll ends. */
async function connect(
  { events, sessions }: Org,
  call: Call,
  message: Message,
  client: Client,
): Promise<Message[]> {
  client.wake?.(); // a second connect takes the first one's place
  const isFirst = !client.connected; // is answered at once, so that the client learns the timeout
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

/** The client that a message names, if it sent back its cookie too, as Salesforce demands. */
function findClient({ events }: Org, call: Call, { clientId }: Message): Client | undefined {
  const client = events.clients.get(clientId ?? "");
  return client && call.headers.cookie?.includes(`${COOKIE}=${client.cookie}`) ? client : undefined;
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

/** Changes of a standard object come on `/data/AccountChangeEvent`, of a custom one on `/data/Invoice__ChangeEvent`. */
function channelOf({ table }: Pick<RecordChange, "table">): string {
  return changeChannel(table.object.name);
}

function changeChannel(object: string): string {
  return `/data/${object.replace(/__c$/, "__")}ChangeEvent`;
}

const CHANNELS = new Set([
  ALL_CHANGES,
  ...OBJECTS.filter(({ createable, api }) => createable && api === "data")
    .map(({ name }) => changeChannel(name)),
]);

function eventMessage(channel: string, { replayId, at, change }: ChangeEvent): Message {
  const { kind, table, row, values, userId } = change;
  const fields = kind === "DELETE" ? {} : payloadOf(change);
  return {
    channel,
    data: {
      schema: table.object.name,
      payload: {
        ...fields,
        ChangeEventHeader: {
          entityName: table.object.name,
          recordIds: [table.id(row)],
          changeType: kind,
          changeOrigin: "com/salesforce/api/rest/67.0",
          transactionKey: randomUUID(),
          sequenceNumber: 1,
          commitTimestamp: at,
          commitNumber: replayId,
          commitUser: userId,
          changedFields: kind === "UPDATE" ? Object.keys(values) : [],
        },
      },
      event: { replayId },
    },
  };
}

/** The written fields as change events show them: without empty ones of new records, compound ones in one piece. */
function payloadOf({ kind, table, values }: RecordChange): Values {
  const payload: Values = {};
  for (const { name, type, compound } of table.object.fields) {
    const value = values[name];
    if (value === undefined || type === "base64" || (kind === "CREATE" && value === null)) continue;
    if (!compound) payload[name] = value;
    else {
      const part = name.replace(compound.replace(/(Address|Name)$/, ""), "");
      payload[compound] = { ...payload[compound] as Values, [part]: value };
    }
  }
  return payload;
}
