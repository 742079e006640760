import type { JsonValue } from '../../src/api/json.ts';
import type { ScriptEndpoint } from '../../src/api/types.generated.ts';
import { validateObject } from '../../src/api/validate.ts';

/** A ScriptEndpoint as the API server returns it. */
export function madeEndpoint(
  spec: object = {},
  metadata: object = {},
  status: object = { observedGeneration: -1 },
): ScriptEndpoint {
  const object = {
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptEndpoint',
    metadata: {
      name: 'shop',
      namespace: 'acme',
      uid: 'uid-1',
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: '2026-11-30T10:00:05Z',
      ...metadata,
    },
    spec: { source: 'export default () => new Response();', ...spec },
    status,
  };
  const validated = validateObject('ScriptEndpoint', object as unknown as JsonValue, { status: true });
  if (!validated.ok) throw new Error(JSON.stringify(validated.errors));
  return validated.object;
}
