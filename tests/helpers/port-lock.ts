/** A port that only one test at a time may use, also of those that run in other processes. */
import { connect, createServer, type Server } from "node:net";

/**
 * Waits until no other test has the port, and keeps it for this one; returns what gives it back.
 *
 * Who has it listens on a second port beside it. Whoever waits is connected to that, and learns from the end of the
 * connection that it is free.
 */
export async function lockPort(port: number): Promise<() => void> {
  const guard = port + 10_000;
  for (;;) {
    const server = await listen(guard);
    if (server) {
      const waiting = new Set<{ destroy(): void }>();
      server.on("connection", (socket) => {
        waiting.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => waiting.delete(socket));
      });
      return () => {
        server.close();
        for (const socket of waiting) socket.destroy();
      };
    }
    await new Promise<void>((resolve) => {
      const socket = connect(guard, "127.0.0.1");
      socket.on("error", () => {});
      socket.on("close", () => resolve());
    });
  }
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
