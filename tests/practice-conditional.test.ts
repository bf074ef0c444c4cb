/** Conditional requests, compressed bodies and bodies that are too large, on the practice org. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { newOrg } from "./helpers/org-data.ts";
import { rawOrg } from "./helpers/raw-org.ts";

describe("conditional requests", () => {
  const { call, create, find } = newOrg(2);
  const past = "Tue, 10 Aug 2010 00:00:00 GMT";
  const future = "Tue, 10 Aug 2035 00:00:00 GMT";

  test("a record that has not changed since is 304, one that has is whole", async () => {
    const [{ Id }] = await find("SELECT Id FROM Account LIMIT 1");
    const path = `/sobjects/Account/${Id}`;
    const get = (headers: Record<string, string>) => call("GET", path, undefined, { headers });
    const first = await get({});
    assert.match(first.headers.get("etag")!, /^"[\w+/]+=*"$/);
    assert.ok(Date.parse(first.headers.get("last-modified")!) > 0);
    assert.equal((await get({ "If-Modified-Since": future })).status, 304);
    assert.equal((await get({ "If-Modified-Since": past })).status, 200);
    assert.equal((await get({ "If-None-Match": first.headers.get("etag")! })).status, 304);
    assert.equal((await get({ "If-None-Match": '"other"' })).status, 200);
    await call("PATCH", path, { Phone: "1" });
    assert.notEqual((await get({})).headers.get("etag"), first.headers.get("etag"));
    assert.equal((await get({ "If-None-Match": first.headers.get("etag")! })).status, 200);
  });

  test("a record that has changed since is not written over: 412", async () => {
    const id = await create("Account", { Name: "Before" });
    const path = `/sobjects/Account/${id}`;
    const { headers } = await call("GET", path);
    const patch = (condition: Record<string, string>) =>
      call("PATCH", path, { Name: "After" }, { headers: condition });
    const refusals: Record<string, string>[] = [
      { "If-Unmodified-Since": past },
      { "If-Match": '"x"' },
      { "If-None-Match": headers.get("etag")! },
    ];
    for (const condition of refusals) {
      assert.equal((await patch(condition)).status, 412, JSON.stringify(condition));
    }
    const removal = await call("DELETE", path, undefined, { headers: { "If-Match": '"x"' } });
    assert.equal(removal.status, 412);
    assert.equal((await call("GET", path)).body.Name, "Before");
    const match = `"other", ${headers.get("etag")!.replace(/"$/, '-gzip"')}`;
    assert.equal((await patch({ "If-Match": match, "If-Unmodified-Since": past })).status, 204);
    assert.equal((await patch({ "If-Unmodified-Since": future })).status, 204);
  });

  test("metadata has not changed since the start", async () => {
    for (const path of ["/sobjects", "/sobjects/Account/describe"]) {
      const get = (headers: Record<string, string>) => call("GET", path, undefined, { headers });
      assert.equal((await get({ "If-Modified-Since": future })).status, 304);
      assert.equal((await get({ "If-Modified-Since": past })).status, 200);
      assert.equal((await get({ "If-Unmodified-Since": past })).status, 412);
    }
  });
});

const { org, signIn } = await rawOrg();

/** A request that `fetch` would not make: its body is not unpacked. */
async function raw(
  path: string,
  { body, ...options }: { method?: string; headers?: Record<string, string>; body?: Uint8Array },
): Promise<{ status: number; headers: Record<string, unknown>; body: Uint8Array }> {
  const { access_token } = await signIn();
  const headers = { authorization: `Bearer ${access_token}`, ...options.headers };
  return await new Promise((resolve, reject) => {
    const sent = request(org.url + path, { ...options, headers }, async (response) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({
        status: response.statusCode!,
        headers: response.headers,
        body: new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()),
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("gzip", () => {
  const describePath = "/services/data/v67.0/sobjects/Account/describe";

  test("answers are compressed for who asks for it", async () => {
    const plain = await raw(describePath, {});
    assert.equal(plain.headers["content-encoding"], undefined);
    const packed = await raw(describePath, { headers: { "accept-encoding": "br, gzip;q=0.5" } });
    assert.equal(packed.headers["content-encoding"], "gzip");
    assert.equal(Number(packed.headers["content-length"]), packed.body.length);
    assert.ok(packed.body.length < plain.body.length / 3);
    assert.deepEqual(new Uint8Array(gunzipSync(packed.body)), plain.body);
    const refused = await raw(describePath, { headers: { "accept-encoding": "gzip;q=0" } });
    assert.equal(refused.headers["content-encoding"], undefined);
  });

  const post = (encoding: string, body: Uint8Array) =>
    raw("/services/data/v67.0/sobjects/Account", {
      method: "POST",
      headers: { "content-type": "application/json", "content-encoding": encoding },
      body,
    });

  test("a compressed request is read", async () => {
    assert.equal((await post("gzip", gzipSync('{"Name":"Packed"}'))).status, 201);
  });

  test("one that is not what it says is refused", async () => {
    const broken = await post("gzip", new TextEncoder().encode('{"Name":"Plain"}'));
    assert.equal(broken.status, 400);
    assert.match(new TextDecoder().decode(broken.body), /not in gzip format/);
    assert.equal((await post("br", gzipSync("{}"))).status, 415);
  });

  test("a small one that unpacks to too much is refused", async () => {
    const bomb = gzipSync(new Uint8Array(160 * 1024 * 1024));
    assert.ok(bomb.length < 1_000_000);
    assert.equal((await post("gzip", bomb)).status, 413);
  });
});

test("a body that is announced as too large is refused before it is read", async () => {
  const { access_token } = await signIn();
  const status = await new Promise<number>((resolve, reject) => {
    const sent = request(`${org.url}/services/data/v67.0/sobjects/Account`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${access_token}`,
        "content-type": "application/json",
        "content-length": 1_000_000_000,
      },
    }, (response) => {
      resolve(response.statusCode!);
      sent.destroy();
    });
    sent.on("error", reject);
    sent.write("{");
  });
  assert.equal(status, 413);
});
