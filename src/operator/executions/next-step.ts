import { admitsTenant, tenantOf } from '../../api/defaults.ts';
import { tooDeepMessage } from '../../api/json-depth.ts';
import { executionLimits, limitsRefusedMessage } from '../../api/limits.ts';
import type { EndReason, Reason } from '../../api/outcome.ts';
import type { ExecutionClaim, ScriptRuntime } from '../../api/types.generated.ts';
import { knownLimits } from '../../cluster/known-limits.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { isFinished } from './finished.ts';
import type { Due } from './waiting-times.ts';

/** The state from which the next step of an execution is decided. */
export interface Situation {
  readonly execution: ExecutionProjection;
  readonly runtime: ScriptRuntime | undefined;
  /** The namespace is being deleted. */
  readonly isNamespaceEnding?: boolean;
  /** What it needs from ConfigMaps and is not there, as a sentence. */
  readonly missingSource?: string | undefined;
  /** Pods of the runtime that accept executions. */
  readonly readyPods: number;
  /** Why none of them has the values of Secrets and ConfigMaps that it needs, as a sentence. */
  readonly missingValues?: string | undefined;
  /** Whether any of them has the promised limits and the values; true if there is no pod. */
  readonly hasFittingPod?: boolean;
  /** Why the last claim, or the last write of an outcome, failed. */
  readonly failure?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How long the current run has waited. */
  readonly waitedMs: number;
  /** When the next attempt of the current run may start; undefined: the first one is due. */
  readonly nextAttempt?: Due | undefined;
}

/** The next step of an execution. */
export type Step =
  /** Nothing to do, for now or at all. */
  | { readonly kind: 'noop'; readonly forMs?: number }
  /** Its TTL after finishing is over. */
  | { readonly kind: 'delete' }
  /** A new generation without a change of what is run: observe it. */
  | { readonly kind: 'observe' }
  /** What is run has changed: start the next run. */
  | { readonly kind: 'restart' }
  /** It finishes without a run. */
  | { readonly kind: 'finish'; readonly reason: EndReason; readonly message: string }
  /** It cannot start yet. */
  | { readonly kind: 'wait'; readonly reason: Reason; readonly message: string; readonly forMs?: number }
  /** It can be claimed once a pod has a slot; with a reason if that may take long. */
  | { readonly kind: 'queue'; readonly reason?: Reason; readonly message?: string }
  /** A pod has it: wait for its outcome. */
  | { readonly kind: 'follow'; readonly claim: ExecutionClaim }
  /** A pod has it and must cancel it. */
  | { readonly kind: 'stop'; readonly claim: ExecutionClaim };

/** Time for a gateway to write the status of a record. */
export const RECORDED_WITHIN_MS = 60_000;

type Policy = (situation: Situation) => Step | undefined;

/** Decides the next step: the first policy with a result. Pure. */
export function nextStep(situation: Situation): Step {
  for (const policy of POLICIES) {
    const step = policy(situation);
    if (step !== undefined) return step;
  }
  return { kind: 'queue' };
}

/** It is being deleted: a run is stopped, and nothing is written. */
const beingDeleted: Policy = ({ execution: { metadata, status } }) => {
  if (metadata.deletionTimestamp === undefined) return undefined;
  return status.claim && !isFinished(status) ? { kind: 'stop', claim: status.claim } : { kind: 'noop' };
};

/** `ttlSecondsAfterFinished` is over. */
const expired: Policy = ({ execution, now }) => {
  const at = expiresAt(execution);
  const isOver = execution.status.runDigest === execution.digest || execution.spec.cancel;
  return at !== undefined && isOver && now >= at ? { kind: 'delete' } : undefined;
};

/** It is finished and unchanged; or it was cancelled, and still is. */
const over: Policy = ({ execution: { metadata, spec, status, digest } }) => {
  if (!isFinished(status) || (status.runDigest !== digest && !spec.cancel)) return undefined;
  return status.observedGeneration === metadata.generation ? { kind: 'noop' } : { kind: 'observe' };
};

/** A gateway has run it and is about to write what came of it: nobody else does, unless the gateway is gone. */
const recorded: Policy = ({ execution: { isRecord = false, status }, waitedMs }) => {
  if (!isRecord) return undefined;
  if (isFinished(status)) return { kind: 'noop' };
  if (status.claim !== undefined) return undefined;
  const leftMs = RECORDED_WITHIN_MS - waitedMs;
  if (leftMs > 0) return { kind: 'noop', forMs: leftMs };
  const message = 'The gateway that ran it ended before it recorded the outcome.';
  return { kind: 'finish', reason: 'PodLost', message };
};

/** What is run has changed: the previous run is stopped first, and its outcome discarded. */
const changed: Policy = ({ execution: { spec, status, digest } }) => {
  if (status.runDigest === undefined || status.runDigest === digest) return undefined;
  if (status.claim && !isFinished(status)) return { kind: 'stop', claim: status.claim };
  return spec.cancel ? undefined : { kind: 'restart' };
};

/** Cancelled, whether it runs or waits. */
const cancelled: Policy = ({ execution: { spec, status } }) => {
  if (!spec.cancel) return undefined;
  if (status.claim) return { kind: 'stop', claim: status.claim };
  return { kind: 'finish', reason: 'Cancelled', message: 'The execution was cancelled before it started.' };
};

/** The namespace is being deleted: runs are stopped, because pods wait for their scripts, and nothing starts. */
const namespaceEnding: Policy = ({ execution: { metadata, status }, isNamespaceEnding }) => {
  if (!isNamespaceEnding) return undefined;
  if (status.claim) return { kind: 'stop', claim: status.claim };
  const message = `Namespace "${metadata.namespace}" is being deleted: no execution starts.`;
  return { kind: 'wait', reason: 'RuntimeNotReady', message };
};

/** A pod has it: suspension or a missing runtime do not change that. */
const claimed: Policy = ({ execution: { status } }) => status.claim && { kind: 'follow', claim: status.claim };

/** Its start is suspended. */
const suspended: Policy = ({ execution: { spec } }) =>
  spec.suspend ? { kind: 'wait', reason: 'Suspended', message: 'spec.suspend is true.' } : undefined;

/** The starting deadline is over. A run that has started once is not late. */
const tooLate: Policy = ({ execution: { spec, status }, waitedMs }) => {
  const seconds = spec.startingDeadlineSeconds;
  if (seconds === undefined || (status.attempts ?? 0) > 0 || waitedMs < seconds * 1000) return undefined;
  return { kind: 'finish', reason: 'DeadlineExceeded', message: `The execution did not start within ${seconds} s.` };
};

/** Its last attempt failed, and the next is not due yet. */
const backingOff: Policy = ({ execution: { status }, nextAttempt }) => {
  if (nextAttempt === undefined || nextAttempt.inMs <= 0) return undefined;
  const last = status.attemptHistory?.at(-1);
  const why = last === undefined ? 'A pod refused it' : `Attempt ${last.attempt} ended with ${last.reason}`;
  const message = `${why}; the next attempt is due at ${new Date(nextAttempt.at).toISOString()}.`;
  return { kind: 'wait', reason: 'Pending', message, forMs: nextAttempt.inMs };
};

/** No pod accepts its content. */
const tooDeep: Policy = ({ execution: { tooDeep: field } }) =>
  field && { kind: 'finish', reason: 'LimitsRefused', message: tooDeepMessage(`spec.${field}`) };

/** The runtime does not exist, or is being deleted. */
const noRuntime: Policy = ({ execution: { metadata, spec }, runtime }) => {
  if (runtime !== undefined && runtime.metadata.deletionTimestamp === undefined) return undefined;
  const { name } = spec.runtimeRef;
  const message =
    runtime === undefined
      ? `There is no ScriptRuntime "${name}" in namespace "${metadata.namespace}".`
      : `ScriptRuntime "${name}" is being deleted: it accepts no more executions.`;
  return { kind: 'wait', reason: 'RuntimeNotFound', message };
};

/** A ConfigMap or a key that it needs does not exist. */
const noSource: Policy = ({ missingSource: message }) =>
  message === undefined ? undefined : { kind: 'wait', reason: 'SourceNotFound', message };

/** The runtime does not admit the tenant. */
const tenantRefused: Policy = ({ execution, runtime }) => {
  const tenant = tenantOf(execution);
  if (runtime === undefined || admitsTenant(runtime, tenant)) return undefined;
  return { kind: 'finish', reason: 'TenantRefused', message: `the runtime does not admit tenant "${tenant}"` };
};

/** Its limits exceed the runtime's. */
const limitsRefused: Policy = ({ execution: { spec }, runtime }) => {
  if (runtime === undefined) return undefined;
  const { exceeded } = executionLimits(knownLimits(runtime), spec.limits);
  if (exceeded.length === 0) return undefined;
  return { kind: 'finish', reason: 'LimitsRefused', message: limitsRefusedMessage(exceeded) };
};

/** No pod accepts executions; the runtime's conditions say why. */
const notReady: Policy = ({ execution: { spec }, readyPods }) =>
  readyPods === 0
    ? { kind: 'queue', reason: 'RuntimeNotReady', message: `ScriptRuntime "${spec.runtimeRef.name}" has no ready pod.` }
    : undefined;

/** A Secret, a ConfigMap or a key that its env refers to does not exist, or pods do not have it yet. */
const noValues: Policy = ({ missingValues: message }) =>
  message === undefined ? undefined : { kind: 'queue', reason: 'RuntimeNotReady', message };

/** All pods still have lower limits than the runtime's current `spec`: it waits for new pods. */
const noFittingPod: Policy = ({ execution: { spec }, hasFittingPod = true }) =>
  hasFittingPod
    ? undefined
    : {
        kind: 'queue',
        reason: 'RuntimeNotReady',
        message: `The pods of ScriptRuntime "${spec.runtimeRef.name}" still have the former, lower limits: the execution waits for new pods.`,
      };

/** It is retried, with the reason why it takes long. */
const failing: Policy = ({ failure }) =>
  failure === undefined
    ? undefined
    : { kind: 'queue', reason: 'Pending', message: `The claim failed and will be retried: ${failure}` };

const POLICIES: readonly Policy[] = [
  beingDeleted,
  expired,
  over,
  recorded,
  changed,
  cancelled,
  namespaceEnding,
  claimed,
  suspended,
  tooLate,
  tooDeep,
  backingOff,
  noRuntime,
  noSource,
  tenantRefused,
  limitsRefused,
  notReady,
  noValues,
  noFittingPod,
  failing,
];

/** When a finished execution is to be deleted, in milliseconds since the epoch; undefined: never. */
export function expiresAt({ spec, status }: Pick<ExecutionProjection, 'spec' | 'status'>): number | undefined {
  if (spec.ttlSecondsAfterFinished === undefined || !isFinished(status)) return undefined;
  const at = Date.parse(status.completionTime ?? '') + spec.ttlSecondsAfterFinished * 1000;
  return Number.isFinite(at) ? at : undefined;
}
