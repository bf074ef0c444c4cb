import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { root } from "./runtime.ts";

/** The checkout on loopback, the way hosts of raw files serve it: everything is plain text. */
export interface RawHost {
  /** Where the folder of the checkout is, without a slash at the end. */
  url: string;
  /** The paths that were asked for. */
  paths: string[];
  close(): Promise<void>;
}

/** Starts a raw host of the checkout, or of another folder. */
export async function rawHost(folder: string = root): Promise<RawHost> {
  const paths: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, "http://localhost"); // without any ".."
    paths.push(pathname);
    try {
      const content = await readFile(join(folder, pathname));
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(content);
    } catch {
      response.writeHead(404, { "content-type": "text/plain" }).end("404: Not Found");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
