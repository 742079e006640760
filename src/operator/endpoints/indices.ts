import { fileReferences } from '../../api/script-files.ts';
import { refKey } from '../../kube/object.ts';
import type { EndpointProjection } from './endpoint-projection.ts';

/** Indices of the endpoints' cache. */
export const ENDPOINTS_BY_RUNTIME = 'endpointsByRuntime';
export const ENDPOINTS_BY_SOURCE = 'endpointsBySource';
export const ENDPOINTS_BY_HOST = 'endpointsByHost';

/** Key of the ScriptRuntime of an endpoint. */
export const runtimeKeyOf = ({
  metadata: { namespace },
  spec,
}: Pick<EndpointProjection, 'metadata' | 'spec'>): string => refKey({ namespace, name: spec.runtimeRef.name });

/** Keys of the ConfigMaps that an endpoint's script is read from. */
export const sourceKeysOf = ({ metadata: { namespace }, spec }: EndpointProjection): string[] =>
  fileReferences(spec.sourceFrom).map(({ configMap }) => refKey({ namespace, name: configMap }));
