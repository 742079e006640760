import { LRUCache } from 'lru-cache';
import { SOURCE_LABEL } from '../api/config-map.ts';
import {
  type FileReference,
  type FileTexts,
  fileReferences,
  type ScriptFiles,
  scriptFiles,
} from '../api/script-files.ts';
import type { ScriptExecutionSpec, ScriptRuntime } from '../api/types.generated.ts';
import { type KubeObject, type ObjectRef, refKey } from '../kube/object.ts';
import type { ConfigMap } from '../kube/resources.ts';
import type { Store } from '../kube/store.ts';
import type { SourceProjection } from './source-projection.ts';

/** Selects the ConfigMaps that are watched. */
export const SOURCE_SELECTOR = `${SOURCE_LABEL}=true`;

export interface SourcesParts {
  readonly known: Store<SourceProjection>;
  /** Reads a whole ConfigMap; undefined if it does not exist. */
  readonly read: (ref: ObjectRef) => Promise<ConfigMap | undefined>;
}

/** What reads files: an execution, as far as it says which. */
export interface WithSource {
  readonly metadata: { readonly namespace: string };
  readonly spec: Pick<ScriptExecutionSpec, 'sourceFrom' | 'runtimeRef'>;
}

/** Maximum size of the cached texts. */
const MAX_CACHED_BYTES = 16 << 20;

/** Files that executions read from ConfigMaps. */
export class Sources {
  readonly #parts: SourcesParts;
  /** `data` by the ConfigMap's uid and version. */
  readonly #data = new LRUCache<string, FileTexts>({
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: (data, id) => {
      const texts = Object.entries(data).reduce((sum, [name, text]) => sum + name.length + text.length, id.length);
      return 2 * texts + 256;
    },
  });

  constructor(parts: SourcesParts) {
    this.#parts = parts;
  }

  /** What an execution needs and the cached ConfigMaps do not have, as a sentence; undefined if nothing is missing. */
  missing({ metadata, spec }: WithSource, runtime: ScriptRuntime | undefined): string | undefined {
    for (const reference of fileReferences(spec.sourceFrom, runtime?.spec.imports)) {
      const { configMap: name, key, specifier } = reference;
      const known = this.#parts.known.get({ namespace: metadata.namespace, name });
      if (known?.keys.has(key)) continue;
      const why = missingMessage(reference, known);
      return specifier === undefined
        ? why
        : `ScriptRuntime "${spec.runtimeRef.name}" imports ${JSON.stringify(specifier)}: ${why}`;
    }
    return undefined;
  }

  /**
   * All that a run reads from ConfigMaps: each ConfigMap once, in one version. Undefined if one of them or a key does
   * not exist. Throws if the API server does not answer.
   */
  async read(execution: WithSource, runtime: ScriptRuntime | undefined): Promise<ScriptFiles | undefined> {
    if (this.missing(execution, runtime) !== undefined) return undefined;
    const { sourceFrom } = execution.spec;
    const imports = runtime?.spec.imports;
    const names = new Set(fileReferences(sourceFrom, imports).map(({ configMap }) => configMap));
    const data = new Map<string, FileTexts | undefined>();
    for (const name of names) data.set(name, await this.#read({ namespace: execution.metadata.namespace, name }));
    return scriptFiles(sourceFrom, imports, (name) => data.get(name));
  }

  /** The `data` of a ConfigMap with the label. */
  async #read(ref: ObjectRef): Promise<FileTexts | undefined> {
    const seen = this.#parts.known.get(ref);
    const cached = seen && this.#data.get(idOf(seen));
    if (cached !== undefined) return cached;
    const found = await this.#parts.read(ref);
    if (found?.metadata.labels?.[SOURCE_LABEL] !== 'true') return undefined;
    const data = found.data ?? {};
    this.#data.set(idOf(found), data);
    return data;
  }
}

const idOf = ({ metadata: { uid, resourceVersion } }: KubeObject): string => `${uid} ${resourceVersion}`;

function missingMessage({ configMap, key }: FileReference, known: SourceProjection | undefined): string {
  const named = `ConfigMap "${configMap}"`;
  if (known === undefined) return `${named} with label copepod.dev/source: "true" was not found.`;
  return known.binaryKeys.has(key)
    ? `${named} has key "${key}" in binaryData: scripts are read from data, as UTF-8 text.`
    : `${named} has no key "${key}" in its data.`;
}

/** Index of runtimes by the keys of the ConfigMaps that they import from. */
export function importKeys({ metadata: { namespace }, spec }: ScriptRuntime): string[] {
  const names = new Set(fileReferences(undefined, spec.imports).map(({ configMap }) => configMap));
  return [...names].map((name) => refKey({ namespace, name }));
}
