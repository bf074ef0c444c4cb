/**
 * Debug logs: what an anonymous block writes, kept where a trace flag asks for it.
 *
 * @module
 */
import type { Org } from "../org.ts";
import { datetimeOf, type RecordRef } from "../records.ts";
import type { ApexRun } from "./anonymous.ts";

const LEVELS = "APEX_CODE,DEBUG;APEX_PROFILING,NONE;CALLOUT,NONE;DB,NONE;NBA,NONE;SYSTEM,NONE;" +
  "VALIDATION,NONE;VISUALFORCE,NONE;WAVE,NONE;WORKFLOW,NONE";
const OPERATION = "/services/data/tooling/executeAnonymous";

/** Returns the debug log of an anonymous block. */
export function debugLog(org: Org, userId: string, source: string, run: ApexRun): string {
  const { result, debugged } = run;
  if (!result.compiled) return "";
  const user = Object.values(org.users).find(({ id }) => id === userId);
  const time = new Date().toISOString().slice(11, 22);
  const line = (...parts: string[]): string => [`${time} (0)`, ...parts].join("|");
  return [
    `68.0 ${LEVELS}`,
    ...source.split("\n").map((each) => `Execute Anonymous: ${each}`),
    line(
      "USER_INFO",
      "[EXTERNAL]",
      userId,
      user?.username ?? "",
      "(GMT) Greenwich Mean Time",
      "GMT",
    ),
    line("EXECUTION_STARTED"),
    line("CODE_UNIT_STARTED", "[EXTERNAL]", "execute_anonymous_apex"),
    ...debugged.map(({ line: at, text }) => line("USER_DEBUG", `[${at}]`, "DEBUG", text)),
    ...(result.exceptionMessage
      ? [line("FATAL_ERROR", result.exceptionMessage, result.exceptionStackTrace ?? "")]
      : []),
    line("CODE_UNIT_FINISHED", "execute_anonymous_apex"),
    line("EXECUTION_FINISHED"),
    "",
  ].join("\n");
}

/** Keeps a log as an ApexLog record, if a trace flag of the user is on. */
export function keepLog(org: Org, userId: string, text: string): void {
  if (!isTraced(org, userId)) return;
  const logs = org.store.table("ApexLog")!;
  const row = logs.insert({
    LogUserId: userId,
    Application: "Unknown",
    Location: "Monitoring",
    Operation: OPERATION,
    Request: "Api",
    Status: "Success",
    LogLength: text.length,
    DurationMilliseconds: 1,
    StartTime: datetimeOf(Date.now()),
  }, userId);
  org.logs.set(logs.id(row), text);
}

function isTraced({ store }: Org, userId: string): boolean {
  const flags = store.table("TraceFlag")!;
  return flags.lookup("TracedEntityId", userId).some((row) => {
    if (flags.isDeleted(row)) return false;
    const [from, to] = ["StartDate", "ExpirationDate"]
      .map((name) => Date.parse(String(flags.get(row, name)).replace("+0000", "Z")));
    return !(from! > Date.now()) && !(to! < Date.now());
  });
}

/** Returns the text of an ApexLog record. */
export function logBody(org: Org, { table, row }: RecordRef): string {
  const operation = String(table.get(row, "Operation"));
  return org.logs.get(table.id(row)) ?? `68.0 ${LEVELS}\nOperation: ${operation}\n`;
}
