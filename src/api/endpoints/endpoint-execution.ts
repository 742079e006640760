import { API_VERSION } from '../crd.ts';
import type { ScriptEndpoint, ScriptExecution, ScriptExecutionContext } from '../types.generated.ts';

/**
 * The execution of an endpoint's script for one request: what the operator would be given for it, were it an object. Pure.
 *
 * @param request what its context says of the request
 * @param uid its id: `context.execution.id`
 */
export function endpointExecution(
  { metadata, spec }: ScriptEndpoint,
  { uid, ...request }: Omit<ScriptExecutionContext, 'tenant' | 'execution'> & { readonly uid?: string } = {},
): ScriptExecution {
  const { runtimeRef, language, source, sourceFrom, env, limits, context } = spec;
  return {
    apiVersion: API_VERSION,
    kind: 'ScriptExecution',
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      generation: 1,
      ...(uid === undefined ? {} : { uid }),
    },
    spec: {
      runtimeRef,
      language,
      ...(source === undefined ? {} : { source }),
      ...(sourceFrom === undefined ? {} : { sourceFrom }),
      ...(env === undefined ? {} : { env }),
      ...(limits === undefined ? {} : { limits }),
      context: { ...context, ...request, execution: { type: 'http', triggeredBy: 'api' } },
      backoffLimit: 0,
      priority: 0,
      suspend: false,
      cancel: false,
    },
    status: {},
  };
}
