import { makeExecution } from '../../../../src/api/defaults.ts';
import { runDigest } from '../../../../src/api/digest.ts';
import type { JsonValue } from '../../../../src/api/json.ts';
import type { Reason } from '../../../../src/api/outcome.ts';
import { REASONS } from '../../../../src/api/outcome.ts';
import type { OutcomeInput } from '../../../../src/api/status.ts';
import type { Condition, ExecutionClaim, ScriptExecution } from '../../../../src/api/types.generated.ts';
import { validateObject } from '../../../../src/api/validate.ts';
import {
  type ExecutionProjection,
  projectExecution,
} from '../../../../src/operator/executions/execution-projection.ts';

export const NOW = new Date('2026-11-22T10:00:00.250Z');
export const CREATED = '2026-11-22T09:59:00Z';

export const CLAIM: ExecutionClaim = {
  podName: 'copepod-default-1',
  podUID: 'pod-1',
  bootID: 'boot-1',
  attempt: 1,
  claimTime: '2026-11-22T10:00:00.000000Z',
};

export interface Parts {
  readonly spec?: Partial<ScriptExecution['spec']>;
  readonly status?: ScriptExecution['status'];
  readonly metadata?: Partial<ScriptExecution['metadata']>;
}

/** An execution as the API server returns it: of generation 1; new if there is no status. */
export function execution({ spec = {}, status = { observedGeneration: -1 }, metadata = {} }: Parts = {}) {
  const made = makeExecution({ name: 'hello', namespace: 'acme', uid: 'uid-1' }, { source: '1 + 1' });
  const { sourceFrom } = spec;
  const { source: _, ...sourceless } = made.spec;
  return {
    ...made,
    metadata: {
      ...made.metadata,
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: CREATED,
      ...metadata,
    },
    spec: { ...(sourceFrom === undefined ? made.spec : sourceless), ...spec },
    status,
  } satisfies ScriptExecution;
}

export const known = (parts: Parts = {}): ExecutionProjection => projectExecution(execution(parts));

/** A status with this reason, for the run that `spec` defines. */
export function statusOf(
  reason: Reason,
  { spec = {}, ...more }: ScriptExecution['status'] & Pick<Parts, 'spec'> = {},
): ScriptExecution['status'] {
  const status = REASONS[reason].succeeded;
  const conditions = ['Succeeded', 'Ready'].map(
    (type): Condition => ({
      type,
      status: type === 'Ready' && reason === 'Suspended' ? 'False' : status,
      reason,
      message: 'as it was',
      observedGeneration: 1,
      lastTransitionTime: '2026-11-22T09:59:30.000000Z',
    }),
  );
  return { observedGeneration: 1, conditions, run: 1, runDigest: runDigest(execution({ spec }).spec), ...more };
}

const USAGE = { cpuMilliseconds: 1.4, wallMilliseconds: 2.6, peakHeapBytes: 1_200_000, apiCalls: 0 };

/** The outcome of a script with this result. */
export function completed(result: JsonValue | undefined): OutcomeInput {
  return {
    reason: 'Completed',
    ...(result === undefined ? {} : { result }),
    logs: [{ time: NOW, level: 'info', message: 'hi' }],
    usage: USAGE,
    startTime: NOW,
    completionTime: new Date(NOW.getTime() + 3),
  };
}

/** The outcome of a script that fails. */
export function failed(reason: Reason, message = 'no good'): OutcomeInput {
  const { errorType, retryable } = REASONS[reason];
  const { result: _, ...outcome } = completed(undefined);
  return { ...outcome, reason, ...(errorType === null ? {} : { error: { type: errorType, message, retryable } }) };
}

/** The status as the API server stores it. Throws if the API server would refuse it. */
export function accepted(before: ScriptExecution, status: ScriptExecution['status']): ScriptExecution['status'] {
  const [object, old] = [{ ...before, status }, before].map((each) => JSON.parse(JSON.stringify(each)) as JsonValue);
  const validated = validateObject('ScriptExecution', object as JsonValue, { status: true, old: old as JsonValue });
  if (!validated.ok) throw new Error(JSON.stringify(validated.errors));
  return validated.object.status;
}

/** The kstatus state of an object: Flux, Helm and others wait by it. */
export function kstatus({ metadata, status }: Pick<ScriptExecution, 'metadata' | 'status'>): string {
  if (status.observedGeneration !== metadata.generation) return 'InProgress';
  const is = (type: string): string | undefined => status.conditions?.find((each) => each.type === type)?.status;
  if (is('Reconciling') === 'True') return 'InProgress';
  if (is('Stalled') === 'True') return 'Failed';
  return is('Ready') === 'True' || is('Ready') === undefined ? 'Current' : 'InProgress';
}
