/**
 * Files: a ContentVersion holds the bytes, its ContentDocument the versions, links the places
 * where it shows.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { parseJson } from "./body.ts";
import { refusal } from "./errors.ts";
import type { Store, Values } from "./records.ts";
import type { ObjectType } from "./schema.ts";
import type { Body } from "./validate.ts";

/** Fills in what Salesforce derives from a new version's bytes and path. */
export function completeVersion(store: Store, values: Values, userId: string): Values {
  const bytes = Buffer.from(String(values.VersionData ?? ""), "base64");
  const path = String(values.PathOnClient);
  const name = path.split(/[\\/]/).at(-1)!;
  const extension = /\.([^.]+)$/.exec(name)?.[1] ?? null;
  const title = values.Title ?? name.replace(/\.[^.]+$/, "");
  const details: Values = {
    Title: title,
    ContentSize: bytes.length,
    FileExtension: extension,
    FileType: extension?.toUpperCase() ?? "UNKNOWN",
  };
  const documents = store.table("ContentDocument")!;
  const documentId = values.ContentDocumentId ??
    documents.id(documents.insert(details, userId));
  const earlier = supersedeVersions(store, documentId, userId);
  return {
    ...values,
    ...details,
    ContentDocumentId: documentId,
    Checksum: createHash("md5").update(bytes).digest("hex"),
    VersionNumber: String(earlier + 1),
    IsLatest: true,
  };
}

function supersedeVersions(store: Store, documentId: Values[string], userId: string): number {
  const versions = store.table("ContentVersion")!;
  const rows = [...versions.lookup("ContentDocumentId", documentId)];
  for (const row of rows) versions.update(row, { IsLatest: false }, userId);
  return rows.length;
}

/** Makes a new version the latest of its document and links the document to its owner and place. */
export function publishVersion(store: Store, row: number, userId: string): void {
  const versions = store.table("ContentVersion")!;
  const documentId = versions.get(row, "ContentDocumentId");
  const document = store.find(documentId)!;
  document.table.update(document.row, { LatestPublishedVersionId: versions.id(row) }, userId);
  const links = store.table("ContentDocumentLink")!;
  if (links.lookup("ContentDocumentId", documentId).length) return;
  const link = (LinkedEntityId: Values[string], ShareType: string) =>
    links.insert({ LinkedEntityId, ContentDocumentId: documentId, ShareType }, userId);
  link(userId, "I");
  const place = versions.get(row, "FirstPublishLocationId");
  if (place !== null) link(place, "V");
}

/**
 * Reads a multipart upload: a part named after a base64 field holds its bytes, any other part the
 * record as JSON.
 */
export async function readMultipart(
  object: ObjectType,
  contentType: string,
  bytes: Uint8Array,
): Promise<Body> {
  const body: Body = {};
  for (const [name, part] of await parseForm(contentType, bytes)) {
    const blob = typeof part === "string" ? new Blob([part]) : part;
    const isBytes = object.field(name)?.type === "base64";
    if (isBytes) body[name] = Buffer.from(await blob.arrayBuffer()).toString("base64");
    else Object.assign(body, parseJson(await blob.text()));
  }
  return body;
}

async function parseForm(contentType: string, bytes: Uint8Array): Promise<FormData> {
  const headers = { "content-type": contentType };
  try {
    return await new Response(bytes as BodyInit, { headers }).formData();
  } catch {
    throw refusal(400, "INVALID_MULTIPART_REQUEST", "The multipart request cannot be parsed");
  }
}

/** The bytes of a base64 field. */
export function bytesOf(value: Values[string]): Uint8Array {
  return new Uint8Array(Buffer.from(String(value ?? ""), "base64"));
}
