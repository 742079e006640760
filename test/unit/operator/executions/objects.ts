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

/** An execution as an API server gives it: of generation 1, new where no status is given. */
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

/** A status that says this of the run that `spec` asks for. */
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

/** How a script ends that gives this. */
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

/** How a script ends that does not complete. */
export function failed(reason: Reason, message = 'no good'): OutcomeInput {
  const { errorType, retryable } = REASONS[reason];
  const { result: _, ...outcome } = completed(undefined);
  return { ...outcome, reason, ...(errorType === null ? {} : { error: { type: errorType, message, retryable } }) };
}

/** The status as an API server takes it of that object. Throws what it would refuse. */
export function accepted(before: ScriptExecution, status: ScriptExecution['status']): ScriptExecution['status'] {
  const [object, old] = [{ ...before, status }, before].map((each) => JSON.parse(JSON.stringify(each)) as JsonValue);
  const validated = validateObject('ScriptExecution', object as JsonValue, { status: true, old: old as JsonValue });
  if (!validated.ok) throw new Error(JSON.stringify(validated.errors));
  return validated.object.status;
}

/** What kstatus makes of an object: Flux, Argo CD, `kubectl wait` and Helm wait by it. */
export function kstatus({ metadata, status }: Pick<ScriptExecution, 'metadata' | 'status'>): string {
  if (status.observedGeneration !== metadata.generation) return 'InProgress';
  const is = (type: string): string | undefined => status.conditions?.find((each) => each.type === type)?.status;
  if (is('Reconciling') === 'True') return 'InProgress';
  if (is('Stalled') === 'True') return 'Failed';
  return is('Ready') === 'True' || is('Ready') === undefined ? 'Current' : 'InProgress';
}
