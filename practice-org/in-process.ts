/**
 * The practice org without a socket: turns a standard `Request` into a standard `Response`.
 *
 * @module
 */
import { perform } from "./core.ts";
import type { Fault } from "./faults.ts";
import { type Call, encode, firstHalf, type Reply, wholeBody } from "./http.ts";
import type { Org } from "./org.ts";
import { pieces } from "./pieces.ts";

const NO_BODY = [204, 205, 304];
const REDIRECTS = [301, 302, 303, 307, 308];
const MAX_REDIRECTS = 20;

/** Answers a request. Depending on the fault, it rejects, never settles, or breaks off the body of the answer. */
export async function handle(org: Org, request: Request): Promise<Response> {
  const { reply, fault } = await perform(org, await callOf(request));
  if (reply) return await responseOf(org, request, reply, fault);
  if (fault?.kind === "cut") throw connectionCut();
  return await new Promise(() => {});
}

/** Returns a function that works like `fetch`, with this org as the only host. */
export function fetchFrom(org: Org): typeof fetch {
  return async (input, init) => {
    let request = new Request(input, init);
    for (let redirects = 0;; redirects++) {
      const response = await untilAborted(request, ask(org, request.clone()));
      const location = response.headers.get("location");
      const isRedirect = REDIRECTS.includes(response.status) && location !== null;
      if (!isRedirect || request.redirect === "manual") return response;
      if (request.redirect === "error" || redirects === MAX_REDIRECTS) {
        throw new TypeError("fetch failed", { cause: new Error("unexpected redirect") });
      }
      request = redirected(request, response.status, new URL(location, request.url));
    }
  };
}

async function ask(org: Org, request: Request): Promise<Response> {
  const { origin } = new URL(request.url);
  if (origin !== org.loginUrl && origin !== org.instanceUrl && !org.formerInstances.has(origin)) {
    const cause = new Error(`The practice org answers at ${org.loginUrl}, not at ${origin}`);
    throw new TypeError("fetch failed", { cause });
  }
  return await handle(org, request);
}

/** Returns the request that follows a redirect. Only 307 and 308 keep the method and the body. */
function redirected(request: Request, status: number, url: URL): Request {
  if (status === 307 || status === 308) return new Request(url, request);
  const { headers, signal, redirect } = request;
  return new Request(url, { headers, signal, redirect });
}

function untilAborted(request: Request, answer: Promise<Response>): Promise<Response> {
  const { signal } = request;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

async function callOf(request: Request): Promise<Call> {
  const { pathname, search, searchParams, origin } = new URL(request.url);
  const { method, headers } = request;
  const hasBody = method !== "GET" && method !== "HEAD";
  return {
    method,
    target: pathname + search,
    path: pathname,
    query: searchParams,
    headers,
    origin,
    size: [...headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0) +
      request.url.length,
    body: hasBody ? new Uint8Array(await request.arrayBuffer()) : NOTHING,
  };
}

const NOTHING = new Uint8Array();

async function responseOf(
  org: Org,
  request: Request,
  reply: Reply,
  fault: Fault | undefined,
): Promise<Response> {
  const { status } = reply;
  const { headers, body } = encode(reply);
  const hasBody = request.method !== "HEAD" && !NO_BODY.includes(status);
  const sent = hasBody ? await bodyUnder(org, fault, body) : null;
  return new Response(sent as BodyInit | null, { status, headers });
}

type Body = NonNullable<Reply["body"]>;

async function bodyUnder(org: Org, fault: Fault | undefined, body: Body): Promise<Body> {
  switch (fault?.kind) {
    case "hang-mid-body":
      return stream(half(await wholeBody(body), () => new Promise(() => {})));
    case "cut-mid-body":
      return stream(half(await wholeBody(body), () => Promise.reject(connectionCut())));
    case "drip":
      return stream(pieces(await wholeBody(body), fault.delay, org.end.signal));
    default:
      return body;
  }
}

async function* half(body: Uint8Array, then: () => Promise<void>): AsyncGenerator<Uint8Array> {
  yield firstHalf(body);
  await then();
}

function stream(source: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
}

function connectionCut(): TypeError {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  return new TypeError("fetch failed", { cause });
}
