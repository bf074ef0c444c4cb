/** What the benchmark's clients talk to, in a process of its own: fixed answers, made beforehand. */
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const DATA = "/services/data/v67.0";
const PAGE = 2_000;
/** Records by what a query has in it: an account of 100,000, a contact of a million. */
const TOTALS: [RegExp, number][] = [[/LIMIT 5/, 5], [/FROM Account/, 100_000], [
  /FROM Contact/,
  1e6,
]];

const RECORDS = Array.from({ length: PAGE }, (_, i) => ({
  attributes: { type: "Account", url: `${DATA}/sobjects/Account/001${i}` },
  Id: `0015e00000${String(i).padStart(8, "0")}`,
  Name: `Account number ${i}`,
  Industry: "Energy",
  AnnualRevenue: 1_000 * i,
  CreatedDate: "2026-11-22T10:20:30.000+0000",
}));
const FULL_PAGE = JSON.stringify(RECORDS);
const LIMITS = JSON.stringify({ DailyApiRequests: { Max: 100_000, Remaining: 99_000 } });

function page(total: number, from: number): string {
  const records = total < PAGE ? JSON.stringify(RECORDS.slice(0, total)) : FULL_PAGE;
  const next = from + PAGE;
  const rest = next < total
    ? `"done":false,"nextRecordsUrl":"${DATA}/query/01gBench-${total}-${next}"`
    : `"done":true`;
  return `{"totalSize":${total},${rest},"records":${records}}`;
}

function answer(path: string): string | undefined {
  if (path === "/services/oauth2/token") return token;
  if (path === `${DATA}/limits`) return LIMITS;
  const [, total, from] = /query\/01gBench-(\d+)-(\d+)$/.exec(path) ?? [];
  if (total) return page(Number(total), Number(from));
  const query = decodeURIComponent(/\/query\/?\?q=(.*)/.exec(path)?.[1] ?? "").replaceAll("+", " ");
  const found = TOTALS.find(([pattern]) => pattern.test(query));
  return found && page(found[1], 0);
}

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    const body = answer(request.url!);
    const text = body ?? `[{"errorCode":"NOT_FOUND","message":"${request.url} is not part of it"}]`;
    response.writeHead(body ? 200 : 404, {
      "content-type": "application/json;charset=UTF-8",
      "content-length": Buffer.byteLength(text),
    }).end(text);
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const token = JSON.stringify({
  access_token: "00D5e000000AbCd!AQbench.bench",
  instance_url: url,
  id: `${url}/id/00D5e000000AbCdEAA/0055e000000XyZwAAB`,
  token_type: "Bearer",
  scope: "api",
});
console.log(url);
