import { LRUCache } from 'lru-cache';
import { egressSecrets } from '../../api/egress-secrets.ts';
import {
  type EnvVar,
  keyOf,
  MAX_ENV_BYTES,
  referenceOf,
  unmetReferences,
  unmetText,
  type ValueReference,
} from '../../api/env.ts';
import { setOwn } from '../../api/set-own.ts';
import type { EgressRule } from '../../api/types.generated.ts';
import { Redactor } from './redactor.ts';
import { GivenValues, type ValueSource, type Values } from './value-source.ts';

/** The environment of an execution. */
export interface Environment {
  /** The object `env` as JSON text. */
  readonly json: string;
  readonly redactor: Redactor;
  /** Why the execution may not start, in words. */
  readonly problem?: { readonly kind: 'missing' | 'excess'; readonly message: string };
}

const EMPTY: Environment = { json: '', redactor: Redactor.NONE };
const NOTHING = new GivenValues({});
/** Redactors that are kept: one for each set of Secrets that executions are given. */
const MAX_REDACTORS = 256;

/** Makes the environments of executions from a source of values. */
export class Environments {
  readonly #values: ValueSource;
  readonly #redactors = new LRUCache<string, Redactor>({ max: MAX_REDACTORS });
  #redactorsOf: Values | undefined;

  readonly #egress: readonly EgressRule[];

  /** @param egress rules whose Secrets are redacted too: a server may repeat what it was sent */
  constructor(values: ValueSource = NOTHING, egress: readonly EgressRule[] = []) {
    this.#values = values;
    this.#egress = egress;
  }

  /**
   * @param env in the order in which values are laid over each other
   * @param tenant `context.tenant.id`
   */
  of(env: readonly EnvVar[] = [], tenant = ''): Environment {
    const secrets: ValueReference[] = egressSecrets(this.#egress, tenant).map(({ reference }) => reference);
    if (env.length === 0 && secrets.length === 0) return EMPTY;
    const current = this.#values.snapshot();
    const values: Record<string, string> = {};
    for (const variable of env) {
      const { name } = variable;
      const reference = referenceOf(variable);
      const value = reference === undefined ? (variable.value ?? '') : current.read(reference);
      if (reference?.kind === 'Secret' && value !== undefined) secrets.push(reference);
      if (value !== undefined) setOwn(values, name, value);
    }
    const json = JSON.stringify(values);
    const redactor = this.#redactorOf(secrets, current);
    const unmet = unmetReferences(env, (reference) => current.read(reference) !== undefined);
    const problem = problemOf(json, unmet);
    return { json, redactor, ...(problem === undefined ? {} : { problem }) };
  }

  /** For what is said of no execution: the Secrets of all egress rules. */
  egressRedactor(): Redactor {
    const secrets = egressSecrets(this.#egress).map(({ reference }) => reference);
    return secrets.length === 0 ? Redactor.NONE : this.#redactorOf(secrets, this.#values.snapshot());
  }

  #redactorOf(secrets: readonly ValueReference[], values: Values): Redactor {
    if (secrets.length === 0) return Redactor.NONE;
    if (values !== this.#redactorsOf) this.#redactors.clear();
    this.#redactorsOf = values;
    const key = secrets.map(keyOf).join();
    const known = this.#redactors.get(key);
    if (known !== undefined) return known;
    // A header has no line break: the value without it, too.
    const texts = secrets.flatMap((reference) => values.read(reference) ?? []);
    const redactor = new Redactor([...new Set(texts.flatMap((text) => [text, text.replace(/[\r\n]+$/, '')]))]);
    this.#redactors.set(key, redactor);
    return redactor;
  }
}

function problemOf(json: string, unmet: ReadonlyMap<string, ValueReference>): Environment['problem'] {
  if (unmet.size > 0) return { kind: 'missing', message: unmetText(unmet) };
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_ENV_BYTES) return undefined;
  return { kind: 'excess', message: `env has ${bytes} bytes; at most ${MAX_ENV_BYTES} are taken` };
}
