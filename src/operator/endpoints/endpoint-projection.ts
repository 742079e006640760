import { hash } from 'node:crypto';
import type { ScriptEndpoint, ScriptEndpointSpec } from '../../api/types.generated.ts';
import { projectedMetadata } from '../projected-metadata.ts';

/** What the cache keeps of a ScriptEndpoint: all but its script. */
export interface EndpointProjection extends Omit<ScriptEndpoint, 'spec'> {
  readonly spec: Omit<ScriptEndpointSpec, 'source'>;
  /** Digest of what is compiled of the object itself. */
  readonly scriptDigest: string;
}

/** The projection of a ScriptEndpoint that is cached. */
export function projectEndpoint({ apiVersion, kind, metadata, spec, status }: ScriptEndpoint): EndpointProjection {
  const { source, ...rest } = spec;
  return {
    apiVersion,
    kind,
    metadata: projectedMetadata(metadata),
    spec: rest,
    status,
    scriptDigest: hash('sha256', JSON.stringify([spec.language, source, spec.sourceFrom]), 'base64url'),
  };
}
