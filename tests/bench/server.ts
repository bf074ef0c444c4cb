/** What the benchmark's clients talk to, in a process of its own: fixed answers, made beforehand. */
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const ROWS = 100_000;
const PAGE = 2_000;
const DATA = "/services/data/v67.0";

const page = (from: number, total: number): string =>
  JSON.stringify({
    totalSize: total,
    done: from + PAGE >= total,
    ...(from + PAGE < total && { nextRecordsUrl: `${DATA}/query/01g5e00000Bench-${from + PAGE}` }),
    records: Array.from({ length: Math.min(PAGE, total - from) }, (_, i) => ({
      attributes: { type: "Account", url: `${DATA}/sobjects/Account/001${from + i}` },
      Id: `0015e00000${String(from + i).padStart(8, "0")}`,
      Name: `Account number ${from + i}`,
      Industry: "Energy",
      AnnualRevenue: 1_000 * i,
      CreatedDate: "2026-11-22T10:20:30.000+0000",
    })),
  });

const answers = new Map<string, string>();
for (let from = 0; from < ROWS; from += PAGE) {
  answers.set(`${DATA}/query/01g5e00000Bench-${from}`, page(from, ROWS));
}
const five = JSON.stringify({ ...JSON.parse(page(0, ROWS)), totalSize: 5, done: true });
const few = {
  ...JSON.parse(five),
  nextRecordsUrl: undefined,
  records: JSON.parse(five).records.slice(0, 5),
};
answers.set("few", JSON.stringify(few));

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    const path = request.url!.replace(/^\/services\/data\/v[\d.]+/, DATA);
    const body = path === "/services/oauth2/token"
      ? JSON.stringify({
        access_token: "00D5e000000AbCd!AQbench.bench",
        instance_url: url,
        id: `${url}/id/00D5e000000AbCdEAA/0055e000000XyZwAAB`,
        token_type: "Bearer",
        scope: "api",
      })
      : path.startsWith(`${DATA}/query`) && path.includes("LIMIT")
      ? answers.get("few")!
      : answers.get(path) ?? answers.get(`${DATA}/query/01g5e00000Bench-0`)!;
    response.writeHead(200, {
      "content-type": "application/json;charset=UTF-8",
      "content-length": Buffer.byteLength(body),
    }).end(body);
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
console.log(url);
