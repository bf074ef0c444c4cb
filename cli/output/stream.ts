/**
 * Writing to a stream at the speed of its reader.
 */

/** What data is written to: a stream, or what writes in a way of its own. */
export type Out = (NodeJS.WritableStream & { destroyed?: boolean }) | Writer;

/** Writes piece by piece. */
export interface Writer {
  /** Waits for a slow reader. False once the reader has gone. */
  write(chunk: string | Uint8Array): Promise<boolean>;
  /** To be called at the end. What is written to stays open. */
  release(): void;
}

/** Writes until the reader goes away, which is not a failure. */
export function writerFor(out: Out): Writer {
  if ("release" in out) return out;
  let gone = false;
  let failure: Error | undefined;
  let wake = (): void => {};
  const onError = (error: NodeJS.ErrnoException): void => {
    gone = true;
    if (error.code !== "EPIPE") failure = error;
    wake();
  };
  const onClose = (): void => {
    gone = true;
    wake();
  };
  const onDrain = (): void => wake();
  out.on("error", onError).on("close", onClose).on("drain", onDrain);
  return {
    async write(chunk) {
      if (!gone && chunk.length > 0 && !out.destroyed && !out.write(chunk)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (gone) resolve();
        });
      }
      if (failure) throw failure;
      return !gone && !out.destroyed;
    },
    release() {
      out.off("error", onError).off("close", onClose).off("drain", onDrain);
    },
  };
}
