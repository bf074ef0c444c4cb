/**
 * The one right outcome of each cell.
 *
 * A cell has a word, the number of requests that arrived, for operations that write the number of
 * changes that were made, and `↻` for one further sign-in. The words: `ok`, the right value came
 * back; `broken` and `late`, a ConnectionError, `late` if the time ran out; a status, a
 * SalesforceError; `oauth` and a status, an OAuthError; `stopped`, another SfetchError.
 *
 * `*`: on Deno up to twice as many requests arrive. Its fetch repeats by itself a request that has
 * no body and whose connection ended before the answer, and only GET and HEAD cannot be given one.
 */
const TABLE = `
fault                              | token       | GET         | POST          | PATCH         | DELETE        | upload        | download    | first page  | long query  | later page  | child page
none                               | ok 1        | ok 1        | ok 1/1        | ok 1/1        | ok 1/1        | ok 1/1        | ok 1        | ok 1        | ok 1        | ok 1        | ok 1
connection refused, once           | ok 1        | ok 1        | broken 0/0    | broken 0/0    | ok 1/1        | broken 0/0    | ok 1        | ok 1        | ok 1        | ok 1        | ok 1
connection refused, always         | broken 0    | broken 0    | broken 0/0    | broken 0/0    | broken 0/0    | broken 0/0    | broken 0    | broken 0    | broken 0    | broken 0    | broken 0
reset, nothing performed, once     | ok 2        | ok 2        | broken 1/0    | broken 1/0    | ok 2/1        | broken 1/0    | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
reset, nothing performed, always   | broken 5    | broken 5*   | broken 1/0    | broken 1/0    | broken 5/0    | broken 1/0    | broken 5*   | broken 5*   | broken 5    | broken 5*   | broken 5*
closed, nothing performed, once    | ok 2        | ok 2        | broken 1/0    | broken 1/0    | ok 2/1        | broken 1/0    | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
closed, nothing performed, always  | broken 5    | broken 5*   | broken 1/0    | broken 1/0    | broken 5/0    | broken 1/0    | broken 5*   | broken 5*   | broken 5    | broken 5*   | broken 5*
reset after it was performed, once | ok 2        | ok 2        | broken 1/1    | broken 1/1    | ok 2/1        | broken 1/1    | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
reset after it was performed, always | broken 5  | broken 5*   | broken 1/1    | broken 1/1    | broken 5/1    | broken 1/1    | broken 5*   | broken 5*   | broken 5    | broken 5*   | broken 5*
closed after it was performed, once | ok 2       | ok 2        | broken 1/1    | broken 1/1    | ok 2/1        | broken 1/1    | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
closed after it was performed, always | broken 5 | broken 5*   | broken 1/1    | broken 1/1    | broken 5/1    | broken 1/1    | broken 5*   | broken 5*   | broken 5    | broken 5*   | broken 5*
half a body, once                  | ok 2        | ok 2        | broken 1/1    | broken 1/1    | ok 2/1        | broken 1/1    | broken 1    | ok 2        | ok 2        | ok 2        | ok 2
half a body, always                | broken 5    | broken 5    | broken 1/1    | broken 1/1    | broken 5/1    | broken 1/1    | broken 1    | broken 5    | broken 5    | broken 5    | broken 5
half a body, in parts, once        | ok 2        | ok 2        | broken 1/1    | broken 1/1    | ok 1/1        | broken 1/1    | broken 1    | ok 2        | ok 2        | ok 2        | ok 2
half a body, in parts, always      | broken 5    | broken 5    | broken 1/1    | broken 1/1    | ok 1/1        | broken 1/1    | broken 1    | broken 5    | broken 5    | broken 5    | broken 5
hangs before the head              | late 1      | late 1      | late 1/1      | late 1/1      | late 1/1      | late 1/1      | late 1      | late 1      | late 1      | late 1      | late 1
hangs after the head               | late 1      | late 1      | late 1/1      | late 1/1      | ok 1/1        | ok 1/1        | late 1      | late 1      | late 1      | late 1      | late 1
slow drip                          | late 1      | late 1      | late 1/1      | late 1/1      | ok 1/1        | ok 1/1        | ok 1        | late 1      | late 1      | late 1      | late 1
420, once                          | ok 2        | ok 2        | 420 1/0       | 420 1/0       | ok 2/1        | 420 1/0       | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
420, always                        | oauth 420 3 | 420 3       | 420 1/0       | 420 1/0       | 420 3/0       | 420 1/0       | 420 3       | 420 3       | 420 3       | 420 3       | 420 3
429, once                          | ok 2        | ok 2        | 429 1/0       | 429 1/0       | ok 2/1        | 429 1/0       | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
429, always                        | oauth 429 5 | 429 5       | 429 1/0       | 429 1/0       | 429 5/0       | 429 1/0       | 429 5       | 429 5       | 429 5       | 429 5       | 429 5
500, once                          | ok 2        | ok 2        | 500 1/0       | 500 1/0       | ok 2/1        | 500 1/0       | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
500, always                        | oauth 500 5 | 500 5       | 500 1/0       | 500 1/0       | 500 5/0       | 500 1/0       | 500 5       | 500 5       | 500 5       | 500 5       | 500 5
502, once                          | ok 2        | ok 2        | 502 1/0       | 502 1/0       | ok 2/1        | 502 1/0       | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
502, always                        | oauth 502 5 | 502 5       | 502 1/0       | 502 1/0       | 502 5/0       | 502 1/0       | 502 5       | 502 5       | 502 5       | 502 5       | 502 5
503, once                          | ok 2        | ok 2        | 503 1/0       | 503 1/0       | ok 2/1        | 503 1/0       | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
503, always                        | oauth 503 5 | 503 5       | 503 1/0       | 503 1/0       | 503 5/0       | 503 1/0       | 503 5       | 503 5       | 503 5       | 503 5       | 503 5
504, once                          | ok 2        | ok 2        | 504 1/0       | 504 1/0       | ok 2/1        | 504 1/0       | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
504, always                        | oauth 504 5 | 504 5       | 504 1/0       | 504 1/0       | 504 5/0       | 504 1/0       | 504 5       | 504 5       | 504 5       | 504 5       | 504 5
420, Retry-After: 0, once          | ok 2        | ok 2        | 420 1/0       | 420 1/0       | ok 2/1        | 420 1/0       | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
420, Retry-After: a day            | oauth 420 1 | 420 1       | 420 1/0       | 420 1/0       | 420 1/0       | 420 1/0       | 420 1       | 420 1       | 420 1       | 420 1       | 420 1
429, Retry-After: 0, once          | ok 2        | ok 2        | 429 1/0       | 429 1/0       | ok 2/1        | 429 1/0       | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
429, Retry-After: a day            | oauth 429 1 | 429 1       | 429 1/0       | 429 1/0       | 429 1/0       | 429 1/0       | 429 1       | 429 1       | 429 1       | 429 1       | 429 1
503, Retry-After: 0, once          | ok 2        | ok 2        | 503 1/0       | 503 1/0       | ok 2/1        | 503 1/0       | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
503, Retry-After: a day            | oauth 503 1 | 503 1       | 503 1/0       | 503 1/0       | 503 1/0       | 503 1/0       | 503 1       | 503 1       | 503 1       | 503 1       | 503 1
503, Retry-After: a date, once     | ok 2        | ok 2        | 503 1/0       | 503 1/0       | ok 2/1        | 503 1/0       | ok 2        | ok 2        | ok 2        | ok 2        | ok 2
HTML                               | oauth 200 1 | 200 1       | 200 1/0       | 200 1/0       | 200 1/0       | 200 1/0       | ok 1        | 200 1       | 200 1       | 200 1       | 200 1
empty                              | oauth 200 1 | 200 1       | 201 1/1       | 201 1/1       | ok 1/1        | ok 1/1        | ok 1        | 200 1       | 200 1       | 200 1       | 200 1
invalid JSON                       | oauth 200 1 | 200 1       | 201 1/1       | 201 1/1       | ok 1/1        | ok 1/1        | ok 1        | 200 1       | 200 1       | 200 1       | 200 1
damaged gzip, once                 | ok 2        | ok 2        | broken 1/1    | broken 1/1    | ok 1/1        | broken 1/1    | broken 1    | ok 2        | ok 2        | ok 2        | ok 2
damaged gzip, always               | broken 5    | broken 5    | broken 1/1    | broken 1/1    | ok 1/1        | broken 1/1    | broken 1    | broken 5    | broken 5    | broken 5    | broken 5
301 within the org                 | oauth 301 1 | ok 2        | 301 1/0       | 301 1/0       | 301 1/0       | 301 1/0       | ok 2        | ok 2        | 301 1       | ok 2        | ok 2
302 within the org                 | oauth 302 1 | ok 2        | 302 1/0       | 302 1/0       | 302 1/0       | 302 1/0       | ok 2        | ok 2        | 302 1       | ok 2        | ok 2
303 within the org                 | oauth 303 1 | ok 2        | 303 1/0       | 303 1/0       | 303 1/0       | 303 1/0       | ok 2        | ok 2        | 303 1       | ok 2        | ok 2
307 within the org                 | oauth 307 1 | ok 2        | 307 1/0       | 307 1/0       | 307 1/0       | 307 1/0       | ok 2        | ok 2        | 307 1       | ok 2        | ok 2
308 within the org                 | oauth 308 1 | ok 2        | 308 1/0       | 308 1/0       | 308 1/0       | 308 1/0       | ok 2        | ok 2        | 308 1       | ok 2        | ok 2
301 to another host                | oauth 301 1 | 301 1       | 301 1/0       | 301 1/0       | 301 1/0       | 301 1/0       | 301 1       | 301 1       | 301 1       | 301 1       | 301 1
302 to another host                | oauth 302 1 | 302 1       | 302 1/0       | 302 1/0       | 302 1/0       | 302 1/0       | 302 1       | 302 1       | 302 1       | 302 1       | 302 1
303 to another host                | oauth 303 1 | 303 1       | 303 1/0       | 303 1/0       | 303 1/0       | 303 1/0       | 303 1       | 303 1       | 303 1       | 303 1       | 303 1
307 to another host                | oauth 307 1 | 307 1       | 307 1/0       | 307 1/0       | 307 1/0       | 307 1/0       | 307 1       | 307 1       | 307 1       | 307 1       | 307 1
308 to another host                | oauth 308 1 | 308 1       | 308 1/0       | 308 1/0       | 308 1/0       | 308 1/0       | 308 1       | 308 1       | 308 1       | 308 1       | 308 1
redirects in a circle              | oauth 302 1 | 302 6       | 302 1/0       | 302 1/0       | 302 1/0       | 302 1/0       | 302 6       | 302 6       | 302 1       | 302 6       | 302 6
instance moved                     | ok 1        | ok 2 ↻      | ok 2/1 ↻      | ok 2/1 ↻      | ok 2/1 ↻      | stopped 1/0 ↻ | ok 2 ↻      | ok 2 ↻      | ok 2 ↻      | ok 2 ↻      | ok 2 ↻
session expired, once              | oauth 401 1 | ok 2 ↻      | ok 2/1 ↻      | ok 2/1 ↻      | ok 2/1 ↻      | stopped 1/0 ↻ | ok 2 ↻      | ok 2 ↻      | ok 2 ↻      | ok 2 ↻      | ok 2 ↻
session expired, always            | oauth 401 1 | 401 2 ↻     | 401 2/0 ↻     | 401 2/0 ↻     | 401 2/0 ↻     | stopped 1/0 ↻ | 401 2 ↻     | 401 2 ↻     | 401 2 ↻     | 401 2 ↻     | 401 2 ↻
Bad_OAuth_Token, once              | oauth 403 1 | ok 2 ↻      | ok 2/1 ↻      | ok 2/1 ↻      | ok 2/1 ↻      | stopped 1/0 ↻ | ok 2 ↻      | ok 2 ↻      | ok 2 ↻      | ok 2 ↻      | ok 2 ↻
Bad_OAuth_Token, always            | oauth 403 1 | 403 2 ↻     | 403 2/0 ↻     | 403 2/0 ↻     | 403 2/0 ↻     | stopped 1/0 ↻ | 403 2 ↻     | 403 2 ↻     | 403 2 ↻     | 403 2 ↻     | 403 2 ↻
session expired, sign-in refused   | oauth 401 1 | oauth 400 1 ↻ | oauth 400 1/0 ↻ | oauth 400 1/0 ↻ | oauth 400 1/0 ↻ | oauth 400 1/0 ↻ | oauth 400 1 ↻ | oauth 400 1 ↻ | oauth 400 1 ↻ | oauth 400 1 ↻ | oauth 400 1 ↻
session without the API            | oauth 401 1 | 401 1       | 401 1/0       | 401 1/0       | 401 1/0       | 401 1/0       | 401 1       | 401 1       | 401 1       | 401 1       | 401 1
clock a day behind                 | ok 2        | ok 1        | ok 1/1        | ok 1/1        | ok 1/1        | ok 1/1        | ok 1        | ok 1        | ok 1        | ok 1        | ok 1
clock a day ahead                  | ok 1        | ok 1        | ok 1/1        | ok 1/1        | ok 1/1        | ok 1/1        | ok 1        | ok 1        | ok 1        | ok 1        | ok 1
`;

const [head, ...rows] = TABLE.trim().split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()));

/** The right outcomes, by fault and operation. */
export const OUTCOMES: Record<string, Record<string, string>> = Object.fromEntries(
  rows.map(([fault, ...cells]) => [
    fault,
    Object.fromEntries(cells.map((cell, i) => [head![i + 1], cell])),
  ]),
);

/** Whether what came of a cell is what was written down for it. */
export function isRight(outcome: string, expected: string, runtime: string): boolean {
  if (!expected.endsWith("*")) return outcome === expected;
  const [word, sent] = expected.slice(0, -1).split(" ");
  const [gotWord, got] = outcome.split(" ");
  const most = runtime === "deno" ? 2 * Number(sent) : Number(sent);
  return word === gotWord && Number(got) >= Number(sent) && Number(got) <= most;
}
