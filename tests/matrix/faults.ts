/** What goes wrong on the way, each in the words of the matrix's rows. */
import type { Buffer } from "node:buffer";
import { type Answer, EXPIRED, type MatrixOrg, type Strike } from "./org.ts";

/** One row of the matrix. */
export interface Fault {
  name: string;
  /** How many requests it strikes; all later ones are answered as usual. @default {Infinity} */
  times?: number;
  /** Nothing listens. `strike` is not called then. */
  isRefused?: boolean;
  /** The org has moved to another host by the time that the fault strikes. */
  isMove?: boolean;
  /** Answers in place of the org. */
  strike?: (strike: Strike) => void;
  /** Changes the org before anything is sent. */
  prepare?: (org: MatrixOrg) => void;
  /** The caller's `timeout` in ms, where the fault is one of time. */
  timeout?: number;
}

const BUSY = JSON.stringify([{ errorCode: "SERVER_UNAVAILABLE", message: "Busy" }]);
const DAY = 86_400_000;

const answers = (answer: Answer) => ({ send }: Strike) => send(answer);
const busy = (status: number, retryAfter?: string) =>
  answers({ status, body: BUSY, headers: retryAfter ? { "retry-after": retryAfter } : {} });

/** Performs the request and answers with other content. */
const performs = (change: (answer: Answer) => Answer) => ({ perform, send }: Strike) => {
  const answer = perform();
  send(answer.status === 204 ? answer : change(answer));
};

const both = (name: string, fault: Omit<Fault, "name">): Fault[] => [
  { name: `${name}, once`, ...fault, times: 1 },
  { name: `${name}, always`, ...fault },
];

/** A redirect to the same resource, or to where `to` says. */
const redirect = (status: number, to?: string) => ({ request: { path }, perform, send }: Strike) =>
  path.includes("redirected=")
    ? send(perform())
    : send({ status, headers: { location: to ?? redirected(path) } });

const redirected = (path: string) => `${path}${path.includes("?") ? "&" : "?"}redirected=1`;
const REDIRECTS = [301, 302, 303, 307, 308];

/** Half of an answer's body, or of its head where it has no body. */
function half(bytes: Uint8Array): Uint8Array {
  const head = (bytes as Buffer).indexOf("\r\n\r\n") + 4;
  const body = bytes.length - head;
  return bytes.subarray(0, body > 0 ? head + Math.floor(body / 2) : Math.floor(head / 2));
}

/** All but the last part of an answer that comes in parts. */
function unfinished(answer: Answer): Answer {
  const body = String(answer.body ?? "");
  const chunk = `${Math.ceil(body.length / 2).toString(16)}\r\n${
    body.slice(0, Math.ceil(body.length / 2))
  }\r\n`;
  return {
    ...answer,
    body: new TextEncoder().encode(body ? chunk : ""),
    headers: {
      "content-type": "application/json",
      "content-length": "",
      "transfer-encoding": "chunked",
    },
  };
}

/** A body in small pieces: slower as a whole than the caller's timeout, with no long pause in it. */
function drip({ perform, encode, socket }: Strike): void {
  const PIECES = 20;
  const bytes = encode(perform());
  let at = (bytes as Buffer).indexOf("\r\n\r\n") + 4;
  const size = Math.ceil((bytes.length - at) / PIECES);
  socket.write(bytes.subarray(0, at));
  const timer = setInterval(() => {
    if (at >= bytes.length || socket.destroyed) {
      clearInterval(timer);
      return void socket.end();
    }
    socket.write(bytes.subarray(at, at += size));
  }, 200);
}

/** Every row, in the order in which they are shown. */
export const FAULTS: Fault[] = [
  { name: "none", times: 0 },
  ...both("connection refused", { isRefused: true }),
  ...both("reset, nothing performed", { strike: ({ socket }) => socket.resetAndDestroy() }),
  ...both("closed, nothing performed", { strike: ({ socket }) => void socket.end() }),
  ...both("reset after it was performed", {
    strike: ({ perform, socket }) => (perform(), socket.resetAndDestroy()),
  }),
  ...both("closed after it was performed", {
    strike: ({ perform, socket }) => (perform(), void socket.end()),
  }),
  ...both("half a body", {
    strike: ({ perform, encode, socket }) => void socket.end(half(encode(perform()))),
  }),
  ...both("half a body, in parts", { strike: performs(unfinished) }),
  {
    name: "hangs before the head",
    timeout: 3000,
    strike: ({ perform }) => void perform(),
  },
  {
    name: "hangs after the head",
    timeout: 3000,
    strike: ({ perform, encode, socket, send }) => {
      const answer = perform();
      if (!answer.body) send(answer);
      else socket.write(half(encode(answer)));
    },
  },
  { name: "slow drip", timeout: 3000, strike: drip },
  ...[420, 429, 500, 502, 503, 504].flatMap((status) =>
    both(`${status}`, { strike: busy(status) })
  ),
  ...[420, 429, 503].flatMap((status) => [
    { name: `${status}, Retry-After: 0, once`, times: 1, strike: busy(status, "0") },
    { name: `${status}, Retry-After: a day`, strike: busy(status, "86400") },
  ]),
  {
    name: "503, Retry-After: a date, once",
    times: 1,
    strike: busy(503, new Date(0).toUTCString()),
  },
  {
    name: "HTML",
    strike: answers({
      status: 200,
      headers: { "content-type": "text/html" },
      body: "<!doctype html><title>Log in</title>",
    }),
  },
  { name: "empty", strike: performs((answer) => ({ ...answer, body: "" })) },
  { name: "invalid JSON", strike: performs((answer) => ({ ...answer, body: '{"id":"001' })) },
  ...both("damaged gzip", {
    strike: performs((answer) => ({
      ...answer,
      headers: { "content-encoding": "gzip", "content-type": "application/json" },
      body: new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    })),
  }),
  ...REDIRECTS.map((status) => ({ name: `${status} within the org`, strike: redirect(status) })),
  ...REDIRECTS.map((status) => ({
    name: `${status} to another host`,
    strike: redirect(status, "http://127.0.0.1:9/stolen"),
  })),
  {
    name: "redirects in a circle",
    strike: ({ request, send }) => send({ status: 302, headers: { location: request.path } }),
  },
  {
    name: "instance moved",
    times: 1,
    isMove: true,
    strike: ({ request, perform, send }) =>
      send(request.path.startsWith("/services/oauth2/") ? perform() : EXPIRED),
  },
  ...both("session expired", { strike: ({ org, send }) => (org.expire(), send(EXPIRED)) }),
  ...both("Bad_OAuth_Token", {
    strike: ({ org, send }) => {
      org.expire();
      send({ status: 403, body: "Bad_OAuth_Token", headers: { "content-type": "text/html" } });
    },
  }),
  {
    name: "session expired, sign-in refused",
    strike: ({ org, send }) => {
      org.refusesSignIn = true;
      send(EXPIRED);
    },
  },
  {
    name: "session without the API",
    strike: answers({
      status: 401,
      body: JSON.stringify([{
        errorCode: "INVALID_SESSION_ID",
        message: "This session is not valid for use with the REST API",
      }]),
    }),
  },
  {
    name: "clock a day behind",
    prepare: (org) => {
      org.clockOffset = DAY;
      org.jwtTokens = true;
    },
  },
  {
    name: "clock a day ahead",
    prepare: (org) => {
      org.clockOffset = -DAY;
      org.jwtTokens = true;
    },
  },
];
