/**
 * The SOAP APIs, as far as the official CLI needs them: anonymous Apex with its debug log, and lists of metadata.
 *
 * @module
 */
import { type Call, type Reply, textOf } from "../http.ts";
import type { Org } from "../org.ts";
import { OBJECTS } from "../schema.ts";
import { executeAnonymous } from "./anonymous.ts";
import { debugLog, keepLog } from "./debug-log.ts";

const NAMESPACES: Record<string, string> = {
  s: "http://soap.sforce.com/2006/08/apex",
  m: "http://soap.sforce.com/2006/04/metadata",
};

/** An answer of an operation, as the children of its element. */
interface Answer {
  header?: Xml;
  result: Xml | Xml[];
}

type Xml = { [name: string]: string | number | boolean | null | Xml };

interface Operation {
  /** The API that has it, as the path names it. */
  api: string;
  answer(org: Org, userId: string, body: string): Answer;
}

const OPERATIONS: Record<string, Operation> = {
  executeAnonymous: { api: "s", answer: runAnonymous },
  describeMetadata: { api: "m", answer: describeMetadata },
  listMetadata: { api: "m", answer: listMetadata },
};

/** Answers `POST /services/Soap/s/NN.N/…` and its like. */
export function soap(org: Org, call: Call, api: string): Reply {
  const body = textOf(call);
  const session = org.sessions.use(elementIn(body, "sessionId"));
  if (!session) {
    return fault(
      "INVALID_SESSION_ID",
      "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session",
    );
  }
  const name = /<(?:\w+:)?Body(?:\s[^<>]*)?>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? "";
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name]! : undefined;
  if (operation?.api !== api) {
    return fault("UNKNOWN_EXCEPTION", `The practice org does not have the SOAP operation ${name}`);
  }
  org.apiUsage++;
  const { header, result } = operation.answer(org, session.user.id, body);
  const results = [result].flat().map((each) => element("result", each)).join("");
  return envelope(
    200,
    NAMESPACES[api]!,
    header ? `<soapenv:Header>${children(header)}</soapenv:Header>` : "",
    `<${name}Response>${results}</${name}Response>`,
  );
}

function runAnonymous(org: Org, userId: string, body: string): Answer {
  const source = elementIn(body, "apexcode") ?? elementIn(body, "String") ?? "";
  const run = executeAnonymous(source);
  const log = debugLog(org, userId, source, run);
  keepLog(org, userId, log);
  return { header: { DebuggingInfo: { debugLog: log } }, result: { ...run.result } };
}

const METADATA_TYPES = [
  { xmlName: "ApexClass", directoryName: "classes", suffix: "cls", metaFile: true },
  { xmlName: "ApexTrigger", directoryName: "triggers", suffix: "trigger", metaFile: true },
  { xmlName: "CustomObject", directoryName: "objects", suffix: "object", metaFile: false },
];

function describeMetadata(): Answer {
  const types = METADATA_TYPES.map((type) =>
    element("metadataObjects", { ...type, inFolder: false })
  );
  const org = { organizationNamespace: "", partialSaveAllowed: true, testRequired: false };
  return { result: { [RAW]: types.join("") + children(org) } };
}

function listMetadata(org: Org, userId: string, body: string): Answer {
  const type = elementIn(body, "type") ?? "";
  return {
    result: namesOf(org, type).map((fullName, i) => ({
      createdById: userId,
      createdByName: "Practice Admin",
      createdDate: org.startedAt.toISOString(),
      fileName: `${
        METADATA_TYPES.find(({ xmlName }) => xmlName === type)?.directoryName
      }/${fullName}`,
      fullName,
      id: `01I${String(i).padStart(12, "0")}`,
      lastModifiedById: userId,
      lastModifiedByName: "Practice Admin",
      lastModifiedDate: org.startedAt.toISOString(),
      manageableState: "unmanaged",
      type,
    })),
  };
}

function namesOf({ store }: Org, type: string): string[] {
  if (type === "CustomObject") {
    return OBJECTS.filter(({ api }) => api === "data").map(({ name }) => name);
  }
  if (!METADATA_TYPES.some(({ xmlName }) => xmlName === type)) return [];
  const table = store.table(type)!;
  return table.live().map((row) => String(table.get(row, "Name")));
}

// XML

/** The key of content that is XML already. */
const RAW = "#raw";
const ENTITIES: Record<string, string> = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&quot;": '"',
  "&apos;": "'",
};

/** The text of the first element of a name, whatever its prefix. */
function elementIn(xml: string, name: string): string | undefined {
  const text = new RegExp(`<(?:\\w+:)?${name}(?:\\s[^<>]*)?>([^<]*)<`).exec(xml)?.[1];
  return text?.replace(/&(?:lt|gt|amp|quot|apos);|&#(x?)([\da-f]{1,6});/gi, (entity, hex, code) => {
    if (!code) return ENTITIES[entity.toLowerCase()]!;
    const point = parseInt(code, hex ? 16 : 10);
    return point <= 0x10ffff ? String.fromCodePoint(point) : "";
  });
}

function children(values: Xml): string {
  return Object.entries(values).map(([name, value]) => element(name, value)).join("");
}

function element(name: string, value: Xml[string]): string {
  if (name === RAW) return String(value);
  if (value === null) return `<${name} xsi:nil="true"/>`;
  const content = typeof value === "object" ? children(value) : escapeXml(String(value));
  return `<${name}>${content}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function fault(code: string, message: string): Reply {
  return envelope(
    500,
    "",
    "",
    `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${
      escapeXml(message)
    }</faultstring>` +
      "</soapenv:Fault>",
  );
}

function envelope(status: number, namespace: string, header: string, body: string): Reply {
  return {
    status,
    headers: { "Content-Type": "text/xml;charset=UTF-8" },
    body: '<?xml version="1.0" encoding="UTF-8"?>' +
      '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ' +
      `xmlns:sf="urn:fault.partner.soap.sforce.com"${namespace && ` xmlns="${namespace}"`} ` +
      'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
      `${header}<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  };
}
