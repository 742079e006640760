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

/** The ConfigMaps that the operator looks at, and no others. */
export const SOURCE_SELECTOR = `${SOURCE_LABEL}=true`;

/** A script from a ConfigMap. */
export interface Source {
  readonly text: string;
  readonly digest: string;
}

/** Whether a script is at hand, and what is missing where it is not. */
export type SourceWhereabouts = 'found' | 'noConfigMap' | 'noKey' | 'inBinaryData';

export interface SourcesParts {
  readonly known: Store<SourceProjection>;
  /** A ConfigMap as it is now, whole; undefined where there is none. */
  readonly read: (ref: ObjectRef) => Promise<ConfigMap | undefined>;
}

/** Of the texts that were read last. */
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

  /** Where the script is: in the object itself, or in a ConfigMap, as far as has been seen. */
  whereabouts({ metadata, spec }: ExecutionProjection): SourceWhereabouts {
    if (spec.sourceFrom === undefined) return 'found';
    const { name, key } = spec.sourceFrom.configMapKeyRef;
    const known = this.#parts.known.get({ namespace: metadata.namespace, name });
    if (known === undefined) return 'noConfigMap';
    if (known.keys.has(key)) return 'found';
    return known.binaryKeys.has(key) ? 'inBinaryData' : 'noKey';
  }

  /**
   * The text that `sourceFrom` gives and its digest; undefined where it gives none, or the script is in the object. Throws
   * where the API server does not say.
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

/** Index of executions by the ConfigMap that their script comes from: its key. */
export function sourceKey({ metadata, spec }: ExecutionProjection): string | undefined {
  const name = spec.sourceFrom?.configMapKeyRef.name;
  return name === undefined ? undefined : refKey({ namespace: metadata.namespace, name });
}

/** How an execution ends whose script cannot be run. */
export interface UnusableSource {
  readonly reason: EndReason;
  readonly message: string;
}

/** Why a script from a ConfigMap can't be run; undefined where it can, or there is none. Pure. */
export function unusableSource(
  { status }: ExecutionProjection,
  source: Source | undefined,
): UnusableSource | undefined {
  const { attempts = 0, sourceDigest } = status;
  if (attempts > 0 && sourceDigest !== undefined && sourceDigest !== source?.digest) {
    const message = 'The ConfigMap holds another script now than the one that was started.';
    return { reason: 'SourceChanged', message };
  }
  const bytes = Buffer.byteLength(source?.text ?? '');
  if (bytes <= MAX_SOURCE_BYTES) return undefined;
  return { reason: 'LimitsRefused', message: `the source has ${bytes} bytes; at most ${MAX_SOURCE_BYTES} are taken` };
}
