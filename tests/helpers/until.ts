/** Milliseconds after which a wait has failed: far more than anything takes, also on a busy machine. */
export const PATIENCE = 240_000;

/** Looks again and again until there is something to see, and returns it; rejects when `PATIENCE` is over. */
export async function until<T>(
  look: () => T | Promise<T>,
  what: string | (() => string | Promise<string>) = "It did not happen",
): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + PATIENCE;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > deadline) {
      throw new Error(`${typeof what === "string" ? what : await what()} within ${PATIENCE} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
