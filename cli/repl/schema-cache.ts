/**
 * The org's objects and fields, for completion: requested in the background, and kept for the session.
 */
import type { Session } from "../../mod.ts";

/** The parts of a field's describe that are used. */
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

/** The parts of an object's describe that are used. */
export interface ObjectDescribe {
  name: string;
  label: string;
  fields: Field[];
  childRelationships: { relationshipName: string | null; childSObject: string; field: string }[];
}

/** Answers at once with what it has, and fetches the rest for the next time. */
export class SchemaCache {
  #session: Session;
  #objects: Promise<string[]> | undefined;
  #labels = new Map<string, string>();
  #asked = new Map<string, Promise<ObjectDescribe | undefined>>();
  #ended = new AbortController();

  constructor(session: Session) {
    this.#session = session;
  }

  /** The names of all objects. Undefined if the request failed; then the next call tries again. */
  objects(): Promise<string[] | undefined> {
    this.#objects ??= this.#fetch<{ sobjects: { name: string; label: string }[] }>("/sobjects")
      .then(({ sobjects }) => {
        for (const { name, label } of sobjects) this.#labels.set(name, label);
        return [...this.#labels.keys()];
      });
    return this.#objects.catch(() => void (this.#objects = undefined));
  }

  /** The names of all objects, if they were fetched already. */
  get objectNames(): string[] | undefined {
    return this.#labels.size > 0 ? [...this.#labels.keys()] : undefined;
  }

  /** The labels of all objects by their names; empty until they are fetched. */
  get labels(): ReadonlyMap<string, string> {
    return this.#labels;
  }

  /** The describe of an object, by its name in any case. Undefined if the request failed. */
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

  /** Aborts the requests in progress. */
  close(): void {
    this.#ended.abort();
  }

  #fetch<T>(path: string): Promise<T> {
    return this.#session.fetch(path, { signal: this.#ended.signal }).json();
  }
}
