import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { practiceOrg } from "./helpers/practice.ts";
import { root, start } from "./helpers/runtime.ts";
import { PATIENCE, until } from "./helpers/until.ts";

const ACCOUNTS = "/data/AccountChangeEvent";

// deno-lint-ignore no-explicit-any -- what is in a message depends on its channel
type Message = Record<string, any>;

const org = await practiceOrg({ rows: 5 });
const session = org.session();

async function create(fields: object, object = "Account"): Promise<string> {
  const init = { method: "POST", json: fields };
  return (await session.fetch(`/sobjects/${object}`, init).json()).id;
}

/** A client with a token, and a cookie once the org has given one. */
class Client {
  token: string | undefined;
  id: string | undefined;
  cookie = "";

  static async enter(): Promise<Client> {
    const client = new Client();
    client.token = (await session.getToken()).accessToken;
    client.id = (await client.handshake()).clientId;
    return client;
  }

  async send(...messages: Message[]): Promise<Message[]> {
    const response = await fetch(`${org.url}/cometd/67.0`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        cookie: this.cookie,
        ...(this.token && { authorization: `Bearer ${this.token}` }),
      },
      body: JSON.stringify(messages),
      signal: AbortSignal.timeout(PATIENCE),
    });
    this.cookie ||= response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    return await response.json();
  }

  async one(channel: string, more: object = {}): Promise<Message> {
    return (await this.send({ channel, clientId: this.id, ...more }))[0]!;
  }

  handshake(): Promise<Message> {
    return this.one("/meta/handshake", {
      version: "1.0",
      supportedConnectionTypes: ["long-polling"],
    });
  }

  subscribe(subscription: string, replay?: number): Promise<Message> {
    const ext = replay === undefined ? undefined : { replay: { [subscription]: replay } };
    return this.one("/meta/subscribe", { subscription, ext });
  }

  /** The events of one connect. */
  async connect(): Promise<Message[]> {
    const answers = await this.send({
      channel: "/meta/connect",
      clientId: this.id,
      connectionType: "long-polling",
    });
    const done = answers.pop()!;
    assert.deepEqual([done.channel, done.successful], ["/meta/connect", true]);
    return answers;
  }
}

describe("practice org: streaming", () => {
  test("a handshake, a subscription and the first connect are answered at once", async () => {
    const client = await Client.enter();
    const subscribed = await client.subscribe(ACCOUNTS);
    assert.deepEqual(subscribed, {
      channel: "/meta/subscribe",
      clientId: client.id,
      subscription: ACCOUNTS,
      successful: true,
    });
    const [connected] = await client.send(
      { channel: "/meta/connect", clientId: client.id, connectionType: "long-polling", id: "7" },
    );
    assert.deepEqual(connected, {
      channel: "/meta/connect",
      clientId: client.id,
      id: "7",
      successful: true,
      advice: { reconnect: "retry", interval: 0, timeout: 110_000 },
    });
  });

  test("a connect waits for a change and tells what was created, changed and deleted", async () => {
    const client = await Client.enter();
    await client.subscribe(ACCOUNTS);
    await client.connect();
    let waiting = client.connect();
    await create({ LastName: "Of another channel" }, "Contact");
    const id = await create({ Name: "Streamed", BillingCity: "Oslo" });
    const [created] = await waiting;
    assert.equal(created!.channel, ACCOUNTS);
    const { payload, event } = created!.data;
    assert.equal(payload.Name, "Streamed");
    assert.deepEqual(payload.BillingAddress, { City: "Oslo" });
    assert.equal(payload.Industry, undefined);
    assert.deepEqual(payload.ChangeEventHeader.recordIds, [id]);
    assert.equal(payload.ChangeEventHeader.changeType, "CREATE");

    waiting = client.connect();
    await session.fetch(`/sobjects/Account/${id}`, { method: "PATCH", json: { Name: "Changed" } });
    const [changed] = await waiting;
    assert.equal(changed!.data.payload.Name, "Changed");
    assert.equal(changed!.data.payload.ChangeEventHeader.changeType, "UPDATE");
    assert.ok(changed!.data.payload.ChangeEventHeader.changedFields.includes("Name"));
    assert.ok(changed!.data.event.replayId > event.replayId);

    await session.fetch(`/sobjects/Account/${id}`, { method: "DELETE" });
    const [deleted] = await client.connect();
    assert.deepEqual(Object.keys(deleted!.data.payload), ["ChangeEventHeader"]);
    assert.equal(deleted!.data.payload.ChangeEventHeader.changeType, "DELETE");
  });

  test("what is rolled back is not told", async () => {
    const client = await Client.enter();
    await client.subscribe(ACCOUNTS);
    await client.connect();
    const records = [{ Name: "Rolled back" }, {}]
      .map((fields) => ({ attributes: { type: "Account" }, ...fields }));
    const json = { allOrNone: true, records };
    const results: { success: boolean }[] = await session.fetch("/composite/sobjects", {
      method: "POST",
      json,
    })
      .json();
    assert.deepEqual(results.map(({ success }) => success), [false, false]);
    const id = await create({ Name: "Kept" });
    const events = await client.connect();
    assert.deepEqual(events.map(({ data }) => data.payload.ChangeEventHeader.recordIds), [[id]]);
  });

  test("a replay id brings what came after it, -2 all there is", async () => {
    const first = await Client.enter();
    await first.subscribe(ACCOUNTS);
    await first.connect();
    const ids = [await create({ Name: "One" }), await create({ Name: "Two" })];
    const [one] = await first.connect();
    const again = await Client.enter();
    await again.subscribe(ACCOUNTS, one!.data.event.replayId);
    const after = await again.connect();
    assert.deepEqual(after.map(({ data }) => data.payload.ChangeEventHeader.recordIds), [[ids[1]]]);

    const all = await Client.enter();
    await all.subscribe("/data/ChangeEvents", -2);
    assert.ok((await all.connect()).length > 2);
    const wrong = await all.subscribe(ACCOUNTS, 1_000_000);
    assert.match(wrong.error, /^400::The replayId \{1000000\} you provided was invalid/);
  });

  test("a second connect takes the place of the first", async () => {
    const client = await Client.enter();
    await client.subscribe(ACCOUNTS);
    await client.connect();
    const arrived = org.control.requests().length;
    const first = client.connect();
    await until(() => org.control.requests().length > arrived);
    const second = first.then(() => create({ Name: "For the second" }));
    const events = await client.connect();
    assert.deepEqual(await first, []);
    assert.deepEqual(events[0]!.data.payload.ChangeEventHeader.recordIds, [await second]);
  });

  test("without a token, with a dead one, or without the cookie it refuses in Salesforce's words", async () => {
    const client = await Client.enter();
    client.token = undefined;
    const anonymous = await client.handshake();
    assert.equal(anonymous.error, "403::Handshake denied");
    assert.equal(anonymous.ext.sfdc.failureReason, "401::Request requires authentication");
    client.token = "00D5g0000000000!dead";
    assert.equal(
      (await client.handshake()).ext.sfdc.failureReason,
      "401::Authentication invalid",
    );
    const connect = await client.one("/meta/connect", { connectionType: "long-polling" });
    assert.equal(connect.error, "401::Authentication invalid");
    assert.deepEqual(connect.advice, { reconnect: "none", interval: 0 });

    client.token = (await session.getToken()).accessToken;
    client.cookie = "BAYEUX_BROWSER=another";
    const unknown = await client.subscribe(ACCOUNTS);
    assert.equal(unknown.error, "403::Unknown client");
    assert.equal(unknown.advice.reconnect, "handshake");
  });

  test("channels that are none, and clients that have left, are refused", async () => {
    const client = await Client.enter();
    const refused = await client.subscribe("/data/NopeChangeEvent");
    assert.equal(refused.error, "400::The channel specified is not valid");
    assert.equal((await client.one("/meta/disconnect")).successful, true);
    assert.equal((await client.subscribe(ACCOUNTS)).error, "403::Unknown client");
  });

  test("a platform event is published like a record, and seen by who follows it", async () => {
    const client = await Client.enter();
    const everything = await Client.enter();
    await everything.subscribe("/data/ChangeEvents");
    assert.equal((await client.subscribe("/event/Order_Event__e")).successful, true);
    await client.connect();
    const waiting = client.connect();
    const json = { Order_Number__c: "O-1", Amount__c: 12.5 };
    const created = await session.fetch("/sobjects/Order_Event__e", { method: "POST", json })
      .json();
    const { id, success, errors: [queued] } = created;
    assert.match(id, /^e00\w{15}$/);
    assert.deepEqual([success, queued.statusCode], [true, "OPERATION_ENQUEUED"]);
    const [event] = await waiting;
    assert.equal(event!.channel, "/event/Order_Event__e");
    const { payload, event: { EventUuid, replayId } } = event!.data;
    assert.equal(EventUuid, queued.message);
    assert.ok(replayId > 0);
    const { CreatedDate, CreatedById, ...fields } = payload;
    assert.ok(Date.parse(CreatedDate) > 0);
    assert.equal(CreatedById, org.users.admin.id);
    assert.deepEqual(fields, { ...json, Has_Shipped__c: false });
    assert.deepEqual(await everything.connect(), []);
  });

  test("a platform event is neither queried nor read, and checked like a record", async () => {
    const refused = (path: string, init?: object) =>
      session.fetch(path, { throwHttpErrors: false, ...init }).json();
    const [query] = await refused("/query?q=SELECT+Id+FROM+Order_Event__e");
    assert.equal(query.errorCode, "INVALID_TYPE_FOR_OPERATION");
    assert.equal(query.message, "entity type Order_Event__e does not support query");
    const [missing] = await refused("/sobjects/Order_Event__e", { method: "POST", json: {} });
    assert.equal(missing.errorCode, "REQUIRED_FIELD_MISSING");
    const { queryable, createable } = await refused("/sobjects/Order_Event__e/describe");
    assert.deepEqual([queryable, createable], [false, true]);
  });

  test("events of a collection that is rolled back are not published", async () => {
    const client = await Client.enter();
    await client.subscribe("/event/Order_Event__e");
    await client.connect();
    const publish = (allOrNone: boolean, ...numbers: (string | undefined)[]) => {
      const records = numbers.map((Order_Number__c) => ({
        attributes: { type: "Order_Event__e" },
        Order_Number__c,
      }));
      const init = { method: "POST", json: { allOrNone, records } };
      return session.fetch("/composite/sobjects", init).json();
    };
    await publish(true, "rolled back", undefined);
    const [kept] = await publish(false, "kept", undefined);
    assert.equal(kept.errors[0].statusCode, "OPERATION_ENQUEUED");
    const events = await client.connect();
    assert.deepEqual(events.map(({ data }) => data.payload.Order_Number__c), ["kept"]);
  });

  // jsforce does not load on Deno and hangs on Bun: from every runtime, it runs on Node.
  test("jsforce follows a channel, from a replay id on", async () => {
    const past = await Client.enter();
    await past.subscribe(ACCOUNTS);
    await past.connect();
    await create({ Name: "Before jsforce" });
    const [event] = await past.connect();
    const { accessToken, instanceUrl } = await session.getToken();
    const child = start(["node", join(root, "tests", "helpers", "jsforce-stream.ts")]);
    const replayId = event!.data.event.replayId - 1;
    child.stdin!.end(JSON.stringify({ accessToken, instanceUrl, channel: ACCOUNTS, replayId }));
    let [stdout, stderr] = ["", ""];
    child.stderr!.on("data", (chunk) => stderr += chunk);
    try {
      await new Promise<void>((resolve, reject) => {
        const tooLong = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
        child.on("close", () => {
          clearTimeout(tooLong);
          reject(new Error(stdout + stderr));
        });
        child.stdout!.on("data", (chunk) => {
          stdout += chunk;
          if (stdout.includes("Since jsforce")) resolve();
          else if (stdout.includes("subscribed\n") && !stdout.includes("Since")) {
            create({ Name: "Since jsforce" }).catch(reject);
          }
        });
      });
    } finally {
      child.kill("SIGKILL");
    }
    assert.match(stdout, /^\d+ CREATE Before jsforce$/m);
    assert.match(stdout, /^\d+ CREATE Since jsforce$/m);
  });
});
