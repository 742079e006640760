import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ScriptRuntime } from '../../src/api/types.generated.ts';
import { manyExecutions } from './support/many-executions.ts';
import { useNamespace } from './support/namespace.ts';
import { replaceOperator } from './support/operator.ts';

type Numbers = NonNullable<ScriptRuntime['status']['executions']>;

const namespace = useNamespace('counts');
/** All values of the counters that were observed. */
const seen: Numbers[] = [];
let isOver = false;
let watching: Promise<void>;

const look = async (): Promise<Numbers | undefined> => {
  const { status } = await namespace.get<ScriptRuntime>('scriptruntime', 'default');
  if (status.executions !== undefined) seen.push(status.executions);
  return status.executions;
};

beforeAll(async () => {
  await namespace.runtime({ replicas: 2, pool: { size: 1 } });
  watching = (async () => {
    for (; !isOver; await sleep(500)) await look();
  })();
});
afterAll(async () => {
  isOver = true;
  await watching;
});

/** The operator updates the counters at most every ten seconds, from what pods report every five. */
async function numbersToBe(expected: Partial<Numbers>): Promise<void> {
  const end = performance.now() + 40_000;
  let found = await look();
  while (performance.now() < end && !matches(found, expected)) {
    await sleep(500);
    found = await look();
  }
  expect(found).toMatchObject(expected);
}

const matches = (found: Numbers | undefined, expected: Partial<Numbers>): boolean =>
  Object.entries(expected).every(([name, value]) => found?.[name as keyof Numbers] === value);

test("a runtime's counters equal the executions that ran", async () => {
  await namespace.run({
    ...manyExecutions('good', 5, (n) => ({ source: 'params.n', params: { n } })),
    ...manyExecutions('bad', 3, () => ({ source: 'throw new Error("m")' })),
    ...manyExecutions('late', 2, () => ({ source: 'for (;;);', limits: { timeout: '200ms' } })),
  });
  await numbersToBe({ total: 10, succeeded: 5, errors: 3, timeouts: 2, running: 0, pending: 0 });
});

test('they do not decrease when pods are removed or containers restart', async () => {
  await namespace.kubectl('delete', 'pod', '--selector=copepod.dev/runtime=default');
  await namespace.ready();
  const [pod] = await namespace.list('pod', '--field-selector=status.phase=Running');
  const command = ['sh', '-c', 'kill -TERM 1'];
  await namespace.kubectl('exec', pod?.metadata.name ?? '', '--', ...command);
  await namespace.run(manyExecutions('more', 4, (n) => ({ source: 'params.n', params: { n } })));
  await numbersToBe({ total: 14, succeeded: 9, errors: 3, timeouts: 2, running: 0, pending: 0 });
});

test('they do not decrease when the operator restarts', async () => {
  await replaceOperator();
  await namespace.run(manyExecutions('then', 2, (n) => ({ source: 'params.n', params: { n } })));
  await numbersToBe({ total: 16, succeeded: 11, errors: 3, timeouts: 2, running: 0, pending: 0 });
});

test('they never decreased between two observations', () => {
  expect(seen.length).toBeGreaterThan(20);
  for (const name of ['total', 'succeeded', 'errors', 'timeouts'] as const) {
    const numbers = seen.map((each) => each[name] ?? 0);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }
});
