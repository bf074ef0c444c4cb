/** How a grant is refused. */
import type { TokenRefusal } from "./personas.ts";

/** Thrown where a grant is refused; the token endpoint answers with it. */
export class Refused extends Error {
  readonly refusal: TokenRefusal;

  constructor(refusal: TokenRefusal) {
    super(refusal.description);
    this.refusal = refusal;
  }
}

/** Refuses a grant. */
export function refuse(error: string, description: string): never {
  throw new Refused({ error, description });
}
