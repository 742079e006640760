import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution, ScriptRuntime } from '../../src/api/types.generated.ts';
import { HOST_FUNCTIONS_IMAGE } from './support/images.ts';
import { kubectl } from './support/kubectl.ts';
import { expectEachRanOnce, manyExecutions } from './support/many-executions.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, reasonOf } from './support/objects.ts';

const namespace = useNamespace('autoscaling');
const image = HOST_FUNCTIONS_IMAGE;
const limits = { timeout: '5m' };

/** Names of a runtime's pods that are not being deleted. */
async function pods(runtime: string): Promise<string[]> {
  const found = await namespace.list('pods', '--selector', `copepod.dev/runtime=${runtime}`);
  return found.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name);
}

async function hasPods(runtime: string, count: number): Promise<string[]> {
  return await namespace.until(`${count} pods of ${runtime}`, async () => {
    const found = await pods(runtime);
    return found.length === count ? found : undefined;
  });
}

const podOf = ({ status }: ScriptExecution): string | undefined => status.claim?.podName;

/** Finishes when its pod is signalled: how long scaling takes depends on the load of the operator. */
const UNTIL_TOLD = 'await pod.told();';
async function tell(pod: string | undefined): Promise<void> {
  await namespace.kubectl('exec', pod ?? '', '--', 'sh', '-c', 'kill -USR2 1');
}

describe('with spec.autoscaling', () => {
  const runtimeRef = { name: 'elastic' };

  beforeAll(async () => {
    const autoscaling = { minReplicas: 0, maxReplicas: 3, targetUtilization: 100, stableWindow: '6s' };
    const runtime = await namespace.runtime({ image, limits, pool: { size: 1 }, autoscaling }, 'elastic');
    expect(conditionOf(runtime, 'Ready')?.reason).toBe('ScaledToZero');
    expect(await pods('elastic')).toEqual([]);
  });

  test('the first execution starts the first pod', async () => {
    const first = await namespace.outcome('first', { runtimeRef, source: '"from zero"' });
    expect(first.status).toMatchObject({ result: 'from zero', run: 1, attempts: 1 });
  });

  test('a burst starts more pods; idle pods are removed while one execution still runs, and each completes undisturbed', async () => {
    const burst = manyExecutions('burst', 12, (index) => ({ runtimeRef, source: `await clock.sleep(1500); ${index}` }));
    await namespace.start(burst);
    await hasPods('elastic', 3);
    await expectEachRanOnce(namespace, Object.keys(burst), (index) => index);

    await namespace.start({ long: { runtimeRef, source: `${UNTIL_TOLD} "undisturbed"` } });
    const on = podOf(await namespace.says('long', 'Running'));
    expect(await hasPods('elastic', 1)).toEqual([on]);
    expect(reasonOf(await namespace.execution('long'))).toBe('Running');
    await tell(on);
    await expectEachRanOnce(namespace, ['long'], () => 'undisturbed');
  });

  test('an idle runtime scales to zero, and the next execution starts a pod again', async () => {
    await hasPods('elastic', 0);
    await namespace.until('the runtime to be ScaledToZero', async () => {
      const { status } = await namespace.get<ScriptRuntime>('scriptruntime', 'elastic');
      return status.replicas === 0 && conditionOf({ status }, 'Ready')?.reason === 'ScaledToZero' ? true : undefined;
    });
    const again = await namespace.outcome('again', { runtimeRef, source: '"from zero again"' });
    expect(again.status).toMatchObject({ result: 'from zero again', run: 1, attempts: 1 });
  });
});

describe('kubectl scale and other clients of the scale subresource', () => {
  const runtimeRef = { name: 'fixed' };
  const busy = manyExecutions('busy', 2, (index) => ({ runtimeRef, source: `${UNTIL_TOLD} ${index}` }));
  const names = Object.keys(busy);
  let on: (string | undefined)[];

  beforeAll(async () => {
    await namespace.runtime({ image, limits, pool: { size: 1 }, replicas: 4 }, 'fixed');
    await namespace.start(busy);
    on = (await Promise.all(names.map((name) => namespace.says(name, 'Running')))).map(podOf);
  });

  test('removes idle pods: running executions continue on their pods', async () => {
    await namespace.kubectl('scale', 'scriptruntime/fixed', '--replicas=2');
    expect((await hasPods('fixed', 2)).sort()).toEqual(on.toSorted());
    const running = await Promise.all(names.map((name) => namespace.execution(name)));
    expect(running.map(reasonOf)).toEqual(['Running', 'Running']);
    await Promise.all(on.map(tell));
    const ended = await expectEachRanOnce(namespace, names, (index) => index);
    expect(ended.map(podOf)).toEqual(on);
  });

  test('read desired replicas, current replicas and the selector', async () => {
    await namespace.ready('fixed');
    const path = `/apis/copepod.dev/v1alpha1/namespaces/${namespace.name}/scriptruntimes/fixed/scale`;
    const { spec, status } = JSON.parse(await kubectl(['get', '--raw', path])) as {
      spec: object;
      status: { selector: string };
    };
    expect({ spec, status }).toEqual({
      spec: { replicas: 2 },
      status: { replicas: 2, selector: 'copepod.dev/runtime=fixed' },
    });
    const selected = await namespace.list('pods', '--selector', status.selector);
    const names = selected.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect(names.map(({ metadata }) => metadata.name).sort()).toEqual(on.toSorted());
  });
});
