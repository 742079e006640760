import { SOURCE_LABEL } from '../../api/config-map.ts';
import { API_VERSION } from '../../api/crd.ts';
import type { JsonObject, JsonValue } from '../../api/json.ts';

export interface ScriptManifestOptions {
  readonly kind: 'ScriptExecution' | 'ConfigMap';
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly params?: JsonValue | undefined;
  readonly runtime?: string | undefined;
  /** Key of the ConfigMap that holds the script. */
  readonly key: string;
}

/** A bundle as a ScriptExecution, or as the ConfigMap of one. Pure. */
export function scriptManifest(source: string, options: ScriptManifestOptions): JsonObject {
  const { kind, name, namespace, params, runtime, key } = options;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  if (kind === 'ConfigMap') {
    return {
      apiVersion: 'v1',
      kind,
      metadata: { ...metadata, labels: { [SOURCE_LABEL]: 'true' } },
      data: { [key]: source },
    };
  }
  return {
    apiVersion: API_VERSION,
    kind,
    metadata,
    spec: {
      ...(runtime === undefined ? {} : { runtimeRef: { name: runtime } }),
      language: 'JavaScript',
      ...(params === undefined ? {} : { params }),
      source,
    },
  };
}
