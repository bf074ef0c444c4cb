/**
 * Calls as a TypeScript file that imports sfetch. It reads its settings where the session read them. No secret is
 * written: what looks like one is left out, and a comment says so.
 */
import type { Call, RequestCall } from "../run/call.ts";
import { holdsSecret } from "./secrets.ts";

/** Something that was sent or evaluated. */
export type LoggedCall =
  | Call
  | { kind: "expression"; code: string; statements: boolean; names: string[] };

const PRACTICE = "practice";

/** Where the module is imported from: this copy, or the package where this copy was installed as one. */
function moduleUrl(file: string): string {
  const url = new URL(`../../${file}`, import.meta.url);
  if (!url.pathname.includes("/node_modules/")) return url.href;
  return file === "mod.ts" ? "sfetch" : "sfetch/practice-org";
}

/** Writes one script. */
export class ScriptWriter {
  #entries: { call: LoggedCall; org?: string }[];
  #secret = false;

  constructor(entries: { call: LoggedCall; org?: string }[]) {
    this.#entries = entries;
  }

  /** The script. */
  text(): string {
    const orgs = [...new Set(this.#entries.map(({ org }) => org))];
    const single = this.#entries.length === 1;
    const body = this.#entries.map(({ call, org }) => {
      const sf = sessionName(orgs, org);
      return single ? this.#only(call, sf) : this.#step(call, sf);
    });
    const names = this.#names();
    return [
      names.length > 0 && "// deno-lint-ignore-file no-explicit-any prefer-const",
      "// Made by sfetch from what was typed. Run it with " + runners(orgs.includes(PRACTICE)),
      this.#secret &&
      "// Values that looked like secrets were left out: replace each **** with a value from the environment.",
      ...imports(orgs, this.#uses("soql")),
      "",
      ...orgs.flatMap((org) => opening(orgs, org)),
      "",
      ...(names.length > 0
        ? [
          `let ${names.map((name) => `${name}: any`).join(", ")};`,
          "",
        ]
        : []),
      ...body,
      ...(orgs.includes(PRACTICE) ? ["", "await practice.close();"] : []),
    ].filter((line) => line !== false).join("\n");
  }

  /** `_`, the last result, and the variables that expressions made. */
  #names(): string[] {
    if (this.#entries.length === 1) return [];
    const made = this.#entries.flatMap(({ call }) => call.kind === "expression" ? call.names : []);
    return ["_", ...(this.#uses("rows") ? ["rows"] : []), ...new Set(made)];
  }

  #only(call: LoggedCall, sf: string): string {
    if (call.kind === "expression") return this.#step(call, sf);
    const name = call.kind === "query" ? "records" : "result";
    return `const ${name} = ${this.#expression(call, sf)};\n${print(name)}`;
  }

  #step(call: LoggedCall, sf: string): string {
    if (call.kind === "expression" && call.statements) return this.#code(call.code);
    const names = call.kind === "query" && this.#uses("rows") ? "_ = rows" : "_";
    return `${names} = ${this.#expression(call, sf)};\n${print("_")}`;
  }

  /** Whether an expression of the session mentions this name. */
  #uses(name: string): boolean {
    const pattern = new RegExp(`(?<![\\w$.])${name}(?![\\w$])`);
    return this.#entries.some(({ call }) => call.kind === "expression" && pattern.test(call.code));
  }

  #expression(call: LoggedCall, sf: string): string {
    switch (call.kind) {
      case "query": {
        const flags = [
          "attributes: false",
          call.tooling && "tooling: true",
          call.queryAll && "queryAll: true",
        ];
        const soql = quote(this.#masked(call.soql));
        return `await ${sf}.query(${soql}, { ${flags.filter(Boolean).join(", ")} })`;
      }
      case "search":
        return `(await ${sf}.fetch("/search", { searchParams: { q: ${
          quote(this.#masked(call.sosl))
        } } }).json<any>()).searchRecords`;
      case "apex":
        return `await ${sf}.fetch("/tooling/executeAnonymous", { searchParams: { anonymousBody: ${
          quote(this.#masked(call.code))
        } } }).json()`;
      case "request":
        return this.#request(call, sf);
      case "expression":
        return `await (${this.#code(call.code)})`;
    }
  }

  #request(call: RequestCall, sf: string): string {
    const init = [
      call.method !== "GET" && `method: ${quote(call.method)}`,
      typeof call.body === "string" && this.#body(call.body, call.headers?.get("content-type")),
    ].filter(Boolean).join(", ");
    const path = quote(this.#masked(call.path));
    const answer = `${sf}.fetch(${path}${init ? `, { ${init} }` : ""})`;
    return `await ${answer}.text().then((text) => text && JSON.parse(text))`;
  }

  #body(body: string, type?: string | null): string {
    const masked = this.#masked(body);
    try {
      return `json: ${JSON.stringify(JSON.parse(masked))}`;
    } catch {
      return `headers: { "content-type": ${quote(type ?? "application/json")} }, body: ${
        quote(masked)
      }`;
    }
  }

  #masked(text: string): string {
    if (!holdsSecret(text)) return text;
    this.#secret = true;
    const masked = maskLiterals(text).replace(
      /((?:pass|pwd|secret|token|key|assertion|authorization|credential|session)\w*"?\s*[:=]\s*"?)[^"&,}\s]+/gi,
      "$1****",
    );
    return holdsSecret(masked.replaceAll("****", "")) ? "****" : masked;
  }

  /** In code only literals are secrets; the rest must stay code. */
  #code(code: string): string {
    if (!holdsSecret(code)) return code;
    this.#secret = true;
    return maskLiterals(code);
  }
}

/** Keys and tokens by what they look like, and quoted values by the name in front of them. */
function maskLiterals(text: string): string {
  return text
    .replace(/-----BEGIN [A-Z ]+-----[^]*?(-----END [A-Z ]+-----|$)/g, "****")
    .replace(/\b00D\w{12,15}![\w.]+|\beyJ[\w-]{10,}\.[\w.-]+|\b5Aep861\w+/g, "****")
    .replace(/\b(Bearer\s+)[^\s"'`,}]+/gi, "$1****")
    .replace(
      /((?:pass|pwd|secret|token|key|assertion|authorization|credential|session)\w*["'`]?\s*[:=,]\s*)(["'`])(?:\\[^]|(?!\2)[^])*\2/gi,
      "$1$2****$2",
    );
}

/** Deno finds the practice org's packages by the configuration beside it. */
function runners(practice: boolean): string {
  const config = new URL("../../deno.json", import.meta.url);
  const isCheckout = config.protocol === "file:" && !config.pathname.includes("/node_modules/");
  const flag = practice && isCheckout ? ` --config=${config.pathname}` : "";
  return `bun, node, or deno run -A${flag}.`;
}

function print(name: string): string {
  return `console.log(JSON.stringify(${name}, null, 2));`;
}

/** A literal that shows a text of several lines as such. */
function quote(text: string): string {
  if (!text.includes("\n")) return JSON.stringify(text);
  return "`" + text.replace(/[\\`]|\$\{/g, "\\$&") + "`";
}

function sessionName(orgs: (string | undefined)[], org: string | undefined): string {
  const at = orgs.indexOf(org);
  return at === 0 ? "sf" : `sf${at + 1}`;
}

function imports(orgs: (string | undefined)[], soql: boolean): string[] {
  const names = soql ? "createSession, soql" : "createSession";
  const lines = [`import { ${names} } from ${JSON.stringify(moduleUrl("mod.ts"))};`];
  if (orgs.includes(PRACTICE)) {
    const url = JSON.stringify(moduleUrl("practice-org/mod.ts"));
    lines.push(`import { startPracticeOrg } from ${url};`);
  }
  return lines;
}

function opening(orgs: (string | undefined)[], org: string | undefined): string[] {
  const sf = sessionName(orgs, org);
  if (org === PRACTICE) {
    return [
      "const practice = await startPracticeOrg();",
      "const { clientId, username, privateKey, url: loginUrl } = practice;",
      `const ${sf} = createSession({ clientId, username, privateKey, loginUrl, audience: loginUrl });`,
    ];
  }
  return [`const ${sf} = createSession(${org ? `{ org: ${JSON.stringify(org)} }` : ""});`];
}
