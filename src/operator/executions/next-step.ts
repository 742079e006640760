import { admitsTenant, tenantOf } from '../../api/defaults.ts';
import { tooDeepMessage } from '../../api/json-depth.ts';
import { executionLimits, limitsRefusedMessage, runtimeLimits } from '../../api/limits.ts';
import type { EndReason, Reason } from '../../api/outcome.ts';
import type { ExecutionClaim, ScriptRuntime } from '../../api/types.generated.ts';
import type { ExecutionProjection } from './execution-projection.ts';
import { isFinished } from './finished.ts';
import type { SourceWhereabouts } from './sources.ts';
import type { Due } from './waiting-times.ts';

/** What the operator knows when it looks at an execution. */
export interface Situation {
  readonly execution: ExecutionProjection;
  readonly runtime: ScriptRuntime | undefined;
  /** The namespace is being deleted, and everything in it. */
  readonly isNamespaceEnding?: boolean;
  readonly source: SourceWhereabouts;
  /** Pods of the runtime that take executions now. */
  readonly readyPods: number;
  /** Whether one of these has the limits that the execution is promised, or there is none. */
  readonly hasFittingPod?: boolean;
  /** Why the last try to claim it failed, or to record its outcome. */
  readonly failure?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** For how long the present run has waited. */
  readonly waitedMs: number;
  /** When the next attempt of the present run may start; undefined: the first one is due. */
  readonly nextAttempt?: Due | undefined;
}

/** What to do next with an execution. */
export type Step =
  /** Nothing. */
  | { readonly kind: 'noop' }
  /** It has been over for as long as its author wants it kept. */
  | { readonly kind: 'delete' }
  /** A new generation changes nothing that is run: say that it was seen. */
  | { readonly kind: 'observe' }
  /** What is run has changed: begin the next run. */
  | { readonly kind: 'restart' }
  /** It ends without having run. */
  | { readonly kind: 'finish'; readonly reason: EndReason; readonly message: string }
  /** It can't start yet. */
  | { readonly kind: 'wait'; readonly reason: Reason; readonly message: string; readonly forMs?: number }
  /** It may be claimed as soon as a pod has a place; why that may take long, where something is to be said of it. */
  | { readonly kind: 'queue'; readonly reason?: Reason; readonly message?: string }
  /** A pod has it: learn how it ends. */
  | { readonly kind: 'follow'; readonly claim: ExecutionClaim }
  /** A pod has it and shall end it. */
  | { readonly kind: 'stop'; readonly claim: ExecutionClaim };

type Policy = (situation: Situation) => Step | undefined;

/** Decides what to do next: the first policy with an opinion has it. Pure. */
export function nextStep(situation: Situation): Step {
  for (const policy of POLICIES) {
    const step = policy(situation);
    if (step !== undefined) return step;
  }
  return { kind: 'queue' };
}

/** Somebody deletes it: what runs is stopped, and nothing is written to an object that goes. */
const beingDeleted: Policy = ({ execution: { metadata, status } }) => {
  if (metadata.deletionTimestamp === undefined) return undefined;
  return status.claim && !isFinished(status) ? { kind: 'stop', claim: status.claim } : { kind: 'noop' };
};

/** It has been over for `ttlSecondsAfterFinished`. */
const expired: Policy = ({ execution, now }) => {
  const at = expiresAt(execution);
  const isOver = execution.status.runDigest === execution.digest || execution.spec.cancel;
  return at !== undefined && isOver && now >= at ? { kind: 'delete' } : undefined;
};

/** It has ended, and what is run is what was run; or it was cancelled, and still is. */
const over: Policy = ({ execution: { metadata, spec, status, digest } }) => {
  if (!isFinished(status) || (status.runDigest !== digest && !spec.cancel)) return undefined;
  return status.observedGeneration === metadata.generation ? { kind: 'noop' } : { kind: 'observe' };
};

/** What is run has changed: a run of what it was is stopped first, and its outcome is nobody's. */
const changed: Policy = ({ execution: { spec, status, digest } }) => {
  if (status.runDigest === undefined || status.runDigest === digest) return undefined;
  if (status.claim && !isFinished(status)) return { kind: 'stop', claim: status.claim };
  return spec.cancel ? undefined : { kind: 'restart' };
};

/** Cancelled for good, whether it runs or waits. */
const cancelled: Policy = ({ execution: { spec, status } }) => {
  if (!spec.cancel) return undefined;
  if (status.claim) return { kind: 'stop', claim: status.claim };
  return { kind: 'finish', reason: 'Cancelled', message: 'The execution was cancelled before it started.' };
};

/** The namespace is being deleted: what runs is ended, as its pods go only when their scripts have, and nothing starts. */
const namespaceEnding: Policy = ({ execution: { metadata, status }, isNamespaceEnding }) => {
  if (!isNamespaceEnding) return undefined;
  if (status.claim) return { kind: 'stop', claim: status.claim };
  const message = `Namespace "${metadata.namespace}" is being deleted: nothing is started there.`;
  return { kind: 'wait', reason: 'RuntimeNotReady', message };
};

/** A pod has it: neither suspension nor a runtime that is gone changes that. */
const claimed: Policy = ({ execution: { status } }) => status.claim && { kind: 'follow', claim: status.claim };

/** It shall not start for now. */
const suspended: Policy = ({ execution: { spec } }) =>
  spec.suspend ? { kind: 'wait', reason: 'Suspended', message: 'spec.suspend is true.' } : undefined;

/** It has waited longer than its author wants it to. A run that has started once is not late. */
const tooLate: Policy = ({ execution: { spec, status }, waitedMs }) => {
  const seconds = spec.startingDeadlineSeconds;
  if (seconds === undefined || (status.attempts ?? 0) > 0 || waitedMs < seconds * 1000) return undefined;
  return { kind: 'finish', reason: 'DeadlineExceeded', message: `It did not start within ${seconds} s.` };
};

/** Its last attempt failed, and the next is not due yet. */
const backingOff: Policy = ({ execution: { status }, nextAttempt }) => {
  if (nextAttempt === undefined || nextAttempt.inMs <= 0) return undefined;
  const last = status.attemptHistory?.at(-1);
  const why = last === undefined ? 'A pod did not take it' : `Attempt ${last.attempt} ended with ${last.reason}`;
  const message = `${why}; the next attempt is due at ${new Date(nextAttempt.at).toISOString()}.`;
  return { kind: 'wait', reason: 'Pending', message, forMs: nextAttempt.inMs };
};

/** No pod takes what it runs. */
const tooDeep: Policy = ({ execution: { tooDeep: field } }) =>
  field && { kind: 'finish', reason: 'LimitsRefused', message: tooDeepMessage(`spec.${field}`) };

/** There is no runtime of that name, or it is on its way out. */
const noRuntime: Policy = ({ execution: { metadata, spec }, runtime }) => {
  if (runtime !== undefined && runtime.metadata.deletionTimestamp === undefined) return undefined;
  const { name } = spec.runtimeRef;
  const message =
    runtime === undefined
      ? `There is no ScriptRuntime "${name}" in namespace "${metadata.namespace}".`
      : `ScriptRuntime "${name}" is being deleted: it takes no more executions.`;
  return { kind: 'wait', reason: 'RuntimeNotFound', message };
};

/** The script's text is not there. */
const noSource: Policy = ({ execution: { spec }, source }) => {
  if (source === 'found') return undefined;
  const { name, key } = spec.sourceFrom?.configMapKeyRef ?? { name: '', key: '' };
  const message = {
    noConfigMap: `ConfigMap "${name}" with label copepod.dev/source: "true" was not found.`,
    noKey: `ConfigMap "${name}" has no key "${key}" in its data.`,
    inBinaryData: `ConfigMap "${name}" has key "${key}" in binaryData: scripts are read from data, as UTF-8 text.`,
  }[source];
  return { kind: 'wait', reason: 'SourceNotFound', message };
};

/** The runtime does not admit the tenant. */
const tenantRefused: Policy = ({ execution, runtime }) => {
  const tenant = tenantOf(execution);
  if (runtime === undefined || admitsTenant(runtime, tenant)) return undefined;
  return { kind: 'finish', reason: 'TenantRefused', message: `the runtime does not admit tenant "${tenant}"` };
};

/** It asks for more than its runtime gives. */
const limitsRefused: Policy = ({ execution: { spec }, runtime }) => {
  if (runtime === undefined) return undefined;
  const { exceeded } = executionLimits(runtimeLimits(runtime.spec.limits), spec.limits);
  if (exceeded.length === 0) return undefined;
  return { kind: 'finish', reason: 'LimitsRefused', message: limitsRefusedMessage(exceeded) };
};

/** No pod takes anything now; why, the runtime's own conditions tell. */
const notReady: Policy = ({ execution: { spec }, readyPods }) =>
  readyPods === 0
    ? { kind: 'queue', reason: 'RuntimeNotReady', message: `ScriptRuntime "${spec.runtimeRef.name}" has no ready pod.` }
    : undefined;

/** The pods that there are have lower limits than the runtime's `spec` by now: it is not lost, and waits for new ones. */
const noFittingPod: Policy = ({ execution: { spec }, hasFittingPod = true }) =>
  hasFittingPod
    ? undefined
    : {
        kind: 'queue',
        reason: 'RuntimeNotReady',
        message: `The pods of ScriptRuntime "${spec.runtimeRef.name}" still have lower limits than it promises: it waits for new pods.`,
      };

/** It is tried again, and its author learns why that takes long. */
const failing: Policy = ({ failure }) =>
  failure === undefined
    ? undefined
    : { kind: 'queue', reason: 'Pending', message: `It could not be claimed, and is tried again: ${failure}` };

const POLICIES: readonly Policy[] = [
  beingDeleted,
  expired,
  over,
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
  noFittingPod,
  failing,
];

/** When an execution that has ended is to be deleted, in milliseconds since the epoch; undefined: never. */
export function expiresAt({ spec, status }: Pick<ExecutionProjection, 'spec' | 'status'>): number | undefined {
  if (spec.ttlSecondsAfterFinished === undefined || !isFinished(status)) return undefined;
  const at = Date.parse(status.completionTime ?? '') + spec.ttlSecondsAfterFinished * 1000;
  return Number.isFinite(at) ? at : undefined;
}
