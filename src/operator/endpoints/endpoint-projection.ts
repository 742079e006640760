import { hash } from 'node:crypto';
import type { ScriptEndpoint, ScriptEndpointSpec } from '../../api/types.generated.ts';
import { defined } from '../../kube/defined.ts';

/** What the cache keeps of a ScriptEndpoint: all but its script. */
export interface EndpointProjection extends Omit<ScriptEndpoint, 'spec'> {
  readonly spec: Omit<ScriptEndpointSpec, 'source'>;
  /** Digest of what is compiled of the object itself. */
  readonly scriptDigest: string;
}

/** The projection of a ScriptEndpoint that is cached. */
export function projectEndpoint({ apiVersion, kind, metadata, spec, status }: ScriptEndpoint): EndpointProjection {
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } = metadata;
  const { source, ...rest } = spec;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      ...defined({ uid, resourceVersion, generation, creationTimestamp, deletionTimestamp }),
    },
    spec: rest,
    status,
    scriptDigest: hash('sha256', JSON.stringify([spec.language, source, spec.sourceFrom]), 'base64url'),
  };
}
