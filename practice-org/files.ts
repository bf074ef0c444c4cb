/**
 * Files. A ContentVersion holds the bytes, its ContentDocument has all versions, and
 * ContentDocumentLinks name the records on which the file is shown.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { parseJson } from "./rest/body.ts";
import { type ApiError, refusal } from "./errors.ts";
import type { Store, Values } from "./records.ts";
import type { Body } from "./validate.ts";

/** Adds the values that Salesforce derives from the bytes and the path of a new version. */
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

/** Makes a new version the latest of its document, and links the document to its owner and record. */
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

/** Two are of use; each is looked for in the whole body. */
const MOST_PARTS = 10;

/**
 * Reads a multipart upload: the part with a file name holds the bytes, the other part the record as
 * JSON. Like Salesforce, it rejects a FormData object: its text parts have no content type, and its
 * blobs all have a file name.
 */
export async function readMultipart(contentType: string, bytes: Uint8Array): Promise<Body> {
  const body: Body = {};
  let [texts, files] = [0, 0];
  const parts = [...await parseForm(contentType, bytes)];
  if (parts.length > MOST_PARTS) throw badMultipart("The multipart request has too many parts");
  for (const [name, part] of parts) {
    if (typeof part === "string") {
      if (!hasContentType(bytes, name)) continue;
      texts++;
      Object.assign(body, parseJson(part));
    } else {
      files++;
      body[name] = Buffer.from(await part.arrayBuffer()).toString("base64");
    }
  }
  if (files > 1) throw badMultipart("Cannot include more than one binary part");
  if (texts === 0) throw badMultipart("Multipart message must include a non-binary part");
  if (texts > 1) throw badMultipart("Cannot include more than one non-binary part");
  return body;
}

function hasContentType(bytes: Uint8Array, name: string): boolean {
  const text = "\r\n" + Buffer.from(bytes).toString("latin1");
  const at = text.indexOf(`name="${Buffer.from(name).toString("latin1")}"`);
  const head = text.slice(text.lastIndexOf("\r\n--", at), text.indexOf("\r\n\r\n", at));
  return /\r\ncontent-type:/i.test(head);
}

async function parseForm(contentType: string, bytes: Uint8Array): Promise<FormData> {
  const headers = { "content-type": contentType };
  try {
    return await new Response(bytes as BodyInit, { headers }).formData();
  } catch {
    throw badMultipart("The multipart request cannot be parsed");
  }
}

function badMultipart(message: string): ApiError {
  return refusal(400, "INVALID_MULTIPART_REQUEST", message);
}

/** Returns the bytes of a base64 field. */
export function bytesOf(value: Values[string]): Uint8Array {
  return new Uint8Array(Buffer.from(String(value ?? ""), "base64"));
}
