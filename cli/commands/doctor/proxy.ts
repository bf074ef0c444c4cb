/**
 * The proxy on a request's way, as each runtime finds it in the environment.
 *
 * @module
 */
import process from "node:process";

/** A proxy that the environment names. */
export interface Proxy {
  /** Its origin, without user name and password. */
  url: string;
  /** The variable that names it. */
  variable: string;
  /** Whether this runtime sends requests through it: Node does so only when it is told to. */
  isUsed: boolean;
}

/** The proxy for a URL, if the environment names one. */
export function proxyFor(url: string, env: NodeJS.ProcessEnv = process.env): Proxy | undefined {
  const { protocol, hostname, port } = new URL(url);
  const names = protocol === "https:"
    ? ["https_proxy", "HTTPS_PROXY"]
    : ["http_proxy", "HTTP_PROXY"];
  const variable = names.find((name) => env[name]);
  if (!variable || isExcepted(hostname, port, env.no_proxy ?? env.NO_PROXY ?? "")) return undefined;
  const value = env[variable]!;
  const text = value.includes("://") ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  return {
    url: proxy ? `${proxy.protocol}//${proxy.host}` : "which is not a URL",
    variable,
    isUsed: usesProxies(env),
  };
}

function usesProxies(env: NodeJS.ProcessEnv): boolean {
  if (process.versions.deno || process.versions.bun) return true;
  const flags = [...process.execArgv, ...(env.NODE_OPTIONS ?? "").split(/\s+/)];
  return env.NODE_USE_ENV_PROXY === "1" || flags.includes("--use-env-proxy");
}

/** `NO_PROXY` lists hosts, each with its subdomains, separated by commas; `*` means all. */
function isExcepted(hostname: string, port: string, list: string): boolean {
  return list.split(/[\s,]+/).filter(Boolean).some((entry) => {
    const [, host = "", only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (only && only !== port) return false;
    return entry === "*" || hostname === host || hostname.endsWith(`.${host}`);
  });
}
