/** Runs the matrix on this runtime: each fault with each operation, on an org of its own. */
import {
  ConnectionError,
  createSession,
  OAuthError,
  SalesforceError,
  SfetchError,
} from "../../mod.ts";
import { FIXED_KEY } from "../helpers/fixed-key.ts";
import { PATIENCE } from "../helpers/until.ts";
import { type Fault, FAULTS } from "./faults.ts";
import { type Operation, OPERATIONS } from "./operations.ts";
import { MatrixOrg } from "./org.ts";

const AT_ONCE = 40;

/** What came of each operation, by fault and operation. */
export type Outcomes = Record<string, Record<string, string>>;

/** Runs the cells whose row and column are named, or all. */
export async function runMatrix(rows?: string, columns?: string): Promise<Outcomes> {
  const outcomes: Outcomes = {};
  const cells = FAULTS.filter(({ name }) => !rows || name.includes(rows)).flatMap((fault) => {
    outcomes[fault.name] = {};
    return OPERATIONS.filter(({ name }) => !columns || name === columns)
      .map((operation) => ({ fault, operation }));
  });
  const queue = cells.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const { fault, operation } of queue) {
      outcomes[fault.name]![operation.name] = await runCell(fault, operation, FIXED_KEY);
    }
  }));
  return outcomes;
}

/** One cell: what the caller saw, the requests that arrived, the changes made, further sign-ins. */
async function runCell(fault: Fault, operation: Operation, privateKey: string): Promise<string> {
  const org = new MatrixOrg();
  const other = new MatrixOrg();
  await Promise.all([org.listen(), other.listen()]);
  fault.prepare?.(org);
  const session = createSession({
    clientId: "3MVG9matrix",
    username: "service@acme.example",
    privateKey,
    loginUrl: org.url,
    onWarning: () => {},
    fetch: async (...args) => {
      try {
        return await fetch(...args);
      } catch (error) {
        if (fault.isRefused && fault.times === 1) await org.listen();
        throw error;
      }
    },
  });
  try {
    const isSignIn = operation.name === "token";
    if (!isSignIn) await session.getToken();
    const signIns = count(org, isTokenRequest);
    arm(org, other, fault, operation);
    const sentBody = () => other.lastBody || org.lastBody;
    const outcome = await bounded(operation.run(session, { timeout: fault.timeout }, sentBody));
    const sent = count(org, operation.isStruck) + count(other, operation.isStruck);
    const performed = operation.writes ? `/${org.performed + other.performed}` : "";
    const renewals = isSignIn ? 0 : count(org, isTokenRequest) - signIns;
    const renewed = renewals ? ` ↻${renewals > 1 ? renewals : ""}` : "";
    const violations = [...org.violations, ...other.violations].map((text) => ` !${text}`);
    return `${outcome} ${sent}${performed}${renewed}${violations.join("")}`;
  } finally {
    org.close();
    other.close();
  }
}

const isTokenRequest = ({ path }: { path: string }) => path.startsWith("/services/oauth2/token");
const count = (org: MatrixOrg, counts: Operation["isStruck"]): number =>
  org.arrived.filter(counts).length;

/** Sets the trap: from here on the operation meets the fault. */
function arm(org: MatrixOrg, other: MatrixOrg, fault: Fault, operation: Operation): void {
  if (fault.isRefused) {
    if (!operation.follows) org.stop();
    org.onAnswer = (request) => operation.follows?.(request) && org.stop();
    return;
  }
  let times = fault.strike ? fault.times ?? Infinity : 0;
  org.isStruck = (request) => operation.isStruck(request) && times-- > 0;
  org.strike = (strike) => {
    if (fault.isMove) org.moveTo(other);
    fault.strike!(strike);
  };
}

/** What the caller saw, in a word. */
async function bounded(run: Promise<boolean>): Promise<string> {
  let timer: ReturnType<typeof setTimeout>;
  const never = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("never"), PATIENCE);
  });
  const word = run.then((isRight) => isRight ? "ok" : "wrong", wordOf);
  return await Promise.race([word, never]).finally(() => clearTimeout(timer));
}

function wordOf(error: unknown): string {
  if (error instanceof ConnectionError) return error.timedOut ? "late" : "broken";
  if (error instanceof OAuthError) return `oauth ${error.status}`;
  if (error instanceof SalesforceError) return String(error.status);
  if (error instanceof SfetchError) return "stopped";
  return `raw ${(error as Error)?.name ?? error}`;
}
