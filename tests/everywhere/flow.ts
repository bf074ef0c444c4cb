import type { SessionOptions } from "../../mod.ts";

/** What the flow saw, as JSON can carry it. */
export interface FlowReport {
  token: string;
  accounts: number;
  name: string;
  usage: number;
  tokenRenewed: boolean;
  hint: string;
}

/**
 * The whole flow with nothing but web standards, for places that have no test runner: sign in, read
 * page after page, create, read and delete a record, outlive an expired session, meet an error.
 */
export async function flow(
  sfetch: typeof import("../../mod.ts"),
  options: SessionOptions,
  expireSessions: () => Promise<unknown>,
): Promise<FlowReport> {
  const session = sfetch.createSession(options);
  const first = await session.getToken();

  const query = session.query("SELECT Id, Name FROM Account", { batchSize: 200 });
  const accounts = (await query).length;

  const { id } = await session.fetch("/sobjects/Account", {
    method: "POST",
    json: { Name: "Made far from any terminal" },
  }).json();
  await expireSessions();
  const { Name: name } = await session.fetch(`/sobjects/Account/${id}`).json();
  await session.fetch(`/sobjects/Account/${id}`, { method: "DELETE" });
  const second = await session.getToken();

  const error = await session.query("SELECT Nme FROM Account").catch((error) => error);
  return {
    token: String(first),
    accounts,
    name,
    usage: session.limits.apiUsage?.used ?? 0,
    tokenRenewed: first.accessToken !== second.accessToken,
    hint: error.hint,
  };
}
