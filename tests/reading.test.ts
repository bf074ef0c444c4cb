import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, before, beforeEach, describe, test } from "node:test";
import { ConnectionError, createSession, SalesforceError, type Session } from "../mod.ts";

/** Answers each request by hand. */
let answer: (response: ServerResponse, path: string) => void;
let close: () => void;
let session: Session;

async function open(): Promise<void> {
  const server = createServer((request, response) => answer(response, request.url!));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  session = createSession({ accessToken: "00D!x", instanceUrl: `http://127.0.0.1:${port}` });
  close = () => {
    server.close();
    server.closeAllConnections();
  };
}
beforeEach(open);
afterEach(() => close());

const MULTIPART = { "content-type": "multipart/form-data; boundary=b" };
const FORM = '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n';

/** Every way to read a body. */
const READERS: Record<string, (response: Response) => Promise<unknown>> = {
  json: (response) => response.json(),
  text: (response) => response.text(),
  arrayBuffer: (response) => response.arrayBuffer(),
  bytes: (response) => response.bytes(),
  blob: (response) => response.blob(),
  formData: (response) => response.formData(),
  "a clone": (response) => response.clone().arrayBuffer(),
  body: (response) => Array.fromAsync(response.body as unknown as AsyncIterable<Uint8Array>),
  "a reader of body": async (response) => {
    const reader = response.body!.getReader();
    while (!(await reader.read()).done);
  },
};

/** Awaits a rejection with a ConnectionError, and gives it. */
async function connectionError(promise: Promise<unknown>): Promise<ConnectionError> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof ConnectionError, `${error}`);
  return error;
}

describe("a body that stops coming", () => {
  const errors: Record<string, unknown> = {};
  before(async () => {
    await open();
    answer = (response) => response.writeHead(200, MULTIPART).write("--b");
    await Promise.all(
      Object.entries(READERS).map(async ([name, read]) => { // all at once, as each waits for the whole time
        const response = await session.fetch("/x", { timeout: 2_500 });
        errors[name] = await read(response).catch((error) => error);
      }),
    );
    close();
  });

  for (const [name, read] of Object.entries(READERS)) {
    test(`ends with the timeout: ${name}`, () => {
      const error = errors[name];
      assert.ok(error instanceof ConnectionError, `${error}`);
      assert.equal(error.timedOut, true);
      assert.match(error.message, /^GET http:.*\/x: no answer within 2\.5 s/);
    });

    test(`ends with the caller's signal: ${name}`, async () => {
      const controller = new AbortController();
      answer = (response) => response.writeHead(200, MULTIPART).write("--b");
      const response = await session.fetch("/x", { signal: controller.signal });
      const reading = read(response);
      controller.abort(new Error("enough"));
      await assert.rejects(reading, { message: "enough" });
    });
  }
});

describe("a body that breaks", () => {
  const WHOLE = ["json", "text", "arrayBuffer", "bytes", "blob", "formData", "a clone"];
  for (const [name, read] of Object.entries(READERS)) {
    const isWhole = WHOLE.includes(name);
    test(`is ${isWhole ? "got again" : "an error"}: ${name}`, async () => {
      let count = 0;
      const content = name === "json" ? '{"a":1}' : FORM;
      answer = (response) => {
        response.writeHead(200, { ...MULTIPART, "content-length": content.length });
        if (count++ > 0) response.end(content);
        else response.write(content.slice(0, 3), () => response.destroy());
      };
      const reading = read(await session.fetch("/x"));
      if (isWhole) await reading;
      else assert.equal((await connectionError(reading)).timedOut, false);
      assert.equal(count, isWhole ? 2 : 1);
    });
  }

  test("is not got again where that is not safe, or not wanted", async () => {
    let count = 0;
    answer = (response) => {
      count++;
      response.writeHead(200, { "content-length": 10 }).write("{", () => response.destroy());
    };
    const { message, hint } = await connectionError(session.fetch("/x", { method: "POST" }).json());
    assert.match(message + hint, /may have been done/);
    await connectionError(session.fetch("/x", { retry: 0 }).json());
    assert.equal(count, 2);
  });
});

test("a file that comes slowly, with no long pause, is read whole", async () => {
  answer = async (response) => {
    response.writeHead(200, { ...MULTIPART, "content-length": FORM.length });
    for (const part of FORM) {
      response.write(part);
      await new Promise((resolve) => setTimeout(resolve, 60)); // in all longer than the timeout
    }
    response.end();
  };
  const names = ["arrayBuffer", "bytes", "blob", "formData", "body"];
  await Promise.all(names.map(async (name) => {
    await READERS[name]!(await session.fetch("/x", { timeout: 3_000 }));
  }));
});

describe("a bounded answer is a standard Response", () => {
  beforeEach(() => {
    answer = (response) =>
      response.writeHead(200, { "content-type": "text/csv", "x-own": "1" }).end("a,b");
  });

  test("with its own values and the usual properties", async () => {
    const response = await session.fetch("/x");
    assert.ok(response instanceof Response);
    assert.equal(response.bodyUsed, false);
    assert.ok(response.body instanceof ReadableStream);
    assert.equal(response.body, response.body);
    assert.equal(response.bodyUsed, false, "looking at it is not reading it");
    assert.equal(await response.clone().text(), "a,b");
    const blob = await response.blob();
    assert.equal(blob.type, "text/csv");
    assert.equal(blob.size, 3);
    assert.equal(response.bodyUsed, true);
    await assert.rejects(response.text(), TypeError);
    await assert.rejects(response.arrayBuffer(), TypeError);
  });

  test("whose body is locked asks nobody again", async () => {
    for (const read of [READERS.text!, READERS.arrayBuffer!, READERS.blob!, READERS.formData!]) {
      let requests = 0;
      answer = (response) => void (requests++, response.end("a,b"));
      const response = await session.fetch("/x");
      response.body!.getReader();
      await assert.rejects(read(response), TypeError);
      assert.equal(requests, 1);
    }
  });

  test("whose methods a caller may replace", async () => {
    const response = await session.fetch("/x");
    response.text = () => Promise.resolve("another");
    assert.equal(await response.text(), "another");
  });

  test("whose body can be piped, cancelled, and read into the caller's own bytes", async () => {
    const { body } = await session.fetch("/x");
    const reader = body!.getReader({ mode: "byob" });
    const { value } = await reader.read(new Uint8Array(8));
    assert.deepEqual([...value!], [...new TextEncoder().encode("a,b")]);
    await (await session.fetch("/x")).body!.cancel();
    const text = (await session.fetch("/x")).body!.pipeThrough(new TextDecoderStream());
    assert.deepEqual(await Array.fromAsync(text as unknown as AsyncIterable<string>), ["a,b"]);
    assert.equal(await new Response((await session.fetch("/x")).body).text(), "a,b");
  });

  test("that is not what it is read as says so", async () => {
    for (const name of ["json", "formData"] as const) {
      const error = await READERS[name]!(await session.fetch("/x")).catch((error) => error);
      assert.ok(error instanceof SalesforceError, `${error}`);
      assert.match(error.message, /200, but not with/);
    }
  });

  test("also where fetch is another's", async () => {
    class OwnResponse extends Response {}
    const own = createSession({
      accessToken: "00D!x",
      instanceUrl: "https://acme.my.salesforce.com",
      fetch: () => Promise.resolve(new OwnResponse('{"a":1}')),
    });
    const response = await own.fetch("/x");
    assert.ok(response instanceof OwnResponse);
    assert.deepEqual(await response.json(), { a: 1 });
  });
});

describe("what a server sends has bounds", () => {
  test("an error's body is read up to a size, and the message is short", async () => {
    let sent = 0;
    answer = (response) => {
      response.writeHead(400, { "content-type": "text/plain" });
      const chunk = "x".repeat(2 ** 16);
      const more = () => {
        while (!response.destroyed && sent < 2 ** 28) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    };
    const error = await session.fetch("/x").catch((error) => error);
    assert.ok(error instanceof SalesforceError, `${error}`);
    assert.ok(error.message.length < 20_000);
    assert.ok(sent < 2 ** 26, `${sent} bytes were read`);
  });

  const MEGABYTE = 2 ** 20;
  const BODIES: Record<string, string> = {
    "a row of eyJ": "eyJ".repeat(MEGABYTE / 3),
    "a row of eyJ with dots": "eyJ.a.".repeat(MEGABYTE / 6),
    "a row of 00D": "00D000000000".repeat(MEGABYTE / 12),
    "tags without an end": "<a".repeat(MEGABYTE / 2),
    "a code again and again": "REQUEST_LIMIT_EXCEEDED ".repeat(MEGABYTE / 23),
    "open brackets": "[".repeat(MEGABYTE),
    "blanks": " ".repeat(MEGABYTE),
    "an error with a long message": JSON.stringify([{
      errorCode: "REQUEST_LIMIT_EXCEEDED",
      message: "REQUEST_LIMIT_EXCEEDED ".repeat(MEGABYTE / 25),
    }]),
    "very many errors": JSON.stringify(
      Array.from({ length: 20_000 }, (_, i) => ({ errorCode: "X", message: `m${i}` })),
    ),
  };
  for (const [title, body] of Object.entries(BODIES)) {
    test(`a megabyte of an error is worked through in linear time: ${title}`, async () => {
      for (const status of [400, 403, 404]) {
        answer = (response) => response.writeHead(status).end(body);
        const error = await session.fetch("/x").catch((error) => error);
        assert.ok(error instanceof SalesforceError, `${error}`);
        assert.ok(error.message.length < 20_000);
      }
    });
  }

  test("Sforce-Limit-Info, however long", async () => {
    const own = (info: string) =>
      createSession({
        accessToken: "00D!x",
        instanceUrl: "https://acme.my.salesforce.com",
        fetch: () =>
          Promise.resolve(new Response("{}", { headers: { "sforce-limit-info": info } })),
      });
    const long = own("a-".repeat(MEGABYTE));
    await long.fetch("/x");
    assert.deepEqual(long.limits, {});
    const odd = own("__proto__=1/2;api-usage=3/4,api-bursts=5/6");
    await odd.fetch("/x");
    assert.deepEqual(odd.limits.apiUsage, { used: 3, max: 4 });
    assert.deepEqual(odd.limits.apiBursts, { used: 5, max: 6 });
  });

  test("the newest API version is looked for in what is a list of versions", async () => {
    for (const body of ["{}", "[]", "null", '[{"version":"x"}]', "[null, 1]"]) {
      answer = (response) => response.end(body);
      const newest = createSession({
        accessToken: "00D!x",
        instanceUrl: (await session.settings()).instanceUrl!,
        apiVersion: "latest",
      });
      await assert.rejects(newest.apiVersion(), /lists no API versions/);
    }
  });
});
