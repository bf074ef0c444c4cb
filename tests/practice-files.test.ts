/** Large results and files of the practice org, over HTTP. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newOrg } from "./helpers/org-data.ts";
import { practiceOrg } from "./helpers/practice.ts";

const large = await practiceOrg({ rows: 100_000 });

describe("over HTTP", () => {
  const session = large.session();

  test("100,000 records come in order, none twice", async () => {
    let count = 0;
    let last = "";
    for await (const { Id } of session.query<{ Id: string }>("SELECT Id, Name FROM Account")) {
      assert.ok(Id > last);
      last = Id;
      count++;
    }
    assert.equal(count, 100_000);
  });

  test("a file goes up in several parts and comes down as it was", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i * 7 % 256);
    const created = await session.fetch("/sobjects/ContentVersion", {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=limit" },
      body: new Blob([
        '--limit\r\nContent-Disposition: form-data; name="entity_content"\r\n',
        "Content-Type: application/json\r\n\r\n",
        JSON.stringify({ PathOnClient: "dir/räport.v2.bin", Title: "Report" }),
        '\r\n--limit\r\nContent-Disposition: form-data; name="VersionData"; filename="r.bin"\r\n',
        "Content-Type: application/octet-stream\r\n\r\n",
        bytes,
        "\r\n--limit--\r\n",
      ]),
    });
    assert.equal(created.status, 201);
    const { id } = await created.json();
    const down = await session.fetch(`/sobjects/ContentVersion/${id}/VersionData`);
    assert.deepEqual(new Uint8Array(await down.arrayBuffer()), bytes);
    const version = await session.query<Record<string, unknown>>(
      "SELECT Title, ContentSize, FileExtension, IsLatest, VersionData, " +
        `ContentDocument.LatestPublishedVersionId FROM ContentVersion WHERE Id = '${id}'`,
    ).first();
    assert.equal(version!.Title, "Report");
    assert.equal(version!.ContentSize, bytes.length);
    assert.equal(version!.FileExtension, "bin");
    assert.equal(
      version!.VersionData,
      `/services/data/v67.0/sobjects/ContentVersion/${id}/VersionData`,
    );
    assert.deepEqual(
      (version!.ContentDocument as Record<string, unknown>).LatestPublishedVersionId,
      id,
    );
  });

  test("the org begins with files, linked to their owner and to a record", async () => {
    const file = await session.query<
      { Id: string; ContentDocumentId: string; ContentSize: number }
    >(
      "SELECT Id, ContentDocumentId, ContentSize FROM ContentVersion ORDER BY Title LIMIT 1",
    ).first();
    const down = await session.fetch(`/sobjects/ContentVersion/${file!.Id}/VersionData`);
    assert.equal((await down.arrayBuffer()).byteLength, file!.ContentSize);
    const links = await session.query<{ LinkedEntity: { Type: string } }>(
      "SELECT LinkedEntity.Type FROM ContentDocumentLink " +
        `WHERE ContentDocumentId = '${file!.ContentDocumentId}' ORDER BY LinkedEntity.Type`,
    );
    assert.deepEqual(links.map(({ LinkedEntity }) => LinkedEntity.Type), ["Account", "User"]);
  });

  test("a FormData object is refused, as Salesforce does", async () => {
    const upload = async (details: string | Blob) => {
      const body = new FormData();
      body.append("entity_content", details);
      body.append("VersionData", new Blob(["x"]), "x.txt");
      const init = { method: "POST", body, throwHttpErrors: false };
      return (await session.fetch("/sobjects/ContentVersion", init)).json();
    };
    const details = JSON.stringify({ PathOnClient: "x.txt" });
    const errorCode = "INVALID_MULTIPART_REQUEST";
    assert.deepEqual(await upload(details), [
      { message: "Multipart message must include a non-binary part", errorCode },
    ]);
    assert.deepEqual(await upload(new Blob([details], { type: "application/json" })), [
      { message: "Cannot include more than one binary part", errorCode },
    ]);
  });

  test("a new version of a file takes the place of the old", async () => {
    const upload = (text: string, more: Record<string, string>) =>
      session.fetch("/sobjects/ContentVersion", {
        method: "POST",
        json: { PathOnClient: "note.txt", VersionData: btoa(text), ...more },
      }).json();
    const { id } = await upload("one", {});
    const { ContentDocumentId } = await session.fetch(`/sobjects/ContentVersion/${id}`)
      .json();
    await upload("two", { ContentDocumentId: ContentDocumentId! });
    const versions = await session.query<Record<string, unknown>>(
      `SELECT VersionNumber, IsLatest FROM ContentVersion WHERE ContentDocumentId = '${ContentDocumentId}'`,
      { attributes: false },
    );
    assert.deepEqual(versions, [
      { VersionNumber: "1", IsLatest: false },
      { VersionNumber: "2", IsLatest: true },
    ]);
  });
});

test("a multipart request of thousands of parts is refused", async () => {
  const boundary = { "content-type": "multipart/form-data; boundary=b" };
  const part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n{}\r\n';
  const body = part.repeat(20_000) + "--b--\r\n";
  const { status, body: [error] } = await newOrg(1)
    .call("POST", "/sobjects/ContentVersion", body, { headers: boundary });
  assert.deepEqual([status, error.errorCode], [400, "INVALID_MULTIPART_REQUEST"]);
});
