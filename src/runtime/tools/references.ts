import type { JsonObject, JsonValue } from '../../api/json.ts';
import { memberOf } from './json-members.ts';

/** Longer references are not followed. */
const MAX_LENGTH = 1024;
/** Steps through the document that all of its references may take together; what is beyond leads nowhere. */
const MAX_STEPS = 200_000;
/** References that lead to a reference again, and so on. */
const MAX_CHAIN = 10;

/**
 * Follows the references of one document (JSON Pointers such as `#/components/schemas/Pet`), each once: of a hostile document, each may
 * take hundreds of steps, and stand in thousands of places.
 */
export class References {
  readonly #document: JsonValue;
  readonly #targets = new Map<string, JsonValue | undefined>();
  #left = MAX_STEPS;

  constructor(document: JsonValue) {
    this.#document = document;
  }

  /** The value that a reference leads to; undefined where there is none. */
  target(reference: string): JsonValue | undefined {
    if (reference.length > MAX_LENGTH) return undefined;
    if (!this.#targets.has(reference)) this.#targets.set(reference, this.#follow(reference));
    return this.#targets.get(reference);
  }

  /** A value, or what its `$ref` leads to, one reference after the other. */
  resolved(value: JsonValue | undefined): JsonValue | undefined {
    let at = value;
    for (let count = 0; count < MAX_CHAIN; count++) {
      const reference = memberOf(at, '$ref');
      if (typeof reference !== 'string') return at;
      at = this.target(reference);
    }
    return undefined;
  }

  #follow(reference: string): JsonValue | undefined {
    if (reference === '#') return this.#document;
    if (!reference.startsWith('#/')) return undefined;
    const parts = reference.slice(2).split('/');
    this.#left -= parts.length;
    if (this.#left < 0) return undefined;
    let at: JsonValue | undefined = this.#document;
    for (const part of parts) {
      const key = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(at)) at = /^\d{1,9}$/.test(key) ? at[Number(key)] : undefined;
      else at = memberOf(at, key);
    }
    return at;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Keys of an object that are looked at. */
const MAX_KEYS = 50;
const KEYS = new WeakMap<JsonObject, readonly string[]>();

/** The first keys of an object. They are listed once, however many there are and however often it is referred to. */
export function firstKeys(object: JsonObject): readonly string[] {
  let keys = KEYS.get(object);
  if (keys === undefined) {
    keys = Object.keys(object).slice(0, MAX_KEYS);
    KEYS.set(object, keys);
  }
  return keys;
}
