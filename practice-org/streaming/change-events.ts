/**
 * Change events and platform events, which are kept for a while, and the clients that subscribe to them.
 *
 * @module
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { RecordChange, Values } from "../records.ts";
import { OBJECTS } from "../schema.ts";

/** The time without a connect after which a client is removed, in milliseconds. */
const CLIENT_TIMEOUT = 40_000;
const MOST_EVENTS = 10_000;
const ALL_CHANGES = "/data/ChangeEvents";
/** The replay id that requests new events only. */
export const NEW_ONLY = -1;
const ALL_STORED = -2;

/** A Bayeux message. Its other fields depend on the channel. */
export interface Message {
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

/** A client that has completed the handshake. */
export interface Client {
  id: string;
  cookie: string;
  /** The replay id of the last event sent, by channel. */
  subscriptions: Map<string, number>;
  /** Ends the waiting connect. */
  wake?: () => void;
  connected: boolean;
  lastSeen: number;
}

/** The recent events, and the clients that subscribe to them. */
export class EventBus {
  readonly clients: Map<string, Client> = new Map();
  #events: ChangeEvent[] = [];
  #lastReplayId = 0;

  /** Stores the event of a change and wakes the clients that wait for it. */
  publish(change: RecordChange): void {
    this.#events.push({ replayId: ++this.#lastReplayId, at: Date.now(), change });
    if (this.#events.length > MOST_EVENTS * 1.1) this.#events.splice(0, MOST_EVENTS * 0.1);
    const channels = channelsOf(change);
    for (const { subscriptions, wake } of this.clients.values()) {
      if (channels.some((channel) => subscriptions.has(channel))) wake?.();
    }
  }

  /** Adds a client. */
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

  /** Returns the position at which a subscription starts; undefined for an unknown replay id. */
  startOf(replayId: number): number | undefined {
    if (replayId === NEW_ONLY) return this.#lastReplayId;
    if (replayId === ALL_STORED) return 0;
    return replayId >= 0 && replayId <= this.#lastReplayId ? replayId : undefined;
  }

  /** Returns the events that a client has not received, and marks them as sent. */
  take({ subscriptions }: Client): Message[] {
    const messages = [...subscriptions].flatMap(([channel, after]) =>
      this.#events
        .filter(({ replayId, change }) => replayId > after && channelsOf(change).includes(channel))
        .map((event) => eventMessage(channel, event))
    );
    for (const channel of subscriptions.keys()) subscriptions.set(channel, this.#lastReplayId);
    return messages;
  }

  /** Whether there are events for a client. */
  hasNews({ subscriptions }: Client): boolean {
    return this.#events.some(({ replayId, change }) =>
      channelsOf(change).some((channel) => replayId > (subscriptions.get(channel) ?? Infinity))
    );
  }

  #forgetGone(): void {
    const oldest = Date.now() - CLIENT_TIMEOUT;
    for (const { id, wake, lastSeen } of this.clients.values()) {
      if (!wake && lastSeen < oldest) this.clients.delete(id);
    }
  }
}

/**
 * Changes to a standard object are sent on `/data/AccountChangeEvent`, those to a custom object on
 * `/data/Invoice__ChangeEvent`, and platform events on `/event/Order_Event__e`.
 */
function channelOf({ table: { object } }: Pick<RecordChange, "table">): string {
  return object.api === "event" ? `/event/${object.name}` : changeChannel(object.name);
}

/** Returns the channels of an event. */
function channelsOf(change: RecordChange): string[] {
  const own = channelOf(change);
  return change.table.object.api === "event" ? [own] : [own, ALL_CHANGES];
}

function changeChannel(object: string): string {
  return `/data/${object.replace(/__c$/, "__")}ChangeEvent`;
}

/** The existing channels. */
export const CHANNELS: ReadonlySet<string> = new Set([
  ALL_CHANGES,
  ...OBJECTS.filter(({ createable, api }) => createable && api === "data")
    .map(({ name }) => changeChannel(name)),
  ...OBJECTS.filter(({ api }) => api === "event").map(({ name }) => `/event/${name}`),
]);

function eventMessage(channel: string, event: ChangeEvent): Message {
  return event.change.table.object.api === "event"
    ? platformEvent(channel, event)
    : changeEvent(channel, event);
}

function platformEvent(channel: string, { replayId, at, change }: ChangeEvent): Message {
  const { table, row, values, userId } = change;
  const custom = table.object.fields.filter(({ name }) => name.endsWith("__c"));
  return {
    channel,
    data: {
      schema: table.object.name,
      payload: {
        CreatedDate: new Date(at).toISOString(),
        CreatedById: userId,
        ...Object.fromEntries(custom.map(({ name }) => [name, table.get(row, name)])),
      },
      event: { EventUuid: values.EventUuid, replayId },
    },
  };
}

function changeEvent(channel: string, { replayId, at, change }: ChangeEvent): Message {
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

/** Returns the written fields as change events show them: compound fields together, and no empty fields of new records. */
function payloadOf({ kind, table, values }: RecordChange): Values {
  const payload: Values = {};
  for (const { name, type, compound, defaultValue } of table.object.fields) {
    const value = kind === "CREATE" ? values[name] ?? defaultValue : values[name];
    if (value === undefined || type === "base64" || (kind === "CREATE" && value === null)) continue;
    if (!compound) payload[name] = value;
    else {
      const part = name.replace(compound.replace(/(Address|Name)$/, ""), "");
      payload[compound] = { ...payload[compound] as Values, [part]: value };
    }
  }
  return payload;
}
