import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '../../../../src/api/json.ts';
import { REASONS, type Reason } from '../../../../src/api/outcome.ts';
import type { ExecutionAttempt, ScriptExecution } from '../../../../src/api/types.generated.ts';
import { projectExecution } from '../../../../src/operator/executions/execution-projection.ts';
import {
  claimedStatus,
  endedStatus,
  observedStatus,
  releasedStatus,
  restartedStatus,
  retryStatus,
  unstartedStatus,
  waitingStatus,
} from '../../../../src/operator/executions/statuses.ts';
import { accepted, CLAIM, completed, execution, failed, known, kstatus, NOW, type Parts, statusOf } from './objects.ts';

type Status = ScriptExecution['status'];

const PLACE = { podName: 'copepod-default-1', podUID: 'pod-1', bootID: 'boot-1' };
const DIGEST = `sha256:${'a'.repeat(64)}`;
const NEW_SCRIPT = { spec: { source: '2' }, metadata: { generation: 2 } };

const attempt = (n: number): ExecutionAttempt => ({ attempt: n, podName: `pod-${n}`, reason: 'PodLost' });
const running: Parts = { status: statusOf('Running', { attempts: 1, claim: CLAIM }) };
const retried: Parts = {
  status: statusOf('Running', {
    attempts: 2,
    attemptHistory: [attempt(1)],
    claim: { ...CLAIM, attempt: 2 },
    sourceDigest: DIGEST,
  }),
};

const succeeded = (status: Status) => status.conditions?.find(({ type }) => type === 'Succeeded');
const waits = (parts: Parts, reason: Reason) => waitingStatus(known(parts), { reason, message: 'why', since: NOW });

/** Every kind of status: the object before, the status, its reason, and its kstatus state. */
const WRITTEN: readonly [string, Parts, (parts: Parts) => Status, Reason, string][] = [
  ['it waits', {}, (parts) => waits(parts, 'Pending'), 'Pending', 'InProgress'],
  ['its runtime is missing', {}, (parts) => waits(parts, 'RuntimeNotFound'), 'RuntimeNotFound', 'InProgress'],
  ['it is suspended', {}, (parts) => waits(parts, 'Suspended'), 'Suspended', 'Failed'],
  [
    'it is claimed',
    {},
    (parts) => claimedStatus(known(parts), PLACE, { sourceDigest: undefined, now: NOW }),
    'Running',
    'InProgress',
  ],
  [
    'its second attempt is claimed',
    { status: statusOf('Pending', { attempts: 1, attemptHistory: [attempt(1)] }) },
    (parts) => claimedStatus(known(parts), PLACE, { sourceDigest: DIGEST, now: NOW }),
    'Running',
    'InProgress',
  ],
  ['a pod refused it', running, (parts) => releasedStatus(known(parts), 'no room', NOW), 'Pending', 'InProgress'],
  ['it completed', running, (parts) => endedStatus(known(parts), completed('hello')), 'Completed', 'Current'],
  ['its result is null', running, (parts) => endedStatus(known(parts), completed(null)), 'Completed', 'Current'],
  ['it has no result', running, (parts) => endedStatus(known(parts), completed(undefined)), 'Completed', 'Current'],
  ...Object.entries(REASONS)
    .filter(([, { succeeded: status }]) => status === 'False')
    .map(([reason]): (typeof WRITTEN)[number] => [
      `it finished with ${reason}`,
      retried,
      (parts) => endedStatus(known(parts), failed(reason as Reason)),
      reason as Reason,
      'Failed',
    ]),
  ...(['Cancelled', 'DeadlineExceeded', 'LimitsRefused', 'TenantRefused', 'SourceChanged'] as const).map(
    (reason): (typeof WRITTEN)[number] => [
      `${reason} before it started`,
      { status: statusOf('Pending', { attempts: 1, attemptHistory: [attempt(1)] }) },
      (parts) => unstartedStatus(known(parts), { reason, message: 'why', now: NOW }),
      reason,
      'Failed',
    ],
  ),
  [
    'it is retried',
    running,
    (parts) => retryStatus(known(parts), failed('TimeoutExceeded'), NOW),
    'Pending',
    'InProgress',
  ],
  [
    'its script has changed',
    { ...NEW_SCRIPT, status: statusOf('Completed', { attempts: 1, claim: CLAIM }) },
    (parts) => restartedStatus(known(parts), NOW),
    'Pending',
    'InProgress',
  ],
  [
    'a change of its priority was observed',
    {
      spec: { priority: 5 },
      metadata: { generation: 2 },
      status: { ...statusOf('Completed', { claim: CLAIM }), result: { a: null } },
    },
    (parts) => observedStatus(execution(parts)),
    'Completed',
    'Current',
  ],
];

describe('every status', () => {
  test.each(WRITTEN)('%s: the API server accepts it', (_, parts, write) => {
    const status = write(parts);
    expect(accepted(execution(parts), status)).toEqual(JSON.parse(JSON.stringify(status)));
  });

  test.each(WRITTEN)('%s: reason and kstatus agree', (_, parts, write, reason, read) => {
    const before = execution(parts);
    const status = write(parts);
    expect(succeeded(status)).toMatchObject({ reason, status: REASONS[reason].succeeded });
    expect(status.observedGeneration).toBe(before.metadata.generation);
    for (const { observedGeneration, reason: told } of status.conditions ?? []) {
      expect([observedGeneration, told]).toEqual([before.metadata.generation, reason]);
    }
    expect(kstatus({ ...before, status })).toBe(read);
    // Only conditions that kstatus knows, and only while they are true.
    expect(
      status.conditions?.map(({ type }) => type).filter((type) => type !== 'Succeeded' && type !== 'Ready'),
    ).toEqual(read === 'Current' ? [] : [read === 'Failed' ? 'Stalled' : 'Reconciling']);
  });

  test.each(WRITTEN)('%s: the projection has the written values', (_, parts, write) => {
    const before = execution(parts);
    const status = write(parts);
    const kept = projectExecution({ ...before, status }).status;
    expect(kept.conditions).toEqual(status.conditions);
    expect([kept.run, kept.runDigest, kept.claim]).toEqual([status.run, status.runDigest, status.claim]);
  });
});

test('a new object is not current by kstatus', () => {
  expect(kstatus(execution())).toBe('InProgress');
});

describe('a claim', () => {
  const claim = (parts: Parts) => claimedStatus(known(parts), PLACE, { sourceDigest: undefined, now: NOW });

  test('names the pod, its boot, the attempt and the time', () => {
    expect(claim({})).toMatchObject({
      run: 1,
      attempts: 1,
      claim: { ...PLACE, attempt: 1, claimTime: '2026-11-22T10:00:00.250000Z' },
    });
  });

  test('counts the attempts of the run', () => {
    const status = claim({ status: statusOf('Pending', { attempts: 3, attemptHistory: [attempt(3)] }) });
    expect([status.attempts, status.claim.attempt, status.attemptHistory]).toEqual([4, 4, [attempt(3)]]);
  });

  test('does not change the transition time of a running execution', () => {
    const pending = statusOf('Pending');
    expect(succeeded(claim({ status: pending }))?.lastTransitionTime).toBe(pending.conditions?.[0]?.lastTransitionTime);
  });

  test('has the digest of the script from its ConfigMap', () => {
    const status = claimedStatus(known(), PLACE, { sourceDigest: DIGEST, now: NOW });
    expect(status.sourceDigest).toBe(DIGEST);
    expect(claim({})).not.toHaveProperty('sourceDigest');
  });
});

describe('a released claim', () => {
  test('spends no attempt and keeps no digest', () => {
    const status = releasedStatus(known({ status: { ...running.status, sourceDigest: DIGEST } }), 'no room', NOW);
    expect(status).toMatchObject({ run: 1, attempts: 0 });
    expect(status).not.toHaveProperty('claim');
    expect(status).not.toHaveProperty('sourceDigest');
    expect(succeeded(status)?.message).toBe('A pod refused it (no room); it waits for another.');
  });

  test('keeps the history of earlier attempts', () => {
    const status = releasedStatus(known(retried), 'no room', NOW);
    expect(status).toMatchObject({ attempts: 1, attemptHistory: [attempt(1)], sourceDigest: DIGEST });
  });

  test('is followed by a claim of the same attempt', () => {
    const before = execution(running);
    const status = releasedStatus(projectExecution(before), 'no room', NOW);
    const next = claimedStatus(projectExecution({ ...before, status }), PLACE, { sourceDigest: undefined, now: NOW });
    expect([next.attempts, next.claim.attempt]).toEqual([1, 1]);
  });
});

describe('a final status', () => {
  test.each<[string, JsonValue]>([
    ['null', null],
    ['nulls inside', { a: null, b: [null, { c: null }] }],
    ['false', false],
    ['an empty text', ''],
    ['zero', 0],
  ])('keeps a result that is %s', (_, result) => {
    const before = execution(running);
    expect(accepted(before, endedStatus(projectExecution(before), completed(result))).result).toEqual(result);
  });

  test('has no result if the script has none', () => {
    expect(endedStatus(known(running), completed(undefined))).not.toHaveProperty('result');
  });

  test('keeps the run, the attempts and the pod', () => {
    const { run, attempts, attemptHistory, claim, sourceDigest, runDigest } = retried.status as Status;
    expect(endedStatus(known(retried), failed('MemoryExceeded'))).toMatchObject({
      ...{ run, attempts, attemptHistory, claim, sourceDigest, runDigest },
    });
  });

  test('describes the claimed run, even if the spec has changed since', () => {
    const status = endedStatus(known({ ...running, ...NEW_SCRIPT, spec: { source: '2', cancel: true } }), completed(1));
    expect(status.runDigest).toBe(running.status?.runDigest);
    expect(status.observedGeneration).toBe(2);
  });

  test.each<[Reason, string | undefined]>([
    ['LimitsRefused', 'ResourceError'],
    ['TenantRefused', 'ResourceError'],
    ['Cancelled', undefined],
    ['DeadlineExceeded', undefined],
    ['SourceChanged', undefined],
  ])('without a start, %s, has the error type %s', (reason, type) => {
    const status = unstartedStatus(known(), { reason: reason as 'Cancelled', message: 'why', now: NOW });
    expect(status.error?.type).toBe(type);
    expect(status).toMatchObject({ attempts: 0, completionTime: '2026-11-22T10:00:00.250000Z' });
    expect(status).not.toHaveProperty('startTime');
    expect(status).not.toHaveProperty('claim');
  });
});

describe('a retry', () => {
  test('adds the previous attempt to the history, and waits', () => {
    const later = new Date(NOW.getTime() + 5);
    const status = retryStatus(known(running), failed('TimeoutExceeded', 'too slow'), later);
    expect(status).toMatchObject({
      run: 1,
      attempts: 1,
      attemptHistory: [
        {
          attempt: 1,
          podName: CLAIM.podName,
          podUID: CLAIM.podUID,
          startTime: '2026-11-22T10:00:00.250000Z',
          completionTime: '2026-11-22T10:00:00.253000Z',
          reason: 'TimeoutExceeded',
          error: { type: 'TimeoutError', message: 'too slow', retryable: true },
        },
      ],
    });
    expect(status).not.toHaveProperty('claim');
    expect(succeeded(status)?.message).toBe('Attempt 1 ended with TimeoutExceeded: too slow');
  });

  test('is not delayed by a pod whose clock is ahead', () => {
    const outcome = { ...failed('TimeoutExceeded'), completionTime: new Date('9999-01-01T00:00:00Z') };
    const { attemptHistory } = retryStatus(known(running), outcome, NOW);
    expect(attemptHistory?.[0]?.completionTime).toBe('2026-11-22T10:00:00.250000Z');
  });

  test('keeps the last five in the history, in order', () => {
    let object = execution(running);
    for (let n = 1; n <= 7; n += 1) {
      const status = retryStatus(projectExecution(object), failed('PodLost'), NOW);
      expect(accepted(object, status).attemptHistory?.length).toBe(Math.min(5, n));
      const claimed = claimedStatus(projectExecution({ ...object, status }), PLACE, {
        sourceDigest: undefined,
        now: NOW,
      });
      object = { ...object, status: accepted({ ...object, status }, claimed) } as typeof object;
    }
    expect((object.status as Status).attempts).toBe(8);
    expect((object.status as Status).attemptHistory?.map((each) => each.attempt)).toEqual([3, 4, 5, 6, 7]);
  });
});

describe('the next run', () => {
  const before = {
    ...NEW_SCRIPT,
    status: statusOf('RuntimeError', {
      run: 3,
      attempts: 2,
      attemptHistory: [attempt(1)],
      claim: CLAIM,
      sourceDigest: DIGEST,
      completionTime: '2026-11-22T10:00:00.000000Z',
    }),
  };

  test('counts up, and has no fields of the previous run', () => {
    const { conditions, ...status } = restartedStatus(known(before), NOW);
    expect(status).toEqual({ observedGeneration: 2, run: 4, runDigest: known(before).digest, attempts: 0 });
  });

  test('waits from now on', () => {
    const { conditions } = restartedStatus(known({ ...before, status: statusOf('Pending') }), NOW);
    expect(new Set(conditions?.map(({ lastTransitionTime }) => lastTransitionTime))).toEqual(
      new Set(['2026-11-22T10:00:00.250000Z']),
    );
  });
});

test('a change that does not affect the run is observed, and other fields are unchanged', () => {
  const status: Status = { ...statusOf('Completed', { claim: CLAIM }), result: { a: null }, logs: [], usage: {} };
  const { observedGeneration, conditions, ...rest } = observedStatus(
    execution({ status, metadata: { generation: 7 } }),
  );
  const { observedGeneration: _, conditions: before, ...same } = status;
  expect(rest).toEqual(same);
  expect(observedGeneration).toBe(7);
  expect(conditions).toEqual(before?.map((each) => ({ ...each, observedGeneration: 7 })));
});
