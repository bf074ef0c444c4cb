/**
 * Runs the example notebook on the practice org and stores it with its outputs, so that a page that shows the
 * repository shows them too:
 *
 *     npm run notebook
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { startPracticeOrg } from "../practice-org/mod.ts";
import { type Cell, NOTEBOOK, runNotebook } from "../tests/helpers/notebook.ts";

const org = await startPracticeOrg({ port: 1717 }); // links to records keep their address
try {
  const executed = await runNotebook({
    SF_CLIENT_ID: org.clientId,
    SF_USERNAME: org.username,
    SF_PRIVATE_KEY: org.privateKey!,
    SF_LOGIN_URL: org.url,
  });
  const notebook: { cells: Cell[] } = JSON.parse(readFileSync(NOTEBOOK, "utf8"));
  for (const cell of notebook.cells) {
    const { outputs, execution_count } = executed.find(({ id }) => id === cell.id)!;
    if (cell.cell_type === "code") Object.assign(cell, { execution_count, outputs });
  }
  writeFileSync(NOTEBOOK, JSON.stringify(notebook, null, 1) + "\n");
} finally {
  await org.close();
}
