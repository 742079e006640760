import { SOURCE_LABEL } from '../../api/config-map.ts';
import { sourceDigest } from '../../api/digest.ts';
import { MAX_SOURCE_BYTES } from '../../api/limits.ts';
import type { EndReason } from '../../api/outcome.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import { refKey } from '../kube/object.ts';
import type { ConfigMap } from '../kube/resources.ts';
import type { Store } from '../kube/store.ts';
import type { KnownExecution } from './known-execution.ts';

/** The ConfigMaps that the operator looks at, and no others. */
export const SOURCE_SELECTOR = `${SOURCE_LABEL}=true`;

/** Scripts that executions read from ConfigMaps. */
export class Sources {
  readonly #configMaps: Store<ConfigMap>;

  constructor(configMaps: Store<ConfigMap>) {
    this.#configMaps = configMaps;
  }

  /** Whether the script is at hand: in the object itself, or in a ConfigMap that is there. */
  has({ metadata, spec }: ScriptExecution): boolean {
    return spec.sourceFrom === undefined || this.#find(metadata.namespace, spec) !== undefined;
  }

  /** The text that `sourceFrom` gives and its digest; undefined where it gives none, or the script is in the object. */
  read({ metadata, spec }: ScriptExecution): { readonly text: string; readonly digest: string } | undefined {
    const text = this.#find(metadata.namespace, spec);
    return text === undefined ? undefined : { text, digest: sourceDigest(text) };
  }

  #find(namespace: string, { sourceFrom }: ScriptExecution['spec']): string | undefined {
    if (sourceFrom === undefined) return undefined;
    const { name, key } = sourceFrom.configMapKeyRef;
    const data = this.#configMaps.get(refKey({ namespace, name }))?.data;
    return data !== undefined && Object.hasOwn(data, key) ? data[key] : undefined;
  }
}

/** Index of executions by the ConfigMap that their script comes from: its key. */
export function sourceKey({ metadata, spec }: ScriptExecution): string | undefined {
  const name = spec.sourceFrom?.configMapKeyRef.name;
  return name === undefined ? undefined : refKey({ namespace: metadata.namespace, name });
}

/** Why a script from a ConfigMap can't be run; undefined where it can, or there is none. Pure. */
export function unusableSource(
  { status }: KnownExecution,
  source: { readonly text: string; readonly digest: string } | undefined,
): { readonly reason: EndReason; readonly message: string } | undefined {
  const { attempts = 0, sourceDigest } = status;
  if (attempts > 0 && sourceDigest !== undefined && sourceDigest !== source?.digest) {
    const message = 'The ConfigMap holds another script now than the one that was started.';
    return { reason: 'SourceChanged', message };
  }
  const bytes = Buffer.byteLength(source?.text ?? '');
  if (bytes <= MAX_SOURCE_BYTES) return undefined;
  return { reason: 'LimitsRefused', message: `the source has ${bytes} bytes; at most ${MAX_SOURCE_BYTES} are taken` };
}
