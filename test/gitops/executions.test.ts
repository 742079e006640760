import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../src/api/defaults.ts';
import { type EndReason, REASONS, type Reason } from '../../src/api/outcome.ts';
import type { ScriptExecution, ScriptExecutionSpec } from '../../src/api/types.generated.ts';
import { type ExecutionProjection, projectExecution } from '../../src/operator/executions/execution-projection.ts';
import { nextStep, type Situation } from '../../src/operator/executions/next-step.ts';
import {
  claimedStatus,
  endedStatus,
  observedStatus,
  releasedStatus,
  restartedStatus,
  retryStatus,
  unstartedStatus,
  waitingStatus,
} from '../../src/operator/executions/statuses.ts';
import { accepted, completed, execution, failed, NOW } from '../unit/operator/executions/objects.ts';
import { describeStates, SAYS, type State } from './support/states.ts';

type Status = ScriptExecution['status'];

const PLACE = { podName: 'copepod-default-1', podUID: 'pod-1', bootID: 'boot-1' };

/** The object after a write of the operator. */
function after(before: ScriptExecution, write: (known: ExecutionProjection) => Status): ScriptExecution {
  return { ...before, status: accepted(before, write(projectExecution(before))) };
}

/** The object after its author edited it. */
function edited(before: ScriptExecution, spec: Partial<ScriptExecutionSpec>): ScriptExecution {
  const generation = (before.metadata.generation ?? 1) + 1;
  return { ...before, metadata: { ...before.metadata, generation }, spec: { ...before.spec, ...spec } };
}

/** It waits, or is finished without a start, for the reason that the operator finds in this situation. */
function looked(before: ScriptExecution, situation: Partial<Situation> = {}): ScriptExecution {
  return after(before, (known) => {
    const now = NOW.getTime();
    const step = nextStep({
      execution: known,
      runtime: defaultRuntime('default', 'acme'),
      readyPods: 1,
      now,
      waitedMs: 5000,
      ...situation,
    });
    if (step.kind === 'finish') return unstartedStatus(known, { ...step, now: NOW });
    if (step.kind !== 'wait' && step.kind !== 'queue') throw new Error(`it does not wait: ${step.kind}`);
    const { reason = 'Pending', message = 'It waits for a free VM of ScriptRuntime "default".' } = step;
    return waitingStatus(known, { reason, message, since: NOW });
  });
}

const claimed = (before: ScriptExecution) =>
  after(before, (known) => claimedStatus(known, PLACE, { sourceDigest: undefined, now: NOW }));
const ended = (before: ScriptExecution, reason: Reason) =>
  after(before, (known) => endedStatus(known, reason === 'Completed' ? completed('hello') : failed(reason)));
const restarted = (before: ScriptExecution) => after(before, (known) => restartedStatus(known, NOW));
const seen = (before: ScriptExecution) => after(before, () => observedStatus(before));

const made = execution();
const running = claimed(made);
const done = ended(running, 'Completed');
const broken = ended(running, 'RuntimeError');
const suspended = looked(execution({ spec: { suspend: true } }));
const twice = claimed(execution({ spec: { backoffLimit: 1 } }));
const retried = after(twice, (known) => retryStatus(known, failed('TimeoutExceeded'), NOW));
const rerun = restarted(edited(done, { rerunToken: '2' }));
const refusing = defaultRuntime('default', 'acme');

/** Every reason for a failure on a pod. */
const ends = (Object.keys(REASONS) as Reason[]).filter(
  (reason): reason is EndReason => REASONS[reason].succeeded === 'False',
);

const { DONE, MOVES, FAILED, SUSPENDED } = SAYS;

const STATES: readonly State[] = [
  ['just made', made, MOVES],
  ['waits for a free VM', looked(made), MOVES],
  ['its runtime does not exist', looked(made, { runtime: undefined }), MOVES],
  ['its runtime has no ready pod', looked(made, { readyPods: 0 }), MOVES],
  ['its script does not exist', looked(made, { missingSource: 'It is not there.' }), MOVES],
  ['suspended', suspended, SUSPENDED],
  ['resumed', looked(edited(suspended, { suspend: false })), MOVES],
  ['suspended while it waited', looked(edited(looked(made), { suspend: true })), SUSPENDED],

  ['runs', running, MOVES],
  ['a pod refused it', after(running, (it) => releasedStatus(it, 'no room', NOW)), MOVES],
  ['completed', done, DONE],
  ...ends.map((reason): State => [`ended with ${reason}`, ended(running, reason), FAILED]),

  ['cancelled before it started', looked(execution({ spec: { cancel: true } })), FAILED],
  ['not started in time', looked(execution({ spec: { startingDeadlineSeconds: 5 } })), FAILED],
  [
    'its tenant is refused',
    looked(made, { runtime: { ...refusing, spec: { ...refusing.spec, tenants: ['globex'] } } }),
    FAILED,
  ],
  ['its limits are refused', looked(execution({ spec: { limits: { memory: '4Gi' } } })), FAILED],
  [
    'its script has changed between two attempts',
    after(retried, (it) => unstartedStatus(it, { reason: 'SourceChanged', message: 'another script', now: NOW })),
    FAILED,
  ],

  ['an attempt has failed', retried, MOVES],
  ['the next attempt is not due', looked(retried, { nextAttempt: { at: NOW.getTime() + 1000, inMs: 1000 } }), MOVES],
  ['runs for the second time', claimed(retried), MOVES],
  ['completed at the second attempt', ended(claimed(retried), 'Completed'), DONE],
  ['failed at the second attempt too', ended(claimed(retried), 'TimeoutExceeded'), FAILED],

  ['changed after it completed', rerun, MOVES],
  ['changed after it failed', restarted(edited(broken, { source: '2' })), MOVES],
  ['changed while it ran', restarted(edited(running, { source: '2' })), MOVES],
  ['changed, and now runs', claimed(rerun), MOVES],
  ['changed, and has completed again', ended(claimed(rerun), 'Completed'), DONE],
  ['changed, and has failed', ended(claimed(rerun), 'RuntimeError'), FAILED],
  ['changed and suspended', looked(restarted(edited(done, { source: '2', suspend: true }))), SUSPENDED],

  ['completed, and its priority changed', seen(edited(done, { priority: 5 })), DONE],
  ['completed, and suspended then', seen(edited(done, { suspend: true })), DONE],
  ['completed, and cancelled then', seen(edited(done, { cancel: true })), DONE],
  // The status is that of the script that ran: the new one was cancelled before it was scheduled.
  ['completed, and changed and cancelled then', seen(edited(done, { source: '2', cancel: true })), DONE],
  ['failed, and suspended then', seen(edited(broken, { suspend: true })), FAILED],
];

describe('a ScriptExecution', () => {
  describeStates(STATES);

  test('is tested in a state for every reason', () => {
    const reasons = STATES.flatMap(([, { status }]) => status.conditions?.map(({ reason }) => reason) ?? []);
    expect([...new Set(reasons)].sort()).toEqual(Object.keys(REASONS).sort());
  });
});
