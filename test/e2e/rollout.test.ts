import { beforeAll, expect, test } from '@jest/globals';
import { expectEachRanOnce, manyExecutions } from './support/many-executions.ts';
import { useNamespace } from './support/namespace.ts';

const namespace = useNamespace('rollout');
const COUNT = 300;
const BATCH = 25;
let podsBefore: string[];

const podNames = async (): Promise<string[]> => (await namespace.list('pod')).map(({ metadata }) => metadata.name);

beforeAll(async () => {
  await namespace.runtime({ replicas: 2, pool: { size: 2 } });
  podsBefore = await podNames();
});

test('changing a runtime twice under load fails no execution and runs each once', async () => {
  const specs = manyExecutions('load', COUNT, (index) => ({
    source:
      'export default async ({ n }) => { for (const end = Date.now() + 20; Date.now() < end; ) await 0; return n }',
    params: { n: index },
    context: { tenant: { id: `tenant-${index % 3}` } },
  }));
  const names = Object.keys(specs);
  const changes: Record<number, object> = {
    [2 * BATCH]: { pool: { size: 3 } },
    [7 * BATCH]: { limits: { memory: '48Mi' } },
  };
  for (let from = 0; from < COUNT; from += BATCH) {
    const change = changes[from];
    if (change) await namespace.patchSpec('scriptruntime', 'default', change);
    await namespace.start(Object.fromEntries(names.slice(from, from + BATCH).map((name) => [name, specs[name] ?? {}])));
  }
  const ended = await expectEachRanOnce(namespace, names, (index) => index);

  const { spec } = await namespace.ready();
  expect([spec.pool.size, spec.limits.memory]).toEqual([3, '48Mi']);
  const ranOn = new Set(ended.map(({ status }) => status.claim?.podName));
  expect(ranOn.size).toBeGreaterThan(2);
  await namespace.until('the deletion of the old pods', async () => {
    const now = await podNames();
    return (now.length === 2 && !now.some((name) => podsBefore.includes(name))) || undefined;
  });
});
