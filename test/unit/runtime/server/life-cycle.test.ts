import { expect, test } from '@jest/globals';
import { LifeCycle, type PodState } from '../../../../src/runtime/server/life-cycle.ts';

test.each<[string, PodState[], PodState[]]>([
  ['advances in order', ['Serving', 'Draining', 'Stopping', 'Stopped'], ['Serving', 'Draining', 'Stopping', 'Stopped']],
  ['may be told to drain before it serves', ['Draining', 'Serving', 'Stopping'], ['Draining', 'Stopping']],
  ['never goes back', ['Serving', 'Draining', 'Serving', 'Draining', 'Starting'], ['Serving', 'Draining']],
  ['never skips draining', ['Serving', 'Stopping', 'Stopped'], ['Serving']],
])('a pod %s', (_, steps, expected) => {
  const seen: PodState[] = [];
  const lifeCycle = new LifeCycle((state) => seen.push(state));
  const taken = steps.filter((step) => lifeCycle.enter(step));
  expect(taken).toEqual(expected);
  expect(seen).toEqual(expected);
  expect(lifeCycle.state).toBe(expected.at(-1));
});
