import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ScriptRuntime } from '../../src/api/types.generated.ts';
import { manifestsIn } from '../e2e/support/example-files.ts';
import { HOST_FUNCTIONS_IMAGE } from '../e2e/support/images.ts';
import { kubectl } from '../e2e/support/kubectl.ts';
import { expectEachRanOnce, manyExecutions } from '../e2e/support/many-executions.ts';
import { Namespace } from '../e2e/support/namespace.ts';
import { conditionOf, type Manifest } from '../e2e/support/objects.ts';

/** The example of examples/keda/README.md unchanged, in its own namespace. Its scripts can sleep, because the machine has two cores. */
const reports = new Namespace('reports');
const example = manifestsIn('examples/keda').map((manifest) =>
  manifest.kind === 'ScriptRuntime'
    ? { ...manifest, spec: { ...(manifest.spec as object), image: HOST_FUNCTIONS_IMAGE } }
    : manifest,
);

const OPERATOR = ['--namespace', 'copepod-system', 'deployment/copepod-operator'];
const operators = async (replicas: number): Promise<void> => {
  await kubectl(['scale', ...OPERATOR, `--replicas=${replicas}`]);
  await kubectl(['rollout', 'status', ...OPERATOR, '--timeout=60s']);
};

/** Seconds between KEDA's polls, and without executions before the last pod is removed. */
const QUICK = { pollingInterval: 2, cooldownPeriod: 4 };

beforeAll(async () => {
  const script = fileURLToPath(new URL('keda.sh', import.meta.url));
  const { status, error } = spawnSync(script, ['up'], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw error ?? new Error(`keda.sh up ended with ${status}`);
  // A second operator besides the leader, which has no numbers to report.
  await operators(2);
}, 600_000);

afterAll(async () => {
  await kubectl(['delete', 'namespace', reports.name, '--ignore-not-found', '--timeout=120s']);
  await operators(1);
}, 180_000);

/** The metric as the HorizontalPodAutoscaler reads it. */
async function metric(): Promise<string | undefined> {
  const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${reports.name}/composite-metric`;
  const query = 'labelSelector=scaledobject.keda.sh%2Fname%3Ddefault';
  const { items } = JSON.parse(await kubectl(['get', '--raw', `${path}?${query}`])) as { items: { value: string }[] };
  return items[0]?.value;
}

const runtime = (): Promise<ScriptRuntime> => reports.get<ScriptRuntime>('scriptruntime', 'default');

const toHaveNoPods = (timeoutMs: number): Promise<ScriptRuntime> =>
  reports.until(
    'the runtime to have no pods',
    async () => {
      const found = await runtime();
      return found.spec.replicas === 0 && found.status.replicas === 0 ? found : undefined;
    },
    { withinMs: timeoutMs },
  );

/** Prints the state for the reader of the output. */
async function show(): Promise<void> {
  process.stdout.write(`\n${await reports.kubectl('get', 'scaledobject,hpa,scriptruntime')}\n`);
}

test('an idle runtime has no pods', async () => {
  await reports.apply(example as Manifest[]);
  await reports.kubectl('wait', '--for=condition=Ready', 'scaledobject/default', '--timeout=60s');
  expect(conditionOf(await toHaveNoPods(60_000), 'Ready')).toMatchObject({ reason: 'ScaledToZero' });
});

test('suspended executions request no pods', async () => {
  await reports.start({ held: { source: '1', suspend: true } });
  await reports.says('held', 'Suspended');
  expect(await metric()).toBe('0');
});

test('many executions scale up to many pods, and to zero when all have completed', async () => {
  const executions = manyExecutions('report', 60, (n) => ({
    source: 'await clock.sleep(4000); params.n',
    params: { n },
  }));
  await reports.start(executions);

  const seen: number[] = [];
  let isOver = false;
  const watching = (async () => {
    for (; !isOver; await sleep(500)) {
      const { replicas } = (await runtime()).spec;
      if (replicas === seen.at(-1)) continue;
      seen.push(replicas);
      await show();
    }
  })();
  await expectEachRanOnce(reports, Object.keys(executions), (n) => n, 180_000).finally(() => {
    isOver = true;
  });
  await watching;
  expect(Math.max(...seen)).toBe(5);

  await toHaveNoPods(180_000);
  await show();
}, 420_000);

test('while no operator reports the metric, nothing is scaled down', async () => {
  await reports.patchSpec('scaledobject', 'default', QUICK);
  await reports.start({ long: { source: 'await clock.sleep(20000); 1' } });
  await reports.says('long', 'Running');
  await operators(0);
  await reports.kubectl('wait', '--for=condition=Ready=false', 'scaledobject/default', '--timeout=60s');
  await sleep(5 * (QUICK.pollingInterval + QUICK.cooldownPeriod) * 1000);
  expect((await runtime()).spec.replicas).toBe(1);

  await operators(2);
  expect((await reports.ended(['long'])).long.status).toMatchObject({ result: 1, run: 1, attempts: 1 });
  await reports.kubectl('wait', '--for=condition=Ready', 'scaledobject/default', '--timeout=60s');
  await toHaveNoPods(60_000);
}, 300_000);
