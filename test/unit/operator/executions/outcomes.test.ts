import { describe, expect, test } from '@jest/globals';
import { cancelledOutcome, lostOutcome, shorterOutcomes } from '../../../../src/cluster/pods/outcomes.ts';
import { projectExecution } from '../../../../src/operator/executions/execution-projection.ts';
import { endedStatus } from '../../../../src/operator/executions/statuses.ts';
import { accepted, CLAIM, completed, execution, failed, NOW, statusOf } from './objects.ts';

const END = completed(1).completionTime;
const running = execution({ status: statusOf('Running', { attempts: 1, claim: CLAIM }) });

describe('the outcome of an attempt whose pod is gone', () => {
  test('lasts from the claim until now, and is retryable', () => {
    const outcome = lostOutcome(running, 'Pod x is gone.', NOW);
    expect(outcome).toMatchObject({
      reason: 'PodLost',
      error: { type: 'InternalError', message: 'Pod x is gone.', retryable: true },
      startTime: new Date(CLAIM.claimTime),
    });
    accepted(running, endedStatus(projectExecution(running), outcome));
  });

  test('has no usage, because it is unknown', () => {
    const status = accepted(running, endedStatus(projectExecution(running), lostOutcome(running, 'gone', NOW)));
    expect(status).not.toHaveProperty('usage');
  });

  test('has a start time even if that of the claim is invalid', () => {
    const { startTime } = lostOutcome(execution({ status: statusOf('Running') }), 'gone', NOW);
    expect(startTime.getTime()).not.toBeNaN();
  });
});

test('a cancelled attempt without a report of its pod has no error', () => {
  const status = accepted(running, endedStatus(projectExecution(running), cancelledOutcome(NOW)));
  expect(status).not.toHaveProperty('error');
  expect(status.conditions?.[0]).toMatchObject({ reason: 'Cancelled', status: 'False' });
});

describe('an outcome that is too large for its object', () => {
  const bytes = (outcome: Parameters<typeof endedStatus>[1]): number =>
    Buffer.byteLength(JSON.stringify(accepted(running, endedStatus(projectExecution(running), outcome))));

  const LEFT_OUT = { level: 'warn', message: expect.stringMatching(/^1 line of log left out/) as unknown, time: END };

  test('loses the logs first, which a log line says, then the result, which changes the reason', () => {
    const [whole, ...rest] = shorterOutcomes(completed('hello'));
    expect(whole).toEqual(completed('hello'));
    expect(rest[0]).toEqual({ ...completed('hello'), logs: [LEFT_OUT] });
    expect(rest.at(-1)).toMatchObject({ reason: 'ResultTooLarge', error: { type: 'ResourceError' }, logs: [LEFT_OUT] });
    expect(rest.at(-1)).not.toHaveProperty('result');
  });

  test.each<[string, ReturnType<typeof completed>]>([
    ['a result', completed('x'.repeat(500_000))],
    // The message is in the error and in each condition.
    ['an error', failed('RuntimeError', '😀'.repeat(32_768))],
    ['logs', { ...completed(1), logs: Array(100).fill({ time: NOW, level: 'info', message: 'x'.repeat(5000) }) }],
  ])('is small after the reduction of %s', (_, outcome) => {
    expect(bytes(outcome)).toBeGreaterThan(400_000);
    expect(Math.min(...[...shorterOutcomes(outcome)].map(bytes))).toBeLessThan(10_000);
  });

  test('says what was left out', () => {
    for (const outcome of shorterOutcomes(failed('RuntimeError', 'why '.repeat(5000)))) {
      expect(outcome).toMatchObject({ reason: 'RuntimeError', error: { type: 'RuntimeError' } });
      expect(outcome.error?.message).toMatch(/^why why/);
    }
  });
});
