import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { HOST_FUNCTIONS_IMAGE } from './support/images.ts';
import { expectEachRanOnce, manyExecutions } from './support/many-executions.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, type ExecutionSpec, reasonOf } from './support/objects.ts';
import { replaceOperator } from './support/operator.ts';

const namespace = useNamespace('disruption');
const RUNTIME = { image: HOST_FUNCTIONS_IMAGE, replicas: 2, pool: { size: 2 } };
beforeAll(async () => {
  await namespace.runtime(RUNTIME);
});

/** Takes time on a VM, but little CPU. */
const slow = (index: number): ExecutionSpec => ({
  source: `await clock.sleep(${params(index)}); params.n`,
  params: { n: index },
});
const params = (index: number): number => 800 + 100 * (index % 5);

/** Starts more executions than there are VMs; returns their names once some are running and some are waiting. */
async function begin(prefix: string, count: number): Promise<string[]> {
  const specs = manyExecutions(prefix, count, slow);
  await namespace.start(specs);
  const names = Object.keys(specs);
  await namespace.until(`some of ${prefix} to run`, async () => {
    const all = await namespace.list<ScriptExecution>('scriptexecution');
    return all.some((each) => names.includes(each.metadata.name) && reasonOf(each) === 'Running') || undefined;
  });
  return names;
}

describe('each execution completes in one attempt while', () => {
  test('the pod of the operator is replaced', async () => {
    const names = await begin('operator', 40);
    await replaceOperator();
    await expectEachRanOnce(namespace, names, (index) => index);
  });

  test('the pod of the operator is replaced repeatedly', async () => {
    const names = await begin('again', 40);
    for (let times = 0; times < 3; times++) await replaceOperator();
    await expectEachRanOnce(namespace, names, (index) => index);
  });

  test('the pods of the runtime are deleted one by one', async () => {
    const names = await begin('pods', 40);
    const pods = await namespace.list('pod');
    for (const { metadata } of pods) await namespace.kubectl('delete', 'pod', metadata.name);
    await expectEachRanOnce(namespace, names, (index) => index);
  });

  test('the Deployment is restarted by hand', async () => {
    const names = await begin('restart', 40);
    await namespace.kubectl('rollout', 'restart', 'deployment/copepod-default');
    await expectEachRanOnce(namespace, names, (index) => index);
    await namespace.ready();
  });
});

describe('a deleted runtime', () => {
  test('finishes running executions; waiting ones run once it is recreated', async () => {
    await namespace.start({ running: { source: 'await clock.sleep(6000); "finished"' } });
    await namespace.says('running', 'Running');
    await namespace.start(manyExecutions('filler', 3, () => ({ source: 'await clock.sleep(6000); "finished"' })));
    await namespace.until('all VMs to be busy', async () => {
      const all = await namespace.list<ScriptExecution>('scriptexecution');
      return all.filter((each) => reasonOf(each) === 'Running').length === 4 || undefined;
    });
    await namespace.start({ waiting: { source: '"came later"' } });
    await namespace.kubectl('delete', 'scriptruntime', 'default');

    const waiting = await namespace.says('waiting', 'RuntimeNotFound');
    expect(conditionOf(waiting, 'Succeeded')?.status).toBe('Unknown');
    const names = ['running', 'filler-0', 'filler-1', 'filler-2'];
    await expectEachRanOnce(namespace, names, () => 'finished');

    await namespace.runtime(RUNTIME);
    await expectEachRanOnce(namespace, ['waiting'], () => 'came later');
  });
});
