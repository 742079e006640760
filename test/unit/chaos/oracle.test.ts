import { describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import type { Count } from '../../chaos/counter.ts';
import { violationsOf } from '../../chaos/verdict/oracle.ts';

/** An execution that completed on pod `p` in one attempt, with deviations. */
function execution(status: object = {}, reason = 'Completed'): ScriptExecution {
  const succeeded = { Completed: 'True', Running: 'Unknown' }[reason] ?? 'False';
  return {
    metadata: { name: 'x', uid: 'u' },
    status: {
      conditions: [{ type: 'Succeeded', status: succeeded, reason }],
      run: 1,
      attempts: 1,
      claim: { podName: 'p' },
      result: { proof: 'c1' },
      ...status,
    },
  } as unknown as ScriptExecution;
}

const on = (...pods: string[]): Count[] => pods.map((pod, index) => ({ uid: 'u', call: `c${index + 1}`, pod, at: 0 }));
const verdict = (object: ScriptExecution, counts: readonly Count[], backoffLimit: number): string[] =>
  violationsOf([object], { backoffLimit, countsOf: () => counts }).map(({ what }) => what);

/** Two attempts: the first was lost on pod `q`. */
const SECOND = { attempts: 2, attemptHistory: [{ attempt: 1, podName: 'q' }] };
const NO_RESULT = { result: undefined };

describe('no violation:', () => {
  test.each([
    ['a success that was counted once', execution(), on('p'), 0],
    ['a lost pod without retries, counted or not', execution(NO_RESULT, 'PodLost'), on(), 0],
    ['a lost sandbox, counted', execution(NO_RESULT, 'SandboxLost'), on('p'), 0],
    ['a second attempt that counted alone', execution(SECOND), on('p'), 3],
    ['two attempts that both counted', execution({ ...SECOND, result: { proof: 'c2' } }), on('q', 'p'), 3],
  ])('%s', (_, object, counts, backoffLimit) => {
    expect(verdict(object, counts, backoffLimit)).toEqual([]);
  });
});

describe('a violation:', () => {
  test.each<[string, ScriptExecution, Count[], number, string]>([
    ['an execution does not finish', execution(NO_RESULT, 'Running'), on(), 0, 'it has not finished: Running'],
    [
      'an execution is counted twice',
      execution(NO_RESULT, 'PodLost'),
      on('p', 'p'),
      0,
      'it was counted 2 times in 1 attempts',
    ],
    ['a success was not counted', execution(), on(), 0, 'it completed, but was counted 0 times'],
    ['the call in a success was not counted', execution({ result: { proof: 'c9' } }), on('p'), 3, '"c9"'],
    ['there are more attempts than allowed', execution(SECOND), on('p'), 0, 'it had 2 attempts'],
    ['one pod counted both attempts of two pods', execution(SECOND), on('p', 'p'), 3, 'pod p counted it 2 times'],
    ['a pod without an attempt counted it', execution(), on('z'), 0, 'pod z counted it 1 times'],
    ['an execution fails despite retries', execution(NO_RESULT, 'PodLost'), on(), 3, 'it ended as PodLost'],
    [
      'an execution fails without a fault',
      execution(NO_RESULT, 'RuntimeError'),
      on('p'),
      0,
      'it ended as RuntimeError',
    ],
    ['an execution was run again', execution({ run: 2 }), on('p'), 0, 'it is run 2'],
  ])('%s', (_, object, counts, backoffLimit, what) => {
    expect(verdict(object, counts, backoffLimit).join('; ')).toContain(what);
  });
});
