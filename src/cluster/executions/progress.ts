import { succeededCondition } from '../../api/conditions.ts';
import type { Condition, ScriptExecution } from '../../api/types.generated.ts';

/** Where an execution is between its request and its end. */
export type Progress =
  /** The operator has not seen it as it is now. */
  | { readonly kind: 'unobserved' }
  | { readonly kind: 'waiting'; readonly condition: Condition }
  /** It waits until it is resumed. */
  | { readonly kind: 'suspended'; readonly condition: Condition }
  | { readonly kind: 'running'; readonly condition: Condition }
  | { readonly kind: 'finished'; readonly condition: Condition; readonly succeeded: boolean };

/** The progress of an execution according to its object. Pure. */
export function progressOf({ metadata, status }: ScriptExecution): Progress {
  const condition = succeededCondition(status);
  if (condition === undefined || status.observedGeneration !== metadata.generation) return { kind: 'unobserved' };
  if (condition.status !== 'Unknown') return { kind: 'finished', condition, succeeded: condition.status === 'True' };
  if (condition.reason === 'Suspended') return { kind: 'suspended', condition };
  return { kind: condition.reason === 'Running' ? 'running' : 'waiting', condition };
}
