import { LRUCache } from 'lru-cache';
import { SOURCE_LABEL } from '../../api/config-map.ts';
import { sourceDigest } from '../../api/digest.ts';
import { MAX_SOURCE_BYTES } from '../../api/limits.ts';
import type { EndReason } from '../../api/outcome.ts';
import { type KubeObject, type ObjectRef, refKey } from '../kube/object.ts';
import type { ConfigMap } from '../kube/resources.ts';
import type { Store } from '../kube/store.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import type { SourceProjection } from './source-projection.ts';

/** Selects the ConfigMaps that the operator watches. */
export const SOURCE_SELECTOR = `${SOURCE_LABEL}=true`;

/** A script from a ConfigMap. */
export interface Source {
  readonly text: string;
  readonly digest: string;
}

/** Whether a script is available, and otherwise what is missing. */
export type SourceWhereabouts = 'found' | 'noConfigMap' | 'noKey' | 'inBinaryData';

export interface SourcesParts {
  readonly known: Store<SourceProjection>;
  /** Reads a whole ConfigMap; undefined if it does not exist. */
  readonly read: (ref: ObjectRef) => Promise<ConfigMap | undefined>;
}

/** Maximum size of the cached texts. */
const MAX_CACHED_BYTES = 16 << 20;

/** Scripts that executions read from ConfigMaps. */
export class Sources {
  readonly #parts: SourcesParts;
  /** By the ConfigMap's uid and version, and key. */
  readonly #texts = new LRUCache<string, Source>({
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: ({ text }, id) => 2 * (text.length + id.length) + 256,
  });

  constructor(parts: SourcesParts) {
    this.#parts = parts;
  }

  /** Whether the script is available: in the object, or in a cached ConfigMap. */
  whereabouts({ metadata, spec }: ExecutionProjection): SourceWhereabouts {
    if (spec.sourceFrom === undefined) return 'found';
    const { name, key } = spec.sourceFrom.configMapKeyRef;
    const known = this.#parts.known.get({ namespace: metadata.namespace, name });
    if (known === undefined) return 'noConfigMap';
    if (known.keys.has(key)) return 'found';
    return known.binaryKeys.has(key) ? 'inBinaryData' : 'noKey';
  }

  /**
   * The text of `sourceFrom` and its digest; undefined if it does not exist, or the script is in the object. Throws if
   * the API server does not answer.
   */
  async read(execution: ExecutionProjection): Promise<Source | undefined> {
    const { metadata, spec } = execution;
    if (spec.sourceFrom === undefined || this.whereabouts(execution) !== 'found') return undefined;
    const { name, key } = spec.sourceFrom.configMapKeyRef;
    const ref = { namespace: metadata.namespace, name };
    const seen = this.#parts.known.get(ref);
    const cached = seen && this.#texts.get(idOf(seen, key));
    if (cached !== undefined) return cached;
    const found = await this.#parts.read(ref);
    const { labels = {} } = found?.metadata ?? {};
    const data = labels[SOURCE_LABEL] === 'true' ? found?.data : undefined;
    const text = data !== undefined && Object.hasOwn(data, key) ? data[key] : undefined;
    if (found === undefined || text === undefined) return undefined;
    const source = { text, digest: sourceDigest(text) };
    this.#texts.set(idOf(found, key), source);
    return source;
  }
}

const idOf = ({ metadata: { uid, resourceVersion } }: KubeObject, key: string): string =>
  `${uid} ${resourceVersion} ${key}`;

/** Index of executions by the key of their ConfigMap. */
export function sourceKey({ metadata, spec }: ExecutionProjection): string | undefined {
  const name = spec.sourceFrom?.configMapKeyRef.name;
  return name === undefined ? undefined : refKey({ namespace: metadata.namespace, name });
}

/** The outcome of an execution whose script cannot be run. */
export interface UnusableSource {
  readonly reason: EndReason;
  readonly message: string;
}

/** Why a script from a ConfigMap cannot be run; undefined if it can, or does not exist. Pure. */
export function unusableSource(
  { status }: ExecutionProjection,
  source: Source | undefined,
): UnusableSource | undefined {
  const { attempts = 0, sourceDigest } = status;
  if (attempts > 0 && sourceDigest !== undefined && sourceDigest !== source?.digest) {
    const message = 'The script in the ConfigMap has changed since the first attempt.';
    return { reason: 'SourceChanged', message };
  }
  const bytes = Buffer.byteLength(source?.text ?? '');
  if (bytes <= MAX_SOURCE_BYTES) return undefined;
  return { reason: 'LimitsRefused', message: `the source has ${bytes} bytes, more than ${MAX_SOURCE_BYTES}` };
}
