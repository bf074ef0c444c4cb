/**
 * Sends a body in small pieces.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";

const COUNT = 10;

/** Returns bytes as ten pieces with a delay before each, in milliseconds, until `signal` aborts. */
export async function* pieces(
  bytes: Uint8Array,
  milliseconds: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const size = Math.max(1, Math.ceil(bytes.length / COUNT));
  for (let at = 0; at < bytes.length; at += size) {
    if (at > 0) await delay(milliseconds, undefined, { signal });
    yield bytes.subarray(at, at + size);
  }
}
