/**
 * What the org's objects and fields are, for completion: asked in the background, kept for the session.
 */
import type { Session } from "../../mod.ts";

/** A field as describe tells it, as far as it is used. */
export interface Field {
  name: string;
  label: string;
  type: string;
  length?: number;
  nillable?: boolean;
  createable?: boolean;
  updateable?: boolean;
  defaultedOnCreate?: boolean;
  unique?: boolean;
  externalId?: boolean;
  calculated?: boolean;
  relationshipName?: string | null;
  referenceTo?: string[];
  picklistValues?: { value: string; label?: string; active?: boolean }[];
}

/** An object as describe tells it, as far as it is used. */
export interface ObjectDescribe {
  name: string;
  label: string;
  fields: Field[];
  childRelationships: { relationshipName: string | null; childSObject: string; field: string }[];
}

/** Answers at once with what is there; what is not is fetched for the next time. */
export class SchemaCache {
  #session: Session;
  #objects: Promise<string[]> | undefined;
  #objectNames: string[] | undefined;
  #asked = new Map<string, Promise<ObjectDescribe | undefined>>();
  #ended = new AbortController();

  constructor(session: Session) {
    this.#session = session;
  }

  /** The names of all objects. Undefined if they could not be had; then the next call asks again. */
  objects(): Promise<string[] | undefined> {
    this.#objects ??= this.#fetch<{ sobjects: { name: string }[] }>("/sobjects").then(
      ({ sobjects }) => this.#objectNames = sobjects.map(({ name }) => name),
    );
    return this.#objects.catch(() => void (this.#objects = undefined));
  }

  /** The names of all objects, if they are there by now. */
  get objectNames(): string[] | undefined {
    return this.#objectNames;
  }

  /** The description of an object, by name in any case. Undefined if it could not be had. */
  describe(name: string): Promise<ObjectDescribe | undefined> {
    const key = name.toLowerCase();
    let asked = this.#asked.get(key);
    if (!asked) {
      asked = this.#fetch<ObjectDescribe>(`/sobjects/${encodeURIComponent(name)}/describe`)
        .catch(() => void this.#asked.delete(key));
      this.#asked.set(key, asked);
    }
    return asked;
  }

  /** Ends what is under way. */
  close(): void {
    this.#ended.abort();
  }

  #fetch<T>(path: string): Promise<T> {
    return this.#session.fetch(path, { signal: this.#ended.signal }).json();
  }
}
