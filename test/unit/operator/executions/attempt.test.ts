import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { RefusalCode } from '../../../../src/api/pod-protocol.ts';
import { PodUnreadable } from '../../../../src/cluster/pods/pod-errors.ts';
import { Attempt, type AttemptInput } from '../../../../src/operator/executions/attempt.ts';
import { until } from '../../../support/until.ts';
import { CLAIM, execution } from './objects.ts';
import { finished, Held, neverSent, POD, refusal, ScriptedPod, unreachable } from './scripted-pod.ts';

const TIMEOUT_MS = 2000;
const ended = () => ({ value: { state: 'finished', outcome: finished().value } });
const RUNNING = { value: { state: 'running' } };

function attemptOn(pod: ScriptedPod, input: Partial<AttemptInput> = {}): Attempt {
  const runID = 'uid-1.1.1';
  const { metadata: of } = execution();
  const all = { of, claim: CLAIM, runID, body: '{}', timeoutMs: TIMEOUT_MS, byUsAlone: true };
  return new Attempt(pod.parts, { ...all, ...input });
}

/** Fakes only the clocks; timers are real, so that retries happen. */
function stopClock(): void {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'hrtime'] });
}

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('an attempt', () => {
  test('is sent, and takes the outcome of the response', async () => {
    const pod = new ScriptedPod().script('run', finished('hello'));
    const attempt = attemptOn(pod, { body: '{"source":"1"}' });
    expect(attempt.verdict).toBeUndefined();
    await attempt.run();
    expect(attempt.verdict).toMatchObject({ kind: 'finished', outcome: { reason: 'Completed', result: 'hello' } });
    expect([pod.asked, pod.bodies, pod.settled]).toEqual([['findPod', 'run'], ['{"source":"1"}'], 1]);
    expect(pod.suspected).toEqual([]);
  });

  test('is sent again with the same run id if there is no response, and joins the run that was started', async () => {
    const pod = new ScriptedPod().script('run', unreachable(), unreachable(), finished());
    const attempt = attemptOn(pod);
    await attempt.run();
    expect(attempt.verdict?.kind).toBe('finished');
    expect([pod.count('run'), pod.suspected.length, pod.settled]).toEqual([3, 2, 1]);
  });

  test.each([
    [false, 'SandboxLost'],
    [true, 'ResultTooLarge'],
  ])('with an unreadable response is not requested again (too large: %j)', async (isTooLarge, reason) => {
    const pod = new ScriptedPod().script('run', new PodUnreadable('no', { isTooLarge }));
    const attempt = attemptOn(pod);
    await attempt.run();
    expect(attempt.verdict).toMatchObject({ kind: 'finished', outcome: { reason } });
    expect([pod.count('run'), pod.suspected]).toEqual([1, ['pod-1']]);
  });

  test('that cannot be sent is only looked up', async () => {
    const state = { value: { state: 'finished', outcome: finished().value } };
    const pod = new ScriptedPod().script('state', { value: { state: 'running' } }, state);
    const attempt = attemptOn(pod, { body: undefined });
    await attempt.run();
    expect(attempt.verdict?.kind).toBe('finished');
    expect([pod.count('run'), pod.count('state')]).toEqual([0, 2]);
  });

  test.each([[undefined], [null], [{ reason: 'Fine' }], [[]]])(
    'with a response that is no outcome (%j) finishes as SandboxLost',
    async (value) => {
      const attempt = attemptOn(new ScriptedPod().script('run', { value }));
      await attempt.run();
      expect(attempt.verdict).toMatchObject({ kind: 'finished', outcome: { reason: 'SandboxLost' } });
    },
  );
});

describe('a pod that does not respond', () => {
  test('is gone if the API server says so: the attempt is lost', async () => {
    const pod = new ScriptedPod().script('findPod', { value: undefined });
    const attempt = attemptOn(pod);
    await attempt.run();
    expect(attempt.verdict).toEqual({ kind: 'lost', message: `Pod ${CLAIM.podName} is gone.` });
    expect(pod.count('run')).toBe(0);
  });

  test('is not gone if the API server does not respond', async () => {
    const pod = new ScriptedPod().script('findPod', new Error('503'), new Error('503'), { value: POD });
    const attempt = attemptOn(pod.script('run', finished()));
    await attempt.run();
    expect(attempt.verdict?.kind).toBe('finished');
  });

  test('is not gone while it has no address', async () => {
    const pod = new ScriptedPod().script('findPod', { value: { ...POD, address: undefined } }, { value: POD });
    const attempt = attemptOn(pod.script('run', finished()));
    await attempt.run();
    expect(attempt.verdict?.kind).toBe('finished');
  });

  test('is not gone if it is unreachable, until the timeout of the script and 30 s have passed', async () => {
    stopClock();
    const pod = new ScriptedPod().script('run', unreachable());
    const attempt = attemptOn(pod);
    const running = attempt.run();
    await until('three requests', () => pod.count('run') >= 3);
    jest.advanceTimersByTime(TIMEOUT_MS + 30_000 - 1);
    const before = pod.count('run');
    await until('another request', () => pod.count('run') > before);
    expect(attempt.verdict).toBeUndefined();
    jest.advanceTimersByTime(1);
    await running;
    expect(attempt.verdict).toMatchObject({ kind: 'lost', message: expect.stringContaining('could not be reached') });
  });

  test('and leaves a request open has the same time', async () => {
    stopClock();
    const pod = new ScriptedPod().script('run', new Held());
    const attempt = attemptOn(pod);
    const running = attempt.run();
    await until('the request', () => pod.count('run') === 1);
    jest.advanceTimersByTime(TIMEOUT_MS + 30_000 - 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(pod.suspected).toEqual([]);
    jest.advanceTimersByTime(1);
    await running;
    expect(attempt.verdict?.kind).toBe('lost');
  });

  test('but reports the run as running has not lost it: the run waited for a VM', async () => {
    stopClock();
    const held = new Held();
    const pod = new ScriptedPod().script('run', new Held(), held).script('state', { value: { state: 'running' } });
    const attempt = attemptOn(pod);
    const running = attempt.run();
    await until('the request', () => pod.count('run') === 1);
    jest.advanceTimersByTime(TIMEOUT_MS + 30_000);
    await until('the next request', () => pod.count('run') === 2);
    expect([attempt.verdict, pod.count('state')]).toEqual([undefined, 1]);
    held.answer(finished('at last').value);
    await running;
    expect(attempt.verdict).toMatchObject({ kind: 'finished', outcome: { result: 'at last' } });
  });

  test('and reports the run as running without end has lost it once it is cancelled', async () => {
    stopClock();
    const pod = new ScriptedPod().script('run', new Held()).script('state', { value: { state: 'running' } });
    const attempt = attemptOn(pod);
    const running = attempt.run();
    await until('the request', () => pod.count('run') === 1);
    attempt.cancel();
    jest.advanceTimersByTime(TIMEOUT_MS + 30_000);
    await running;
    expect(attempt.verdict?.kind).toBe('lost');
  });

  test('and was deleted has a short time left to answer the open request', async () => {
    stopClock();
    const held = new Held();
    const pod = new ScriptedPod().script('run', held).script('findPod', { value: POD }, { value: undefined });
    const attempt = attemptOn(pod);
    const running = attempt.run();
    await until('the request', () => pod.count('run') === 1);
    attempt.podGone();
    jest.advanceTimersByTime(999);
    held.answer(finished('at last').value);
    await running;
    expect(attempt.verdict).toMatchObject({ kind: 'finished', outcome: { result: 'at last' } });
  });

  test('and was deleted has lost the attempt after that time', async () => {
    stopClock();
    const pod = new ScriptedPod().script('run', new Held()).script('findPod', { value: POD }, { value: undefined });
    const attempt = attemptOn(pod);
    const running = attempt.run();
    await until('the request', () => pod.count('run') === 1);
    attempt.podGone();
    jest.advanceTimersByTime(1000);
    await running;
    expect(attempt.verdict).toEqual({ kind: 'lost', message: `Pod ${CLAIM.podName} is gone.` });
  });
});

describe('a pod that refuses connections', () => {
  test('has not started the run: another pod can take it', async () => {
    const pod = new ScriptedPod().script('run', neverSent());
    const attempt = attemptOn(pod);
    await attempt.run();
    expect([attempt.verdict?.kind, pod.suspected.length]).toEqual(['refused', 1]);
  });

  test.each<[string, Partial<AttemptInput>, ScriptedPod]>([
    [
      'an earlier leader may have sent it',
      { byUsAlone: false },
      new ScriptedPod().script('state', neverSent(), RUNNING).script('run', finished()),
    ],
    [
      'an earlier request may have arrived',
      {},
      new ScriptedPod().script('run', unreachable(), neverSent(), finished()),
    ],
  ])('is asked again where %s', async (_, input, pod) => {
    const attempt = attemptOn(pod, input);
    await attempt.run();
    expect(attempt.verdict?.kind).toBe('finished');
  });
});

describe('a pod that refuses', () => {
  test.each<[RefusalCode, string]>([
    ['Busy', 'refused'],
    ['Draining', 'refused'],
    ['OtherBoot', 'refused'],
    ['Acknowledged', 'recorded'],
  ])('the first request with %s: %s', async (code, kind) => {
    const pod = new ScriptedPod().script('run', refusal(code));
    const attempt = attemptOn(pod);
    await attempt.run();
    expect(attempt.verdict?.kind).toBe(kind);
    // Acknowledged is no reason for suspicion.
    expect(pod.suspected).toHaveLength(code === 'Acknowledged' ? 0 : 1);
  });

  test('decides nothing while an unanswered request may still arrive', async () => {
    const clock = jest.spyOn(performance, 'now');
    const pod = new ScriptedPod().script('run', unreachable(), refusal('Busy'));
    const attempt = attemptOn(pod, { timeoutMs: 60_000 });
    const running = attempt.run();
    await until('three refusals', () => pod.count('run') >= 4);
    expect(attempt.verdict).toBeUndefined();
    const later = performance.now() + 51_500;
    clock.mockReturnValue(later);
    await running;
    expect(attempt.verdict?.kind).toBe('refused');
  });
});

describe('a later leader', () => {
  test('looks up a run that an earlier leader may have sent, and waits for it', async () => {
    const pod = new ScriptedPod().script('state', RUNNING).script('run', finished('hello'));
    const attempt = attemptOn(pod, { byUsAlone: false });
    await attempt.run();
    expect(attempt.verdict).toMatchObject({ kind: 'finished', outcome: { result: 'hello' } });
    expect([pod.count('state'), pod.count('run')]).toEqual([1, 1]);
  });

  test('does not start a run that never arrived: it is claimed again', async () => {
    const pod = new ScriptedPod().script('state', refusal('UnknownRun'));
    const attempt = attemptOn(pod, { byUsAlone: false });
    await attempt.run();
    expect([attempt.verdict?.kind, pod.count('run')]).toEqual(['refused', 0]);
  });

  test('asks until its pod responds', async () => {
    const pod = new ScriptedPod().script('state', refusal('Unauthenticated'), refusal('Unauthenticated'), ended());
    const attempt = attemptOn(pod, { byUsAlone: false });
    await attempt.run();
    expect(attempt.verdict?.kind).toBe('finished');
  });

  test('reports a run as lost that an earlier leader may have sent to another boot of the pod', async () => {
    const attempt = attemptOn(new ScriptedPod().script('state', refusal('OtherBoot')), { byUsAlone: false });
    await attempt.run();
    expect(attempt.verdict?.kind).toBe('lost');
  });
});

describe('a run that an earlier leader has claimed', () => {
  test('is joined if it runs', async () => {
    const pod = new ScriptedPod().script('state', { value: { state: 'running' } }).script('run', finished());
    const attempt = attemptOn(pod, { byUsAlone: false });
    await attempt.run();
    expect([attempt.verdict?.kind, pod.count('state'), pod.count('run')]).toEqual(['finished', 1, 1]);
  });

  // The earlier leader may have been refused, and its release of the claim may not have reached the API server yet.
  test('is not started if it never arrived', async () => {
    const pod = new ScriptedPod().script('state', refusal('UnknownRun')).script('run', finished());
    const attempt = attemptOn(pod, { byUsAlone: false });
    await attempt.run();
    expect([attempt.verdict?.kind, pod.count('run')]).toEqual(['refused', 0]);
  });
});

describe('cancellation', () => {
  test('before the request is sent prevents the request', async () => {
    const pod = new ScriptedPod().script('state', refusal('UnknownRun')).script('cancel', refusal('UnknownRun'));
    const attempt = attemptOn(pod);
    attempt.cancel();
    await attempt.run();
    expect(attempt.verdict?.kind).toBe('refused');
    expect(pod.count('run')).toBe(0);
  });

  test('of a run terminates it: the open request is answered', async () => {
    const held = new Held();
    const pod = new ScriptedPod().script('run', held);
    const attempt = attemptOn(pod);
    const running = attempt.run();
    await until('the request', () => pod.count('run') === 1);
    attempt.cancel();
    attempt.cancel();
    await until('the pod is told', () => pod.count('cancel') === 1);
    held.answer({ ...finished().value, reason: 'Cancelled' });
    await running;
    expect(attempt.verdict).toMatchObject({ kind: 'finished', outcome: { reason: 'Cancelled' } });
  });

  test('is retried until it has arrived', async () => {
    const held = new Held();
    const pod = new ScriptedPod().script('run', held);
    pod.script('cancel', refusal('UnknownRun'), unreachable(), { value: undefined });
    const attempt = attemptOn(pod);
    const running = attempt.run();
    await until('the request', () => pod.count('run') === 1);
    attempt.cancel();
    await until('the pod is told', () => pod.count('cancel') === 3);
    held.answer({ ...finished().value, reason: 'Cancelled' });
    await running;
  });

  test('of an unanswered request does not count the request as never sent', async () => {
    const held = new Held();
    const pod = new ScriptedPod().script('run', held).script('state', refusal('UnknownRun'));
    pod.script('cancel', refusal('UnknownRun'));
    const attempt = attemptOn(pod, { timeoutMs: 60_000 });
    const running = attempt.run();
    await until('the request', () => pod.count('run') === 1);
    attempt.cancel();
    held.fail(unreachable());
    await until('it is asked for', () => pod.count('state') >= 2);
    // The request may still arrive, and start the run.
    expect(attempt.verdict).toBeUndefined();
    pod.script('state', { value: { state: 'finished', outcome: { ...finished().value, reason: 'Cancelled' } } });
    await running;
    expect(attempt.verdict).toMatchObject({ kind: 'finished', outcome: { reason: 'Cancelled' } });
  });

  test('of a finished attempt has no effect', async () => {
    const pod = new ScriptedPod().script('run', finished());
    const attempt = attemptOn(pod);
    await attempt.run();
    attempt.cancel();
    await new Promise((resolve) => setImmediate(resolve));
    expect([attempt.verdict?.kind, pod.count('cancel')]).toEqual(['finished', 0]);
  });
});

describe('an outcome', () => {
  test('is acknowledged once it is recorded, not before', async () => {
    const pod = new ScriptedPod().script('run', finished());
    const attempt = attemptOn(pod);
    await attempt.run();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(pod.count('acknowledge')).toBe(0);
    attempt.acknowledge();
    await until('the pod is told', () => pod.count('acknowledge') === 1);
  });

  test('is acknowledged again if there is no response, but not if the pod refuses', async () => {
    const pod = new ScriptedPod().script('run', finished());
    pod.script('acknowledge', unreachable(), unreachable(), refusal('UnknownRun'));
    const attempt = attemptOn(pod);
    await attempt.run();
    attempt.acknowledge();
    await until('the pod is told', () => pod.count('acknowledge') === 3);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(pod.count('acknowledge')).toBe(3);
  });

  test('of an abandoned attempt is acknowledged when it arrives', async () => {
    const held = new Held();
    const pod = new ScriptedPod().script('run', held);
    const attempt = attemptOn(pod);
    const running = attempt.run();
    await until('the request', () => pod.count('run') === 1);
    attempt.abandon();
    await until('it is cancelled', () => pod.count('cancel') === 1);
    expect(pod.count('acknowledge')).toBe(0);
    held.answer(finished().value);
    await running;
    await until('the pod is told', () => pod.count('acknowledge') === 1);
  });

  test('of an abandoned and finished attempt is acknowledged at once', async () => {
    const pod = new ScriptedPod().script('run', finished());
    const attempt = attemptOn(pod);
    await attempt.run();
    attempt.abandon();
    await until('the pod is told', () => pod.count('acknowledge') === 1);
    expect(pod.count('cancel')).toBe(0);
  });

  test.each<[string, ScriptedPod]>([
    ['was lost', new ScriptedPod().script('findPod', { value: undefined })],
    ['was refused', new ScriptedPod().script('run', refusal('Busy'))],
    ['is recorded already', new ScriptedPod().script('run', refusal('Acknowledged'))],
  ])('of an attempt that %s is not acknowledged', async (_, pod) => {
    const attempt = attemptOn(pod);
    await attempt.run();
    attempt.acknowledge();
    attempt.abandon();
    await new Promise((resolve) => setImmediate(resolve));
    expect(pod.count('acknowledge')).toBe(0);
  });
});

describe('close', () => {
  test.each<[string, ScriptedPod]>([
    ['waits for a response', new ScriptedPod().script('run', new Held())],
    ['waits for a retry', new ScriptedPod().script('run', unreachable())],
    ['waits for the API server', new ScriptedPod().script('findPod', new Error('503'))],
  ])('ends an attempt that %s, without a verdict and without a request', async (_, pod) => {
    const attempt = attemptOn(pod);
    const running = attempt.run();
    await until('a request', () => pod.asked.length >= 1);
    attempt.close();
    await running;
    expect([attempt.verdict, pod.settled]).toEqual([undefined, 0]);
  });

  test('ends its cancellation as well: the run continues for the next leader', async () => {
    const pod = new ScriptedPod().script('run', new Held());
    const attempt = attemptOn(pod);
    const running = attempt.run();
    attempt.cancel();
    await until('the pod is told', () => pod.count('cancel') === 1);
    attempt.close();
    await running;
    const told = pod.count('cancel');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(pod.count('cancel')).toBe(told);
  });
});
